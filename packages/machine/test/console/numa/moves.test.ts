import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { disjointSteps, movesOf, type Move } from '../../../src/console/programs/numa/libnuma/moves.js';

const text = (moves: readonly Move[]): string => moves.map(({ from, to }) => `${from}>${to}`).join(' ');
const steps = (moves: readonly Move[], spare?: number): string[] => disjointSteps(moves, spare).map(text);
const nodes = fc.uniqueArray(fc.nat(15), { maxLength: 8 }).map(list => list.sort((a, b) => a - b));

describe('two sets of nodes', () => {
  it.each<[string, number[], number[], string]>([
    ['of the same size are paired by place', [5, 6, 7, 8], [1, 2, 3, 4], '5>1 6>2 7>3 8>4'],
    ['of the same size may overlap', [0, 1, 2], [1, 2, 3], '0>1 1>2 2>3'],
    ['leave alone what would move onto itself', [0, 1, 2], [0, 1, 3], '2>3'],
    ['use the second again when it is the shorter', [0, 1, 2, 3], [4, 5], '0>4 1>5 2>4 3>5'],
    ['of different sizes leave alone what is on both', [0, 1, 2, 3], [1, 2], '0>1 3>2'],
    ['use only the beginning of the second when it is the longer', [0], [1, 2], '0>1'],
    ['of which the second is empty move nothing', [0, 1], [], ''],
  ])('%s', (_, from, to, expected) => {
    expect(text(movesOf(from, to))).toBe(expected);
  });
});

describe('steps', () => {
  it('are one where nothing overlaps', () => {
    expect(steps(movesOf([5, 6], [1, 2]))).toEqual(['5>1 6>2']);
  });
  it('begin with the end of a chain, and go side by side', () => {
    expect(steps(movesOf([0, 1, 2, 8], [1, 2, 3, 9]))).toEqual(['2>3 8>9', '1>2', '0>1']);
    expect(steps(movesOf([1, 2, 3], [0, 1, 2]))).toEqual(['1>0', '2>1', '3>2']);
  });
  it('go round a circle through a spare node, or not at all', () => {
    const circle = [{ from: 0, to: 1 }, { from: 1, to: 0 }];
    expect(steps(circle, 7)).toEqual(['0>7', '1>0', '7>1']);
    expect(() => steps(circle)).toThrow(new RangeError('moves: expected some order in which no page moves twice, found a circle through node 0'));
  });
  it('take every page where the sets say, each in one move, and no call has a node on both sides', () => {
    fc.assert(fc.property(nodes, nodes, (from, to) => {
      const moves = movesOf(from, to);
      const all = disjointSteps(moves);
      const page = new Map(Array.from({ length: 16 }, (_, node) => [node, node]));
      for (const step of all) {
        const olds = new Set(step.map(move => move.from));
        expect(step.some(move => olds.has(move.to))).toBe(false);
        const map = new Map(step.map(move => [move.from, move.to]));
        for (const [home, at] of page) page.set(home, map.get(at) ?? at);
      }
      const wanted = new Map(moves.map(move => [move.from, move.to]));
      for (const [home, at] of page) expect(at).toBe(wanted.get(home) ?? home);
    }));
  });
});
