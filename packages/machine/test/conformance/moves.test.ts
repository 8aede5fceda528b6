import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { disjointSteps, movePairs } from '../../src/conformance/moves.js';

/** do_migrate_pages() of 2.6.17 and later, played on one page a node: which node each ends on. */
function byMask(from: readonly number[], to: readonly number[]): Map<number, number> {
  const at = new Map(Array.from({ length: 12 }, (_, page) => [page, page]));
  const left = new Set(from);
  while (left.size > 0) {
    let found: [number, number] | undefined;
    for (const s of left) {
      if (from.length !== to.length && to.includes(s)) continue;
      const d = to[from.indexOf(s) % to.length]!;
      if (d === s) continue;
      found = [s, d];
      if (!left.has(d)) break;
    }
    if (found === undefined) break;
    left.delete(found[0]);
    for (const [page, node] of at) if (node === found[0]) at.set(page, found[1]);
  }
  return at;
}
const nodes = fc.uniqueArray(fc.integer({ min: 0, max: 11 }), { minLength: 1, maxLength: 12 }).map(list => list.sort((a, b) => a - b));

describe('moves in disjoint steps', () => {
  it('put every page where the masks put it', () => {
    fc.assert(fc.property(nodes, nodes, (from, to) => {
      const at = new Map(Array.from({ length: 12 }, (_, page) => [page, page]));
      for (const step of disjointSteps(movePairs(from, to))) {
        for (const [page, node] of at) if (step.old.includes(node)) at.set(page, step.new[step.old.indexOf(node)]!);
      }
      expect(at).toEqual(byMask(from, to));
    }), { numRuns: 2000 });
  });
  it('are disjoint each, and make each move once', () => {
    fc.assert(fc.property(nodes, nodes, (from, to) => {
      const pairs = movePairs(from, to);
      const steps = disjointSteps(pairs);
      for (const step of steps) expect(step.old.filter(node => step.new.includes(node))).toEqual([]);
      expect(steps.flatMap(step => step.old.map((node, i) => [node, step.new[i]])).sort()).toEqual([...pairs].sort());
    }));
  });
  it.each([
    ['nothing to do', [0, 1], [0, 1], []],
    ['one call', [0, 2], [1, 3], [{ old: [0, 2], new: [1, 3] }]],
    ['up: the last one first', [0, 1, 2], [1, 2, 3], [{ old: [2], new: [3] }, { old: [1], new: [2] }, { old: [0], new: [1] }]],
    ['down: the first one first', [1, 2], [0, 1], [{ old: [1], new: [0] }, { old: [2], new: [1] }]],
    ['more old than new', [0, 1, 2], [3], [{ old: [0, 1, 2], new: [3, 3, 3] }]],
    ['sets of different size: what is on a new node stays', [0, 1, 2, 3], [2, 3], [{ old: [0, 1], new: [2, 3] }]],
    ['no new node', [0], [], []],
  ])('%s', (_what, from, to, steps) => {
    expect(disjointSteps(movePairs(from, to))).toEqual(steps);
  });
  it('has no order for a circle, which masks cannot ask for', () => {
    expect(() => disjointSteps([[0, 1], [1, 0]])).toThrow('no order for 0→1, 1→0');
  });
});
