/**
 * madvise() (mm/madvise.c of 2.6.12): read-ahead hints of a range, and pages that are not needed any more.
 *
 * The advice is given to vma after vma. A hole is passed over and reported at the end; an error stops, with the vmas before it done. vmas
 * that are split here are not merged again: that came with 2.6.13.
 */
import { MADV_DONTNEED, MADV_NORMAL, MADV_RANDOM, MADV_SEQUENTIAL, MADV_WILLNEED } from '../include/asm-ia64/mman.js';
import { offset_in_page } from '../include/asm-ia64/page.js';
import { EAGAIN, EBADF, EINVAL, ENOMEM } from '../include/linux/errno.js';
import { VM_HUGETLB, VM_LOCKED, VM_RAND_READ, VM_SEQ_READ, type Vma } from '../include/linux/mm_types.js';
import { callersMm, ulong } from '../model/arguments.js';
import { down_write, down_write_trylock, up_write } from '../include/linux/spinlock.js';
import type { Address } from '../include/linux/types.js';
import type { MaySleep } from '../include/linux/wait.js';
import type { K } from '../kernel-table.js';

/** Sets the read-ahead hint of exactly start…end; -EAGAIN when a vma cannot be split. */
export function madvise_behavior(this: K<'split_vma'>, vma: Vma, start: Address, end: Address, behavior: number): number {
  const mm = vma.vm_mm;
  let error = start === vma.vm_start ? 0 : this.split_vma(mm, vma, start, 1);
  if (error === 0 && end !== vma.vm_end) error = this.split_vma(mm, vma, end, 0);
  if (error !== 0) return error === -ENOMEM ? -EAGAIN : error;
  const hint = behavior === MADV_SEQUENTIAL ? VM_SEQ_READ : behavior === MADV_RANDOM ? VM_RAND_READ : 0;
  vma.vm_flags = (vma.vm_flags & ~(VM_SEQ_READ | VM_RAND_READ)) | hint;
  return 0;
}

/** What is needed soon, which only a file can read ahead: -EBADF for other memory. Read-ahead itself is not modelled. */
export function madvise_willneed(this: K, vma: Vma): number {
  return vma.vm_file === null ? -EBADF : 0;
}

/**
 * Gives the pages of a range up, dirty anonymous ones with what is in them and their swap entries. -EINVAL for memory that is mlocked or of huge
 * pages.
 */
export function madvise_dontneed(this: K<'zap_page_range'>, vma: Vma, start: Address, end: Address): number {
  if ((vma.vm_flags & (VM_LOCKED | VM_HUGETLB)) !== 0) return -EINVAL;
  this.zap_page_range(vma, start, end - start);
  return 0;
}

/** One advice for a part of one vma; -EINVAL for one that there is not (so nothing says that about a range without memory). */
export function madvise_vma(
  this: K<'madvise_behavior' | 'madvise_willneed' | 'madvise_dontneed'>, vma: Vma, start: Address, end: Address, behavior: number,
): number {
  switch (behavior) {
    case MADV_NORMAL:
    case MADV_SEQUENTIAL:
    case MADV_RANDOM:
      return this.madvise_behavior(vma, start, end, behavior);
    case MADV_WILLNEED:
      return this.madvise_willneed(vma);
    case MADV_DONTNEED:
      return this.madvise_dontneed(vma, start, end);
    default:
      return -EINVAL;
  }
}

/** The vmas of start…end, of which some may not be mapped (-ENOMEM, after all that is has been advised). */
function adviseRange(k: K<'find_vma' | 'madvise_vma'>, from: Address, end: Address, behavior: number): number {
  let start = from;
  let unmapped_error = 0;
  for (let vma = k.find_vma(callersMm(k.m, 'mm/madvise.c:sys_madvise()'), start); vma !== null; vma = vma.vm_next) {
    if (start < vma.vm_start) {
      unmapped_error = -ENOMEM;
      start = vma.vm_start;
    }
    if (start >= end) return unmapped_error;
    const error = k.madvise_vma(vma, start, Math.min(end, vma.vm_end), behavior);
    if (error !== 0) return error;
    if (end <= vma.vm_end) return unmapped_error;
    start = vma.vm_end;
  }
  return -ENOMEM;
}

/** @returns 0; -EINVAL: start not at a page, a length that wraps around, an unknown advice, or memory that may not go; -ENOMEM; -EBADF; -EAGAIN. */
export function* sys_madvise(this: K<'find_vma' | 'madvise_vma'>, start: Address, len_in: number, behavior: number): MaySleep<number> {
  const { m } = this;
  const mm = callersMm(m, 'mm/madvise.c:sys_madvise()');
  if (!down_write_trylock(m, mm.mmap_sem)) yield* down_write(m, mm.mmap_sem);
  const len = ulong(Math.ceil(ulong(len_in) / m.PAGE_SIZE) * m.PAGE_SIZE);
  const end = ulong(start + len);
  let error = -EINVAL;
  if (offset_in_page(m, start) === 0 && !(len_in !== 0 && len === 0) && end >= start) error = end === start ? 0 : adviseRange(this, start, end, behavior);
  up_write(m, mm.mmap_sem);
  return error;
}
