/** mprotect() (mm/mprotect.c of 2.6.12): new protection for a range of vmas and for the ptes that are there. */
import { PROT_EXEC, PROT_GROWSDOWN, PROT_GROWSUP, PROT_READ, PROT_SEM, PROT_WRITE } from '../include/asm-ia64/mman.js';
import { offset_in_page, PAGE_ALIGN } from '../include/asm-ia64/page.js';
import { next_pte_table, pmd_addr_end, protection_map, pte_modify, pte_offset, pte_page, pte_present } from '../include/asm-ia64/pgtable.js';
import { EACCES, EINVAL, ENOMEM } from '../include/linux/errno.js';
import { BUG_ON } from '../include/linux/kernel.js';
import { __vm_stat_account } from '../include/linux/mm.js';
import { VM_ACCOUNT, VM_EXEC, VM_GROWSDOWN, VM_GROWSUP, VM_HUGETLB, VM_READ, VM_SHARED, VM_WRITE, type Vma } from '../include/linux/mm_types.js';
import { PG_arch_1, set_page_flag } from '../include/linux/page-flags.js';
import { down_write, down_write_trylock, spin_lock, spin_unlock, up_write } from '../include/linux/spinlock.js';
import type { Address, Pte } from '../include/linux/types.js';
import { PREEMPT, type MaySleep } from '../include/linux/wait.js';
import type { K } from '../kernel-table.js';

const PROTECTION = VM_READ | VM_WRITE | VM_EXEC;

/**
 * Gives the present ptes of [start, end) the protection `newprot`, as protection_map() makes it. Swap entries have none. A page that
 * can be executed now is marked as coherent with the instruction cache (lazy_mmu_prot_update()).
 */
export function change_protection(this: K, vma: Vma, start: Address, end: Address, newprot: number): void {
  const { m } = this;
  const { ptes } = m;
  const mm = vma.vm_mm;
  const exec = (vma.vm_flags & VM_EXEC) !== 0;
  BUG_ON(m, start >= end, 'mm/mprotect.c:change_protection()');
  spin_lock(m, mm.page_table_lock);
  for (let at = next_pte_table(m, mm, start, end); at < end; ) {
    const next = pmd_addr_end(m, at, end);
    let pte: number = pte_offset(m, mm, at);
    for (let left = (next - at) / m.PAGE_SIZE; left > 0; left--, pte++) {
      const ptent = ptes[pte]! as Pte;
      if (!pte_present(ptent)) continue;
      ptes[pte] = pte_modify(ptent, newprot);
      if (exec) set_page_flag(m.mem_map, pte_page(ptent), PG_arch_1);
    }
    at = next_pte_table(m, mm, next, end);
  }
  spin_unlock(m, mm.page_table_lock);
}

/**
 * Changes a part of one vma: by merging it into a neighbour if possible, else by cutting it out.
 * @param pprev `prev` is the vma before the range on entry, the vma that has the range on return.
 */
export function* mprotect_fixup(this: K<'vma_merge' | 'split_vma' | 'change_protection'>, vma: Vma, pprev: { prev: Vma | null }, start: Address, end: Address, newflags: number): MaySleep<number> {
  const { m } = this;
  const mm = vma.vm_mm;
  const oldflags = vma.vm_flags;
  const pages = (end - start) / m.PAGE_SIZE;
  let flags = newflags;
  if (flags === oldflags) {
    pprev.prev = vma;
    return 0;
  }
  // a private mapping that becomes writable is accounted from now on, and stays so (overcommit itself is not modelled)
  if ((flags & VM_WRITE) !== 0 && (oldflags & (VM_ACCOUNT | VM_WRITE | VM_SHARED | VM_HUGETLB)) === 0) flags |= VM_ACCOUNT;
  if (m.preemptible) yield PREEMPT;

  const pgoff = vma.vm_pgoff + (start - vma.vm_start) / m.PAGE_SIZE;
  let target = this.vma_merge(mm, pprev.prev, start, end, flags, vma.anon_vma, vma.vm_file, pgoff, vma.vm_policy);
  pprev.prev = target;
  if (target === null) {
    target = vma;
    pprev.prev = vma;
    if (start !== vma.vm_start) {
      const error = this.split_vma(mm, vma, start, 1);
      if (error !== 0) return error;
    }
    if (end !== vma.vm_end) {
      const error = this.split_vma(mm, vma, end, 0);
      if (error !== 0) return error;
    }
  }
  target.vm_flags = flags;
  this.change_protection(target, start, end, protection_map(flags));
  __vm_stat_account(mm, oldflags, target.vm_file, -pages);
  __vm_stat_account(mm, flags, target.vm_file, pages);
  return 0;
}

