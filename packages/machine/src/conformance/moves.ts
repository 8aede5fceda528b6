/**
 * From the masks of today's migrate_pages(2) to the arrays of rc3, as the user library that the overview speaks of would go: old and new nodes of one call must not overlap, so a move whose
 * sets do is made in disjoint steps.
 */

/** Moves of one call: pages on the i-th old node go to the i-th new one. */
export interface MoveStep { readonly old: readonly number[]; readonly new: readonly number[] }

/**
 * Which node goes where, as do_migrate_pages() has it since 2.6.17 (mm/mempolicy.c): the n-th of the old to the n-th of the new, beginning again when these
 * are fewer; with sets of different sizes what is on a new node already stays.
 * @param from,to node ids, ascending
 */
export function movePairs(from: readonly number[], to: readonly number[]): [from: number, to: number][] {
  if (to.length === 0) return [];
  const pairs: [number, number][] = [];
  from.forEach((source, i) => {
    if (from.length !== to.length && to.includes(source)) return;
    const target = to[i % to.length]!;
    if (source !== target) pairs.push([source, target]);
  });
  return pairs;
}

/**
 * The same moves in steps whose old and new nodes are disjoint: first those whose target nobody has to leave any more. Pairs by rank cannot form a circle (the ranks only grow, or only
 * shrink, along a chain), so every step has at least one.
 */
export function disjointSteps(pairs: readonly (readonly [from: number, to: number])[]): MoveStep[] {
  const steps: MoveStep[] = [];
  let left = [...pairs];
  while (left.length > 0) {
    const sources = new Set(left.map(([source]) => source));
    const now = left.filter(([, target]) => !sources.has(target));
    if (now.length === 0) throw new RangeError(`no order for ${left.map(pair => pair.join('→')).join(', ')}`);
    steps.push({ old: now.map(([source]) => source), new: now.map(([, target]) => target) });
    left = left.filter(pair => !now.includes(pair));
  }
  return steps;
}
