/**
 * XFS metadata (fs/xfs/linux-2.6/xfs_buf.c of 2.6.12).
 *
 * Metadata blocks live in page-cache pages of an address space of their own, one a device (the buftarg's). They are never
 * mapped and have no buffer heads; the XFS buffer object keeps pointers to them, and a reference. The mapping's table has
 * sync_page and nothing else: nobody but XFS itself can write such a page. Where blocks are smaller than pages, page->private
 * is a bitmap of the parts that have been read, without PG_private: patch 2 of the series forbids to migrate these pages,
 * because what XFS knows about them would not come along.
 *
 * Modelled: a buffer is one page, found and read but never changed; the buffer object itself is the reference.
 */
import { EIO, ENOMEM } from '../../../include/linux/errno.js';
import type { AddressSpaceOperations, SuperBlock } from '../../../include/linux/fs.js';
import type { PageOrErr } from '../../../include/linux/misc.js';
import { PageUptodate, PG_error, PG_uptodate, set_page_flag } from '../../../include/linux/page-flags.js';
import { mapping_gfp_mask } from '../../../include/linux/pagemap.js';
import { NULL_PAGE, type Page } from '../../../include/linux/types.js';
import type { MaySleep } from '../../../include/linux/wait.js';
import type { K } from '../../../kernel-table.js';

/** static struct address_space_operations mapping_aops in xfs_mapping_buftarg(). */
export const mapping_aops: AddressSpaceOperations = { sync_page: 'block_sync_page' };

/** All parts of a page read: every bit of the bitmap in page->private. */
const ALL_REGIONS = 0xffff_ffff;
const METADATA_TOKEN = 0xc000_0000;

/**
 * The page that holds a metadata block (in file-system blocks), read from disk if need be, with a reference: the buffer is
 * held until pagebuf_rele(). -EIO or -ENOMEM.
 */
export function* pagebuf_get(
  this: K<'find_or_create_page' | 'submit_page_io' | 'unlock_page' | 'wait_on_page_locked' | 'mark_page_accessed' | 'put_page'>, sb: SuperBlock, blkno: number,
): MaySleep<PageOrErr> {
  const { m } = this;
  const mem = m.mem_map;
  if (sb.bt_mapping === null || sb.bdev === null) throw new TypeError(`pagebuf_get(): ${sb.s_type} on ${sb.s_root} has no metadata buffers`);
  const index = Math.floor((blkno * sb.s_blocksize) / m.PAGE_SIZE);
  const page = yield* this.find_or_create_page(sb.bt_mapping, index, mapping_gfp_mask(sb.bt_mapping));
  if (page === NULL_PAGE) return -ENOMEM;
  this.mark_page_accessed(page);
  if (PageUptodate(mem, page)) {
    this.unlock_page(page);
    return page;
  }
  /* The page stays locked until it has been read, as it does in 2.6.12 where blocks are as large as pages; smaller ones have a lock each. */
  this.submit_page_io(sb.bdev, index, false, (METADATA_TOKEN | index) >>> 0, (error, token) => {
    if (error !== 0) set_page_flag(mem, page, PG_error);
    else {
      mem.content[page] = token;
      if (sb.s_blocksize < m.PAGE_SIZE) mem.private[page] = ALL_REGIONS;
      set_page_flag(mem, page, PG_uptodate);
    }
    this.unlock_page(page);
  });
  yield* this.wait_on_page_locked(page);
  if (PageUptodate(mem, page)) return page;
  this.put_page(page);
  return -EIO;
}

/** Drops a buffer. Its page stays in the cache until memory is short. */
export function pagebuf_rele(this: K<'put_page'>, page: Page): void {
  this.put_page(page);
}
