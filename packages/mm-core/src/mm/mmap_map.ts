/**
 * mmap() and brk() (mm/mmap.c of 2.6.12, and ia64's own entry points in arch/ia64/kernel/sys_ia64.c).
 *
 * Overcommit is not modelled: no request is refused for want of memory, as with overcommit_memory 1. VM_ACCOUNT is set as in 2.6.12,
 * since it decides which vmas can merge.
 */
import {
  MAP_ANONYMOUS, MAP_DENYWRITE, MAP_EXECUTABLE, MAP_GROWSDOWN, MAP_LOCKED, MAP_NONBLOCK, MAP_NORESERVE, MAP_POPULATE, MAP_PRIVATE,
  MAP_SHARED, MAP_TYPE,
} from '../include/asm-ia64/mman.js';
import { offset_in_page, PAGE_ALIGN } from '../include/asm-ia64/page.js';
import { RGN_MAP_LIMIT } from '../include/asm-ia64/pgtable.js';
import { TASK_SIZE } from '../include/asm-ia64/processor.js';
import { EACCES, EAGAIN, EBADF, EINVAL, ENOMEM, EPERM } from '../include/linux/errno.js';
import type { File } from '../include/linux/fs.js';
import { __vm_stat_account, alloc_vma, DEFAULT_MAX_MAP_COUNT, may_expand_vm, VM_DATA_DEFAULT_FLAGS } from '../include/linux/mm.js';
import {
  VM_ACCOUNT, VM_DENYWRITE, VM_EXEC, VM_EXECUTABLE, VM_GROWSDOWN, VM_GROWSUP, VM_LOCKED, VM_MAYEXEC, VM_MAYREAD, VM_MAYSHARE,
  VM_MAYWRITE, VM_READ, VM_SHARED, VM_WRITE, type Mm, type Vma,
} from '../include/linux/mm_types.js';
import { vmop } from '../model/ops.js';
import { RLIMIT_DATA, RLIMIT_MEMLOCK } from '../include/linux/resource.js';
import { CAP_IPC_LOCK } from '../include/linux/sched.js';
import { down_read, down_write, down_write_trylock, up_read, up_write } from '../include/linux/spinlock.js';
import type { Address } from '../include/linux/types.js';
import type { MaySleep } from '../include/linux/wait.js';
import type { K } from '../kernel-table.js';

/** File offsets in pages that mmap() takes: all that a double can hold. */
const MAX_PGOFF = 2 ** 50;
const O_ACCMODE = 3;
const may_read = (file: File): boolean => (file.f_flags & O_ACCMODE) !== 1;
const may_write = (file: File): boolean => (file.f_flags & O_ACCMODE) !== 0;

/** calc_vm_prot_bits(): PROT_READ, WRITE and EXEC have the values of VM_READ, WRITE and EXEC. */
const calc_vm_prot_bits = (prot: number): number => prot & (VM_READ | VM_WRITE | VM_EXEC);
/** calc_vm_flag_bits(): these MAP_* have the values of their VM_*. */
const calc_vm_flag_bits = (flags: number): number =>
  flags & (MAP_GROWSDOWN | MAP_DENYWRITE | MAP_EXECUTABLE | MAP_LOCKED) & (VM_GROWSDOWN | VM_DENYWRITE | VM_EXECUTABLE | VM_LOCKED);

/** Whether `pages` more may be locked in memory: RLIMIT_MEMLOCK of the process, in whole pages, unless CAP_IPC_LOCK. */
function mayLock(k: K<'capable'>, mm: Mm, pages: number): boolean {
  const { m } = k;
  const limit = Math.floor(m.current.signal.rlim[RLIMIT_MEMLOCK]!.rlim_cur / m.PAGE_SIZE);
  return mm.locked_vm + pages <= limit || k.capable(CAP_IPC_LOCK);
}

