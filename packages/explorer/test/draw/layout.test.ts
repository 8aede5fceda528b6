import { describe, expect, it } from 'vitest';
import { presets } from '@pmkit/machine';
import { layOut, type Box } from '../../src/draw/layout.js';

const overlap = (a: Box, b: Box): boolean => a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
const between = (a: Box, b: Box): number => Math.hypot(a.x - b.x, a.y - b.y);

describe('layOut()', () => {
  it.each(Object.keys(presets))('gives every node of %s a place of its own', name => {
    const { nodes, width, height } = layOut(presets[name]!.distances, 2);
    expect(nodes).toHaveLength(presets[name]!.nodes.length);
    expect(nodes.flatMap((a, i) => nodes.slice(i + 1).filter(b => overlap(a, b)))).toEqual([]);
    expect(nodes.filter(({ x, y, width: w, height: h }) => x < 0 || y < 0 || x + w > width + 1e-9 || y + h > height + 1e-9)).toEqual([]);
  });

  it('has the quads and racks of the 64-node Altix as bricks, and quads wired side by side as sides of a square', () => {
    const { nodes, groups } = layOut(presets['altix64']!.distances, 2);
    const sizes = groups.map(({ members, distance }) => `${members.length} within ${distance}`);
    expect(sizes.filter(size => size === '16 within 30')).toHaveLength(4);
    expect(sizes.filter(size => size === '4 within 22')).toHaveLength(16);
    // quads 0 and 3 of a rack are 30 from each other, 0 and 1 as 0 and 2 are 26
    expect(between(nodes[0]!, nodes[12]!)).toBeGreaterThan(Math.max(between(nodes[0]!, nodes[4]!), between(nodes[0]!, nodes[8]!)));
  });

  it('is a grid where all nodes are equally far', () => {
    const distances = Array.from({ length: 12 }, (_, a) => Array.from({ length: 12 }, (__, b) => (a === b ? 10 : 20)));
    const { nodes, groups } = layOut(distances);
    expect(groups).toEqual([]);
    expect(new Set(nodes.map(({ y }) => y)).size).toBe(3);
  });

  it('knows a machine of one node', () => {
    expect(layOut([[10]], 2)).toEqual({ nodes: [{ x: 0, y: 0, width: 2, height: 1 }], groups: [], width: 2, height: 1 });
  });
});
