/** tmpfs files: read, write, truncate, and those that only the kernel makes (mm/shmem.c of 2.6.12). */
import { O_RDWR } from '../include/asm-ia64/fcntl.js';
import { EINVAL } from '../include/linux/errno.js';
import { bytesInPage, copyToUser, readDescriptor } from '../model/file.js';
import type { File, Inode } from '../include/linux/fs.js';
import { IS_ERR, type PageOrErr, type UserU32Array } from '../include/linux/misc.js';
import { asPage } from '../model/objects.js';
import type { Vma } from '../include/linux/mm_types.js';
import { MAX_PGOFF } from '../include/linux/pagemap.js';
import { SGP_READ, SGP_WRITE } from '../include/linux/shmem_fs.js';
import { down, up } from '../include/linux/spinlock.js';
import { NULL_PAGE } from '../include/linux/types.js';
import type { MaySleep } from '../include/linux/wait.js';
import { nextContentToken } from '../machine.js';
import type { K } from '../kernel-table.js';

/** shmem_file_read(): bytes read, or an errno when there were none. Holes read as the zero page and stay holes. */
export function* shmem_file_read(this: K<'shmem_getpage' | 'mark_page_accessed' | 'put_page'>, file: File, count: number, buf: UserU32Array): MaySleep<number> {
  const { m } = this;
  const inode = file.f_inode;
  const desc = readDescriptor(count, buf);
  let index = Math.floor(file.f_pos / m.PAGE_SIZE);
  let offset = file.f_pos % m.PAGE_SIZE;
  while (desc.count > 0 && bytesInPage(inode.i_size, index, offset, m.PAGE_SIZE) > 0) {
    const page: PageOrErr = yield* this.shmem_getpage(inode, index, SGP_READ);
    if (IS_ERR(page)) {
      /* -EINVAL: somebody has truncated the file. */
      desc.error = page === -EINVAL ? 0 : page;
      break;
    }
    const nr = bytesInPage(inode.i_size, index, offset, m.PAGE_SIZE);
    if (nr > 0 && page !== NULL_PAGE && offset === 0) this.mark_page_accessed(asPage(page));
    const copied = nr > 0 ? copyToUser(m.mem_map, desc, page === NULL_PAGE ? m.zero_page : asPage(page), nr) : 0;
    offset += copied;
    index += Math.floor(offset / m.PAGE_SIZE);
    offset %= m.PAGE_SIZE;
    if (page !== NULL_PAGE) this.put_page(asPage(page));
    if (copied < nr || nr <= 0) break;
  }
  file.f_pos = index * m.PAGE_SIZE + offset;
  return desc.written > 0 ? desc.written : desc.error;
}

/** shmem_file_write(): bytes written, or an errno when there were none. Its dirty pages count in no limit. */
export function* shmem_file_write(
  this: K<'generic_write_checks' | 'shmem_getpage' | 'set_page_dirty' | 'mark_page_accessed' | 'put_page'>, file: File, count: number,
): MaySleep<number> {
  const { m } = this;
  const inode = file.f_inode;
  yield* down(m, inode.i_sem);
  const start = this.generic_write_checks(file, count);
  let pos = start;
  let error = Math.min(start, 0);
  while (error === 0 && pos < start + count) {
    const bytes = Math.min(m.PAGE_SIZE - (pos % m.PAGE_SIZE), start + count - pos);
    const page = yield* this.shmem_getpage(inode, Math.floor(pos / m.PAGE_SIZE), SGP_WRITE);
    if (IS_ERR(page)) {
      error = page;
      break;
    }
    m.mem_map.content[page] = nextContentToken(m);
    pos += bytes;
    inode.i_size = Math.max(inode.i_size, pos);
    this.set_page_dirty(asPage(page));
    this.mark_page_accessed(asPage(page));
    this.put_page(asPage(page));
  }
  if (start >= 0 && count > 0) file.f_pos = pos;
  up(m, inode.i_sem);
  return pos > start ? pos - start : error;
}

/** Changes the size of a tmpfs file. The caller holds i_sem. */
export function* shmem_notify_change(
  this: K<'shmem_getpage' | 'vmtruncate' | 'shmem_truncate' | 'put_page'>, inode: Inode, length: number,
): MaySleep<number> {
  const { m } = this;
  const info = inode.shmem!;
  let page: PageOrErr = NULL_PAGE;
  if (length < inode.i_size) {
    /* The page that the new end is in must be in memory to have its rest zeroed; held, so that it does not go to swap again. */
    if (length % m.PAGE_SIZE !== 0) page = yield* this.shmem_getpage(inode, Math.floor(length / m.PAGE_SIZE), SGP_READ);
    if (length !== 0) info.paged_in = false;
  }
  const error = yield* this.vmtruncate(inode, length);
  if (error === 0) yield* this.shmem_truncate(inode, length);
  if (page > 0) this.put_page(asPage(page));
  return error;
}

/** SHMEM_MAX_BYTES: what the vector of swap entries can reach, or a page index, whichever is less. */
function maxBytes(PAGE_SIZE: number): number {
  const entries = PAGE_SIZE / 8;
  return Math.min(16 + ((entries * entries) / 2) * (entries + 1), MAX_PGOFF + 1) * PAGE_SIZE;
}

/**
 * A file of `size` bytes in the kernel's own tmpfs, unlinked from the start: it goes with its last user. An open file or an
 * errno. `flags` (VM_ACCOUNT) would charge it against overcommit, which is not modelled.
 */
export function shmem_file_setup(this: K<'new_super_block' | 'new_inode' | 'dentry_open'>, name: string, size: number, _flags: number): File | number {
  const { m } = this;
  if (size < 0 || size > maxBytes(m.PAGE_SIZE)) return -EINVAL;
  m.shm_mnt ??= this.new_super_block('tmpfs', '', null, 0);
  const inode = this.new_inode(m.shm_mnt, '', size, 0o777);
  inode.path = `/${name} (deleted)`;
  return this.dentry_open(inode, O_RDWR, 'shmem_vm_ops');
}

/** Gives a shared anonymous mapping the object behind it. 0 or an errno. */
export function shmem_zero_setup(this: K<'shmem_file_setup' | 'fput'>, vma: Vma): number {
  const file = this.shmem_file_setup('dev/zero', vma.vm_end - vma.vm_start, vma.vm_flags);
  if (typeof file === 'number') return file;
  if (vma.vm_file !== null) this.fput(vma.vm_file);
  vma.vm_file = file;
  vma.vm_ops = 'shmem_vm_ops';
  return 0;
}
