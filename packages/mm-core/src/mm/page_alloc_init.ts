/**
 * mm/page_alloc.c: what is done at boot. Nodes and zones are set up, zonelists are built, and all memory is given to the buddy system.
 *
 * 2.6.12 frees the boot memory 64 frames at a time, upwards; here the largest aligned blocks are put on the free lists directly, so that boot
 * does not touch frames nobody uses. The lists end up with the same blocks in the same order: the highest comes first.
 */
import { KERN_DEBUG, KERN_WARNING, printk } from '../include/linux/kernel.js';
import { list_add } from '../include/linux/list.js';
import { MAX_NR_ZONES, ZONE_DMA, ZONE_HIGHMEM, ZONE_NAMES, ZONE_NORMAL, GFP_ZONETYPES, type FreeArea, type PgData, type Zone } from '../include/linux/mmzone.js';
import { MAX_NUMNODES, node_isset, node_set, nodes_new, nodes_weight, type NodeMask } from '../include/linux/nodemask.js';
import { PG_private, PG_reserved } from '../include/linux/page-flags.js';
import { SPIN_LOCK_UNLOCKED } from '../include/linux/spinlock.js';
import type { Page } from '../include/linux/types.js';
import type { K } from '../kernel-table.js';
import { newListHead, type Machine } from '../machine.js';
import { zoneBatch } from '../model/pageset.js';

/** A node without CPUs is preferred to one as far away that has some. */
const PENALTY_FOR_NODE_WITH_CPUS = 1;

function newZone(m: Machine, node: number, type: number, start: number, pages: number): Zone {
  const free_area: FreeArea[] = Array.from({ length: m.MAX_ORDER }, () => ({ free_list: newListHead(m), nr_free: 0 }));
  const lowmem_reserve: number[] = Array.from({ length: MAX_NR_ZONES }, () => 0);
  const name = `zone(${node},${ZONE_NAMES[type]})`;
  return {
    id: node * MAX_NR_ZONES + type, node, type, name: ZONE_NAMES[type]!, zone_start_pfn: start, spanned_pages: pages, present_pages: pages, free_pages: 0,
    pages_min: 0, pages_low: 0, pages_high: 0, lowmem_reserve, lock: SPIN_LOCK_UNLOCKED(`${name}->lock`), free_area, pageset: [],
    lru_lock: SPIN_LOCK_UNLOCKED(`${name}->lru_lock`), active_list: newListHead(m), inactive_list: newListHead(m), nr_scan_active: 0, nr_scan_inactive: 0,
    nr_active: 0, nr_inactive: 0, pages_scanned: 0, all_unreclaimable: false, temp_priority: 12, prev_priority: 12,
  };
}

/** Sets up a node and its zones, which lie one behind the other from `node_start_pfn`; all empty for a node without memory. Sizes in pages. */
export function free_area_init_node(this: K, nid: number, zones_size: readonly number[], node_start_pfn: number): void {
  const { m } = this;
  const pages = zones_size.reduce((sum, size) => sum + size, 0);
  printk(m, KERN_DEBUG, `On node ${nid} totalpages: ${pages}`);
  let start = node_start_pfn;
  const node_zones = zones_size.map((size, type) => {
    const zone = newZone(m, nid, type, start, size);
    m.zones[zone.id] = zone;
    printk(m, KERN_DEBUG, `  ${zone.name} zone: ${size} pages, LIFO batch:${zoneBatch(m, zone)}`);
    start += size;
    return zone;
  });
  m.node_data[nid] = {
    node_id: nid, node_start_pfn, node_spanned_pages: pages, node_present_pages: pages, node_zones, node_zonelists: [],
    kswapd_wait: { name: `kswapd${nid}`, woken: false }, kswapd_max_order: 0,
  };
}

/**
 * The nearest node that is not in the mask yet, the node itself first; near means distance plus penalties. The search starts at the node and
 * goes round, so that of nodes equal in all of it the one behind is taken.
 * @returns -1 when all are in the mask. The node returned is added to it.
 */
