/** struct swap_info_struct and swp_entry_t (include/linux/swap.h, swapops.h). */
import type { Machine } from '../../machine.js';
import type { BlockDevice } from './fs.js';
import type { SwpEntry } from './types.js';

export const MAX_SWAPFILES = 32;
export const SWAP_CLUSTER_MAX = 32;
export const SWP_USED = 1;
export const SWP_WRITEOK = 2;
export const SWAP_MAP_MAX = 0x7fff;
export const SWAP_MAP_BAD = 0x8000;
const OFFSET_BITS = 25;

export interface SwapInfo {
  readonly type: number;
  readonly path: string;
  readonly bdev: BlockDevice;
  flags: number;
  prio: number;
  /** Number of slots, slot 0 (the header) included. */
  readonly max: number;
  /** Use count by slot; 0 free, SWAP_MAP_BAD unusable. */
  readonly swap_map: Uint16Array;
  /** Contents token by slot, as written to the device. */
  readonly content: Uint32Array;
  lowest_bit: number;
  highest_bit: number;
  cluster_next: number;
  cluster_nr: number;
  /** Usable slots. */
  readonly pages: number;
  inuse_pages: number;
  next: number;
}

export const swp_entry = (type: number, offset: number): SwpEntry => (((type << OFFSET_BITS) | offset) >>> 0) as SwpEntry;
export const swp_type = (entry: SwpEntry): number => entry >>> OFFSET_BITS;
export const swp_offset = (entry: SwpEntry): number => entry & ((1 << OFFSET_BITS) - 1);
/** Most slots one area can have. */
export const MAX_SWAP_OFFSET = (1 << OFFSET_BITS) - 1;
/** Priorities that swapon() takes: 0 to it. */
export const SWAP_FLAG_PRIO_MASK = 0x7fff;

/** More than half of swap is in use: pages that are in memory should not keep their slots. */
export const vm_swap_full = (m: Machine): boolean => m.nr_swap_pages * 2 < m.total_swap_pages;

/* What pageout() answers. The hotplug tree has moved it, with struct scan_control, from mm/vmscan.c to include/linux/swap.h. */
/** The page could not be written and stays; it is locked. */
export const PAGE_KEEP = 0;
/** The file system wants it kept active; it is locked. */
export const PAGE_ACTIVATE = 1;
/** It is being written, or is written; it has been unlocked. */
export const PAGE_SUCCESS = 2;
/** There was nothing to write; it is locked. */
export const PAGE_CLEAN = 3;
