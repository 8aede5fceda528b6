/**
 * mm/vmscan.c: who reclaims, and how hard. Direct reclaim walks the zones of the failed allocation, kswapd those of its node, both from priority 12
 * (a 4096th of the lists) down to 0 (all of them).
 *
 * Source: 2.6.12. Left out: shrink_slab(), since slab objects take no frames here; laptop_mode; what suspend-to-disk asks of
 * balance_pgdat() (nr_pages).
 */
import { GFP_KERNEL } from '../include/linux/gfp.js';
import type { ScanControl } from '../include/linux/misc.js';
import { MAX_NR_ZONES, type PgData, type Zone } from '../include/linux/mmzone.js';
import { PF_KSWAPD, PF_MEMALLOC } from '../include/linux/sched.js';
import { SWAP_CLUSTER_MAX } from '../include/linux/swap.js';
import { need_resched, PREEMPT, wake_up_interruptible, type MaySleep } from '../include/linux/wait.js';
import type { K } from '../kernel-table.js';

const DEF_PRIORITY = 12;
/** HZ/10 in ms. */
const CONGESTION_MS = 100;

const newScanControl = (gfp_mask: number): ScanControl => ({
  nr_to_scan: 0, nr_scanned: 0, nr_reclaimed: 0, nr_mapped: 0, nr_to_reclaim: 0, priority: DEF_PRIORITY, gfp_mask, may_writepage: false,
});

/** One round over the zones of an allocation, at the priority in `sc`. */
export function* shrink_caches(this: K<'cpuset_zone_allowed' | 'shrink_zone'>, zones: readonly Zone[], sc: ScanControl): MaySleep<void> {
  for (const zone of zones) {
    if (zone.present_pages === 0 || !this.cpuset_zone_allowed(zone)) continue;
    zone.temp_priority = sc.priority;
    if (zone.prev_priority > sc.priority) zone.prev_priority = sc.priority;
    if (zone.all_unreclaimable && sc.priority !== DEF_PRIORITY) continue;
    yield* this.shrink_zone(zone, sc);
  }
}

/**
 * Direct reclaim for an allocation that found nothing.
 * @returns 1 when SWAP_CLUSTER_MAX pages or more were freed, else 0; fewer do not count, though they are free.
 */
export function* try_to_free_pages(
  this: K<'cpuset_zone_allowed' | 'shrink_caches' | 'blk_congestion_wait' | 'wakeup_bdflush'>, zones: readonly Zone[], gfp_mask: number, _order: number,
): MaySleep<number> {
  const { m } = this;
  const sc = newScanControl(gfp_mask);
  let total_scanned = 0;
  let total_reclaimed = 0;
  let ret = 0;
  m.page_state.allocstall++;
  for (const zone of zones) if (this.cpuset_zone_allowed(zone)) zone.temp_priority = DEF_PRIORITY;
  for (let priority = DEF_PRIORITY; priority >= 0 && ret === 0; priority--) {
    sc.nr_mapped = m.page_state.nr_mapped;
    sc.nr_scanned = 0;
    sc.nr_reclaimed = 0;
    sc.priority = priority;
    yield* this.shrink_caches(zones, sc);
    total_scanned += sc.nr_scanned;
    total_reclaimed += sc.nr_reclaimed;
    if (total_reclaimed >= SWAP_CLUSTER_MAX) ret = 1;
    else {
      // much was looked at and little freed: have pdflush write about as much as was looked at
      if (total_scanned > SWAP_CLUSTER_MAX + SWAP_CLUSTER_MAX / 2) {
        this.wakeup_bdflush(total_scanned);
        sc.may_writepage = true;
      }
      if (sc.nr_scanned > 0 && priority < DEF_PRIORITY - 2) yield* this.blk_congestion_wait(CONGESTION_MS);
    }
  }
  for (const zone of zones) if (this.cpuset_zone_allowed(zone)) zone.prev_priority = zone.temp_priority;
  return ret;
}

/** The highest zone type of a node that is below its high mark, -1 when none is. Zones that were given up are asked at DEF_PRIORITY only. */
function highestUnbalanced(k: K<'zone_watermark_ok'>, pgdat: PgData, order: number, priority: number): number {
  for (let i = MAX_NR_ZONES - 1; i >= 0; i--) {
    const zone = pgdat.node_zones[i]!;
    if (zone.present_pages === 0 || (zone.all_unreclaimable && priority !== DEF_PRIORITY)) continue;
    if (!k.zone_watermark_ok(zone, order, zone.pages_high, 0, 0, 0)) return i;
  }
  return -1;
}

/**
 * One priority of balance_pgdat(): every zone up to `end_zone`, the lowest first, because allocations go the other way.
 * @returns whether all were above their high marks before.
 */
