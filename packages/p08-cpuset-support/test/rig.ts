/** Small machines at the level of patch 8 and at the level below, and tasks in cpusets. */
import { declareSymbols, link, Series } from '@pmkit/linker';
import { base, createMachine, spawn, start, syscall, type K, type MachineConfig, type Task } from '@pmkit/mm-core';
import { SIGKILL } from '@pmkit/mm-core/include/linux/sched';
import { addSwap, FOUR_NODES, startJob, type AnyKernel } from '@pmkit/mm-core/testing';
import { patch as p01 } from '@pmkit/p01-steal-page-from-lru';
import { patch as p02 } from '@pmkit/p02-xfs-migrate-page';
import { patch as p03 } from '@pmkit/p03-node-map-argument';
import { patch as p04 } from '@pmkit/p04-sys-migrate-pages';
import { patch as p05 } from '@pmkit/p05-mempolicy-migration';
import { patch as p06 } from '@pmkit/p06-mbind-control';
import { patch as p07 } from '@pmkit/p07-migration-selection';
import { patch as p08 } from '../src/index.js';

const level7 = Series.of(base).push(p01).push(p02).push(p03).push(p04).push(p05).push(p06).push(p07);
const level8 = level7.push(p08);
declareSymbols(level8.definitions.keys());

const bootLevel7 = (config: MachineConfig) => start(link(level7, { m: createMachine(config) }));
const bootLevel8 = (config: MachineConfig) => start(link(level8, { m: createMachine(config) }));
const boot = { before: bootLevel7, after: bootLevel8 };
export const levels: readonly (keyof typeof boot)[] = ['before', 'after'];
type Kernel = AnyKernel & K<'cpuset_mkdir' | 'cpuset_write' | 'do_exit' | 'release_task'>;

/** A machine with swap, a batch scheduler that has no memory of its own, and a job on node 1 with four pages of private memory. */
export function prepare(level: keyof typeof boot, config: MachineConfig = FOUR_NODES) {
  const k = boot[level](config);
  return { k, ...people(k) };
}
/** The same at the level of the patch, with all of its symbols. */
export function prepareLevel8(config: MachineConfig = FOUR_NODES) {
  const k = bootLevel8(config);
  return { k, ...people(k) };
}
function people(k: Kernel) {
  addSwap(k);
  return { batchd: spawn(k, { comm: 'batchd', cpu: 0 }), ...startJob(k, 1, 4) };
}

/** echo text > path/file, by root. */
export function echo(k: Kernel, path: string, file: string, text: string): void {
  if (k.cpuset_write(path, file, text) !== text.length) throw new Error(`cannot write ${text} to ${path}/${file}`);
}
/** A new cpuset with all CPUs and these nodes; whoever is named is moved into it. */
export function newCpuset(k: Kernel, path: string, mems: string, ...tasks: Task[]): void {
  if (k.cpuset_mkdir(path) !== 0) throw new Error(`cannot make ${path}`);
  echo(k, path, 'cpus', '0-7');
  echo(k, path, 'mems', mems);
  for (const task of tasks) echo(k, path, 'tasks', `${task.pid}`);
}

/** The task ends while somebody else is in a system call; with `reap` its parent has waited for it, too, and it is known no more. */
export function endMeanwhile(k: Kernel, task: Task, reap: boolean): void {
  const { current } = k.m;
  k.m.current = task;
  k.do_exit(SIGKILL);
  k.m.current = current;
  if (reap && k.m.tasks.has(task.pid)) k.release_task(task);
}

/** The child of somebody that has ended and is not waited for. */
export function zombie(k: Kernel, parent: Task): Task {
  const child = spawn(k, { comm: 'child', parent });
  syscall(k, child, 'exit', 0);
  return child;
}
