/** sync(), fsync() and fdatasync() (fs/buffer.c of 2.6.12). */
import { EBADF } from '../include/linux/errno.js';
import { down, up } from '../include/linux/spinlock.js';
import type { MaySleep } from '../include/linux/wait.js';
import type { K } from '../kernel-table.js';

/** Writes everything that is dirty and waits for it. Always 0. */
export function* sys_sync(this: K<'wakeup_bdflush' | 'sync_inodes'>): MaySleep<number> {
  this.wakeup_bdflush(0);
  yield* this.sync_inodes(0);
  yield* this.sync_inodes(1);
  return 0;
}

/**
 * Writes a file's dirty pages and waits for them. -EIO and -ENOSPC are reported once, whenever the page was written. On
 * tmpfs there is nothing to do (simple_sync_file()).
 */
export function* sys_fsync(this: K<'filemap_fdatawrite' | 'filemap_fdatawait' | 'get_file' | 'fput'>, fd: number): MaySleep<number> {
  const { m } = this;
  const file = m.current.files.get(fd);
  if (file === undefined) return -EBADF;
  this.get_file(file);
  const mapping = file.f_mapping;
  let error = yield* this.filemap_fdatawrite(mapping);
  /* The file system's fsync() method, called under i_sem, writes the inode: there is no block for it in the model. */
  yield* down(m, file.f_inode.i_sem);
  file.f_inode.i_dirty = false;
  up(m, file.f_inode.i_sem);
  const waited = yield* this.filemap_fdatawait(mapping);
  if (error === 0) error = waited;
  this.fput(file);
  return error;
}

/** fsync() that may leave out attributes which are not needed to read the data back; the same here. */
export function* sys_fdatasync(this: K<'sys_fsync'>, fd: number): MaySleep<number> {
  return yield* this.sys_fsync(fd);
}
