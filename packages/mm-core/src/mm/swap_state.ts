/**
 * mm/swap_state.c: the swap cache, which finds a page by its swap entry.
 *
 *     swapper_space.page_tree[entry] = page        page->private = entry, PG_swapcache
 *
 * A page is in it from the moment it gets a slot until nobody but the cache uses the slot any more, or somebody wants the slot
 * back. While it is there, every fault on a pte with the entry finds this page. The cache holds a reference to the page and one use
 * of the slot (swapfile.ts). An anonymous page keeps page->mapping and page->index: they are for rmap.
 *
 * swapper_space.tree_lock guards the tree; a page enters and leaves with its lock held. Source: 2.6.12. Not modelled: the statistics
 * of show_swap_cache_info(), and a tree that is out of nodes (see lib/radix-tree.ts), so -ENOMEM occurs only where it is injected.
 */
import { EEXIST, ENOENT, ENOMEM } from '../include/linux/errno.js';
import type { AddressSpace, AddressSpaceOperations } from '../include/linux/fs.js';
import { __GFP_NOMEMALLOC, __GFP_NOWARN, GFP_ATOMIC, GFP_HIGHUSER, GFP_KERNEL } from '../include/linux/gfp.js';
import { BUG, BUG_ON } from '../include/linux/kernel.js';
import { get_page } from '../include/linux/mm.js';
import type { Vma } from '../include/linux/mm_types.js';
import {
  clear_page_flag, PageLocked, PagePrivate, PageSwapCache, PageWriteback, PG_dirty, PG_locked, PG_swapcache, PG_uptodate, set_page_flag,
  TestSetPageLocked,
} from '../include/linux/page-flags.js';
import { spin_lock, spin_unlock } from '../include/linux/spinlock.js';
import { NO_SWP_ENTRY, NULL_PAGE, type Address, type Page, type SwpEntry } from '../include/linux/types.js';
import { PREEMPT, type MaySleep } from '../include/linux/wait.js';
import type { K } from '../kernel-table.js';

export const swap_aops = { writepage: 'swap_writepage', set_page_dirty: '__set_page_dirty_nobuffers' } as const satisfies AddressSpaceOperations;

/**
 * Gives a locked anonymous page a swap slot and puts it in the swap cache; nothing is written. The page is up to date and dirty
 * afterwards: the flag only, the radix tree is not tagged. As in 2.6.12; the hotplug tree's takes the gfp mask of the tree's nodes, which
 * are not accounted here.
 * @returns 1; 0 when there is no free slot (or no memory for the tree).
 */
export function add_to_swap(this: K<'get_swap_page' | '__add_to_swap_cache' | 'swap_free'>, page: Page): number {
  const { m } = this;
  BUG_ON(m, !PageLocked(m.mem_map, page), 'mm/swap_state.c:add_to_swap()');
  for (;;) {
    const entry = this.get_swap_page();
    if (entry === NO_SWP_ENTRY) return 0;
    const err = this.__add_to_swap_cache(page, entry, GFP_ATOMIC | __GFP_NOMEMALLOC | __GFP_NOWARN);
    if (err === 0) {
      set_page_flag(m.mem_map, page, PG_uptodate | PG_dirty);
      return 1;
    }
    this.swap_free(entry);
    // -EEXIST: a read-ahead that guessed at the slot has just put a page there; take another slot
    if (err !== -EEXIST) return 0;
  }
}

/**
 * Puts a page in the swap cache, locked, with a reference; the use of the slot is the caller's. A caller that may sleep does so before:
 * where 2.6.12 calls radix_tree_preload() here.
 * @returns 0; -EEXIST when the entry is taken.
 */
export function __add_to_swap_cache(this: K<'radix_tree_insert'>, page: Page, entry: SwpEntry, _gfp_mask: number): number {
  const { m } = this;
  const mem = m.mem_map;
  BUG_ON(m, PageSwapCache(mem, page) || PagePrivate(mem, page), 'mm/swap_state.c:__add_to_swap_cache()');
  const { swapper_space } = m;
  spin_lock(m, swapper_space.tree_lock);
  const error = this.radix_tree_insert(swapper_space.page_tree, entry, page);
  if (error === 0) {
    get_page(mem, page);
    set_page_flag(mem, page, PG_locked | PG_swapcache);
    mem.private[page] = entry;
    swapper_space.nrpages++; // total_swapcache_pages
  }
  spin_unlock(m, swapper_space.tree_lock);
  return error;
}

/** The same for a slot in use, which gets one use more: the cache's. -ENOENT when the slot is free; -EEXIST. */
export function* add_to_swap_cache(this: K<'swap_duplicate' | '__add_to_swap_cache' | 'swap_free'>, page: Page, entry: SwpEntry): MaySleep<number> {
  if (this.swap_duplicate(entry) === 0) return -ENOENT;
  if (this.m.preemptible) yield PREEMPT; // radix_tree_preload()
  const error = this.__add_to_swap_cache(page, entry, GFP_KERNEL);
  if (error !== 0) this.swap_free(entry);
  return error;
}

