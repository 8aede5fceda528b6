/** What stops working when patches are left out: trees compared by what the catalogue sees in them. */
import { changesOf, type Behaviour } from '@pmkit/series/catalogue';
import type { BehaviourWitness, Change } from './model.js';
import type { Seen } from './observe.js';
import type { LoadedPatch } from './patches.js';

/** A tree, and what is not in it. */
interface Without {
  /** Names of the patches that were to be left out, and of those that had to go too. */
  readonly out: ReadonlySet<string>;
  readonly gone: ReadonlySet<string>;
  readonly seen: Seen;
}
export interface Changes { readonly own: readonly Change[]; readonly ofGone: readonly Change[]; readonly others: readonly Change[] }

/** Patches that a behaviour is about, or that change it, in the order of the series. */
const aboutOf = (behaviour: Behaviour, patches: readonly LoadedPatch[]): LoadedPatch[] => {
  const numbers = new Set([behaviour.patch, ...changesOf(behaviour)]);
  return patches.filter(({ number }) => number !== null && numbers.has(number));
};

/**
 * The behaviours that look different, in the order of the catalogue. One that is about patches which are not there is theirs, unless it is about a later one too, which is
 * there: then that does not do any more what it did.
 */
export function changesIn(behaviours: readonly Behaviour[], patches: readonly LoadedPatch[], whole: Seen, { out, gone, seen: now }: Without): Changes {
  const changes: { own: Change[]; ofGone: Change[]; others: Change[] } = { own: [], ofGone: [], others: [] };
  for (const behaviour of behaviours) {
    const seen = whole.get(behaviour.id)!;
    const without = now.get(behaviour.id)!;
    if (seen === without) continue;
    const about = aboutOf(behaviour, patches);
    const first = about.findIndex(({ name }) => out.has(name) || gone.has(name));
    const there = about.filter(({ name }, at) => at > first && !out.has(name) && !gone.has(name));
    const change: Change = { behaviour: behaviour.id, seen, without, about: there.map(({ name }) => name) };
    if (first < 0 || there.length > 0) changes.others.push(change);
    else if (about.some(({ name }) => out.has(name))) changes.own.push(change);
    else changes.ofGone.push(change);
  }
  return changes;
}

/** A tree with one patch left out. */
export interface SingleRun { readonly patch: string; readonly absent: ReadonlySet<string>; readonly changes: Changes }

/**
 * What a patch needs of another to show its own behaviours. When leaving out more patches changes a behaviour in the same way as leaving out some of them, it is
 * those that are needed.
 */
export function behaviouralNeeds(runs: readonly SingleRun[]): { patch: string; needs: string; witness: BehaviourWitness }[] {
  return runs.flatMap(({ patch: needs, absent, changes }) => {
    const smaller = runs.filter(run => run.absent.size < absent.size && [...run.absent].every(name => absent.has(name)));
    const isExplained = (change: Change): boolean => smaller.some(run => isAmong(change, run.changes));
    return changes.others.filter(change => !isExplained(change)).flatMap(({ about, behaviour, seen, without }) =>
      about.map(patch => ({ patch, needs, witness: { behaviour, seen, without } })));
  });
}

const allOf = ({ own, ofGone, others }: Changes): Change[] => [...own, ...ofGone, ...others];
const isAmong = ({ behaviour, without }: Change, changes: Changes): boolean => allOf(changes).some(other => other.behaviour === behaviour && other.without === without);

/** What shows in a tree without two patches neither what it shows without the first, nor without the second. */
export const together = (both: Changes, first: Changes, second: Changes): Change[] => allOf(both).filter(change => !isAmong(change, first) && !isAmong(change, second));
