/** What ps and its like know of processes: /proc/PID/stat, status and cmdline, read as libproc of procps reads them. */
import type { Process } from '../../process.js';
import { readNames, readText } from '../numa/libnuma/host.js';

/** One line of ps: a process, or one thread of it. */
export interface Proc {
  readonly pid: number;
  /** The process that it is a thread of. */
  readonly tgid: number;
  readonly ppid: number;
  readonly comm: string;
  /** R, S, D, T, Z or X. */
  readonly state: string;
  readonly session: number;
  readonly flags: string;
  readonly minFlt: number;
  readonly majFlt: number;
  readonly priority: number;
  readonly nice: number;
  readonly threads: number;
  /** Ticks after boot. */
  readonly start: number;
  /** Bytes, and pages. */
  readonly vsize: number;
  readonly rss: number;
  /** CPU it ran on last. */
  readonly cpu: number;
  readonly uid: readonly number[];
  readonly gid: readonly number[];
  /** kB locked in memory. */
  readonly locked: number;
  /** Signals, 16 hexadecimal digits each: pending, blocked, ignored, caught. */
  readonly signals: readonly [pending: string, blocked: string, ignored: string, caught: string];
  /** Arguments; empty for kernel threads and zombies. */
  readonly argv: readonly string[];
}

/** Where the fields of /proc/PID/stat stand behind the command, which is in parentheses and may contain any of them (fs/proc/array.c). */
const STAT = { state: 0, ppid: 1, session: 3, flags: 6, minFlt: 7, majFlt: 9, priority: 15, nice: 16, threads: 17, start: 19, vsize: 20, rss: 21, cpu: 36 } as const;

const numbersAfter = (status: string, name: string): number[] =>
  (new RegExp(`^${name}:[ \t]*(.*)$`, 'm').exec(status)?.[1] ?? '').split(/\s+/).filter(word => word !== '').map(Number);
const wordAfter = (status: string, name: string): string => new RegExp(`^${name}:\t(.*)$`, 'm').exec(status)?.[1] ?? '0'.repeat(16);

/** The process below a directory of /proc; null when it is gone. */
async function readProc(p: Process, directory: string): Promise<Proc | null> {
  const stat = await readText(p, `${directory}/stat`);
  const status = await readText(p, `${directory}/status`);
  const cmdline = await readText(p, `${directory}/cmdline`);
  if (typeof stat === 'number' || typeof status === 'number') return null;
  const [open, close] = [stat.indexOf('('), stat.lastIndexOf(')')];
  const fields = stat.slice(close + 2).trim().split(' ');
  const field = (name: keyof typeof STAT): number => Number(fields[STAT[name]]);
  return {
    pid: Number(stat.slice(0, open)), comm: stat.slice(open + 1, close), state: fields[STAT.state] ?? '?', tgid: numbersAfter(status, 'Tgid')[0] ?? 0,
    ppid: field('ppid'), session: field('session'), flags: fields[STAT.flags] ?? '0', minFlt: field('minFlt'), majFlt: field('majFlt'), priority: field('priority'),
    nice: field('nice'), threads: field('threads'), start: field('start'), vsize: field('vsize'), rss: field('rss'), cpu: field('cpu'),
    uid: numbersAfter(status, 'Uid'), gid: numbersAfter(status, 'Gid'), locked: numbersAfter(status, 'VmLck')[0] ?? 0,
    signals: [wordAfter(status, 'ShdPnd'), wordAfter(status, 'SigBlk'), wordAfter(status, 'SigIgn'), wordAfter(status, 'SigCgt')],
    argv: typeof cmdline === 'number' || cmdline === '' ? [] : cmdline.replace(/\0$/, '').split('\0'),
  };
}

const numeric = (names: readonly string[] | number): number[] =>
  (typeof names === 'number' ? [] : names.filter(name => /^\d+$/.test(name)).map(Number)).sort((a, b) => a - b);

/** All processes, or those of these pids, ascending. Who is gone is left out. */
export async function processes(p: Process, pids?: Iterable<number>): Promise<Proc[]> {
  const wanted = pids === undefined ? numeric(await readNames(p, '/proc')) : [...new Set(pids)].sort((a, b) => a - b);
  const found: Proc[] = [];
  for (const pid of wanted) {
    const proc = await readProc(p, `/proc/${pid}`);
    if (proc !== null) found.push(proc);
  }
  return found;
}

/** The threads of a process, itself among them. */
export async function threadsOf(p: Process, process: Proc): Promise<Proc[]> {
  if (process.threads <= 1) return [process];
  const threads: Proc[] = [];
  for (const tid of numeric(await readNames(p, `/proc/${process.pid}/task`))) {
    const thread = await readProc(p, `/proc/${process.pid}/task/${tid}`);
    if (thread !== null) threads.push(thread);
  }
  return threads;
}

/** The command as ps prints it: arguments, or the name in brackets where there are none; `<defunct>` behind a zombie's. */
export function commandLine({ argv, comm, state }: Proc): string {
  if (state === 'Z') return `[${comm}] <defunct>`;
  return argv.length === 0 ? `[${comm}]` : argv.join(' ');
}

/** A number out of /proc/meminfo, kB; 0 when it is not there. */
export const memoryOf = (meminfo: string, name: string): number => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(meminfo)?.[1] ?? 0);
