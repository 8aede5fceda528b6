/** Small machines at the level of patch 6 and at the level below, and the two calls that it extends. */
import { declareSymbols, link, Series } from '@pmkit/linker';
import { base, createMachine, start, syscall, type Task } from '@pmkit/mm-core';
import { MPOL_DEFAULT } from '@pmkit/mm-core/include/linux/mempolicy';
import { FOUR_NODES, type AnyKernel } from '@pmkit/mm-core/testing';
import { patch as p01 } from '@pmkit/p01-steal-page-from-lru';
import { patch as p02 } from '@pmkit/p02-xfs-migrate-page';
import { patch as p03 } from '@pmkit/p03-node-map-argument';
import { patch as p04 } from '@pmkit/p04-sys-migrate-pages';
import { patch as p05 } from '@pmkit/p05-mempolicy-migration';
import { MPOL_F_MMIGRATE } from '../src/include/linux/mempolicy.js';
import { patch as p06 } from '../src/index.js';

const level5 = Series.of(base).push(p01).push(p02).push(p03).push(p04).push(p05);
const level6 = level5.push(p06);
declareSymbols(level6.definitions.keys());

export const bootLevel5 = () => start(link(level5, { m: createMachine(FOUR_NODES) }));
export const bootLevel6 = () => start(link(level6, { m: createMachine(FOUR_NODES) }));

/** mbind() as the changelog documents it for the new flags: mode, nmask and maxnode are 0. */
export const mark = (k: AnyKernel, task: Task, address: number, pages: number, flags: number): number =>
  syscall(k, task, 'mbind', address, pages * k.m.PAGE_SIZE, MPOL_DEFAULT, null, 0, flags);

/** What get_mempolicy() says with the new flag: the value, or the errno. */
export function markAt(k: AnyKernel, task: Task, address: number): number {
  const policy = { value: -1 };
  const error = syscall(k, task, 'get_mempolicy', policy, null, 0, address, MPOL_F_MMIGRATE);
  return error === 0 ? policy.value : error;
}