/** What the kind of mapping adds to and takes from vm_flags. @returns them, or a negative errno. */
function mapping_flags(file: File | null, prot: number, flags: number, vm_flags: number): number {
  const type = flags & MAP_TYPE;
  if (type !== MAP_SHARED && type !== MAP_PRIVATE) return -EINVAL;
  let result = vm_flags;
  if (type === MAP_SHARED) {
    if (file !== null && (prot & VM_WRITE) !== 0 && !may_write(file)) return -EACCES;
    result |= VM_SHARED | VM_MAYSHARE;
    // a file that cannot be written is mapped like a private one; mprotect() cannot change that
    if (file !== null && !may_write(file)) result &= ~(VM_MAYWRITE | VM_SHARED);
  }
  return file !== null && !may_read(file) ? -EACCES : result;
}

/** Unmaps what is in the way. @returns 0 or a negative errno. */
function* clearOldMaps(k: K<'find_vma_intersection' | 'do_munmap'>, mm: Mm, addr: Address, len: number): MaySleep<number> {
  while (k.find_vma_intersection(mm, addr, addr + len) !== null) {
    if ((yield* k.do_munmap(mm, addr, len)) !== 0) return -ENOMEM;
  }
  return 0;
}

/**
 * Maps `len` bytes of a file from page pgoff on, or anonymous memory (file null), into the current address space. The caller holds
 * mmap_sem for writing.
 * @returns the address or a negative errno.
 */
export function* do_mmap_pgoff(
  this: K<
    | 'capable' | 'get_unmapped_area' | 'find_vma_intersection' | 'do_munmap' | 'find_vma_prev' | 'vma_merge' | 'make_pages_present' | 'get_file' | 'fput'
    | 'generic_file_mmap' | 'unmap_region' | 'shmem_zero_setup' | 'vma_link' | 'mpol_free' | 'find_vma' | 'get_user_pages'
  >,
  file: File | null, addr: Address, len: number, prot: number, flags: number, pgoff: number,
): MaySleep<number> {
  const { m } = this;
  const mm = m.current.mm!;
  if (!(len > 0)) return -EINVAL;
  const length = PAGE_ALIGN(m, len);
  const pages = length / m.PAGE_SIZE;
  if (length > TASK_SIZE) return -ENOMEM;
  if (!(pgoff >= 0 && pgoff + pages <= MAX_PGOFF)) return -EINVAL; // -EOVERFLOW at 2^64 in 2.6.12
  if (mm.map_count > DEFAULT_MAX_MAP_COUNT) return -ENOMEM;
  const at = this.get_unmapped_area(file, addr, length, pgoff, flags);
  if (at < 0) return at;

  let vm_flags = calc_vm_prot_bits(prot) | calc_vm_flag_bits(flags) | mm.def_flags | VM_MAYREAD | VM_MAYWRITE | VM_MAYEXEC;
  if ((flags & MAP_LOCKED) !== 0 && m.current.signal.rlim[RLIMIT_MEMLOCK]!.rlim_cur === 0 && !this.capable(CAP_IPC_LOCK)) return -EPERM;
  if ((vm_flags & VM_LOCKED) !== 0 && !mayLock(this, mm, pages)) return -EAGAIN;
  vm_flags = mapping_flags(file, prot, flags, vm_flags);
  if (vm_flags < 0) return vm_flags;
  const anonymous = file === null && (vm_flags & VM_SHARED) === 0;
  const offset = anonymous ? at / m.PAGE_SIZE : pgoff; // by address, so that neighbours can merge

  const error = yield* clearOldMaps(this, mm, at, length);
  if (error !== 0) return error;
  if (!may_expand_vm(m, mm, pages)) return -ENOMEM;
  if ((flags & MAP_NORESERVE) === 0 && (vm_flags & (VM_SHARED | VM_WRITE)) !== 0) vm_flags |= VM_ACCOUNT;

  const prev = this.find_vma_prev(mm, at);
  let mapped: File | null = file;
  if (!anonymous || this.vma_merge(mm, prev, at, at + length, vm_flags, null, null, offset, null) === null) {
    const vma = mapObject(this, mm, prev, at, at + length, vm_flags, file, offset);
    if (typeof vma === 'number') return vma;
    mapped = vma.vm_file;
    vm_flags = vma.vm_flags;
  }
  mm.total_vm += pages;
  __vm_stat_account(mm, vm_flags, mapped, pages);
  if ((vm_flags & VM_LOCKED) !== 0) {
    mm.locked_vm += pages;
    yield* this.make_pages_present(at, at + length);
  }
  if ((flags & (MAP_POPULATE | MAP_NONBLOCK)) === MAP_POPULATE) yield* populateRange(this, mm, at, length);
  return at;
}