function* scanZones(k: K<'zone_watermark_ok' | 'shrink_zone'>, pgdat: PgData, order: number, end_zone: number, sc: ScanControl, total: Total): MaySleep<boolean> {
  let all_zones_ok = true;
  for (let i = 0; i <= end_zone; i++) {
    const zone = pgdat.node_zones[i]!;
    if (zone.present_pages === 0 || (zone.all_unreclaimable && sc.priority !== DEF_PRIORITY)) continue;
    if (!k.zone_watermark_ok(zone, order, zone.pages_high, end_zone, 0, 0)) all_zones_ok = false;
    zone.temp_priority = sc.priority;
    if (zone.prev_priority > sc.priority) zone.prev_priority = sc.priority;
    sc.nr_scanned = 0;
    sc.nr_reclaimed = 0;
    yield* k.shrink_zone(zone, sc);
    total.reclaimed += sc.nr_reclaimed;
    total.scanned += sc.nr_scanned;
    if (zone.all_unreclaimable) continue;
    // everything was looked at four times: give up on this zone until a page is freed
    if (zone.pages_scanned >= (zone.nr_active + zone.nr_inactive) * 4) zone.all_unreclaimable = true;
    if (total.scanned > SWAP_CLUSTER_MAX * 2 && total.scanned > total.reclaimed + Math.floor(total.reclaimed / 2)) sc.may_writepage = true;
  }
  return all_zones_ok;
}
interface Total { scanned: number; reclaimed: number }

/**
 * Reclaims until every zone of the node is above its high mark, or what is not has been given up. Starts over at DEF_PRIORITY when
 * SWAP_CLUSTER_MAX pages are freed, so that priorities do not fall only because somebody allocates meanwhile.
 * @returns pages freed since it started over last.
 */
export function* balance_pgdat(
  this: K<'zone_watermark_ok' | 'shrink_zone' | 'blk_congestion_wait'>, pgdat: PgData, _nr_pages: number, order: number,
): MaySleep<number> {
  const { m } = this;
  for (;;) {
    const sc = newScanControl(GFP_KERNEL);
    sc.nr_mapped = m.page_state.nr_mapped;
    const total: Total = { scanned: 0, reclaimed: 0 };
    let all_zones_ok = true;
    m.page_state.pageoutrun++;
    for (const zone of pgdat.node_zones) zone.temp_priority = DEF_PRIORITY;
    for (let priority = DEF_PRIORITY; priority >= 0; priority--) {
      all_zones_ok = true;
      const end_zone = highestUnbalanced(this, pgdat, order, priority);
      if (end_zone < 0) break;
      sc.priority = priority;
      all_zones_ok = yield* scanZones(this, pgdat, order, end_zone, sc, total);
      if (all_zones_ok) break;
      if (total.scanned > 0 && priority < DEF_PRIORITY - 2) yield* this.blk_congestion_wait(CONGESTION_MS);
      if (total.reclaimed >= SWAP_CLUSTER_MAX) break;
    }
    for (const zone of pgdat.node_zones) zone.prev_priority = zone.temp_priority;
    if (all_zones_ok) return total.reclaimed;
    if (need_resched(m)) yield PREEMPT; // cond_resched()
  }
}

/**
 * The body of a node's kswapd: sleeps until an allocation finds a zone below its low mark. Who calls while it is at work is not
 * noted, but for the order: it goes on at once when somebody wants larger blocks than it has just seen to.
 */
export function* kswapd(this: K<'balance_pgdat'>, pgdat: PgData): MaySleep<void> {
  const { m } = this;
  m.current.flags |= PF_MEMALLOC | PF_KSWAPD;
  let order = 0;
  for (;;) {
    const new_order = pgdat.kswapd_max_order;
    pgdat.kswapd_max_order = 0;
    if (order < new_order) order = new_order;
    else {
      while (!pgdat.kswapd_wait.woken) yield { kind: 'wakeup', queue: pgdat.kswapd_wait };
      order = pgdat.kswapd_max_order;
    }
    yield* this.balance_pgdat(pgdat, 0, order);
    // the driver starts the thread with `woken` set, so it is cleared here and not on the way to sleep
    pgdat.kswapd_wait.woken = false;
  }
}

/** Starts a kswapd for each node with memory. */
export function kswapd_init(this: K<'kernel_thread' | 'kswapd' | 'nr_free_pagecache_pages'>): void {
  const { m } = this;
  m.total_memory = this.nr_free_pagecache_pages();
  for (const pgdat of m.node_data) {
    if (pgdat === undefined || pgdat.node_present_pages === 0) continue;
    const task = this.kernel_thread(`kswapd${pgdat.node_id}`, pgdat.node_id);
    m.kthreads.push({ task, wake: pgdat.kswapd_wait, main: () => this.kswapd(pgdat) });
  }
}

/** Wakes the kswapd of a zone that is below its low mark. */
export function wakeup_kswapd(this: K<'zone_watermark_ok' | 'cpuset_zone_allowed'>, zone: Zone, order: number): void {
  if (zone.present_pages === 0) return;
  const pgdat = this.m.node_data[zone.node]!;
  if (this.zone_watermark_ok(zone, order, zone.pages_low, 0, 0, 0)) return;
  if (pgdat.kswapd_max_order < order) pgdat.kswapd_max_order = order;
  if (!this.cpuset_zone_allowed(zone)) return;
  wake_up_interruptible(this.m, pgdat.kswapd_wait);
}

/** Sleeps until some write is done, at most so many ms. */
export function* blk_congestion_wait(this: K, ms: number): MaySleep<void> {
  yield { kind: 'io', until: this.m.now + ms };
}