export function find_next_best_node(this: K, node: number, used_node_mask: NodeMask, node_load: Int32Array): number {
  const { m } = this;
  let best_node = -1;
  let min_val = Infinity;
  const online = m.node_ids;
  const MAX_NODE_LOAD = online.length;
  if (!node_isset(node, used_node_mask)) best_node = node;
  else {
    const first = online.indexOf(node);
    for (let i = 0; i < online.length; i++) {
      // 2.6.12 counts node numbers modulo the number of online nodes, which is the same where ids have no holes; on ia64 they have none
      const at = (first + i) % online.length;
      const n = online[at]!;
      if (node_isset(n, used_node_mask)) continue;
      const headless = m.nodeConfig[at]!.cpus.length === 0;
      const distance = m.node_distance[node * MAX_NUMNODES + n]! + (headless ? 0 : PENALTY_FOR_NODE_WITH_CPUS);
      const val = distance * MAX_NODE_LOAD * MAX_NUMNODES + node_load[n]!;
      if (val >= min_val) continue;
      min_val = val;
      best_node = n;
    }
  }
  if (best_node >= 0) node_set(best_node, used_node_mask);
  return best_node;
}

/** Highest zone type that a gfp zone modifier allows: 0 normal, 1 DMA, 2 highmem. */
const highestZone = (modifier: number): number => (modifier === 1 ? ZONE_DMA : modifier === 2 ? ZONE_HIGHMEM : ZONE_NORMAL);

/** The zones of a node from the highest allowed one down, without the empty ones. */
function addZones(zonelist: Zone[], pgdat: PgData, highest: number): void {
  for (let type = highest; type >= 0; type--) {
    const zone = pgdat.node_zones[type]!;
    if (zone.present_pages > 0) zonelist.push(zone);
  }
}

/** One node's three zonelists. `node_load` carries over between nodes: equally near nodes take turns in coming first. */
export function build_zonelists(this: K<'find_next_best_node'>, pgdat: PgData, node_load: Int32Array): void {
  const { m } = this;
  const local_node = pgdat.node_id;
  const used_mask = nodes_new();
  let load = nodes_weight(m.node_online_map);
  let prev_node = local_node;
  const lists: Zone[][] = Array.from({ length: GFP_ZONETYPES }, () => []);
  for (let node = this.find_next_best_node(local_node, used_mask, node_load); node >= 0; node = this.find_next_best_node(local_node, used_mask, node_load)) {
    const distance = (n: number): number => m.node_distance[local_node * MAX_NUMNODES + n]!;
    if (distance(node) !== distance(prev_node)) node_load[node]! += load;
    prev_node = node;
    load--;
    lists.forEach((list, modifier) => {
      addZones(list, m.node_data[node]!, highestZone(modifier));
    });
  }
  pgdat.node_zonelists.splice(0, Infinity, ...lists);
}

/** All zonelists, nodes in ascending order. */
export function build_all_zonelists(this: K<'build_zonelists'>): void {
  const { m } = this;
  const node_load = new Int32Array(MAX_NUMNODES);
  for (const id of m.node_ids) this.build_zonelists(m.node_data[id]!, node_load);
  printk(m, KERN_WARNING, `Built ${m.node_ids.length} zonelists`);
}

/** a * b / c with unsigned longs, which wrap around at 2^64. */
const mulDiv = (a: number, b: number, c: number): number => (a >= 0 ? Math.floor((a * b) / c) : Number(BigInt.asUintN(64, BigInt(a) * BigInt(b)) / BigInt(c)));

/**
 * Distributes min_free_kbytes over the zones by size; low and high are 5/4 and 6/4 of min. 2.6.12 takes the setting as it is, so a negative
 * one becomes marks that no zone can reach.
 */
