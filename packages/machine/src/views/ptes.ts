/** One walk along the page tables of a vma. What is not there costs a table, not a page; nothing is made per page. */
import { next_pte_table, pmd_addr_end, pte_offset } from '@pmkit/mm-core/include/asm-ia64/pgtable';
import type { Machine, Vma } from '@pmkit/mm-core';

/** Calls `visit` for each run of ptes of the vma that lie in one table, upwards: those from index `first` to before `end` of m.ptes; `start` is the address (bytes) of the first. */
export function eachPteRun(m: Machine, vma: Vma, visit: (first: number, end: number, start: number) => void): void {
  const { vm_mm, vm_end } = vma;
  // an mm without a page directory has nothing
  if (vm_mm.pgd === 0) return;
  for (let at = next_pte_table(m, vm_mm, vma.vm_start, vm_end); at < vm_end; ) {
    const next = pmd_addr_end(m, at, vm_end);
    const first = pte_offset(m, vm_mm, at);
    visit(first, first + (next - at) / m.PAGE_SIZE, at);
    at = next_pte_table(m, vm_mm, next, vm_end);
  }
}
