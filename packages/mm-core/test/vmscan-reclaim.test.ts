import fc from 'fast-check';
import { strictEqual } from 'node:assert/strict';
import { beforeEach, describe, expect, it } from 'vitest';
import { MAP_PRIVATE, MAP_SHARED } from '../src/include/asm-ia64/mman.js';
import { GFP_KERNEL, GFP_NOFS, GFP_NOIO } from '../src/include/linux/gfp.js';
import { KERN_ERR } from '../src/include/linux/kernel.js';
import { get_page } from '../src/include/linux/mm.js';
import { SIGCHLD } from '../src/include/linux/sched.js';
import { load, residentPage, runKernel, settle, spawn, store, syscall, touch, type Task } from '../src/index.js';
import { diskToken } from '../src/model/block-map.js';
import { check_invariants, modelObject, ReferenceModel } from '../src/testing.js';
import { cachedPage, inodeOf, open, PAGE, readPages, writeAt, type Fixture } from './files.js';
import { logOf } from './frames.js';
import {
  addSwap, bootSmall, mapAnonymous, mapFile, newFile, reclaimAll, refillInactive, scan, shrinkCache, writtenMemory, zoneOf, cachedFile, dirtyFile,
} from './reclaim.js';

let f: Fixture;

describe('kswapd', () => {
  const free = (): number => zoneOf(f.k).free_pages;

  it('sleeps as long as there is more memory than the low mark', () => {
    f = bootSmall();
    newFile(f, '/data/file', 180);
    readPages(f, open(f, '/data/file'), 0, 180);
    expect(free()).toBeGreaterThan(zoneOf(f.k).pages_low);
    expect(f.k.m.page_state.pageoutrun).toBe(0);
  });

  it('is woken below the low mark and reclaims up to the high mark, so that a reader of more than memory never has to', () => {
    f = bootSmall();
    newFile(f, '/data/file', 600);
    const fd = open(f, '/data/file');
    const tokens = readPages(f, fd, 0, 600);
    settle(f.k);
    expect(new Set(tokens).size).toBe(600);
    expect(f.k.m.page_state.pageoutrun).toBeGreaterThan(0);
    expect(f.k.m.page_state.allocstall).toBe(0);
    expect(f.k.m.page_state.kswapd_steal).toBe(f.k.m.page_state.pgsteal_dma);
    expect(free()).toBeGreaterThan(zoneOf(f.k).pages_low);
    expect(readPages(f, fd, 0, 600)).toEqual(tokens);
    settle(f.k);
    expect(check_invariants(f.k)).toEqual([]);
  });

  it('does not come back for calls that came while it was at work', () => {
    f = bootSmall();
    const pgdat = f.k.m.node_data[0]!;
    const zone = zoneOf(f.k);
    cachedFile(f, 150);
    // marks raised to above what is free: the next allocation will ring
    const marks = { low: zone.pages_low, high: zone.pages_high };
    zone.pages_low = zone.free_pages + 1;
    zone.pages_high = zone.free_pages + 40;
    f.k.wakeup_kswapd(zone, 0);
    expect(pgdat.kswapd_wait.woken).toBe(true);
    settle(f.k);
    const { pageoutrun } = f.k.m.page_state;
    expect(free()).toBeGreaterThan(zone.pages_high);
    expect(pgdat.kswapd_wait.woken).toBe(false);
    settle(f.k);
    expect(f.k.m.page_state.pageoutrun).toBe(pageoutrun);
    Object.assign(zone, { pages_low: marks.low, pages_high: marks.high });
  });

  /** Memory without swap down to the low mark, one access after the other. */
  function fillWithAnonymous(): number {
    const address = mapAnonymous(f.k, f.task, 240);
    for (let page = 0; f.k.m.page_state.pageoutrun === 0; page++) touch(f.k, f.task, address + page * PAGE, 1, 'write');
    settle(f.k);
    return address;
  }

  it('gives a zone up that has nothing to reclaim, and takes it up again when a page is freed', () => {
    f = bootSmall();
    const zone = zoneOf(f.k);
    const address = fillWithAnonymous();
    expect(zone.all_unreclaimable).toBe(true);
    expect(free()).toBeLessThanOrEqual(zone.pages_low);
    expect(f.task.state).toBe('R');
    syscall(f.k, f.task, 'munmap', address, 100 * PAGE);
    expect(zone.all_unreclaimable).toBe(false);
  });

  it('only glances at a zone it has given up', () => {
    f = bootSmall();
    const zone = zoneOf(f.k);
    fillWithAnonymous();
    const { nr_scan_active, nr_active } = zone;
    const { pageoutrun } = f.k.m.page_state;
    f.k.wakeup_kswapd(zone, 0);
    settle(f.k);
    expect(f.k.m.page_state.pageoutrun).toBe(pageoutrun + 1);
    expect(zone.nr_scan_active).toBe(nr_scan_active + (nr_active >> 12) + 1);
  });
});

