/**
 * read(), write() and lseek() (fs/read_write.c of 2.6.12). User memory is not simulated byte by byte: read() can be given an
 * array that receives the token of every page it read from, and what write() writes is a fresh token a page.
 */
import { SEEK_CUR, SEEK_END, SEEK_SET } from '../include/asm-ia64/fcntl.js';
import { EBADF, EINVAL } from '../include/linux/errno.js';
import { maxBytes, readable, writable } from '../model/file.js';
import type { UserU32Array } from '../include/linux/misc.js';
import { down, up } from '../include/linux/spinlock.js';
import type { MaySleep } from '../include/linux/wait.js';
import type { K } from '../kernel-table.js';

/** file->f_maxcount. */
const MAX_COUNT = 0x7fff_ffff;

/** Bytes read (0 at the end of the file) or an errno. */
export function* sys_read(
  this: K<'generic_file_read' | 'shmem_file_read' | 'get_file' | 'fput'>, fd: number, count: number, buf?: UserU32Array,
): MaySleep<number> {
  const file = this.m.current.files.get(fd);
  if (file === undefined || !readable(file)) return -EBADF;
  if (count < 0 || count > MAX_COUNT) return -EINVAL;
  this.get_file(file);
  const result = file.f_inode.shmem === null
    ? yield* this.generic_file_read(file, count, buf ?? null)
    : yield* this.shmem_file_read(file, count, buf ?? null);
  this.fput(file);
  return result;
}

/** Bytes written or an errno. */
export function* sys_write(this: K<'generic_file_write' | 'shmem_file_write' | 'get_file' | 'fput'>, fd: number, count: number): MaySleep<number> {
  const file = this.m.current.files.get(fd);
  if (file === undefined || !writable(file)) return -EBADF;
  if (count < 0 || count > MAX_COUNT) return -EINVAL;
  this.get_file(file);
  const result = file.f_inode.shmem === null ? yield* this.generic_file_write(file, count) : yield* this.shmem_file_write(file, count);
  this.fput(file);
  return result;
}

/** The new position or an errno. `origin` is SEEK_SET when left out. */
export function* sys_lseek(this: K, fd: number, offset: number, origin?: number): MaySleep<number> {
  const { m } = this;
  const file = m.current.files.get(fd);
  if (file === undefined) return -EBADF;
  const from = origin ?? SEEK_SET;
  if (from < SEEK_SET || from > SEEK_END) return -EINVAL;
  const { i_sem } = file.f_inode;
  yield* down(m, i_sem);
  const pos = offset + (from === SEEK_END ? file.f_inode.i_size : from === SEEK_CUR ? file.f_pos : 0);
  const valid = pos >= 0 && pos <= maxBytes(m);
  if (valid) file.f_pos = pos;
  up(m, i_sem);
  return valid ? pos : -EINVAL;
}
