import { replaceSymbol } from '@pmkit/linker';
import { describe, expect, it } from 'vitest';
import {
  __GFP_COLD, __GFP_HIGH, __GFP_HIGHMEM, __GFP_NOFAIL, __GFP_NOMEMALLOC, __GFP_NORETRY, __GFP_NOWARN, __GFP_REPEAT, __GFP_WAIT, __GFP_ZERO, GFP_ATOMIC,
  GFP_HIGHUSER, GFP_KERNEL, GFP_NOFS,
} from '../src/include/linux/gfp.js';
import { KernelBug } from '../src/include/linux/kernel.js';
import { page_count } from '../src/include/linux/mm.js';
import { PAGE_MAPPING_ANON } from '../src/include/linux/mm_types.js';
import { nodemask_of } from '../src/include/linux/nodemask.js';
import { PG_dirty, PG_locked, PG_mappedtodisk, PG_referenced, PG_uptodate, set_page_flag } from '../src/include/linux/page-flags.js';
import { PF_MEMALLOC, PF_MEMDIE } from '../src/include/linux/sched.js';
import type { Page } from '../src/include/linux/types.js';
import type { MaySleep } from '../src/include/linux/wait.js';
import { boot, type Kernel } from '../src/index.js';
import { check_invariants } from '../src/testing.js';
import { alloc, awake, bootNodes, leave, logOf, nodeOf, nodes, untilSleep, zoneOf } from './frames.js';

/** Two nodes of 32 MB. The marks of both zones: min 45, low 56, high 67. */
const bootTwo = (): Kernel => bootNodes(2, 2048);
/** Both nodes have so many free frames left. */
function squeeze(k: Kernel, free_pages: number): void {
  leave(k, zoneOf(k, 0), free_pages);
  leave(k, zoneOf(k, 1), free_pages);
}
const kswapdsWoken = (k: Kernel): number[] => k.m.node_data.filter(pgdat => pgdat?.kswapd_wait.woken === true).map(pgdat => pgdat!.node_id);

describe('the watermarks', () => {
  // the table of 2.6.12's own comment on min_free_kbytes
  it.each([[16, 512], [32, 724], [64, 1024], [128, 1448], [256, 2048], [512, 2896], [1024, 4096], [2048, 5792], [16_384, 16_384]])(
    'a machine of %i MB keeps %i kB free', (megabytes, min_free_kbytes) => {
      expect(bootNodes(1, megabytes * 64).m.min_free_kbytes).toBe(min_free_kbytes);
    });
  it.each([['128 kB at least', 1, 32, 128], ['64 MB at most', 1, 2 ** 25, 65_536]])('%s', (_name, count, pages, min_free_kbytes) => {
    expect(bootNodes(count, pages).m.min_free_kbytes).toBe(min_free_kbytes);
  });
  it('count the memory of a NUMA machine once for every node, as nr_free_zone_pages() of 2.6.12 does', () => {
    const k = bootNodes(2, 1024);
    expect(k.m.min_free_kbytes).toBe(1024); // that of 64 MB; there are 32
    expect(k.nr_free_buffer_pages()).toBe(2 * (2048 - zoneOf(k, 0).pages_high - zoneOf(k, 1).pages_high));
  });
  it('are 4/4, 5/4 and 6/4 of a share of it in proportion to the size of the zone', () => {
    const k = boot({ nodes: [{ id: 0, pages: 3072, cpus: [0] }, { id: 1, pages: 1024, cpus: [1] }] });
    // 1448 kB are 90 pages: 67.5 and 22.5
    expect([0, 1].map(nid => [zoneOf(k, nid).pages_min, zoneOf(k, nid).pages_low, zoneOf(k, nid).pages_high])).toEqual([[67, 83, 100], [22, 27, 33]]);
  });
  it('reserve of ZONE_DMA a 256th of what lies above it, for those who could have had that', () => {
    const k = boot({ nodes: [{ id: 0, pages: 4096, cpus: [0] }], maxDmaPfn: 1024 });
    expect(k.m.node_data[0]!.node_zones.map(zone => zone.lowmem_reserve)).toEqual([[0, 12, 12], [0, 0, 0], [0, 0, 0]]);
  });
});

