import fc from 'fast-check';
import { strictEqual } from 'node:assert/strict';
import { describe, expect, it } from 'vitest';
import { GFP_ATOMIC } from '../src/include/linux/gfp.js';
import { page_zone } from '../src/include/linux/mm.js';
import type { Page } from '../src/include/linux/types.js';
import { boot, type Kernel, type MachineConfig } from '../src/index.js';
import { check_invariants } from '../src/testing.js';
import { alloc, blocks, bootNodes, nodes, zoneOf } from './frames.js';

/** Free blocks of all zones, by order. */
const allBlocks = (k: Kernel): number[][] => k.m.zones.flatMap(zone => (zone === undefined ? [] : [blocks(zone)]));
/** One block of an order and nothing else, of a zone with `orders` orders. */
const oneBlock = (order: number, orders: number): number[] => Array.from({ length: orders }, (_, i) => (i === order ? 1 : 0));

describe('the free memory of a machine that has just booted', () => {
  it('is in the largest aligned blocks, without the frames that the kernel keeps', () => {
    const k = bootNodes(2, 1000, { maxOrder: 9 });
    // frames 0 and 1 are reserved; the nodes begin at 0 and 1024 and are 1000 long
    expect(blocks(zoneOf(k, 0))).toEqual([0, 1, 1, 2, 1, 2, 2, 2, 2]);
    expect(blocks(zoneOf(k, 1))).toEqual([0, 0, 0, 1, 0, 1, 1, 1, 3]);
    expect(check_invariants(k)).toEqual([]);
  });
  it('comes from the top of a node first, and from there upwards', () => {
    const k = bootNodes(2, 1024, { maxOrder: 9 });
    const first = 1024 + 3 * 256;
    expect(Array.from({ length: 300 }, () => alloc(k, 1))).toEqual([
      ...Array.from({ length: 256 }, (_, i) => first + i), ...Array.from({ length: 44 }, (_, i) => first - 256 + i),
    ]);
  });
});

describe('taking a block', () => {
  it('cuts a larger one in halves and leaves the upper ones free', () => {
    const k = bootNodes(2, 64);
    expect(blocks(zoneOf(k, 1))).toEqual(oneBlock(6, 18));
    expect(k.__rmqueue(zoneOf(k, 1), 3)).toBe(64);
    expect(blocks(zoneOf(k, 1)).slice(0, 7)).toEqual([0, 0, 0, 1, 1, 1, 0]);
  });
  it('takes the smallest that is large enough', () => {
    const k = bootNodes(2, 64);
    k.__rmqueue(zoneOf(k, 1), 3);
    expect(k.__rmqueue(zoneOf(k, 1), 4)).toBe(64 + 16);
    expect(blocks(zoneOf(k, 1)).slice(0, 7)).toEqual([0, 0, 0, 1, 0, 1, 0]);
  });
  it('fails when there is none, however many smaller ones there are', () => {
    const k = bootNodes(2, 64);
    const zone = zoneOf(k, 1);
    const pages = Array.from({ length: 64 }, () => k.__rmqueue(zone, 0));
    for (const page of pages.filter(page => page % 2 === 0)) k.__free_pages_bulk(page, zone, 0);
    expect(blocks(zone).slice(0, 7)).toEqual([32, 0, 0, 0, 0, 0, 0]);
    expect(k.__rmqueue(zone, 1)).toBe(0);
  });
});

describe('freeing a block', () => {
  it('joins it with its buddy, and that with its own', () => {
    const k = bootNodes(2, 64);
    const zone = zoneOf(k, 1);
    const page = k.__rmqueue(zone, 0);
    k.__free_pages_bulk(page, zone, 0);
    expect(blocks(zone)).toEqual(oneBlock(6, 18));
  });
  it('does not join it with a neighbour that is not its buddy', () => {
    const k = bootNodes(2, 64);
    const zone = zoneOf(k, 1);
    const pages = Array.from({ length: 64 }, () => k.__rmqueue(zone, 0));
    k.__free_pages_bulk(pages[1]!, zone, 0);
    k.__free_pages_bulk(pages[2]!, zone, 0);
    expect(blocks(zone).slice(0, 3)).toEqual([2, 0, 0]);
  });
  it('does not join it with a buddy of another zone', () => {
    const k = boot({ nodes: nodes(1, 128), maxDmaPfn: 64, maxOrder: 10 });
    const [dma, normal] = k.m.node_data[0]!.node_zones;
    expect([blocks(dma!), blocks(normal!)]).toEqual([[0, 1, 1, 1, 1, 1, 0, 0, 0, 0], oneBlock(6, 10)]);
    const page = k.__rmqueue(normal!, 6);
    k.__free_pages_bulk(page, normal!, 6);
    expect(blocks(normal!)).toEqual(oneBlock(6, 10));
  });
  it('does not join it with a buddy of another node, though the frame numbers meet', () => {
    const k = bootNodes(4, 64);
    const page = k.__rmqueue(zoneOf(k, 3), 6);
    k.__free_pages_bulk(page, zoneOf(k, 3), 6);
    expect([2, 3].map(nid => blocks(zoneOf(k, nid)))).toEqual([oneBlock(6, 18), oneBlock(6, 18)]);
  });
  it('does not join it with a page whose buffers are at a number that looks like its order', () => {
    const k = bootNodes(2, 64);
    const zone = zoneOf(k, 1);
    const { mem_map: mem } = k.m;
    const [page, buddy] = [k.__rmqueue(zone, 0), k.__rmqueue(zone, 0)];
    mem._count[buddy] = 1;
    mem.flags[buddy]! |= 1 << 12; // PG_private, private 0
    k.__free_pages_bulk(page, zone, 0);
    expect(blocks(zone)[0]).toBe(1);
  });
  it('stops at the highest order', () => {
    const k = bootNodes(2, 1024, { maxOrder: 8 });
    const page = alloc(k, 1, 7);
    k.__free_pages(page, 7);
    expect(blocks(zoneOf(k, 1))).toEqual([0, 0, 0, 0, 0, 0, 0, 8]);
  });
});

