/** How programs of the console end before their time. These are thrown through a program's code and end with the process; nobody else sees them. */
import type { Task } from '@pmkit/mm-core';

/** Whether a task will never run in user mode again. */
export const isGone = (task: Task): boolean => task.state === 'Z' || task.state === 'X' || task.state === 'H';

/** The task does not exist any more, or will never run again: a signal, BUG(), an OOM kill, a lock that nobody releases. */
export class Killed extends Error {
  override readonly name = 'Killed';
  readonly task: Task;
  constructor(task: Task) {
    super(`${task.comm}[${task.pid}] is gone`);
    this.task = task;
  }
}

/** Nothing can happen any more for as long as nobody does something from outside: all who could are stopped, or wait for each other. */
export class Stuck extends Error {
  override readonly name = 'Stuck';
}
