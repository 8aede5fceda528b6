/** The threads of one process. */
import { PF_EXITING, type Task } from '../include/linux/sched.js';
import type { Machine } from '../machine.js';

export const isExiting = (t: Task): boolean => t.state === 'Z' || t.state === 'X' || (t.flags & PF_EXITING) !== 0;

/** The threads of t's process that have not exited, t first. */
export function threads(m: Machine, t: Task): Task[] {
  const group = t.signal.count === 1 ? [t] : [t, ...[...m.tasks.values()].filter(task => task.signal === t.signal && task !== t)];
  return group.filter(task => !isExiting(task));
}
