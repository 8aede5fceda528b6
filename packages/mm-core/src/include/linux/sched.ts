/** struct task_struct, signals and capabilities, as far as the memory manager and the series look at them. */
import type { Cpuset } from './cpuset.js';
import type { File } from './fs.js';
import type { Mempolicy } from './mempolicy.js';
import type { Mm } from './mm_types.js';
import type { NodeMask } from './nodemask.js';
import type { Rlimit } from './resource.js';
import type { Sigaction } from './signal.js';

export const HZ = 1024;

export const PF_EXITING = 0x00000004;
export const PF_DEAD = 0x00000008;
export const PF_MEMALLOC = 0x00000800;
/** TIF_MEMDIE: the OOM killer has chosen the task. 2.6.12 keeps it in thread_info and has PF_FLUSHER at this bit. */
export const PF_MEMDIE = 0x00001000;
export const PF_FREEZE = 0x00004000;
export const PF_FROZEN = 0x00010000;
export const PF_KSWAPD = 0x00040000;
export const PF_SWAPOFF = 0x00080000;
export const PF_BORROWED_MM = 0x00400000;

export const SIGHUP = 1;
export const SIGINT = 2;
export const SIGBUS = 7;
export const SIGKILL = 9;
export const SIGUSR1 = 10;
export const SIGSEGV = 11;
export const SIGTERM = 15;
export const SIGCHLD = 17;
export const SIGCONT = 18;
export const SIGSTOP = 19;
export const SIGTSTP = 20;

export const CAP_CHOWN = 0;
export const CAP_DAC_OVERRIDE = 1;
export const CAP_DAC_READ_SEARCH = 2;
export const CAP_FOWNER = 3;
export const CAP_KILL = 5;
export const CAP_SETGID = 6;
export const CAP_SETUID = 7;
export const CAP_IPC_LOCK = 14;
export const CAP_IPC_OWNER = 15;
export const CAP_SYS_RAWIO = 17;
export const CAP_SYS_ADMIN = 21;
export const CAP_SYS_NICE = 23;
export const CAP_SYS_RESOURCE = 24;

/** oomkilladj of a task that the OOM killer leaves alone (include/linux/mm.h). */
export const OOM_DISABLE = -17;

/* setpriority() and getpriority(): what `who` is (include/linux/resource.h). */
export const PRIO_PROCESS = 0;
export const PRIO_PGRP = 1;
export const PRIO_USER = 2;
/** MAX_RT_PRIO: static_prio of nice -20. */
export const MAX_RT_PRIO = 100;
export const NICE_TO_PRIO = (nice: number): number => MAX_RT_PRIO + nice + 20;
export const PRIO_TO_NICE = (prio: number): number => prio - MAX_RT_PRIO - 20;
/** No process may be in more groups (include/linux/limits.h). */
export const NGROUPS_MAX = 65536;

/* clone() flags; the low eight bits are the signal that tells the parent of the child's end. */
export const CSIGNAL = 0x000000ff;
export const CLONE_VM = 0x00000100;
export const CLONE_FS = 0x00000200;
export const CLONE_FILES = 0x00000400;
export const CLONE_SIGHAND = 0x00000800;
export const CLONE_VFORK = 0x00004000;
export const CLONE_PARENT = 0x00008000;
export const CLONE_THREAD = 0x00010000;
export const CLONE_NEWNS = 0x00020000;
export const CLONE_STOPPED = 0x02000000;

/* wait4() options */
export const WNOHANG = 1;
export const WUNTRACED = 2;
export const WCONTINUED = 8;
export const __WNOTHREAD = 0x20000000;
export const __WALL = 0x40000000;
export const __WCLONE = 0x80000000;

/* What SIGCHLD's siginfo says of a child (include/asm-generic/siginfo.h). */
export const CLD_STOPPED = 5;
export const CLD_CONTINUED = 6;

