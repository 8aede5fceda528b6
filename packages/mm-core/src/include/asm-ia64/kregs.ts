/** Bits of the interruption status register that a page fault hands to ia64_do_page_fault(): what kind of access it was. */
export const IA64_ISR_X = 2 ** 32;
export const IA64_ISR_W = 2 ** 33;
export const IA64_ISR_R = 2 ** 34;
