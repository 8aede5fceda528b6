import { check_invariants } from '@pmkit/mm-core/testing';
import { expect } from 'vitest';
import { Box, programs, type BoxOptions, type Program } from '../../src/console/index.js';
import { FileError } from '../../src/console/files/index.js';
import { uniformTopology } from '../../src/topology/index.js';
import { machineConfig } from '../../src/config.js';

/** Four nodes of 2048 pages (32 MB), two CPUs each, and 1024 slots of swap. */
export function newBox(options: Partial<BoxOptions> & { readonly level?: number } = {}): Box {
  return new Box({
    tree: { level: options.level ?? 10, hotplug: false }, machine: machineConfig(uniformTopology({ nodes: 4, pagesPerNode: 2048 })), swap: 1024, programs, ...options,
  });
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
