/**
 * Use of freed memory, as far as tasks go. The struct of a task whose last reference is gone stays readable in the simulation; what is called with it then works on
 * memory that may be anybody's. From the moment a task is freed the rows of the kernel's table are watched for it, and not before: who frees none pays nothing.
 *
 * Whether a task is freed is read from the task, so that the recorder of the explorer sees it.
 */
import { definitionsOf, watchRows } from '@pmkit/linker';
import type { Task } from '@pmkit/mm-core';
import type { AnyKernel } from '@pmkit/series/levels';
import { callRow, isTask, likeRow, tasksIn, type Row } from './row.js';

type Rows = Record<string, Row>;

/** A row, and what stands in its place while it is watched. */
interface Watched { readonly name: string; readonly real: Row; readonly row: Row }

/** Where a task drops its last reference, or others drop it for him. */
const FREEING = ['do_exit', 'release_task'] as const;

export class FreedTasks {
  readonly #k: AnyKernel;
  readonly #complaints: string[];
  readonly #freed = new Set<unknown>();
  readonly #always: boolean;
  /** By name, those that were made so far: every program that the fuzzer runs frees somebody. */
  readonly #watched = new Map<string, Watched>();
  #watching = false;

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
        const result = callRow(real, this, args);
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
    for (const { name, real } of this.#watched.values()) rows[name] = real;
    this.#watching = false;
    this.#freed.clear();
  }

  #look(tasks: readonly Task[]): void {
    if (this.#always) return;
    for (const task of tasks) {
      if (task.usage > 0 || this.#freed.has(task)) continue;
      this.#freed.add(task);
      if (!this.#watching) this.#watch();
    }
  }

  #watch(): void {
    const rows = this.#k as unknown as Rows;
    this.#watching = true;
    for (const { name, value } of definitionsOf(this.#k).values()) {
      if (typeof value === 'function') rows[name] = this.#watchedRow(name, rows[name]!);
    }
  }

  #watchedRow(name: string, real: Row): Row {
    const known = this.#watched.get(name);
    if (known?.real === real) return known.row;
    const see = (tasks: readonly Task[]): void => {
      for (const task of tasks) if (task.usage <= 0) this.#complaints.push(`${name}() is given the task_struct of ${task.comm}, which is freed`);
    };
    const row = likeRow(function (this: unknown, ...args: unknown[]): unknown {
      const tasks = tasksIn(args);
      if (tasks !== null) see(tasks);
      return callRow(real, this, args);
    }, real);
    this.#watched.set(name, { name, real, row });
    return row;
  }
}
