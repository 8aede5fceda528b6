import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GFP_KERNEL } from '../src/include/linux/gfp.js';
import { GFP_ZONETYPES, ZONE_DMA } from '../src/include/linux/mmzone.js';
import { nodemask_of, nodes_new } from '../src/include/linux/nodemask.js';
import { boot, type Kernel } from '../src/index.js';
import { alloc, leave, logOf, nodeOf, nodes, zoneOf } from './frames.js';

/** Nodes in the order in which a node's zonelist has them. */
const order = (k: Kernel, nid: number): number[] => k.m.node_data[nid]!.node_zonelists[0]!.map(zone => zone.node);
const orders = (k: Kernel): number[][] => k.m.node_ids.map(nid => order(k, nid));
/** Distances from pairs [from, to, distance], the same both ways; 10 for a node to itself, 20 else. */
function distances(count: number, pairs: readonly (readonly [number, number, number])[]): number[][] {
  const table = Array.from({ length: count }, (_, i) => Array.from({ length: count }, (__, j): number => (i === j ? 10 : 20)));
  for (const [a, b, distance] of pairs) table[a]![b] = table[b]![a] = distance;
  return table;
}

describe('the zonelist of a node', () => {
  it('begins with the node and goes on with the nearest', () => {
    const k = boot({ nodes: nodes(4, 256), distances: distances(4, [[0, 3, 12], [0, 1, 16], [0, 2, 14]]) });
    expect(order(k, 0)).toEqual([0, 3, 2, 1]);
  });
  it('takes equally near nodes from the one behind it on, round the last', () => {
    expect(orders(boot({ nodes: nodes(4, 256) }))).toEqual([[0, 1, 2, 3], [1, 2, 3, 0], [2, 3, 0, 1], [3, 0, 1, 2]]);
  });
  it('leaves those for later that other nodes fall back to first', () => {
    // 2 and 3 are nearest to both 0 and 1; node 0 chose 2
    const k = boot({ nodes: nodes(4, 256), distances: distances(4, [[0, 2, 15], [0, 3, 15], [1, 2, 15], [1, 3, 15], [2, 3, 30]]) });
    expect([order(k, 0), order(k, 1)]).toEqual([[0, 2, 3, 1], [1, 3, 2, 0]]);
  });
  it('prefers a node without CPUs to one as far away that has some, not to a nearer one', () => {
    const headless = nodes(4, 256).map(node => (node.id === 3 ? { ...node, cpus: [] } : node));
    expect(order(boot({ nodes: headless }), 0)).toEqual([0, 3, 1, 2]);
    expect(order(boot({ nodes: headless, distances: distances(4, [[0, 3, 22]]) }), 0)).toEqual([0, 1, 2, 3]);
  });
  it('skips nodes without memory, which themselves use the others', () => {
    const k = boot({ nodes: nodes(3, 256).map(node => (node.id === 1 ? { ...node, pages: 0 } : node)) });
    expect(orders(k)).toEqual([[0, 2], [2, 0], [2, 0]]);
    expect(nodeOf(k, alloc(k, 1))).toBe(2);
  });
  it('has all nodes when their numbers have holes', () => {
    const k = boot({ nodes: [0, 2, 7].map(id => ({ id, pages: 256, cpus: [id] })) });
    expect([order(k, 0), order(k, 2), order(k, 7)]).toEqual([[0, 2, 7], [2, 7, 0], [7, 0, 2]]);
  });
  it('is built once for each node, as the log says', () => {
    expect(logOf(boot({ nodes: nodes(5, 256) }))).toContain('Built 5 zonelists');
  });
});

