/**
 * The page cache: finding, adding and removing pages, and waiting for them (mm/filemap.c of 2.6.12).
 *
 * A page is in the cache of one mapping at one index: page_tree[index] = page, page->mapping and page->index the way back,
 * one reference held by the tree. All of it changes under mapping.tree_lock with the page locked.
 *
 * Waiting: 2.6.12 hashes pages to wait queues and wakes all who wait on a bucket. Here a waiter yields the page it waits
 * for and looks again when it is resumed, so waking is nobody's work. ->sync_page(), which would push queued requests to
 * the device, has nothing to do: the model's requests start when they are submitted.
 */
import { EEXIST } from '../include/linux/errno.js';
import type { AddressSpace } from '../include/linux/fs.js';
import { __GFP_COLD } from '../include/linux/gfp.js';
import { BUG, BUG_ON } from '../include/linux/kernel.js';
import { file_mapping, get_page } from '../include/linux/mm.js';
import {
  PageLocked, PageWriteback, PG_locked, PG_reclaim, set_page_flag, test_and_clear_page_flag, TestSetPageLocked,
} from '../include/linux/page-flags.js';
import { mapping_gfp_mask } from '../include/linux/pagemap.js';
import { spin_lock, spin_unlock } from '../include/linux/spinlock.js';
import { NULL_PAGE, type Page } from '../include/linux/types.js';
import type { MaySleep } from '../include/linux/wait.js';
import type { K } from '../kernel-table.js';

/** The cached page at an index with a reference for the caller; 0 when there is none. */
export function find_get_page(this: K<'radix_tree_lookup'>, mapping: AddressSpace, offset: number): Page {
  const { m } = this;
  spin_lock(m, mapping.tree_lock);
  const page = this.radix_tree_lookup(mapping.page_tree, offset) as Page;
  if (page !== NULL_PAGE) get_page(m.mem_map, page);
  spin_unlock(m, mapping.tree_lock);
  return page;
}

/** The cached page, locked but with no reference taken; 0 when there is none or somebody has it locked. */
export function find_trylock_page(this: K<'radix_tree_lookup'>, mapping: AddressSpace, offset: number): Page {
  const { m } = this;
  spin_lock(m, mapping.tree_lock);
  let page = this.radix_tree_lookup(mapping.page_tree, offset) as Page;
  if (page !== NULL_PAGE && TestSetPageLocked(m.mem_map, page)) page = NULL_PAGE;
  spin_unlock(m, mapping.tree_lock);
  return page;
}

/** The cached page, locked and with a reference; 0 when there is none. */
export function* find_lock_page(this: K<'radix_tree_lookup' | '__lock_page' | 'unlock_page' | 'put_page'>, mapping: AddressSpace, offset: number): MaySleep<Page> {
  const { m } = this;
  const mem = m.mem_map;
  for (;;) {
    spin_lock(m, mapping.tree_lock);
    const page = this.radix_tree_lookup(mapping.page_tree, offset) as Page;
    if (page === NULL_PAGE) {
      spin_unlock(m, mapping.tree_lock);
      return page;
    }
    get_page(mem, page);
    const contended = TestSetPageLocked(mem, page);
    spin_unlock(m, mapping.tree_lock);
    if (!contended) return page;
    yield* this.__lock_page(page);
    /* It may have been truncated, or migrated away, while we slept. */
    if (mem.mapping[page] === file_mapping(mapping) && mem.index[page] === offset) return page;
    this.unlock_page(page);
    this.put_page(page);
  }
}

/** find_lock_page(), but allocates and adds a page where there is none; 0 only when out of memory. */
export function* find_or_create_page(
  this: K<'find_lock_page' | 'alloc_pages_current' | 'add_to_page_cache_lru' | 'put_page'>, mapping: AddressSpace, index: number, gfp_mask: number,
): MaySleep<Page> {
  let cached_page = NULL_PAGE;
  for (;;) {
    let page = yield* this.find_lock_page(mapping, index);
    let error = 0;
    if (page === NULL_PAGE) {
      if (cached_page === NULL_PAGE) cached_page = yield* this.alloc_pages_current(gfp_mask, 0);
      if (cached_page === NULL_PAGE) return NULL_PAGE;
      error = this.add_to_page_cache_lru(cached_page, mapping, index, gfp_mask);
      if (error === 0) {
        page = cached_page;
        cached_page = NULL_PAGE;
      }
    }
    if (error === -EEXIST) continue;
    if (cached_page !== NULL_PAGE) this.put_page(cached_page);
    return page;
  }
}

/**
 * Up to `nr_pages` cached pages from index `start` on, by ascending index, with a reference each, into `pages`. Returns how
 * many. The lookup is atomic, but the pages are not locked: any of them may have left the mapping a moment later.
 */
export function find_get_pages(this: K<'radix_tree_gang_lookup'>, mapping: AddressSpace, start: number, nr_pages: number, pages: number[]): number {
  const { m } = this;
  spin_lock(m, mapping.tree_lock);
  const found = this.radix_tree_gang_lookup(mapping.page_tree, pages, start, nr_pages);
  for (let i = 0; i < found; i++) get_page(m.mem_map, pages[i] as Page);
  spin_unlock(m, mapping.tree_lock);
  return found;
}

