/** Small machines at the level of patch 7 and at the level below, and the memory that a selection is made from. */
import { declareSymbols, link, Series } from '@pmkit/linker';
import { base, createMachine, spawn, start, syscall, touch, type Task } from '@pmkit/mm-core';
import { VM_IO } from '@pmkit/mm-core/include/linux/mm_types';
import { addSwap, FOUR_NODES, mapFile, must, newFile, PRIVATE, READ, scheduler, vmaAt, type AnyKernel } from '@pmkit/mm-core/testing';
import { patch as p01 } from '@pmkit/p01-steal-page-from-lru';
import { patch as p02 } from '@pmkit/p02-xfs-migrate-page';
import { patch as p03 } from '@pmkit/p03-node-map-argument';
import { patch as p04 } from '@pmkit/p04-sys-migrate-pages';
import { patch as p05 } from '@pmkit/p05-mempolicy-migration';
import { patch as p06 } from '@pmkit/p06-mbind-control';
import { MPOL_MF_DO_MMIGRATE, MPOL_MF_DO_NOT_MMIGRATE, MPOL_MF_MMIGRATE_DEFAULT } from '@pmkit/p06-mbind-control/include/linux/mempolicy';
import { patch as p07 } from '../src/index.js';

const level6 = Series.of(base).push(p01).push(p02).push(p03).push(p04).push(p05).push(p06);
const level7 = level6.push(p07);
declareSymbols(level7.definitions.keys());

const boot = {
  before: () => start(link(level6, { m: createMachine(FOUR_NODES) })),
  after: () => start(link(level7, { m: createMachine(FOUR_NODES) })),
};
export const levels: readonly (keyof typeof boot)[] = ['before', 'after'];

/** A machine with swap, the batch scheduler on node 0, and a job on node 1 that has no memory yet. */
export function prepare(level: keyof typeof boot) {
  const k = boot[level]();
  addSwap(k);
  return { k, batchd: scheduler(k), task: spawn(k, { comm: 'job', cpu: 2 }) };
}

/** The marks of patch 6, by the flag of mbind() that sets them. */
export const MARKS = { none: MPOL_MF_MMIGRATE_DEFAULT, DO: MPOL_MF_DO_MMIGRATE, DO_NOT: MPOL_MF_DO_NOT_MMIGRATE } as const;
/** Marks the object that is mapped at an address. */
export const markAt = (k: AnyKernel, task: Task, address: number, mark: keyof typeof MARKS): number =>
  must(k, task, 'mbind', address, k.m.PAGE_SIZE, 0, null, 0, MARKS[mark]);
/** Marks a file as the migration library does: somebody else maps it, marks it and unmaps it. */
export function markFile(k: AnyKernel, path: string, mark: keyof typeof MARKS): void {
  const library = spawn(k, { comm: 'libmigrate', cpu: 0 });
  const address = mapFile(k, library, path, 1, READ, PRIVATE);
  markAt(k, library, address, mark);
  must(k, library, 'munmap', address, k.m.PAGE_SIZE);
  syscall(k, library, 'exit', 0);
}

/** A new file of so many pages that the job maps; its pages are read in on the job's node. */
export function mappedFile(k: AnyKernel, task: Task, path: string, pages: number, prot: number, flags: number): number {
  newFile(k, path, pages);
  const address = mapFile(k, task, path, pages, prot, flags);
  touch(k, task, address, pages, 'read');
  return address;
}

/** Makes a driver's mapping of what is mapped at an address. No system call here gives a vma with pages and VM_IO. */
export function makeIo(task: Task, address: number): void {
  vmaAt(task, address).vm_flags |= VM_IO;
}
