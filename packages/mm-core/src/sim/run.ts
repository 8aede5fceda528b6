/**
 * The run-to-completion driver: lets one task go through the kernel until it is back in user mode.
 *
 * A kernel function that sleeps is a generator (include/linux/wait.ts). While the task's path waits, the driver lets others
 * go on whose wait is over (kernel threads, tasks that fell asleep earlier), and when nobody can move it advances simulated
 * time to the next thing that is due: the end of a block request or of a timeout. When nothing is due either, the path is
 * left asleep: the outcome says so, and the path goes on during a later call if what it waits for ever happens.
 *
 * The explorer of interleavings is another driver, built from the same steps: stepPath(), waitIsOver(), advanceTime(),
 * returnToUser().
 *
 * What goes wrong in the kernel is data. BUG() prints what ia64's die() prints and ends the task, locks and all; a spinlock
 * that nobody will release leaves the task spinning for ever (state H).
 */
import { BH_Lock } from '../include/linux/buffer_head.js';
import { KERN_EMERG, KERN_ERR, KERN_WARNING, KernelBug, KernelLockup, printk } from '../include/linux/kernel.js';
import { PageLocked, PageWriteback } from '../include/linux/page-flags.js';
import { SIGSEGV, type Task } from '../include/linux/sched.js';
import type { MaySleep, WaitFor } from '../include/linux/wait.js';
import type { K } from '../kernel-table.js';
import type { KernelPath, Machine } from '../machine.js';
import { searchChildren } from '../model/children.js';
import { countSwitch } from '../model/switches.js';

/** Simulated ms at which the next request is done; Infinity when none is under way. m.pending_io is a heap, its first first. */
export const nextIoDue = (m: Machine): number => m.pending_io[0]?.due ?? Infinity;

/** What the driver asks of a kernel; every level of the series has it. */
export type Driven = K<'complete_pending_io' | 'do_exit' | 'get_signal_to_deliver'>;

/** How a way through the kernel ended. */
export type Outcome<T> =
  | { readonly kind: 'returned'; readonly value: T }
  /** The task is gone: BUG(), a signal, exit(). `exit_code` as wait4() would report it. */
  | { readonly kind: 'died'; readonly exit_code: number }
  /** The task spins for ever on a spinlock; its CPU is lost. */
  | { readonly kind: 'locked-up' }
  /** The task sleeps. A deadlock when it waits for something nobody is left to do; not one when it waits for a child. */
  | { readonly kind: 'blocked'; readonly wait: WaitFor; readonly deadlock: boolean };

/** When only the timeouts of others pass this many times, the waiting path is held to be deadlocked. */
const MAX_IDLE_ADVANCES = 10_000;

export const isGone = (task: Task): boolean => task.state === 'Z' || task.state === 'X' || task.state === 'H';

export const newPath = (task: Task, body: MaySleep<unknown>): KernelPath =>
  ({ task, body, wait: null, preempt_count: 0, io_completed: 0, state: 'running', value: undefined });

/** Whether a path that waits for this could go on. Being woken too early does no harm: every wait is a loop. */
export function waitIsOver(m: Machine, path: KernelPath): boolean {
  const { wait } = path;
  if (wait === null) return true;
  switch (wait.kind) {
    case 'page-lock': return !PageLocked(m.mem_map, wait.page);
    case 'page-writeback': return !PageWriteback(m.mem_map, wait.page);
    case 'buffer-lock': return (m.bh.b_state[wait.bh]! & BH_Lock) === 0;
    case 'rwsem': return wait.sem.writer === 0 && (!wait.write || wait.sem.readers === 0);
    case 'mutex': return !wait.sem.held;
    case 'timeout': return m.now >= wait.until;
    case 'io': return m.now >= wait.until || m.io_completed !== path.io_completed;
    case 'child': return childIsWaitable(m, path.task, wait.pid, wait.options);
    case 'wakeup': return wait.queue.woken;
    case 'preempt': return true;
  }
}
/** wait4() can go on when a child it may mean is a zombie, or when there is no such child. */
function childIsWaitable(m: Machine, parent: Task, pid: number, options: number): boolean {
  const { zombie, any } = searchChildren(m, parent, pid, options);
  return zombie !== null || !any;
}

