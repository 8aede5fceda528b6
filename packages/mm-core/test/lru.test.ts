import { describe, expect, it } from 'vitest';
import { KernelLockup } from '../src/include/linux/kernel.js';
import { list_del } from '../src/include/linux/list.js';
import { get_page, page_count } from '../src/include/linux/mm.js';
import type { Zone } from '../src/include/linux/mmzone.js';
import {
  PageActive, PageLRU, PageReferenced, PageWriteback, PG_active, PG_dirty, PG_locked, PG_lru, PG_referenced, PG_writeback, set_page_flag,
} from '../src/include/linux/page-flags.js';
import { spin_lock } from '../src/include/linux/spinlock.js';
import type { ListHead, Page } from '../src/include/linux/types.js';
import { boot, newListHead, releaseListHead, type Kernel } from '../src/index.js';
import { check_invariants } from '../src/testing.js';
import { alloc, bootNodes, zoneOf } from './frames.js';

/** Pages of a list from its head on. */
function pagesOf({ m }: Kernel, head: ListHead): Page[] {
  const { lru_next } = m.mem_map;
  const pages: Page[] = [];
  for (let page = lru_next[head]!; page !== (head as number); page = lru_next[page]!) pages.push(page as Page);
  return pages;
}
const inactive = (k: Kernel, nid = 0): Page[] => pagesOf(k, zoneOf(k, nid).inactive_list);
const active = (k: Kernel, nid = 0): Page[] => pagesOf(k, zoneOf(k, nid).active_list);
/** What the machine says about itself, when the test has a reference to each of these pages. */
const violations = (k: Kernel, pages: readonly Page[]): string[] => check_invariants(k, { pins: new Map(pages.map(page => [page, 1])) });
/** Pages of node 0 that somebody has a reference to, on the inactive list. */
function inactivePages(k: Kernel, count: number): Page[] {
  const pages = Array.from({ length: count }, () => alloc(k, 0));
  for (const page of pages) k.lru_cache_add(page);
  k.lru_add_drain();
  return pages;
}
function activePage(k: Kernel): Page {
  const page = alloc(k, 0);
  k.lru_cache_add_active(page);
  k.lru_add_drain();
  return page;
}
const flagsOf = (k: Kernel, page: Page): number => k.m.mem_map.flags[page]!;

describe('a page that is added to the LRU', () => {
  it('waits in a pagevec, with a reference, until there are 14', () => {
    const k = bootNodes(1, 256);
    const pages = Array.from({ length: 14 }, () => alloc(k, 0));
    for (const page of pages.slice(0, 13)) k.lru_cache_add(page);
    expect(inactive(k)).toEqual([]);
    expect(pages.slice(0, 13).map(page => [PageLRU(k.m.mem_map, page), page_count(k.m.mem_map, page)])).toEqual(pages.slice(0, 13).map(() => [false, 2]));
    expect(violations(k, pages)).toEqual([]);
    k.lru_cache_add(pages[13]!);
    expect(inactive(k)).toEqual([...pages].reverse());
    expect(pages.map(page => [PageLRU(k.m.mem_map, page), page_count(k.m.mem_map, page)])).toEqual(pages.map(() => [true, 1]));
    expect(zoneOf(k, 0).nr_inactive).toBe(14);
    expect(violations(k, pages)).toEqual([]);
  });
  it('has two pagevecs, one for each list', () => {
    const k = bootNodes(1, 256);
    const pages = Array.from({ length: 20 }, () => alloc(k, 0));
    pages.forEach((page, i) => {
      if (i % 2 === 0) k.lru_cache_add(page);
      else k.lru_cache_add_active(page);
    });
    expect([inactive(k), active(k)]).toEqual([[], []]);
    k.lru_add_drain();
    expect([inactive(k).length, active(k).length]).toEqual([10, 10]);
    expect(pages.map(page => PageActive(k.m.mem_map, page))).toEqual(pages.map((_, i) => i % 2 === 1));
    expect(violations(k, pages)).toEqual([]);
  });
  it('gets to the list of its own zone', () => {
    const k = bootNodes(2, 256);
    const pages = [alloc(k, 1), alloc(k, 0), alloc(k, 1)];
    for (const page of pages) k.lru_cache_add(page);
    k.lru_add_drain();
    expect([inactive(k, 0), inactive(k, 1)]).toEqual([[pages[1]], [pages[2], pages[0]]]);
  });
  it('stays off it until the CPU that added it drains: lru_add_drain() is local', () => {
    const k = boot({ nodes: [{ id: 0, pages: 256, cpus: [0, 1] }], poison: true });
    const page = alloc(k, 0);
    k.lru_cache_add_active(page);
    k.m.current.cpu = 1;
    k.lru_add_drain();
    expect(PageLRU(k.m.mem_map, page)).toBe(false);
    k.m.current.cpu = 0;
    k.lru_add_drain();
    expect(PageLRU(k.m.mem_map, page)).toBe(true);
  });
  it('and is dropped by its owner meanwhile, is freed when the pagevec is drained', () => {
    const k = bootNodes(1, 256);
    const page = alloc(k, 0);
    k.lru_cache_add_active(page);
    k.put_page(page);
    expect(page_count(k.m.mem_map, page)).toBe(1);
    k.lru_add_drain();
    expect(page_count(k.m.mem_map, page)).toBe(0);
    expect([active(k), zoneOf(k, 0).nr_active, flagsOf(k, page) & (PG_lru | PG_active)]).toEqual([[], 0, 0]);
    expect(violations(k, [])).toEqual([]);
  });
});

