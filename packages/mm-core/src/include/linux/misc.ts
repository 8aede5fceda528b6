/** Small types that several kernel files share. */

/** A page, 0 (NULL), or a negative errno: what ERR_PTR() makes of a pointer. */
export type PageOrErr = number;
export const IS_ERR = (value: PageOrErr): boolean => value < 0;

/** migrate_fn of generic_migrate_page(): a function pointer, as the name of a kernel symbol. */
export type MigrateFn = 'migrate_page_common' | 'migrate_page_buffer';

/** struct scan_control of mm/vmscan.c. Units: pages. */
export interface ScanControl {
  nr_to_scan: number; nr_scanned: number; nr_reclaimed: number; nr_mapped: number; nr_to_reclaim: number;
  priority: number; gfp_mask: number; may_writepage: boolean;
}

/** A user pointer that faults: every copy from or to it is -EFAULT. */
export const BAD_POINTER = Symbol('bad user pointer');
/** A bit mask in user memory, 32 bits a word; written by get_mempolicy(). */
export type UserMask = Uint32Array | typeof BAD_POINTER;
/** An int in user memory. */
export type UserInt = { value: number } | typeof BAD_POINTER;
/** An array of __u32 in user memory. */
export type UserU32Array = Uint32Array | typeof BAD_POINTER | null;