describe('direct reclaim', () => {
  it('frees memory for an allocation that finds the zone at its minimum', () => {
    f = bootSmall();
    newFile(f, '/data/file', 150);
    readPages(f, open(f, '/data/file'), 0, 150);
    // page faults in a row, without a sleep that would let kswapd run
    const pages = 200;
    const address = writtenMemory(f.k, f.task, pages);
    expect(f.k.m.page_state.allocstall).toBeGreaterThan(0);
    expect(f.k.m.page_state.pgscan_direct_dma).toBeGreaterThan(0);
    expect(residentPage(f.k.m, f.task, address + (pages - 1) * PAGE)).not.toBe(0);
    settle(f.k);
    expect(check_invariants(f.k)).toEqual([]);
  });

  it('does not count as a success when it frees less than a cluster', () => {
    f = bootSmall();
    const zones = [zoneOf(f.k)];
    const reclaim = (): number => runKernel(f.k, f.task, f.k.try_to_free_pages(zones, GFP_KERNEL, 0));
    cachedFile(f, 31);
    expect(reclaim()).toBe(0);
    expect(zoneOf(f.k).nr_inactive).toBe(0);
    cachedFile(f, 33, '/data/other');
    expect(reclaim()).toBe(1);
  });

  it('has pdflush write when it meets much that it may not write itself', () => {
    f = bootSmall();
    // below the background limit: nobody else has a reason to write yet
    dirtyFile(f, 20);
    settle(f.k);
    expect(f.disk.writes).toBe(0);
    expect(runKernel(f.k, f.task, f.k.try_to_free_pages([zoneOf(f.k)], GFP_NOFS, 0))).toBe(0);
    settle(f.k);
    expect(f.disk.writes).toBe(20);
    expect(f.k.m.page_state.nr_dirty).toBe(0);
  });

  it('stays out of zones that the cpuset of the task does not allow', () => {
    f = bootSmall();
    cachedFile(f, 40);
    f.task.mems_allowed.fill(0);
    const sc = scan({ priority: 0 });
    runKernel(f.k, f.task, f.k.shrink_caches([zoneOf(f.k)], sc));
    expect(sc.nr_scanned).toBe(0);
  });
});

