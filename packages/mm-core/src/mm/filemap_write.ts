/** write() to the page cache (mm/filemap.c of 2.6.12). */
import { O_APPEND, O_SYNC } from '../include/asm-ia64/fcntl.js';
import { EEXIST, EFBIG, ENOMEM } from '../include/linux/errno.js';
import type { AddressSpace, File } from '../include/linux/fs.js';
import { GFP_KERNEL } from '../include/linux/gfp.js';
import { get_page } from '../include/linux/mm.js';
import { maxBytes } from '../model/file.js';
import { aop } from '../model/ops.js';
import { truncateTo } from '../model/truncate.js';
import { down, up } from '../include/linux/spinlock.js';
import { NULL_PAGE, type Page } from '../include/linux/types.js';
import type { MaySleep } from '../include/linux/wait.js';
import { WB_SYNC_ALL } from '../include/linux/writeback.js';
import { nextContentToken, PAGEVEC_SIZE, type Pagevec } from '../machine.js';
import type { K } from '../kernel-table.js';

/** generic_write_checks(): where to write, or an errno; how much is in bytesAllowed(). */
export function generic_write_checks(this: K, file: File, count: number): number {
  const pos = (file.f_flags & O_APPEND) !== 0 ? file.f_inode.i_size : file.f_pos;
  return count > 0 && pos >= maxBytes(this.m) ? -EFBIG : pos;
}

/** generic_file_write(): bytes written, or an errno when there were none. With O_SYNC they are on disk on return. */
export function* generic_file_write(
  this: K<'generic_write_checks' | 'generic_file_buffered_write' | 'sync_page_range'>, file: File, count: number,
): MaySleep<number> {
  const { m } = this;
  const inode = file.f_inode;
  yield* down(m, inode.i_sem);
  const pos = this.generic_write_checks(file, count);
  let written = pos < 0 ? pos : 0;
  if (pos >= 0 && count > 0) written = yield* this.generic_file_buffered_write(file, Math.min(count, maxBytes(m) - pos), pos);
  up(m, inode.i_sem);
  if (written <= 0 || (file.f_flags & O_SYNC) === 0) return written;
  const error = yield* this.sync_page_range(file.f_mapping, file.f_pos - written, written);
  return error < 0 ? error : written;
}

/**
 * Changes page after page in the cache, each under its lock. Every page written to gets a fresh token. New pages go to the
 * LRU in batches of this call, not through the CPU's pagevec.
 */
export function* generic_file_buffered_write(
  this: K<
    | '__grab_cache_page' | 'unlock_page' | 'put_page' | 'mark_page_accessed' | 'balance_dirty_pages_ratelimited' | '__pagevec_lru_add'
    | 'vmtruncate' | 'ext2_truncate' | 'ext3_truncate' | 'linvfs_truncate' | '__mark_inode_dirty'
  >,
  file: File, count: number, start: number,
): MaySleep<number> {
  const { m } = this;
  const mapping = file.f_mapping;
  const inode = mapping.host!;
  const lru_pvec: Pagevec = { nr: 0, pages: new Uint32Array(PAGEVEC_SIZE) };
  let pos = start;
  let error = 0;
  while (pos < start + count) {
    const offset = pos % m.PAGE_SIZE;
    const bytes = Math.min(m.PAGE_SIZE - offset, start + count - pos);
    const page = yield* this.__grab_cache_page(mapping, Math.floor(pos / m.PAGE_SIZE), lru_pvec);
    if (page === NULL_PAGE) {
      error = -ENOMEM;
      break;
    }
    error = yield* aop(this, mapping, 'prepare_write')!.call(this, page, offset, offset + bytes);
    if (error !== 0) {
      const { i_size } = inode;
      this.unlock_page(page);
      this.put_page(page);
      /* Blocks may have been allocated behind the end of the file: give them back. */
      if (pos + bytes > i_size) yield* truncateTo(this, inode, i_size);
      break;
    }
    m.mem_map.content[page] = nextContentToken(m);
    error = aop(this, mapping, 'commit_write')!.call(this, page, offset, offset + bytes);
    if (error === 0) pos += bytes;
    this.unlock_page(page);
    this.mark_page_accessed(page);
    this.put_page(page);
    if (error < 0) break;
    yield* this.balance_dirty_pages_ratelimited(mapping);
  }
  file.f_pos = pos;
  if (lru_pvec.nr > 0) this.__pagevec_lru_add(lru_pvec);
  return pos > start ? pos - start : error;
}

/** The page at an index, locked and with a reference; a new one is also put into the pagevec. */
export function* __grab_cache_page(
  this: K<'find_lock_page' | 'page_cache_alloc' | 'add_to_page_cache' | 'put_page' | '__pagevec_lru_add'>, mapping: AddressSpace, index: number, lru_pvec: Pagevec,
): MaySleep<Page> {
  for (;;) {
    let page = yield* this.find_lock_page(mapping, index);
    if (page !== NULL_PAGE) return page;
    page = yield* this.page_cache_alloc(mapping);
    if (page === NULL_PAGE) return NULL_PAGE;
    const error = this.add_to_page_cache(page, mapping, index, GFP_KERNEL);
    if (error === 0) {
      get_page(this.m.mem_map, page);
      lru_pvec.pages[lru_pvec.nr++] = page;
      if (lru_pvec.nr === PAGEVEC_SIZE) this.__pagevec_lru_add(lru_pvec);
      return page;
    }
    this.put_page(page);
    if (error !== -EEXIST) return NULL_PAGE;
  }
}

/** Writes the pages of a range of bytes and waits for them. */
export function* sync_page_range(
  this: K<'__filemap_fdatawrite_range' | 'wait_on_page_writeback_range'>, mapping: AddressSpace, pos: number, count: number,
): MaySleep<number> {
  const { m } = this;
  const error = yield* this.__filemap_fdatawrite_range(mapping, pos, pos + count - 1, WB_SYNC_ALL);
  if (error !== 0) return error;
  return yield* this.wait_on_page_writeback_range(mapping, Math.floor(pos / m.PAGE_SIZE), Math.floor((pos + count - 1) / m.PAGE_SIZE));
}
