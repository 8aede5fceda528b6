/** Columns of ps: what each is called, how wide it is, and what it shows (procps 3.2 ps/output.c). */
import { HZ } from '@pmkit/mm-core/include/linux/sched';
import { BOOT_TIME } from '../../files/clock.js';
import type { Accounts } from './accounts.js';
import { commandLine, type Proc } from './proc.js';

/** What columns need besides the process. */
export interface PsContext {
  readonly accounts: Accounts;
  /** Simulated ms since boot. */
  readonly now: number;
  readonly pageSize: number;
  /** kB of memory of the machine. */
  readonly memTotal: number;
  /** Session of the console's shell: the one that has a terminal. */
  readonly session: number;
}

export interface Column {
  readonly header: string;
  readonly width: number;
  readonly align: 'left' | 'right';
  /** As wide as it is, when it is the last one. */
  readonly open?: true;
  readonly show: (proc: Proc, context: PsContext) => string;
}

const right = (header: string, width: number, show: Column['show']): Column => ({ header, width, align: 'right', show });
const left = (header: string, width: number, show: Column['show']): Column => ({ header, width, align: 'left', show });
const open = (header: string, width: number, show: Column['show']): Column => ({ header, width, align: 'left', open: true, show });

const userName = (index: 0 | 1): Column['show'] => (proc, { accounts }) => {
  const uid = proc.uid[index] ?? 0;
  const name = accounts.userName(uid);
  return name === undefined || name.length > 8 ? String(uid) : name; // what does not fit is shown as a number
};
const groupName = (index: 0 | 1): Column['show'] => (proc, { accounts }) => accounts.groupName(proc.gid[index] ?? 0) ?? String(proc.gid[index] ?? 0);

/** STAT: the state, then < N for the nice value, L for locked memory, s for who leads a session, l for threads. */
function stat(proc: Proc): string {
  const nice = proc.nice < 0 ? '<' : proc.nice > 0 ? 'N' : '';
  return `${proc.state}${nice}${proc.locked > 0 ? 'L' : ''}${proc.session === proc.tgid ? 's' : ''}${proc.threads > 1 ? 'l' : ''}`;
}

const startedAt = (proc: Proc): Date => new Date(BOOT_TIME + Math.floor((proc.start * 1000) / HZ));
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
/** 16:39 within a day, Jun22 later. */
function started(proc: Proc, { now }: PsContext): string {
  const date = startedAt(proc);
  return BOOT_TIME + now - date.getTime() < 86_400_000 ? date.toISOString().slice(11, 16) : `${MONTHS[date.getUTCMonth()]!}${String(date.getUTCDate()).padStart(2, '0')}`;
}
const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
function lstart(proc: Proc): string {
  const date = startedAt(proc);
  return `${DAYS[date.getUTCDay()]!} ${MONTHS[date.getUTCMonth()]!} ${String(date.getUTCDate()).padStart(2)} ${date.toISOString().slice(11, 19)} ${date.getUTCFullYear()}`;
}

