/**
 * Reading and writing pages through their buffers (fs/buffer.c of 2.6.12).
 *
 * Contents are tokens by page, so what moves between page and device is always the page's one token; the buffers decide
 * whether there is I/O at all, when it is over and what it leaves dirty. The blocks of a page lie side by side on disk, so
 * the requests for them, which the block layer would merge, are one request here.
 *
 * A token stands for the whole page: reading one block into a page that has newer parts must not bring an old token back,
 * so such a read leaves the page's token alone.
 */
import { EIO, ENOMEM } from '../include/linux/errno.js';
import { BH_Async_Read, BH_Async_Write, BH_Delay, BH_Dirty, BH_Lock, BH_Mapped, BH_New, BH_Req, BH_Uptodate } from '../include/linux/buffer_head.js';
import { AS_EIO, type AddressSpace, type Inode } from '../include/linux/fs.js';
import { BUG_ON, KERN_ERR, KERN_WARNING, printk } from '../include/linux/kernel.js';
import { getBlock, type GetBlock } from '../model/ops.js';
import {
  clear_page_flag, PageError, PageLocked, PagePrivate, PageUptodate, PageWriteback, PG_error, PG_mappedtodisk, PG_uptodate, set_page_flag,
} from '../include/linux/page-flags.js';
import { mapping_gfp_mask } from '../include/linux/pagemap.js';
import { NULL_PAGE, type BufferHead, type Page } from '../include/linux/types.js';
import type { MaySleep } from '../include/linux/wait.js';
import { I_DIRTY_DATASYNC, I_DIRTY_PAGES, I_DIRTY_SYNC } from '../include/linux/writeback.js';
import type { Machine } from '../machine.js';
import { diskToken } from '../model/block-map.js';
import { pageBuffers, submitBuffers } from '../model/buffers.js';
import type { K } from '../kernel-table.js';

const page_host = (m: Machine, page: Page): Inode => m.mappings[m.mem_map.mapping[page]! >>> 1]!.host!;

function any_buffer(m: Machine, head: BufferHead, mask: number): boolean {
  const { b_state, b_this_page } = m.bh;
  let bh = head;
  do {
    if ((b_state[bh]! & mask) !== 0) return true;
    bh = b_this_page[bh]! as BufferHead;
  } while (bh !== head);
  return false;
}

const buffer_io_error = (m: Machine, inode: Inode, bh: BufferHead): void =>
  printk(m, KERN_ERR, `Buffer I/O error on device ${inode.i_sb.bdev!.name}, logical block ${m.bh.b_blocknr[bh]!}`);

/** I/O completion of one buffer of a page being read: the last one unlocks the page. */
export function end_buffer_async_read(this: K<'unlock_page' | 'unlock_buffer'>, bh: BufferHead, error: number): void {
  const { m } = this;
  const { b_state, b_page } = m.bh;
  const page = b_page[bh]! as Page;
  BUG_ON(m, (b_state[bh]! & BH_Async_Read) === 0, 'fs/buffer.c:end_buffer_async_read()');
  if (error === 0) b_state[bh]! |= BH_Uptodate;
  else {
    b_state[bh]! &= ~BH_Uptodate;
    buffer_io_error(m, page_host(m, page), bh);
    set_page_flag(m.mem_map, page, PG_error);
  }
  b_state[bh]! &= ~BH_Async_Read;
  this.unlock_buffer(bh);
  const head = pageBuffers(m, page);
  if (any_buffer(m, head, BH_Async_Read)) return;
  if (all_uptodate(m, head) && !PageError(m.mem_map, page)) set_page_flag(m.mem_map, page, PG_uptodate);
  this.unlock_page(page);
}

function all_uptodate(m: Machine, head: BufferHead): boolean {
  const { b_state, b_this_page } = m.bh;
  let bh = head;
  do {
    if ((b_state[bh]! & BH_Uptodate) === 0) return false;
    bh = b_this_page[bh]! as BufferHead;
  } while (bh !== head);
  return true;
}

