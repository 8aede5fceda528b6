/** Small machines at the level of patch 9 and at the level below, and users. */
import { declareSymbols, link, Series } from '@pmkit/linker';
import { base, createMachine, spawn, start, syscall, type Task } from '@pmkit/mm-core';
import { CAP_SYS_ADMIN } from '@pmkit/mm-core/include/linux/sched';
import { addSwap, anonymous, FOUR_NODES, must, type AnyKernel } from '@pmkit/mm-core/testing';
import { patch as p01 } from '@pmkit/p01-steal-page-from-lru';
import { patch as p02 } from '@pmkit/p02-xfs-migrate-page';
import { patch as p03 } from '@pmkit/p03-node-map-argument';
import { patch as p04 } from '@pmkit/p04-sys-migrate-pages';
import { patch as p05 } from '@pmkit/p05-mempolicy-migration';
import { patch as p06 } from '@pmkit/p06-mbind-control';
import { patch as p07 } from '@pmkit/p07-migration-selection';
import { patch as p08 } from '@pmkit/p08-cpuset-support';
import { patch as p09 } from '../src/index.js';

const level8 = Series.of(base).push(p01).push(p02).push(p03).push(p04).push(p05).push(p06).push(p07).push(p08);
const level9 = level8.push(p09);
declareSymbols(level9.definitions.keys());

const boot = {
  before: () => start(link(level8, { m: createMachine(FOUR_NODES) })),
  after: () => start(link(level9, { m: createMachine(FOUR_NODES) })),
};
export type Level = keyof typeof boot;
export const levels: readonly Level[] = ['before', 'after'];

/** Two users, neither of whom is root. */
export const OWNER = 1000;
export const STRANGER = 2000;

/** A machine with swap, a job of OWNER on node 1 with four pages of private memory, and a caller of user `uid` on node 0. */
export function prepare(level: Level, uid: number) {
  const k = boot[level]();
  addSwap(k);
  const task = spawn(k, { comm: 'job', uid: OWNER, cpu: 2 });
  return { k, caller: spawn(k, { comm: 'caller', uid, cpu: 0 }), task, address: anonymous(k, task, 4) };
}

/** A capability bit, as it is in task.cap_effective. */
export const capability = (cap: number): number => 1 << cap;
export const ADMIN = capability(CAP_SYS_ADMIN);

/** setresuid() by the task itself; -1 keeps an id. */
export const become = (k: AnyKernel, task: Task, uid: number, euid: number, suid: number): number => must(k, task, 'setresuid', uid, euid, suid);

/** A child that has ended and is not waited for; it belongs to its parent's user. */
export function zombie(k: AnyKernel, parent: Task): Task {
  const child = spawn(k, { comm: 'child', parent });
  syscall(k, child, 'exit', 0);
  return child;
}
