/** What the subjects share: machines with a job on them, and calls that must succeed. */
import { spawn, syscall, touch, type MachineConfig, type Task } from '@pmkit/mm-core';
import { SIGSTOP } from '@pmkit/mm-core/include/linux/sched';
import { MPOL_INTERLEAVE } from '@pmkit/mm-core/include/linux/mempolicy';
import { MAX_NUMNODES } from '@pmkit/mm-core/include/linux/nodemask';
import { __NR_migrate_pages } from '@pmkit/p04-sys-migrate-pages';
import { bootAt, type AnyKernel } from '@pmkit/series/levels';
import type { Environment } from './subject.js';

export const PROT_READ_WRITE = 3;
export const MAP_SHARED = 1;
const MAP_PRIVATE_ANONYMOUS = 0x22;
const MAP_FIXED = 0x10;
/** Frames that a node needs besides those of the job: tables, watermarks, per-CPU lists. */
const SPARE_SHARE = 1.05;
const SPARE_PAGES = 4096;

/** `count` numbers from `first` on. */
export const range = (first: number, count: number): number[] => Array.from({ length: count }, (_, i) => first + i);

/** Nodes 0 to `nodes - 1` of the same size with a CPU each. */
export const uniform = (nodes: number, pages: number): MachineConfig => ({ nodes: range(0, nodes).map(id => ({ id, pages, cpus: [id] })) });
/** Room for so many pages of a job. */
export const roomFor = (pages: number): number => Math.ceil(pages * SPARE_SHARE) + SPARE_PAGES;

/** A system call that the benchmark cannot do without. @throws {Error} with call and errno. */
export function must(k: AnyKernel, task: Task, call: string | number, ...args: readonly unknown[]): number {
  const result = syscall(k, task, call, ...args);
  if (result < 0) throw new Error(`${call}() returned ${result}`);
  return result;
}

/** A node mask as programs pass it, with the number of its bits. */
export function maskOf(nodes: readonly number[]): [Uint32Array, number] {
  const mask = new Uint32Array(MAX_NUMNODES / 32);
  for (const node of nodes) mask[node >>> 5]! |= 1 << (node & 31);
  return [mask, MAX_NUMNODES + 1];
}

/** A kernel with a batch scheduler, and swap for `swap` pages: migration of anonymous memory needs slots. */
export class Rig {
  readonly k: AnyKernel;
  readonly scheduler: Task;

  constructor({ level }: Environment, config: MachineConfig, swap = 0) {
    this.k = bootAt(level, config);
    this.scheduler = spawn(this.k, { comm: 'batchd', cpu: this.k.m.cpus[0]! });
    if (swap > 0) must(this.k, this.scheduler, 'swapon', this.k.add_disk('swap', 8, 32, 1), swap + 65, 0);
  }

  job(cpu = this.k.m.cpus[0]!): Task {
    return spawn(this.k, { comm: 'job', cpu });
  }
  /** Maps private memory. @param at where; 0: where there is room @returns its address. */
  map(task: Task, pages: number, { prot = PROT_READ_WRITE, at = 0 } = {}): number {
    return must(this.k, task, 'mmap', at, pages * this.k.m.PAGE_SIZE, prot, at === 0 ? MAP_PRIVATE_ANONYMOUS : MAP_PRIVATE_ANONYMOUS | MAP_FIXED, -1, 0);
  }
  unmap(task: Task, address: number, pages: number): void {
    must(this.k, task, 'munmap', address, pages * this.k.m.PAGE_SIZE);
  }
  /** A store to each page. @throws {Error} when the task does not get through. */
  touch(task: Task, address: number, pages: number, access: 'read' | 'write' = 'write'): void {
    const done = touch(this.k, task, address, pages, access);
    if (done !== pages) throw new Error(`touched ${done} of ${pages} pages`);
  }
  interleave(task: Task, nodes: readonly number[]): void {
    must(this.k, task, 'set_mempolicy', MPOL_INTERLEAVE, ...maskOf(nodes));
  }
  stop(task: Task): void {
    must(this.k, this.scheduler, 'kill', task.pid, SIGSTOP);
  }
  /** migrate_pages(). @returns the pages moved. @throws {Error} when these are not as many as expected. */
  migrate(task: Task, from: readonly number[], to: readonly number[], expected: number): number {
    const moved = syscall(this.k, this.scheduler, __NR_migrate_pages, task.pid, from.length, Uint32Array.from(from), Uint32Array.from(to));
    if (moved !== expected) throw new Error(`migrate_pages() returned ${moved}, expected ${expected}`);
    return moved;
  }
}

/** There and back again: `move(from, to)` with the ends changing places each time. */
export function shuttle<T>(from: T, to: T, move: (from: T, to: T) => number): () => number {
  let ends: readonly [T, T] = [from, to];
  return () => {
    const moved = move(...ends);
    ends = [ends[1], ends[0]];
    return moved;
  };
}
