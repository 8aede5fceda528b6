/**
 * include/linux/mm_inline.h as patch 1 leaves it: the locked wrappers look at PG_lru themselves, under zone->lru_lock.
 *
 * Before, a caller tested PG_lru without the lock and the page could leave the LRU in between, which ran into the BUG() of the
 * unlocked helper: the race Hirokazu Takahashi found in the -rc2 version of migrate_vma(). The unlocked helpers are as they were.
 *
 * Source: rc3 1/10, hirokazu-steal_page_from_lru.patch, 22 June 2005 (5 insertions, 3 deletions in this file).
 */
import { spin_lock, spin_unlock } from '@pmkit/mm-core/include/linux/spinlock';
import { PageLRU } from '@pmkit/mm-core/include/linux/page-flags';
import type { K, ListHead, Page, Zone } from '@pmkit/mm-core';

/**
 * Takes a page off the LRU onto `dst`, with a reference.
 * @returns 1 when the page was taken; 0 when it is not on the LRU, or is being freed (count 0).
 */
export function steal_page_from_lru(this: K<'__steal_page_from_lru'>, zone: Zone, page: Page, dst: ListHead): number {
  const { m } = this;
  let ret = 0;
  spin_lock(m, zone.lru_lock);
  if (PageLRU(m.mem_map, page)) ret = this.__steal_page_from_lru(zone, page, dst);
  spin_unlock(m, zone.lru_lock);
  return ret;
}

/**
 * Puts a stolen page back on the LRU; nothing happens when it is there already. As before the patch, the reference that
 * the steal took is the caller's to drop.
 */
export function putback_page_to_lru(this: K<'__putback_page_to_lru'>, zone: Zone, page: Page): void {
  const { m } = this;
  spin_lock(m, zone.lru_lock);
  if (!PageLRU(m.mem_map, page)) this.__putback_page_to_lru(zone, page);
  spin_unlock(m, zone.lru_lock);
}
