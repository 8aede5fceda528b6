/**
 * struct address_space, inode, file, super_block (include/linux/fs.h), cut down to what the memory manager reads.
 *
 * Operation tables (`struct address_space_operations ext2_aops`) are data symbols of the kernel whose values are the names
 * of the functions, looked up in the linked kernel when called: so a patch can replace the table or a function in it on
 * a running machine. An address_space stores the table's name.
 */
import type { RadixTreeRoot } from './radix-tree.js';
import type { Mempolicy, SharedPolicy } from './mempolicy.js';
import type { BufferHead, Page, SwpEntry } from './types.js';
import type { ElfProgram } from '../../model/elf.js';
import type { FileNames } from '../../model/file-names.js';
import type { Vma, VmOps } from './mm_types.js';
import type { Semaphore, SpinLock } from './wait.js';

/** AS_EIO and AS_ENOSPC sit above the 20 gfp bits in address_space.flags (include/linux/pagemap.h). */
export const AS_EIO = 1 << 20;
export const AS_ENOSPC = 1 << 21;

/** What permission() is asked for. */
export const MAY_EXEC = 1;
export const MAY_WRITE = 2;
export const MAY_READ = 4;

export const PAGECACHE_TAG_DIRTY = 0;
export const PAGECACHE_TAG_WRITEBACK = 1;

/** struct address_space_operations: names of kernel functions. */
export interface AddressSpaceOperations {
  readonly writepage?: string;
  readonly readpage?: string;
  readonly sync_page?: string;
  readonly writepages?: string;
  readonly set_page_dirty?: string;
  readonly prepare_write?: string;
  readonly commit_write?: string;
  readonly invalidatepage?: string;
  readonly releasepage?: string;
  /** Hotplug tree: (page, newpage) -> 0 or errno; may sleep. */
  readonly migrate_page?: string;
}
/** struct vm_operations_struct: names of kernel functions. */
export interface VmOperations {
  readonly open?: string;
  readonly close?: string;
  readonly nopage?: string;
  readonly populate?: string;
  readonly set_policy?: string;
  readonly get_policy?: string;
}
export type AopsName = 'ext2_aops' | 'ext3_ordered_aops' | 'linvfs_aops' | 'mapping_aops' | 'shmem_aops' | 'swap_aops';

export interface AddressSpace {
  readonly id: number;
  /** The inode whose pages these are; null for swap and for XFS metadata. Set once. */
  host: Inode | null;
  readonly page_tree: RadixTreeRoot;
  readonly tree_lock: SpinLock;
  nrpages: number;
  /** Error bits over the gfp mask of the mapping's pages. */
  flags: number;
  a_ops: AopsName;
  /** Head and tail of the vmas that map it, oldest first. */
  i_mmap: Vma | null;
  i_mmap_tail: Vma | null;
  i_mmap_writable: number;
  readonly i_mmap_lock: SpinLock;
  writeback_index: number;
  /** Raised by each unmap_mapping_range(). A fault that saw it change asks for the page again. */
  truncate_count: number;
}

export type FsType = 'ext2' | 'ext3' | 'xfs' | 'tmpfs';

export interface SuperBlock {
  readonly s_type: FsType;
  /** Mount point. */
  readonly s_root: string;
  readonly s_blocksize: number;
  readonly bdev: BlockDevice | null;
  readonly inodes: Map<number, Inode>;
  /** Device number as /proc/PID/maps prints it. */
  readonly s_dev: readonly [major: number, minor: number];
  next_ino: number;
  /** xfs: the address space of the metadata buffers (xfs_buftarg). */
  bt_mapping: AddressSpace | null;
  /** Files by path. Directories are not modelled: every path below the mount point can be created. */
  readonly s_names: FileNames;
  /** Inodes with dirty pages or attributes, the one that became dirty first, first. */
  readonly s_dirty: Set<Inode>;
  /** tmpfs: pages that may still be allocated; null for no limit. */
  free_blocks: number | null;
  /** Where get_block() allocates next, in blocks of one page; block 0 is the super block. */
  next_block: number;
}

export interface BlockDevice {
  readonly name: string;
  readonly dev: readonly [major: number, minor: number];
  /** Contents by block of one page: what was written last; absent = never written. */
  readonly data: Map<number, number>;
  /** Simulated ms that one page of I/O takes. Fault injection changes it. */
  ms_per_page: number;
  /** Errors to return: used by fault injection. */
  fail_reads: boolean;
  fail_writes: boolean;
  reads: number;
  writes: number;
  /** Simulated ms at which the last request taken so far is done. */
  busy_until: number;
}

export interface Inode {
  /** SysV shared memory puts the segment's id here, as /proc/PID/maps shows it. */
  i_ino: number;
  readonly i_sb: SuperBlock;
  readonly i_mapping: AddressSpace;
  i_size: number;
  i_nlink: number;
  i_count: number;
  /** S_IFREG etc. are not modelled; permission bits and owner are. */
  i_mode: number;
  i_uid: number;
  readonly i_sem: Semaphore;
  /** Last path, for /proc/PID/maps. */
  path: string;
  i_gid: number;
  /** Where the file is on disk: page index -> block of one page; filled by the file system's get_block(). */
  readonly blocks: Map<number, number>;
  /** Which file-system blocks of such a page are allocated, a bit each; used where blocks are smaller than pages. */
  readonly block_bits: Map<number, number>;
  /** Pages below it were on disk before the simulation began: not holes, though get_block() has not placed them yet. */
  initial_pages: number;
  /** Simulated ms at which the inode was put on s_dirty. */
  dirtied_when: number;
  /** tmpfs and SysV shm. */
  shmem: ShmemInodeInfo | null;
  i_dirty: boolean;
  /** What execve() and ld.so find in the file; absent for a file that is no program. */
  program?: ElfProgram;
}

export interface ShmemInodeInfo {
  readonly policy: SharedPolicy;
  /** Swap entry by page index, for pages swapped out, and the way back: what shmem_unuse() searches for. */
  readonly swp: Map<number, SwpEntry>;
  readonly swp_index: Map<SwpEntry, number>;
  readonly lock: SpinLock;
  alloced: number;
  swapped: number;
  /** SHM_LOCK: VM_LOCKED in info->flags; the pages do not go to swap. */
  locked: boolean;
  /** One more than the highest index that ever had a page or swap entry. */
  next_index: number;
  /** SHMEM_TRUNCATE and SHMEM_PAGEIN of info->flags. */
  truncating: boolean;
  paged_in: boolean;
}

export interface File {
  readonly f_inode: Inode;
  readonly f_mapping: AddressSpace;
  readonly f_path: string;
  /** O_RDONLY 0, O_WRONLY 1, O_RDWR 2 in the low two bits (O_ACCMODE); O_APPEND and O_SYNC, see asm-ia64/fcntl.ts. */
  readonly f_flags: number;
  f_count: number;
  f_pos: number;
  /** f_ra.prev_page: index of the page that read() was at last, -1 before the first time. */
  f_ra_prev_page: number;
  /** Which vm_ops a mapping of this file gets. */
  readonly f_vm_ops: VmOps;
}
export type { BufferHead, Page, Mempolicy };
