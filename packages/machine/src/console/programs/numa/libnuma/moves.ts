/**
 * From the two sets of nodes that migratepages(8) takes to calls of rc3's migrate_pages(pid, count, old_nodes, new_nodes), which wants
 * pairs, and the old nodes and the new ones disjoint. The overview of the series leaves overlapping moves to a library in user mode, which
 * has to make them in steps.
 */

/** Pages on `from` go to `to`. */
export interface Move { readonly from: number; readonly to: number }

/**
 * What goes where, as do_migrate_pages() of mainline (mm/mempolicy.c) reads two sets: the i-th node of `from` to the i-th of `to`, which
 * is gone through again and again when it is the shorter. When the sets differ in size, what is on a node of `to` stays there.
 * @param from,to ascending.
 */
export function movesOf(from: readonly number[], to: readonly number[]): Move[] {
  if (to.length === 0) return [];
  const stays = new Set(from.length === to.length ? [] : to);
  return from.map((node, at) => ({ from: node, to: to[at % to.length]! })).filter(move => move.from !== move.to && !stays.has(move.from));
}

/**
 * Puts moves into steps, each of which has no node on both sides, so that no page is moved twice: of a chain 0 → 1 → 2 the end goes first.
 * movesOf() makes no circles, because it keeps the order of the nodes. A circle is broken through a spare node, one on which
 * the process has no pages.
 * @param moves with a node at most once as `from`, and never onto itself.
 * @throws {RangeError} for a circle, when there is no spare node.
 */
export function disjointSteps(moves: readonly Move[], spare?: number): Move[][] {
  const steps: Move[][] = [];
  let left = [...moves];
  while (left.length > 0) {
    const occupied = new Set(left.map(({ from }) => from));
    const step = left.filter(({ to }) => !occupied.has(to));
    if (step.length > 0) {
      steps.push(step);
      left = left.filter(({ to }) => occupied.has(to));
      continue;
    }
    const [first, ...others] = left as [Move, ...Move[]];
    if (spare === undefined) throw new RangeError(`moves: expected some order in which no page moves twice, found a circle through node ${first.from}`);
    steps.push([{ from: first.from, to: spare }]);
    left = [...others, { from: spare, to: first.to }];
  }
  return steps;
}
