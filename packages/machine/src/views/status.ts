/**
 * /proc/PID/status (fs/proc/array.c, fs/proc/task_mmu.c and kernel/cpuset.c of 2.6.12), with the two lists of 2.6.26 that stand behind the masks.
 *
 * Modelled, since the kernel of the kit does not keep it: SleepAVG and TracerPid are 0; no signal is blocked; the file system's group id is the
 * effective one; the permitted capabilities are all while an id is root's, the inheritable none (as kernel/sys.ts has them).
 */
import { CAP_FULL_SET, type Task } from '@pmkit/mm-core/include/linux/sched';
import { RLIMIT_SIGPENDING } from '@pmkit/mm-core/include/linux/resource';
import { SIG_DFL, SIG_IGN, type Sigaction } from '@pmkit/mm-core/include/linux/signal';
import { formatList } from '@pmkit/mm-core/model/number-list';
import { nodeList } from '@pmkit/mm-core/model/objects';
import type { WaitFor } from '@pmkit/mm-core/include/linux/wait';
import type { Machine, Mm } from '@pmkit/mm-core';
import { cpuMask, cpuMaskBits, nodeMask } from './masks.js';
import { kB, lu, type View } from './view.js';

/** Waits that a signal does not end. */
const UNINTERRUPTIBLE: ReadonlySet<WaitFor['kind']> = new Set<WaitFor['kind']>(['page-lock', 'page-writeback', 'buffer-lock', 'rwsem', 'mutex', 'io', 'timeout']);

/**
 * The letter ps shows. A task that waits in the kernel is asleep: in D where no signal ends that. One that spins on a lock for ever runs, to everybody
 * else. Kernel threads sleep from the start, though the model lets them begin only when there is something to do.
 */
export function stateLetter(m: Machine, task: Task): 'R' | 'S' | 'D' | 'T' | 'Z' | 'X' {
  const { state } = task;
  if (state !== 'R' && state !== 'S') return state === 'H' ? 'R' : state;
  const path = m.paths.get(task);
  if (path === undefined) return task.mm === null && task !== m.current ? 'S' : state;
  const { wait } = path;
  if (wait === null || wait.kind === 'preempt' || (wait.kind === 'wakeup' && wait.queue.woken)) return 'R';
  return UNINTERRUPTIBLE.has(wait.kind) && !(wait.kind === 'timeout' && wait.interruptible === true) ? 'D' : 'S';
}
/** task_state_array[]. */
const STATES = { R: 'R (running)', S: 'S (sleeping)', D: 'D (disk sleep)', T: 'T (stopped)', Z: 'Z (zombie)', X: 'X (dead)' } as const;

/** The thread group that a task's parent is, 0 for none. */
export const parentOf = ({ parent }: Task): number => parent?.tgid ?? 0;

/** Bits of a signal set: bit n - 1 is signal n. */
function signalBits(signals: Iterable<number>): bigint {
  let bits = 0n;
  for (const signal of signals) bits |= 1n << BigInt(signal - 1);
  return bits;
}
/** collect_sigign_sigcatch(): signals that are ignored, and those that a handler of the program takes. */
export const ignored = (task: Task): bigint => signalsWith(task, handler => handler === SIG_IGN);
export const caught = (task: Task): bigint => signalsWith(task, handler => handler !== SIG_IGN && handler !== SIG_DFL);
function signalsWith({ sighand }: Task, wanted: (handler: Sigaction['sa_handler']) => boolean): bigint {
  return signalBits([...sighand.action].filter(([, { sa_handler }]) => wanted(sa_handler)).map(([signal]) => signal));
}
/** 2.6.12 shows so many groups and no more. */
const NGROUPS_SMALL = 32;
const bits16 = (bits: bigint | number): string => bits.toString(16).padStart(16, '0');

/**
 * files->max_fds: 64 at first (NR_OPEN_DEFAULT), then 256, then a page of pointers and doublings of it (expand_fd_array() of fs/file.c); 0 for a zombie,
 * which has no table.
 */
function fdSize(m: Machine, { files, state }: Task): number {
  if (state === 'Z' || state === 'X') return 0;
  let highest = -1;
  for (const fd of files.keys()) highest = Math.max(highest, fd);
  if (highest < 256) return highest < 64 ? 64 : 256;
  let size = m.PAGE_SIZE / 8;
  while (size <= highest) size *= 2;
  return size;
}