export function* sys_mprotect(this: K<'find_vma_prev' | 'mprotect_fixup'>, start: Address, len: number, prot: number): MaySleep<number> {
  const { m } = this;
  const mm = m.current.mm!;
  const grows = prot & (PROT_GROWSDOWN | PROT_GROWSUP);
  const asked = prot & ~(PROT_GROWSDOWN | PROT_GROWSUP);
  if (grows === (PROT_GROWSDOWN | PROT_GROWSUP)) return -EINVAL;
  if (offset_in_page(m, start) !== 0) return -EINVAL;
  if (len === 0) return 0;
  const end = start + PAGE_ALIGN(m, len);
  if (end <= start) return -ENOMEM;
  if ((asked & ~(PROT_READ | PROT_WRITE | PROT_EXEC | PROT_SEM)) !== 0) return -EINVAL;
  if (!down_write_trylock(m, mm.mmap_sem)) yield* down_write(m, mm.mmap_sem);
  const error = yield* mprotect_range.call(this, start, end, asked & PROTECTION, grows);
  up_write(m, mm.mmap_sem);
  return error;
}

/** Vma by vma; an error or a hole stops, with the vmas before it changed. */
function* mprotect_range(this: K<'find_vma_prev' | 'mprotect_fixup'>, from: Address, to: Address, vm_flags: number, grows: number): MaySleep<number> {
  const mm = this.m.current.mm!;
  let start = from;
  let end = to;
  const pprev = { prev: this.find_vma_prev(mm, start) };
  let vma = pprev.prev === null ? mm.mmap : pprev.prev.vm_next;
  if (vma === null) return -ENOMEM;
  if ((grows & PROT_GROWSDOWN) !== 0) { // down to the beginning of the stack, wherever that is now
    if (vma.vm_start >= end) return -ENOMEM;
    if ((vma.vm_flags & VM_GROWSDOWN) === 0) return -EINVAL;
    start = vma.vm_start;
  } else {
    if (vma.vm_start > start) return -ENOMEM;
    if ((grows & PROT_GROWSUP) !== 0) {
      if ((vma.vm_flags & VM_GROWSUP) === 0) return -EINVAL;
      end = vma.vm_end;
    }
  }
  if (start > vma.vm_start) pprev.prev = vma;
  for (let nstart = start; ; ) {
    if ((vma.vm_flags & VM_HUGETLB) !== 0) return -EACCES;
    const newflags = vm_flags | (vma.vm_flags & ~PROTECTION);
    if ((newflags & ~(newflags >> 4) & 0xf) !== 0) return -EACCES; // VM_MAYx is four bits above VM_x
    const tmp = Math.min(vma.vm_end, end);
    const error = yield* this.mprotect_fixup(vma, pprev, nstart, tmp, newflags);
    if (error !== 0) return error;
    nstart = Math.max(tmp, pprev.prev!.vm_end);
    if (nstart >= end) return 0;
    vma = pprev.prev!.vm_next;
    if (vma === null || vma.vm_start !== nstart) return -ENOMEM;
  }
}