describe('zone_watermark_ok()', () => {
  const zoneWith = (free: readonly number[]): { k: Kernel; zone: ReturnType<typeof zoneOf> } => {
    const k = bootNodes(1, 256);
    const zone = zoneOf(k, 0);
    zone.free_pages = free.reduce((sum, count, order) => sum + count * 2 ** order, 0);
    zone.free_area.forEach((area, order) => void (area.nr_free = free[order] ?? 0));
    return { k, zone };
  };
  it('wants more than the mark, not as much', () => {
    const { k, zone } = zoneWith([100]);
    expect([k.zone_watermark_ok(zone, 0, 99, 0, 0, 0), k.zone_watermark_ok(zone, 0, 100, 0, 0, 0)]).toEqual([true, false]);
  });
  it.each([
    ['half of it for __GFP_HIGH', 0, __GFP_HIGH, 50], ['three quarters for those who cannot wait', 1, 0, 75], ['three eighths for both', 1, __GFP_HIGH, 38],
  ])('takes %s', (_name, can_try_harder, gfp_high, mark) => {
    const enough = zoneWith([mark + 1]);
    expect(enough.k.zone_watermark_ok(enough.zone, 0, 100, 0, can_try_harder, gfp_high)).toBe(true);
    const short = zoneWith([mark]);
    expect(short.k.zone_watermark_ok(short.zone, 0, 100, 0, can_try_harder, gfp_high)).toBe(false);
  });
  it('adds the reserve of the zone for the class of the allocation', () => {
    const { k, zone } = zoneWith([100]);
    zone.lowmem_reserve[1] = 40;
    expect(k.zone_watermark_ok(zone, 0, 60, 0, 0, 0)).toBe(true);
    expect(k.zone_watermark_ok(zone, 0, 60, 1, 0, 0)).toBe(false);
    expect(k.zone_watermark_ok(zone, 0, 59, 1, 0, 0)).toBe(true);
  });
  it('does not count blocks too small for the order, and wants half as much of each larger order', () => {
    const small = zoneWith([1000]);
    expect(small.k.zone_watermark_ok(small.zone, 1, 10, 0, 0, 0)).toBe(false);
    // 6 pages in blocks of two, less the one of the allocation itself: 5 > 9/2
    const some = zoneWith([10, 3]);
    expect(some.k.zone_watermark_ok(some.zone, 1, 9, 0, 0, 0)).toBe(true);
    expect(some.k.zone_watermark_ok(some.zone, 1, 10, 0, 0, 0)).toBe(false);
  });
});

