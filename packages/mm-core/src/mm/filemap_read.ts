/** read() from the page cache (mm/filemap.c of 2.6.12): no readahead, see filemap_io.ts. */
import { EEXIST, EIO, ENOMEM } from '../include/linux/errno.js';
import { bytesInPage, copyToUser, readDescriptor, type ReadDescriptor } from '../model/file.js';
import type { AddressSpace, File } from '../include/linux/fs.js';
import { GFP_KERNEL } from '../include/linux/gfp.js';
import type { UserU32Array } from '../include/linux/misc.js';
import { aop } from '../model/ops.js';
import { PageUptodate } from '../include/linux/page-flags.js';
import { NULL_PAGE, type Page } from '../include/linux/types.js';
import type { MaySleep } from '../include/linux/wait.js';
import type { K } from '../kernel-table.js';

/** generic_file_read(): bytes read, or an errno when there were none. Moves file.f_pos. */
export function* generic_file_read(this: K<'do_generic_mapping_read'>, file: File, count: number, buf: UserU32Array): MaySleep<number> {
  const desc = readDescriptor(count, buf);
  if (count > 0) yield* this.do_generic_mapping_read(file.f_mapping, file, desc);
  return desc.written > 0 ? desc.written : desc.error;
}

/** Copies page after page to the user, reading those that are not in the cache, until count, the file or memory ends. */
export function* do_generic_mapping_read(
  this: K<
    | 'find_get_page' | 'page_cache_alloc_cold' | 'add_to_page_cache_lru' | 'mark_page_accessed' | 'put_page' | '__lock_page' | 'unlock_page'
    | 'wait_on_page_locked'
  >,
  mapping: AddressSpace, file: File, desc: ReadDescriptor,
): MaySleep<void> {
  const { m } = this;
  const mem = m.mem_map;
  const inode = mapping.host!;
  let index = Math.floor(file.f_pos / m.PAGE_SIZE);
  let offset = file.f_pos % m.PAGE_SIZE;
  let prev_index = file.f_ra_prev_page;
  while (desc.count > 0 && bytesInPage(inode.i_size, index, offset, m.PAGE_SIZE) > 0) {
    file.f_ra_prev_page = index;
    let page = this.find_get_page(mapping, index);
    let error = 0;
    if (page === NULL_PAGE) {
      page = yield* this.page_cache_alloc_cold(mapping);
      error = page === NULL_PAGE ? -ENOMEM : this.add_to_page_cache_lru(page, mapping, index, GFP_KERNEL);
      if (error === 0) error = yield* makeReadable(this, mapping, page, true);
    } else if (!PageUptodate(mem, page)) error = yield* makeReadable(this, mapping, page, false);
    if (error !== 0 && page !== NULL_PAGE) this.put_page(page);
    if (error === -EEXIST) continue;
    desc.error = error;
    /* i_size may have changed while we slept; what lies behind it must not be copied. */
    const nr = bytesInPage(inode.i_size, index, offset, m.PAGE_SIZE);
    if (error !== 0) break;
    if (nr <= 0) {
      this.put_page(page);
      break;
    }
    /* A page that is read in pieces counts as used once. */
    if (prev_index !== index) this.mark_page_accessed(page);
    prev_index = index;
    const copied = copyToUser(mem, desc, page, nr);
    offset += copied;
    index += Math.floor(offset / m.PAGE_SIZE);
    offset %= m.PAGE_SIZE;
    this.put_page(page);
    if (copied < nr) break;
  }
  file.f_pos = index * m.PAGE_SIZE + offset;
}

/** Reads a page that is not up to date. 0, an errno, or -EEXIST when it has left the mapping. `locked`: it is ours and new. */
function* makeReadable(
  k: K<'__lock_page' | 'unlock_page' | 'wait_on_page_locked'>, mapping: AddressSpace, page: Page, locked: boolean,
): MaySleep<number> {
  const mem = k.m.mem_map;
  if (!locked) {
    yield* k.__lock_page(page);
    if (mem.mapping[page] === 0) {
      k.unlock_page(page);
      return -EEXIST;
    }
    if (PageUptodate(mem, page)) {
      k.unlock_page(page);
      return 0;
    }
  }
  const error = yield* aop(k, mapping, 'readpage')!.call(k, page);
  if (error !== 0 || PageUptodate(mem, page)) return error;
  yield* k.wait_on_page_locked(page);
  if (PageUptodate(mem, page)) return 0;
  return mem.mapping[page] === 0 ? -EEXIST : -EIO;
}