describe('reclaim of anonymous memory', () => {
  const area = () => f.k.m.swap_info[0]!;
  beforeEach(() => {
    f = bootSmall();
    addSwap(f.k, 600);
  });

  it('writes pages to swap and frees them, and each access brings one back with its contents', () => {
    const address = mapAnonymous(f.k, f.task, 3);
    const stored = [0, 1, 2].map(page => store(f.k, f.task, address + page * PAGE));
    reclaimAll(f);
    expect([0, 1, 2].map(page => residentPage(f.k.m, f.task, address + page * PAGE))).toEqual([0, 0, 0]);
    expect(f.task.mm).toMatchObject({ rss: 0, anon_rss: 0 });
    expect(f.k.m.page_state.pswpout).toBe(3);
    expect(area().inuse_pages).toBe(3);
    expect(f.k.m.swapper_space.nrpages).toBe(0);
    expect(check_invariants(f.k)).toEqual([]);
    expect([0, 1, 2].map(page => load(f.k, f.task, address + page * PAGE))).toEqual(stored);
    expect(check_invariants(f.k)).toEqual([]);
  });

  it('swaps a page once that parent and child share, and both find it', () => {
    const address = mapAnonymous(f.k, f.task, 1);
    const token = store(f.k, f.task, address);
    const child = f.k.m.tasks.get(runKernel(f.k, f.task, f.k.do_fork(SIGCHLD)))!;
    reclaimAll(f);
    expect(area().inuse_pages).toBe(1);
    expect(f.k.m.page_state.pswpout).toBe(1);
    expect(load(f.k, child, address)).toBe(token);
    expect(store(f.k, child, address)).not.toBe(token);
    expect(load(f.k, f.task, address)).toBe(token);
    expect(check_invariants(f.k)).toEqual([]);
  });

  it('keeps a page in use: it goes to swap only when it was not touched between two looks', () => {
    const address = writtenMemory(f.k, f.task, 1);
    for (let i = 0; i < 4; i++) {
      touch(f.k, f.task, address, 1, 'read');
      refillInactive(f, true);
      shrinkCache(f);
    }
    expect(residentPage(f.k.m, f.task, address)).not.toBe(0);
    expect(area().inuse_pages).toBe(0);
  });

  it('does not start with pages that somebody holds, for get_user_pages() for example', () => {
    const address = writtenMemory(f.k, f.task, 1);
    const page = residentPage(f.k.m, f.task, address);
    get_page(f.k.m.mem_map, page);
    reclaimAll(f);
    expect(residentPage(f.k.m, f.task, address)).toBe(page);
    expect(check_invariants(f.k, { pins: new Map([[page, 1]]) })).toEqual([]);
  });

  it('leaves locked memory where it is', () => {
    const address = writtenMemory(f.k, f.task, 2);
    syscall(f.k, f.task, 'mlock', address, PAGE);
    reclaimAll(f);
    expect([0, 1].map(page => residentPage(f.k.m, f.task, address + page * PAGE) !== 0)).toEqual([true, false]);
  });

  it('activates pages again when swap is full', () => {
    f = bootSmall();
    addSwap(f.k, 10);
    const address = writtenMemory(f.k, f.task, 40);
    reclaimAll(f);
    const resident = Array.from({ length: 40 }, (_, page) => residentPage(f.k.m, f.task, address + page * PAGE)).filter(page => page !== 0);
    expect(resident).toHaveLength(30);
    expect(area().inuse_pages).toBe(10);
    expect(check_invariants(f.k)).toEqual([]);
  });

  it('swaps for a caller that may start I/O, though not wait for file systems, and not for one that may not', () => {
    const address = writtenMemory(f.k, f.task, 1);
    refillInactive(f, true);
    shrinkCache(f, { gfp_mask: GFP_NOIO }); // used a moment ago
    refillInactive(f, true);
    shrinkCache(f, { gfp_mask: GFP_NOIO });
    expect(residentPage(f.k.m, f.task, address)).toBe(0); // unmapped, still in the swap cache
    expect(f.k.m.page_state.pswpout).toBe(0);
    shrinkCache(f, { gfp_mask: GFP_NOFS });
    expect(f.k.m.page_state.pswpout).toBe(1);
  });

  it('keeps shared memory that is unmapped in the swap cache until it is written', () => {
    f = bootSmall('tmpfs');
    addSwap(f.k);
    const fd = open(f, '/data/shm');
    writeAt(f, fd, 0, 2 * PAGE);
    const inode = inodeOf(f, '/data/shm');
    const contents = [0, 1].map(index => f.k.m.mem_map.content[cachedPage(f, inode, index)]);
    reclaimAll(f);
    expect(inode.i_mapping.nrpages).toBe(0);
    expect(inode.shmem!.swapped).toBe(2);
    expect(f.k.m.page_state.pswpout).toBe(2);
    expect(readPages(f, fd, 0, 2)).toEqual(contents);
    expect(check_invariants(f.k)).toEqual([]);
  });

  it('leaves tmpfs pages in memory without swap', () => {
    f = bootSmall('tmpfs');
    const fd = open(f, '/data/shm');
    writeAt(f, fd, 0, 2 * PAGE);
    reclaimAll(f);
    expect(inodeOf(f, '/data/shm').i_mapping.nrpages).toBe(2);
    expect(check_invariants(f.k)).toEqual([]);
  });

  it('copes with processes that are larger than memory', () => {
    const address = mapAnonymous(f.k, f.task, 500);
    const stored = Array.from({ length: 500 }, (_, page) => store(f.k, f.task, address + page * PAGE));
    expect(f.k.m.page_state.pswpout).toBeGreaterThan(250);
    expect(Array.from({ length: 500 }, (_, page) => load(f.k, f.task, address + page * PAGE))).toEqual(stored);
    expect(f.k.m.log.filter(line => line.level <= KERN_ERR)).toEqual([]);
    settle(f.k);
    expect(check_invariants(f.k)).toEqual([]);
  });
});

