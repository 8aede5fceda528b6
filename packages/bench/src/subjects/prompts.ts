/** How long the console takes to come back with a prompt. */
import { uniform } from '../machines.js';
import { subjectsOf, type Environment, type Prepared, type SubjectText } from '../subject.js';

const NODES = 4;
/** A job needs more frames than pages, and the system some. */
const framesFor = (pages: number): number => Math.max(8192, Math.ceil((pages / NODES) * 1.2));

/** A session that waits at its prompt: typing a line answers with the time until the next prompt. */
async function atPrompt(line: string, { level, size: pages }: Environment): Promise<Prepared> {
  const { Box, programs, Session } = await import('@pmkit/machine/console');
  const box = new Box({ tree: { level, hotplug: false }, machine: uniform(NODES, framesFor(pages)), programs });
  // a stopped job, for the views that walk its page tables
  const before = pages > 0 ? [`workload anon:${pages}p -n 1 -S > /dev/null &`, 'sleep 1'] : [];
  let prompted = (): void => undefined;
  let type: (line: string) => void = () => undefined;
  const prompt = (): Promise<string> => {
    prompted();
    return new Promise(resolve => { type = resolve; });
  };
  const typed = async (text: string): Promise<void> => {
    const back = new Promise<void>(resolve => { prompted = resolve; });
    type(text);
    await back;
  };
  const ready = new Promise<void>(resolve => { prompted = resolve; });
  void new Session(box, { out: () => undefined, err: text => void process.stderr.write(text) }).interact({ readLine: prompt }, () => '');
  await ready;
  for (const text of before) await typed(text);
  return {
    operation: async () => {
      await typed(line);
      return 1;
    },
  };
}

const prompt = (name: string, line: string, limit: number | null, pages = 0): SubjectText => ({
  name: `prompt-${name}`, title: `Prompt after \`${line}\`${pages > 0 ? ', a job of so many pages' : ''}`, unit: 'line', shown: 'time', kernels: false,
  size: { of: 'pages of the job', full: pages, quick: Math.min(pages, 1000) }, samples: 50, goals: limit === null ? [] : [{ of: 'ms', limit }], prepare: environment => atPrompt(line, environment),
});

export const subjects = subjectsOf(import.meta.url, [
  prompt('echo', 'echo hi', 20), prompt('subshell', 'x=$(pwd)', 20), prompt('meminfo', 'cat /proc/meminfo', 20), prompt('ps', 'ps aux', 20),
  prompt('loop', 'for i in {1..100}; do :; done', null), prompt('numa-maps', 'cat /proc/$!/numa_maps', 200, 1_000_000),
]);
