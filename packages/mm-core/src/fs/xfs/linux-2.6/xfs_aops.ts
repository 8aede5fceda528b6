/**
 * XFS file data (fs/xfs/linux-2.6/xfs_aops.c of 2.6.12).
 *
 * What differs from ext3 as the memory manager sees it: space is allocated late, so write() leaves buffers that are up to
 * date, mapped and BH_Delay but have no block until ->writepage() or ->releasepage() finds them one; ->writepage() writes
 * the whole page, clean buffers too, since it cannot know what a mapping has changed; and before patch 2 of the series the
 * table has no migrate_page, so a dirty page is written to disk before it can move.
 *
 * Modelled: extents as in fs/block_map.ts; no transactions, hence no writepage that must give up inside one; no preallocated
 * (unwritten) extents; neighbouring delayed-allocation pages are not written along (xfs_cluster_write()).
 */
import { EIO } from '../../../include/linux/errno.js';
import { BH_Async_Write, BH_Delay, BH_Dirty, BH_Lock, BH_Mapped, BH_New, BH_Uptodate } from '../../../include/linux/buffer_head.js';
import type { AddressSpaceOperations, Inode } from '../../../include/linux/fs.js';
import { __GFP_FS } from '../../../include/linux/gfp.js';
import { BUG_ON } from '../../../include/linux/kernel.js';
import { clear_page_flag, PagePrivate, PageUptodate, PageWriteback, PG_uptodate, set_page_flag } from '../../../include/linux/page-flags.js';
import type { BufferHead, Page } from '../../../include/linux/types.js';
import type { MaySleep } from '../../../include/linux/wait.js';
import type { Machine } from '../../../machine.js';
import { blockAllocated, freeBlocks, mapBlock } from '../../../model/block-map.js';
import { submitBuffers } from '../../../model/buffers.js';
import type { K } from '../../../kernel-table.js';

export const linvfs_aops: AddressSpaceOperations = {
  readpage: 'linvfs_readpage', writepage: 'linvfs_writepage', releasepage: 'linvfs_release_page', prepare_write: 'linvfs_prepare_write',
  commit_write: 'generic_commit_write',
};

const page_host = (m: Machine, page: Page): Inode => m.mappings[m.mem_map.mapping[page]! >>> 1]!.host!;

export function* linvfs_readpage(this: K<'mpage_readpage'>, page: Page): MaySleep<number> {
  return yield* this.mpage_readpage(page, 'linvfs_get_block');
}

export function* linvfs_prepare_write(this: K<'block_prepare_write'>, page: Page, from: number, to: number): MaySleep<number> {
  return yield* this.block_prepare_write(page, from, to, 'linvfs_get_block');
}

/** Maps what has a block; with `create` a hole becomes a delayed allocation: reserved, but nowhere on the disk yet. */
export function linvfs_get_block(this: K, inode: Inode, iblock: number, bh_result: BufferHead, create: number): number {
  const { m } = this;
  if (blockAllocated(m, inode, iblock)) return mapBlock(m, inode, iblock, bh_result, 0);
  if (create !== 0) m.bh.b_state[bh_result]! |= BH_New | BH_Uptodate | BH_Mapped | BH_Delay;
  return 0;
}

/** xfs_count_page_state(): whether any of the page's buffers has, of the bits in `mask`, just those in `state`. */
function any_buffer(m: Machine, page: Page, mask: number, state: number): boolean {
  const { b_state, b_this_page } = m.bh;
  const head = m.mem_map.private[page]!;
  let bh = head;
  do {
    if ((b_state[bh]! & mask) === state) return true;
    bh = b_this_page[bh]!;
  } while (bh !== head);
  return false;
}

/** Writes a locked page whose dirty flag has been cleared, and unlocks it. */
export function* linvfs_writepage(this: K<'create_empty_buffers' | 'xfs_page_state_convert' | 'unlock_page'>, page: Page): MaySleep<number> {
  const { m } = this;
  let unmapped = true;
  if (PagePrivate(m.mem_map, page)) unmapped = PageUptodate(m.mem_map, page) && any_buffer(m, page, BH_Uptodate | BH_Mapped, BH_Uptodate);
  else this.create_empty_buffers(page, page_host(m, page).i_sb.s_blocksize, 0);
  const error = this.xfs_page_state_convert(page, 1, unmapped ? 1 : 0);
  if (error < 0) this.unlock_page(page);
  return error < 0 ? error : 0;
}

/**
 * Gives the blocks of a locked page that wait for one a place on disk. With `startio` all buffers inside the file are then
 * written and the page is unlocked; without, they are left dirty for a later writepage. `unmapped`: buffers that
 * have not even been reserved (the page was dirtied through a mapping) get a block too.
 * Returns how many of the page's buffers are neither clean nor on their way, or an errno. 2.6.12 means to count those inside
 * the file only, but its max() always gives the whole page: the last page of a file hardly ever comes down to 0.
 */
