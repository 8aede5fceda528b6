/**
 * Runs sequences: one by one (replay(), for counterexamples and regression tests) or as a fast-check property (fuzz(), for the test run
 * and the soak).
 */
import fc from 'fast-check';
import { settle, syscall } from '@pmkit/mm-core';
import { stateHash } from '@pmkit/mm-core/testing';
import { SIGKILL } from '@pmkit/mm-core/include/linux/sched';
import type { AnyKernel } from '../../src/levels.js';
import { checkWorld, readLog } from './check.js';
import * as memory from './commands-memory.js';
import { evacuate, migrate, migrateAmid, migrateBadly } from './commands-migrate.js';
import * as objects from './commands-objects.js';
import * as programs from './commands-programs.js';
import * as tasks from './commands-tasks.js';
import { commandsArbitrary, specArbitrary, type Command, type MachineSpec } from './model.js';
import { Violation, World } from './world.js';

/** What each command does. */
const actions: { readonly [Op in Command['op']]: (world: World, command: Extract<Command, { op: Op }>) => void } = {
  mmap: memory.mmap, mmapFile: memory.mmapFile, mmapOver: memory.mmapOver, munmap: memory.munmap, mprotect: memory.mprotect, mlock: memory.mlock,
  mlockall: memory.mlockall, touch: memory.touchRange, load: memory.loadRange, hog: memory.hog, fork: tasks.fork, exec: programs.exec,
  growStack: programs.growStack, brk: programs.brk, exit: tasks.exit, kill: tasks.kill, reap: tasks.reap, spawn: tasks.spawnJob,
  write: objects.write, read: objects.read, truncate: objects.truncate, create: objects.create, unlink: objects.unlink, fsync: objects.fsync,
  sync: objects.sync, dropCache: objects.dropCache, shmget: objects.shmget, shmat: objects.shmat, shmdt: objects.shmdt, shmctl: objects.shmctl,
  setMempolicy: objects.setMempolicy, mbind: objects.mbind, getMempolicy: objects.getMempolicy, mark: objects.mark, cpuset: objects.cpuset, affinity: objects.affinity,
  swapon: tasks.swapon, swapoff: tasks.swapoff, pin: tasks.pin, unpin: tasks.unpin, migrate,
  migrateAmid: (world, command) => migrateAmid(world, command, execute), migrateBadly, evacuate, relink: tasks.relink,
  settle: tasks.settleDown,
};
function execute(world: World, command: Command): void {
  (actions[command.op] as (world: World, command: Command) => void)(world, command);
}

/** How a sequence went, for statistics: how many commands, and why it ended early. */
export interface Played { readonly commands: number; readonly ended: string | null; readonly world: World }

interface ReplayOptions {
  /** Spoils the kernel before the first command: for tests of what the fuzz notices. */
  readonly tamper?: (k: AnyKernel) => void;
  /** Runs on the flat kernels, which must be loaded. */
  readonly flat?: boolean;
}

/**
 * Runs one sequence and checks the machine after every command.
 * @throws {Violation} naming the command after which something did not hold.
 */
export function replay(spec: MachineSpec, commands: readonly Command[], { tamper, flat = false }: ReplayOptions = {}): Played {
  const world = new World(spec, flat);
  tamper?.(world.k);
  let count = 0;
  const step = (what: () => string, action: () => void): void => {
    try {
      action();
      if (spec.settle) settle(world.k);
      if (world.ended === null) checkWorld(world, readLog(world));
    } catch (error) {
      const text = error instanceof Violation ? error.message : error instanceof Error ? (error.stack ?? error.message) : String(error);
      throw new Violation(`${what()}:\n${text}`, { cause: error });
    }
  };
  step(() => 'at the start', () => {
    for (let i = 0; i < spec.jobs; i++) memory.startJob(world, i, i === 3 ? 1000 : 0);
  });
  for (const command of commands) {
    if (world.ended !== null) break;
    step(() => `after command ${count}, ${fc.stringify(command)}`, () => execute(world, command));
    count++;
  }
  if (world.ended === null) finish(world, step);
  return { commands: count, ended: world.ended, world };
}

/** The end of every sequence: I/O is done, everybody reads what he has, everybody exits, and nothing is left over. */
function finish(world: World, step: (what: () => string, action: () => void) => void): void {
  step(() => 'at the end, when I/O is done', () => settle(world.k));
  for (const task of [...world.jobs]) {
    if (world.ended !== null || task.state !== 'R' || !world.jobs.includes(task)) continue;
    step(() => `at the end, when ${task.comm}[${task.pid}] reads its memory`, () => {
      const space = world.spaceOf(task);
      for (const page of [...space.pages.keys()]) memory.loadPages(world, task, space, page, 1);
    });
  }
  if (world.ended !== null) return;
  step(() => 'at the end, when all are killed', () => {
    for (const task of world.jobs) {
      world.dies(task, SIGKILL);
      syscall(world.k, world.batchd, 'kill', task.pid, SIGKILL);
    }
    settle(world.k);
  });
}

/** Runs one sequence on the flat kernels too. @throws {Violation} when the machine is not in the state in which the table has left it. */
function replayFlat(spec: MachineSpec, commands: readonly Command[], table: Played): void {
  const flat = replay(spec, commands, { flat: true });
  const same = flat.ended === table.ended && stateHash(flat.world.k) === stateHash(table.world.k);
  flat.world.dispose();
  if (!same) throw new Violation(`the flat kernel goes another way: ${flat.commands} commands (${flat.ended ?? 'to the end'}), the table ${table.commands} (${table.ended ?? 'to the end'})`);
}

export interface FuzzOptions {
  readonly seed: number;
  readonly runs: number;
  /** Level that all machines boot with; default: any. */
  readonly level?: number | undefined;
  readonly maxLength: number;
  /** Of so many sequences one is run on the flat kernels as well, which must be loaded. */
  readonly flatEvery: number;
  /** Runs only the counterexample that fast-check has called by this path. */
  readonly path?: string | undefined;
}

/** fast-check's report of a failure names seed and path and holds the shrunk counterexample: the arguments of replay(). */
export function fuzz({ seed, runs, level, maxLength, flatEvery, path }: FuzzOptions): void {
  const both = fc.nat({ max: flatEvery - 1 }).map(n => n === 0);
  fc.assert(fc.property(specArbitrary(level), commandsArbitrary(maxLength), both, (spec, commands, flat) => {
    const table = replay(spec, commands);
    if (flat) replayFlat(spec, commands, table);
    table.world.dispose();
  }), {
    seed, ...(path === undefined || path === '' ? { numRuns: runs } : { path, numRuns: 1, endOnFailure: true }),
  });
}
