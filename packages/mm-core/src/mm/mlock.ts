/**
 * mlock() and its relatives (mm/mlock.c of 2.6.12). VM_LOCKED keeps reclaim away from a vma, and migrate_vma() too.
 *
 * The limit is RLIMIT_MEMLOCK of the process, in whole pages, and none for CAP_IPC_LOCK. A vma that is
 * locked or unlocked is merged with its neighbours like one whose protection changes.
 */
import { MCL_CURRENT, MCL_FUTURE } from '../include/asm-ia64/mman.js';
import { page_start, PAGE_ALIGN } from '../include/asm-ia64/page.js';
import { EAGAIN, EINVAL, ENOMEM, EPERM } from '../include/linux/errno.js';
import { VM_IO, VM_LOCKED, type Mm, type Vma } from '../include/linux/mm_types.js';
import { RLIMIT_MEMLOCK } from '../include/linux/resource.js';
import { CAP_IPC_LOCK } from '../include/linux/sched.js';
import { down_write, down_write_trylock, up_write } from '../include/linux/spinlock.js';
import type { Address } from '../include/linux/types.js';
import type { MaySleep } from '../include/linux/wait.js';
import type { K } from '../kernel-table.js';

type Fixup = K<'vma_merge' | 'split_vma' | 'make_pages_present'>;

/** Sets or clears VM_LOCKED of a part of one vma; locking faults the pages in. `pprev` as for mprotect_fixup(). */
export function* mlock_fixup(this: Fixup, vma: Vma, pprev: { prev: Vma | null }, start: Address, end: Address, newflags: number): MaySleep<number> {
  const mm = vma.vm_mm;
  if (newflags === vma.vm_flags) {
    pprev.prev = vma;
    return 0;
  }
  const { PAGE_SIZE } = this.m;
  const pgoff = vma.vm_pgoff + (start - vma.vm_start) / PAGE_SIZE;
  let target = this.vma_merge(mm, pprev.prev, start, end, newflags, vma.anon_vma, vma.vm_file, pgoff, vma.vm_policy);
  pprev.prev = target;
  if (target === null) {
    target = vma;
    pprev.prev = vma;
    if (start !== vma.vm_start) {
      const error = this.split_vma(mm, vma, start, 1);
      if (error !== 0) return error === -ENOMEM ? -EAGAIN : error;
    }
    if (end !== vma.vm_end) {
      const error = this.split_vma(mm, vma, end, 0);
      if (error !== 0) return error === -ENOMEM ? -EAGAIN : error;
    }
  }
  target.vm_flags = newflags;
  const pages = (end - start) / PAGE_SIZE;
  let ret = 0;
  if ((newflags & VM_LOCKED) !== 0) {
    mm.locked_vm += pages;
    if ((newflags & VM_IO) === 0) ret = yield* this.make_pages_present(start, end);
  } else mm.locked_vm -= pages;
  return ret === -ENOMEM ? -EAGAIN : ret;
}

/** Vma by vma over [start, start + len); a hole is -ENOMEM, with the vmas before it done. */
function* do_mlock(this: K<'find_vma_prev' | 'mlock_fixup'>, mm: Mm, start: Address, len: number, on: boolean): MaySleep<number> {
  const end = start + PAGE_ALIGN(this.m, len);
  if (end < start) return -EINVAL;
  if (end === start) return 0;
  const pprev = { prev: this.find_vma_prev(mm, start) };
  let vma = pprev.prev === null ? mm.mmap : pprev.prev.vm_next;
  if (vma === null || vma.vm_start > start) return -ENOMEM;
  if (start > vma.vm_start) pprev.prev = vma;
  for (let nstart = start; ; ) {
    const newflags = on ? vma.vm_flags | VM_LOCKED : vma.vm_flags & ~VM_LOCKED;
    const tmp = Math.min(vma.vm_end, end);
    const error = yield* this.mlock_fixup(vma, pprev, nstart, tmp, newflags);
    if (error !== 0) return error;
    nstart = Math.max(tmp, pprev.prev!.vm_end);
    if (nstart >= end) return 0;
    vma = pprev.prev!.vm_next;
    if (vma === null || vma.vm_start !== nstart) return -ENOMEM;
  }
}