/**
 * The part of do_mmap_pgoff() that makes a vma and lets the file, or shmem for shared anonymous memory, say how it is to be
 * filled. @returns the vma, which may be a neighbour it was merged into, or a negative errno.
 */
function mapObject(
  k: K<'get_file' | 'fput' | 'generic_file_mmap' | 'unmap_region' | 'shmem_zero_setup' | 'vma_merge' | 'vma_link' | 'mpol_free'>,
  mm: Mm, prev: Vma | null, start: Address, end: Address, vm_flags: number, file: File | null, pgoff: number,
): Vma | number {
  const vma = alloc_vma(mm, start, end, vm_flags, pgoff);
  if (file !== null) {
    if ((vm_flags & (VM_GROWSDOWN | VM_GROWSUP)) !== 0) return -EINVAL;
    vma.vm_file = file;
    k.get_file(file);
    const error = k.generic_file_mmap(file, vma); // file->f_op->mmap
    if (error !== 0) {
      vma.vm_file = null;
      k.fput(file);
      k.unmap_region(mm, vma, prev, start, end);
      return error;
    }
  } else if ((vm_flags & VM_SHARED) !== 0) {
    const error = k.shmem_zero_setup(vma);
    if (error !== 0) return error;
  }
  // the object, not the vma, is what a shared mapping is accounted to
  if ((vm_flags & (VM_SHARED | VM_ACCOUNT)) === (VM_SHARED | VM_ACCOUNT)) vma.vm_flags &= ~VM_ACCOUNT;
  if (file !== null) {
    const merged = k.vma_merge(mm, prev, start, end, vma.vm_flags, null, file, pgoff, vma.vm_policy);
    if (merged !== null) {
      k.fput(file);
      k.mpol_free(vma.vm_policy);
      return merged;
    }
  }
  k.vma_link(mm, vma, prev);
  return vma;
}

/**
 * MAP_POPULATE: what sys_remap_file_pages() does for it. Only shared file mappings are read in; 2.6.12 ignores the flag for
 * private and anonymous memory. The pages are mapped by read faults here instead of by ->populate().
 */
function* populateRange(k: K<'find_vma' | 'get_user_pages'>, mm: Mm, start: Address, len: number): MaySleep<void> {
  const { m } = k;
  up_write(m, mm.mmap_sem);
  yield* down_read(m, mm.mmap_sem);
  const vma = k.find_vma(mm, start);
  if (vma !== null && vma.vm_start <= start && (vma.vm_flags & VM_SHARED) !== 0 && vmop(k, vma, 'nopage') !== undefined) {
    yield* k.get_user_pages(null, mm, start, len / m.PAGE_SIZE, 0, 0, null, null);
  }
  up_read(m, mm.mmap_sem);
  yield* down_write(m, mm.mmap_sem);
}

/** mmap() of ia64; `off` in bytes. Nothing may lie in the unmappable upper part of a region or reach across one. */
export function* sys_mmap(this: K<'do_mmap_pgoff' | 'get_file' | 'fput'>, addr: Address, len: number, prot: number, flags: number, fd: number, off: number): MaySleep<number> {
  const { m } = this;
  const { current } = m;
  const mm = current.mm!;
  if (offset_in_page(m, off) !== 0) return -EINVAL;
  let file: File | null = null;
  if ((flags & MAP_ANONYMOUS) === 0) {
    file = current.files.get(fd) ?? null;
    if (file === null) return -EBADF;
  }
  const length = PAGE_ALIGN(m, len);
  const limit = RGN_MAP_LIMIT(m);
  if (!(length > 0) || length > limit || addr % 2 ** 61 > limit - length) return -EINVAL;
  if (file !== null) this.get_file(file); // a thread may close it while we sleep
  if (!down_write_trylock(m, mm.mmap_sem)) yield* down_write(m, mm.mmap_sem);
  const ret = yield* this.do_mmap_pgoff(file, addr, length, prot, flags & ~(MAP_EXECUTABLE | MAP_DENYWRITE), off / m.PAGE_SIZE);
  up_write(m, mm.mmap_sem);
  if (file !== null) this.fput(file);
  return ret;
}