/** The same for pages with a tag. The walk goes on behind the index of the last one. */
export function find_get_pages_tag(this: K<'radix_tree_gang_lookup_tag'>, mapping: AddressSpace, start: number, tag: number, nr_pages: number, pages: number[]): number {
  const { m } = this;
  spin_lock(m, mapping.tree_lock);
  const found = this.radix_tree_gang_lookup_tag(mapping.page_tree, pages, start, nr_pages, tag);
  for (let i = 0; i < found; i++) get_page(m.mem_map, pages[i] as Page);
  spin_unlock(m, mapping.tree_lock);
  return found;
}

/**
 * Adds a new page, locked, to the cache; not to the LRU. -EEXIST when the index is taken. `gfp_mask` is for the tree's
 * nodes, which the model never runs out of (see lib/radix-tree.ts), so -ENOMEM does not occur.
 */
export function add_to_page_cache(this: K<'radix_tree_insert'>, page: Page, mapping: AddressSpace, offset: number, _gfp_mask: number): number {
  const { m } = this;
  const mem = m.mem_map;
  spin_lock(m, mapping.tree_lock);
  const error = this.radix_tree_insert(mapping.page_tree, offset, page);
  if (error === 0) {
    get_page(mem, page);
    set_page_flag(mem, page, PG_locked);
    mem.mapping[page] = file_mapping(mapping);
    mem.index[page] = offset;
    mapping.nrpages++;
  }
  spin_unlock(m, mapping.tree_lock);
  return error;
}

export function add_to_page_cache_lru(this: K<'add_to_page_cache' | 'lru_cache_add'>, page: Page, mapping: AddressSpace, offset: number, gfp_mask: number): number {
  const error = this.add_to_page_cache(page, mapping, offset, gfp_mask);
  if (error === 0) this.lru_cache_add(page);
  return error;
}

/** Takes a locked page out of its mapping; the tree's reference is now the caller's. Called under tree_lock. */
export function __remove_from_page_cache(this: K<'radix_tree_delete'>, page: Page): void {
  const { m } = this;
  const mapping = m.mappings[m.mem_map.mapping[page]! >>> 1]!;
  this.radix_tree_delete(mapping.page_tree, m.mem_map.index[page]!);
  m.mem_map.mapping[page] = 0;
  mapping.nrpages--;
}

export function remove_from_page_cache(this: K<'__remove_from_page_cache'>, page: Page): void {
  const { m } = this;
  BUG_ON(m, !PageLocked(m.mem_map, page), 'mm/filemap.c:remove_from_page_cache()');
  const { tree_lock } = m.mappings[m.mem_map.mapping[page]! >>> 1]!;
  spin_lock(m, tree_lock);
  this.__remove_from_page_cache(page);
  spin_unlock(m, tree_lock);
}

/** A page for the mapping, placed by the caller's memory policy. */
export function* page_cache_alloc(this: K<'alloc_pages_current'>, mapping: AddressSpace): MaySleep<Page> {
  return yield* this.alloc_pages_current(mapping_gfp_mask(mapping), 0);
}

/** A page that a device will fill: one that is not in the CPU's cache will do. */
export function* page_cache_alloc_cold(this: K<'alloc_pages_current'>, mapping: AddressSpace): MaySleep<Page> {
  return yield* this.alloc_pages_current(mapping_gfp_mask(mapping) | __GFP_COLD, 0);
}

/** lock_page() when TestSetPageLocked() has just failed. */
export function* __lock_page(this: K, page: Page): MaySleep<void> {
  const mem = this.m.mem_map;
  while (TestSetPageLocked(mem, page)) yield { kind: 'page-lock', page };
}

export function unlock_page(this: K, page: Page): void {
  const { m } = this;
  if (!test_and_clear_page_flag(m.mem_map, page, PG_locked)) BUG(m, 'mm/filemap.c:unlock_page()');
}

/** Returns when the page is not locked; it may be locked again the moment after. */
export function* wait_on_page_locked(this: K, page: Page): MaySleep<void> {
  const mem = this.m.mem_map;
  while (PageLocked(mem, page)) yield { kind: 'page-lock', page };
}

export function* wait_on_page_writeback(this: K, page: Page): MaySleep<void> {
  const mem = this.m.mem_map;
  while (PageWriteback(mem, page)) yield { kind: 'page-writeback', page };
}

/**
 * The device has the page's contents. A page that reclaim wants (PG_reclaim) goes to the tail of the inactive list, where
 * it is found first. Called from I/O completion.
 */
export function end_page_writeback(this: K<'rotate_reclaimable_page' | 'test_clear_page_writeback'>, page: Page): void {
  const { m } = this;
  if (!test_and_clear_page_flag(m.mem_map, page, PG_reclaim) || this.rotate_reclaimable_page(page) !== 0) {
    if (this.test_clear_page_writeback(page) === 0) BUG(m, 'mm/filemap.c:end_page_writeback()');
  }
}
