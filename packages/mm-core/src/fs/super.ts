/**
 * Super blocks, inodes and open files (fs/super.c, fs/inode.c, fs/file_table.c of 2.6.12), as far as the memory manager can
 * tell them apart.
 *
 * Modelled: mounting takes no I/O; an inode stays in memory as long as the file exists, with whatever pages it has; there
 * are no directories, so a super block maps whole paths to inodes.
 */
import type { AddressSpace, AopsName, BlockDevice, File, FsType, Inode, ShmemInodeInfo, SuperBlock } from '../include/linux/fs.js';
import { GFP_HIGHUSER, GFP_NOFS } from '../include/linux/gfp.js';
import { BUG_ON } from '../include/linux/kernel.js';
import { __MUTEX_INITIALIZER, SPIN_LOCK_UNLOCKED } from '../include/linux/spinlock.js';
import type { MaySleep } from '../include/linux/wait.js';
import type { Machine } from '../machine.js';
import { cutTail, freeBlocks } from '../model/block-map.js';
import { FileNames } from '../model/file-names.js';
import { truncateUnlocked } from '../model/truncate.js';
import type { K } from '../kernel-table.js';

const AOPS: Record<FsType, AopsName> = { ext2: 'ext2_aops', ext3: 'ext3_ordered_aops', xfs: 'linvfs_aops', tmpfs: 'shmem_aops' };
/** XFS metadata blocks, which pagebuf_get() addresses by their number on the device, lie in front of the file data. */
const FIRST_DATA_BLOCK: Record<FsType, number> = { ext2: 1, ext3: 1, xfs: 1 << 20, tmpfs: 1 };

/** Anonymous device numbers are 0:N; the initial mounts of proc, sysfs and so on have taken the first few. */
function anonymousDevice(m: Machine): readonly [number, number] {
  return [0, 6 + m.super_blocks.filter(sb => sb.bdev === null).length];
}

/** A mapping without pages. Its gfp mask is what alloc_inode() sets. */
function newMapping(m: Machine, host: Inode | null, a_ops: AopsName): AddressSpace {
  const mapping: AddressSpace = {
    id: m.mapping_free.pop() ?? m.mappings.length, host, page_tree: { height: 0, rnode: 0 }, tree_lock: SPIN_LOCK_UNLOCKED('mapping.tree_lock'), nrpages: 0,
    flags: GFP_HIGHUSER, a_ops, i_mmap: null, i_mmap_tail: null, i_mmap_writable: 0, i_mmap_lock: SPIN_LOCK_UNLOCKED('mapping.i_mmap_lock'), writeback_index: 0, truncate_count: 0,
  };
  m.mappings[mapping.id] = mapping;
  return mapping;
}

/** Its id may be used again at once: no page may still name it. */
function freeMapping(m: Machine, mapping: AddressSpace): void {
  BUG_ON(m, mapping.nrpages !== 0 || mapping.i_mmap !== null, 'fs/inode.c:clear_inode()');
  m.mappings[mapping.id] = null;
  m.mapping_free.push(mapping.id);
}

/**
 * Mounts a new, empty file system on `root`; an empty `root` mounts it inside the kernel only. A function of the kit's own: it stands for
 * mount(2) and mkfs(8).
 * @param bdev null for tmpfs, the disk for the others
 * @param blocksize bytes, a power of two up to the page size and at least 1/32 of it; tmpfs: ignored
 * @throws {RangeError | TypeError} naming the value
 */
export function new_super_block(this: K, fstype: FsType, root: string, bdev: BlockDevice | null, blocksize: number): SuperBlock {
  const { m } = this;
  if (root !== '' && !root.startsWith('/')) throw new RangeError(`new_super_block(): expected an absolute mount point, found '${root}'`);
  if ((bdev === null) !== (fstype === 'tmpfs')) throw new TypeError(`new_super_block(): ${fstype} ${bdev === null ? 'needs a' : 'has no'} block device`);
  const s_blocksize = fstype === 'tmpfs' ? m.PAGE_SIZE : blocksize;
  const fits = s_blocksize >= 512 && s_blocksize <= m.PAGE_SIZE && s_blocksize * 32 >= m.PAGE_SIZE && Number.isInteger(Math.log2(s_blocksize));
  if (!fits) throw new RangeError(`new_super_block(): expected a block size from ${Math.max(512, m.PAGE_SIZE / 32)} to ${m.PAGE_SIZE}, found ${blocksize}`);
  const sb: SuperBlock = {
    s_type: fstype, s_root: root, s_blocksize, bdev, inodes: new Map(), s_dev: bdev === null ? anonymousDevice(m) : bdev.dev, next_ino: fstype === 'tmpfs' ? 1 : 12,
    bt_mapping: null, s_names: new FileNames(), s_dirty: new Set(), next_block: FIRST_DATA_BLOCK[fstype],
    /* A tmpfs that users can see may take half of the memory; the kernel's own mount has no limit. */
    free_blocks: fstype === 'tmpfs' && root !== '' ? Math.floor(m.totalram_pages / 2) : null,
  };
  if (fstype === 'xfs') {
    sb.bt_mapping = newMapping(m, null, 'mapping_aops');
    sb.bt_mapping.flags = GFP_NOFS;
  }
  m.super_blocks.push(sb);
  return sb;
}

