/** Making tasks without a shell: fork from a parent, set who and where the child is, give it a program or an empty address space. */
import { CAP_FULL_SET, SIGCHLD, type Task } from '../include/linux/sched.js';
import type { Mm } from '../include/linux/mm_types.js';
import type { K } from '../kernel-table.js';
import { runKernel, type Driven } from './run.js';

/** A kernel that makes tasks. */
export type SpawnKernel = Driven & K<'do_fork' | 'do_execve' | 'mm_alloc' | 'mm_init' | 'mmput' | 'set_cpus_allowed'>;

export interface SpawnOptions {
  /** Name; default: that of the parent, or of the program. */
  readonly comm?: string;
  /** Real, effective and saved user id; default 0. Anybody but root has no capabilities. */
  readonly uid?: number;
  /** CPU it starts on; default: the parent's. It may run on all. */
  readonly cpu?: number;
  /** Default: the swapper. */
  readonly parent?: Task;
  /** Path of a program to execute; without it the address space is empty. */
  readonly program?: string;
}

/**
 * Makes a task that is in user mode and ready to run.
 * @throws {RangeError} when the CPU does not exist or the parent cannot run; {Error} when the kernel refuses, with its errno.
 */
export function spawn(k: SpawnKernel, options: SpawnOptions = {}): Task {
  const { m } = k;
  const parent = options.parent ?? m.init_task;
  if (options.cpu !== undefined && m.cpu_to_node[options.cpu] === undefined) {
    throw new RangeError(`spawn: expected one of the CPUs ${m.cpus.join(', ')}, found ${options.cpu}`);
  }
  const pid = runKernel(k, parent, k.do_fork(SIGCHLD));
  const task = m.tasks.get(pid);
  if (task === undefined) throw new Error(`spawn: fork() returned ${pid}`);
  task.session = parent.pid === 0 ? pid : parent.session;
  if (options.uid !== undefined) setUser(task, options.uid);
  if (options.cpu !== undefined) task.cpu = options.cpu;
  if (options.program !== undefined) execute(k, task, options.program);
  else emptyAddressSpace(k, task);
  if (options.comm !== undefined) task.comm = options.comm;
  return task;
}

function setUser(task: Task, uid: number): void {
  task.uid = task.euid = task.suid = task.fsuid = uid;
  task.cap_effective = uid === 0 ? CAP_FULL_SET : 0;
}

function execute(k: SpawnKernel, task: Task, program: string): void {
  const result = runKernel(k, task, k.do_execve(program));
  if (result < 0) throw new Error(`spawn: execve(${program}) returned ${result}`);
}

/** What exec_mmap() does, with nothing mapped into the new address space. */
function emptyAddressSpace(k: SpawnKernel, task: Task): void {
  const old: Mm | null = task.mm;
  const mm = k.mm_alloc();
  const error = runKernel(k, task, k.mm_init(mm));
  if (error !== 0) throw new Error(`spawn: no memory for a page directory (${error})`);
  task.mm = mm;
  if (old !== null) k.mmput(old);
}