/** What a path waits for, in words, for reports. */
export function waitInWords(wait: WaitFor): string {
  switch (wait.kind) {
    case 'page-lock': return `the lock of page ${wait.page}`;
    case 'page-writeback': return `the end of writeback of page ${wait.page}`;
    case 'buffer-lock': return `the lock of buffer ${wait.bh}`;
    case 'rwsem': return `${wait.sem.name} (${wait.write ? 'write' : 'read'}), held by ${holders(wait.sem.writer === 0 ? wait.sem.holders : [wait.sem.writer])}`;
    case 'mutex': return `${wait.sem.name}, held by pid ${wait.sem.owner}`;
    case 'timeout': return `time ${wait.until} ms`;
    case 'io': return `I/O, or time ${wait.until} ms`;
    case 'child': return wait.pid > 0 ? `child ${wait.pid}` : 'a child';
    case 'wakeup': return `a wake-up on ${wait.queue.name}`;
    case 'preempt': return 'the CPU';
  }
}
const holders = (pids: readonly number[]): string => `pid ${pids.join(', ')}`;

/** Lets the path run until it waits or ends. */
export function stepPath(k: Driven, path: KernelPath): void {
  const { m } = k;
  const { task } = path;
  const { current, preempt_count } = m;
  resume(m, path);
  try {
    const result = path.body.next();
    if (result.done === true) {
      path.state = isGone(task) ? 'died' : 'returned';
      path.value = result.value;
      leaveAtomic(m);
    } else sleepOn(m, path, result.value);
  } catch (error) {
    path.state = die(k, error);
  } finally {
    path.preempt_count = m.preempt_count;
    m.current = current;
    m.preempt_count = preempt_count;
    if (path.state !== 'running') m.paths.delete(task);
  }
}

/** The path has the CPU. */
export function resume(m: Machine, path: KernelPath): void {
  const { task } = path;
  m.current = task;
  m.preempt_count = path.preempt_count;
  path.wait = null;
  if (task.state === 'S') task.state = 'R';
}

/** schedule(): the path, which is m.current's, goes to sleep. */
export function sleepOn(m: Machine, path: KernelPath, wait: WaitFor): void {
  countSwitch();
  m.need_resched = false;
  path.wait = wait;
  path.io_completed = m.io_completed;
  path.preempt_count = m.preempt_count;
  m.paths.set(path.task, path);
  if (wait.kind === 'preempt') return;
  whineIfAtomic(m);
  if (path.task.state === 'R') path.task.state = 'S';
}

/** 2.6.12 kernel/sched.c: schedule() complains and goes on. */
function whineIfAtomic(m: Machine): void {
  if (m.preempt_count === 0) return;
  const { comm, pid } = m.current;
  printk(m, KERN_ERR, `scheduling while atomic: ${comm}/0x${m.preempt_count.toString(16).padStart(8, '0')}/${pid}`);
}
/** A path that ends with a spinlock held: the next schedule() complains. The lock stays held. */
export function leaveAtomic(m: Machine): void {
  whineIfAtomic(m);
  m.preempt_count = 0;
}

/**
 * What entered the kernel has thrown. BUG() on ia64 is a break 0 that die_if_kernel() turns into an oops and
 * do_exit(SIGSEGV) (2.6.12 arch/ia64/kernel/traps.c). Locks stay as they are.
 */
export function die(k: Driven, error: unknown): 'died' | 'locked-up' {
  const { m } = k;
  const task = m.current;
  if (error instanceof KernelLockup) {
    task.state = 'H';
    return 'locked-up';
  }
  if (!(error instanceof KernelBug)) throw error;
  printk(m, KERN_WARNING, `${task.comm}[${task.pid}]: bugcheck! 0 [${++m.die_counter}]`);
  try {
    k.do_exit(SIGSEGV);
  } catch (again) {
    /* Exiting needs a lock the task itself held, or hits the next BUG(): it never gets to the end of do_exit(). */
    if (!(again instanceof KernelLockup) && !(again instanceof KernelBug)) throw again;
    task.state = 'H';
    return 'locked-up';
  } finally {
    m.preempt_count = 0;
  }
  return 'died';
}

