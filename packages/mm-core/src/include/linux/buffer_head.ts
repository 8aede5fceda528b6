/** Buffer heads (include/linux/buffer_head.h) as columns of a growing store; a BufferHead is the row, row 0 is NULL. */
import type { BufferHead } from './types.js';

export const BH_Uptodate = 1 << 0;
export const BH_Dirty = 1 << 1;
export const BH_Lock = 1 << 2;
export const BH_Req = 1 << 3;
export const BH_Mapped = 1 << 4;
export const BH_New = 1 << 5;
export const BH_Async_Read = 1 << 6;
export const BH_Async_Write = 1 << 7;
export const BH_Delay = 1 << 8;
export const BH_Unwritten = 1 << 14;

export interface BufferHeads {
  b_state: Uint32Array;
  /** Next buffer of the same page, circular. */
  b_this_page: Uint32Array;
  b_page: Uint32Array;
  b_blocknr: Uint32Array;
  b_count: Int32Array;
  /** Rows in use are below it. */
  high: number;
  /** Free rows, chained through b_this_page; 0 ends. */
  free: BufferHead;
  /** Rows in use. */
  used: number;
}
