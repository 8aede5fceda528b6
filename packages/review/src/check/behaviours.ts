/** What the catalogue says of a patch: run below it and with it, and what is known to be wrong. */
import { expected, treeName, type Behaviour, type Tree } from '@pmkit/series/catalogue';
import { concerns } from '@pmkit/series/patches';
import type { PatchEntry } from '@pmkit/series/stack';
import { examine, type Examined } from './examine.js';
import { checkOf, counted, type Check, type CheckCase, type Place } from './model.js';
import type { Places } from './places.js';

/** The trees that a patch is judged by: below it and with it. Those of the hotplug project are judged on the base tree, where they build. */
export const treesOf = ({ number }: PatchEntry): readonly [Tree, Tree] =>
  number === undefined ? [{ level: 0, hotplug: false }, { level: 0, hotplug: true }] : [{ level: number - 1, hotplug: false }, { level: number, hotplug: false }];

/** A behaviour of a patch, in the two trees. */
interface Run { readonly behaviour: Behaviour; readonly below: Examined; readonly at: Examined; readonly place: Place | null }

export function checkCatalogue(entry: PatchEntry, behaviours: readonly Behaviour[], places: Places): Check[] {
  const [belowTree, tree] = treesOf(entry);
  const runs = behaviours.filter(behaviour => concerns(behaviour, entry.number)).map((behaviour): Run => {
    const [below, at] = [examine(behaviour, belowTree, entry.name), examine(behaviour, tree, entry.name)];
    return { behaviour, below, at, place: at.entered === null ? null : places(at.entered, entry.package) };
  });
  const known = runs.filter(({ behaviour }) => isFinding(behaviour, entry.number));
  return [checkSeen(runs, belowTree, tree), checkInvariants(runs), checkFindings(known, entry.number)];
}

/** Whether each is as expected, in both trees. */
function checkSeen(runs: readonly Run[], belowTree: Tree, tree: Tree): Check {
  const cases = runs.flatMap(({ behaviour, below, at, place }) => [seenCase(behaviour, belowTree, below, null), seenCase(behaviour, tree, at, place)]);
  return checkOf('behaviours', cases, odd => `${counted(runs.length, 'behaviour')} at levels ${treeName(belowTree)} and ${treeName(tree)}: ${odd === 0 ? 'all as expected' : `${odd} not as expected`}`);
}

function seenCase(behaviour: Behaviour, tree: Tree, { seen }: Examined, place: Place | null): CheckCase {
  const wanted = expected(behaviour, tree);
  const name = `${behaviour.id} at level ${treeName(tree)}`;
  return seen === wanted ? { name, status: 'pass', text: seen, place } : { name, status: 'fail', text: `seen ${seen}, expected ${wanted}`, place };
}

/** Whether a scenario leaves a machine behind whose state contradicts itself, where it did not below the patch: pins of the scenario's own are there in both. */
function checkInvariants(runs: readonly Run[]): Check {
  const cases = runs.map(({ behaviour: { id }, below, at, place }): CheckCase => {
    const before = new Set(below.violations);
    const fresh = at.violations.filter(violation => !before.has(violation));
    return fresh.length === 0 ? { name: id, status: 'pass', text: 'as consistent as below the patch', place } : { name: id, status: 'warn', text: fresh.join('\n'), place };
  });
  return checkOf('invariants', cases, odd => (odd === 0 ? 'no scenario leaves more behind than below the patch' : `${counted(odd, 'scenario')} of ${runs.length} ${odd === 1 ? 'leaves' : 'leave'} a machine behind that is not consistent`));
}

/** What a reviewer has to be told: what the patch makes worse, and what the catalogue has under it that is no claim. A hotplug patch answers for all that is about hotplug. */
const isFinding = ({ kind, patch, breaks }: Behaviour, number: number | undefined): boolean =>
  (number !== undefined && breaks === number) || (kind !== 'claim' && (number === undefined || patch === number));

/** A defect may also be one that the patch mends: what is seen below it and with it tells. */
function checkFindings(known: readonly Run[], number: number | undefined): Check {
  const cases = known.map(({ behaviour: { id, kind, breaks, sentence, sources }, below, at, place }): CheckCase => {
    const seen = below.seen === at.seen ? `Below the patch and with it: ${at.seen}` : `Below the patch: ${below.seen}\nWith it: ${at.seen}`;
    const name = `${number !== undefined && breaks === number ? 'broken by it' : kind}: ${id}`;
    return { name, status: 'warn', text: `${sentence}\n${seen}\n${sources.map(source => `${source.from}: ${source.at}`).join('; ')}`, place };
  });
  const defects = known.filter(({ behaviour }) => behaviour.kind === 'defect').length;
  return checkOf('findings', cases, () => (known.length === 0 ? 'nothing is known to be wrong' : `${counted(defects, 'defect')}, ${counted(known.length - defects, 'other finding')}`));
}
