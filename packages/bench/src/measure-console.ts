/** One measurement, in a process of its own: `node measure-console.js LINE RUNS PAGES [BEFORE…]` types LINE so often on a machine with room for a job of so many pages and prints a Prompt as JSON. */
import { performance } from 'node:perf_hooks';
import { machineConfig, uniformTopology } from '@pmkit/machine';
import { Box, programs, Session } from '@pmkit/machine/console';

/** How long a person waits for the next prompt, in ms. */
export interface Prompt { readonly line: string; readonly median: number; readonly max: number }

/** Lines typed before the clock counts, so that V8 has compiled the shell. */
const WARM = 10;

const [line = 'true', runs = '50', pages = '1000000', ...before] = process.argv.slice(2);
const NODES = 4;
const pagesPerNode = Math.max(8192, Math.ceil((Number(pages) / NODES) * 1.2));
const box = new Box({ tree: { level: 10, hotplug: false }, machine: machineConfig(uniformTopology({ nodes: NODES, pagesPerNode })), programs });
const lines = [...before, ...Array.from({ length: WARM + Number(runs) }, () => line)];
const times: number[] = [];
let asked = 0;
let typed = 0;
const readLine = (): Promise<string | null> => {
  const now = performance.now();
  if (asked > before.length + WARM) times.push(now - typed);
  typed = now;
  return Promise.resolve(lines[asked++] ?? null);
};
await new Session(box, { out: () => undefined, err: text => void process.stderr.write(text) }).interact({ readLine }, () => '');
box.powerOff();
times.sort((a, b) => a - b);
const prompt: Prompt = { line, median: times[times.length >> 1] ?? NaN, max: times.at(-1) ?? NaN };
process.stdout.write(JSON.stringify(prompt));
