/**
 * What an access that the hardware could not do becomes (arch/ia64/mm/fault.c of 2.6.12): a page, more stack, a signal, or the end of
 * the task.
 */
import { RGN_MAP_LIMIT, rgn_index } from '../../../include/asm-ia64/pgtable.js';
import { KERN_CRIT, BUG, printk } from '../../../include/linux/kernel.js';
import { __vm_stat_account, VM_FAULT_MAJOR, VM_FAULT_MINOR, VM_FAULT_OOM, VM_FAULT_SIGBUS } from '../../../include/linux/mm.js';
import { VM_GROWSDOWN, VM_GROWSUP, VM_LOCKED, VM_RESERVED, VM_WRITE, type Mm, type Vma } from '../../../include/linux/mm_types.js';
import { RLIMIT_AS, RLIMIT_STACK } from '../../../include/linux/resource.js';
import { SIGBUS, SIGKILL, SIGSEGV } from '../../../include/linux/sched.js';
import { down_read, down_read_trylock, up_read } from '../../../include/linux/spinlock.js';
import type { Address } from '../../../include/linux/types.js';
import type { MaySleep } from '../../../include/linux/wait.js';
import { IA64_ISR_X } from '../../../include/asm-ia64/kregs.js';
import type { K } from '../../../kernel-table.js';

/** The x, w and r bits of the isr (from bit 32 up) as VM_EXEC, VM_WRITE and VM_READ. */
function access_mask(isr: number): number {
  const bits = Math.floor(isr / IA64_ISR_X) & 7;
  return ((bits & 1) << 2) | (bits & 2) | (bits >> 2);
}

/** Grows the register backing store by the page behind it. @returns whether its limits allow that. */
function expand_backing_store(this: K, vma: Vma, address: Address): boolean {
  const { m } = this;
  const mm = vma.vm_mm;
  const { rlim } = m.current.signal;
  if (address - vma.vm_start > rlim[RLIMIT_STACK]!.rlim_cur || (mm.total_vm + 1) * m.PAGE_SIZE > rlim[RLIMIT_AS]!.rlim_cur) return false;
  vma.vm_end += m.PAGE_SIZE;
  mm.total_vm++;
  if ((vma.vm_flags & VM_LOCKED) !== 0) mm.locked_vm++;
  __vm_stat_account(mm, vma.vm_flags, vma.vm_file, 1);
  return true;
}

/**
 * No vma has the address; `above` is the next one. The vma that was extended to it: the register backing store that ends
 * here, or a stack above; null when neither may grow.
 */
function check_expansion(this: K<'find_vma_prev' | 'expand_stack'>, mm: Mm, above: Vma, address: Address): Vma | null {
  const { m } = this;
  const prev = this.find_vma_prev(mm, address);
  const upwards = prev !== null && (prev.vm_flags & VM_GROWSUP) !== 0 && address === prev.vm_end;
  const vma = upwards ? prev : above;
  if (!upwards && (vma.vm_flags & VM_GROWSDOWN) === 0) return null;
  if (rgn_index(address) !== rgn_index(vma.vm_start) || address % 2 ** 61 >= RGN_MAP_LIMIT(m)) return null;
  if (upwards) return expand_backing_store.call(this, vma, address) ? vma : null;
  return this.expand_stack(vma, address) === 0 ? vma : null;
}

/**
 * Page fault of the current task in user mode. Kernel accesses to user memory do not come here: system calls take their
 * arguments as values.
 *
 * VM_FAULT_OOM ends the task, with the message that the postings of the series mention; init is spared and tries again. The page at
 * address 0 is a NaT page: it cannot be loaded from, which the hardware reports by another vector with the same result.
 * @returns 0: repeat the access; else the signal that was sent, SIGKILL when the task is dead.
 */
export function* ia64_do_page_fault(this: K<'find_vma' | 'find_vma_prev' | 'expand_stack' | 'handle_mm_fault' | 'force_sig' | 'do_exit'>, address: Address, isr: number): MaySleep<number> {
  const { m } = this;
  const { current } = m;
  const { mm } = current;
  if (mm === null || m.preempt_count !== 0) BUG(m, 'arch/ia64/mm/fault.c:ia64_do_page_fault()');
  if (!down_read_trylock(m, mm.mmap_sem)) yield* down_read(m, mm.mmap_sem);
  let vma = this.find_vma(mm, address);
  if (vma !== null && address < vma.vm_start) vma = check_expansion.call(this, mm, vma, address);
  const mask = access_mask(isr);
  if (vma === null || (vma.vm_flags & mask) !== mask || (vma.vm_flags & VM_RESERVED) !== 0) {
    up_read(m, mm.mmap_sem);
    this.force_sig(SIGSEGV, current);
    return SIGSEGV;
  }
  for (;;) {
    const faulting = this.handle_mm_fault(mm, vma, address, (mask & VM_WRITE) === 0 ? 0 : 1);
    const fault = typeof faulting === 'number' ? faulting : yield* faulting;
    up_read(m, mm.mmap_sem);
    if (fault === VM_FAULT_MINOR) {
      current.min_flt++;
      return 0;
    }
    if (fault === VM_FAULT_MAJOR) {
      current.maj_flt++;
      return 0;
    }
    if (fault === VM_FAULT_SIGBUS) {
      this.force_sig(SIGBUS, current);
      return SIGBUS;
    }
    if (fault !== VM_FAULT_OOM) BUG(m, 'arch/ia64/mm/fault.c:ia64_do_page_fault()');
    if (current.pid !== 1) break;
    yield { kind: 'timeout', until: m.now + 1 }; // yield(): others get the CPU for a tick
    yield* down_read(m, mm.mmap_sem); // and the same vma again, unchecked, as in 2.6.12
  }
  printk(m, KERN_CRIT, `VM: killing process ${current.comm}`);
  this.do_exit(SIGKILL);
  return SIGKILL;
}
