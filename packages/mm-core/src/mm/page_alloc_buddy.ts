/**
 * mm/page_alloc.c: the buddy system below the per-CPU lists.
 *
 *   free_area[order].free_list ── blocks of 2^order frames, aligned to their size; the first frame carries the order
 *                                 in page->private and has PG_private set
 *
 * Lock: zone->lock around all of it; the callers take it.
 */
import { BUG_ON, KERN_EMERG, printk } from '../include/linux/kernel.js';
import { list_add, list_add_tail, list_del, list_empty, list_first, list_last } from '../include/linux/list.js';
import { page_zone } from '../include/linux/mm.js';
import {
  PG_active, PG_dirty, PG_locked, PG_lru, PG_private, PG_reclaim, PG_reserved, PG_slab, PG_swapcache, PG_writeback,
} from '../include/linux/page-flags.js';
import { spin_lock, spin_unlock } from '../include/linux/spinlock.js';
import type { ListHead, Page } from '../include/linux/types.js';
import type { Zone } from '../include/linux/mmzone.js';
import type { K } from '../kernel-table.js';
import { newListHead, releaseListHead, type Machine } from '../machine.js';

/** What a free frame's record reads as when the machine poisons: no field of a page in use looks like it. */
export const PAGE_POISON = 0xdead_beef;

const BAD_WHEN_FREED = PG_lru | PG_private | PG_locked | PG_active | PG_reclaim | PG_slab | PG_swapcache | PG_writeback;

/** bad_page(): a page that is freed or handed out in a state it must not be in. The record is mended; the log says so. */
export function bad_page(m: Machine, where: string, page: Page): void {
  const mem = m.mem_map;
  printk(m, KERN_EMERG, `Bad page state at ${where} (in process '${m.current.comm}', page ${page})`);
  printk(m, KERN_EMERG, `flags:0x${mem.flags[page]!.toString(16).padStart(16, '0')} mapping:${mem.mapping[page]} mapcount:${mem._mapcount[page]} count:${mem._count[page]}`);
  printk(m, KERN_EMERG, 'Trying to fix it up, but a reboot is needed');
  mem.flags[page]! &= ~(PG_private | PG_locked | PG_lru | PG_active | PG_dirty | PG_swapcache | PG_writeback);
  mem._count[page] = 0;
  mem._mapcount[page] = 0;
  mem.mapping[page] = 0;
}

/** free_pages_check(); a dirty page may be freed, it loses the mark. */
export function free_pages_check(m: Machine, where: string, page: Page): void {
  const mem = m.mem_map;
  const flags = mem.flags[page]!;
  if (mem._mapcount[page] !== 0 || mem.mapping[page] !== 0 || mem._count[page] !== 0 || (flags & BAD_WHEN_FREED) !== 0) bad_page(m, where, page);
  mem.flags[page]! &= ~PG_dirty;
  if (m.poison) {
    mem.index[page] = PAGE_POISON;
    mem.content[page] = PAGE_POISON;
  }
}

const page_is_buddy = (m: Machine, page: Page, order: number): boolean => {
  const { flags, private: priv, _count } = m.mem_map;
  return (flags[page]! & (PG_private | PG_reserved)) === PG_private && priv[page] === order && _count[page] === 0;
};

/** Whether a frame number lies outside the zone: a hole, or another zone's. */
const bad_range = (zone: Zone, page: number): boolean => page < zone.zone_start_pfn || page >= zone.zone_start_pfn + zone.spanned_pages;

/** Cuts the block at `page` down from order `high` to `low`; the upper halves become free blocks. */
function expand(m: Machine, zone: Zone, page: Page, low: number, high: number): void {
  const mem = m.mem_map;
  for (let order = high - 1, size = 1 << (high - 1); order >= low; order--, size /= 2) {
    const half = (page + size) as Page;
    const area = zone.free_area[order]!;
    list_add(mem, half, area.free_list);
    area.nr_free++;
    mem.private[half] = order;
    mem.flags[half]! |= PG_private;
  }
}

