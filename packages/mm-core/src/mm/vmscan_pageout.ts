/**
 * mm/vmscan.c: writing one dirty page out so that it can be freed. shrink_list() in vmscan.ts decides which, and so does a
 * migration (mm/mmigrate_steps.ts) for pages whose file system cannot move buffers.
 *
 *     locked, dirty ── clear_page_dirty_for_io() ── PG_reclaim ── ->writepage() ──► unlocked, under writeback
 *                                                                    │                 end_page_writeback() sees PG_reclaim and
 *                                                                    │                 moves it to the tail of the inactive list
 *                                                                    └─► WRITEPAGE_ACTIVATE: still locked, wanted again
 *
 * Left out: may_write_to_queue(), which lets only kswapd, pdflush and a writer's own device have more requests than a congested
 * queue should get. The model's devices take any number of requests, so PF_KSWAPD makes no difference here.
 */
import type { AddressSpace } from '../include/linux/fs.js';
import { KERN_WARNING, printk } from '../include/linux/kernel.js';
import { page_count, page_mapped, page_mapping } from '../include/linux/mm.js';
import {
  clear_page_flag, PagePrivate, PageSwapCache, PageWriteback, PG_dirty, PG_reclaim, set_page_flag, TestSetPageLocked,
} from '../include/linux/page-flags.js';
import { mapping_set_error } from '../include/linux/pagemap.js';
import { PAGE_ACTIVATE, PAGE_CLEAN, PAGE_KEEP, PAGE_SUCCESS } from '../include/linux/swap.js';
import type { Page } from '../include/linux/types.js';
import type { MaySleep } from '../include/linux/wait.js';
import { WRITEPAGE_ACTIVATE } from '../include/linux/writeback.js';
import type { K } from '../kernel-table.js';
import { aop } from '../model/ops.js';

/**
 * Whether a page is worth more than its contents: mapped, in the swap cache (dropping it would be dropping anonymous memory), or of
 * a file that somebody maps. Asked without locks, so the answer may be old.
 */
export function page_mapping_inuse(this: K, page: Page): boolean {
  const { m } = this;
  const mem = m.mem_map;
  if (page_mapped(mem, page) || PageSwapCache(mem, page)) return true;
  const mapping = page_mapping(m, page);
  return mapping !== null && mapping.i_mmap !== null;
}

/** Whether only the page cache, its buffers and the caller hold the page. */
export function is_page_cache_freeable(this: K, page: Page): boolean {
  const mem = this.m.mem_map;
  return page_count(mem, page) - (PagePrivate(mem, page) ? 1 : 0) === 2;
}

/**
 * handle_write_error(): leaves the error in the mapping for the next fsync(), unless the page has left it meanwhile. Sleeps for the
 * page's lock: ->writepage() was called, so the caller may wait for file systems.
 */
function* handleWriteError(k: K<'__lock_page' | 'unlock_page'>, mapping: AddressSpace, page: Page, error: number): MaySleep<void> {
  const { m } = k;
  if (TestSetPageLocked(m.mem_map, page)) yield* k.__lock_page(page);
  if (page_mapping(m, page) === mapping) mapping_set_error(mapping, error);
  k.unlock_page(page);
}

/** A dirty page whose truncation could not take its buffers along: when they can be freed now, there is nothing left to write. */
function dropOrphan(k: K<'try_to_free_buffers'>, page: Page): number {
  const { m } = k;
  const mem = m.mem_map;
  if (!PagePrivate(mem, page) || k.try_to_free_buffers(page) === 0) return PAGE_KEEP;
  clear_page_flag(mem, page, PG_dirty);
  printk(m, KERN_WARNING, 'pageout: orphaned page');
  return PAGE_CLEAN;
}

/**
 * Starts to write a locked page, if nobody else uses it. Whether it is unlocked afterwards depends on the result.
 * @param mapping page_mapping(page), which the caller knows
 * @returns PAGE_KEEP in use, or it has no mapping; PAGE_ACTIVATE it cannot be written and is not to be tried again soon; PAGE_CLEAN
 *   nothing to write; all three with the page locked. PAGE_SUCCESS ->writepage() was called, and has unlocked it.
 */
export function* pageout(
  this: K<'is_page_cache_freeable' | 'try_to_free_buffers' | 'clear_page_dirty_for_io' | '__lock_page' | 'unlock_page'>, page: Page,
  mapping: AddressSpace | null,
): MaySleep<number> {
  const mem = this.m.mem_map;
  if (!this.is_page_cache_freeable(page)) return PAGE_KEEP;
  if (mapping === null) return dropOrphan(this, page);
  const writepage = aop(this, mapping, 'writepage');
  if (writepage === undefined) return PAGE_ACTIVATE;
  if (this.clear_page_dirty_for_io(page) === 0) return PAGE_CLEAN;

  set_page_flag(mem, page, PG_reclaim);
  const res = yield* writepage.call(this, page);
  if (res < 0) yield* handleWriteError(this, mapping, page, res);
  if (res === WRITEPAGE_ACTIVATE) {
    clear_page_flag(mem, page, PG_reclaim);
    return PAGE_ACTIVATE;
  }
  // written at once, or not at all: no end of writeback will look at the flag
  if (!PageWriteback(mem, page)) clear_page_flag(mem, page, PG_reclaim);
  return PAGE_SUCCESS;
}
