/** The catalogue, run in a tree that is no level of the series. */
import { linkUnchecked } from '@pmkit/linker';
import { createMachine, start, type MachineConfig } from '@pmkit/mm-core';
import { behaviours, seenAnyhow, type Tree } from '@pmkit/series/catalogue';
import { TOP_LEVEL, type AnyKernel } from '@pmkit/series/levels';
import type { PatchEntry } from '@pmkit/series/stack';
import { definitionsWithout } from './leave-out.js';
import { loadPatches } from './patches.js';

/** Scenarios that ask for the tree itself, and not for the kernel, are told of the whole series. */
const WHOLE: Tree = { level: TOP_LEVEL, hotplug: false };

/** What each behaviour of the catalogue shows, by id. */
export type Seen = ReadonlyMap<string, string>;

/** What is to be run, and in which tree: a series, the names of the patches that are not pushed, the ids of the behaviours. The tree must build. */
export interface ObserveJob { readonly entries: readonly PatchEntry[]; readonly absent: readonly string[]; readonly behaviours: readonly string[] }

/** Runs each behaviour on a new machine with the kernel of the tree. */
export async function observeWithout({ entries, absent, behaviours: ids }: ObserveJob): Promise<Seen> {
  const definitions = definitionsWithout(await loadPatches(entries), new Set(absent));
  const bootKernel = (config: MachineConfig): AnyKernel => start(linkUnchecked({ definitions }, { m: createMachine(config) }) as AnyKernel);
  return new Map(behaviours.filter(({ id }) => ids.includes(id)).map(behaviour => [behaviour.id, seenAnyhow(behaviour, WHOLE, { bootKernel })]));
}
