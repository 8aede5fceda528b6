/**
 * The levels of the series that exist: level 0 is the base tree, level N has patches 1 to N. Each is pushed and linked under the eyes
 * of the type checker: a level that does not build does not compile.
 */
import { declareSymbols, link, relink, Series } from '@pmkit/linker';
import { base, createMachine, start, type Kernel0, type Machine, type MachineConfig } from '@pmkit/mm-core';
import { patch as p01 } from '@pmkit/p01-steal-page-from-lru';
import { patch as p02 } from '@pmkit/p02-xfs-migrate-page';
import { patch as p03 } from '@pmkit/p03-node-map-argument';
import { patch as p04 } from '@pmkit/p04-sys-migrate-pages';

export const level0 = Series.of(base);
export const level1 = level0.push(p01);
export const level2 = level1.push(p02);
export const level3 = level2.push(p03);
export const level4 = level3.push(p04);

/** By level. */
export const levels = [level0, level1, level2, level3, level4] as const;
/** The highest level there is. */
export const TOP_LEVEL = levels.length - 1;

/** What every level's kernel has; a patch's own symbols are on the kernel of linkLevelN(). */
export type AnyKernel = Omit<Kernel0, 'try_to_migrate_pages'> & { readonly m: Machine };

/** One order of symbols for all levels, so that their kernels share a hidden class. */
declareSymbols([...level4.definitions.keys()].sort());

const linkers = [
  (m: Machine): AnyKernel => link(level0, { m }),
  (m: Machine): AnyKernel => link(level1, { m }),
  (m: Machine): AnyKernel => link(level2, { m }),
  (m: Machine): AnyKernel => link(level3, { m }),
  (m: Machine): AnyKernel => link(level4, { m }),
] as const;

function checkLevel(level: number): void {
  if (!Number.isInteger(level) || level < 0 || level > TOP_LEVEL) throw new RangeError(`level: expected 0 to ${TOP_LEVEL}, found ${level}`);
}

/**
 * The kernel of a level over a machine.
 * @throws {RangeError} when there is no such level.
 */
export function kernelAt(level: number, m: Machine): AnyKernel {
  checkLevel(level);
  return linkers[level]!(m);
}

/**
 * Boots a new machine with the kernel of a level.
 * @throws {RangeError} naming the level, or the field of the configuration that cannot be.
 */
export function bootAt(level: number, config: MachineConfig): AnyKernel {
  checkLevel(level);
  return start(kernelAt(level, createMachine(config)));
}

/**
 * Pushes or pops patches on a running machine until its kernel is that of `level`. State and identity of the kernel stay.
 * @throws {RangeError} when there is no such level.
 */
export function goTo(kernel: AnyKernel, level: number): void {
  checkLevel(level);
  relink(kernel, levels[level]!);
}
