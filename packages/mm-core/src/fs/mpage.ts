/**
 * Reading and writing whole pages without buffer heads where that can be done (fs/mpage.c of 2.6.12), and the walk over a
 * mapping's dirty pages that all file systems share.
 *
 * 2.6.12 gathers pages whose blocks follow each other into one big request; here every page is a request of its own.
 */
import { BH_Dirty, BH_Mapped, BH_Uptodate } from '../include/linux/buffer_head.js';
import { PAGECACHE_TAG_DIRTY, type AddressSpace, type Inode } from '../include/linux/fs.js';
import { BUG_ON } from '../include/linux/kernel.js';
import { file_mapping } from '../include/linux/mm.js';
import { aop, getBlock, type GetBlock } from '../model/ops.js';
import {
  clear_page_flag, PagePrivate, PageUptodate, PageWriteback, PG_error, PG_mappedtodisk, PG_uptodate, set_page_flag, TestSetPageLocked,
} from '../include/linux/page-flags.js';
import { mapping_set_error, MAX_PGOFF } from '../include/linux/pagemap.js';
import type { BufferHead, Page } from '../include/linux/types.js';
import type { MaySleep } from '../include/linux/wait.js';
import { WB_SYNC_NONE, WRITEPAGE_ACTIVATE, type WritebackControl } from '../include/linux/writeback.js';
import { PAGEVEC_SIZE, type Machine } from '../machine.js';
import { diskToken } from '../model/block-map.js';
import type { K } from '../kernel-table.js';

const page_host = (m: Machine, page: Page): Inode => m.mappings[m.mem_map.mapping[page]! >>> 1]!.host!;
const mapped_all = -1;
const mapped_confused = -2;

/**
 * Maps the blocks of a page without buffers that lie inside the file. Returns mapped_all, or how many blocks in front are
 * mapped when the rest is a hole, or mapped_confused when a hole is followed by data. `found` gets the disk block.
 */
function map_page(this: K<'alloc_buffer_head' | 'free_buffer_head'>, page: Page, inode: Inode, get_block: GetBlock, create: number, found: { block: number }): number {
  const { m } = this;
  const blocks_per_page = m.PAGE_SIZE / inode.i_sb.s_blocksize;
  const first = m.mem_map.index[page]! * blocks_per_page;
  const last_block = Math.ceil(inode.i_size / inode.i_sb.s_blocksize);
  let first_hole = mapped_all;
  /* map_bh is on the stack in the original: a buffer head of no page, only there to be filled by get_block(). */
  const map_bh: BufferHead = this.alloc_buffer_head();
  for (let i = 0; i < blocks_per_page && first_hole !== mapped_confused; i++) {
    m.bh.b_state[map_bh] = 0;
    if (first + i < last_block && getBlock(this, get_block).call(this, inode, first + i, map_bh, create) !== 0) first_hole = mapped_confused;
    else if ((m.bh.b_state[map_bh] & BH_Mapped) === 0) {
      if (first_hole === mapped_all) first_hole = i;
    } else if (first_hole !== mapped_all) first_hole = mapped_confused;
    else found.block = Math.floor(m.bh.b_blocknr[map_bh]! / blocks_per_page);
  }
  this.free_buffer_head(map_bh);
  return first_hole;
}

/** ->readpage() of the disk file systems: starts reading a locked page, which is unlocked when that is done. */
export function* mpage_readpage(
  this: K<'alloc_buffer_head' | 'free_buffer_head' | 'block_read_full_page' | 'submit_page_io' | 'unlock_page'>, page: Page, get_block: GetBlock,
): MaySleep<number> {
  const { m } = this;
  const mem = m.mem_map;
  const inode = page_host(m, page);
  const found = { block: 0 };
  const first_hole = PagePrivate(mem, page) ? mapped_confused : map_page.call(this, page, inode, get_block, 0, found);
  if (first_hole === mapped_confused) {
    if (!PageUptodate(mem, page)) return yield* this.block_read_full_page(page, get_block);
    this.unlock_page(page);
    return 0;
  }
  if (first_hole === 0) {
    mem.content[page] = 0;
    set_page_flag(mem, page, PG_uptodate);
    this.unlock_page(page);
    return 0;
  }
  if (first_hole === mapped_all) set_page_flag(mem, page, PG_mappedtodisk);
  this.submit_page_io(inode.i_sb.bdev!, found.block, false, diskToken(inode, mem.index[page]!), (error, token) => {
    if (error === 0) {
      mem.content[page] = token;
      set_page_flag(mem, page, PG_uptodate);
    } else {
      clear_page_flag(mem, page, PG_uptodate);
      set_page_flag(mem, page, PG_error);
    }
    this.unlock_page(page);
  });
  return 0;
}

/** Whether all buffers of the page are mapped, dirty and up to date, unmapped clean ones at the end aside; the disk block, or -1. */
function buffers_block(m: Machine, page: Page, inode: Inode): number {
  const { b_state, b_this_page, b_blocknr } = m.bh;
  const head = m.mem_map.private[page]!;
  let block = -1;
  let first_unmapped = false;
  let bh = head;
  do {
    const state = b_state[bh]!;
    if ((state & BH_Mapped) === 0) {
      if ((state & BH_Dirty) !== 0) return -1;
      first_unmapped = true;
    } else {
      if (first_unmapped || (state & (BH_Dirty | BH_Uptodate)) !== (BH_Dirty | BH_Uptodate)) return -1;
      block = Math.floor(b_blocknr[bh]! / (m.PAGE_SIZE / inode.i_sb.s_blocksize));
    }
    bh = b_this_page[bh]!;
  } while (bh !== head);
  return block;
}