/**
 * Starts kernel threads that were woken, steps every path (but `mine`) that can go on, and has tasks in user mode act on signals that
 * were sent from a path that still waits (the OOM killer's). Whether anything happened.
 */
export function stepOthers(k: Driven, mine: KernelPath | null): boolean {
  const { m } = k;
  let moved = false;
  for (const thread of m.kthreads) {
    if (thread.wake.woken && !m.paths.has(thread.task) && !isGone(thread.task)) {
      stepPath(k, newPath(thread.task, thread.main()));
      moved = true;
    }
  }
  for (const path of [...m.paths.values()]) {
    if (path === mine || path.state !== 'running' || !waitIsOver(m, path)) continue;
    stepPath(k, path);
    if (path.state !== 'running') returnToUser(k, path.task);
    moved = true;
  }
  if (m.sigpending.size > 0 && signalOthers(k)) moved = true;
  return moved;
}

/** Simulated ms at which a wait ends by itself; Infinity when it never does. */
export const timeoutOf = (wait: WaitFor | null): number => (wait?.kind === 'timeout' || wait?.kind === 'io' ? wait.until : Infinity);

/**
 * Moves simulated time to the next thing that is due, `before` (ms) at the latest: when the driver itself has something to do then. False when nothing
 * ever will be due.
 */
export function advanceTime(k: Driven, before = Infinity): boolean {
  const { m } = k;
  let next = Math.min(before, nextIoDue(m));
  for (const { wait } of m.paths.values()) next = Math.min(next, timeoutOf(wait));
  return next !== Infinity && passTime(k, next);
}
/** Moves simulated time on, to `next` (ms) unless it is past, and has the devices complete what is due. @returns false when the kernel has panicked over it. */
export function passTime(k: Driven, next: number): boolean {
  const { m } = k;
  if (next > m.now) m.now = next;
  m.in_interrupt = true;
  try {
    m.io_completed += k.complete_pending_io(m.now);
  } catch (error) {
    if (!(error instanceof KernelBug) && !(error instanceof KernelLockup)) throw error;
    panic(m, 'Aiee, killing interrupt handler!');
  } finally {
    m.in_interrupt = false;
  }
  return !m.panicked;
}
/** panic(): the machine stops. Whoever waits waits for ever, and nobody can enter the kernel again. */
function panic(m: Machine, text: string): void {
  printk(m, KERN_EMERG, `Kernel panic - not syncing: ${text}`);
  m.panicked = true;
}

/** Lets everybody else go on until the wait of `path` is over, or its task is in user mode again. @returns false when nothing more can happen. */
export function untilOver(k: Driven, path: KernelPath): boolean {
  const { m } = k;
  // a cond_resched(); where every preemption point yields, somebody else says who has the CPU next
  if (path.wait?.kind === 'preempt' && !m.preemptible) runWoken(k, path);
  let idle = 0;
  while (path.state === 'running' && !waitIsOver(m, path)) {
    if (stepOthers(k, path)) continue;
    const { io_completed } = m;
    if (!advanceTime(k)) return false;
    if (m.io_completed !== io_completed) idle = 0;
    else if (++idle > MAX_IDLE_ADVANCES) return false;
  }
  return true;
}

/** Drives a path that has begun to its end, or to where nothing more can happen. */
export function finishPath(k: Driven, path: KernelPath): void {
  while (path.state === 'running' && untilOver(k, path)) {
    if (path.state === 'running') stepPath(k, path);
  }
}

/** Lets woken kernel threads, and whoever else can go on but `mine`, run until they sleep; time stands still. */
export function runWoken(k: Driven, mine: KernelPath | null = null): void {
  while (stepOthers(k, mine));
  k.m.need_resched = false;
}

/** Lets I/O, kernel threads and sleepers finish as far as they can; afterwards the machine is at rest. */
export function settle(k: Driven): void {
  let advances = 0;
  do {
    runWoken(k);
    if (++advances > 1_000_000) throw new RangeError('settle: the machine does not come to rest after 1000000 steps of time');
  } while (advanceTime(k));
}

