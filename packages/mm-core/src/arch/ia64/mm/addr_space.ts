/** The vmas that every ia64 process has besides its program (ia64_init_addr_space() of arch/ia64/mm/init.c, 2.6.12). */
import { page_start } from '../../../include/asm-ia64/page.js';
import { MAX_USER_STACK_SIZE, STACK_TOP } from '../../../include/asm-ia64/processor.js';
import { alloc_vma, VM_DATA_DEFAULT_FLAGS } from '../../../include/linux/mm.js';
import { VM_GROWSUP, VM_IO, VM_MAYREAD, VM_READ, VM_RESERVED } from '../../../include/linux/mm_types.js';
import { RLIMIT_STACK } from '../../../include/linux/resource.js';
import type { K } from '../../../kernel-table.js';

/**
 * One page of register backing store, which grows upwards from as far below the stack as the stack may ever reach down, and the
 * NaT page at address 0, which makes speculative loads through a null pointer cheap. Neither is counted in total_vm.
 */
export function ia64_init_addr_space(this: K<'insert_vm_struct'>): void {
  const { m } = this;
  const mm = m.current.mm!;
  const limit = Math.min(m.current.signal.rlim[RLIMIT_STACK]!.rlim_max, MAX_USER_STACK_SIZE(m));
  const rbs_bot = page_start(m, STACK_TOP(m) - limit);
  this.insert_vm_struct(mm, alloc_vma(mm, rbs_bot, rbs_bot + m.PAGE_SIZE, VM_DATA_DEFAULT_FLAGS | VM_GROWSUP, 0));
  this.insert_vm_struct(mm, alloc_vma(mm, 0, m.PAGE_SIZE, VM_READ | VM_MAYREAD | VM_IO | VM_RESERVED, 0));
}