/** The mounts of a booted system: the root file system on the first disk, ext3 with 4 KB blocks, and /dev/shm. */
export function mount_root(this: K<'add_disk' | 'new_super_block'>): void {
  const sda = this.m.bdevs.get('sda') ?? this.add_disk('sda', 8, 0, 1);
  this.new_super_block('ext3', '/', sda, 4096);
  this.new_super_block('tmpfs', '/dev/shm', null, 0);
}

/**
 * A new file with the credentials of the current task: the kit's own under a name of 2.6.12, where new_inode() takes just the super block.
 * On a disk file system a `size` other than 0 means that the file was there before the simulation began: its pages read as tokens that
 * never change. Nobody has it open yet (i_count 0).
 * @param path absolute; '' for a file without a name, which goes away with its last user
 */
export function new_inode(this: K<'mpol_shared_policy_init'>, sb: SuperBlock, path: string, size: number, mode: number): Inode {
  const { m } = this;
  if (path !== '' && sb.s_names.has(path)) throw new RangeError(`new_inode(): '${path}' is there already`);
  const i_mapping = newMapping(m, null, AOPS[sb.s_type]);
  while (sb.inodes.has(sb.next_ino)) sb.next_ino++;
  const shmem: ShmemInodeInfo | null = sb.s_type !== 'tmpfs' ? null : {
    policy: this.mpol_shared_policy_init(), swp: new Map(), swp_index: new Map(), lock: SPIN_LOCK_UNLOCKED('shmem_inode_info.lock'), alloced: 0, swapped: 0,
    locked: false, next_index: 0, truncating: false, paged_in: false,
  };
  const inode: Inode = {
    i_ino: sb.next_ino++, i_sb: sb, i_mapping, i_size: size, i_nlink: path === '' ? 0 : 1, i_count: 0, i_mode: mode, i_uid: m.current.fsuid, i_gid: m.current.egid,
    i_sem: __MUTEX_INITIALIZER('inode.i_sem'), path, blocks: new Map(), block_bits: new Map(), initial_pages: shmem === null ? Math.ceil(size / m.PAGE_SIZE) : 0, shmem,
    i_dirty: false, dirtied_when: 0,
  };
  i_mapping.host = inode;
  if (shmem === null) cutTail(m, inode);
  sb.inodes.set(inode.i_ino, inode);
  if (path !== '') sb.s_names.set(path, inode);
  return inode;
}

/**
 * Gives up a use of an inode. The last use of an inode without a name deletes the file. Never sleeps: pages that are
 * locked or under writeback, which 2.6.12 would wait for here, are left to pdflush.
 */
export function iput(
  this: K<'find_get_pages' | 'truncate_complete_page' | 'unlock_page' | '__pagevec_release' | 'clear_inode' | 'pdflush_operation'>, inode: Inode,
): void {
  const { m } = this;
  inode.i_count--;
  BUG_ON(m, inode.i_count < 0, 'fs/inode.c:iput()');
  if (inode.i_count > 0 || inode.i_nlink > 0) return;
  inode.i_sb.s_dirty.delete(inode);
  if (inode.i_mapping.nrpages > 0) truncateUnlocked(this, inode.i_mapping, 0);
  if (inode.i_mapping.nrpages === 0) this.clear_inode(inode);
  else this.pdflush_operation({ fn: 'generic_delete_inode', inode });
}

/** What iput() could not do at once: throws the remaining pages away when they are free. */
export function* generic_delete_inode(this: K<'truncate_inode_pages' | 'clear_inode'>, inode: Inode): MaySleep<void> {
  yield* this.truncate_inode_pages(inode.i_mapping, 0);
  this.clear_inode(inode);
}

/** The end of an inode without pages, users and names: its blocks or swap entries are freed, and its number. */
export function clear_inode(this: K<'shmem_delete_inode'>, inode: Inode): void {
  const { i_sb } = inode;
  if (inode.shmem !== null) this.shmem_delete_inode(inode);
  else {
    inode.i_size = 0;
    freeBlocks(this.m, inode);
  }
  i_sb.s_dirty.delete(inode);
  if (i_sb.inodes.get(inode.i_ino) === inode) i_sb.inodes.delete(inode.i_ino);
  freeMapping(this.m, inode.i_mapping);
}

export function get_file(this: K, file: File): void {
  file.f_count++;
}

/** Gives up a use of an open file; the last one closes it. */
export function fput(this: K<'iput'>, file: File): void {
  BUG_ON(this.m, file.f_count <= 0, 'fs/file_table.c:fput()');
  if (--file.f_count === 0) this.iput(file.f_inode);
}
