/** tmpfs pages and swap (mm/shmem.c of 2.6.12): writing them there, finding them again, and freeing what is left there. */
import type { Inode } from '../include/linux/fs.js';
import { BUG_ON } from '../include/linux/kernel.js';
import { page_mapped } from '../include/linux/mm.js';
import { PageLocked } from '../include/linux/page-flags.js';
import { spin_lock, spin_unlock } from '../include/linux/spinlock.js';
import { NO_SWP_ENTRY, type Page, type SwpEntry } from '../include/linux/types.js';
import type { MaySleep } from '../include/linux/wait.js';
import { WRITEPAGE_ACTIVATE } from '../include/linux/writeback.js';
import type { K } from '../kernel-table.js';

/** Sets or clears (entry 0) where in swap a page is. Called under info.lock. */
export function shmem_swp_set(this: K, inode: Inode, idx: number, entry: SwpEntry): void {
  const info = inode.shmem!;
  const old = info.swp.get(idx);
  if (old !== undefined) {
    info.swp.delete(idx);
    info.swp_index.delete(old);
    info.swapped--;
  }
  if (entry === NO_SWP_ENTRY) return;
  info.swp.set(idx, entry);
  info.swp_index.set(entry, idx);
  info.swapped++;
}

/**
 * Pages that reclaim has dropped behind our back (clean ones: holes that were only read) are given back to the file system.
 * Normally alloced is the number of pages in the cache and in swap. Called under info.lock.
 */
export function shmem_recalc_inode(this: K, inode: Inode): void {
  const info = inode.shmem!;
  const freed = info.alloced - info.swapped - inode.i_mapping.nrpages;
  if (freed <= 0) return;
  info.alloced -= freed;
  if (inode.i_sb.free_blocks !== null) inode.i_sb.free_blocks += freed;
}

/**
 * ->writepage(): reclaim wants a locked, unmapped page gone. Moves it to the swap cache, where reclaim will come by again
 * and write it; no I/O yet. Without a swap slot, or when the segment is locked (SHM_LOCK), the page stays, dirty, and
 * WRITEPAGE_ACTIVATE is returned with the page still locked.
 */
export function* shmem_writepage(
  this: K<'get_swap_page' | 'shmem_recalc_inode' | 'move_to_swap_cache' | 'shmem_swp_set' | 'unlock_page' | 'swap_free' | 'set_page_dirty'>, page: Page,
): MaySleep<number> {
  const { m } = this;
  const mem = m.mem_map;
  BUG_ON(m, !PageLocked(mem, page) || page_mapped(mem, page), 'mm/shmem.c:shmem_writepage()');
  const inode = m.mappings[mem.mapping[page]! >>> 1]!.host!;
  const index = mem.index[page]!;
  const info = inode.shmem!;
  const swap = info.locked ? NO_SWP_ENTRY : this.get_swap_page();
  if (swap !== NO_SWP_ENTRY) {
    spin_lock(m, info.lock);
    this.shmem_recalc_inode(inode);
    if (index >= info.next_index) BUG_ON(m, !info.truncating, 'mm/shmem.c:shmem_writepage()');
    else {
      BUG_ON(m, info.swp.has(index), 'mm/shmem.c:shmem_writepage()');
      /* It allocates with GFP_ATOMIC, so it does not sleep under the lock. */
      if ((this.move_to_swap_cache(page, swap)) === 0) {
        this.shmem_swp_set(inode, index, swap);
        spin_unlock(m, info.lock);
        m.shmem_swaplist.add(inode);
        this.unlock_page(page);
        return 0;
      }
    }
    spin_unlock(m, info.lock);
    this.swap_free(swap);
  }
  this.set_page_dirty(page);
  return WRITEPAGE_ACTIVATE;
}

/**
 * swapoff: whether `page`, in the swap cache as `entry`, belongs to a tmpfs file; then it is back in that file's page cache
 * now, and the file's use of the entry is dropped.
 */
export function shmem_unuse(this: K<'move_from_swap_cache' | 'shmem_swp_set' | 'swap_free'>, entry: SwpEntry, page: Page): number {
  const { m } = this;
  for (const inode of m.shmem_swaplist) {
    const info = inode.shmem!;
    if (info.swapped === 0) {
      m.shmem_swaplist.delete(inode);
      continue;
    }
    const idx = info.swp_index.get(entry);
    if (idx === undefined) continue;
    spin_lock(m, info.lock);
    if (this.move_from_swap_cache(page, idx, inode.i_mapping) === 0) {
      info.paged_in = true;
      this.shmem_swp_set(inode, idx, NO_SWP_ENTRY);
    }
    spin_unlock(m, info.lock);
    /* Also when the entry had to stay behind: try_to_unuse() counts on it. */
    this.swap_free(entry);
    return 1;
  }
  return 0;
}

/**
 * The part of shmem_truncate() that never sleeps: frees the swap entries of the pages from index `idx` on. From here until
 * the truncation is over info.truncating tells shmem_writepage() why a page may lie behind next_index.
 */
export function shmem_free_swp(this: K<'free_swap_and_cache' | 'shmem_swp_set'>, inode: Inode, idx: number): void {
  const { m } = this;
  const info = inode.shmem!;
  spin_lock(m, info.lock);
  info.truncating = true;
  info.next_index = Math.min(info.next_index, idx);
  spin_unlock(m, info.lock);
  for (const [index, entry] of info.swp) {
    if (index < idx) continue;
    this.shmem_swp_set(inode, index, NO_SWP_ENTRY);
    this.free_swap_and_cache(entry);
  }
}

/** The end of shmem_truncate(): the file system gets back what was freed. */
function truncated(k: K<'shmem_recalc_inode'>, inode: Inode): void {
  const { m } = k;
  const info = inode.shmem!;
  spin_lock(m, info.lock);
  info.truncating = false;
  k.shmem_recalc_inode(inode);
  spin_unlock(m, info.lock);
}

/** i_op->truncate(): after truncate_inode_pages(), what of the file beyond `size` is in swap. */
export function* shmem_truncate(this: K<'shmem_free_swp' | 'truncate_inode_pages' | 'shmem_recalc_inode'>, inode: Inode, size: number): MaySleep<void> {
  const info = inode.shmem!;
  const idx = Math.ceil(size / this.m.PAGE_SIZE);
  if (idx >= info.next_index) return;
  this.shmem_free_swp(inode, idx);
  /* A swapoff may have brought pages back after the page cache was truncated. */
  if (inode.i_mapping.nrpages > 0 && info.paged_in) yield* this.truncate_inode_pages(inode.i_mapping, size);
  truncated(this, inode);
}

/** The end of a tmpfs file whose pages have left the page cache: frees its swap and its policies. */
export function shmem_delete_inode(this: K<'shmem_free_swp' | 'shmem_recalc_inode' | 'mpol_free_shared_policy'>, inode: Inode): void {
  inode.i_size = 0;
  this.shmem_free_swp(inode, 0);
  truncated(this, inode);
  this.m.shmem_swaplist.delete(inode);
  this.mpol_free_shared_policy(inode.shmem!.policy);
}
