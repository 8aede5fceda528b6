/** Runs behaviours: on one tree, or on all of them. */
import { LinkError } from '@pmkit/linker';
import { expected, NO_BUILD, type Behaviour, type Tree } from './behaviour.js';
import { Lab, type LabOptions } from './lab.js';
import type { Recording } from './recording.js';

/** What a behaviour showed in a tree, and whether that was expected. */
export interface Outcome { readonly tree: Tree; readonly seen: string; readonly expected: string; readonly ok: boolean }

/** Runs the scenario of a behaviour on a new machine. A tree that does not build has nothing but that to show. */
export function record(scenario: Behaviour['scenario'], tree: Tree, options: LabOptions = {}): Recording {
  const lab = new Lab(tree, options);
  try {
    return lab.recording(scenario(lab));
  } catch (error) {
    if (!(error instanceof LinkError)) throw error;
    return { steps: [], end: { tasks: [] }, seen: NO_BUILD };
  } finally {
    lab.dispose();
  }
}

export function observe(behaviour: Behaviour, tree: Tree): Outcome {
  const { seen } = record(behaviour.scenario, tree);
  const wanted = expected(behaviour, tree);
  return { tree, seen, expected: wanted, ok: seen === wanted };
}

/** Levels 0 to 10, without the hotplug patches below level 10. */
export const LEVEL_TREES: readonly Tree[] = Array.from({ length: 11 }, (_, level) => ({ level, hotplug: false }));
/** The same levels with the hotplug patches in the tree. Level 10 is the same tree in both. */
export const HOTPLUG_TREES: readonly Tree[] = Array.from({ length: 10 }, (_, level) => ({ level, hotplug: true }));

/** A row of the matrix: one behaviour in many trees. */
export interface Row { readonly behaviour: Behaviour; readonly outcomes: readonly Outcome[] }

/** Observes each behaviour in each tree. A scenario that cannot be carried out is something seen, and not what was expected. */
export function* matrix(behaviours: Iterable<Behaviour>, trees: readonly Tree[]): Generator<Row> {
  for (const behaviour of behaviours) yield { behaviour, outcomes: trees.map(tree => observeAnyhow(behaviour, tree)) };
}

function observeAnyhow(behaviour: Behaviour, tree: Tree): Outcome {
  const seen = seenAnyhow(behaviour, tree);
  const wanted = expected(behaviour, tree);
  return { tree, seen, expected: wanted, ok: seen === wanted };
}

/** What a behaviour shows in a tree, or why its scenario cannot be carried out there. */
export function seenAnyhow({ scenario }: Behaviour, tree: Tree, options: LabOptions = {}): string {
  try {
    return record(scenario, tree, options).seen;
  } catch (error) {
    return `scenario failed: ${error instanceof Error ? error.message : String(error)}`;
  }
}
