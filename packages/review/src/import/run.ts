/** An imported stack before the catalogue: what is seen at each of its trees. This runs the code that was sent. */
import { bootOther, expected, NO_BUILD, seenAnyhow, type Behaviour, type Tree } from '@pmkit/series/catalogue';
import { projectFiles } from '../export/project.js';
import { treeOfPlace } from './levels.js';
import { loadTree, ModulePlace } from './load.js';
import type { StackEntry } from './stack.js';

/** What a behaviour shows at the trees of a stack: the first is the base, then one a patch. */
export interface SeenInStack {
  readonly behaviour: Behaviour;
  readonly seen: readonly string[];
  /** What the kit's catalogue expects there; null where the kit has no such tree. */
  readonly expected: readonly (string | null)[];
  /** Places, from 1, of the patches at which something else is seen than in the last tree below that builds. */
  readonly changes: readonly number[];
}

/** The tree of the series that patches of the kit make; null when there is none. With N1.0 alone it is told what the tree with both is told. */
const treeOf = (entry: StackEntry): Tree | null => (entry.others === null ? null : treeOfPlace(entry));

/**
 * Runs behaviours in the base and in the tree of each patch.
 * @param progress called with the place of each tree before it is loaded, 0 for the base.
 * @throws {ImportError} for modules that cannot be compiled or loaded, or that import what is not of the tree.
 */
export async function runStack(stack: readonly StackEntry[], behaviours: readonly Behaviour[], progress: (place: number) => void = () => undefined): Promise<SeenInStack[]> {
  const base: Tree = { level: 0, hotplug: false };
  const trees = [{ files: projectFiles([]), name: 'base', tree: base as Tree | null }, ...stack.map(entry => ({ files: entry.files, name: entry.patch.name, tree: treeOf(entry) }))];
  const columns: { readonly tree: Tree | null; readonly seen: readonly string[] }[] = [];
  const directory = new ModulePlace();
  try {
    for (const [place, { files, name, tree }] of trees.entries()) {
      progress(place);
      const other = await loadTree(directory.write(files, name, new Map()));
      columns.push({ tree, seen: behaviours.map(behaviour => seenAnyhow(behaviour, tree ?? base, { bootKernel: config => bootOther(other, config) })) });
    }
  } finally {
    directory.remove();
  }
  return behaviours.map((behaviour, row) => {
    const seen = columns.map(column => column.seen[row]!);
    return { behaviour, seen, expected: columns.map(({ tree }) => (tree === null ? null : expected(behaviour, tree))), changes: changesIn(seen) };
  });
}

function changesIn(seen: readonly string[]): number[] {
  const changes: number[] = [];
  let below = seen[0];
  for (const [place, text] of seen.entries()) {
    if (text === NO_BUILD || text === below) continue;
    changes.push(place);
    below = text;
  }
  return changes;
}
