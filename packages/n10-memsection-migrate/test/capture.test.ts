/** What N1.0 does on the base tree: frames of a range are taken from the allocator, and those in use are captured as they become free. */
import { describe, expect, it } from 'vitest';
import { declareSymbols, link, Series } from '@pmkit/linker';
import {
  base, createMachine, finishPath, newPath, residentPage, runKernel, spawn, start, stepPath, syscall, type MachineConfig, type Page, type Task,
} from '@pmkit/mm-core';
import { EAGAIN, EBUSY, EINVAL, ENOSPC } from '@pmkit/mm-core/include/linux/errno';
import { GFP_HIGHUSER } from '@pmkit/mm-core/include/linux/gfp';
import { get_page, page_count } from '@pmkit/mm-core/include/linux/mm';
import { PageLRU } from '@pmkit/mm-core/include/linux/page-flags';
import { addSwap, anonymous, check_invariants, FOUR_NODES, logOf, nodesOf, scheduler } from '@pmkit/mm-core/testing';
import { page_under_capture } from '../src/include/linux/page-flags.js';
import { patch } from '../src/index.js';

const level0 = Series.of(base);
const host = level0.push(patch);
declareSymbols(host.definitions.keys());
const boot = (config: MachineConfig = FOUR_NODES) => start(link(host, { m: createMachine(config) }));
type Kernel = ReturnType<typeof boot>;

/** Node n of FOUR_NODES begins at frame 512 n. */
const NODE = 512;
const ORDER = 9;

/** A job on node 1, its pages past the pagevecs, and an administrator on node 0. The job's page tables are the first frames of the node. */
function rig(pages = 16, swap = true) {
  const k = boot();
  if (swap) addSwap(k);
  const job = spawn(k, { comm: 'job', cpu: 2 });
  const address = anonymous(k, job, pages);
  k.lru_drain_cache(2);
  return { k, job, address, admin: scheduler(k), page: (i: number): Page => residentPage(k.m, job, address + i * k.m.PAGE_SIZE) };
}
/** The range of 2^order frames that a page is in. */
const around = (page: Page, order: number): number => page - (page % 2 ** order);
const capture = (k: Kernel, admin: Task, start_pfn: number, order: number): number => runKernel(k, admin, k.capture_page_range(start_pfn, order));
const freeOn = (k: Kernel, nid: number): number => k.m.node_data[nid]!.node_zones.reduce((pages, zone) => pages + zone.free_pages, 0);

describe('before N1.0', () => {
  it('nothing can be captured', () => {
    expect(level0.definitions.has('capture_page_range')).toBe(false);
    expect(level0.definitions.get('free_hot_page')?.origin.package).toBe('@pmkit/mm-core');
  });
});

describe('a range of free frames', () => {
  it('is captured at once, and nobody is given its frames', () => {
    const { k, admin } = rig();
    const { now } = k.m;
    expect(capture(k, admin, 2 * NODE, ORDER)).toBe(0);
    expect(k.m.now).toBe(now);
    expect(freeOn(k, 2)).toBe(0);
    const guest = spawn(k, { comm: 'guest', cpu: 4 });
    const address = anonymous(k, guest, 8);
    expect(nodesOf(k.m, guest, address, 8)).not.toContain(2);
    expect(check_invariants(k)).toEqual([]);
  });
  it('leaves the rest of a larger free block to the allocator', () => {
    const { k, admin } = rig();
    const before = freeOn(k, 3);
    expect(capture(k, admin, 3 * NODE + 32, 4)).toBe(0);
    expect(freeOn(k, 3)).toBe(before - 16);
    expect(k.m.node_data[3]!.node_zones[0]!.free_area.map(({ nr_free }) => nr_free).slice(0, 9)).toEqual([0, 0, 0, 0, 1, 1, 1, 1, 1]);
    expect(check_invariants(k)).toEqual([]);
  });
  it('may begin anywhere', () => {
    const { k, admin } = rig();
    expect(capture(k, admin, 3 * NODE + 37, 3)).toBe(0);
    expect(check_invariants(k)).toEqual([]);
  });
  it('is captured from per-CPU lists too', () => {
    const { k, job, admin } = rig();
    syscall(k, job, 'exit_group', 0);
    const onLists = k.m.node_data[1]!.node_zones[0]!.pageset.reduce((pages, set) => pages + (set === undefined ? 0 : set.pcp[0].count + set.pcp[1].count), 0);
    expect(onLists).toBeGreaterThan(0);
    expect(capture(k, admin, NODE, ORDER)).toBe(0);
    expect(check_invariants(k)).toEqual([]);
  });
  it('keeps its marks in the zone: setup_per_zone_pages_min() is not called (reported in August 2005)', () => {
    const { k, admin } = rig();
    const zone = k.m.node_data[2]!.node_zones[0]!;
    const { pages_min, pages_low, pages_high, present_pages } = zone;
    capture(k, admin, 2 * NODE, ORDER);
    expect(zone).toMatchObject({ pages_min, pages_low, pages_high, present_pages });
  });
});

