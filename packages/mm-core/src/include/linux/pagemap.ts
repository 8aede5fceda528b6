/** Inline functions of include/linux/pagemap.h that need nothing but the mapping. */
import { ENOSPC } from './errno.js';
import { AS_EIO, AS_ENOSPC, type AddressSpace } from './fs.js';
import { __GFP_BITS_MASK } from './gfp.js';

/** The gfp mask for pages of the mapping, without the AS_* error bits that share the word. */
export const mapping_gfp_mask = (mapping: AddressSpace): number => mapping.flags & __GFP_BITS_MASK;

/** Largest page index; also "to the end" in range walks. */
export const MAX_PGOFF = 0xffff_ffff;

/** Remembers in the mapping, for the next fsync(), that a page could not be written. */
export function mapping_set_error(mapping: AddressSpace, error: number): void {
  mapping.flags |= error === -ENOSPC ? AS_ENOSPC : AS_EIO;
}
