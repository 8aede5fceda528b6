/**
 * From paths to inodes, and who may open them (fs/namei.c of 2.6.12). Directories are not modelled: a path is looked up as a
 * whole in the super block with the longest matching mount point, and everybody may create and remove files. So the functions have the names
 * of 2.6.12 and what they are for, but the kit's own parameters.
 */
import { EACCES, ENOENT } from '../include/linux/errno.js';
import { MAY_EXEC, MAY_READ, type Inode, type SuperBlock } from '../include/linux/fs.js';
import { CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH } from '../include/linux/sched.js';
import type { K } from '../kernel-table.js';

/** Paths are absolute; the working directory of every task is the root. */
const absolute = (path: string): string => (path.startsWith('/') ? path : `/${path}`);

/** The file system a path is on: the longest mount point that is the path or above it, of equals the one mounted last. */
export function lookup_mnt(this: K, path: string): SuperBlock | null {
  const full = absolute(path);
  let best: SuperBlock | null = null;
  for (const sb of this.m.super_blocks) {
    if (sb.s_root === '') continue;
    const prefix = sb.s_root.endsWith('/') ? sb.s_root : `${sb.s_root}/`;
    if (full !== sb.s_root && !full.startsWith(prefix)) continue;
    if (best === null || sb.s_root.length >= best.s_root.length) best = sb;
  }
  return best;
}

/** The inode of a path, or null; a mount point has none. */
export function path_lookup(this: K<'lookup_mnt'>, path: string): Inode | null {
  return this.lookup_mnt(path)?.s_names.get(absolute(path)) ?? null;
}

/** vfs_create(): a new empty file; -ENOENT where nothing is mounted. */
export function vfs_create(this: K<'lookup_mnt' | 'new_inode'>, path: string, mode: number): Inode | number {
  const sb = this.lookup_mnt(path);
  return sb === null ? -ENOENT : this.new_inode(sb, absolute(path), 0, mode);
}

/** vfs_unlink(): takes a name away; with its last one the file goes when nobody has it open or mapped. */
export function vfs_unlink(this: K<'iput'>, inode: Inode, path: string): void {
  const { s_names } = inode.i_sb;
  const name = absolute(path);
  s_names.delete(name);
  inode.i_nlink--;
  if (inode.i_nlink === 0) inode.path += ' (deleted)';
  else if (inode.path === name) inode.path = [...s_names].find(([, other]) => other === inode)![0];
  /* If nobody uses it, this is the last use. */
  inode.i_count++;
  this.iput(inode);
}

/** generic_permission(): by owner, group and others as the mode bits say, and by capability. 0 or -EACCES. */
export function permission(this: K<'capable' | 'in_group_p'>, inode: Inode, mask: number): number {
  const { current } = this.m;
  const shift = current.fsuid === inode.i_uid ? 6 : this.in_group_p(inode.i_gid) ? 3 : 0;
  if ((inode.i_mode >> shift & mask) === mask) return 0;
  if (((mask & MAY_EXEC) === 0 || (inode.i_mode & 0o111) !== 0) && this.capable(CAP_DAC_OVERRIDE)) return 0;
  if (mask === MAY_READ && this.capable(CAP_DAC_READ_SEARCH)) return 0;
  return -EACCES;
}