/**
 * The way back to user mode: the task acts on its signals there (do_notify_resume_user() of ia64). Then everybody else who
 * was sent a signal meanwhile does: a task with no path in the kernel is in user mode all the time, and one that sleeps
 * interruptibly (wait4()) is woken and gives its system call up.
 */
export function returnToUser(k: Driven, task: Task): void {
  const { m } = k;
  if (m.sigpending.size === 0) return;
  if (m.sigpending.has(task)) actOnSignals(k, task);
  signalOthers(k);
}

/** TASK_INTERRUPTIBLE: wait4() and nanosleep() give up for a signal. */
const isInterruptible = (wait: WaitFor | null): boolean => wait?.kind === 'child' || (wait?.kind === 'timeout' && wait.interruptible === true);

/** Has everybody in user mode or in an interruptible sleep act on its signals. @returns whether somebody did. */
function signalOthers(k: Driven): boolean {
  const { m } = k;
  let acted = false;
  for (const other of m.sigpending) { // which grows while it is walked: whoever stops or dies stops or kills his threads
    const path = m.paths.get(other);
    if (path !== undefined) {
      if (!isInterruptible(path.wait)) continue;
      path.body.return(undefined);
      path.state = 'returned';
      m.paths.delete(other);
      if (other.state === 'S') other.state = 'R';
    }
    actOnSignals(k, other);
    acted = true;
  }
  return acted;
}
function actOnSignals(k: Driven, task: Task): void {
  const { m } = k;
  const { current } = m;
  m.current = task;
  try {
    if (isGone(task)) m.sigpending.delete(task);
    else k.get_signal_to_deliver(task);
  } catch (error) {
    die(k, error);
  } finally {
    m.current = current;
  }
}

/** Checks that a task is in user mode and can run, as a caller of the API must see to. */
export function checkRunnable(k: { readonly m: Machine }, task: Task, what: string): void {
  if (k.m.panicked) throw new RangeError(`${what}: the kernel has panicked`);
  if (k.m.paths.has(task)) throw new RangeError(`${what}: ${task.comm}[${task.pid}] is asleep in the kernel`);
  if (task.state !== 'R') throw new RangeError(`${what}: ${task.comm}[${task.pid}] is not running (state ${task.state})`);
}

/** Runs a kernel function on behalf of a task, from user mode and back. */
export function run<T>(k: Driven, task: Task, body: MaySleep<T>): Outcome<T> {
  checkRunnable(k, task, 'run');
  const path = newPath(task, body);
  stepPath(k, path);
  return complete(k, path) as Outcome<T>;
}

/** The rest of a way through the kernel: until the task is in user mode again, and others have acted on what it did. */
export function complete(k: Driven, path: KernelPath): Outcome<unknown> {
  const { m } = k;
  const { task } = path;
  if (path.state === 'running') finishPath(k, path);
  if (path.state === 'running') return blocked(m, path);
  if (path.state === 'locked-up') return { kind: 'locked-up' };
  returnToUser(k, task);
  runWoken(k);
  return isGone(task) ? { kind: 'died', exit_code: task.exit_code } : { kind: 'returned', value: path.value };
}
/** The outcome of a path that nobody is left to wake. */
export function blocked(m: Machine, path: KernelPath): Outcome<never> {
  const wait = path.wait!;
  const deadlock = wait.kind !== 'child' && wait.kind !== 'wakeup';
  if (deadlock) printk(m, KERN_ERR, `pmkit: deadlock: ${path.task.comm}[${path.task.pid}] waits for ${waitInWords(wait)}`);
  return { kind: 'blocked', wait, deadlock };
}

/**
 * run() for callers who know that the function returns.
 * @throws {Error} saying what happened instead.
 */
export function runKernel<T>(k: Driven, task: Task, body: MaySleep<T>): T {
  const outcome = run(k, task, body);
  if (outcome.kind === 'returned') return outcome.value;
  const detail = outcome.kind === 'blocked' ? `waits for ${waitInWords(outcome.wait)}` : outcome.kind;
  throw new Error(`${task.comm}[${task.pid}] did not return from the kernel: ${detail}; ${k.m.log.at(-1)?.text ?? 'the log is empty'}`);
}