/** I/O completion of one buffer of a page under writeback: the last one ends the writeback. The page may be freed then. */
export function end_buffer_async_write(this: K<'end_page_writeback' | 'unlock_buffer'>, bh: BufferHead, error: number): void {
  const { m } = this;
  const { b_state, b_page } = m.bh;
  const page = b_page[bh]! as Page;
  BUG_ON(m, (b_state[bh]! & BH_Async_Write) === 0, 'fs/buffer.c:end_buffer_async_write()');
  if (error === 0) b_state[bh]! |= BH_Uptodate;
  else {
    const mapping = m.mappings[m.mem_map.mapping[page]! >>> 1]!;
    buffer_io_error(m, mapping.host!, bh);
    printk(m, KERN_WARNING, `lost page write due to I/O error on ${mapping.host!.i_sb.bdev!.name}`);
    mapping.flags |= AS_EIO;
    b_state[bh]! &= ~BH_Uptodate;
    set_page_flag(m.mem_map, page, PG_error);
  }
  b_state[bh]! &= ~BH_Async_Write;
  this.unlock_buffer(bh);
  if (!any_buffer(m, pageBuffers(m, page), BH_Async_Write)) this.end_page_writeback(page);
}

/** Starts reading a locked page; it is unlocked, up to date or with PG_error, when that is done. Holes read as zeros. */
export function* block_read_full_page(
  this: K<'create_empty_buffers' | 'submit_page_io' | 'end_buffer_async_read' | 'unlock_page'>, page: Page, get_block: GetBlock,
): MaySleep<number> {
  const { m } = this;
  const mem = m.mem_map;
  BUG_ON(m, !PageLocked(mem, page), 'fs/buffer.c:block_read_full_page()');
  const inode = page_host(m, page);
  const blocksize = inode.i_sb.s_blocksize;
  if (!PagePrivate(mem, page)) this.create_empty_buffers(page, blocksize, 0);
  const head = pageBuffers(m, page);
  const has_newer_parts = any_buffer(m, head, BH_Uptodate);
  const fully_mapped = map_for_read.call(this, page, inode, get_block);
  if (fully_mapped) set_page_flag(mem, page, PG_mappedtodisk);

  let reading = 0;
  let bh = head;
  do {
    if ((m.bh.b_state[bh]! & (BH_Uptodate | BH_Mapped)) === BH_Mapped) {
      m.bh.b_state[bh]! |= BH_Lock | BH_Async_Read;
      reading++;
    }
    bh = m.bh.b_this_page[bh]! as BufferHead;
  } while (bh !== head);
  if (reading === 0) {
    if (!has_newer_parts) mem.content[page] = 0;
    if (!PageError(mem, page)) set_page_flag(mem, page, PG_uptodate);
    this.unlock_page(page);
    return 0;
  }
  submitBuffers(this, page, inode, BH_Async_Read, (each, error, token) => {
    if (error === 0 && !has_newer_parts) mem.content[page] = token;
    this.end_buffer_async_read(each, error);
  });
  return 0;
}

/** Finds the blocks of a page's buffers; a buffer over a hole is up to date, it holds zeros. Returns whether all were known. */
function map_for_read(this: K, page: Page, inode: Inode, get_block: GetBlock): boolean {
  const { m } = this;
  const { b_state, b_this_page } = m.bh;
  const blocksize = inode.i_sb.s_blocksize;
  const head = pageBuffers(m, page);
  const lblock = Math.ceil(inode.i_size / blocksize);
  let iblock = m.mem_map.index[page]! * (m.PAGE_SIZE / blocksize);
  let fully_mapped = true;
  let bh = head;
  do {
    if ((b_state[bh]! & (BH_Uptodate | BH_Mapped)) === 0) {
      fully_mapped = false;
      const error = iblock < lblock ? getBlock(this, get_block).call(this, inode, iblock, bh, 0) : 0;
      if (error !== 0) set_page_flag(m.mem_map, page, PG_error);
      else if ((b_state[bh]! & BH_Mapped) === 0) b_state[bh]! |= BH_Uptodate;
    }
    iblock++;
    bh = b_this_page[bh]! as BufferHead;
  } while (bh !== head);
  return fully_mapped;
}