describe('a range with pages in use', () => {
  it('is emptied: the pages go where the caller allocates, with their contents', () => {
    const { k, job, address, admin, page } = rig();
    const start_pfn = around(page(8), 3);
    const inRange = (at: Page): boolean => at >= start_pfn && at < start_pfn + 8;
    const frames = (): Page[] => Array.from({ length: 16 }, (_, i) => page(i));
    const expected = frames().map(at => (inRange(at) ? 0 : 1));
    expect(expected.filter(node => node === 0)).toHaveLength(8);
    const tokens = frames().map(at => k.m.mem_map.content[at]);
    expect(capture(k, admin, start_pfn, 3)).toBe(0);
    expect(nodesOf(k.m, job, address, 16)).toEqual(expected);
    expect(frames().map(at => k.m.mem_map.content[at])).toEqual(tokens);
    expect(check_invariants(k)).toEqual([]);
  });
  it('may stay on its node: where the new pages come from is the policy of the caller', () => {
    const { k, job, address, page } = rig();
    const neighbour = spawn(k, { comm: 'neighbour', cpu: 3 });
    const from = around(page(8), 2);
    expect(capture(k, neighbour, from, 2)).toBe(0);
    expect(nodesOf(k.m, job, address, 16)).toEqual(Array.from({ length: 16 }, () => 1));
    expect(Array.from({ length: 16 }, (_, i) => page(i)).filter(at => at >= from && at < from + 4)).toEqual([]);
    expect(check_invariants(k)).toEqual([]);
  });
  it('needs a second pass for pages that wait in pagevecs: nobody waits for the scheduled drains', () => {
    const drained = rig();
    const { now } = drained.k.m;
    expect(capture(drained.k, drained.admin, around(drained.page(8), 2), 2)).toBe(0);
    expect(drained.k.m.now).toBe(now);

    const { k, job, admin } = rig();
    const address = anonymous(k, job, 4);
    const waiting = residentPage(k.m, job, address);
    expect(PageLRU(k.m.mem_map, waiting)).toBe(false);
    const before = k.m.now;
    expect(capture(k, admin, around(waiting, 0), 0)).toBe(0);
    expect(k.m.now).toBe(before + 10);
    expect(check_invariants(k)).toEqual([]);
  });
  it('captures a page that its owner frees meanwhile, and gives it to nobody', () => {
    const { k, job, address, admin, page } = rig();
    const pinned = page(0);
    get_page(k.m.mem_map, pinned);
    const path = newPath(admin, k.capture_page_range(pinned, 0));
    stepPath(k, path);
    expect(path.state).toBe('running');
    expect(page_under_capture(k.m.mem_map, pinned)).toBe(true);
    k.put_page(pinned);
    syscall(k, job, 'munmap', address, k.m.PAGE_SIZE);
    const other = anonymous(k, job, 32);
    finishPath(k, path);
    expect(path.value).toBe(0);
    expect(Array.from({ length: 32 }, (_, i) => residentPage(k.m, job, other + i * k.m.PAGE_SIZE))).not.toContain(pinned);
    expect(check_invariants(k)).toEqual([]);
  });
  it('captures the frames of a larger block that is freed meanwhile; the others are free again', () => {
    const { k, admin } = rig();
    const block = runKernel(k, admin, k.alloc_pages_node(3, GFP_HIGHUSER, 2));
    const before = freeOn(k, 3);
    const path = newPath(admin, k.capture_page_range(block, 1));
    stepPath(k, path);
    expect(path.state).toBe('running');
    k.__free_pages(block, 2);
    finishPath(k, path);
    expect(path.value).toBe(0);
    k.drain_local_pages();
    expect(freeOn(k, 3)).toBe(before + 2);
    expect(check_invariants(k)).toEqual([]);
  });
});

