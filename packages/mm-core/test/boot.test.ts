import { describe, expect, it } from 'vitest';
import { MAX_PFN } from '../src/include/asm-ia64/pgtable.js';
import { page_to_nid } from '../src/include/linux/mm.js';
import { boot, createMachine, load, residentPage, spawn, syscall, touch, type Kernel, type MachineConfig, type Page } from '../src/index.js';
import { check_invariants } from '../src/testing.js';
import { logOf, nodes, zoneOf } from './frames.js';

/** Frames whose record is not all zero any more. */
function touchedFrames({ m }: Kernel): number {
  const { flags, _count, _mapcount, mapping, index, private: priv, content, lru_next, lru_prev, max_mapnr } = m.mem_map;
  let touched = 0;
  for (let page = 0; page < max_mapnr; page++) {
    if ((flags[page]! | _count[page]! | _mapcount[page]! | mapping[page]! | index[page]! | priv[page]! | content[page]! | lru_next[page]! | lru_prev[page]!) !== 0) touched++;
  }
  return touched;
}

describe('an Altix of 64 nodes with 8 GB each', () => {
  const altix = (): Kernel => boot({ nodes: Array.from({ length: 64 }, (_, id) => ({ id, pages: 524_288, cpus: [2 * id, 2 * id + 1] })) });

  it('boots without touching the frames: only the first of each free block, and what the kernel keeps', () => {
    const k = altix();
    expect(k.m.totalram_pages).toBe(33_554_432);
    expect(k.nr_free_pages()).toBe(33_554_430);
    // 4 blocks of 2 GB a node; from the first, two frames are gone, which leaves one block of each order from 1 to 16
    expect(touchedFrames(k)).toBe(2 + 16 + 63 * 4 + 3);
  });
  it('is consistent, and its last node is as good as its first', () => {
    const k = altix();
    const task = spawn(k, { comm: 'job', cpu: 127 });
    const address = syscall(k, task, 'mmap', 0, 100 * k.m.PAGE_SIZE, 3, 0x22, -1, 0);
    expect(touch(k, task, address, 100, 'write')).toBe(100);
    expect(load(k, task, address)).not.toBe(0);
    expect(k.m.node_data[63]!.node_zones[0]!.pageset[127]!.local_node).toBeGreaterThanOrEqual(100);
    expect(check_invariants(k)).toEqual([]);
  });
});

describe('1.5 TB in 17 nodes, more than strides of a power of two leave frame numbers for', () => {
  const PER_NODE = 5_882_353;
  const k = boot({ nodes: Array.from({ length: 17 }, (_, id) => ({ id, pages: PER_NODE, cpus: [id] })) });

  it('has all its frames, each on its node', () => {
    expect(k.m.totalram_pages).toBe(17 * PER_NODE);
    const ends = k.m.node_ids.flatMap(id => [k.m.node_data[id]!.node_start_pfn, k.m.node_data[id]!.node_start_pfn + PER_NODE - 1]);
    expect(ends.map(pfn => page_to_nid(k.m, pfn as Page))).toEqual(k.m.node_ids.flatMap(id => [id, id]));
    expect(Math.max(...ends)).toBeLessThan(MAX_PFN);
  });
  it('begins every node where blocks of the highest order begin', () => {
    expect(k.m.node_ids.map(id => k.m.node_data[id]!.node_start_pfn % 2 ** (k.m.MAX_ORDER - 1))).toEqual(k.m.node_ids.map(() => 0));
  });
  it('gives the last node its own memory', () => {
    const task = spawn(k, { comm: 'job', cpu: 16 });
    const address = syscall(k, task, 'mmap', 0, 100 * k.m.PAGE_SIZE, 3, 0x22, -1, 0);
    touch(k, task, address, 100, 'write');
    expect(page_to_nid(k.m, residentPage(k.m, task, address))).toBe(16);
  });
});

describe('the log of a boot', () => {
  it('says what memory was found, zone by zone', () => {
    const k = boot({ nodes: [{ id: 0, pages: 65_536, cpus: [0] }, { id: 1, pages: 512, cpus: [1] }], maxDmaPfn: 40_960 });
    expect(logOf(k).slice(0, 9)).toEqual([
      'On node 0 totalpages: 65536', '  DMA zone: 40960 pages, LIFO batch:7', '  Normal zone: 24576 pages, LIFO batch:7', '  HighMem zone: 0 pages, LIFO batch:1',
      'On node 1 totalpages: 512', '  DMA zone: 0 pages, LIFO batch:1', '  Normal zone: 512 pages, LIFO batch:1', '  HighMem zone: 0 pages, LIFO batch:1',
      'Built 2 zonelists',
    ]);
  });
});

describe('frame 0', () => {
  it('is never given out, because it is NULL', () => {
    const k = boot({ nodes: nodes(1, 64) });
    const pages = Array.from({ length: 62 }, () => k.__rmqueue(zoneOf(k, 0), 0));
    expect(pages.sort((a, b) => a - b)).toEqual(Array.from({ length: 62 }, (_, i) => i + 2));
    expect(zoneOf(k, 0).free_pages).toBe(0);
  });
});

describe('a machine that cannot be', () => {
  it.each<[string, MachineConfig, string]>([
    ['too little memory for the kernel', { nodes: [{ id: 0, pages: 2, cpus: [0] }, { id: 1, pages: 99, cpus: [] }] }, 'node 0: expected more than the 2 pages that the kernel keeps, found 2'],
    ['no memory', { nodes: [{ id: 0, pages: 0, cpus: [0] }] }, 'nodes: expected a node with memory'],
    ['frame 0 free', { nodes: nodes(1, 64), reservedPages: 1 }, 'reservedPages: expected at least 2, found 1'],
    ['no orders', { nodes: nodes(1, 64), maxOrder: 0 }, 'maxOrder: expected 1 to 30, found 0'],
    ['no CPU', { nodes: [{ id: 0, pages: 64, cpus: [] }] }, 'nodes: expected at least one CPU'],
    ['a CPU twice', { nodes: [{ id: 0, pages: 64, cpus: [3] }, { id: 1, pages: 64, cpus: [3] }] }, 'node 1: CPU 3 is on two nodes'],
    ['a node twice', { nodes: [{ id: 4, pages: 64, cpus: [0] }, { id: 4, pages: 64, cpus: [1] }] }, 'nodes: node 4 is there twice'],
    ['a node id out of range', { nodes: [{ id: 256, pages: 64, cpus: [0] }] }, 'nodes: expected an id from 0 to 255, found 256'],
    ['no distance', { nodes: nodes(2, 64), distances: [[10, 20], [20]] }, 'distances: expected 1…255 from node 1 to node 1, found undefined'],
    ['a page size that ia64 has not', { nodes: nodes(1, 64), pageSize: 2048 }, 'pageSize: expected 4096, 8192, 16384 or 65536, found 2048'],
    ['more frames than a pte can name', { nodes: [{ id: 255, pages: 2 ** 24, cpus: [0] }] }, 'are more than the'],
  ])('is refused with the value: %s', (_name, config, message) => {
    expect(() => createMachine(config)).toThrow(RangeError);
    expect(() => createMachine(config)).toThrow(message);
  });
});
