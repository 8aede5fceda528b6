/**
 * ext3 with data=ordered, the default mode (fs/ext3/inode.c of 2.6.12).
 *
 * The journal is not modelled: no transaction is started, none holds a page's buffers until it commits, and fsync() does
 * not force one. What is left of ext3 is how it writes: page by page through buffer heads, which ->writepage() attaches
 * to pages that have none.
 */
import { BH_Dirty, BH_Uptodate } from '../../include/linux/buffer_head.js';
import type { AddressSpaceOperations, Inode } from '../../include/linux/fs.js';
import { BUG_ON, WARN_ON } from '../../include/linux/kernel.js';
import { clear_page_flag, PageChecked, PageLocked, PagePrivate, PG_checked } from '../../include/linux/page-flags.js';
import type { BufferHead, Page } from '../../include/linux/types.js';
import type { MaySleep } from '../../include/linux/wait.js';
import { freeBlocks, mapBlock } from '../../model/block-map.js';
import type { K } from '../../kernel-table.js';

export const ext3_ordered_aops: AddressSpaceOperations = {
  readpage: 'ext3_readpage', writepage: 'ext3_ordered_writepage', prepare_write: 'ext3_prepare_write', commit_write: 'generic_commit_write',
  invalidatepage: 'ext3_invalidatepage', releasepage: 'ext3_releasepage', migrate_page: 'ext3_migrate_page',
};

export function* ext3_ordered_writepage(this: K<'create_empty_buffers' | 'block_write_full_page'>, page: Page): MaySleep<number> {
  const { m } = this;
  BUG_ON(m, !PageLocked(m.mem_map, page), 'fs/ext3/inode.c:ext3_ordered_writepage()');
  if (!PagePrivate(m.mem_map, page)) {
    const { s_blocksize } = m.mappings[m.mem_map.mapping[page]! >>> 1]!.host!.i_sb;
    this.create_empty_buffers(page, s_blocksize, BH_Dirty | BH_Uptodate);
  }
  return yield* this.block_write_full_page(page, 'ext3_get_block');
}

export function* ext3_readpage(this: K<'mpage_readpage'>, page: Page): MaySleep<number> {
  return yield* this.mpage_readpage(page, 'ext3_get_block');
}

export function* ext3_prepare_write(this: K<'block_prepare_write'>, page: Page, from: number, to: number): MaySleep<number> {
  return yield* this.block_prepare_write(page, from, to, 'ext3_get_block');
}

export function ext3_get_block(this: K, inode: Inode, iblock: number, bh_result: BufferHead, create: number): number {
  return mapBlock(this.m, inode, iblock, bh_result, create);
}

/** Zeroes the rest of the last block and gives back the blocks behind i_size. The page cache has been truncated before. */
export function* ext3_truncate(this: K<'block_truncate_page'>, inode: Inode): MaySleep<void> {
  yield* this.block_truncate_page(inode.i_mapping, inode.i_size, 'ext3_get_block');
  freeBlocks(this.m, inode);
}

/**
 * The hotplug tree's method: the buffers move with the page, so a dirty page need not be written first. That ext3 has a method is known, its
 * name is a *reconstruction* after ext2_migrate_page().
 */
export function* ext3_migrate_page(this: K<'generic_migrate_page'>, page: Page, newpage: Page): MaySleep<number> {
  return yield* this.generic_migrate_page(page, newpage, 'migrate_page_buffer');
}

export function ext3_invalidatepage(this: K<'block_invalidatepage'>, page: Page, offset: number): void {
  if (offset === 0) clear_page_flag(this.m.mem_map, page, PG_checked);
  this.block_invalidatepage(page, offset);
}

/** journal_try_to_free_buffers() with no journal holding any of them. */
export function ext3_releasepage(this: K<'try_to_free_buffers'>, page: Page, _gfp_mask: number): number {
  const { m } = this;
  WARN_ON(m, PageChecked(m.mem_map, page), 'fs/ext3/inode.c:ext3_releasepage()');
  return PagePrivate(m.mem_map, page) ? this.try_to_free_buffers(page) : 0;
}