/** Bytes of text of the program, in whole pages. */
export const textBytes = (m: Machine, { start_code, end_code }: Mm): number =>
  (Math.ceil(end_code / m.PAGE_SIZE) - Math.floor(start_code / m.PAGE_SIZE)) * m.PAGE_SIZE;

/** task_mem(): sizes in kB. A difference that would be negative wraps around, as there. */
function memory(m: Machine, mm: Mm): string {
  const row = (name: string, kilobytes: number): string => `${name}:\t${lu(kilobytes).padStart(8)} kB\n`;
  const text = textBytes(m, mm) / 1024;
  return row('VmSize', kB(m, mm.total_vm)) + row('VmLck', kB(m, mm.locked_vm)) + row('VmRSS', kB(m, mm.rss))
    + row('VmData', kB(m, mm.total_vm - mm.shared_vm - mm.stack_vm)) + row('VmStk', kB(m, mm.stack_vm)) + row('VmExe', text)
    + row('VmLib', kB(m, mm.exec_vm) - text) + row('VmPTE', kB(m, mm.nr_ptes));
}

/** task->pending. A signal for a process of one thread is pending for the process; of several the model has chosen one, for which it is pending. */
export const ownPending = ({ pending, signal }: Task): bigint => (signal.count > 1 ? signalBits(pending) : 0n);

/** task_sig(). */
function signals(m: Machine, task: Task): string {
  const { count, rlim } = task.signal;
  let queued = 0;
  for (const other of m.tasks.values()) if (other.uid === task.uid) queued += other.pending.size;
  const own = ownPending(task);
  const shared = signalBits(task.pending) & ~own;
  return `Threads:\t${count}\nSigQ:\t${queued}/${lu(rlim[RLIMIT_SIGPENDING]!.rlim_cur)}\nSigPnd:\t${bits16(own)}\nShdPnd:\t${bits16(shared)}\n`
    + `SigBlk:\t${bits16(0n)}\nSigIgn:\t${bits16(ignored(task))}\nSigCgt:\t${bits16(caught(task))}\n`;
}

function capabilities({ uid, euid, suid, cap_effective }: Task): string {
  const root = uid === 0 || euid === 0 || suid === 0;
  const permitted = (root ? CAP_FULL_SET : 0) | cap_effective;
  return `CapInh:\t${bits16(0)}\nCapPrm:\t${bits16(permitted)}\nCapEff:\t${bits16(cap_effective)}\n`;
}

/** cpuset_task_status_allowed(): where the task may run and get memory; a task that nobody restricted may run on all of NR_CPUS. */
function allowed(m: Machine, { cpus_allowed, mems_allowed }: Task): string {
  if (!m.config.CONFIG_CPUSETS) return '';
  const cpus = cpus_allowed.length > 0 ? cpus_allowed : Array.from({ length: cpuMaskBits(m) }, (_, cpu) => cpu);
  return `Cpus_allowed:\t${cpuMask(m, cpus)}\nCpus_allowed_list:\t${formatList(cpus)}\n`
    + `Mems_allowed:\t${nodeMask(mems_allowed)}\nMems_allowed_list:\t${formatList(nodeList(mems_allowed))}\n`;
}

export const status: View<Task> = {
  summary: 'state, ids, sizes, signals, capabilities, and the CPUs and nodes allowed (as lists since 2.6.26)',
  text({ m }, task) {
    const name = task.comm.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
    const groups = task.groups.slice(0, NGROUPS_SMALL).map(group => `${group} `).join('');
    return `Name:\t${name}\nState:\t${STATES[stateLetter(m, task)]}\nSleepAVG:\t0%\nTgid:\t${task.tgid}\nPid:\t${task.pid}\nPPid:\t${parentOf(task)}\nTracerPid:\t0\n`
      + `Uid:\t${[task.uid, task.euid, task.suid, task.fsuid].join('\t')}\nGid:\t${[task.gid, task.egid, task.sgid, task.egid].join('\t')}\n`
      + `FDSize:\t${fdSize(m, task)}\nGroups:\t${groups}\n${task.mm === null ? '' : memory(m, task.mm)}${signals(m, task)}${capabilities(task)}${allowed(m, task)}`;
  },
};
