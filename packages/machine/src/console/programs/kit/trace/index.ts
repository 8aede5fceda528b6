/** trace: the functions that the kernel goes through for a program, each with the patch that wrote it. */
import { definitionsOf } from '@pmkit/linker';
import type { Task } from '@pmkit/mm-core';
import { FileError } from '../../../files/index.js';
import { Getopt, type LongOption } from '../../../getopt.js';
import { ForkError, startChild, waitFor } from '../../../launch.js';
import { strerror, type Process } from '../../../process.js';
import type { Program } from '../../../program.js';
import { ChromeTrace } from './chrome.js';
import { Graph, packageName } from './graph.js';
import { MANUAL } from './manual.js';
import { Recorder } from './recorder.js';

const USAGE = 'Usage: trace [-ac] [-g FUNCTION]... [-d DEPTH] [-l LINES] [-o FILE] [--json chrome] COMMAND [ARGUMENT]...\n';
const LONG: readonly LongOption[] = [
  { name: 'args', takes: 'none', val: 'a' }, { name: 'count', takes: 'none', val: 'c' }, { name: 'graph', takes: 'required', val: 'g' }, { name: 'depth', takes: 'required', val: 'd' },
  { name: 'limit', takes: 'required', val: 'l' }, { name: 'output', takes: 'required', val: 'o' }, { name: 'json', takes: 'required', val: 'j' }, { name: 'help', takes: 'none', val: 'h' },
];
const DEFAULT_LIMIT = 5000;
const MAX_LIMIT = 1_000_000;

interface Settings {
  withArguments: boolean; counts: boolean; chrome: boolean; depth: number; limit: number;
  output: string | null;
  readonly roots: Set<string>;
}

class UsageError extends Error {
  override readonly name = 'UsageError';
}

async function run(p: Process): Promise<number> {
  const settings: Settings = { withArguments: false, counts: false, chrome: false, depth: Infinity, limit: DEFAULT_LIMIT, output: null, roots: new Set() };
  const options = new Getopt(p.argv, '+acg:d:l:o:h', LONG);
  try {
    for (const { opt, arg, error } of options) {
      if (error !== undefined) throw new UsageError(error.slice(p.name.length + 2, -1));
      if (opt === 'h') {
        p.out(USAGE);
        return 0;
      }
      set(p, settings, opt, arg ?? '');
    }
    if (options.operands.length === 0) throw new UsageError('expected a command');
    return await observe(p, settings, options.operands);
  } catch (error) {
    if (error instanceof ForkError) return p.fail(`fork: ${strerror(error.errno)}`);
    if (error instanceof FileError) return p.fail(`${settings.output ?? ''}: ${strerror(error.errno)}`);
    if (!(error instanceof UsageError)) throw error;
    p.err(`${p.name}: ${error.message}\n${USAGE}`);
    return 2;
  }
}

function set(p: Process, settings: Settings, opt: string, arg: string): void {
  const count = (max: number): number => {
    if (!/^\d{1,7}$/.test(arg) || Number(arg) < 1 || Number(arg) > max) throw new UsageError(`expected a number from 1 to ${max}, found '${arg}'`);
    return Number(arg);
  };
  switch (opt) {
    case 'a': settings.withArguments = true; break;
    case 'c': settings.counts = true; break;
    case 'd': settings.depth = count(1000); break;
    case 'l': settings.limit = count(MAX_LIMIT); break;
    case 'o': settings.output = arg; break;
    case 'j':
      if (arg !== 'chrome') throw new UsageError(`json: expected chrome, found '${arg}'`);
      settings.chrome = true;
      break;
    case 'g': {
      const definition = definitionsOf(p.box.k).get(arg);
      if (typeof definition?.value !== 'function') throw new UsageError(`the running kernel has no function ${arg}()`);
      settings.roots.add(arg);
    }
  }
}

/** Runs the command and its children under observation; the kernel's table is as before afterwards, however the command or this program ends. */
async function observe(p: Process, settings: Settings, command: readonly string[]): Promise<number> {
  const { m } = p.box.k;
  const { chrome, limit, withArguments, roots, depth, counts, output } = settings;
  const graph = new Graph(m, counts ? 0 : limit, withArguments);
  const events = new ChromeTrace(m, chrome ? limit : 0);
  const child = await startChild(p, command);
  const recorder = new Recorder(m, { roots, maxDepth: depth, follows: task => descends(task, child.task) }, chrome ? events : graph);
  const stop = p.box.trace.watch(event => { recorder.event(event); });
  let code: number;
  try {
    code = await waitFor(p.box, p, child.pid);
  } finally {
    stop();
  }
  graph.end();
  const text = chrome ? events.text() : `${counts ? '' : `${graph.lines.join('\n')}\n`}${summary(recorder, counts ? 0 : graph.leftOut, counts)}`;
  if (output === null) p.err(text);
  else await p.writeFile(output, text);
  return code;
}

/** The command, its threads and its children. */
function descends(task: Task, root: Task): boolean {
  for (let ancestor: Task | null = task; ancestor !== null && ancestor.pid !== 0; ancestor = ancestor.parent) {
    if (ancestor === root || ancestor.tgid === root.tgid) return true;
  }
  return false;
}

/** Who was called how often, most often first. */
function summary({ counts }: Recorder, leftOut: number, table: boolean): string {
  const rows = [...counts].map(([name, { origin, calls }]) => ({ name, calls, origin })).sort((a, b) => b.calls - a.calls || (a.name < b.name ? -1 : 1));
  const calls = rows.reduce((sum, row) => sum + row.calls, 0);
  const lines = table ? ['    calls  function', ...rows.map(row => `${String(row.calls).padStart(9)}  ${row.name.padEnd(36)} ${row.origin.file.padEnd(28)} ${packageName(row.origin)}`)] : [];
  lines.push(`# ${calls} calls of ${rows.length} functions`);
  if (leftOut > 0) lines.push(`# ${leftOut} lines more are not shown: see -g, -d and -l`);
  return `${lines.join('\n')}\n`;
}

export const trace: Program = { path: '/usr/local/bin/trace', summary: 'trace the functions of the kernel, with the patch of each', manual: MANUAL, run };