/** Anonymous private memory at a fixed address, replacing what was there: heap and bss. @returns the address or an errno. */
export function* do_brk(this: K<'capable' | 'find_vma_intersection' | 'do_munmap' | 'find_vma_prev' | 'vma_merge' | 'vma_link' | 'make_pages_present'>, addr: Address, len: number): MaySleep<number> {
  const { m } = this;
  const mm = m.current.mm!;
  const length = PAGE_ALIGN(m, len);
  const pages = length / m.PAGE_SIZE;
  if (length === 0) return addr;
  if (addr + length > TASK_SIZE) return -EINVAL;
  if ((mm.def_flags & VM_LOCKED) !== 0 && !mayLock(this, mm, pages)) return -EAGAIN;
  const error = yield* clearOldMaps(this, mm, addr, length);
  if (error !== 0) return error;
  if (!may_expand_vm(m, mm, pages) || mm.map_count > DEFAULT_MAX_MAP_COUNT) return -ENOMEM;
  const vm_flags = VM_DATA_DEFAULT_FLAGS | VM_ACCOUNT | mm.def_flags;
  const pgoff = addr / m.PAGE_SIZE;
  const prev = this.find_vma_prev(mm, addr);
  if (this.vma_merge(mm, prev, addr, addr + length, vm_flags, null, null, pgoff, null) === null) {
    this.vma_link(mm, alloc_vma(mm, addr, addr + length, vm_flags, pgoff), prev);
  }
  mm.total_vm += pages;
  if ((vm_flags & VM_LOCKED) !== 0) {
    mm.locked_vm += pages;
    yield* this.make_pages_present(addr, addr + length);
  }
  return addr;
}

/**
 * brk() (ia64_brk()): moves the end of the heap. @returns the end as it is afterwards; the caller compares it with what it asked for.
 * A double holds page-aligned ends exactly, others to the next kilobyte.
 */
export function* sys_brk(this: K<'do_munmap' | 'find_vma_intersection' | 'do_brk'>, brk: Address): MaySleep<number> {
  const { m } = this;
  const mm = m.current.mm!;
  if (!down_write_trylock(m, mm.mmap_sem)) yield* down_write(m, mm.mmap_sem);
  if (brk >= mm.end_code && (yield* move_brk.call(this, mm, brk))) mm.brk = brk;
  const ret = mm.brk;
  up_write(m, mm.mmap_sem);
  return ret;
}

/** @returns whether the heap may end at `brk`; memory has been mapped or unmapped accordingly. */
function* move_brk(this: K<'do_munmap' | 'find_vma_intersection' | 'do_brk'>, mm: Mm, brk: Address): MaySleep<boolean> {
  const { m } = this;
  const newbrk = PAGE_ALIGN(m, brk);
  const oldbrk = PAGE_ALIGN(m, mm.brk);
  if (oldbrk === newbrk) return true;
  if (brk <= mm.brk) return (yield* this.do_munmap(mm, newbrk, oldbrk - newbrk)) === 0;
  const limit = RGN_MAP_LIMIT(m);
  if (newbrk - oldbrk > limit || newbrk % 2 ** 61 > limit) return false;
  if (brk - mm.start_data > m.current.signal.rlim[RLIMIT_DATA]!.rlim_cur) return false;
  if (this.find_vma_intersection(mm, oldbrk, newbrk + m.PAGE_SIZE) !== null) return false;
  return (yield* this.do_brk(oldbrk, newbrk - oldbrk)) === oldbrk;
}