/** can_do_mlock(): not for a process without the capability whose limit is 0. */
function can_do_mlock(this: K<'capable'>): boolean {
  return this.capable(CAP_IPC_LOCK) || this.m.current.signal.rlim[RLIMIT_MEMLOCK]!.rlim_cur !== 0;
}
function lock_limit(this: K): number {
  return Math.floor(this.m.current.signal.rlim[RLIMIT_MEMLOCK]!.rlim_cur / this.m.PAGE_SIZE);
}

export function* sys_mlock(this: K<'capable' | 'find_vma_prev' | 'mlock_fixup'>, start: Address, len: number): MaySleep<number> {
  const { m } = this;
  const mm = m.current.mm!;
  if (!can_do_mlock.call(this)) return -EPERM;
  if (!down_write_trylock(m, mm.mmap_sem)) yield* down_write(m, mm.mmap_sem);
  const first = page_start(m, start);
  const length = PAGE_ALIGN(m, len + (start - first));
  let error = -ENOMEM;
  if (mm.locked_vm + length / m.PAGE_SIZE <= lock_limit.call(this) || this.capable(CAP_IPC_LOCK)) {
    error = yield* do_mlock.call(this, mm, first, length, true);
  }
  up_write(m, mm.mmap_sem);
  return error;
}

export function* sys_munlock(this: K<'find_vma_prev' | 'mlock_fixup'>, start: Address, len: number): MaySleep<number> {
  const { m } = this;
  const mm = m.current.mm!;
  if (!down_write_trylock(m, mm.mmap_sem)) yield* down_write(m, mm.mmap_sem);
  const first = page_start(m, start);
  const error = yield* do_mlock.call(this, mm, first, len + (start - first), false);
  up_write(m, mm.mmap_sem);
  return error;
}

/** Every vma there is (MCL_CURRENT), and by def_flags every one there will be (MCL_FUTURE). Errors of single vmas are lost. */
function* do_mlockall(this: K<'mlock_fixup'>, mm: Mm, flags: number): MaySleep<number> {
  mm.def_flags = (flags & MCL_FUTURE) !== 0 ? VM_LOCKED : 0;
  if (flags === MCL_FUTURE) return 0;
  const pprev: { prev: Vma | null } = { prev: null };
  for (let vma = mm.mmap; vma !== null; vma = pprev.prev!.vm_next) {
    const newflags = (flags & MCL_CURRENT) !== 0 ? vma.vm_flags | VM_LOCKED : vma.vm_flags & ~VM_LOCKED;
    yield* this.mlock_fixup(vma, pprev, vma.vm_start, vma.vm_end, newflags);
  }
  return 0;
}

export function* sys_mlockall(this: K<'capable' | 'mlock_fixup'>, flags: number): MaySleep<number> {
  const { m } = this;
  const mm = m.current.mm!;
  if (flags === 0 || (flags & ~(MCL_CURRENT | MCL_FUTURE)) !== 0) return -EINVAL;
  if (!can_do_mlock.call(this)) return -EPERM;
  if (!down_write_trylock(m, mm.mmap_sem)) yield* down_write(m, mm.mmap_sem);
  const fits = (flags & MCL_CURRENT) === 0 || mm.total_vm <= lock_limit.call(this) || this.capable(CAP_IPC_LOCK);
  const ret = fits ? yield* do_mlockall.call(this, mm, flags) : -ENOMEM;
  up_write(m, mm.mmap_sem);
  return ret;
}

export function* sys_munlockall(this: K<'mlock_fixup'>): MaySleep<number> {
  const { m } = this;
  const mm = m.current.mm!;
  if (!down_write_trylock(m, mm.mmap_sem)) yield* down_write(m, mm.mmap_sem);
  const ret = yield* do_mlockall.call(this, mm, 0);
  up_write(m, mm.mmap_sem);
  return ret;
}
