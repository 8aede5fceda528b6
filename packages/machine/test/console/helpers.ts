import { setImmediate as round } from 'node:timers/promises';
import { check_invariants } from '@pmkit/mm-core/testing';
import { MachineBuffers } from '@pmkit/series/catalogue';
import { expect, onTestFinished, TestRunner } from 'vitest';
import { Box, programs, type BoxOptions, type Program } from '../../src/console/index.js';
import { FileError } from '../../src/console/files/index.js';
import { uniformTopology } from '../../src/topology/index.js';
import { machineConfig } from '../../src/config.js';

/** So many machines of one test take buffers of tests that are done: a test with hundreds would keep them all. */
const POOLED_BOXES = 8;
type End = () => Promise<void>;
/** How the pooled machines of a test end, and of each machine. */
const endsOf = new WeakMap<object, Set<End>>();
const ends = new WeakMap<Box, End>();

/** The pooled machines of the test that runs now; null where machines could be needed after it, or are too many. */
function poolOfTest(): Set<End> | null {
  const test = TestRunner.getCurrentTest();
  if (test === undefined) return null;
  let pool = endsOf.get(test);
  if (pool === undefined) {
    const made: Set<End> = pool = new Set();
    endsOf.set(test, made);
    onTestFinished(async () => { for (const end of made) await end(); });
  }
  return pool.size < POOLED_BOXES ? pool : null;
}

/** Whatever still runs learns that it is gone, as when the machine is booted again. */
async function stop(box: Box): Promise<void> {
  box.powerOff();
  for (const task of box.k.m.tasks.values()) task.state = 'X';
  box.scheduler.powerOff();
  await round();
}

/** Four nodes of 2048 pages (32 MB), two CPUs each, and 1024 slots of swap. A box that a test makes is gone when the test ends, unless it is to last. */
export function newBox(options: Partial<BoxOptions> & { readonly level?: number; readonly lasting?: boolean } = {}): Box {
  const { level = 10, lasting = false, machine = machineConfig(uniformTopology({ nodes: 4, pagesPerNode: 2048 })), ...others } = options;
  const pool = lasting ? null : poolOfTest();
  const buffers = new MachineBuffers();
  const box = new Box({
    tree: { level, hotplug: false }, machine: pool === null ? machine : { ...machine, buffer: buffers.allocate }, swap: 1024, programs, ...others,
  });
  if (pool === null) return box;
  const { m } = box.k;
  const end = async (): Promise<void> => {
    if (!pool.delete(end) || box.k.m !== m) return; // after a reboot there are buffers of two machines
    await stop(box);
    buffers.release(m);
  };
  pool.add(end);
  ends.set(box, end);
  return box;
}

/** A test that makes many machines is done with one: the next gets its memory. */
export async function endBox(box: Box): Promise<void> {
  await ends.get(box)?.();
}

/** A program whose main() is the test's. */
export const program = (command: string, run: Program['run']): Program => ({ path: `/usr/bin/${command}`, summary: 'of a test', manual: 'of a test', run });

/** Nothing is wrong with the machine, and the kit itself has not failed. */
export function expectSound(box: Box): void {
  expect(box.internalErrors).toEqual([]);
  expect(check_invariants(box.k)).toEqual([]);
}

/** `done`, or what `describe` makes of the error that a file operation ends with. */
export async function outcomeOf(action: () => unknown, describe: (error: FileError) => string): Promise<string> {
  try {
    await action();
    return 'done';
  } catch (error) {
    if (!(error instanceof FileError)) throw error;
    return describe(error);
  }
}
