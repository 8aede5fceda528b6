/**
 * mm/page_alloc.c as N1.1 leaves it: steal_page() is given the list that the page goes on.
 *
 * *Reconstruction*: of the patch only the title is known. It fits the two forms of __steal_page_from_lru() that are seen, without a list in October 2004 and
 * with one in AA-PM-01 of 2005.
 */
import { page_zone } from '@pmkit/mm-core/include/linux/mm';
import { PageLRU } from '@pmkit/mm-core/include/linux/page-flags';
import { spin_lock, spin_unlock } from '@pmkit/mm-core/include/linux/spinlock';
import type { Calls, K, ListHead, Machine, Page, Zone } from '@pmkit/mm-core';
import { page_under_capture } from '@pmkit/n10-memsection-migrate/include/linux/page-flags';
import type { KernelN11 } from '../index.js';

/**
 * Takes a page off the LRU onto `page_list`, with a reference. The caller holds zone->lru_lock.
 * @returns 1; 0 when the page is being freed.
 */
export function steal_page(this: K<'__steal_page_from_lru'>, zone: Zone, page: Page, page_list: ListHead): number {
  return this.__steal_page_from_lru(zone, page, page_list);
}

/**
 * Steals the pages of a range that are under capture and on the LRU onto `page_list`.
 * @returns how many under capture are not on the LRU, or are being freed.
 */
export function grab_capturing_pages(
  this: Calls<KernelN11, 'steal_page', { readonly m: Machine }>, page_list: ListHead, start_pfn: number, nr_pages: number,
): number {
  const { m } = this;
  const mem = m.mem_map;
  let rest = 0;
  for (let i = 0; i < nr_pages; i++) {
    const page = (start_pfn + i) as Page;
    const zone = page_zone(m, page);
    spin_lock(m, zone.lru_lock);
    if (page_under_capture(mem, page) && !(PageLRU(mem, page) && this.steal_page(zone, page, page_list) !== 0)) rest++;
    spin_unlock(m, zone.lru_lock);
  }
  return rest;
}