const elapsedSeconds = (proc: Proc, { now }: PsContext): number => Math.max(0, Math.floor(now / 1000 - proc.start / HZ));
function elapsed(proc: Proc, context: PsContext): string {
  const seconds = elapsedSeconds(proc, context);
  const two = (value: number): string => String(value).padStart(2, '0');
  const [days, hours] = [Math.floor(seconds / 86_400), Math.floor(seconds / 3600) % 24];
  const clock = `${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
  return days > 0 ? `${days}-${two(hours)}:${clock}` : hours > 0 ? `${two(hours)}:${clock}` : clock;
}

const terminal = (proc: Proc, { session }: PsContext): string => (proc.session === session ? 'pts/0' : '?');
const rssKb = (proc: Proc, { pageSize }: PsContext): number => (proc.rss * pageSize) / 1024;
const name = (proc: Proc): string => (proc.state === 'Z' ? `${proc.comm} <defunct>` : proc.comm);

const pid = right('PID', 5, proc => String(proc.tgid));
const lwp = right('LWP', 5, proc => String(proc.pid));
const uid = right('UID', 5, proc => String(proc.uid[1]));
const user = left('USER', 8, userName(1));
const args = open('COMMAND', 27, commandLine);
const cmd = open('CMD', 27, commandLine);
const comm = open('COMMAND', 15, name);
const stime = right('STIME', 5, started);
const size = (header: string): Column => right(header, 6, ({ vsize }) => String(vsize / 1024));
const rss = right('RSS', 5, (proc, context) => String(rssKb(proc, context)));
const session = (header: string): Column => right(header, 5, proc => String(proc.session));
const tty = left('TT', 8, terminal);
const cpu = right('%CPU', 4, () => '0.0');
const memory = right('%MEM', 4, (proc, context) => (Math.min(999, Math.floor((rssKb(proc, context) * 1000) / context.memTotal)) / 10).toFixed(1));
const nlwp = right('NLWP', 4, ({ threads }) => String(threads));
const nice = right('NI', 3, proc => String(proc.nice));
const time = right('TIME', 8, () => '00:00:00');

/** By the name that -o takes. No time is spent on a CPU in the model, so TIME and %CPU are zeros. */
export const COLUMNS: Readonly<Record<string, Column>> = {
  '%cpu': cpu, '%mem': memory, addr: right('ADDR', 4, () => '-'), args, blocked: right('BLOCKED', 16, ({ signals }) => signals[1]), bsdstart: right('START', 6, started), bsdtime: right('TIME', 6, () => '0:00'),
  c: right('C', 2, () => '0'), caught: right('CAUGHT', 16, ({ signals }) => signals[3]), class: left('CLS', 3, () => 'TS'), cls: left('CLS', 3, () => 'TS'), cmd, comm, command: args, cputime: time,
  egid: right('EGID', 5, proc => String(proc.gid[1])), egroup: left('EGROUP', 8, groupName(1)), etime: right('ELAPSED', 11, elapsed), etimes: right('ELAPSED', 7, (proc, context) => String(elapsedSeconds(proc, context))),
  euid: right('EUID', 5, proc => String(proc.uid[1])), euser: left('EUSER', 8, userName(1)), f: right('F', 1, ({ flags }) => ((Number(flags) >> 6) & 7).toString(8)), flag: right('F', 1, ({ flags }) => ((Number(flags) >> 6) & 7).toString(8)),
  fgid: right('FGID', 5, proc => String(proc.gid[3])), fuid: right('FUID', 5, proc => String(proc.uid[3])), fname: left('COMMAND', 8, proc => proc.comm.slice(0, 8)), gid: right('GID', 5, proc => String(proc.gid[1])),
  group: left('GROUP', 8, groupName(1)), ignored: right('IGNORED', 16, ({ signals }) => signals[2]), lstart: left('STARTED', 24, lstart), lwp, maj_flt: right('MAJFL', 6, ({ majFlt }) => String(majFlt)),
  min_flt: right('MINFL', 6, ({ minFlt }) => String(minFlt)), ni: nice, nice, nlwp, nwchan: right('WCHAN', 6, () => '-'), pcpu: cpu, pending: right('PENDING', 16, ({ signals }) => signals[0]), pgid: session('PGID'), pgrp: session('PGRP'), pid,
  pmem: memory, ppid: right('PPID', 5, proc => String(proc.ppid)), pri: right('PRI', 3, ({ priority }) => String(39 - priority)), priority: right('PRI', 3, ({ priority }) => String(priority)), psr: right('PSR', 3, proc => String(proc.cpu)),
  rgid: right('RGID', 5, proc => String(proc.gid[0])), rgroup: left('RGROUP', 8, groupName(0)), rss, rssize: rss, rsz: right('RSZ', 5, rss.show), ruid: right('RUID', 5, proc => String(proc.uid[0])), ruser: left('RUSER', 8, userName(0)),
  s: left('S', 1, ({ state }) => state), sess: session('SESS'), session: session('SESS'), sid: session('SID'), spid: right('SPID', 5, lwp.show), start: right('STARTED', 8, started), start_time: right('START', 5, started), stat: left('STAT', 4, stat),
  state: left('S', 1, ({ state }) => state), stime, suid: right('SUID', 5, proc => String(proc.uid[2])), sz: right('SZ', 5, ({ vsize }, { pageSize }) => String(vsize / pageSize)), tgid: right('TGID', 5, pid.show), thcount: right('THCNT', 5, nlwp.show),
  tid: right('TID', 5, lwp.show), time, tname: left('TTY', 8, terminal), tt: tty, tty, ucmd: open('CMD', 15, name), ucomm: comm, uid, uname: user, user, vsize: size('VSZ'), vsz: size('VSZ'), wchan: left('WCHAN', 6, () => '-'),
};

/** A choice of columns: names, and headers where they are others than usual. */
export type Choice = readonly (readonly [name: string, header?: string])[];

/** Formats of ps by the option that asks for them. */
export const FORMATS = {
  plain: [['pid'], ['tname'], ['time'], ['ucmd']],
  full: [['uname', 'UID'], ['pid'], ['ppid'], ['c'], ['stime'], ['tname'], ['time'], ['cmd']],
  long: [['f'], ['s'], ['uid'], ['pid'], ['ppid'], ['c'], ['pri'], ['ni'], ['addr'], ['sz'], ['wchan'], ['tname'], ['time'], ['ucmd']],
  user: [['user'], ['pid'], ['%cpu'], ['%mem'], ['vsz'], ['rss'], ['tname', 'TTY'], ['stat'], ['start_time'], ['bsdtime'], ['args']],
  bsd: [['pid'], ['tname', 'TTY'], ['stat'], ['bsdtime'], ['args']],
  bsdLong: [['f'], ['uid'], ['pid'], ['ppid'], ['priority'], ['ni', 'NI'], ['vsz'], ['rss'], ['wchan'], ['stat'], ['tname', 'TTY'], ['bsdtime'], ['args']],
} as const satisfies Readonly<Record<string, Choice>>;

/** The whole table. Without any header text there is no heading. */
export function table(choice: Choice, procs: readonly Proc[], context: PsContext, heading: boolean): string {
  const columns = choice.map(([column, header]) => ({ ...COLUMNS[column]!, ...(header === undefined ? {} : { header }) }));
  const line = (cells: readonly string[]): string => `${cells.map((cell, i) => {
    const { width, align } = columns[i]!;
    const wide = Math.max(width, columns[i]!.header.length);
    if (align === 'right') return cell.padStart(wide);
    if (i === columns.length - 1) return cell;
    return columns[i]!.open === true ? cell.slice(0, wide).padEnd(wide) : cell.padEnd(wide);
  }).join(' ')}\n`;
  const shown = heading && columns.some(({ header }) => header !== '');
  return (shown ? line(columns.map(({ header }) => header)) : '') + procs.map(proc => line(columns.map(({ show }) => show(proc, context)))).join('');
}