/** What to do next: allocate a block of an order from a node and a CPU, or free one of those that are allocated, from a CPU. */
const steps = (nids: number, maxOrder: number) => fc.array(fc.oneof(
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('alloc' as const), nid: fc.nat(nids - 1), order: fc.oneof(fc.constant(0), fc.nat(maxOrder - 1)), cpu: fc.nat(1), gfp_mask: fc.constantFrom(0, GFP_ATOMIC, 0x100) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('free' as const), which: fc.nat(), cpu: fc.nat(1) }) },
), { maxLength: 200 });

describe.each<[string, MachineConfig]>([
  ['one node, few orders', { nodes: [{ id: 0, pages: 300, cpus: [0, 1] }], maxOrder: 6, poison: true }],
  ['nodes with and without memory, odd sizes', { nodes: [{ id: 0, pages: 70, cpus: [0] }, { id: 1, pages: 0, cpus: [1] }, { id: 3, pages: 513, cpus: [] }], poison: true }],
  ['two zones in a node', { nodes: [{ id: 0, pages: 512, cpus: [0] }, { id: 1, pages: 512, cpus: [1] }], maxDmaPfn: 256, maxOrder: 11, poison: true }],
  ['a zone that begins anywhere, and more reserved than the one before it', { nodes: [{ id: 0, pages: 200, cpus: [0, 1] }], maxDmaPfn: 11, reservedPages: 20, poison: true }],
])('any sequence of allocating and freeing (%s)', (_name, config) => {
  const maxOrder = Math.min(config.maxOrder ?? 18, 10);
  it('gives out disjoint aligned blocks inside a zone, keeps the books, and ends where it began', () => {
    fc.assert(fc.property(steps(config.nodes.length, maxOrder), sequence => {
      const k = boot(config);
      const before = allBlocks(k);
      const held: { page: Page; order: number }[] = [];
      const owner = new Map<number, Page>();
      for (const step of sequence) {
        k.m.current.cpu = step.cpu;
        if (step.kind === 'alloc') take(k, step, held, owner);
        else if (held.length > 0) give(k, held.splice(step.which % held.length, 1)[0]!, owner);
      }
      expect(check_invariants(k, { pins: new Map([...owner.keys()].map(frame => [frame, 1])) })).toEqual([]);
      for (const block of held) give(k, block, owner);
      for (const cpu of k.m.cpus) k.__drain_pages(cpu);
      expect(check_invariants(k)).toEqual([]);
      expect(allBlocks(k)).toEqual(before);
    }), { numRuns: 60 });
  });
  function take(k: Kernel, step: { nid: number; order: number; gfp_mask: number }, held: { page: Page; order: number }[], owner: Map<number, Page>): void {
    const page = alloc(k, config.nodes[step.nid]!.id, step.order, step.gfp_mask | 0x200);
    if (page === 0) return;
    const zone = page_zone(k.m, page);
    const size = 2 ** step.order;
    strictEqual(page % size, 0);
    strictEqual(page >= zone.zone_start_pfn && page + size <= zone.zone_start_pfn + zone.present_pages, true);
    for (let frame = page as number; frame < page + size; frame++) {
      strictEqual(owner.has(frame), false);
      owner.set(frame, page);
    }
    held.push({ page, order: step.order });
  }
  function give(k: Kernel, { page, order }: { page: Page; order: number }, owner: Map<number, Page>): void {
    for (let frame = page as number; frame < page + 2 ** order; frame++) owner.delete(frame);
    k.__free_pages(page, order);
  }
});