describe('a page', () => {
  it('has one reference and nothing of its last owner but the contents', () => {
    const k = bootNodes(1, 256, { poison: false });
    const page = alloc(k, 0);
    const { mem_map: mem } = k.m;
    mem.content[page] = 4711;
    mem.mapping[page] = (1 << 1) | PAGE_MAPPING_ANON;
    set_page_flag(mem, page, PG_uptodate | PG_referenced | PG_dirty | PG_mappedtodisk);
    k.__free_pages(page, 0);
    expect(alloc(k, 0)).toBe(page);
    expect([mem.flags[page], mem.mapping[page], mem._count[page], mem.content[page]]).toEqual([0, 0, 1, 4711]);
    expect(logOf(k).filter(text => text.startsWith('Bad page state'))).toEqual([]);
  });
  it('is cleared for __GFP_ZERO', () => {
    const k = bootNodes(1, 256);
    const page = alloc(k, 0, 2);
    k.m.mem_map.content.fill(4711, page, page + 4);
    k.__free_pages(page, 2);
    expect(alloc(k, 0, 2, GFP_KERNEL | __GFP_ZERO)).toBe(page);
    expect([...k.m.mem_map.content.subarray(page, page + 4)]).toEqual([0, 0, 0, 0]);
  });
  it('of high memory cannot be cleared by one who cannot wait: BUG()', () => {
    const k = bootNodes(1, 256);
    expect(() => alloc(k, 0, 0, __GFP_HIGHMEM | __GFP_ZERO)).toThrow(KernelBug);
  });
  it('of a block has no reference of its own unless it is the first', () => {
    const k = bootNodes(1, 256);
    const page = alloc(k, 0, 2);
    expect([0, 1, 2, 3].map(i => page_count(k.m.mem_map, (page + i) as Page))).toEqual([1, 0, 0, 0]);
  });
  it('that is reserved is never freed', () => {
    const k = bootNodes(1, 256);
    const { zero_page, mem_map } = k.m;
    k.__free_pages(zero_page, 0);
    expect(page_count(mem_map, zero_page)).toBe(1);
    expect(check_invariants(k)).toEqual([]);
  });
  it('that is freed in a bad state is mended, and the log says so', () => {
    const k = bootNodes(1, 256);
    const page = alloc(k, 0);
    set_page_flag(k.m.mem_map, page, PG_locked);
    k.__free_pages(page, 0);
    expect(logOf(k).filter(text => text.startsWith('Bad page state'))).toEqual([`Bad page state at free_hot_cold_page (in process 'swapper', page ${page})`]);
    expect(check_invariants(k)).toEqual([]);
  });
  it('of an order that does not exist is NULL, and nobody is told', () => {
    const k = bootNodes(1, 256);
    const { length } = k.m.log;
    expect(alloc(k, 0, k.m.MAX_ORDER)).toBe(0);
    expect(logOf(k, length)).toEqual([]);
  });
});

