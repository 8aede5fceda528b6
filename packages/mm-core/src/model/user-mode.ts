/** What a task does to its own memory in user mode, for execve() and the start-up of programs. */
import { IA64_ISR_W } from '../include/asm-ia64/kregs.js';
import { page_start } from '../include/asm-ia64/page.js';
import { _PAGE_A, _PAGE_AR_W, _PAGE_D, _PAGE_P, _PAGE_PROTNONE, pte_offset, pte_page } from '../include/asm-ia64/pgtable.js';
import type { Address, Pte } from '../include/linux/types.js';
import type { MaySleep } from '../include/linux/wait.js';
import { nextContentToken } from '../machine.js';
import type { K } from '../kernel-table.js';

/**
 * One access of the current task to its memory, with the faults it takes; a store leaves fresh contents.
 * @returns false when it cannot be done: the task is dead or has a signal to act on.
 */
export function* userAccess(k: K<'ia64_do_page_fault'>, address: Address, isr: number): MaySleep<boolean> {
  const { m } = k;
  const task = m.current;
  const write = isr === IA64_ISR_W;
  const need = write ? _PAGE_P | _PAGE_AR_W : _PAGE_P;
  for (;;) {
    if (task.mm === null) return false;
    const ptep = pte_offset(m, task.mm, page_start(m, address));
    const pte = m.ptes[ptep]!;
    if (ptep !== 0 && (pte & (need | _PAGE_PROTNONE)) === need) {
      m.ptes[ptep] = (pte | (write ? _PAGE_A | _PAGE_D : _PAGE_A)) >>> 0;
      if (write) m.mem_map.content[pte_page(pte as Pte)] = nextContentToken(m);
      return true;
    }
    if ((yield* k.ia64_do_page_fault(address, isr)) !== 0) return false;
  }
}
