/**
 * include/linux/mm_inline.h: LRU lists, and the helpers of AA-PM-01 that take a page off the LRU and put it back.
 *
 * Lock: zone->lru_lock. The functions with two underscores expect it held; steal_page_from_lru() and putback_page_to_lru() take it, and in this
 * tree call on without looking at PG_lru: patch 1 of the series changes that.
 *
 * Source: 2.6.12 for the list helpers; for steal and putback the 2.6.7 ancestor of July 2004 and the context of rc3 1/10.
 */
import { BUG, BUG_ON } from './kernel.js';
import { list_add, list_del } from './list.js';
import { get_page_testone } from './mm.js';
import type { Zone } from './mmzone.js';
import { PageActive, PG_active, set_page_flag, clear_page_flag, PG_lru, TestClearPageLRU, TestSetPageLRU } from './page-flags.js';
import { spin_lock, spin_unlock } from './spinlock.js';
import type { ListHead, Page } from './types.js';
import type { K } from '../../kernel-table.js';

export function add_page_to_active_list(this: K, zone: Zone, page: Page): void {
  list_add(this.m.mem_map, page, zone.active_list);
  zone.nr_active++;
}
export function add_page_to_inactive_list(this: K, zone: Zone, page: Page): void {
  list_add(this.m.mem_map, page, zone.inactive_list);
  zone.nr_inactive++;
}
export function del_page_from_active_list(this: K, zone: Zone, page: Page): void {
  list_del(this.m.mem_map, page);
  zone.nr_active--;
}
export function del_page_from_inactive_list(this: K, zone: Zone, page: Page): void {
  list_del(this.m.mem_map, page);
  zone.nr_inactive--;
}
/** Takes a page that is about to be freed off its list; PG_active goes with it. */
export function del_page_from_lru(this: K, zone: Zone, page: Page): void {
  const mem = this.m.mem_map;
  list_del(mem, page);
  if (PageActive(mem, page)) {
    clear_page_flag(mem, page, PG_active);
    zone.nr_active--;
  } else zone.nr_inactive--;
}

/**
 * Takes a page off the LRU onto `dst`, with a reference. PG_active stays as it is.
 * @returns 1; 0 when the page is being freed: everything is undone, it is on its list again.
 */
export function __steal_page_from_lru(this: K, zone: Zone, page: Page, dst: ListHead): number {
  const mem = this.m.mem_map;
  if (!TestClearPageLRU(mem, page)) BUG(this.m, 'include/linux/mm_inline.h:__steal_page_from_lru()');
  list_del(mem, page);
  if (get_page_testone(mem, page)) {
    mem._count[page]!--;
    set_page_flag(mem, page, PG_lru);
    list_add(mem, page, PageActive(mem, page) ? zone.active_list : zone.inactive_list);
    return 0;
  }
  if (PageActive(mem, page)) zone.nr_active--;
  else zone.nr_inactive--;
  list_add(mem, page, dst);
  return 1;
}
/** The same with the lock taken. In this tree the page must be on the LRU: it is a BUG() when it is not. */
export function steal_page_from_lru(this: K<'__steal_page_from_lru'>, zone: Zone, page: Page, dst: ListHead): number {
  const { m } = this;
  spin_lock(m, zone.lru_lock);
  const ret = this.__steal_page_from_lru(zone, page, dst);
  spin_unlock(m, zone.lru_lock);
  return ret;
}

/** Puts a page on the list that PG_active names. The reference of the steal stays with the caller. */
export function __putback_page_to_lru(this: K<'add_page_to_active_list' | 'add_page_to_inactive_list'>, zone: Zone, page: Page): void {
  const { m } = this;
  BUG_ON(m, TestSetPageLRU(m.mem_map, page), 'include/linux/mm_inline.h:__putback_page_to_lru()');
  if (PageActive(m.mem_map, page)) this.add_page_to_active_list(zone, page);
  else this.add_page_to_inactive_list(zone, page);
}
export function putback_page_to_lru(this: K<'__putback_page_to_lru'>, zone: Zone, page: Page): void {
  const { m } = this;
  spin_lock(m, zone.lru_lock);
  this.__putback_page_to_lru(zone, page);
  spin_unlock(m, zone.lru_lock);
}
