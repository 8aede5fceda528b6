/** What numastat is asked for, and what every report needs to know (numastat.c of numactl 2.0.16). */
import { readNames, readText } from '../libnuma/host.js';
import { Getopt } from '../../../getopt.js';
import { strerror, type Process } from '../../../process.js';
import { atoi } from '../../../strtoul.js';
import { Exit } from '../exit.js';
import { addMatching } from './processes.js';

export interface Options {
  /** No word on the command line: the format that the perl script of 2003 had. */
  readonly compatible: boolean;
  readonly compress: boolean;
  readonly system: boolean;
  readonly numastat: boolean;
  readonly verbose: boolean;
  readonly zeros: boolean;
  /** Ascending, each once. */
  readonly pids: readonly number[];
  /** Sort by a node's column, or by the total (null); undefined: do not sort. */
  readonly sort: number | null | undefined;
  /** Characters on a line. */
  readonly screen: number;
}

/** @throws {Exit} after the usage or the version. */
export async function readOptions(p: Process): Promise<Options> {
  const getopt = new Getopt(p.argv, 'cmnp:s::vVz?', [{ name: 'help', takes: 'none', val: '?' }]);
  const given = new Set<string>();
  const pids = new Set<number>();
  let sort: number | null | undefined;
  for (const { opt, arg, error } of getopt) {
    if (error !== undefined) p.err(error);
    if (opt === '?') usage(p);
    if (opt === 'V') {
      p.out(`${p.argv[0]} version: 20130723: Oct  4 2022\n`);
      throw new Exit(0);
    }
    given.add(opt);
    if (opt === 'p') await addProcesses(p, arg!, pids);
    if (opt === 's') sort = arg !== null && /^\d*$/.test(arg) ? atoi(arg) : sort ?? null;
  }
  for (const word of getopt.operands) await addProcesses(p, word, pids);
  return {
    compatible: p.argv.length === 1, compress: given.has('c'), system: given.has('m'), numastat: given.has('n'), verbose: given.has('v'), zeros: !given.has('z'),
    pids: [...pids].sort((a, b) => a - b), sort, screen: screenWidth(p),
  };
}

/** By number, or all whose name or command line contains the text. */
async function addProcesses(p: Process, word: string, pids: Set<number>): Promise<void> {
  if (/^\d*$/.test(word)) pids.add(atoi(word));
  else await addMatching(p, word, pids);
}

/** NUMASTAT_WIDTH, or as wide as need be: what programs of the console print goes to no terminal that they could ask. */
function screenWidth(p: Process): number {
  const given = p.env.get('NUMASTAT_WIDTH');
  if (given === undefined) return 10_000_000;
  const width = atoi(given);
  return Math.max(32, width < 1 || width > 10_000_000 ? 80 : width);
}

function usage(p: Process): never {
  p.err(`\
Usage: ${p.argv[0]} [-c] [-m] [-n] [-p <PID>|<pattern>] [-s[<node>]] [-v] [-V] [-z] [ <PID>|<pattern>... ]
-c  narrow columns
-m  memory of the system, as in meminfo
-n  the numastat counters
-p <PID>|<pattern>  memory of processes
-s[<node>]  sort by the column of a node, or by the total
-v  more about each process
-V  print the version
-z  leave out rows and columns of zeros
`);
  throw new Exit(1);
}

/** Node ids, ascending. @throws {Exit} when there are none. */
export async function findNodes(p: Process, { compatible }: Options): Promise<readonly number[]> {
  const names = await readNames(p, '/sys/devices/system/node');
  const nodes = typeof names === 'number' ? [] : names.filter(name => /^node\d+$/.test(name)).map(name => Number(name.slice(4))).sort((a, b) => a - b);
  if (nodes.length > 0) return nodes;
  return fail(p, compatible ? 'sysfs not mounted or system not NUMA aware' : "Couldn't open /sys/devices/system/node", typeof names === 'number' ? names : 0);
}

/** Text of a file that must be there. @throws {Exit} when it is not. */
export async function mustRead(p: Process, path: string, complaint: string): Promise<string> {
  const text = await readText(p, path);
  return typeof text === 'number' ? fail(p, complaint, text) : text;
}

/** perror() and the end. @param result a negative errno. */
function fail(p: Process, text: string, result: number): never {
  p.err(`${text}: ${strerror(-result)}\n`);
  throw new Exit(1);
}
