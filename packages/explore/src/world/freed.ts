/**
 * Use of freed memory, as far as tasks go. The struct of a task whose last reference is gone stays readable in the simulation; what is called with it then works on
 * memory that may be anybody's. From the moment a task is freed the rows of the kernel's table are watched for it, and not before: who frees none pays nothing.
 *
 * Whether a task is freed is read from the task, so that the recorder of the explorer sees it.
 */
import { definitionsOf, watchRows } from '@pmkit/linker';
import type { Task } from '@pmkit/mm-core';
import type { AnyKernel } from '@pmkit/series/levels';
import { likeRow, type Row } from './row.js';

type Rows = Record<string, Row>;

/** Where a task drops its last reference, or others drop it for him. */
const FREEING = ['do_exit', 'release_task'] as const;

const isTask = (arg: unknown): arg is Task => typeof arg === 'object' && arg !== null && 'usage' in arg && 'comm' in arg;

export class FreedTasks {
  readonly #k: AnyKernel;
  readonly #complaints: string[];
  readonly #freed = new Set<unknown>();
  readonly #saved = new Map<string, Row>();

  readonly #always: boolean;

  /** @param always the rows are watched from the beginning: for whoever must know on what a step depends, also while nobody is freed. */
  constructor(k: AnyKernel, complaints: string[], always: boolean) {
    this.#k = k;
    this.#complaints = complaints;
    this.#always = always;
    watchRows(k);
    if (always) this.#watch();
    const rows = k as unknown as Rows;
    for (const name of FREEING) {
      const real = rows[name]!;
      const check = (tasks: readonly Task[]): void => this.#look(tasks);
      const freeing: Row = function (this: unknown, ...args) {
        const tasks = [k.m.current, args[0]].filter(isTask);
        const result = real.apply(this, args);
        check(tasks);
        return result;
      };
      rows[name] = likeRow(freeing, real);
    }
  }

  /** As before the race: nobody is freed. */
  reset(): void {
    if (this.#always || this.#freed.size === 0) return;
    const rows = this.#k as unknown as Rows;
    for (const [name, row] of this.#saved) rows[name] = row;
    this.#saved.clear();
    this.#freed.clear();
  }

  #look(tasks: readonly Task[]): void {
    if (this.#always) return;
    for (const task of tasks) {
      if (task.usage > 0 || this.#freed.has(task)) continue;
      this.#freed.add(task);
      if (this.#saved.size === 0) this.#watch();
    }
  }

  #watch(): void {
    const rows = this.#k as unknown as Rows;
    const seen = (name: string, args: readonly unknown[]): void => {
      for (const arg of args) if (isTask(arg) && arg.usage <= 0) this.#complaints.push(`${name}() is given the task_struct of ${arg.comm}, which is freed`);
    };
    for (const { name, value } of definitionsOf(this.#k).values()) {
      if (typeof value !== 'function') continue;
      const real = rows[name]!;
      this.#saved.set(name, real);
      rows[name] = likeRow(function (this: unknown, ...args: unknown[]): unknown {
        seen(name, args);
        return real.apply(this, args);
      }, real);
    }
  }
}