describe('mark_page_accessed()', () => {
  it('goes inactive, inactive referenced, active, active referenced, and no further', () => {
    const k = bootNodes(1, 256);
    const [page] = inactivePages(k, 1);
    const { mem_map: mem } = k.m;
    const steps = Array.from({ length: 4 }, () => {
      k.mark_page_accessed(page!);
      return [PageActive(mem, page!), PageReferenced(mem, page!)];
    });
    expect(steps).toEqual([[false, true], [true, false], [true, true], [true, true]]);
    expect([inactive(k), active(k), zoneOf(k, 0).nr_inactive, zoneOf(k, 0).nr_active]).toEqual([[], [page], 0, 1]);
    expect(k.m.page_state.pgactivate).toBe(1);
    expect(violations(k, [page!])).toEqual([]);
  });
  it('does not activate a page that is still in a pagevec', () => {
    const k = bootNodes(1, 256);
    const page = alloc(k, 0);
    k.lru_cache_add(page);
    for (let i = 0; i < 4; i++) k.mark_page_accessed(page);
    expect([PageActive(k.m.mem_map, page), PageReferenced(k.m.mem_map, page)]).toEqual([false, true]);
    k.lru_add_drain();
    expect(inactive(k)).toEqual([page]);
  });
  it('moves the page to the head of the active list', () => {
    const k = bootNodes(1, 256);
    const first = activePage(k);
    const [second] = inactivePages(k, 1);
    k.mark_page_accessed(second!);
    k.mark_page_accessed(second!);
    expect(active(k)).toEqual([second, first]);
  });
});

describe('dropping the last reference', () => {
  it('takes the page off the LRU', () => {
    const k = bootNodes(1, 256);
    const page = activePage(k);
    get_page(k.m.mem_map, page);
    k.put_page(page);
    expect(active(k)).toEqual([page]);
    k.put_page(page);
    expect([active(k), zoneOf(k, 0).nr_active, flagsOf(k, page) & (PG_lru | PG_active)]).toEqual([[], 0, 0]);
    expect(violations(k, [])).toEqual([]);
  });
  it('leaves a reserved page alone', () => {
    const k = bootNodes(1, 256);
    k.put_page(k.m.zero_page);
    expect(page_count(k.m.mem_map, k.m.zero_page)).toBe(1);
  });
  it('needs zone->lru_lock even off the LRU: when a dead task holds it, the caller spins for ever', () => {
    const k = bootNodes(1, 256);
    const page = alloc(k, 0);
    spin_lock(k.m, zoneOf(k, 0).lru_lock);
    expect(() => k.put_page(page)).toThrow(KernelLockup);
  });
});

describe('release_pages()', () => {
  it('frees those that nobody else holds, 14 at a time, the last one first', () => {
    const k = bootNodes(1, 256);
    const pages = inactivePages(k, 20);
    get_page(k.m.mem_map, pages[3]!);
    k.__drain_pages(0);
    const free = (page: Page): boolean => page_count(k.m.mem_map, page) === 0;
    k.release_pages([...pages], 20, 1);
    expect(pages.filter(page => !free(page))).toEqual([pages[3]]);
    expect(inactive(k)).toEqual([pages[3]]);
    // batches of 0-2 and 4-14, then 15-19; the list has those first that were freed last, and a batch of 1 goes back to the zone from 2 on
    const [hot, cold] = zoneOf(k, 0).pageset[0]!.pcp;
    expect([pagesOf(k, hot.list), pagesOf(k, cold.list)]).toEqual([[], [pages[15], pages[16]]]);
    k.put_page(pages[3]!);
    expect(violations(k, [])).toEqual([]);
  });
  it('puts them on the hot list unless they are cold', () => {
    const k = bootNodes(1, 256);
    const pages = [alloc(k, 0), alloc(k, 0), alloc(k, 0)];
    k.__drain_pages(0);
    k.release_pages([...pages], 3, 0);
    expect(pagesOf(k, zoneOf(k, 0).pageset[0]!.pcp[0].list)).toEqual(pages);
  });
  it('of a gang lookup drains the pagevecs first, or they would keep the pages', () => {
    const k = bootNodes(1, 256);
    const page = alloc(k, 0);
    k.lru_cache_add(page);
    k.__pagevec_release([page], 1, 0);
    expect(page_count(k.m.mem_map, page)).toBe(0);
    expect(inactive(k)).toEqual([]);
  });
});

