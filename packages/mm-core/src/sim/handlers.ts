/**
 * Handlers of signals. The kernel finds out that a signal has one (kernel/signal.ts) and leaves it in the task's `caught`; what the handler does is
 * a matter of user mode, and so of whoever drives the task.
 */
import type { Task } from '../include/linux/sched.js';

/** An address for sa_handler of rt_sigaction() that says: the driver has a handler. */
export const DRIVER_HANDLER = 0x4000_0000;

/** The signals whose handlers the task has to run now, in the order in which they were delivered. They are taken: the next call gives later ones. */
export function takeCaught(task: Task): number[] {
  const signals = [...task.caught];
  task.caught.clear();
  return signals;
}
