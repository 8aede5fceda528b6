/** Page arithmetic on addresses (include/asm-ia64/page.h); addresses are doubles, so no bit masks. */
import type { Machine } from '../../machine.js';
import type { Vma } from '../linux/mm_types.js';
import type { Address } from '../linux/types.js';

/** PAGE_ALIGN(): up to a page boundary. */
export const PAGE_ALIGN = (m: Machine, value: number): number => Math.ceil(value / m.PAGE_SIZE) * m.PAGE_SIZE;
/** address & PAGE_MASK. */
export const page_start = (m: Machine, address: Address): Address => Math.floor(address / m.PAGE_SIZE) * m.PAGE_SIZE;
/** address & ~PAGE_MASK: whether the address is not at the start of a page. */
export const offset_in_page = (m: Machine, address: Address): number => address % m.PAGE_SIZE;
export const vma_pages = (m: Machine, vma: Vma): number => (vma.vm_end - vma.vm_start) / m.PAGE_SIZE;
