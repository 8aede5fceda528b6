/** System calls that an import cannot do without. */
import { errnoName } from '@pmkit/mm-core/model/errno-name';
import { syscall, type Task } from '@pmkit/mm-core';
import type { AnyKernel } from '@pmkit/series/levels';

/** @throws {Error} with process, call and errno when it fails. */
export function must(k: AnyKernel, task: Task, call: string, ...args: readonly unknown[]): number {
  const result = syscall(k, task, call, ...args);
  if (result < 0) throw new Error(`${task.comm}[${task.pid}]: ${call}() returned ${errnoName(result)}`);
  return result;
}
