/**
 * Page faults on files, and starting and awaiting the writeback of one (mm/filemap.c of 2.6.12).
 *
 * There is no readahead: every page is read when it is needed, as 2.6.12 does for a device with ra_pages 0. What a test can
 * see of that is that a fault brings one page into the cache and never its neighbours.
 */
import { EEXIST, EIO, ENOEXEC, ENOMEM, ENOSPC } from '../include/linux/errno.js';
import { AS_EIO, AS_ENOSPC, PAGECACHE_TAG_WRITEBACK, type AddressSpace, type File, type VmOperations } from '../include/linux/fs.js';
import { GFP_KERNEL } from '../include/linux/gfp.js';
import type { PageOrErr } from '../include/linux/misc.js';
import { NOPAGE_OOM, NOPAGE_SIGBUS } from '../include/linux/mm.js';
import type { Vma } from '../include/linux/mm_types.js';
import { aop } from '../model/ops.js';
import { clear_page_flag, PageError, PageUptodate, PG_error, TestSetPageLocked } from '../include/linux/page-flags.js';
import { MAX_PGOFF } from '../include/linux/pagemap.js';
import { NULL_PAGE, type Address, type Page } from '../include/linux/types.js';
import type { MaySleep } from '../include/linux/wait.js';
import { mapping_cap_writeback_dirty, WB_SYNC_ALL, WB_SYNC_NONE, type WritebackControl } from '../include/linux/writeback.js';
import { PAGEVEC_SIZE } from '../machine.js';
import type { K } from '../kernel-table.js';

/** XFS has a table of its own with the same nopage; ->populate() (non-linear mappings) is not modelled. */
export const generic_file_vm_ops: VmOperations = { nopage: 'filemap_nopage' };

/** Adds a page to the cache and starts reading it. -EEXIST from a race counts as success: the page is there. */
export function* page_cache_read(
  this: K<'page_cache_alloc_cold' | 'add_to_page_cache_lru' | 'put_page'>, mapping: AddressSpace, offset: number,
): MaySleep<number> {
  const page = yield* this.page_cache_alloc_cold(mapping);
  if (page === NULL_PAGE) return -ENOMEM;
  let error = this.add_to_page_cache_lru(page, mapping, offset, GFP_KERNEL);
  if (error === 0) error = yield* aop(this, mapping, 'readpage')!.call(this, page);
  this.put_page(page);
  return error === -EEXIST ? 0 : error;
}

/**
 * The page of a file for a fault, up to date and with a reference; NOPAGE_SIGBUS behind the end of the file or when it
 * cannot be read, NOPAGE_OOM. A page that had to be read counts in pgmajfault.
 */
export function* filemap_nopage(
  this: K<'find_get_page' | 'page_cache_read' | 'mark_page_accessed' | '__lock_page' | 'unlock_page' | 'put_page' | 'wait_on_page_locked'>,
  area: Vma, address: Address,
): MaySleep<PageOrErr> {
  const { m } = this;
  const mapping = area.vm_file!.f_mapping;
  const inode = mapping.host!;
  const pgoff = (address - area.vm_start) / m.PAGE_SIZE + area.vm_pgoff;
  let major = false;
  for (;;) {
    /* A tracer that looks into the mm of another task may see pages behind the end of the file. */
    const outside = pgoff >= Math.ceil(inode.i_size / m.PAGE_SIZE);
    if (outside && area.vm_mm === m.current.mm) return NOPAGE_SIGBUS;
    const page = outside ? NULL_PAGE : this.find_get_page(mapping, pgoff);
    if (page === NULL_PAGE) {
      if (!major && !outside) m.page_state.pgmajfault++;
      major ||= !outside;
      const error = yield* this.page_cache_read(mapping, pgoff);
      if (error === -ENOMEM) return NOPAGE_OOM;
      if (error < 0) return NOPAGE_SIGBUS;
      if (!outside) continue;
    }
    const found = page === NULL_PAGE ? this.find_get_page(mapping, pgoff) : page;
    if (found === NULL_PAGE) continue;
    if (!PageUptodate(m.mem_map, found)) {
      if (!major) m.page_state.pgmajfault++;
      major = true;
      const error = yield* makeUptodate(this, mapping, found);
      if (error === -EEXIST) {
        this.put_page(found);
        continue;
      }
      if (error < 0) {
        this.put_page(found);
        return NOPAGE_SIGBUS;
      }
    }
    this.mark_page_accessed(found);
    return found;
  }
}

/**
 * Waits until a cached page that is being read, or that somebody failed to read, is up to date; reads it itself if it has
 * to, and once more after an error. 0, -EIO, or -EEXIST when the page has left the mapping: look it up again.
 */
function* makeUptodate(
  k: K<'__lock_page' | 'unlock_page' | 'wait_on_page_locked'>, mapping: AddressSpace, page: Page,
): MaySleep<number> {
  const mem = k.m.mem_map;
  for (let attempt = 0; attempt < 2; attempt++) {
    if (TestSetPageLocked(mem, page)) yield* k.__lock_page(page);
    if (mem.mapping[page] === 0) {
      k.unlock_page(page);
      return -EEXIST;
    }
    if (PageUptodate(mem, page)) {
      k.unlock_page(page);
      return 0;
    }
    if (attempt > 0) clear_page_flag(mem, page, PG_error);
    const error = yield* aop(k, mapping, 'readpage')!.call(k, page);
    if (error !== 0) continue;
    yield* k.wait_on_page_locked(page);
    if (PageUptodate(mem, page)) return 0;
  }
  return -EIO;
}

