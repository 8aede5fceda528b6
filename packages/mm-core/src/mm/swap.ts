/**
 * mm/swap.c: how pages get on and off the LRU.
 *
 * New pages wait in a per-CPU pagevec of 14, each with a reference, and get PG_lru only when the pagevec is drained: when it is full, or by
 * lru_add_drain(), which empties this CPU's only. So a mapped page need not be on the LRU.
 */
import { BUG, BUG_ON } from '../include/linux/kernel.js';
import { list_move_tail } from '../include/linux/list.js';
import { get_page, page_zone, put_page_testzero } from '../include/linux/mm.js';
import {
  clear_page_flag, PageActive, PageDirty, PageLocked, PageLRU, PageReferenced, PageReserved, PG_active, PG_referenced, set_page_flag, TestClearPageLRU,
  TestSetPageLRU,
} from '../include/linux/page-flags.js';
import { spin_lock, spin_unlock } from '../include/linux/spinlock.js';
import type { Page } from '../include/linux/types.js';
import type { K } from '../kernel-table.js';
import { PAGEVEC_SIZE, type Pagevec } from '../machine.js';

/** put_page(), page_cache_release(): drops a reference; the last one takes the page off the LRU and frees it. */
export function put_page(this: K<'__page_cache_release'>, page: Page): void {
  const mem = this.m.mem_map;
  if (!PageReserved(mem, page) && put_page_testzero(mem, page)) this.__page_cache_release(page);
}
/** Frees a page that has no references any more. Takes zone->lru_lock whether the page is on the LRU or not. */
export function __page_cache_release(this: K<'del_page_from_lru' | 'free_hot_page'>, page: Page): void {
  const { m } = this;
  const mem = m.mem_map;
  const zone = page_zone(m, page);
  spin_lock(m, zone.lru_lock);
  if (TestClearPageLRU(mem, page)) this.del_page_from_lru(zone, page);
  spin_unlock(m, zone.lru_lock);
  this.free_hot_page(page);
}

const newPagevec = (): Pagevec => ({ nr: 0, pages: new Uint32Array(PAGEVEC_SIZE) });

/** Adds a page to the inactive list, some time soon. */
export function lru_cache_add(this: K<'__pagevec_lru_add'>, page: Page): void {
  const { m } = this;
  const pvec = (m.lru_add_pvecs[m.current.cpu] ??= newPagevec());
  get_page(m.mem_map, page);
  pvec.pages[pvec.nr++] = page;
  if (pvec.nr === PAGEVEC_SIZE) this.__pagevec_lru_add(pvec);
}
/** Adds a page to the active list, some time soon. */
export function lru_cache_add_active(this: K<'__pagevec_lru_add_active'>, page: Page): void {
  const { m } = this;
  const pvec = (m.lru_add_active_pvecs[m.current.cpu] ??= newPagevec());
  get_page(m.mem_map, page);
  pvec.pages[pvec.nr++] = page;
  if (pvec.nr === PAGEVEC_SIZE) this.__pagevec_lru_add_active(pvec);
}

/** Empties this CPU's pagevecs. */
export function lru_add_drain(this: K<'lru_drain_cache'>): void {
  this.lru_drain_cache(this.m.current.cpu);
}
/** The same for a given CPU. 2.6.12 has it for CPUs that are taken away; lru_add_drain(), which has the same code, calls it here. */
export function lru_drain_cache(this: K<'__pagevec_lru_add' | '__pagevec_lru_add_active'>, cpu: number): void {
  const { m } = this;
  const inactive = m.lru_add_pvecs[cpu];
  if (inactive !== undefined && inactive.nr > 0) this.__pagevec_lru_add(inactive);
  const active = m.lru_add_active_pvecs[cpu];
  if (active !== undefined && active.nr > 0) this.__pagevec_lru_add_active(active);
}

/** Puts a pagevec's pages on their inactive lists, then drops the pagevec's references. */
export function __pagevec_lru_add(this: K<'add_page_to_inactive_list' | 'release_pages'>, pvec: Pagevec): void {
  const { m } = this;
  const { nr } = pvec;
  for (let i = 0; i < nr; i++) {
    const page = pvec.pages[i] as Page;
    const zone = page_zone(m, page);
    spin_lock(m, zone.lru_lock);
    BUG_ON(m, TestSetPageLRU(m.mem_map, page), 'mm/swap.c:__pagevec_lru_add()');
    this.add_page_to_inactive_list(zone, page);
    spin_unlock(m, zone.lru_lock);
  }
  pvec.nr = 0;
  this.release_pages(pvec.pages, nr, 0);
}
/** The same for the active lists. */
export function __pagevec_lru_add_active(this: K<'add_page_to_active_list' | 'release_pages'>, pvec: Pagevec): void {
  const { m } = this;
  const mem = m.mem_map;
  const { nr } = pvec;
  for (let i = 0; i < nr; i++) {
    const page = pvec.pages[i] as Page;
    const zone = page_zone(m, page);
    spin_lock(m, zone.lru_lock);
    BUG_ON(m, TestSetPageLRU(mem, page) || PageActive(mem, page), 'mm/swap.c:__pagevec_lru_add_active()');
    set_page_flag(mem, page, PG_active);
    this.add_page_to_active_list(zone, page);
    spin_unlock(m, zone.lru_lock);
  }
  pvec.nr = 0;
  this.release_pages(pvec.pages, nr, 0);
}

/** Moves an inactive page to the active list. */
export function activate_page(this: K<'del_page_from_inactive_list' | 'add_page_to_active_list'>, page: Page): void {
  const { m } = this;
  const mem = m.mem_map;
  const zone = page_zone(m, page);
  spin_lock(m, zone.lru_lock);
  if (PageLRU(mem, page) && !PageActive(mem, page)) {
    this.del_page_from_inactive_list(zone, page);
    set_page_flag(mem, page, PG_active);
    this.add_page_to_active_list(zone, page);
    m.page_state.pgactivate++;
  }
  spin_unlock(m, zone.lru_lock);
}

/**
 * Notes a use of a page:
 *   inactive, unreferenced → inactive, referenced → active, unreferenced → active, referenced
 */
export function mark_page_accessed(this: K<'activate_page'>, page: Page): void {
  const mem = this.m.mem_map;
  if (!PageActive(mem, page) && PageReferenced(mem, page) && PageLRU(mem, page)) {
    this.activate_page(page);
    clear_page_flag(mem, page, PG_referenced);
  } else if (!PageReferenced(mem, page)) set_page_flag(mem, page, PG_referenced);
}

/**
 * Ends the writeback of a page that reclaim wants: to the tail of the inactive list, where it is found first, and PG_writeback off.
 * @returns 1 when it is in use again or on no list: then nothing was done.
 */
export function rotate_reclaimable_page(this: K<'test_clear_page_writeback'>, page: Page): number {
  const { m } = this;
  const mem = m.mem_map;
  if (PageLocked(mem, page) || PageDirty(mem, page) || PageActive(mem, page) || !PageLRU(mem, page)) return 1;
  const zone = page_zone(m, page);
  spin_lock(m, zone.lru_lock);
  if (PageLRU(mem, page) && !PageActive(mem, page)) {
    list_move_tail(mem, page, zone.inactive_list);
    m.page_state.pgrotated++;
  }
  if (this.test_clear_page_writeback(page) === 0) BUG(m, 'mm/swap.c:rotate_reclaimable_page()');
  spin_unlock(m, zone.lru_lock);
  return 0;
}
