/**
 * The driver of the flat kernel, in which no function is a generator: who has to wait waits here, on the stack, and everybody else goes on as finishPath() has them go
 * on. So both kernels take the same steps in the same order, which the state hash shows.
 *
 * A flat path cannot be put aside. One whose wait nobody is left to end is unwound, and its task sleeps for ever: a deadlock, reported as the other driver reports it.
 */
import { flatOf, type Flat } from '@pmkit/linker';
import type { Task } from '../include/linux/sched.js';
import type { MaySleep, WaitFor } from '../include/linux/wait.js';
import type { KernelPath } from '../machine.js';
import { blocked, checkRunnable, complete, die, isGone, leaveAtomic, newPath, resume, sleepOn, untilOver, type Driven, type Outcome } from './run.js';

/** A way through the flat kernel that has not ended. */
export interface FlatRun {
  readonly k: Driven;
  readonly task: Task;
  /** Made when it first sleeps. */
  path: KernelPath | null;
  /** Who was current before the task entered the kernel, and with which preempt_count: both are back while it sleeps. */
  readonly current: Task;
  readonly preempt_count: number;
}

/** Unwinds a path that can never go on. */
class Unwound extends Error {}

let running: FlatRun | null = null;

/** The body of a path that was unwound: it waits for what does not come. */
function* asleepForEver(): MaySleep<never> {
  for (;;) yield { kind: 'wakeup', queue: { name: 'a deadlock', woken: false } };
}

/** What `yield` is in the flat kernel: comes back when the wait is over. Called by printed code only. */
export function sleepFlat(wait: WaitFor): void {
  const run = running!;
  const { k, task } = run;
  const { m } = k;
  const path = (run.path ??= newPath(task, asleepForEver()));
  sleepOn(m, path, wait);
  m.current = run.current;
  m.preempt_count = run.preempt_count;
  if (!untilOver(k, path)) throw new Unwound();
  running = run;
  resume(m, path);
}

/** What is left to do at the end of a path that has slept. */
function ended(run: FlatRun, state: KernelPath['state'], value: unknown): Outcome<unknown> | null {
  const { k, path } = run;
  if (path === null) return null;
  path.state = state;
  path.value = value;
  k.m.current = run.current;
  k.m.preempt_count = run.preempt_count;
  k.m.paths.delete(path.task);
  return complete(k, path);
}

/**
 * run() in the flat kernel: `body` calls it.
 * @throws {RangeError} as run().
 */
export function runFlat<T>(k: Driven, task: Task, body: () => T): Outcome<T> {
  const { m } = k;
  checkRunnable(k, task, 'run');
  const run: FlatRun = { k, task, path: null, current: m.current, preempt_count: m.preempt_count };
  const outer = running;
  running = run;
  m.current = task;
  m.preempt_count = 0;
  let state: KernelPath['state'];
  let value: T | undefined;
  try {
    value = body();
    state = isGone(task) ? 'died' : 'returned';
    leaveAtomic(m);
  } catch (error) {
    if (error instanceof Unwound) return blocked(m, run.path!);
    state = die(k, error);
  } finally {
    running = outer;
  }
  run.path ??= newPath(task, asleepForEver());
  return ended(run, state, value) as Outcome<T>;
}

/** A flat kernel that takes page faults. */
export interface FlatFaults { ia64_do_page_fault(address: number, isr: number): number }

/** The flat form of a kernel, if it has one, and nobody interleaves or looks at the order of locks: it has none of the explorer's preemption points and tells no lockdep. */
export const usableFlat = (k: Driven): Flat | undefined => (k.m.preemptible || k.m.lockdep !== null ? undefined : flatOf(k));

/** The page faults of one access after another of a task, which is m.current in user mode. */
export const faultsOf = (k: Driven, task: Task): FlatRun => ({ k, task, path: null, current: task, preempt_count: 0 });

/**
 * Takes a page fault in the flat kernel.
 * @returns the signal that it has raised, 0 for none; -1 when the task did not come back.
 */
export function faultFlat(flat: FlatFaults, run: FlatRun, address: number, isr: number): number {
  const { k } = run;
  const outer = running;
  running = run;
  run.path = null;
  let sig: number;
  try {
    sig = flat.ia64_do_page_fault(address, isr);
  } catch (error) {
    if (error instanceof Unwound) blocked(k.m, run.path!);
    else ended(run, die(k, error), undefined);
    return -1;
  } finally {
    running = outer;
  }
  if ((run.path as KernelPath | null) === null) {
    if (k.m.preempt_count !== 0) leaveAtomic(k.m);
    return sig;
  }
  const state = isGone(run.task) ? 'died' : 'returned';
  leaveAtomic(k.m);
  return ended(run, state, sig)?.kind === 'returned' ? sig : -1;
}