describe('the end of writeback of a page that reclaim wants', () => {
  const underWriteback = (flags = 0): { k: Kernel; pages: Page[] } => {
    const k = bootNodes(1, 256);
    const pages = inactivePages(k, 3);
    set_page_flag(k.m.mem_map, pages[2]!, PG_writeback | flags);
    k.m.page_state.nr_writeback++; // SetPageWriteback() counts
    return { k, pages };
  };
  it('brings it to the tail of the inactive list, where reclaim looks next', () => {
    const { k, pages } = underWriteback();
    expect(inactive(k)).toEqual([pages[2], pages[1], pages[0]]);
    expect(k.rotate_reclaimable_page(pages[2]!)).toBe(0);
    expect(inactive(k)).toEqual([pages[1], pages[0], pages[2]]);
    expect([PageWriteback(k.m.mem_map, pages[2]!), k.m.page_state.pgrotated]).toEqual([false, 1]);
    expect(violations(k, pages)).toEqual([]);
  });
  it.each([['dirty again', PG_dirty], ['locked', PG_locked]])('leaves it, and its writeback to the caller, when it is %s', (_name, flag) => {
    const { k, pages } = underWriteback(flag);
    expect(k.rotate_reclaimable_page(pages[2]!)).toBe(1);
    expect([inactive(k)[0], PageWriteback(k.m.mem_map, pages[2]!)]).toEqual([pages[2], true]);
  });
});

describe('a page that is stolen from the LRU', () => {
  const stealing = (page: (k: Kernel) => Page): { k: Kernel; zone: Zone; page: Page; list: ListHead; ret: number } => {
    const k = bootNodes(1, 256);
    const victim = page(k);
    const zone = zoneOf(k, 0);
    const list = newListHead(k.m);
    return { k, zone, page: victim, list, ret: k.steal_page_from_lru(zone, victim, list) };
  };
  it.each([['active', activePage, PG_active], ['inactive', (k: Kernel) => inactivePages(k, 1)[0]!, 0]] as const)(
    'is on the private list with a reference and without PG_lru, and remembers that it was %s', (_name, page, flag) => {
      const { k, zone, page: stolen, list, ret } = stealing(page);
      expect(ret).toBe(1);
      expect(pagesOf(k, list)).toEqual([stolen]);
      expect(page_count(k.m.mem_map, stolen)).toBe(2);
      expect(flagsOf(k, stolen) & (PG_lru | PG_active)).toBe(flag);
      expect([zone.nr_active, zone.nr_inactive, active(k), inactive(k)]).toEqual([0, 0, [], []]);
    });
  it.each([['active', activePage], ['inactive', (k: Kernel) => inactivePages(k, 1)[0]!]] as const)(
    'goes back to the head of the %s list, and the reference stays with the thief', (name, page) => {
      const { k, zone, page: stolen, list } = stealing(page);
      const other = page(k);
      list_del(k.m.mem_map, stolen);
      releaseListHead(k.m, list);
      k.putback_page_to_lru(zone, stolen);
      expect(name === 'active' ? active(k) : inactive(k)).toEqual([stolen, other]);
      expect(name === 'active' ? zone.nr_active : zone.nr_inactive).toBe(2);
      expect(page_count(k.m.mem_map, stolen)).toBe(2);
      k.put_page(stolen);
      expect(violations(k, [stolen, other])).toEqual([]);
    });
  it('goes where PG_active says by then', () => {
    const { k, zone, page, list } = stealing(kernel => inactivePages(kernel, 1)[0]!);
    list_del(k.m.mem_map, page);
    releaseListHead(k.m, list);
    set_page_flag(k.m.mem_map, page, PG_active | PG_referenced);
    k.putback_page_to_lru(zone, page);
    expect([active(k), inactive(k), zone.nr_active, zone.nr_inactive]).toEqual([[page], [], 1, 0]);
  });
  it('is left, at the head of its list, when its last reference is just going', () => {
    const k = bootNodes(1, 256);
    const [page, other] = inactivePages(k, 2);
    const zone = zoneOf(k, 0);
    const list = newListHead(k.m);
    k.m.mem_map._count[page!] = 0;
    expect(k.steal_page_from_lru(zone, page!, list)).toBe(0);
    expect([page_count(k.m.mem_map, page!), PageLRU(k.m.mem_map, page!)]).toEqual([0, true]);
    expect([inactive(k), zone.nr_inactive, pagesOf(k, list)]).toEqual([[page, other], 2, []]);
  });
});