/**
 * Where everything was touched a moment ago or is on its way to disk, twelve rounds of reclaim may free nothing: on a machine as small as this
 * somebody is killed then, at times.
 */
const isOomKilled = (task: Task): boolean => task.state !== 'R' && logOf(f.k).some(line => line.startsWith(`Out of Memory: Killed process ${task.pid} `));

it('programs read what they wrote, whatever is reclaimed meanwhile', () => {
  const AREA = 70;
  const access = fc.record({ child: fc.boolean(), area: fc.nat(2), page: fc.nat(AREA - 1), write: fc.boolean(), run: fc.integer({ min: 1, max: 40 }) });
  const event = fc.oneof({ weight: 12, arbitrary: access }, { weight: 1, arbitrary: fc.constant('sync' as const) }, { weight: 1, arbitrary: fc.constant('settle' as const) });
  fc.assert(fc.property(fc.array(event, { minLength: 20, maxLength: 60 }), fc.nat(30), (events, forkAt) => {
    f = bootSmall('ext3', 150);
    addSwap(f.k, 600);
    const inode = newFile(f, '/data/file', AREA);
    const model = new ReferenceModel();
    const file = modelObject(index => diskToken(inode, index));
    const starts = [mapAnonymous(f.k, f.task, AREA), mapFile(f, '/data/file', AREA, MAP_SHARED), mapFile(f, '/data/file', AREA, MAP_PRIVATE)];
    model.create(f.task);
    starts.forEach((start, area) => {
      model.map(f.task, start / PAGE, AREA, area === 0 ? undefined : { object: file, pgoff: 0, shared: area === 1 });
    });
    const tasks: Task[] = [f.task];
    events.forEach((next, at) => {
      if (isOomKilled(f.task)) return;
      if (at === forkAt) {
        const child = f.k.m.tasks.get(runKernel(f.k, f.task, f.k.do_fork(SIGCHLD)))!;
        model.fork(f.task, child);
        tasks.push(child);
      }
      if (next === 'sync') syscall(f.k, f.task, 'sync');
      else if (next === 'settle') settle(f.k);
      else accessRun(next);
    });
    function accessRun({ child, area, page, write, run }: { child: boolean; area: number; page: number; write: boolean; run: number }): void {
      const task = tasks[child ? tasks.length - 1 : 0]!;
      for (let i = page; i < Math.min(AREA, page + run) && !isOomKilled(task); i++) {
        const address = starts[area]! + i * PAGE;
        const token = write ? store(f.k, task, address) : load(f.k, task, address);
        if (isOomKilled(task)) return;
        if (write) model.store(task, address / PAGE, token);
        else strictEqual(token, model.load(task, address / PAGE));
      }
    }
    settle(f.k);
    expect(check_invariants(f.k)).toEqual([]);
    for (const task of tasks) {
      for (const [page, token] of model.pages(task)) {
        if (isOomKilled(task)) break;
        const found = load(f.k, task, page * PAGE);
        if (!isOomKilled(task)) strictEqual(found, token);
      }
    }
  }), { numRuns: 15 });
});

describe('a process that touches more memory than there is', () => {
  it.each([1024, 4096, 20_000])('goes through swap, on a machine of %i frames: kswapd has the CPU as soon as it is woken', pages => {
    f = bootSmall('ext2', pages);
    addSwap(f.k, pages);
    const more = pages + (pages >> 2);
    expect(touch(f.k, f.task, mapAnonymous(f.k, f.task, more), more, 'write')).toBe(more);
    expect(logOf(f.k).filter(text => text.startsWith('oom-killer'))).toEqual([]);
    expect(f.k.m.page_state.pageoutrun).toBeGreaterThan(0);
    expect(check_invariants(f.k)).toEqual([]);
  });
  it('and so it does in a system call that takes page after page: who locks memory has others swapped out, and nobody is killed', () => {
    f = bootSmall('ext2', 1024);
    addSwap(f.k);
    writtenMemory(f.k, f.task, 640);
    const other = spawn(f.k, { comm: 'other', uid: 0 });
    expect(syscall(f.k, other, 'mlock', mapAnonymous(f.k, other, 640), 640 * PAGE)).toBe(0);
    expect(logOf(f.k).filter(text => text.startsWith('oom-killer'))).toEqual([]);
    expect(f.k.m.page_state.pswpout).toBeGreaterThan(0);
    expect(check_invariants(f.k)).toEqual([]);
  });
});
