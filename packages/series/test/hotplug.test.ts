/** The hotplug patches over the series: on which levels they build, and a node's frames taken out of use under load on each of those. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LinkError } from '@pmkit/linker';
import { createMachine, finishPath, load, newPath, residentPage, runKernel, spawn, start, stepPath, syscall, touch, type Page, type Task } from '@pmkit/mm-core';
import { EBUSY, ENOSPC } from '@pmkit/mm-core/include/linux/errno';
import { get_page, page_to_nid } from '@pmkit/mm-core/include/linux/mm';
import {
  addSwap, anonymous, attachSegment, check_invariants, FOUR_NODES, mapFile, must, newFile, nodesOf, PRIVATE, READ, scheduler, SHARED, WRITE,
} from '@pmkit/mm-core/testing';
import { bootAt, goTo, hotplugAt, hotplugKernelAt, levels, TOP_LEVEL, type HotplugKernel } from '../src/levels.js';

const BUILDS = [0, 1, 2, TOP_LEVEL] as const;
const BROKEN = [3, 4, 5, 6, 7, 8, 9] as const;
/** Node 1 of FOUR_NODES: frames 512 to 1023. */
const NODE_1 = { start_pfn: 512, order: 9 };

const boot = (level: number): HotplugKernel => start(hotplugKernelAt(level, createMachine(FOUR_NODES)));
const offline = (k: HotplugKernel, admin: Task): number => runKernel(k, admin, k.capture_page_range(NODE_1.start_pfn, NODE_1.order));
/** Frames of page tables on node 1. */
const tablesOf = ({ m }: HotplugKernel): number[] => [...m.table_page.subarray(1, m.table_high)].filter(frame => page_to_nid(m, frame as Page) === 1).sort((a, b) => a - b);

interface Range { readonly what: string; readonly task: Task; readonly address: number; readonly pages: number }

/** A process on node 1 with memory of every kind there, and one that shares some of it; `cached` is in no page table. */
function underLoad(k: HotplugKernel) {
  const job = spawn(k, { comm: 'job', cpu: 2 });
  const other = spawn(k, { comm: 'other', cpu: 3 });
  const xfs = k.new_super_block('xfs', '/xfs', k.add_disk('sdx', 8, 64, 1), 4096);
  const ranges: Range[] = [];
  const add = (what: string, task: Task, address: number, pages = 4): Range => {
    const range = { what, task, address, pages };
    ranges.push(range);
    return range;
  };
  /** A file with buffers: they come with write(); a store through the mapping makes the pte dirty. */
  const buffered = (path: string, dirty: boolean): Range => {
    if (path.startsWith('/xfs/')) k.new_inode(xfs, path, 4 * k.m.PAGE_SIZE, 0o666);
    else newFile(k, path, 4);
    const fd = must(k, job, 'open', path, 2, 0);
    must(k, job, 'write', fd, 4 * k.m.PAGE_SIZE);
    if (!dirty) must(k, job, 'fsync', fd);
    must(k, job, 'close', fd);
    const range = add(`${path} ${dirty ? 'dirty' : 'clean'}`, job, mapFile(k, job, path, 4, READ | WRITE, SHARED));
    touch(k, job, range.address, 4, dirty ? 'write' : 'read');
    return range;
  };

  add('anonymous', job, anonymous(k, job, 4));
  buffered('/ext3-clean', false);
  buffered('/ext3-dirty', true);
  buffered('/xfs/clean', false);
  buffered('/xfs/dirty', true);
  newFile(k, '/library', 4);
  for (const task of [job, other]) touch(k, task, add('shared library', task, mapFile(k, task, '/library', 4, READ, PRIVATE)).address, 4, 'read');
  const copied = add('private copies of a file', job, mapFile(k, job, '/library', 4, READ | WRITE, PRIVATE));
  touch(k, job, copied.address, 4, 'write');
  const segment = attachSegment(k, job, 4);
  touch(k, job, add('SysV memory', job, segment.address).address, 4, 'write');
  touch(k, other, add('SysV memory', other, must(k, other, 'shmat', segment.id, 0, 0)).address, 4, 'read');
  const locked = add('mlocked', job, anonymous(k, job, 4));
  must(k, job, 'mlock', locked.address, 4 * k.m.PAGE_SIZE);
  const cached = newFile(k, '/cached', 4);
  const fd = must(k, job, 'open', '/cached', 0, 0);
  must(k, job, 'read', fd, 4 * k.m.PAGE_SIZE);

  const nodes = (): string[] => ranges.map(({ what, task, address, pages }) => `${what}: ${nodesOf(k.m, task, address, pages).join(' ')}`);
  const contents = (): number[][] => ranges.map(({ task, address, pages }) => Array.from({ length: pages }, (_, i) => load(k, task, address + i * k.m.PAGE_SIZE)));
  const cachedNodes = (): number[] => Array.from({ length: 4 }, (_, index) => page_to_nid(k.m, k.radix_tree_lookup(cached.i_mapping.page_tree, index) as Page));
  return { job, other, xfs, ranges, nodes, contents, cachedNodes };
}
const everywhere = (node: number, ranges: readonly Range[]): string[] => ranges.map(({ what, pages }) => `${what}: ${Array.from({ length: pages }, () => node).join(' ')}`);

