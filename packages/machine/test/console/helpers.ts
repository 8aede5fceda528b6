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
const pooled = new WeakMap<object, number>();

/** Buffers for the machine of the test that runs now; null where they could be needed after it, or are too many. */
function buffersOfTest(): MachineBuffers | null {
  const test = TestRunner.getCurrentTest();
  if (test === undefined) return null;
  const boxes = (pooled.get(test) ?? 0) + 1;
  pooled.set(test, boxes);
  return boxes > POOLED_BOXES ? null : new MachineBuffers();
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
  const buffers = lasting ? null : buffersOfTest();
  const box = new Box({
    tree: { level, hotplug: false }, machine: buffers === null ? machine : { ...machine, buffer: buffers.allocate }, swap: 1024, programs, ...others,
  });
  const { m } = box.k;
  if (buffers !== null) {
    onTestFinished(async () => {
      if (box.k.m !== m) return; // after a reboot there are buffers of two machines
      await stop(box);
      buffers.release(m);
    });
  }
  return box;
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