/**
 * Starts writing the dirty buffers of a locked page whose dirty flag has been cleared, and unlocks it. A page outside the
 * file (truncation is under way) is not written but loses its buffers.
 */
export function* block_write_full_page(
  this: K<'__block_write_full_page' | 'block_invalidatepage' | 'unlock_page'>, page: Page, get_block: GetBlock,
): MaySleep<number> {
  const { m } = this;
  const inode = page_host(m, page);
  const end_index = Math.floor(inode.i_size / m.PAGE_SIZE);
  const index = m.mem_map.index[page]!;
  if (index > end_index || (index === end_index && inode.i_size % m.PAGE_SIZE === 0)) {
    this.block_invalidatepage(page, 0);
    this.unlock_page(page);
    return 0;
  }
  return this.__block_write_full_page(inode, page, get_block);
}

/** Gives every dirty buffer a block, then marks and submits them in one go; 0 or get_block()'s error. */
export function __block_write_full_page(
  this: K<'create_empty_buffers' | 'test_set_page_writeback' | 'submit_page_io' | 'end_buffer_async_write' | 'end_page_writeback' | 'unlock_page'>,
  inode: Inode, page: Page, get_block: GetBlock,
): number {
  const { m } = this;
  const mem = m.mem_map;
  BUG_ON(m, !PageLocked(mem, page), 'fs/buffer.c:__block_write_full_page()');
  const blocksize = inode.i_sb.s_blocksize;
  if (!PagePrivate(mem, page)) this.create_empty_buffers(page, blocksize, BH_Dirty | BH_Uptodate);
  const head = pageBuffers(m, page);
  const error = map_for_write.call(this, page, inode, get_block);
  /* After an error (disk full) the buffers that did get a block are written, so that no stale block shows up in the file. */
  if (error !== 0) set_page_flag(mem, page, PG_error);

  const { b_state, b_this_page } = m.bh;
  let nr_underway = 0;
  let bh = head;
  do {
    if ((b_state[bh]! & (BH_Mapped | BH_Dirty)) === (BH_Mapped | BH_Dirty)) {
      b_state[bh] = (b_state[bh]! & ~BH_Dirty) | BH_Lock | BH_Async_Write;
      nr_underway++;
    } else if (error !== 0) b_state[bh]! &= ~BH_Dirty;
    bh = b_this_page[bh]! as BufferHead;
  } while (bh !== head);
  BUG_ON(m, PageWriteback(mem, page), 'fs/buffer.c:__block_write_full_page()');
  this.test_set_page_writeback(page);
  if (nr_underway > 0) submitBuffers(this, page, inode, BH_Async_Write, (each, result) => this.end_buffer_async_write(each, result));
  this.unlock_page(page);
  if (nr_underway === 0) {
    /* The page was dirty but its buffers were clean: somebody wrote them by hand. */
    if (all_uptodate(m, head)) set_page_flag(mem, page, PG_uptodate);
    this.end_page_writeback(page);
  }
  return error;
}

function map_for_write(this: K, page: Page, inode: Inode, get_block: GetBlock): number {
  const { m } = this;
  const { b_state, b_this_page } = m.bh;
  const blocksize = inode.i_sb.s_blocksize;
  const last_block = Math.floor((inode.i_size - 1) / blocksize);
  const head = pageBuffers(m, page);
  let block = m.mem_map.index[page]! * (m.PAGE_SIZE / blocksize);
  let bh = head;
  do {
    /* Behind the end of the file there is nothing to write, though dirtying the whole page dirtied these buffers too. */
    if (block > last_block) b_state[bh] = (b_state[bh]! & ~BH_Dirty) | BH_Uptodate;
    else if ((b_state[bh]! & (BH_Mapped | BH_Dirty)) === BH_Dirty) {
      const error = getBlock(this, get_block).call(this, inode, block, bh, 1);
      if (error !== 0) return error;
      b_state[bh]! &= ~BH_New;
    }
    block++;
    bh = b_this_page[bh]! as BufferHead;
  } while (bh !== head);
  return 0;
}

