/** Dropping the references of many pages at once: of a pagevec, of a gang lookup (mm/swap.c of 2.6.12). */
import { BUG_ON } from '../include/linux/kernel.js';
import { page_zone, put_page_testzero } from '../include/linux/mm.js';
import { PageLRU, PageReserved, TestClearPageLRU } from '../include/linux/page-flags.js';
import { spin_lock, spin_unlock } from '../include/linux/spinlock.js';
import type { Page } from '../include/linux/types.js';
import type { K } from '../kernel-table.js';
import { PAGEVEC_SIZE } from '../machine.js';

/**
 * Drops a reference of each page; those nobody else holds leave the LRU and are freed, 14 at a time, the last one first.
 * What is in `pages` afterwards is of no meaning.
 */
export function release_pages(this: K<'del_page_from_lru' | '__pagevec_free'>, pages: number[] | Uint32Array, nr: number, cold: 0 | 1): void {
  const { m } = this;
  const mem = m.mem_map;
  let freed = 0;
  for (let i = 0; i < nr; i++) {
    const page = pages[i] as Page;
    if (PageReserved(mem, page) || !put_page_testzero(mem, page)) continue;
    const zone = page_zone(m, page);
    spin_lock(m, zone.lru_lock);
    if (TestClearPageLRU(mem, page)) this.del_page_from_lru(zone, page);
    spin_unlock(m, zone.lru_lock);
    pages[freed++] = page;
    if (freed < PAGEVEC_SIZE) continue;
    this.__pagevec_free(pages, freed, cold);
    freed = 0;
  }
  if (freed > 0) this.__pagevec_free(pages, freed, cold);
}

/**
 * Drops the references that find_get_pages() took. Drains this CPU's pagevecs first: they might hold the last others.
 * @param cold 1: what is freed is not in the CPU's cache.
 */
export function __pagevec_release(this: K<'lru_add_drain' | 'release_pages'>, pages: number[], nr: number, cold: 0 | 1): void {
  if (nr === 0) return;
  this.lru_add_drain();
  this.release_pages(pages, nr, cold);
}

/**
 * The same for pages that are on no LRU list, and empties `pages`. Those nobody else holds are freed as cold pages, the last one
 * first, as __pagevec_free() does.
 */
export function __pagevec_release_nonlru(this: K<'free_cold_page'>, pages: number[]): void {
  const { m } = this;
  const mem = m.mem_map;
  let freed = 0;
  for (let i = 0; i < pages.length; i++) {
    const page = pages[i] as Page;
    BUG_ON(m, PageLRU(mem, page), 'mm/swap.c:__pagevec_release_nonlru()');
    if (put_page_testzero(mem, page)) pages[freed++] = page;
  }
  while (freed > 0) this.free_cold_page(pages[--freed] as Page);
  pages.length = 0;
}