/** signal_struct.flags: all threads of the process are stopped. */
export const SIGNAL_STOP_STOPPED = 0x00000001;
/** signal_struct.flags: all threads of the process are about to exit. */
export const SIGNAL_GROUP_EXIT = 0x00000008;

/** PID_MAX_DEFAULT, and the first pid given out again after the numbers ran over (kernel/pid.c). */
export const PID_MAX_DEFAULT = 0x8000;
export const RESERVED_PIDS = 300;

/** struct signal_struct: what the threads of one process have in common. */
export interface SignalStruct {
  /** Threads, dead ones that were not released yet included: 1 is thread_group_empty(). */
  count: number;
  /** Threads that have not exited. */
  live: number;
  /** SIGNAL_STOP_STOPPED, SIGNAL_GROUP_EXIT, and what wait4() then reports for the process, whichever thread was the last. */
  flags: number;
  group_exit_code: number;
  /** Threads that have still to stop, each on its way to user mode. */
  group_stop_count: number;
  /** By RLIMIT_*. */
  readonly rlim: readonly Rlimit[];
}
/** struct sighand_struct: what a process does on each signal; shared with CLONE_SIGHAND, and so by all threads of a process. */
export interface SighandStruct {
  /** Tasks that use it. */
  count: number;
  /** By signal number. A signal that is not in it has the default action and no flags. */
  readonly action: Map<number, Sigaction>;
}
/** struct files_struct: open files by descriptor, and how many tasks use the table (CLONE_FILES). */
export interface FilesStruct extends Map<number, File> { count: number }

/** All capabilities of 2.6.12 (0…28). */
export const CAP_FULL_SET = (1 << 29) - 1;

/** R running or ready, S asleep, T stopped, Z zombie, X gone; H: spins for ever on a lock that nobody will release. */
export type TaskState = 'R' | 'S' | 'T' | 'Z' | 'X' | 'H';

export interface Task {
  readonly pid: number;
  readonly tgid: number;
  comm: string;
  state: TaskState;
  flags: number;
  uid: number; euid: number; suid: number; fsuid: number;
  gid: number; egid: number; sgid: number;
  /** group_info: supplementary groups, ascending. */
  groups: readonly number[];
  /** 100 to 139 for nice -20 to 19. The scheduler has no priorities: whoever is ready runs. */
  static_prio: number;
  /** Bit CAP_x: capability x is effective. */
  cap_effective: number;
  mm: Mm | null;
  parent: Task | null;
  readonly children: Set<Task>;
  /** As wait4() reports it: signal, or exit status << 8. */
  exit_code: number;
  /** Signals that wait to be delivered. */
  readonly pending: Set<number>;
  sighand: SighandStruct;
  /**
   * Signals that were delivered to a handler of the program and that nobody has taken yet, in the order of their delivery. The frames that
   * 2.6.12 builds for them on the user's stack; running the handlers is the driver's business (sim/handlers.ts).
   */
  readonly caught: Set<number>;
  session: number;
  mempolicy: Mempolicy | null;
  /** Next node for task interleaving; a C short. */
  il_next: number;
  cpuset: Cpuset | null;
  mems_allowed: NodeMask;
  cpuset_mems_generation: number;
  cpu: number;
  /** CPUs it may run on, ascending; empty means all. */
  cpus_allowed: readonly number[];
  files: FilesStruct;
  /** Shared by the threads of a process. */
  signal: SignalStruct;
  /** Sent to the parent at exit; -1 for a thread, which nobody waits for. */
  exit_signal: number;
  min_flt: number;
  maj_flt: number;
  oomkilladj: number;
  start_time: number;
  /** References to the struct: one of the task itself until it is dead, one that release_task() drops, and those of get_task_struct(). */
  usage: number;
}

export function get_task_struct(tsk: Task): void {
  tsk.usage++;
}
/** With the last reference the struct is freed. Here it stays readable, with usage 0: who looks at it then looks at freed memory. */
export function put_task_struct(tsk: Task): void {
  tsk.usage--;
}
