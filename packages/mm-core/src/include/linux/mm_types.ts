/**
 * struct page as arrays, and struct vm_area_struct, mm_struct, anon_vma (include/linux/mm.h, rmap.h, sched.h).
 *
 * One 32-bit view per field of struct page, all cut from one buffer with a header; indexed by frame number. A frame that
 * was never used is all zero, so the buffer's untouched part costs no memory and boot does not walk the frames.
 */
import type { AddressSpace, File } from './fs.js';
import type { Mempolicy } from './mempolicy.js';
import type { Address, ListHead } from './types.js';
import type { RwSemaphore, SpinLock } from './wait.js';

export interface MemMap {
  readonly buffer: ArrayBufferLike;
  /** Number of frame numbers, holes between nodes included: every pfn is below it. */
  readonly max_mapnr: number;
  readonly flags: Uint32Array;
  /** page_count(): the number of references. 2.6.12 stores one less (a free page has -1); here 0 is a free page. */
  readonly _count: Int32Array;
  /** page_mapcount(): number of ptes that map the page. 2.6.12 stores one less. */
  readonly _mapcount: Int32Array;
  /** 0, `address_space id << 1`, or `anon_vma id << 1 | PAGE_MAPPING_ANON`. */
  readonly mapping: Uint32Array;
  /** Offset within the mapping in pages, modulo 2^32; for a swap-cache page the virtual offset (the entry is in `private`). */
  readonly index: Uint32Array;
  /** Buffer head, swap entry, or order of a free block; as in the kernel it depends on the flags. */
  readonly private: Uint32Array;
  /** page->lru; list heads follow behind index max_mapnr. */
  readonly lru_next: Uint32Array;
  readonly lru_prev: Uint32Array;
  /** What the frame contains: a token. Each store writes a fresh one, a copy copies it; 0 is a page of zeros. */
  readonly content: Uint32Array;
  /** Index of the first list head. */
  readonly first_list_head: number;
  /** Number of list heads the link arrays have room for. */
  readonly nr_list_heads: number;
}

export const PAGE_MAPPING_ANON = 1;

/* vm_flags, include/linux/mm.h of 2.6.12 */
export const VM_READ = 0x00000001;
export const VM_WRITE = 0x00000002;
export const VM_EXEC = 0x00000004;
export const VM_SHARED = 0x00000008;
export const VM_MAYREAD = 0x00000010;
export const VM_MAYWRITE = 0x00000020;
export const VM_MAYEXEC = 0x00000040;
export const VM_MAYSHARE = 0x00000080;
export const VM_GROWSDOWN = 0x00000100;
export const VM_GROWSUP = 0x00000200;
export const VM_SHM = 0x00000400;
export const VM_DENYWRITE = 0x00000800;
export const VM_EXECUTABLE = 0x00001000;
export const VM_LOCKED = 0x00002000;
export const VM_IO = 0x00004000;
export const VM_SEQ_READ = 0x00008000;
export const VM_RAND_READ = 0x00010000;
export const VM_DONTCOPY = 0x00020000;
export const VM_DONTEXPAND = 0x00040000;
export const VM_RESERVED = 0x00080000;
export const VM_ACCOUNT = 0x00100000;
export const VM_HUGETLB = 0x00400000;
export const VM_NONLINEAR = 0x00800000;

/** vm_ops by the name of the table's data symbol; null for anonymous memory. */
export type VmOps = 'generic_file_vm_ops' | 'shmem_vm_ops' | 'shm_vm_ops';

export interface Vma {
  vm_mm: Mm;
  vm_start: Address;
  vm_end: Address;
  vm_next: Vma | null;
  /** Links of the red-black tree mm_rb, see lib/rbtree.ts. */
  rb_parent: Vma | null;
  rb_left: Vma | null;
  rb_right: Vma | null;
  rb_red: boolean;
  vm_flags: number;
  /** Offset in the file in pages; for anonymous memory vm_start in pages, as do_mmap_pgoff() sets it. */
  vm_pgoff: number;
  vm_file: File | null;
  vm_ops: VmOps | null;
  anon_vma: AnonVma | null;
  /** Neighbours on anon_vma's list. */
  anon_next: Vma | null;
  anon_prev: Vma | null;
  /** Neighbours on the mapping's i_mmap list (a priority search tree in 2.6.12; here a list). */
  shared_next: Vma | null;
  shared_prev: Vma | null;
  vm_policy: Mempolicy | null;
}

export interface AnonVma {
  readonly id: number;
  readonly lock: SpinLock;
  /** The vma that was linked last comes first. */
  head: Vma | null;
  tail: Vma | null;
}

export interface Mm {
  readonly id: number;
  mmap: Vma | null;
  mm_rb: Vma | null;
  mmap_cache: Vma | null;
  free_area_cache: Address;
  /** Index of the page global directory in the page-table store. */
  pgd: number;
  mm_users: number;
  mm_count: number;
  map_count: number;
  readonly mmap_sem: RwSemaphore;
  readonly page_table_lock: SpinLock;
  start_code: Address; end_code: Address; start_data: Address; end_data: Address;
  start_brk: Address; brk: Address; start_stack: Address;
  arg_start: Address; arg_end: Address; env_start: Address; env_end: Address;
  /** Resident pages, and those of them that are anonymous. */
  rss: number; anon_rss: number;
  total_vm: number; locked_vm: number; shared_vm: number; exec_vm: number; stack_vm: number;
  def_flags: number;
  /** Whether others may dump and trace it: 1 after execve(). */
  dumpable: number;
  nr_ptes: number;
}

/**
 * The list that try_to_unmap() fills in the hotplug tree: every (mm, address) it unmapped, so that touch_unmapped_address()
 * can fault the page in again. A reused pair of arrays instead of a list of small structs.
 */
export interface UnmapList { readonly mms: (Mm | null)[]; readonly addresses: Address[]; length: number }
export type { ListHead, AddressSpace };