/**
 * Starts writing a locked page whose dirty flag has been cleared, without creating buffers for it; falls back to
 * ->writepage() where the page is not simple enough.
 */
export function* __mpage_writepage(
  this: K<'alloc_buffer_head' | 'free_buffer_head' | 'test_set_page_writeback' | 'submit_page_io' | 'end_page_writeback' | 'unlock_page'>,
  page: Page, get_block: GetBlock,
): MaySleep<number> {
  const { m } = this;
  const mem = m.mem_map;
  const mapping = m.mappings[mem.mapping[page]! >>> 1]!;
  const inode = mapping.host!;
  const found = { block: -1 };
  if (PagePrivate(mem, page)) found.block = buffers_block(m, page, inode);
  else {
    BUG_ON(m, !PageUptodate(mem, page), 'fs/mpage.c:__mpage_writepage()');
    if (map_page.call(this, page, inode, get_block, 1, found) === mapped_confused) found.block = -1;
  }
  const outside = mem.index[page]! * m.PAGE_SIZE >= inode.i_size;
  if (found.block < 0 || outside) {
    const error = yield* aop(this, mapping, 'writepage')!.call(this, page);
    if (error !== 0) mapping_set_error(mapping, error);
    return error;
  }
  if (PagePrivate(mem, page)) clean_mapped_buffers(m, page);
  BUG_ON(m, PageWriteback(mem, page), 'fs/mpage.c:__mpage_writepage()');
  this.test_set_page_writeback(page);
  this.unlock_page(page);
  this.submit_page_io(inode.i_sb.bdev!, found.block, true, mem.content[page]!, error => {
    if (error !== 0) {
      set_page_flag(mem, page, PG_error);
      if (mem.mapping[page] !== 0) mapping_set_error(mapping, error);
    }
    this.end_page_writeback(page);
  });
  return 0;
}

function clean_mapped_buffers(m: Machine, page: Page): void {
  const { b_state, b_this_page } = m.bh;
  const head = m.mem_map.private[page]!;
  let bh = head;
  do {
    if ((b_state[bh]! & BH_Mapped) !== 0) b_state[bh]! &= ~BH_Dirty;
    bh = b_this_page[bh]!;
  } while (bh !== head);
}

/** ->writepages() for mappings that have none: ->writepage() for every dirty page. */
export function* generic_writepages(this: K<'mpage_writepages'>, mapping: AddressSpace, wbc: WritebackControl): MaySleep<number> {
  return yield* this.mpage_writepages(mapping, wbc, null);
}

/**
 * Writes a mapping's dirty pages by ascending index until wbc.nr_to_write are written. For memory cleaning (WB_SYNC_NONE)
 * it goes on where the last call stopped and skips pages under writeback; for data integrity it starts at index 0 and
 * waits for them, since what is being written may be older than what is dirty.
 */
export function* mpage_writepages(
  this: K<'find_get_pages_tag' | '__pagevec_release' | '__lock_page' | 'unlock_page' | 'wait_on_page_writeback' | 'clear_page_dirty_for_io' | '__mpage_writepage'>,
  mapping: AddressSpace, wbc: WritebackControl, get_block: GetBlock | null,
): MaySleep<number> {
  const { m } = this;
  const is_range = wbc.start !== 0 || wbc.end !== 0;
  const end = is_range ? Math.floor(wbc.end / m.PAGE_SIZE) : MAX_PGOFF;
  let scanned = is_range || wbc.sync_mode !== WB_SYNC_NONE;
  let index = is_range ? Math.floor(wbc.start / m.PAGE_SIZE) : scanned ? 0 : mapping.writeback_index;
  const pages: number[] = [];
  let ret = 0;
  let done = false;
  for (;;) {
    while (!done && index <= end) {
      const nr = this.find_get_pages_tag(mapping, index, PAGECACHE_TAG_DIRTY, PAGEVEC_SIZE, pages);
      if (nr === 0) break;
      scanned = true;
      index = m.mem_map.index[pages[nr - 1]!]! + 1;
      for (let i = 0; i < nr; i++) {
        const page = pages[i] as Page;
        if (TestSetPageLocked(m.mem_map, page)) yield* this.__lock_page(page);
        if (!(yield* lock_for_writeback.call(this, page, mapping, wbc, is_range ? end : MAX_PGOFF))) {
          this.unlock_page(page);
          continue;
        }
        if (get_block !== null) ret = yield* this.__mpage_writepage(page, get_block);
        else {
          ret = yield* aop(this, mapping, 'writepage')!.call(this, page);
          if (ret !== 0) mapping_set_error(mapping, ret);
        }
        if (ret === WRITEPAGE_ACTIVATE) this.unlock_page(page);
        if (ret !== 0 || --wbc.nr_to_write <= 0) done = true;
      }
      this.__pagevec_release(pages, nr, 0);
    }
    if (scanned || done) break;
    /* Nothing from here to the end: wrap to the start of the file, once. */
    scanned = true;
    index = 0;
  }
  if (!is_range) mapping.writeback_index = index;
  return ret;
}

/** Whether a page that has just been locked is still to be written; then its dirty flag has been cleared. */
function* lock_for_writeback(
  this: K<'wait_on_page_writeback' | 'clear_page_dirty_for_io'>, page: Page, mapping: AddressSpace, wbc: WritebackControl, end: number,
): MaySleep<boolean> {
  const mem = this.m.mem_map;
  /* It may have been truncated, or have gone to swap and back, while we waited for the lock. */
  if (mem.mapping[page] !== file_mapping(mapping) || mem.index[page]! > end) return false;
  if (wbc.sync_mode !== WB_SYNC_NONE) yield* this.wait_on_page_writeback(page);
  return !PageWriteback(mem, page) && this.clear_page_dirty_for_io(page) !== 0;
}
