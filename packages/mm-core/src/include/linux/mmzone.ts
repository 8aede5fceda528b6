/**
 * Nodes and zones (include/linux/mmzone.h).
 *
 * Frame numbers: every node owns a stride of frame numbers, a power of two as SN2 puts the node into the high bits of a
 * physical address; the largest machines have shorter ones. The frames behind a node's last one up to the end of the stride are a hole. Zones are cut by frame
 * number: below max_dma_pfn is ZONE_DMA, above ZONE_NORMAL. On SN2 all memory is ZONE_DMA (MAX_DMA_ADDRESS is the end of
 * memory there); on other ia64 machines ZONE_DMA is the first 4 GB.
 */
import type { ListHead } from './types.js';
import type { SpinLock, WaitQueue } from './wait.js';

export const ZONE_DMA = 0;
export const ZONE_NORMAL = 1;
export const ZONE_HIGHMEM = 2;
export const MAX_NR_ZONES = 3;
/** Zonelists are chosen by the low two bits of the gfp mask: 0 normal, 1 DMA, 2 highmem. */
export const GFP_ZONEMASK = 0x03;
export const GFP_ZONETYPES = 3;
export const ZONE_NAMES = ['DMA', 'Normal', 'HighMem'] as const;
/** ia64's CONFIG_FORCE_MAX_ZONEORDER is 18: orders 0…17. */
export const MAX_ORDER_IA64 = 18;

export interface FreeArea { readonly free_list: ListHead; nr_free: number }

/** A per-CPU list of free single pages (struct per_cpu_pages). */
export interface PerCpuPages { count: number; low: number; high: number; batch: number; readonly list: ListHead }

/** struct per_cpu_pageset: [0] hot, [1] cold, and the NUMA statistics of this CPU for this zone, in pages. */
export interface PerCpuPageset {
  readonly pcp: readonly [PerCpuPages, PerCpuPages];
  numa_hit: number; numa_miss: number; numa_foreign: number; interleave_hit: number; local_node: number; other_node: number;
}

export interface Zone {
  /** Position in m.zones: node * MAX_NR_ZONES + zone type. */
  readonly id: number;
  readonly node: number;
  readonly type: number;
  readonly name: string;
  readonly zone_start_pfn: number;
  readonly spanned_pages: number;
  readonly present_pages: number;
  free_pages: number;
  pages_min: number; pages_low: number; pages_high: number;
  readonly lowmem_reserve: number[];
  readonly lock: SpinLock;
  readonly free_area: FreeArea[];
  /** By CPU; created when the CPU first allocates from the zone. */
  readonly pageset: (PerCpuPageset | undefined)[];
  readonly lru_lock: SpinLock;
  readonly active_list: ListHead;
  readonly inactive_list: ListHead;
  nr_scan_active: number; nr_scan_inactive: number;
  nr_active: number; nr_inactive: number;
  pages_scanned: number;
  all_unreclaimable: boolean;
  temp_priority: number; prev_priority: number;
}

export interface PgData {
  readonly node_id: number;
  readonly node_start_pfn: number;
  readonly node_spanned_pages: number;
  readonly node_present_pages: number;
  /** All MAX_NR_ZONES zones; absent ones have present_pages 0. */
  readonly node_zones: readonly Zone[];
  /** Three zonelists: for normal, DMA and highmem allocations; rebuilt by build_zonelists(). */
  readonly node_zonelists: Zone[][];
  readonly kswapd_wait: WaitQueue;
  kswapd_max_order: number;
}
