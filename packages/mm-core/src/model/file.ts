/** Small things that the read and write paths of all file systems share. */
import { O_ACCMODE, O_RDONLY, O_RDWR, O_WRONLY } from '../include/asm-ia64/fcntl.js';
import { EFAULT } from '../include/linux/errno.js';
import type { File } from '../include/linux/fs.js';
import { BAD_POINTER, type UserU32Array } from '../include/linux/misc.js';
import type { MemMap } from '../include/linux/mm_types.js';
import { MAX_PGOFF } from '../include/linux/pagemap.js';
import type { Page } from '../include/linux/types.js';
import type { Machine } from '../machine.js';

/** FMODE_READ and FMODE_WRITE of file->f_mode. Access mode 3 is open for neither. */
export const readable = (file: File): boolean => (file.f_flags & O_ACCMODE) === O_RDONLY || (file.f_flags & O_ACCMODE) === O_RDWR;
export const writable = (file: File): boolean => (file.f_flags & O_ACCMODE) === O_WRONLY || (file.f_flags & O_ACCMODE) === O_RDWR;

/** s_maxbytes, the same for all file systems here: what page indexes can reach. */
export const maxBytes = (m: Machine): number => (MAX_PGOFF + 1) * m.PAGE_SIZE;

/** read_descriptor_t: where the bytes go. Of a page's bytes the user gets the page's token, one word a page read from. */
export interface ReadDescriptor { count: number; written: number; error: number; readonly buf: UserU32Array; pages: number }

export const readDescriptor = (count: number, buf: UserU32Array): ReadDescriptor => ({ count, written: 0, error: 0, buf, pages: 0 });

/** file_read_actor(): copies up to `size` bytes of a page to the user; returns how many. */
export function copyToUser(mem: MemMap, desc: ReadDescriptor, page: Page, size: number): number {
  if (desc.buf === BAD_POINTER) {
    desc.error = -EFAULT;
    return 0;
  }
  const bytes = Math.min(size, desc.count);
  if (desc.buf !== null && desc.pages < desc.buf.length) desc.buf[desc.pages] = mem.content[page]!;
  desc.pages++;
  desc.count -= bytes;
  desc.written += bytes;
  return bytes;
}

/** Bytes of the page at `index` that lie inside the file from `offset` on; 0 or less when it lies behind the end. */
export function bytesInPage(size: number, index: number, offset: number, PAGE_SIZE: number): number {
  return Math.min(PAGE_SIZE, size - index * PAGE_SIZE) - offset;
}
