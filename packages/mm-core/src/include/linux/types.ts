/**
 * Branded scalars of the simulated kernel.
 *
 * A brand costs nothing at run time and keeps a frame number from being passed where a swap entry or a pte is meant.
 * `0` is NULL for every one of them: frame 0 is never handed out (it holds the kernel image), pte 0 is pte_none(),
 * swap entry 0 is the header slot of the first swap area.
 */
declare const brand: unique symbol;
export type Brand<T, B extends string> = T & { readonly [brand]: B };

/** A `struct page *`: the frame number (pfn) of the frame it describes; 0 is NULL. */
export type Page = Brand<number, 'struct page'>;
/** A page table entry's value, see asm-ia64/pgtable.ts; 0 is pte_none(). */
export type Pte = Brand<number, 'pte_t'>;
/** A `pte_t *`: index into the machine's page-table store; 0 is NULL. */
export type PtePtr = Brand<number, 'pte_t *'>;
/** A `swp_entry_t`: type and offset packed as in swapops.ts; 0 is no entry. */
export type SwpEntry = Brand<number, 'swp_entry_t'>;
/** A `struct buffer_head *`: index into the machine's buffer-head store; 0 is NULL. */
export type BufferHead = Brand<number, 'struct buffer_head'>;
/** A `struct list_head *`: index into the link arrays; a page's own index is its `lru` entry. */
export type ListHead = Brand<number, 'struct list_head'>;
/**
 * A virtual address in bytes. A double: ia64 user addresses reach 2^63, and a double holds every multiple of 2048
 * below 2^64 exactly, so page-aligned addresses are exact for all page sizes.
 */
export type Address = number;

export const NULL_PAGE = 0 as Page;
export const NULL_PTE = 0 as PtePtr;
export const NULL_BH = 0 as BufferHead;
export const NO_SWP_ENTRY = 0 as SwpEntry;

export const BITS_PER_LONG = 64;
/** How many longs a bitmap takes. C's sum wraps at 2^64, where numbers are negative here: the 63 largest take none. */
export const BITS_TO_LONGS = (bits: number): number => (bits >= 0 ? Math.ceil(bits / BITS_PER_LONG) : bits > -BITS_PER_LONG ? 0 : Infinity);
