/**
 * mm/page_alloc.c as N1.0 extends it: a range of frames is emptied, and kept from the allocator.
 *
 *   capture_page_range ─ grab_capturing_pages ─ steal_page ─► list ─ try_to_migrate_pages(list) ─ retry
 *   free_hot_page, free_cold_page, __pagevec_free, __free_pages_ok ─ under capture? ─► captured, instead of free
 *
 * Seen: grab_capturing_pages() in full in a mail of Marcelo Tosatti, 26 October 2004; the lines of capture_page_range() around the call to
 * try_to_migrate_pages() in patch 10 (-rc4 11/11); its caller, which passes an order, in Dave Hansen's roll-up of 17 February 2005. *Reconstruction*: the
 * rest, also which functions see to it that freed pages do not go back to the allocator. See README.md.
 */
import * as page_alloc from '@pmkit/mm-core/mm/page_alloc';
import * as page_alloc_buddy from '@pmkit/mm-core/mm/page_alloc_buddy';
import { list_add, list_del } from '@pmkit/mm-core/include/linux/list';
import { PageAnon, page_zone } from '@pmkit/mm-core/include/linux/mm';
import { PageLRU } from '@pmkit/mm-core/include/linux/page-flags';
import { spin_lock, spin_unlock } from '@pmkit/mm-core/include/linux/spinlock';
import { newListHead, releaseListHead, type Calls, type K, type ListHead, type Machine, type MaySleep, type Page, type Zone } from '@pmkit/mm-core';
import { page_under_capture } from '../include/linux/page-flags.js';
import { captureFreed } from '../model/capture.js';
import { emptyRange } from '../model/empty-range.js';
import type { KernelN10 } from '../index.js';

type KN10<S extends keyof KernelN10 = never> = Calls<KernelN10, S, { readonly m: Machine }>;

/**
 * Takes 2^order frames from `start_pfn` on out of use: free ones at once, the others as their pages have been migrated to wherever the caller's
 * policy allocates.
 *
 * setup_per_zone_pages_min() is not called, and the zone's present_pages stay: in August 2005 IWAMOTO Toshihiro reported that the call is missing here.
 * @returns 0, or -errno: -ENOSPC when anonymous pages found no room in swap, -EBUSY when frames stayed in use, -EINVAL when they are not of one zone or
 *   captured already. The range is in use as before then; the pages that were moved stay where they are now.
 */
export function* capture_page_range(
  this: KN10<
    | 'try_to_migrate_pages' | 'smp_call_function' | 'drain_local_pages' | '__free_pages_bulk' | 'lru_drain_schedule' | 'lru_drain_cache'
    | 'grab_capturing_pages' | 'msleep' | 'putback_page_to_lru' | 'put_page'
  >,
  start_pfn: number, order: number,
): MaySleep<number> {
  return yield* emptyRange(this, start_pfn, order, page_list => this.try_to_migrate_pages(page_list));
}

/**
 * Steals the pages of a range that are under capture and on the LRU onto `page_list`.
 * @returns how many under capture are not on the LRU, or are being freed.
 */
export function grab_capturing_pages(this: KN10<'steal_page'>, page_list: ListHead, start_pfn: number, nr_pages: number): number {
  const { m } = this;
  const mem = m.mem_map;
  let rest = 0;
  for (let i = 0; i < nr_pages; i++) {
    const page = (start_pfn + i) as Page;
    const zone = page_zone(m, page);
    spin_lock(m, zone.lru_lock);
    if (page_under_capture(mem, page)) {
      if (PageLRU(mem, page) && this.steal_page(zone, page) !== 0) list_add(mem, page, page_list);
      else rest++;
    }
    spin_unlock(m, zone.lru_lock);
  }
  return rest;
}

/**
 * Takes a page off the LRU with a reference; the caller, who holds zone->lru_lock, puts it on a list. *Reconstruction*: only the name is known, from the title of
 * N1.1. In October 2004 __steal_page_from_lru() had these two arguments; AA-PM-01 wants a list, so here it gets one for this page.
 * @returns 1; 0 when the page is being freed.
 */
export function steal_page(this: K<'__steal_page_from_lru'>, zone: Zone, page: Page): number {
  const { m } = this;
  const list = newListHead(m);
  const ret = this.__steal_page_from_lru(zone, page, list);
  if (ret !== 0) list_del(m.mem_map, page);
  releaseListHead(m, list);
  return ret;
}

/**
 * Runs on every CPU and schedules the draining of its pagevecs. Seen in the ancestor of 14 July 2004 (mm/memhotplug.c): nobody waits for the work, so the
 * pages that waited in pagevecs are not grabbed before the next pass.
 * @param scheduled CPUs that have work now; in the original there is a work_struct a CPU instead. keventd is *modelled*: the work is done when the caller
 *   has slept.
 */
export function lru_drain_schedule(this: K, scheduled: number[]): void {
  scheduled.push(this.m.current.cpu);
}

/** What a page goes through that is freed as a single one, when it is captured. */
function freeIntoCapture(m: Machine, page: Page): boolean {
  const { mem_map: mem } = m;
  if (!page_under_capture(mem, page)) return false;
  m.page_state.pgfree++;
  if (PageAnon(mem, page)) mem.mapping[page] = 0;
  page_alloc_buddy.free_pages_check(m, 'free_hot_cold_page', page);
  return captureFreed(m, page);
}

/** As before; a page under capture is captured. */
export function free_hot_page(this: K<'free_pages_bulk'>, page: Page): void {
  if (!freeIntoCapture(this.m, page)) page_alloc.free_hot_page.call(this, page);
}
/** As before; a page under capture is captured. */
export function free_cold_page(this: K<'free_pages_bulk'>, page: Page): void {
  if (!freeIntoCapture(this.m, page)) page_alloc.free_cold_page.call(this, page);
}
/** As before, the last page first; pages under capture are captured. */
export function __pagevec_free(this: K<'free_hot_page' | 'free_cold_page'>, pages: ArrayLike<number>, nr: number, cold: 0 | 1): void {
  for (let i = nr - 1; i >= 0; i--) {
    if (cold === 1) this.free_cold_page(pages[i] as Page);
    else this.free_hot_page(pages[i] as Page);
  }
}
/** As before; of a block that reaches into a range under capture, the frames there are captured and the others freed one by one. */
export function __free_pages_ok(this: K<'free_pages_bulk' | 'free_hot_page'>, page: Page, order: number): void {
  const { m } = this;
  const pages = Array.from({ length: 2 ** order }, (_, i) => (page + i) as Page);
  if (pages.some(one => page_under_capture(m.mem_map, one))) for (const one of pages) this.free_hot_page(one);
  else page_alloc_buddy.__free_pages_ok.call(this, page, order);
}
