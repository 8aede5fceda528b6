import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MAX_PFN } from '@pmkit/mm-core/include/asm-ia64/pgtable';
import { defineTopology, MAX_FRAMES, uniformTopology, type TopologyInput } from '../../src/topology/index.js';

const good: TopologyInput = {
  name: 'two',
  pageSize: 16384,
  nodes: [
    { id: 0, memory: 1 << 20, cpus: [1, 0] },
    { id: 5, memory: 1 << 20, cpus: [2] },
  ],
  distances: [
    [10, 20],
    [20, 10],
  ],
};
const [zero, five] = good.nodes as [TopologyInput['nodes'][0], TopologyInput['nodes'][0]];

describe('defineTopology', () => {
  it('sorts the CPUs, gathers those of all nodes and freezes what it gives', () => {
    const topology = defineTopology(good);
    expect(topology.nodes[0]?.cpus).toEqual([0, 1]);
    expect(topology.cpus).toEqual([0, 1, 2]);
    expect(Object.isFrozen(topology)).toBe(true);
    expect(Object.isFrozen(topology.distances[0])).toBe(true);
    expect(Object.isFrozen(topology.nodes[1])).toBe(true);
  });

  it('takes holes in the ids, a node without memory and a node without CPUs', () => {
    const topology = defineTopology({
      ...good,
      nodes: [
        { ...zero, memory: 0 },
        { ...five, cpus: [] },
      ],
    });
    expect(topology.nodes.map(({ id }) => id)).toEqual([0, 5]);
  });

  const bad: readonly [string, Partial<TopologyInput>, RegExp][] = [
    ['no nodes', { nodes: [], distances: [] }, /nodes: found 0 nodes; expected 1 to 256/],
    ['a name that is none', { name: '' }, /name: found ""/],
    ['a page size ia64 lacks', { pageSize: 12288 }, /pageSize: found 12288; expected .*4096, 8192, 16384, 65536/],
    ['the same id twice', { nodes: [zero, { ...five, id: 0 }] }, /nodes\[1\]\.id: found 0 a second time/],
    ['ids out of order', { nodes: [five, zero] }, /nodes\[1\]\.id: found 0 after 5/],
    ['an id beyond NODES_SHIFT 8', { nodes: [zero, { ...five, id: 256 }] }, /nodes\[1\]\.id: found 256; expected 0 to 255/],
    ['negative memory', { nodes: [zero, { ...five, memory: -1 }] }, /nodes\[1\]\.memory: found -1/],
    ['memory that is NaN', { nodes: [zero, { ...five, memory: Number.NaN }] }, /nodes\[1\]\.memory: found NaN/],
    ['memory of 2^53', { nodes: [zero, { ...five, memory: 2 ** 53 }] }, /nodes\[1\]\.memory: found 9007199254740992/],
    ['more frames than a pte can number', { nodes: [zero, { ...five, memory: 2 ** 41 }] }, /nodes\[1\]\.memory: .*at most 134217728 frames/],
    ['no memory anywhere', { nodes: [{ ...zero, memory: 0 }, { ...five, memory: 4096 }] }, /expected memory somewhere/],
    ['more free than there is', { nodes: [zero, { ...five, memFree: 2 ** 21 }] }, /nodes\[1\]\.memFree: found 2097152/],
    ['one CPU on two nodes', { nodes: [zero, { ...five, cpus: [1] }] }, /nodes\[1\]\.cpus: found CPU 1, which node 0 has too/],
    ['one CPU twice', { nodes: [zero, { ...five, cpus: [3, 3] }] }, /nodes\[1\]\.cpus: found CPU 3 twice/],
    ['a CPU beyond NR_CPUS', { nodes: [zero, { ...five, cpus: [512] }] }, /found CPU 512; expected CPUs 0 to 511/],
    ['no CPU anywhere', { nodes: [{ ...zero, cpus: [] }, { ...five, cpus: [] }] }, /cpus: found no CPU/],
    ['CPUs that no node has', { cpus: [0, 1, 9] }, /cpus: found "0 1 9"/],
    ['too few rows', { distances: [[10, 20]] }, /distances: found 1 rows; expected 2 rows/],
    ['a short row', { distances: [[10, 20], [20]] }, /distances\[1\]: found 1 entries; expected 2/],
    ['a node far from itself', { distances: [[11, 20], [20, 10]] }, /distances\[0\]\[0\]: found 11; expected 10/],
    ['another node nearer than the own', { distances: [[10, 9], [9, 10]] }, /distances\[0\]\[1\]: found 9; expected 10 to 255/],
    ['a distance above a byte', { distances: [[10, 256], [256, 10]] }, /distances\[0\]\[1\]: found 256/],
    ['a distance that is NaN', { distances: [[10, Number.NaN], [20, 10]] }, /distances\[0\]\[1\]: found NaN/],
    ['a way back that is longer', { distances: [[10, 20], [21, 10]] }, /distances\[1\]\[0\]: found 21; expected 20, the way back/],
  ];
  it.each(bad)('refuses %s, naming field and value', (_, change, message) => {
    expect(() => defineTopology({ ...good, ...change })).toThrow(RangeError);
    expect(() => defineTopology({ ...good, ...change })).toThrow(message);
  });

  it('counts as many frames as the model of a pte can number', () => {
    expect(MAX_FRAMES).toBe(MAX_PFN);
  });
});

describe('uniformTopology', () => {
  it('makes every machine that fits, all nodes alike', () => {
    const options = fc.record({ nodes: fc.integer({ min: 1, max: 32 }), pagesPerNode: fc.integer({ min: 1, max: 4096 }), cpusPerNode: fc.integer({ min: 1, max: 8 }) });
    fc.assert(
      fc.property(options, ({ nodes, pagesPerNode, cpusPerNode }) => {
        const topology = uniformTopology({ nodes, pagesPerNode, cpusPerNode, pageSize: 65536, distance: 30 });
        expect(topology.nodes).toHaveLength(nodes);
        expect(topology.cpus).toEqual([...Array(nodes * cpusPerNode).keys()]);
        expect(topology.nodes.every(({ memory }) => memory === pagesPerNode * 65536)).toBe(true);
        expect(topology.distances.every((row, from) => row.every((distance, to) => distance === (from === to ? 10 : 30)))).toBe(true);
      }),
    );
  });

  it.each([{ nodes: 0 }, { nodes: 1e9 }, { nodes: 1.5 }, { pagesPerNode: -1 }, { cpusPerNode: 513 }, { distance: 9 }])('refuses %o', (change) => {
    expect(() => uniformTopology({ nodes: 2, pagesPerNode: 16, ...change })).toThrow(RangeError);
  });
});
