/**
 * include/linux/pagemap.h as patch 6 extends it (4 insertions): two bits of address_space.flags, above AS_EIO and AS_ENOSPC. In the original they are bit
 * numbers; here, like those two, masks.
 *
 * migrate_onepage() hands mapping->flags to the allocator as they are, so the bits also arrive there as gfp bits that nobody knows: harmless.
 */
export const AS_DO_MMIGRATE = 1 << 22;
export const AS_DO_NOT_MMIGRATE = 1 << 23;
