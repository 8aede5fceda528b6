/**
 * Taking pages out of the page cache (mm/truncate.c of 2.6.12): truncation throws them away with what is in them,
 * invalidation only drops what could be read again.
 */
import type { AddressSpace } from '../include/linux/fs.js';
import { BUG_ON } from '../include/linux/kernel.js';
import { file_mapping, page_mapped } from '../include/linux/mm.js';
import { aop } from '../model/ops.js';
import { truncateUnlocked } from '../model/truncate.js';
import {
  clear_page_flag, PageDirty, PagePrivate, PageWriteback, PG_mappedtodisk, PG_uptodate, TestSetPageLocked,
} from '../include/linux/page-flags.js';
import { MAX_PGOFF } from '../include/linux/pagemap.js';
import { spin_lock, spin_unlock } from '../include/linux/spinlock.js';
import { NULL_PAGE, type Page } from '../include/linux/types.js';
import type { MaySleep } from '../include/linux/wait.js';
import { PAGEVEC_SIZE } from '../machine.js';
import type { K } from '../kernel-table.js';

/** Tells the file system that a locked page is no longer part of the file from byte `offset` on. */
export function do_invalidatepage(this: K<'block_invalidatepage'>, page: Page, offset: number): void {
  const { m } = this;
  const method = aop(this, m.mappings[m.mem_map.mapping[page]! >>> 1]!, 'invalidatepage');
  if (method === undefined) this.block_invalidatepage(page, offset);
  else method.call(this, page, offset);
}

/**
 * The end of a file now lies in this page and the rest of it becomes zeros. A token cannot say that of a part of a page, so
 * the page keeps its token, here and on disk.
 */
export function truncate_partial_page(this: K<'do_invalidatepage'>, page: Page, partial: number): void {
  if (PagePrivate(this.m.mem_map, page)) this.do_invalidatepage(page, partial);
}

/**
 * Throws a locked page out of the cache. If the file system cannot let go of its buffers the page lives on without a
 * mapping, on the LRU, until reclaim finds it. Somebody else may have been faster: reclaim, or tmpfs with its swap.
 */
export function truncate_complete_page(
  this: K<'do_invalidatepage' | 'test_clear_page_dirty' | 'remove_from_page_cache' | 'put_page'>, mapping: AddressSpace, page: Page,
): void {
  const mem = this.m.mem_map;
  if (mem.mapping[page] !== file_mapping(mapping)) return;
  if (PagePrivate(mem, page)) this.do_invalidatepage(page, 0);
  this.test_clear_page_dirty(page);
  clear_page_flag(mem, page, PG_uptodate | PG_mappedtodisk);
  this.remove_from_page_cache(page);
  this.put_page(page);
}

/** Drops a locked page unless it is dirty or its buffers are busy. Returns whether it went. */
export function invalidate_complete_page(this: K<'try_to_release_page' | '__remove_from_page_cache' | 'put_page'>, mapping: AddressSpace, page: Page): number {
  const { m } = this;
  const mem = m.mem_map;
  if (mem.mapping[page] !== file_mapping(mapping)) return 0;
  if (PagePrivate(mem, page) && this.try_to_release_page(page, 0) === 0) return 0;
  spin_lock(m, mapping.tree_lock);
  if (PageDirty(mem, page)) {
    spin_unlock(m, mapping.tree_lock);
    return 0;
  }
  BUG_ON(m, PagePrivate(mem, page), 'mm/truncate.c:invalidate_complete_page()');
  this.__remove_from_page_cache(page);
  spin_unlock(m, mapping.tree_lock);
  clear_page_flag(mem, page, PG_uptodate);
  this.put_page(page);
  return 1;
}

/**
 * Removes all pages of a file from byte `lstart` on and zeroes the rest of the page that `lstart` is in. Does what can be
 * done without waiting first, so that the second pass, which waits for locks and I/O, finds little left. The caller holds
 * i_sem, or the inode has no user any more.
 */
export function* truncate_inode_pages(
  this: K<
    | 'find_lock_page' | 'wait_on_page_writeback' | 'truncate_partial_page' | 'unlock_page' | 'put_page'
    | 'find_get_pages' | '__lock_page' | 'truncate_complete_page' | '__pagevec_release'
  >,
  mapping: AddressSpace, lstart: number,
): MaySleep<void> {
  const { m } = this;
  const mem = m.mem_map;
  if (mapping.nrpages === 0) return;
  const start = Math.ceil(lstart / m.PAGE_SIZE);
  const partial = lstart % m.PAGE_SIZE;
  truncateUnlocked(this, mapping, start);
  if (partial !== 0) {
    const page = yield* this.find_lock_page(mapping, start - 1);
    if (page !== NULL_PAGE) {
      yield* this.wait_on_page_writeback(page);
      this.truncate_partial_page(page, partial);
      this.unlock_page(page);
      this.put_page(page);
    }
  }
  const pages: number[] = [];
  for (let next = start; ; ) {
    const nr = this.find_get_pages(mapping, next, PAGEVEC_SIZE, pages);
    if (nr === 0) {
      if (next === start) return;
      next = start;
      continue;
    }
    for (let i = 0; i < nr; i++) {
      const page = pages[i] as Page;
      if (TestSetPageLocked(mem, page)) yield* this.__lock_page(page);
      yield* this.wait_on_page_writeback(page);
      next = Math.max(next, mem.index[page]!) + 1;
      this.truncate_complete_page(mapping, page);
      this.unlock_page(page);
    }
    this.__pagevec_release(pages, nr, 0);
  }
}

/** Drops the pages of a file that are clean, unlocked, not under writeback and mapped nowhere. Returns how many. */
export function* invalidate_inode_pages(
  this: K<'find_get_pages' | 'invalidate_complete_page' | 'unlock_page' | '__pagevec_release'>, mapping: AddressSpace,
): MaySleep<number> {
  const mem = this.m.mem_map;
  const pages: number[] = [];
  let dropped = 0;
  for (let next = 0; next <= MAX_PGOFF; ) {
    const nr = this.find_get_pages(mapping, next, PAGEVEC_SIZE, pages);
    if (nr === 0) break;
    for (let i = 0; i < nr; i++) {
      const page = pages[i] as Page;
      if (TestSetPageLocked(mem, page)) {
        next++;
        continue;
      }
      next = Math.max(next, mem.index[page]!) + 1;
      if (!PageDirty(mem, page) && !PageWriteback(mem, page) && !page_mapped(mem, page)) dropped += this.invalidate_complete_page(mapping, page);
      this.unlock_page(page);
    }
    this.__pagevec_release(pages, nr, 0);
  }
  return dropped;
}
