import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GFP_ATOMIC, GFP_HIGHUSER } from '../src/include/linux/gfp.js';
import type { PerCpuPageset } from '../src/include/linux/mmzone.js';
import { MPOL_BIND, MPOL_INTERLEAVE } from '../src/include/linux/mempolicy.js';
import { nodemask_of } from '../src/include/linux/nodemask.js';
import { boot, type Kernel } from '../src/index.js';
import { alloc, awake, bootNodes, leave, nodes, zoneOf } from './frames.js';

type Counter = Exclude<keyof PerCpuPageset, 'pcp'>;
const COUNTERS: readonly Counter[] = ['numa_hit', 'numa_miss', 'numa_foreign', 'interleave_hit', 'local_node', 'other_node'];

/** A node's row of numastat: the counters of its zones and all CPUs that are not 0. */
function numastat(k: Kernel, nid: number): Partial<Record<Counter, number>> {
  const row: Partial<Record<Counter, number>> = {};
  for (const counter of COUNTERS) {
    let sum = 0;
    for (const zone of k.m.node_data[nid]!.node_zones) for (const pageset of zone.pageset) sum += pageset?.[counter] ?? 0;
    if (sum > 0) row[counter] = sum;
  }
  return row;
}

describe('an allocation', () => {
  it('on the node of the CPU is a hit and local', () => {
    const k = bootNodes(2, 256);
    alloc(k, 0);
    expect([numastat(k, 0), numastat(k, 1)]).toEqual([{ numa_hit: 1, local_node: 1 }, {}]);
  });
  it('on another node that was asked for is a hit there, and not local', () => {
    const k = bootNodes(2, 256);
    alloc(k, 1);
    expect([numastat(k, 0), numastat(k, 1)]).toEqual([{}, { numa_hit: 1, other_node: 1 }]);
  });
  it('that falls back is a miss where it lands and foreign where it was meant for', () => {
    const k = bootNodes(2, 256);
    leave(k, zoneOf(k, 0), 0);
    alloc(k, 0);
    expect([numastat(k, 0), numastat(k, 1)]).toEqual([{ numa_foreign: 1 }, { numa_miss: 1, other_node: 1 }]);
  });
  it('that falls back to the node of the CPU is a miss and local', () => {
    const k = bootNodes(2, 256);
    leave(k, zoneOf(k, 1), 0);
    alloc(k, 1);
    expect([numastat(k, 0), numastat(k, 1)]).toEqual([{ numa_miss: 1, local_node: 1 }, { numa_foreign: 1 }]);
  });
  it('of a block counts once', () => {
    const k = bootNodes(1, 256);
    alloc(k, 0, 5);
    expect(numastat(k, 0)).toEqual({ numa_hit: 1, local_node: 1 });
  });
  it('that fails is not counted', () => {
    const k = bootNodes(2, 256);
    leave(k, zoneOf(k, 0), 0);
    leave(k, zoneOf(k, 1), 0);
    alloc(k, 0, 0, GFP_ATOMIC);
    expect([numastat(k, 0), numastat(k, 1)]).toEqual([{}, {}]);
  });
  it('from another zone of the node is a hit: nodes are compared, not zones', () => {
    const k = boot({ nodes: nodes(1, 2048), maxDmaPfn: 1024 });
    leave(k, k.m.node_data[0]!.node_zones[1]!, 0);
    alloc(k, 0);
    expect(numastat(k, 0)).toEqual({ numa_hit: 1, local_node: 1 });
  });
  it('is counted by CPU', () => {
    const k = boot({ nodes: [{ id: 0, pages: 256, cpus: [0, 5] }] });
    alloc(k, 0);
    k.m.current.cpu = 5;
    alloc(k, 0);
    alloc(k, 0);
    expect([0, 5].map(cpu => zoneOf(k, 0).pageset[cpu]!.numa_hit)).toEqual([1, 2]);
  });
});

describe('a policy', () => {
  const bootWithPolicy = (mode: number, ...nids: number[]): Kernel => {
    const k = bootNodes(3, 256);
    k.m.current.mempolicy = {
      refcnt: 1, policy: mode, preferred_node: 0, zonelist: mode === MPOL_BIND ? nids.map(nid => zoneOf(k, nid)) : null,
      nodes: mode === MPOL_INTERLEAVE ? nodemask_of(...nids) : null,
    };
    k.m.current.il_next = nids[0]!;
    return k;
  };
  it('of interleaving makes interleave hits besides hits', () => {
    const k = bootWithPolicy(MPOL_INTERLEAVE, 0, 2);
    for (let i = 0; i < 5; i++) awake(k.alloc_pages_current(GFP_HIGHUSER, 0));
    expect([0, 1, 2].map(nid => numastat(k, nid))).toEqual([
      { numa_hit: 3, interleave_hit: 3, local_node: 3 }, {}, { numa_hit: 2, interleave_hit: 2, other_node: 2 },
    ]);
  });
  it('of interleaving onto a full node makes a miss elsewhere, and no interleave hit', () => {
    const k = bootWithPolicy(MPOL_INTERLEAVE, 1);
    leave(k, zoneOf(k, 1), 0);
    awake(k.alloc_pages_current(GFP_HIGHUSER, 0));
    expect([1, 2].map(nid => numastat(k, nid))).toEqual([{ numa_foreign: 1 }, { numa_miss: 1, other_node: 1 }]);
  });
  it('of binding takes the first node of the mask for the one that was meant', () => {
    const k = bootWithPolicy(MPOL_BIND, 1, 2);
    leave(k, zoneOf(k, 1), 0);
    awake(k.alloc_pages_current(GFP_HIGHUSER, 0));
    expect([0, 1, 2].map(nid => numastat(k, nid))).toEqual([{}, { numa_foreign: 1 }, { numa_miss: 1, other_node: 1 }]);
  });
});

describe('the counters of all nodes', () => {
  it('agree: hits and misses are local and other, and what one node misses is foreign to another', () => {
    const requests = fc.array(fc.record({ cpu: fc.nat(2), nid: fc.nat(2), order: fc.nat(4) }), { maxLength: 150 });
    fc.assert(fc.property(requests, sequence => {
      const k = bootNodes(3, 128);
      let granted = 0;
      for (const { cpu, nid, order } of sequence) {
        k.m.current.cpu = cpu;
        if (alloc(k, nid, order, GFP_ATOMIC) !== 0) granted++;
      }
      const rows = [0, 1, 2].map(nid => numastat(k, nid));
      const sum = (counter: Counter): number => rows.reduce((total, row) => total + (row[counter] ?? 0), 0);
      for (const { numa_hit = 0, numa_miss = 0, local_node = 0, other_node = 0 } of rows) expect(numa_hit + numa_miss).toBe(local_node + other_node);
      expect(sum('numa_miss')).toBe(sum('numa_foreign'));
      expect(sum('numa_hit') + sum('numa_miss')).toBe(granted);
    }), { numRuns: 50 });
  });
});