describe('the zones of a zonelist', () => {
  const k = boot({ nodes: nodes(2, 2048), maxDmaPfn: 1024 });
  const names = (nid: number, modifier: number): string[] => k.m.node_data[nid]!.node_zonelists[modifier]!.map(zone => `${zone.node} ${zone.name}`);

  it.each([[0, 'a normal allocation'], [2, 'one of high memory']])('are all of a node, the highest first, before those of the next (%i: %s)', modifier => {
    expect(names(0, modifier)).toEqual(['0 Normal', '0 DMA', '1 Normal']);
    expect(names(1, modifier)).toEqual(['1 Normal', '0 Normal', '0 DMA']);
  });
  it('for a DMA allocation are DMA zones only', () => {
    expect([names(0, 1), names(1, 1)]).toEqual([['0 DMA'], ['0 DMA']]);
  });
  it('are all ZONE_DMA on SN2, whatever is asked for', () => {
    const sn2 = boot({ nodes: nodes(2, 256) });
    expect(sn2.m.node_data[0]!.node_zonelists).toHaveLength(GFP_ZONETYPES);
    for (const zonelist of sn2.m.node_data[0]!.node_zonelists) expect(zonelist.map(zone => zone.type)).toEqual([ZONE_DMA, ZONE_DMA]);
  });
});

describe('an allocation', () => {
  it('goes through the nodes in the order of the zonelist as they fill up', () => {
    const k = boot({ nodes: nodes(4, 256), distances: distances(4, [[0, 3, 12], [0, 1, 16], [0, 2, 14]]) });
    const chosen: number[] = [];
    for (let i = 0; i < 4; i++) {
      const nid = nodeOf(k, alloc(k, 0, 0, GFP_KERNEL));
      chosen.push(nid);
      leave(k, zoneOf(k, nid), 0);
    }
    expect(chosen).toEqual([0, 3, 2, 1]);
  });
});

describe('find_next_best_node()', () => {
  it('marks the node that it chose, and answers -1 when all are marked', () => {
    const k = boot({ nodes: nodes(3, 256) });
    const used = nodes_new();
    const load = new Int32Array(256);
    expect([1, 2, 3, 4].map(() => k.find_next_best_node(1, used, load))).toEqual([1, 2, 0, -1]);
    expect(used).toEqual(nodemask_of(0, 1, 2));
  });
});

describe('every set of zonelists', () => {
  const machines = fc.integer({ min: 1, max: 12 }).chain(count => fc.record({
    cpus: fc.array(fc.boolean(), { minLength: count, maxLength: count }).filter(flags => flags.includes(true)),
    memory: fc.array(fc.boolean(), { minLength: count, maxLength: count }).filter(flags => flags.includes(true)),
    distances: fc.array(fc.array(fc.integer({ min: 11, max: 40 }), { minLength: count, maxLength: count }), { minLength: count, maxLength: count }),
  }));
  it('has each node with memory once, its own first, the others by distance and penalty', () => {
    fc.assert(fc.property(machines, machine => {
      const table = machine.distances.map((row, i) => row.map((distance, j) => (i === j ? 10 : distance)));
      const k = boot({
        nodes: machine.cpus.map((has, id) => ({ id, pages: machine.memory[id]! ? 64 : 0, cpus: has ? [id] : [] })), distances: table,
      });
      const withMemory = k.m.node_ids.filter(nid => machine.memory[nid]);
      for (const nid of k.m.node_ids) {
        const list = order(k, nid);
        expect([...list].sort((a, b) => a - b)).toEqual(withMemory);
        if (machine.memory[nid]!) expect(list[0]).toBe(nid);
        const far = list.filter(other => other !== nid).map(other => table[nid]![other]! + (machine.cpus[other]! ? 1 : 0));
        expect(far).toEqual([...far].sort((a, b) => a - b));
      }
    }), { numRuns: 100 });
  });
  it('of a machine where all nodes are equally far sends each node to another one first', () => {
    fc.assert(fc.property(fc.integer({ min: 2, max: 64 }), count => {
      const second = orders(boot({ nodes: nodes(count, 64) })).map(list => list[1]!);
      expect(new Set(second).size).toBe(count);
    }), { numRuns: 20 });
  });
});