/** Takes a locked page out of the swap cache; its reference and its use of the slot are now the caller's. Called under tree_lock. */
export function __delete_from_swap_cache(this: K<'radix_tree_delete'>, page: Page): void {
  const { m } = this;
  const mem = m.mem_map;
  BUG_ON(m, !PageLocked(mem, page) || !PageSwapCache(mem, page) || PageWriteback(mem, page), 'mm/swap_state.c:__delete_from_swap_cache()');
  this.radix_tree_delete(m.swapper_space.page_tree, mem.private[page]!);
  mem.private[page] = 0;
  clear_page_flag(mem, page, PG_swapcache);
  m.swapper_space.nrpages--;
}

/** Takes a locked page out of the swap cache. The caller has a reference of its own, so the page is not freed. */
export function delete_from_swap_cache(this: K<'__delete_from_swap_cache' | 'swap_free' | 'put_page'>, page: Page): void {
  const { m } = this;
  const mem = m.mem_map;
  BUG_ON(
    m, !PageSwapCache(mem, page) || !PageLocked(mem, page) || PageWriteback(mem, page) || PagePrivate(mem, page),
    'mm/swap_state.c:delete_from_swap_cache()',
  );
  const entry = mem.private[page]! as SwpEntry;
  spin_lock(m, m.swapper_space.tree_lock);
  this.__delete_from_swap_cache(page);
  spin_unlock(m, m.swapper_space.tree_lock);
  this.swap_free(entry);
  this.put_page(page);
}

/**
 * shmem_writepage(): moves a locked page from the page cache of its file to the swap cache. The slot, one use of which is the file's,
 * gets one for the cache. Never sleeps: it is called under info->lock.
 * @returns 0; -EEXIST: the page is where it was.
 */
export function move_to_swap_cache(
  this: K<'__add_to_swap_cache' | 'remove_from_page_cache' | 'put_page' | 'swap_duplicate'>, page: Page, entry: SwpEntry,
): number {
  const { m } = this;
  const err = this.__add_to_swap_cache(page, entry, GFP_ATOMIC);
  if (err !== 0) return err;
  this.remove_from_page_cache(page);
  this.put_page(page);
  if (this.swap_duplicate(entry) === 0) BUG(m, 'mm/swap_state.c:move_to_swap_cache()');
  set_page_flag(m.mem_map, page, PG_dirty);
  return 0;
}

/** The way back, for shmem_getpage() and shmem_unuse(); the page is dirty in its file then. @returns what add_to_page_cache() does. */
export function move_from_swap_cache(
  this: K<'add_to_page_cache' | 'delete_from_swap_cache' | 'set_page_dirty'>, page: Page, index: number, mapping: AddressSpace,
): number {
  const err = this.add_to_page_cache(page, mapping, index, GFP_ATOMIC);
  if (err !== 0) return err;
  this.delete_from_swap_cache(page);
  // off and on again, so that the file's tree is tagged and its inode dirty
  clear_page_flag(this.m.mem_map, page, PG_dirty);
  this.set_page_dirty(page);
  return 0;
}

/**
 * Drops the reference of a pte that is gone, and frees the slot when only the swap cache is left to use it. It is called under
 * page_table_lock, so it does not wait for the page's lock: a locked page just stays in the swap cache.
 */
export function free_page_and_swap_cache(this: K<'remove_exclusive_swap_page' | 'unlock_page' | 'put_page'>, page: Page): void {
  const mem = this.m.mem_map;
  if (PageSwapCache(mem, page) && !TestSetPageLocked(mem, page)) {
    this.remove_exclusive_swap_page(page);
    this.unlock_page(page);
  }
  this.put_page(page);
}

/** The page of an entry with a reference, perhaps locked and not up to date yet; 0 when it is not in the swap cache. */
export function lookup_swap_cache(this: K<'find_get_page'>, entry: SwpEntry): Page {
  return this.find_get_page(this.m.swapper_space, entry);
}

/**
 * The page of an entry with a reference, from the swap cache or newly allocated, by the policy of `vma` at `addr`; reading it has
 * only begun then, and its lock is released when it is done.
 * @returns 0 when the slot is not in use any more, or there is no memory.
 */
export function* read_swap_cache_async(
  this: K<'find_get_page' | 'alloc_page_vma' | 'add_to_swap_cache' | 'lru_cache_add_active' | 'swap_readpage' | 'put_page'>, entry: SwpEntry,
  vma: Vma | null, addr: Address,
): MaySleep<Page> {
  const { swapper_space } = this.m;
  let new_page = NULL_PAGE;
  let found_page: Page;
  for (;;) {
    found_page = this.find_get_page(swapper_space, entry);
    if (found_page !== NULL_PAGE) break;
    if (new_page === NULL_PAGE) {
      new_page = yield* this.alloc_page_vma(GFP_HIGHUSER, vma, addr);
      if (new_page === NULL_PAGE) break;
    }
    const err = yield* this.add_to_swap_cache(new_page, entry);
    if (err === 0) {
      this.lru_cache_add_active(new_page);
      yield* this.swap_readpage(new_page);
      return new_page;
    }
    // -EEXIST: somebody was faster, or has been given the slot that was freed just now
    if (err === -ENOENT || err === -ENOMEM) break;
  }
  if (new_page !== NULL_PAGE) this.put_page(new_page);
  return found_page;
}