describe('a range that cannot be emptied', () => {
  it('is given up after ten passes, -EBUSY, and says which frames stayed and why', () => {
    const { k, job, address, admin, page } = rig();
    const pinned = page(5);
    get_page(k.m.mem_map, pinned);
    const free = freeOn(k, 1);
    expect(capture(k, admin, NODE, ORDER)).toBe(-EBUSY);
    const tables = [NODE, NODE + 1, NODE + 2].map(frame => ({ page: frame, why: 'page table' }));
    expect(k.m.capture_left).toEqual([...tables, { page: pinned, why: 'not migrated' }]);
    expect(nodesOf(k.m, job, address, 16)).toEqual(Array.from({ length: 16 }, (_, i) => (i === 5 ? 1 : 0)));
    expect(page_count(k.m.mem_map, pinned)).toBeGreaterThan(1);
    expect(PageLRU(k.m.mem_map, pinned)).toBe(true);
    // what was captured is free again
    expect(k.m.captures).toEqual([]);
    expect(freeOn(k, 1)).toBeGreaterThan(free);
    expect(check_invariants(k, { pins: new Map([[pinned, 1]]) })).toEqual([]);
  });
  it('has the reserved frames of the first node among them', () => {
    const { k, admin } = rig();
    expect(capture(k, admin, 0, 1)).toBe(-EBUSY);
    expect(k.m.capture_left).toEqual([{ page: 0, why: 'reserved' }, { page: 1, why: 'reserved' }]);
  });
  it('has kernel memory among them: it is on no LRU list', () => {
    const { k, admin } = rig();
    const kernelPage = runKernel(k, admin, k.alloc_pages_node(2, GFP_HIGHUSER, 0));
    expect(capture(k, admin, 2 * NODE, ORDER)).toBe(-EBUSY);
    expect(k.m.capture_left).toEqual([{ page: kernelPage, why: 'not on the LRU' }]);
  });
  it('is given up at once without room in swap, -ENOSPC, and the pages are on the LRU again', () => {
    const { k, job, address, admin, page } = rig(16, false);
    expect(capture(k, admin, around(page(8), 3), 3)).toBe(-ENOSPC);
    expect(k.m.capture_left.map(({ why }) => why)).toEqual(Array.from({ length: 8 }, () => 'not migrated'));
    expect(nodesOf(k.m, job, address, 16)).toEqual(Array.from({ length: 16 }, () => 1));
    expect(check_invariants(k)).toEqual([]);
    // and with a swap device it can be done
    addSwap(k);
    expect(capture(k, admin, around(page(8), 3), 3)).toBe(0);
  });
  it.each([
    ['that reaches into another node', NODE - 2, 2],
    ['of frames that are not there', 64 * NODE, 2],
    ['before the first frame', -4, 2],
    ['larger than any zone', 0, 30],
  ])('is one %s: -EINVAL', (_, start_pfn, order) => {
    const { k, admin } = rig();
    expect(capture(k, admin, start_pfn, order)).toBe(-EINVAL);
    expect(check_invariants(k)).toEqual([]);
  });
  it('is one that is captured already: -EINVAL', () => {
    const { k, admin } = rig();
    expect(capture(k, admin, 2 * NODE, 4)).toBe(0);
    expect(capture(k, admin, 2 * NODE + 8, 4)).toBe(-EINVAL);
    expect(capture(k, admin, 2 * NODE + 16, 4)).toBe(0);
    expect(check_invariants(k)).toEqual([]);
  });
});

describe('__remove_pages(), which calls it', () => {
  const remove = (k: Kernel, admin: Task, start_pfn: number, nr_pages: number): number =>
    runKernel(k, admin, k.__remove_pages(k.m.node_data[1]!.node_zones[0]!, start_pfn, nr_pages, 0));
  it('takes a section of 2^n frames out of use', () => {
    const { k, admin } = rig();
    expect(remove(k, admin, NODE + 256, 256)).toBe(0);
    expect(check_invariants(k)).toEqual([]);
  });
  it('refuses other sizes', () => {
    const { k, admin } = rig();
    for (const nr_pages of [0, 3, 255]) expect(remove(k, admin, NODE, nr_pages)).toBe(-EINVAL);
  });
  it('says -EAGAIN for every failure, and which range it was in the log', () => {
    const { k, admin } = rig();
    expect(remove(k, admin, NODE, NODE)).toBe(-EAGAIN);
    expect(logOf(k.m).at(-1)).toBe('__remove_pages(): failed to capture page range: 512 -> 1024');
  });
});