describe('the per-CPU lists', () => {
  const hot = (k: Kernel, cpu = 0) => zoneOf(k, 0).pageset[cpu]!.pcp[0];

  it.each([[2048, 1], [8192, 3], [12_288, 7], [524_288, 7]])('of a zone of %i pages work in batches of %i', (pages, batch) => {
    const k = bootNodes(1, pages);
    alloc(k, 0);
    const [warm, cold] = zoneOf(k, 0).pageset[0]!.pcp;
    expect([warm.batch, warm.low, warm.high, cold.low, cold.high]).toEqual([batch, 2 * batch, 6 * batch, 0, 2 * batch]);
  });
  it('fill up by a batch at a time as long as they are not above their low mark', () => {
    const k = bootNodes(1, 16_384);
    const counts = Array.from({ length: 8 }, () => {
      alloc(k, 0);
      return hot(k).count;
    });
    expect(counts).toEqual([6, 12, 18, 17, 16, 15, 14, 20]);
  });
  it('give back a batch when they are full, those first that were freed first', () => {
    const k = bootNodes(1, 16_384);
    const pages = Array.from({ length: 60 }, () => alloc(k, 0));
    k.__drain_pages(0);
    for (const page of pages.slice(0, 42)) k.__free_pages(page, 0);
    const { free_pages } = zoneOf(k, 0);
    expect(hot(k).count).toBe(42);
    k.__free_pages(pages[42]!, 0);
    expect(hot(k).count).toBe(36);
    expect(zoneOf(k, 0).free_pages).toBe(free_pages + 7);
    expect(pages.slice(0, 43).filter(page => !isOnList(k, page, hot(k).list))).toEqual(pages.slice(0, 7));
  });
  it('hand out the page that was freed last', () => {
    const k = bootNodes(1, 2048);
    const pages = [alloc(k, 0), alloc(k, 0), alloc(k, 0)];
    for (const page of pages) k.__free_pages(page, 0);
    expect([alloc(k, 0), alloc(k, 0), alloc(k, 0)]).toEqual([...pages].reverse());
  });
  it('are of one CPU: what one frees, another does not get', () => {
    const k = boot({ nodes: [{ id: 0, pages: 2048, cpus: [0, 1] }] });
    const page = alloc(k, 0);
    k.__free_pages(page, 0);
    k.m.current.cpu = 1;
    expect(alloc(k, 0)).not.toBe(page);
    k.m.current.cpu = 0;
    expect(alloc(k, 0)).toBe(page);
  });
  it('hold cold pages apart, for those who ask for them', () => {
    const k = bootNodes(1, 2048);
    const page = alloc(k, 0);
    k.m.mem_map._count[page] = 0;
    k.free_cold_page(page);
    expect(alloc(k, 0)).not.toBe(page);
    expect(alloc(k, 0, 0, GFP_HIGHUSER | __GFP_COLD)).toBe(page);
  });
  it('do not count as free memory', () => {
    const k = bootNodes(1, 2048);
    const zone = zoneOf(k, 0);
    alloc(k, 0);
    const page = alloc(k, 0);
    leave(k, zone, zone.pages_min);
    k.__free_pages(page, 0);
    expect(hot(k).count).toBeGreaterThan(0);
    expect(k.nr_free_pages()).toBe(zone.pages_min);
    expect(untilSleep(k.alloc_pages_node(0, GFP_NOFS, 0)).done).toBe(false); // goes to reclaim
  });
  it('make the zone worth reclaiming again when they give pages back', () => {
    const k = bootNodes(1, 2048);
    const zone = zoneOf(k, 0);
    k.__free_pages(alloc(k, 0), 0);
    zone.all_unreclaimable = true;
    zone.pages_scanned = 100;
    k.drain_local_pages();
    expect([zone.all_unreclaimable, zone.pages_scanned]).toEqual([false, 0]);
  });
});
function isOnList(k: Kernel, page: Page, head: number): boolean {
  for (let at = k.m.mem_map.lru_next[head]!; at !== head; at = k.m.mem_map.lru_next[at]!) if (at === page) return true;
  return false;
}

describe('an allocation', () => {
  it('goes to the next node before it takes the first below its low mark, and wakes nobody', () => {
    const k = bootTwo();
    leave(k, zoneOf(k, 0), 56);
    expect(nodeOf(k, alloc(k, 0))).toBe(1);
    expect(kswapdsWoken(k)).toEqual([]);
  });
  it('wakes all kswapds when all zones are below, and comes back to the first', () => {
    const k = bootTwo();
    squeeze(k, 56);
    expect(nodeOf(k, alloc(k, 0))).toBe(0);
    expect(kswapdsWoken(k)).toEqual([0, 1]);
  });
  it('that may use the reserves wakes them all the same', () => {
    const k = bootTwo();
    squeeze(k, 56);
    expect(nodeOf(k, alloc(k, 0, 0, GFP_ATOMIC))).toBe(0);
    expect(kswapdsWoken(k)).toEqual([0, 1]);
  });
  it('that can wait stops at the min mark and reclaims', () => {
    const k = bootTwo();
    const calls = stub(k, { progress: [1] });
    squeeze(k, 46);
    expect(nodeOf(k, alloc(k, 0))).toBe(0);
    squeeze(k, 45);
    untilSleep(k.alloc_pages_node(0, GFP_HIGHUSER, 0));
    expect(calls).toEqual(['try_to_free_pages', 'blk_congestion_wait']);
  });
  // 45 - 45/4, and 45 - 45/2 less a quarter of that
  it.each([['cannot wait', 0, 34], ['cannot wait and may use the reserves', GFP_ATOMIC, 18], ['can wait and may use the reserves', GFP_HIGHUSER | __GFP_HIGH, 23]])(
    'that %s goes deeper', (_name, gfp_mask, mark) => {
      const k = bootTwo();
      squeeze(k, mark + 1);
      expect(nodeOf(k, alloc(k, 0, 0, gfp_mask))).toBe(0);
      leave(k, zoneOf(k, 0), mark);
      expect(nodeOf(k, alloc(k, 0, 0, gfp_mask))).toBe(1);
    });
  it('that cannot wait fails when that is not enough, and says so', () => {
    const k = bootTwo();
    squeeze(k, 18);
    const { length } = k.m.log;
    expect(alloc(k, 0, 0, GFP_ATOMIC)).toBe(0);
    expect(alloc(k, 0, 2, GFP_ATOMIC | __GFP_NOWARN)).toBe(0);
    expect(logOf(k, length)).toEqual(['swapper: page allocation failure. order:0, mode:0x20']);
  });
  it('for a zonelist without zones fails at once', () => {
    const k = bootTwo();
    expect(awake(k.__alloc_pages(GFP_KERNEL, 0, []))).toBe(0);
  });
});