export function setup_per_zone_pages_min(this: K): void {
  const { m } = this;
  const pages_min = Math.floor(m.min_free_kbytes / (m.PAGE_SIZE / 1024));
  let lowmem_pages = 0;
  for (const zone of m.zones) if (zone !== undefined && zone.type !== ZONE_HIGHMEM) lowmem_pages += zone.present_pages;
  for (const zone of m.zones) {
    if (zone === undefined) continue;
    zone.pages_min = zone.type === ZONE_HIGHMEM ? Math.max(32, Math.min(128, Math.floor(zone.present_pages / 1024))) : mulDiv(pages_min, zone.present_pages, lowmem_pages);
    zone.pages_low = Math.floor((zone.pages_min * 5) / 4);
    zone.pages_high = Math.floor((zone.pages_min * 6) / 4);
  }
}

/** Pages of lower zones that allocations for higher ones must leave: a share of the higher zones' size. */
export function setup_per_zone_lowmem_reserve(this: K): void {
  const { m } = this;
  for (const pgdat of m.node_data) {
    if (pgdat === undefined) continue;
    for (let j = 0; j < MAX_NR_ZONES; j++) {
      let present_pages = pgdat.node_zones[j]!.present_pages;
      pgdat.node_zones[j]!.lowmem_reserve[j] = 0;
      for (let idx = j - 1; idx >= 0; idx--) {
        if (m.sysctl_lowmem_reserve_ratio[idx]! < 1) m.sysctl_lowmem_reserve_ratio[idx] = 1;
        const lower = pgdat.node_zones[idx]!;
        lower.lowmem_reserve[j] = Math.floor(present_pages / m.sysctl_lowmem_reserve_ratio[idx]!);
        present_pages += lower.present_pages;
      }
    }
  }
}

/**
 * min_free_kbytes = 4 * sqrt(lowmem in kB), at least 128 and at most 64 MB; then everything that follows from it. On a NUMA machine 2.6.12 takes
 * lowmem for larger than it is; see nr_free_pagecache_pages().
 */
export function init_per_zone_pages_min(this: K<'nr_free_buffer_pages' | 'setup_per_zone_pages_min' | 'setup_per_zone_lowmem_reserve'>): void {
  const { m } = this;
  const lowmem_kbytes = (this.nr_free_buffer_pages() * m.PAGE_SIZE) / 1024;
  m.min_free_kbytes = Math.max(128, Math.min(65_536, Math.floor(Math.sqrt(lowmem_kbytes * 16))));
  this.setup_per_zone_pages_min();
  this.setup_per_zone_lowmem_reserve();
}

/** Puts the frames [start, end) of a zone on its free lists as the largest aligned blocks. */
function freeRange(m: Machine, zone: Zone, start: number, end: number): void {
  const mem = m.mem_map;
  for (let pfn = start; pfn < end; ) {
    let order = 0;
    while (order + 1 < m.MAX_ORDER && pfn % 2 ** (order + 1) === 0 && pfn + 2 ** (order + 1) <= end) order++;
    mem.private[pfn] = order;
    mem.flags[pfn]! |= PG_private;
    list_add(mem, pfn as Page, zone.free_area[order]!.free_list);
    zone.free_area[order]!.nr_free++;
    pfn += 2 ** order;
  }
  zone.free_pages += end - start;
}

/** Frees all memory but what the kernel image keeps: the first frames of the first node with memory. */
export function mem_init(this: K): void {
  const { m } = this;
  const first = m.zero_page - 1;
  const kept_end = first + m.reserved_pages;
  for (const zone of m.zones) {
    if (zone === undefined || zone.present_pages === 0) continue;
    const start = zone.zone_start_pfn;
    const end = start + zone.present_pages;
    const free_start = start >= first && start < kept_end ? Math.min(kept_end, end) : start;
    for (let pfn = start; pfn < free_start; pfn++) {
      m.mem_map.flags[pfn] = PG_reserved;
      m.mem_map._count[pfn] = 1;
    }
    freeRange(m, zone, free_start, end);
  }
}
