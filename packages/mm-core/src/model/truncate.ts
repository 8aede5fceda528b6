/** Parts of truncation that files of several kernel files share: mm/truncate.c, mm/filemap.c, fs/open.c, fs/inode.c. */
import type { AddressSpace, Inode } from '../include/linux/fs.js';
import { PageWriteback, TestSetPageLocked } from '../include/linux/page-flags.js';
import { MAX_PGOFF } from '../include/linux/pagemap.js';
import type { Page } from '../include/linux/types.js';
import type { MaySleep } from '../include/linux/wait.js';
import { I_DIRTY_SYNC } from '../include/linux/writeback.js';
import { PAGEVEC_SIZE } from '../machine.js';
import type { K } from '../kernel-table.js';

/** truncate_inode_pages()'s first pass: drops every page from index `start` on that is neither locked nor under writeback. */
export function truncateUnlocked(
  k: K<'find_get_pages' | 'truncate_complete_page' | 'unlock_page' | '__pagevec_release'>, mapping: AddressSpace, start: number,
): void {
  const mem = k.m.mem_map;
  const pages: number[] = [];
  for (let next = start; next <= MAX_PGOFF; ) {
    const nr = k.find_get_pages(mapping, next, PAGEVEC_SIZE, pages);
    if (nr === 0) return;
    for (let i = 0; i < nr; i++) {
      const page = pages[i] as Page;
      next = Math.max(next, mem.index[page]!) + 1;
      if (TestSetPageLocked(mem, page)) continue;
      if (!PageWriteback(mem, page)) k.truncate_complete_page(mapping, page);
      k.unlock_page(page);
    }
    k.__pagevec_release(pages, nr, 0);
  }
}

/** inode->i_op->truncate() of the disk file systems. */
function* truncateBlocks(k: K<'ext2_truncate' | 'ext3_truncate' | 'linvfs_truncate'>, inode: Inode): MaySleep<void> {
  switch (inode.i_sb.s_type) {
    case 'ext2': yield* k.ext2_truncate(inode); break;
    case 'ext3': yield* k.ext3_truncate(inode); break;
    case 'xfs': yield* k.linvfs_truncate(inode); break;
    case 'tmpfs': break;
  }
}

/** vmtruncate() with the file system's i_op->truncate(), which frees the blocks. The caller holds i_sem. */
export function* truncateTo(
  k: K<'vmtruncate' | 'ext2_truncate' | 'ext3_truncate' | 'linvfs_truncate' | '__mark_inode_dirty'>, inode: Inode, length: number,
): MaySleep<number> {
  const error = yield* k.vmtruncate(inode, length);
  if (error !== 0) return error;
  yield* truncateBlocks(k, inode);
  k.__mark_inode_dirty(inode, I_DIRTY_SYNC);
  return 0;
}
