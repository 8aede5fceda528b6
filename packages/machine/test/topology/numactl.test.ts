import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { altix64, formatHardware, loadTopology, type Topology } from '../../src/topology/index.js';
import { topologyError, xmlFile } from './helpers.js';

const MB = 2 ** 20;
const load = (text: string): Topology => loadTopology(xmlFile(text, 'box.txt')).topology;

const TWO_NODES = `available: 2 nodes (0-1)
node 0 cpus: 0 1
node 0 size: 1024 MB
node 0 free: 900 MB
node 1 cpus: 2 3
node 1 size: 2048 MB
node 1 free: 2000 MB
node distances:
node   0   1 
  0:  10  21 
  1:  21  10 
`;

describe('what numactl --hardware printed', () => {
  it('is read with memory, CPUs and distances', () => {
    const { format, topology } = loadTopology(xmlFile(TWO_NODES, 'box.txt'));
    expect({ format, name: topology.name }).toEqual({ format: 'numactl --hardware', name: 'box' });
    expect(topology.nodes).toEqual([
      { id: 0, memory: 1024 * MB, memFree: 900 * MB, cpus: [0, 1] },
      { id: 1, memory: 2048 * MB, memFree: 2000 * MB, cpus: [2, 3] },
    ]);
    expect(topology.distances).toEqual([[10, 21], [21, 10]]);
  });

  it('gives back the machine that printed it, up to whole megabytes', () => {
    const read = load(formatHardware(altix64));
    expect(read.distances).toEqual(altix64.distances);
    expect(read.nodes.map(({ id, memory, cpus }) => [id, memory, cpus])).toEqual(altix64.nodes.map(({ id, memory, cpus }) => [id, Math.floor(memory / MB) * MB, cpus]));
  });

  it('may have nodes with holes in their numbers, without CPUs and without known free memory', () => {
    const text = 'available: 2 nodes (0,5)\nnode 0 cpus: 0\nnode 0 size: 64 MB\nnode 0 free: <not available>\nnode 5 cpus:\nnode 5 size: 128 MB\nNo distance information available.\n';
    const { nodes, distances } = load(text);
    expect(nodes).toEqual([{ id: 0, memory: 64 * MB, cpus: [0] }, { id: 5, memory: 128 * MB, cpus: [] }]);
    expect(distances).toEqual([[10, 20], [20, 10]]);
  });

  it('of a version that says nothing of CPUs gives a CPU to each node', () => {
    const { nodes } = load('available: 2 nodes (0-1)\nnode 0 size: 2014 MB\nnode 0 free: 1 MB\nnode 1 size: 2020 MB\nnode 1 free: 2 MB\n');
    expect(nodes.map(({ cpus }) => cpus)).toEqual([[0], [1]]);
  });

  it.each([
    ['a node that the first line does not name', TWO_NODES.replace('node 1 size', 'node 2 size'), { line: 6, field: 'node', found: 'node 2' }],
    ['another number of nodes than in the list', TWO_NODES.replace('2 nodes', '3 nodes'), { line: 1, field: 'available' }],
    ['a size that is none', TWO_NODES.replace('1024 MB', '1024'), { line: 3, field: 'node 0 size', found: '"1024"', expected: 'a number of MB' }],
    ['no size', TWO_NODES.replace(/node 1 size.*\n/, ''), { field: 'node 1 size' }],
    ['a line of something else', `${TWO_NODES}hello\n`, { line: 12, field: 'line', found: '"hello"' }],
    ['a row that is too short', TWO_NODES.replace('  1:  21  10', '  1:  21'), { line: 11, found: '1 entries' }],
    ['a row that is missing', TWO_NODES.replace(/ {2}1: .*\n/, ''), { field: 'distances' }],
    ['a node far from itself', TWO_NODES.replace('  0:  10', '  0:  11'), { line: 10, field: 'distances[0][0]' }],
    ['more free than there is', TWO_NODES.replace('900 MB', '1025 MB'), { line: 4, field: 'nodes[0].memFree' }],
    ['a CPU on two nodes', TWO_NODES.replace('cpus: 2 3', 'cpus: 1 3'), { line: 5, field: 'nodes[1].cpus' }],
    ['the CPUs of a node left out', TWO_NODES.replace(/node 1 cpus.*\n/, ''), { field: 'node 1 cpus' }],
    ['no NUMA at all', 'No NUMA available on this system\n', { line: 1, field: 'available' }],
  ])('is refused with %s', (_, text, fault) => {
    expect(topologyError(() => load(text))).toMatchObject(fault);
  });

  it('ends in a topology or a TopologyError whatever is done to it', () => {
    const edit = fc.tuple(fc.nat(TWO_NODES.length), fc.nat(8), fc.string({ maxLength: 6 }));
    fc.assert(fc.property(edit, ([at, cut, put]) => {
      const text = `available${(TWO_NODES.slice(0, at) + put + TWO_NODES.slice(at + cut)).slice(9)}`;
      try {
        expect(load(text).nodes.length).toBeGreaterThan(0);
      } catch (error) {
        expect(error).toMatchObject({ name: 'TopologyError' });
      }
    }), { numRuns: 200 });
  });
});