/** The page of a mapping with a reference; reading of it has begun, the caller waits for the lock and tests PG_uptodate. */
export function* read_cache_page(
  this: K<'find_get_page' | 'page_cache_read' | 'mark_page_accessed' | '__lock_page' | 'unlock_page' | 'put_page'>, mapping: AddressSpace, index: number,
): MaySleep<PageOrErr> {
  const mem = this.m.mem_map;
  for (;;) {
    const page = this.find_get_page(mapping, index);
    if (page === NULL_PAGE) {
      const error = yield* this.page_cache_read(mapping, index);
      if (error < 0) return error;
      continue;
    }
    this.mark_page_accessed(page);
    if (PageUptodate(mem, page)) return page;
    if (TestSetPageLocked(mem, page)) yield* this.__lock_page(page);
    if (mem.mapping[page] === 0) {
      this.unlock_page(page);
      this.put_page(page);
      continue;
    }
    if (PageUptodate(mem, page)) {
      this.unlock_page(page);
      return page;
    }
    const error = yield* aop(this, mapping, 'readpage')!.call(this, page);
    if (error >= 0) return page;
    this.put_page(page);
    return error;
  }
}

/** Starts writing the dirty pages that lie in bytes start…end, both included; 0, 0 means all. */
export function* __filemap_fdatawrite_range(this: K<'do_writepages'>, mapping: AddressSpace, start: number, end: number, sync_mode: typeof WB_SYNC_NONE | typeof WB_SYNC_ALL): MaySleep<number> {
  if (!mapping_cap_writeback_dirty(mapping)) return 0;
  const wbc: WritebackControl = { bdi: null, sync_mode, nr_to_write: mapping.nrpages * 2, older_than_this: null, start, end };
  return yield* this.do_writepages(mapping, wbc);
}

/** Starts writing all dirty pages of a mapping; pages under writeback are awaited and written again. */
export function* filemap_fdatawrite(this: K<'__filemap_fdatawrite_range'>, mapping: AddressSpace): MaySleep<number> {
  return yield* this.__filemap_fdatawrite_range(mapping, 0, 0, WB_SYNC_ALL);
}

/** The same without waiting for anything. */
export function* filemap_flush(this: K<'__filemap_fdatawrite_range'>, mapping: AddressSpace): MaySleep<number> {
  return yield* this.__filemap_fdatawrite_range(mapping, 0, 0, WB_SYNC_NONE);
}

/**
 * Waits for the pages from index `start` to `end` that are under writeback. Also hands out, once, the errors of earlier
 * writeback that are remembered in the mapping.
 */
export function* wait_on_page_writeback_range(
  this: K<'find_get_pages_tag' | 'wait_on_page_writeback' | '__pagevec_release'>, mapping: AddressSpace, start: number, end: number,
): MaySleep<number> {
  const mem = this.m.mem_map;
  const pages: number[] = [];
  let ret = 0;
  if (end < start) return 0;
  for (let index = start; index <= end; ) {
    const nr = this.find_get_pages_tag(mapping, index, PAGECACHE_TAG_WRITEBACK, PAGEVEC_SIZE, pages);
    if (nr === 0) break;
    index = mem.index[pages[nr - 1]!]! + 1;
    for (let i = 0; i < nr; i++) {
      const page = pages[i] as Page;
      if (mem.index[page]! > end) continue;
      yield* this.wait_on_page_writeback(page);
      if (PageError(mem, page)) ret = -EIO;
    }
    this.__pagevec_release(pages, nr, 0);
  }
  if ((mapping.flags & AS_ENOSPC) !== 0) ret = -ENOSPC;
  if ((mapping.flags & AS_EIO) !== 0) ret = -EIO;
  mapping.flags &= ~(AS_ENOSPC | AS_EIO);
  return ret;
}

/** Waits for all pages of a file that are under writeback. */
export function* filemap_fdatawait(this: K<'wait_on_page_writeback_range'>, mapping: AddressSpace): MaySleep<number> {
  const size = mapping.host === null ? MAX_PGOFF * this.m.PAGE_SIZE : mapping.host.i_size;
  if (size === 0) return 0;
  return yield* this.wait_on_page_writeback_range(mapping, 0, Math.floor((size - 1) / this.m.PAGE_SIZE));
}

/**
 * file->f_op->mmap(): says which vm_ops a mapping of the file has. -ENOEXEC when the file cannot be read page by page.
 * SysV segments count their attachments (shm_mmap()); tmpfs needs no readpage (shmem_mmap()).
 */
export function generic_file_mmap(this: K<'shm_mmap'>, file: File, vma: Vma): number {
  if (file.f_vm_ops === 'shm_vm_ops') return this.shm_mmap(file, vma);
  if (file.f_vm_ops === 'generic_file_vm_ops' && aop(this, file.f_mapping, 'readpage') === undefined) return -ENOEXEC;
  vma.vm_ops = file.f_vm_ops;
  return 0;
}