/**
 * Makes a locked page ready for write() to change its bytes from…to: its buffers get blocks, and blocks that will be
 * changed only in part are read first.
 */
export function* block_prepare_write(
  this: K<'create_empty_buffers' | 'll_rw_block' | '__wait_on_buffer'>, page: Page, from: number, to: number, get_block: GetBlock,
): MaySleep<number> {
  const { m } = this;
  const mem = m.mem_map;
  BUG_ON(m, !PageLocked(mem, page) || from > to || to > m.PAGE_SIZE, 'fs/buffer.c:block_prepare_write()');
  const inode = page_host(m, page);
  const blocksize = inode.i_sb.s_blocksize;
  if (!PagePrivate(mem, page)) this.create_empty_buffers(page, blocksize, 0);
  const head = pageBuffers(m, page);
  let block = mem.index[page]! * (m.PAGE_SIZE / blocksize);
  let error = 0;
  let first_read = 0;
  let second_read = 0;
  let bh = head;
  for (let start = 0; start < m.PAGE_SIZE; start += blocksize, block++, bh = m.bh.b_this_page[bh]! as BufferHead) {
    if (start + blocksize <= from || start >= to) {
      if (PageUptodate(mem, page)) m.bh.b_state[bh]! |= BH_Uptodate;
      continue;
    }
    m.bh.b_state[bh]! &= ~BH_New;
    if ((m.bh.b_state[bh]! & BH_Mapped) === 0) {
      error = getBlock(this, get_block).call(this, inode, block, bh, 1);
      if (error !== 0) break;
      if ((m.bh.b_state[bh]! & BH_New) !== 0) {
        /* A fresh block is not read: what write() does not cover of it is zeroed. */
        m.bh.b_state[bh]! &= ~BH_New;
        if (PageUptodate(mem, page)) m.bh.b_state[bh]! |= BH_Uptodate;
        continue;
      }
    }
    if (PageUptodate(mem, page)) {
      m.bh.b_state[bh]! |= BH_Uptodate;
      continue;
    }
    /* At most the first and the last block are covered in part. */
    if ((m.bh.b_state[bh]! & (BH_Uptodate | BH_Delay)) === 0 && (start < from || start + blocksize > to)) {
      this.ll_rw_block(bh);
      if (first_read === 0) first_read = bh;
      else second_read = bh;
    }
  }
  for (const read of [second_read as BufferHead, first_read as BufferHead]) {
    if ((read as number) === 0) continue;
    yield* this.__wait_on_buffer(read);
    if ((m.bh.b_state[read]! & BH_Uptodate) === 0) error = -EIO;
  }
  if (error !== 0) clear_page_flag(mem, page, PG_uptodate);
  return error;
}

/** ll_rw_block(READ, 1, &bh), the only use there is of it here: starts reading one buffer of a locked page; who wants it waits for the buffer. */
export function ll_rw_block(this: K<'submit_page_io' | 'unlock_buffer'>, bh: BufferHead): void {
  const { m } = this;
  const { b_state } = m.bh;
  if ((b_state[bh]! & BH_Lock) !== 0) return;
  if ((b_state[bh]! & BH_Uptodate) !== 0) return;
  const page = m.bh.b_page[bh]! as Page;
  const inode = page_host(m, page);
  b_state[bh]! |= BH_Lock | BH_Req;
  m.bh.b_count[bh]!++;
  const has_newer_parts = any_buffer(m, pageBuffers(m, page), BH_Uptodate);
  const block = Math.floor(m.bh.b_blocknr[bh]! / (m.PAGE_SIZE / inode.i_sb.s_blocksize));
  this.submit_page_io(inode.i_sb.bdev!, block, false, diskToken(inode, m.mem_map.index[page]!), (error, token) => {
    if (error === 0 && !has_newer_parts) m.mem_map.content[page] = token;
    if (error === 0) m.bh.b_state[bh]! |= BH_Uptodate;
    else m.bh.b_state[bh]! &= ~BH_Uptodate;
    this.unlock_buffer(bh);
    m.bh.b_count[bh]!--;
  });
}

