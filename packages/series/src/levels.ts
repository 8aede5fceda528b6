/**
 * The levels of the series: level 0 is the base tree, level N has patches 1 to N; level 10 has the hotplug patches N1.0 and N1.1 below patch 10 too. Each is pushed and
 * linked under the eyes of the type checker: a level that does not build does not compile. The trees with the hotplug patches on lower levels do not all build, so
 * those are checked at run time.
 */
import { declareSymbols, link, linkUnchecked, provenBy, relink, Series, type Calls, type Definitions } from '@pmkit/linker';
import { base, createMachine, start, type Kernel0, type Machine, type MachineConfig } from '@pmkit/mm-core';
import { checkLiveChange } from './live.js';
export { LiveChangeError } from './live.js';
import { patch as n10, type KernelN10 } from '@pmkit/n10-memsection-migrate';
import { patch as n11 } from '@pmkit/n11-pass-page-list';
import { patch as p01 } from '@pmkit/p01-steal-page-from-lru';
import { patch as p02 } from '@pmkit/p02-xfs-migrate-page';
import { patch as p03 } from '@pmkit/p03-node-map-argument';
import { patch as p04 } from '@pmkit/p04-sys-migrate-pages';
import { patch as p05 } from '@pmkit/p05-mempolicy-migration';
import { patch as p06 } from '@pmkit/p06-mbind-control';
import { patch as p07 } from '@pmkit/p07-migration-selection';
import { patch as p08 } from '@pmkit/p08-cpuset-support';
import { patch as p09 } from '@pmkit/p09-permissions-check';
import { patch as p10 } from '@pmkit/p10-hotplug-fixup';

/** Each level is judged by the type checker here, so that nobody has to wait for the linker to read a thousand functions when a machine boots. */
const proven = provenBy<{ readonly m: Machine }>();

export const level0 = proven(Series.of(base));
export const level1 = proven(level0.push(p01));
export const level2 = proven(level1.push(p02));
export const level3 = proven(level2.push(p03));
export const level4 = proven(level3.push(p04));
export const level5 = proven(level4.push(p05));
export const level6 = proven(level5.push(p06));
export const level7 = proven(level6.push(p07));
export const level8 = proven(level7.push(p08));
export const level9 = proven(level8.push(p09));
export const level10 = proven(level9.push(n10).push(n11).push(p10));

/** By level. */
export const levels = [level0, level1, level2, level3, level4, level5, level6, level7, level8, level9, level10] as const;
/** The highest level there is. */
export const TOP_LEVEL = levels.length - 1;

/** What every level's kernel has, as who uses a kernel sees it. try_to_migrate_pages() is not among it: its prototype changes. */
export type AnyKernel = Omit<Calls<Kernel0, keyof Kernel0>, 'try_to_migrate_pages'> & { readonly m: Machine };

/** The same with the hotplug patches. */
export type HotplugKernel = AnyKernel & Calls<KernelN10, 'capture_page_range' | '__remove_pages'>;

/** One order of symbols for all levels, so that their kernels share a hidden class. */
declareSymbols([...level10.definitions.keys()].sort());

const linkers = [
  (m: Machine): AnyKernel => link(level0, { m }),
  (m: Machine): AnyKernel => link(level1, { m }),
  (m: Machine): AnyKernel => link(level2, { m }),
  (m: Machine): AnyKernel => link(level3, { m }),
  (m: Machine): AnyKernel => link(level4, { m }),
  (m: Machine): AnyKernel => link(level5, { m }),
  (m: Machine): AnyKernel => link(level6, { m }),
  (m: Machine): AnyKernel => link(level7, { m }),
  (m: Machine): AnyKernel => link(level8, { m }),
  (m: Machine): AnyKernel => link(level9, { m }),
  (m: Machine): AnyKernel => link(level10, { m }),
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

const hotplugTrees = new Map<number, { readonly definitions: Definitions }>();

/**
 * The tree of a level with the hotplug patches N1.0 and N1.1 on top; level 10 has them already. Levels 3 to 9 do not build with them.
 * @throws {RangeError} when there is no such level.
 */
export function hotplugAt(level: number): { readonly definitions: Definitions } {
  checkLevel(level);
  if (level === TOP_LEVEL) return level10;
  let tree = hotplugTrees.get(level);
  if (tree === undefined) hotplugTrees.set(level, (tree = levels[level]!.pushUnchecked(n10).pushUnchecked(n11)));
  return tree;
}

/**
 * Its kernel over a machine.
 * @throws {RangeError} when there is no such level.
 * @throws {LinkError} at levels 3 to 9: capture_page_range() calls try_to_migrate_pages() without the node map of patch 3.
 */
export function hotplugKernelAt(level: number, m: Machine): HotplugKernel {
  return linkUnchecked(hotplugAt(level), { m }) as HotplugKernel;
}

/**
 * Pushes or pops patches on a running machine until its kernel is that of `level`. State and identity of the kernel stay: memory, tasks, and those that
 * sleep in code that does not change.
 * @throws {RangeError} when there is no such level.
 * @throws {LiveChangeError} when a task sleeps inside code that would be replaced; nothing is changed then.
 */
export function goTo(kernel: AnyKernel, level: number): void {
  checkLevel(level);
  const { definitions } = levels[level]!;
  checkLiveChange(kernel, definitions);
  relink(kernel, { definitions });
}
