import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findTopology, loadTopology, readSyntheticTopology, type Topology } from '../../src/topology/index.js';
import { topologyError } from './helpers.js';

const GIB = 2 ** 30;
const cpusOf = ({ nodes }: Topology): (readonly number[])[] => nodes.map(({ cpus }) => cpus);

describe("hwloc's synthetic descriptions", () => {
  it('are what a machine is taken for that has a colon in it and is no file', () => {
    const { format, topology } = loadTopology('numa:4 core:2 pu:1');
    expect(format).toBe('hwloc synthetic');
    expect(topology).toMatchObject({ name: 'numa:4 core:2 pu:1', pageSize: 4096, distances: [[10, 20, 20, 20], [20, 10, 20, 20], [20, 20, 10, 20], [20, 20, 20, 10]] });
    expect(cpusOf(topology)).toEqual([[0, 1], [2, 3], [4, 5], [6, 7]]);
    expect(topology.nodes.every(({ memory }) => memory === GIB)).toBe(true);
    expect(findTopology('altix2').name).toBe('altix2');
  });

  it.each([
    ['NUMANode:2(memory=512MB) Core:1 PU:1', [512e6, 512e6]],
    ['node:2(memory=512MiB) pu:1', [2 ** 29, 2 ** 29]],
    ['(memory=4GB) node:1(memory=4096000) pu:1', [4096000]],
    ['pack:2 [NUMANode(memory=2GiB)] l3:1(size=4MB) core:2 pu:2', [2 * GIB, 2 * GIB]],
    ['[numa(memory=1GiB memorysidecachesize=64MB)] [numa(memory=3GiB)] pu:4', [GIB, 3 * GIB]],
  ])('%s: memory as it says', (text, memory) => {
    expect(readSyntheticTopology(text).nodes.map((node) => node.memory)).toEqual(memory);
  });

  it.each([
    ['2 4 2', [[0, 1], [2, 3], [4, 5], [6, 7], [8, 9], [10, 11], [12, 13], [14, 15]], 'package, NUMA node, PU'],
    ['2 4', [[0, 1, 2, 3], [4, 5, 6, 7]], 'NUMA node, PU'],
    ['4', [[0, 1, 2, 3]], 'one node for all'],
    ['pack:2 core:2 pu:1', [[0, 1, 2, 3]], 'one node for all where none is named'],
    ['Group0:2 Socket:1 NU:1 L2u:2 L1dCache:1 Co:1 pu:1', [[0, 1], [2, 3]], 'types cut to two letters'],
  ])('%s: CPUs by node', (text, cpus) => {
    expect(cpusOf(readSyntheticTopology(text))).toEqual(cpus);
  });

  it.each([
    ['numa:2(indexes=3,1) pu:2', [1, 3], [[2, 3], [0, 1]]],
    ['numa:2 core:2 pu:2(indexes=0,4,2,6,1,5,3,7)', [0, 1], [[0, 2, 4, 6], [1, 3, 5, 7]]],
    ['numa:2 pu:4(indexes=4*2:1*4)', [0, 1], [[0, 2, 4, 6], [1, 3, 5, 7]]],
    ['numa:2 core:2 pu:2(indexes=numa:core)', [0, 1], [[0, 2, 4, 6], [1, 3, 5, 7]]],
    ['pack:2 [numa(memory=1GB)] [numa(memory=1GB indexes=0,2,1,3)] pu:2', [0, 1, 2, 3], [[0, 1], [2, 3], [], []]],
  ])('%s: numbers as the system gives them', (text, ids, cpus) => {
    const topology = readSyntheticTopology(text);
    expect(topology.nodes.map(({ id }) => id)).toEqual(ids);
    expect(cpusOf(topology)).toEqual(cpus);
  });

  it.each([
    ['numa:4 core:2', 'last level', '"core"'],
    ['numa:0 pu:1', 'level 1 (numa)', '"0 pu:1"'],
    ['numa:2 cor3:2 pu:1', 'level 2 (cor3)', '"cor3"'],
    ['numa:2(memory=1XB) pu:1', 'level 1 (numa) memory', '"1XB"'],
    ['numa:2(color=1) pu:1', 'level 1 (numa)', '"color="'],
    ['numa:2(memory=1GB pu:1', 'level 1 (numa)', '":1"'],
    ['numa:2 2 pu:1', 'levels', 'some with a type and some without'],
    ['numa:2 [numa] pu:1', 'NUMANode', 'a level and attached ones'],
    ['numa:2 numa:2 pu:1', 'levels', '2 levels of type numa'],
    ['numa:2(indexes=1,1) pu:1', 'NUMANode indexes', '"1,1"'],
    ['numa:2 pu:2(indexes=core) ', 'PU indexes', '"core"'],
    ['numa:257 pu:1', 'level 1 (numa)', '257 objects'],
    ['numa:2 core:999999999 pu:999999999', 'level 2 (core)', '1999999998 objects'],
    ['pack:2 [core] pu:1', 'attached object', '"core] pu:1"'],
    ['pu:2 [numa', 'attached NUMANode', 'the end'],
  ])('%s: refused, with the level and what was found', (text, field, found) => {
    expect(topologyError(() => readSyntheticTopology(text))).toMatchObject({ file: text, field, found });
  });

  it('a path with a colon that is not there is told what else it could have been', () => {
    expect(topologyError(() => loadTopology('C:\\boxes\\altix')).message).toMatch(/level 1/);
  });

  it('end in a topology or a TopologyError whatever is typed', () => {
    const word = fc.constantFrom('numa', 'core', 'pu', 'pack', 'l2', ':', '2', '4', ' ', '(', ')', '[', ']', 'memory=', '1GB', 'indexes=', '0,1', '1*2', 'node:core', '9999999999');
    fc.assert(fc.property(fc.array(word, { maxLength: 14 }), (words) => {
      try {
        expect(readSyntheticTopology(words.join('')).cpus.length).toBeGreaterThan(0);
      } catch (error) {
        expect(error).toMatchObject({ name: 'TopologyError' });
      }
    }), { numRuns: 2000 });
  });
});