describe('who frees memory, or is dying', () => {
  it.each([['PF_MEMALLOC', PF_MEMALLOC], ['TIF_MEMDIE', PF_MEMDIE]])('takes the last page, and fails without reclaim when there is none (%s)', (_name, flag) => {
    const k = bootTwo();
    const calls = stub(k, {});
    squeeze(k, 1);
    k.m.current.flags |= flag;
    expect([alloc(k, 0), alloc(k, 0)].map(page => nodeOf(k, page))).toEqual([0, 1]);
    expect(alloc(k, 0)).toBe(0);
    expect(calls).toEqual([]);
  });
  it('leaves the reserves alone with __GFP_NOMEMALLOC', () => {
    const k = bootTwo();
    squeeze(k, 20);
    k.m.current.flags |= PF_MEMALLOC;
    expect(alloc(k, 0, 0, GFP_KERNEL | __GFP_NOMEMALLOC)).toBe(0);
  });
  it('stays in its cpuset', () => {
    const k = bootTwo();
    squeeze(k, 1);
    k.m.current.flags |= PF_MEMALLOC;
    k.m.current.mems_allowed = nodemask_of(1);
    expect([alloc(k, 0), alloc(k, 0)].map(page => nodeOf(k, page))).toEqual([1, -1]);
  });
});

describe('the cpuset of the current task', () => {
  const bootIn = (nid: number): Kernel => {
    const k = bootTwo();
    k.m.current.mems_allowed = nodemask_of(nid);
    return k;
  };
  it('overrules the node that was asked for', () => {
    const k = bootIn(1);
    expect(nodeOf(k, alloc(k, 0))).toBe(1);
  });
  it('is kept by who can wait, down to reclaim', () => {
    const k = bootIn(1);
    const calls = stub(k, { progress: [1] });
    leave(k, zoneOf(k, 1), 0);
    untilSleep(k.alloc_pages_node(0, GFP_HIGHUSER, 0));
    expect(calls[0]).toBe('try_to_free_pages');
  });
  it('is left by who cannot wait, rather than fail', () => {
    const k = bootIn(1);
    expect(nodeOf(k, alloc(k, 0, 0, GFP_ATOMIC))).toBe(1);
    leave(k, zoneOf(k, 1), 0);
    expect(nodeOf(k, alloc(k, 0, 0, GFP_ATOMIC))).toBe(0);
  });
  it('does not hold in an interrupt', () => {
    const k = bootIn(1);
    k.m.in_interrupt = true;
    expect(nodeOf(k, alloc(k, 0, 0, GFP_ATOMIC))).toBe(0);
  });
});

