/** Small machines at the level of patch 5 and at the level below. */
import { declareSymbols, link, Series } from '@pmkit/linker';
import { base, createMachine, start, type MachineConfig, type Task } from '@pmkit/mm-core';
import { MPOL_F_NODE } from '@pmkit/mm-core/include/linux/mempolicy';
import { addSwap, FOUR_NODES, mask, MAXNODE, must, scheduler, startJob, type AnyKernel } from '@pmkit/mm-core/testing';
import { patch as p01 } from '@pmkit/p01-steal-page-from-lru';
import { patch as p02 } from '@pmkit/p02-xfs-migrate-page';
import { patch as p03 } from '@pmkit/p03-node-map-argument';
import { patch as p04 } from '@pmkit/p04-sys-migrate-pages';
import { patch as p05 } from '../src/index.js';

const level4 = Series.of(base).push(p01).push(p02).push(p03).push(p04);
const level5 = level4.push(p05);
declareSymbols(level5.definitions.keys());

const bootLevel4 = (config: MachineConfig = FOUR_NODES) => start(link(level4, { m: createMachine(config) }));
export const bootLevel5 = (config: MachineConfig = FOUR_NODES) => start(link(level5, { m: createMachine(config) }));
const boot = { before: bootLevel4, after: bootLevel5 };
export const levels: readonly (keyof typeof boot)[] = ['before', 'after'];

/** A machine with swap, the batch scheduler on node 0, and a job on node 1 with two pages of private memory. */
export function prepare(level: keyof typeof boot) {
  const k = boot[level]();
  addSwap(k);
  return { k, batchd: scheduler(k), ...startJob(k, 1, 2) };
}
/** The same at the level of the patch, with all of its symbols. */
export function prepareLevel5(config: MachineConfig = FOUR_NODES) {
  const k = bootLevel5(config);
  addSwap(k);
  return { k, batchd: scheduler(k), ...startJob(k, 1, 2) };
}

export const setPolicy = (k: AnyKernel, task: Task, mode: number, ...nodes: number[]): number => must(k, task, 'set_mempolicy', mode, mask(...nodes), MAXNODE);
export const mbind = (k: AnyKernel, task: Task, address: number, pages: number, mode: number, ...nodes: number[]): number =>
  must(k, task, 'mbind', address, pages * k.m.PAGE_SIZE, mode, mask(...nodes), MAXNODE, 0);
/** The node an interleaving task allocates on next. */
export function nextTurn(k: AnyKernel, task: Task): number {
  const node = { value: -2 };
  must(k, task, 'get_mempolicy', node, null, 0, 0, MPOL_F_NODE);
  return node.value;
}
