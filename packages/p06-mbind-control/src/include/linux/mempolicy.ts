/**
 * include/linux/mempolicy.h as patch 6 extends it (18 insertions).
 *
 * Its comment claims that by default the kernel migrates all writable vmas "and the program executable". The overview says that the executable is not
 * migrated, and so does the code of patch 7: it is mapped without VM_WRITE.
 */
import { MPOL_F_ADDR, MPOL_F_NODE, MPOL_MF_STRICT } from '@pmkit/mm-core/include/linux/mempolicy';

/** get_mempolicy(): return the migration policy of the mapped file. */
export const MPOL_F_MMIGRATE = 1 << 2;
export const MPOL_F_MASK = MPOL_F_NODE | MPOL_F_ADDR | MPOL_F_MMIGRATE;

/* mbind(): 1 << 1 is kept free for a future MPOL_MF_MOVE */
/** mbind(): migrate the pages of this file. */
export const MPOL_MF_DO_MMIGRATE = 1 << 2;
/** mbind(): do not migrate the pages of this file. */
export const MPOL_MF_DO_NOT_MMIGRATE = 1 << 3;
/** mbind(): back to the default of the kernel. */
export const MPOL_MF_MMIGRATE_DEFAULT = 1 << 4;
export const MPOL_MF_MMIGRATE_MASK = MPOL_MF_DO_MMIGRATE | MPOL_MF_DO_NOT_MMIGRATE | MPOL_MF_MMIGRATE_DEFAULT;
export const MPOL_MF_MASK = MPOL_MF_STRICT | MPOL_MF_MMIGRATE_MASK;
