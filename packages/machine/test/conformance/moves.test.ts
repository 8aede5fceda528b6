import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { disjointSteps, movesOf, type Move } from '../../src/console/programs/numa/libnuma/moves.js';

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

describe('the calls that masks become', () => {
  it('put every page where do_migrate_pages() puts it', () => {
    fc.assert(fc.property(nodes, nodes, (from, to) => {
      const at = new Map(Array.from({ length: 12 }, (_, page) => [page, page]));
      for (const step of disjointSteps(movesOf(from, to))) {
        for (const [page, node] of at) at.set(page, step.find((move: Move) => move.from === node)?.to ?? node);
      }
      expect(at).toEqual(byMask(from, to));
    }), { numRuns: 2000 });
  });
});
