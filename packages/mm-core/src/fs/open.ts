/** open(), close(), unlink() and ftruncate() (fs/open.c of 2.6.12). */
import { O_ACCMODE, O_CREAT, O_EXCL, O_NOCTTY, O_TRUNC, O_WRONLY } from '../include/asm-ia64/fcntl.js';
import { EBADF, EEXIST, EINVAL, EISDIR, EMFILE, ENOENT } from '../include/linux/errno.js';
import { writable } from '../model/file.js';
import { truncateTo } from '../model/truncate.js';
import { MAY_READ, MAY_WRITE, type File, type Inode } from '../include/linux/fs.js';
import type { VmOps } from '../include/linux/mm_types.js';
import { down, up } from '../include/linux/spinlock.js';
import type { MaySleep } from '../include/linux/wait.js';
import type { K } from '../kernel-table.js';

/** RLIMIT_NOFILE: INR_OPEN of include/linux/fs.h. */
const NR_OPEN = 1024;
/** The umask every task has. */
const UMASK = 0o022;

/** An open file on an inode, not in any descriptor table. Its one reference is the caller's; fput() gives it up. */
export function dentry_open(this: K, inode: Inode, flags: number, f_vm_ops: VmOps): File {
  inode.i_count++;
  const f_flags = flags & ~(O_CREAT | O_EXCL | O_NOCTTY | O_TRUNC);
  return { f_inode: inode, f_mapping: inode.i_mapping, f_path: inode.path, f_flags, f_count: 1, f_pos: 0, f_ra_prev_page: -1, f_vm_ops };
}

/** Opens a path, creating or truncating the file as the flags say. An open file, or an errno. */
export function* filp_open(
  this: K<'lookup_mnt' | 'path_lookup' | 'vfs_create' | 'permission' | 'do_truncate' | 'dentry_open'>, path: string, flags: number, mode: number,
): MaySleep<File | number> {
  if (path === '') return -ENOENT;
  const accmode = flags & O_ACCMODE;
  let acc_mode = accmode === 0 ? MAY_READ : accmode === O_WRONLY ? MAY_WRITE : MAY_READ | MAY_WRITE;
  let truncate = (flags & O_TRUNC) !== 0;
  if (truncate) acc_mode |= MAY_WRITE;
  let inode = this.path_lookup(path);
  if (inode === null) {
    if ((flags & O_CREAT) === 0) return -ENOENT;
    if (path.endsWith('/') || this.lookup_mnt(path)?.s_root === path) return -EISDIR;
    const created = this.vfs_create(path, mode & ~UMASK);
    if (typeof created === 'number') return created;
    /* Whoever creates a file may open it as he likes, whatever mode he gave it. */
    inode = created;
    acc_mode = 0;
    truncate = false;
  } else if ((flags & (O_CREAT | O_EXCL)) === (O_CREAT | O_EXCL)) return -EEXIST;
  const error = acc_mode === 0 ? 0 : this.permission(inode, acc_mode);
  if (error !== 0) return error;
  const file = this.dentry_open(inode, flags, inode.shmem === null ? 'generic_file_vm_ops' : 'shmem_vm_ops');
  if (truncate) yield* this.do_truncate(inode, 0);
  return file;
}

/** The lowest free descriptor, or -EMFILE. */
export function get_unused_fd(this: K): number {
  const { files } = this.m.current;
  let fd = 0;
  while (files.has(fd)) fd++;
  return fd < NR_OPEN ? fd : -EMFILE;
}

/** A file descriptor, or an errno. */
export function* sys_open(this: K<'get_unused_fd' | 'filp_open' | 'fput'>, path: string, flags: number, mode: number): MaySleep<number> {
  if (this.get_unused_fd() < 0) return -EMFILE;
  const file = yield* this.filp_open(path, flags, mode);
  if (typeof file === 'number') return file;
  /* Another thread of the process may have taken the descriptor while we slept. */
  const fd = this.get_unused_fd();
  if (fd < 0) this.fput(file);
  else this.m.current.files.set(fd, file);
  return fd;
}

export function* sys_close(this: K<'fput'>, fd: number): MaySleep<number> {
  const { files } = this.m.current;
  const file = files.get(fd);
  if (file === undefined) return -EBADF;
  files.delete(fd);
  this.fput(file);
  return 0;
}

export function* sys_unlink(this: K<'path_lookup' | 'vfs_unlink'>, path: string): MaySleep<number> {
  const inode = this.path_lookup(path);
  if (inode === null) return -ENOENT;
  this.vfs_unlink(inode, path);
  return 0;
}

/** Cuts a file off, or lets it grow by a hole. */
export function* sys_ftruncate(this: K<'do_truncate' | 'get_file' | 'fput'>, fd: number, length: number): MaySleep<number> {
  if (length < 0) return -EINVAL;
  const file = this.m.current.files.get(fd);
  if (file === undefined) return -EBADF;
  if (!writable(file)) return -EINVAL;
  this.get_file(file);
  const error = yield* this.do_truncate(file.f_inode, length);
  this.fput(file);
  return error;
}

/** notify_change(ATTR_SIZE) under i_sem. */
export function* do_truncate(
  this: K<'shmem_notify_change' | 'vmtruncate' | 'ext2_truncate' | 'ext3_truncate' | 'linvfs_truncate' | '__mark_inode_dirty'>, inode: Inode, length: number,
): MaySleep<number> {
  const { m } = this;
  yield* down(m, inode.i_sem);
  const error = inode.shmem === null ? yield* truncateTo(this, inode, length) : yield* this.shmem_notify_change(inode, length);
  up(m, inode.i_sem);
  return error;
}