/** After write() has changed bytes from…to: their buffers are up to date and dirty; the page is up to date when all are. */
export function block_commit_write(this: K<'mark_buffer_dirty'>, page: Page, from: number, to: number): number {
  const { m } = this;
  const blocksize = page_host(m, page).i_sb.s_blocksize;
  const head = pageBuffers(m, page);
  let partial = false;
  let bh = head;
  for (let start = 0; start < m.PAGE_SIZE; start += blocksize, bh = m.bh.b_this_page[bh]! as BufferHead) {
    if (start + blocksize <= from || start >= to) {
      if ((m.bh.b_state[bh]! & BH_Uptodate) === 0) partial = true;
    } else {
      m.bh.b_state[bh]! |= BH_Uptodate;
      this.mark_buffer_dirty(bh);
    }
  }
  if (!partial) set_page_flag(m.mem_map, page, PG_uptodate);
  return 0;
}

/** block_commit_write(), and the file grows when the write went past its end. */
export function generic_commit_write(this: K<'block_commit_write' | '__mark_inode_dirty'>, page: Page, from: number, to: number): number {
  const { m } = this;
  const inode = page_host(m, page);
  const pos = m.mem_map.index[page]! * m.PAGE_SIZE + to;
  this.block_commit_write(page, from, to);
  if (pos > inode.i_size) {
    inode.i_size = pos;
    this.__mark_inode_dirty(inode, I_DIRTY_SYNC | I_DIRTY_DATASYNC | I_DIRTY_PAGES);
  }
  return 0;
}

/**
 * A file now ends inside a block: the rest of the block is zeroed in the page cache, reading it first if need be, and the
 * buffer is dirty. Otherwise the old bytes would be in the file again when it grows.
 */
export function* block_truncate_page(
  this: K<'find_or_create_page' | 'create_empty_buffers' | 'll_rw_block' | '__wait_on_buffer' | 'mark_buffer_dirty' | 'unlock_page' | 'put_page'>,
  mapping: AddressSpace, from: number, get_block: GetBlock,
): MaySleep<number> {
  const { m } = this;
  const mem = m.mem_map;
  const inode = mapping.host!;
  const { s_blocksize } = inode.i_sb;
  if (from % s_blocksize === 0) return 0;
  const page = yield* this.find_or_create_page(mapping, Math.floor(from / m.PAGE_SIZE), mapping_gfp_mask(mapping));
  if (page === NULL_PAGE) return -ENOMEM;
  if (!PagePrivate(mem, page)) this.create_empty_buffers(page, s_blocksize, 0);
  let bh = pageBuffers(m, page);
  for (let end = s_blocksize; end <= from % m.PAGE_SIZE; end += s_blocksize) bh = m.bh.b_this_page[bh]! as BufferHead;
  let error = 0;
  if ((m.bh.b_state[bh]! & BH_Mapped) === 0) error = getBlock(this, get_block).call(this, inode, Math.floor(from / s_blocksize), bh, 0);
  /* Nothing to do in a hole. */
  if (error === 0 && (m.bh.b_state[bh]! & BH_Mapped) !== 0) {
    if (PageUptodate(mem, page)) m.bh.b_state[bh]! |= BH_Uptodate;
    if ((m.bh.b_state[bh]! & (BH_Uptodate | BH_Delay)) === 0) {
      this.ll_rw_block(bh);
      yield* this.__wait_on_buffer(bh);
    }
    if ((m.bh.b_state[bh]! & BH_Uptodate) === 0) error = -EIO;
    else this.mark_buffer_dirty(bh);
  }
  this.unlock_page(page);
  this.put_page(page);
  return error;
}