/** What happens in the callees of __alloc_pages(): progress of each reclaim in turn (the last for ever), memory freed by some call. */
interface Script { readonly progress?: readonly number[]; readonly frees?: Partial<Record<string, (k: Kernel) => void>> }
/** Replaces reclaim, the OOM killer and the wait for I/O; the names of those that are called. */
function stub(k: Kernel, { progress = [0], frees = {} }: Script): string[] {
  const calls: string[] = [];
  let round = 0;
  const called = (name: string): void => {
    calls.push(name);
    if (calls.length > 100) throw new Error('does not end');
    frees[name]?.(k);
  };
  replaceSymbol(k, 'try_to_free_pages', function* (_zones: unknown, _gfp_mask: unknown, _order: unknown): MaySleep<number> {
    called('try_to_free_pages');
    expect(k.m.current.flags & PF_MEMALLOC).toBe(PF_MEMALLOC);
    return progress[Math.min(round++, progress.length - 1)]!;
  });
  replaceSymbol(k, 'out_of_memory', (_gfp_mask: unknown): void => {
    called('out_of_memory');
  });
  replaceSymbol(k, 'blk_congestion_wait', function* (ms: number): MaySleep<void> {
    called('blk_congestion_wait');
    yield { kind: 'io', until: k.m.now + ms };
  });
  return calls;
}
/** The whole allocation, sleeps included. */
function finish(body: MaySleep<Page>): Page {
  for (;;) {
    const result = untilSleep(body);
    if (result.done === true) return result.value;
  }
}
/** Gives back what leave() took: so many frames of node 0. */
function refill(pages: number): (k: Kernel) => void {
  return k => {
    const zone = zoneOf(k, 0);
    for (let i = 0; i < pages; i++) k.__free_pages_bulk((zone.zone_start_pfn + 1024 + i) as Page, zone, 0);
  };
}
/** Two nodes with nothing left. */
function bootEmpty(): Kernel {
  const k = bootTwo();
  squeeze(k, 0);
  return k;
}

describe('when reclaim makes progress', () => {
  it('the allocation looks once more, down to the min mark', () => {
    const k = bootEmpty();
    const calls = stub(k, { progress: [1], frees: { try_to_free_pages: refill(46) } });
    expect(nodeOf(k, finish(k.alloc_pages_node(0, GFP_HIGHUSER, 0)))).toBe(0);
    expect(calls).toEqual(['try_to_free_pages']);
    expect(k.m.current.flags & PF_MEMALLOC).toBe(0);
  });
  it('waits for I/O and reclaims again for as long as it takes', () => {
    const k = bootEmpty();
    const calls = stub(k, { progress: [1], frees: { try_to_free_pages: refill(16) } });
    // the frames come in blocks of their own: 16, 32, 48 free
    expect(finish(k.alloc_pages_node(0, GFP_HIGHUSER, 0))).not.toBe(0);
    expect(calls).toEqual(['try_to_free_pages', 'blk_congestion_wait', 'try_to_free_pages', 'blk_congestion_wait', 'try_to_free_pages']);
  });
  it.each([
    ['up to order 3', GFP_KERNEL, 3, true], ['not of order 4', GFP_KERNEL, 4, false], ['of order 4 with __GFP_REPEAT', GFP_KERNEL | __GFP_REPEAT, 4, true],
    ['of order 4 with __GFP_NOFAIL', GFP_KERNEL | __GFP_NOFAIL, 4, true], ['not with __GFP_NORETRY', GFP_KERNEL | __GFP_NORETRY, 0, false],
    ['not with __GFP_NORETRY and __GFP_NOFAIL', GFP_KERNEL | __GFP_NORETRY | __GFP_NOFAIL, 0, false],
  ])('but for nothing, it tries again: %s', (_name, gfp_mask, order, again) => {
    const k = bootEmpty();
    const calls = stub(k, { progress: [1] });
    const body = k.alloc_pages_node(0, gfp_mask, order);
    expect(untilSleep(body).done).toBe(!again);
    expect(calls).toEqual(again ? ['try_to_free_pages', 'blk_congestion_wait'] : ['try_to_free_pages']);
  });
});

