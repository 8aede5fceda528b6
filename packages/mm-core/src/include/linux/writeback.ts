/** include/linux/writeback.h and what writeback asks of backing-dev.h. */
import type { AddressSpace, BlockDevice } from './fs.js';

export const WB_SYNC_NONE = 0;
/** Data integrity: wait for writeback under way and for one's own. */
export const WB_SYNC_ALL = 1;
/** sys_sync()'s first pass: start all, the inode stays on s_dirty for the second. */
export const WB_SYNC_HOLD = 2;

/** ->writepage() returns it when it did not start I/O: the page is still locked and belongs on the active list. */
export const WRITEPAGE_ACTIVATE = 0x80000;

/** struct writeback_control, without what has to do with congested queues: the model's devices take any number of requests. */
export interface WritebackControl {
  /** Only inodes on this device, or all. */
  readonly bdi: BlockDevice | null;
  readonly sync_mode: typeof WB_SYNC_NONE | typeof WB_SYNC_ALL | typeof WB_SYNC_HOLD;
  /** Pages still to write. */
  nr_to_write: number;
  /** Only inodes dirtied before this time (simulated ms), or all. */
  readonly older_than_this: number | null;
  /** Bytes, both included; 0, 0 is the whole file. */
  readonly start: number;
  readonly end: number;
}

export const I_DIRTY_SYNC = 1;
export const I_DIRTY_DATASYNC = 2;
export const I_DIRTY_PAGES = 4;

/**
 * BDI_CAP_NO_ACCT_DIRTY and BDI_CAP_NO_WRITEBACK, which come together: swap and tmpfs pages are not counted in nr_dirty
 * and never written back by sync or pdflush, only by reclaim.
 */
export const mapping_cap_account_dirty = (mapping: AddressSpace): boolean => mapping.a_ops !== 'swap_aops' && mapping.a_ops !== 'shmem_aops';
export const mapping_cap_writeback_dirty = mapping_cap_account_dirty;
