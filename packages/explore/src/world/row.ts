import type { Task } from '@pmkit/mm-core';

/** A row of a kernel's table. */
export type Row = (this: unknown, ...args: unknown[]) => unknown;

/** A function to stand in the place of a row: whoever looks at the number of its parameters sees those of the row. */
export const likeRow = (row: Row, real: Row): Row => Object.defineProperty(row, 'length', { value: real.length });

/** The row itself, from the function in its place. */
export const callRow = (real: Row, kernel: unknown, args: readonly unknown[]): unknown => Reflect.apply(real, kernel, args);

export const isTask = (arg: unknown): arg is Task => typeof arg === 'object' && arg !== null && 'usage' in arg && 'comm' in arg;

/** Those of a row's arguments that are tasks; null for none, as mostly. What is a task never changes, so that looking for it is no access. */
export function tasksIn(args: readonly unknown[]): Task[] | null {
  let tasks: Task[] | null = null;
  for (let i = 0; i < args.length; i++) {
    const arg = args[i];
    if (isTask(arg)) (tasks ??= []).push(arg);
  }
  return tasks;
}