describe('when reclaim makes none', () => {
  it('the OOM killer strikes and the allocation starts anew', () => {
    const k = bootEmpty();
    const calls = stub(k, { frees: { out_of_memory: refill(60) } });
    expect(nodeOf(k, finish(k.alloc_pages_node(0, GFP_HIGHUSER, 0)))).toBe(0);
    expect(calls).toEqual(['try_to_free_pages', 'out_of_memory']);
  });
  it('it does not strike when somebody else freed enough meanwhile: more than the high mark', () => {
    const k = bootEmpty();
    const calls = stub(k, { frees: { try_to_free_pages: refill(68) } });
    expect(finish(k.alloc_pages_node(0, GFP_HIGHUSER, 0))).not.toBe(0);
    expect(calls).toEqual(['try_to_free_pages']);
  });
  it('up to the high mark it strikes all the same', () => {
    const k = bootEmpty();
    const calls = stub(k, { frees: { try_to_free_pages: refill(67) } });
    expect(finish(k.alloc_pages_node(0, GFP_HIGHUSER, 0))).not.toBe(0);
    expect(calls).toEqual(['try_to_free_pages', 'out_of_memory']);
  });
  it('the task that it chose itself takes what is left', () => {
    const k = bootEmpty();
    stub(k, { frees: { out_of_memory: victim => {
      victim.m.current.flags |= PF_MEMDIE;
      refill(1)(victim);
    } } });
    expect(finish(k.alloc_pages_node(0, GFP_HIGHUSER, 0))).not.toBe(0);
  });
  it.each([['may not enter the file system', GFP_NOFS], ['may do no I/O', __GFP_WAIT]])('who %s waits and tries again, and kills nobody', (_name, gfp_mask) => {
    const k = bootEmpty();
    let waits = 0;
    const calls = stub(k, { frees: { blk_congestion_wait: waiter => {
      if (++waits === 3) refill(60)(waiter);
    } } });
    // the third wait frees enough, but only a round of reclaim that made progress looks for it
    const body = k.alloc_pages_node(0, gfp_mask, 0);
    for (let i = 0; i < 10; i++) untilSleep(body);
    expect(new Set(calls)).toEqual(new Set(['try_to_free_pages', 'blk_congestion_wait']));
  });
  it('with __GFP_NORETRY the allocation fails, and kills nobody', () => {
    const k = bootEmpty();
    const calls = stub(k, {});
    expect(alloc(k, 0, 0, GFP_KERNEL | __GFP_NORETRY)).toBe(0);
    expect(calls).toEqual(['try_to_free_pages']);
  });
});

describe('the report of show_free_areas()', () => {
  it('adds up: blocks of each zone to its free memory, zones to the sum', () => {
    const k = boot({ nodes: nodes(2, 2048), maxDmaPfn: 1024 });
    alloc(k, 0);
    alloc(k, 1, 3);
    const { length } = k.m.log;
    k.show_free_areas();
    const log = logOf(k, length);
    const sums = log.flatMap(text => {
      const match = /^Node (\d) (\w+): (.*) = (\d+)kB$/.exec(text);
      return match === null ? [] : [{ zone: `Node ${match[1]!} ${match[2]!}`, blocks: match[3]!, total: Number(match[4]) }];
    });
    expect(sums.map(({ zone }) => zone)).toEqual(['Node 0 DMA', 'Node 0 Normal', 'Node 1 Normal']);
    for (const { zone, blocks, total } of sums) {
      expect(blocks.split(' ').reduce((sum, block) => sum + Number(block.split('*')[0]) * Number.parseInt(block.split('*')[1]!, 10), 0)).toBe(total);
      expect(log.some(text => text.startsWith(`${zone} free:${total}kB min:`))).toBe(true);
    }
    expect(log).toContain('Node 0 HighMem: empty');
    const free = sums.reduce((sum, { total }) => sum + total, 0);
    expect(log).toContain(`Free pages: ${String(free).padStart(11)}kB (0kB HighMem)`);
  });
});