describe('the tree with the hotplug patches', () => {
  it.each(BUILDS)('builds at level %i', level => {
    expect(boot(level).m.captures).toEqual([]);
  });
  it.each(BROKEN)("does not build at level %i: patch 3 has left a caller behind, in gcc's words", level => {
    let error: unknown;
    try {
      hotplugKernelAt(level, createMachine(FOUR_NODES));
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toBeInstanceOf(LinkError);
    expect((error as LinkError).errors).toEqual([{
      file: 'mm/page_alloc.c', caller: 'capture_page_range', callee: 'try_to_migrate_pages',
      message: "mm/page_alloc.c: In function `capture_page_range':\nmm/page_alloc.c: error: too few arguments to function `try_to_migrate_pages'",
    }]);
  });
  it('is level 10, which has them below patch 10', () => {
    expect(hotplugAt(TOP_LEVEL).definitions).toBe(levels[TOP_LEVEL]!.definitions);
  });
  it('is there for levels 0 to 10', () => {
    for (const level of [-1, 11, 0.5]) expect(() => hotplugAt(level)).toThrow(`level: expected 0 to 10, found ${level}`);
  });
  it('is needed for capturing: no level below 10 has the function by itself', () => {
    expect(levels.flatMap((level, at) => (level.definitions.has('capture_page_range') ? [at] : []))).toEqual([TOP_LEVEL]);
    expect(() => (bootAt(9, FOUR_NODES) as HotplugKernel).capture_page_range(512, 0)).toThrow('capture_page_range() is not linked at this level');
  });
});

describe.each(BUILDS)("a node's frames under load, at level %i with the hotplug patches", level => {
  function rig(swap: boolean) {
    const k = boot(level);
    if (swap) addSwap(k);
    const load1 = underLoad(k);
    expect(load1.nodes()).toEqual(everywhere(1, load1.ranges));
    expect(load1.cachedNodes()).toEqual([1, 1, 1, 1]);
    return { k, admin: scheduler(k), ...load1 };
  }

  it('every page moves that can, and keeps its contents; what is left are page tables, which are reported', () => {
    const { k, admin, ranges, nodes, contents, cachedNodes } = rig(true);
    const before = contents();
    expect(offline(k, admin)).toBe(-EBUSY);
    expect(nodes()).toEqual(everywhere(0, ranges));
    expect(cachedNodes()).toEqual([0, 0, 0, 0]);
    expect(contents()).toEqual(before);
    expect(k.m.capture_left).toEqual(tablesOf(k).map(page => ({ page, why: 'page table' })));
    expect(check_invariants(k)).toEqual([]);
  });
  it('the node is taken when the processes whose tables are there have gone', () => {
    const { k, admin, job, other, cachedNodes } = rig(true);
    for (const task of [job, other]) syscall(k, task, 'exit_group', 0);
    expect(offline(k, admin)).toBe(0);
    expect(cachedNodes()).not.toContain(1);
    const late = spawn(k, { comm: 'late', cpu: 2 });
    const address = anonymous(k, late, 8);
    expect(nodesOf(k.m, late, address, 8)).not.toContain(1);
    expect(check_invariants(k)).toEqual([]);
  });
  it('a page that somebody pins stays, is reported and keeps nothing else from moving', () => {
    const { k, admin, ranges, nodes, contents } = rig(true);
    const before = contents();
    const pins = new Map<number, number>(['anonymous', '/xfs/dirty dirty'].map(wanted => {
      const { task, address } = ranges.find(({ what }) => what === wanted)!;
      const page = residentPage(k.m, task, address);
      get_page(k.m.mem_map, page);
      return [page, 1];
    }));
    expect(offline(k, admin)).toBe(-EBUSY);
    const left = new Map<number, string>(k.m.capture_left.map(({ page, why }) => [page, why]));
    expect([...left].filter(([, why]) => why !== 'page table')).toEqual([...pins.keys()].sort((a, b) => a - b).map(page => [page, 'not migrated']));
    const expected = everywhere(0, ranges).map(line => (/^(anonymous|\/xfs\/dirty dirty): /.test(line) ? line.replace(': 0', ': 1') : line));
    expect(nodes()).toEqual(expected);
    expect(contents()).toEqual(before);
    expect(check_invariants(k, { pins })).toEqual([]);
  });
  it('without swap it ends with -ENOSPC: anonymous pages stay, file pages have moved', () => {
    const { k, admin, ranges, nodes, contents } = rig(false);
    const before = contents();
    // there is no second pass, so that what waits in pagevecs would not move
    for (const cpu of [2, 3]) k.lru_drain_cache(cpu);
    expect(offline(k, admin)).toBe(-ENOSPC);
    const anon = new Set(['anonymous', 'private copies of a file', 'mlocked']);
    expect(nodes()).toEqual(ranges.map(range => everywhere(anon.has(range.what) ? 1 : 0, [range])[0]));
    expect(k.m.capture_left.filter(({ why }) => why === 'not migrated')).toHaveLength(12);
    expect(contents()).toEqual(before);
    expect(check_invariants(k)).toEqual([]);
  });
  it(`dirty XFS pages ${level < 2 ? 'are written out' : 'move without being written'}: patch 2`, () => {
    const { k, admin, xfs } = rig(true);
    const writes = xfs.bdev!.writes;
    offline(k, admin);
    expect(xfs.bdev!.writes > writes).toBe(level < 2);
  });
});

describe('a patch pushed or popped under a machine that captures', () => {
  it('is refused while somebody is inside capture_page_range(), and leaves captured frames captured', () => {
    const k = boot(TOP_LEVEL);
    addSwap(k);
    const job = spawn(k, { comm: 'job', cpu: 2 });
    const page = residentPage(k.m, job, anonymous(k, job, 1));
    get_page(k.m.mem_map, page);
    const admin = scheduler(k);
    const path = newPath(admin, k.capture_page_range(page, 0));
    stepPath(k, path);
    expect(() => {
      goTo(k, 9);
    }).toThrow(/batchd\[\d+\] sleeps in capture_page_range\(\), .* may be inside capture_page_range\(\)/);
    k.put_page(page);
    finishPath(k, path);
    expect(path.value).toBe(0);
    goTo(k, 9);
    syscall(k, job, 'exit_group', 0);
    expect(k.m.captures.map(capture => capture.start_pfn)).toEqual([page]);
    expect(check_invariants(k)).toEqual([]);
  });
});

describe('for any job, pins and range', () => {
  it('what is in the range and not pinned moves out, nothing is lost, and 0 means that nothing is left', () => {
    const page = fc.nat({ max: 23 });
    fc.assert(
      fc.property(fc.constantFrom(...BUILDS), fc.uniqueArray(page, { maxLength: 3 }), page, fc.integer({ min: 0, max: 5 }), (level, pinned, first, order) => {
        const k = boot(level);
        addSwap(k);
        const job = spawn(k, { comm: 'job', cpu: 2 });
        const address = anonymous(k, job, 24);
        const frames = (): Page[] => Array.from({ length: 24 }, (_, i) => residentPage(k.m, job, address + i * k.m.PAGE_SIZE));
        const contents = (): number[] => frames().map(frame => k.m.mem_map.content[frame]!);
        const before = frames();
        const tokens = contents();
        const pins = new Map<number, number>(pinned.map(i => [before[i]!, 1]));
        for (const frame of pins.keys()) get_page(k.m.mem_map, frame as Page);
        const from = before[first]! - (before[first]! % 2 ** order);
        const inRange = (frame: number): boolean => frame >= from && frame < from + 2 ** order;

        const ret = runKernel(k, scheduler(k), k.capture_page_range(from, order));
        const stuck = [...pins.keys(), ...tablesOf(k)].filter(inRange).sort((a, b) => a - b);
        expect(ret).toBe(stuck.length === 0 ? 0 : -EBUSY);
        expect(k.m.capture_left.map(left => left.page)).toEqual(stuck);
        expect(frames().map((frame, i) => frame !== before[i])).toEqual(before.map(frame => inRange(frame) && !pins.has(frame)));
        expect(contents()).toEqual(tokens);
        expect(check_invariants(k, { pins })).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });
});