/** Takes the smallest block that is large enough. Caller holds zone->lock. @returns the first frame, 0 when there is none. */
export function __rmqueue(this: K, zone: Zone, order: number): Page {
  const { m } = this;
  const mem = m.mem_map;
  for (let current_order = order; current_order < m.MAX_ORDER; current_order++) {
    const area = zone.free_area[current_order]!;
    if (list_empty(mem, area.free_list)) continue;
    const page = list_first(mem, area.free_list);
    list_del(mem, page);
    mem.flags[page]! &= ~PG_private;
    mem.private[page] = 0;
    area.nr_free--;
    zone.free_pages -= 1 << order;
    expand(m, zone, page, order, current_order);
    return page;
  }
  return 0 as Page;
}

/** Takes up to `count` blocks onto the tail of a list. @returns how many there were. */
export function rmqueue_bulk(this: K<'__rmqueue'>, zone: Zone, order: number, count: number, list: ListHead): number {
  const { m } = this;
  let allocated = 0;
  spin_lock(m, zone.lock);
  while (allocated < count) {
    const page = this.__rmqueue(zone, order);
    if (page === 0) break;
    allocated++;
    list_add_tail(m.mem_map, page, list);
  }
  spin_unlock(m, zone.lock);
  return allocated;
}

/** Frees one block and joins it with its buddy as long as that one is free too. Caller holds zone->lock. */
export function __free_pages_bulk(this: K, page: Page, zone: Zone, order: number): void {
  const { m } = this;
  const mem = m.mem_map;
  let block = page as number;
  let size = order;
  BUG_ON(m, block % (1 << order) !== 0 || bad_range(zone, block), 'mm/page_alloc.c:__free_pages_bulk()');
  zone.free_pages += 1 << order;
  while (size < m.MAX_ORDER - 1) {
    // frames and nodes are aligned, so the buddy differs in one bit of the frame number
    const buddy = (block ^ (1 << size)) as Page;
    if (bad_range(zone, buddy) || !page_is_buddy(m, buddy, size)) break;
    list_del(mem, buddy);
    zone.free_area[size]!.nr_free--;
    mem.flags[buddy]! &= ~PG_private;
    mem.private[buddy] = 0;
    block = Math.min(block, buddy);
    size++;
  }
  mem.private[block] = size;
  mem.flags[block]! |= PG_private;
  list_add(mem, block as Page, zone.free_area[size]!.free_list);
  zone.free_area[size]!.nr_free++;
}

/** Frees up to `count` blocks from the tail of a list. @returns how many. Freeing makes the zone reclaimable again. */
export function free_pages_bulk(this: K<'__free_pages_bulk'>, zone: Zone, count: number, list: ListHead, order: number): number {
  const { m } = this;
  const mem = m.mem_map;
  let freed = 0;
  spin_lock(m, zone.lock);
  zone.all_unreclaimable = false;
  zone.pages_scanned = 0;
  while (freed < count && !list_empty(mem, list)) {
    const page = list_last(mem, list);
    list_del(mem, page);
    this.__free_pages_bulk(page, zone, order);
    freed++;
  }
  spin_unlock(m, zone.lock);
  return freed;
}

/** Frees a block of more than one page past the per-CPU lists. */
export function __free_pages_ok(this: K<'free_pages_bulk'>, page: Page, order: number): void {
  const { m } = this;
  const list = newListHead(m);
  m.page_state.pgfree += 1 << order;
  for (let i = 0; i < 1 << order; i++) free_pages_check(m, '__free_pages_ok', (page + i) as Page);
  list_add(m.mem_map, page, list);
  this.free_pages_bulk(page_zone(m, page), 1, list, order);
  releaseListHead(m, list);
}

/** Gives a CPU's lists of all zones back to the buddy system: in 2.6.12 when the CPU is gone, or before a suspend. */
export function __drain_pages(this: K<'free_pages_bulk'>, cpu: number): void {
  for (const zone of this.m.zones) {
    const pageset = zone?.pageset[cpu];
    if (zone === undefined || pageset === undefined) continue;
    for (const pcp of pageset.pcp) pcp.count -= this.free_pages_bulk(zone, pcp.count, pcp.list, 0);
  }
}
/** The same for the CPU it runs on. */
export function drain_local_pages(this: K<'__drain_pages'>): void {
  this.__drain_pages(this.m.current.cpu);
}