export function xfs_page_state_convert(
  this: K<'block_invalidatepage' | 'xfs_submit_page'>, page: Page, startio: number, unmapped: number,
): number {
  const { m } = this;
  const mem = m.mem_map;
  const inode = page_host(m, page);
  const blocksize = inode.i_sb.s_blocksize;
  const start = mem.index[page]! * m.PAGE_SIZE;
  if (start >= inode.i_size) {
    if (unmapped === 0) this.block_invalidatepage(page, 0);
    clear_page_flag(mem, page, PG_uptodate);
    return -EIO;
  }
  const { b_state, b_this_page } = m.bh;
  const head = mem.private[page]! as BufferHead;
  let iblock = start / blocksize;
  let page_dirty = m.PAGE_SIZE / blocksize;
  let uptodate = true;
  let offset = start;
  let bh = head;
  do {
    if (offset >= inode.i_size) break;
    const state = b_state[bh]!;
    const valid = PageUptodate(mem, page) || (state & BH_Uptodate) !== 0;
    if ((state & BH_Uptodate) === 0) uptodate = false;
    const allocate = (state & BH_Delay) !== 0 || (valid && (unmapped !== 0 || startio !== 0) && (state & BH_Mapped) === 0);
    if (allocate && (valid || startio !== 0)) {
      mapBlock(m, inode, iblock, bh, 1);
      b_state[bh]! &= ~(BH_Delay | BH_New);
      /* Without startio the buffer is dirty before mark_buffer_dirty() is called, which then does nothing: the page is not dirtied. */
      b_state[bh]! |= startio !== 0 ? BH_Lock | BH_Async_Write : BH_Dirty;
      page_dirty--;
    } else if (valid && startio !== 0 && (state & (BH_Uptodate | BH_Mapped | BH_Lock)) === (BH_Uptodate | BH_Mapped)) {
      b_state[bh]! |= BH_Lock | BH_Async_Write;
      page_dirty--;
    }
    iblock++;
    offset += blocksize;
    bh = b_this_page[bh]! as BufferHead;
  } while (bh !== head);
  if (uptodate && bh === head) set_page_flag(mem, page, PG_uptodate);
  if (startio !== 0) this.xfs_submit_page(page, page_dirty === 0 ? 1 : 0);
  return page_dirty;
}

/** Writes the buffers marked BH_Async_Write and unlocks the page. */
export function xfs_submit_page(
  this: K<'test_set_page_writeback' | 'test_clear_page_dirty' | 'submit_page_io' | 'end_buffer_async_write' | 'unlock_page'>, page: Page, clear_dirty: number,
): void {
  const { m } = this;
  const { b_state, b_this_page } = m.bh;
  const inode = page_host(m, page);
  BUG_ON(m, PageWriteback(m.mem_map, page), 'fs/xfs/linux-2.6/xfs_aops.c:xfs_submit_page()');
  const head = m.mem_map.private[page]!;
  let bh_count = 0;
  let bh = head;
  do {
    if ((b_state[bh]! & BH_Async_Write) !== 0) {
      b_state[bh] = (b_state[bh]! | BH_Uptodate) & ~BH_Dirty;
      bh_count++;
    }
    bh = b_this_page[bh]!;
  } while (bh !== head);
  if (bh_count > 0) this.test_set_page_writeback(page);
  if (clear_dirty !== 0) this.test_clear_page_dirty(page);
  if (bh_count > 0) submitBuffers(this, page, inode, BH_Async_Write, (each, error) => this.end_buffer_async_write(each, error));
  this.unlock_page(page);
}

/**
 * Gives up a page's buffers. Delayed allocations get their blocks first, which leaves the buffers dirty: so the page stays
 * this time and goes after writeback.
 */
export function linvfs_release_page(this: K<'xfs_page_state_convert' | 'try_to_free_buffers'>, page: Page, gfp_mask: number): number {
  const { m } = this;
  if (any_buffer(m, page, BH_Delay, BH_Delay)) {
    if ((gfp_mask & __GFP_FS) === 0) return 0;
    if (this.xfs_page_state_convert(page, 0, 0) !== 0) return 0;
  }
  return this.try_to_free_buffers(page);
}

/** Zeroes the rest of the last block and gives back the blocks behind i_size. The page cache has been truncated before. */
export function* linvfs_truncate(this: K<'block_truncate_page'>, inode: Inode): MaySleep<void> {
  yield* this.block_truncate_page(inode.i_mapping, inode.i_size, 'linvfs_get_block');
  freeBlocks(this.m, inode);
}
