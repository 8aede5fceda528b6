/** What try_to_unmap() answers (include/linux/rmap.h). */

/** No pte maps the page any more. */
export const SWAP_SUCCESS = 0;
/** Not all were found or could be locked: try again. */
export const SWAP_AGAIN = 1;
/** The page cannot be unmapped: locked in memory, in use, or pinned. */
export const SWAP_FAIL = 2;
