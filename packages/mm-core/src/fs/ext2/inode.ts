/**
 * ext2 (fs/ext2/inode.c of 2.6.12). Of the three disk file systems it is the plain one: writeback through mpage, so pages
 * dirtied through a mapping never get buffers. Block allocation is modelled, see fs/block_map.ts.
 */
import type { AddressSpace, AddressSpaceOperations, Inode } from '../../include/linux/fs.js';
import type { BufferHead, Page } from '../../include/linux/types.js';
import type { MaySleep } from '../../include/linux/wait.js';
import type { WritebackControl } from '../../include/linux/writeback.js';
import { freeBlocks, mapBlock } from '../../model/block-map.js';
import type { K } from '../../kernel-table.js';

export const ext2_aops: AddressSpaceOperations = {
  readpage: 'ext2_readpage', writepage: 'ext2_writepage', writepages: 'ext2_writepages', prepare_write: 'ext2_prepare_write',
  commit_write: 'generic_commit_write', migrate_page: 'ext2_migrate_page',
};

export function* ext2_writepage(this: K<'block_write_full_page'>, page: Page): MaySleep<number> {
  return yield* this.block_write_full_page(page, 'ext2_get_block');
}

export function* ext2_readpage(this: K<'mpage_readpage'>, page: Page): MaySleep<number> {
  return yield* this.mpage_readpage(page, 'ext2_get_block');
}

export function* ext2_writepages(this: K<'mpage_writepages'>, mapping: AddressSpace, wbc: WritebackControl): MaySleep<number> {
  return yield* this.mpage_writepages(mapping, wbc, 'ext2_get_block');
}

export function* ext2_prepare_write(this: K<'block_prepare_write'>, page: Page, from: number, to: number): MaySleep<number> {
  return yield* this.block_prepare_write(page, from, to, 'ext2_get_block');
}

export function ext2_get_block(this: K, inode: Inode, iblock: number, bh_result: BufferHead, create: number): number {
  return mapBlock(this.m, inode, iblock, bh_result, create);
}

/** Zeroes the rest of the last block and gives back the blocks behind i_size. The page cache has been truncated before. */
export function* ext2_truncate(this: K<'block_truncate_page'>, inode: Inode): MaySleep<void> {
  yield* this.block_truncate_page(inode.i_mapping, inode.i_size, 'ext2_get_block');
  freeBlocks(this.m, inode);
}

/** The hotplug tree's method: the buffers move with the page, so a dirty page need not be written first. */
export function* ext2_migrate_page(this: K<'generic_migrate_page'>, page: Page, newpage: Page): MaySleep<number> {
  return yield* this.generic_migrate_page(page, newpage, 'migrate_page_buffer');
}
