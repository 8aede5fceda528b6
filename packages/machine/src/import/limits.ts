/** How large a process the kit takes. */

/** Pages in memory: 8 GB of 4 KB pages. */
export const MAX_RESIDENT_PAGES = 2 ** 21;
/** Pages of address space, which migrate_vma() walks one by one. */
export const MAX_MAPPED_PAGES = 2 ** 23;
/** A C library is mapped by hundreds of processes; a few show that a page is shared. */
export const MAX_SHARERS = 63;
