/**
 * mm/vmscan.c: what reclaim does with the pages of one zone. Who reclaims and how hard is in vmscan_reclaim.ts, the writing of a
 * page in vmscan_pageout.ts.
 *
 *                        refill_inactive_zone()                    shrink_cache() ── shrink_list()
 *     active list  ──────── not used lately ────────►  inactive list ──── unmapped, written, unused ────►  free
 *          ▲                                                │
 *          └────────── used again, or not freeable ─────────┘
 *
 * Each takes pages off their list in batches of SWAP_CLUSTER_MAX under zone->lru_lock, with a reference, works on them without the
 * lock and puts back what is left; PG_active of a page that is off the LRU is its owner's. Lists are read from their tails: new
 * pages come in at the heads.
 *
 * Source: 2.6.12. Left out: laptop_mode (scan_control.may_writepage has no effect), the swap token, and freeing the buffers of
 * deactivated pages when there are too many buffer heads (buffer_heads_over_limit).
 */
import type { AddressSpace } from '../include/linux/fs.js';
import { __GFP_FS, __GFP_IO } from '../include/linux/gfp.js';
import { BUG, BUG_ON } from '../include/linux/kernel.js';
import { list_add, list_del, list_empty, list_last, list_move, list_splice_init } from '../include/linux/list.js';
import type { ScanControl } from '../include/linux/misc.js';
import { get_page_testone, page_count, page_mapped, page_mapping, PageAnon } from '../include/linux/mm.js';
import { ZONE_HIGHMEM, ZONE_NORMAL, type Zone } from '../include/linux/mmzone.js';
import {
  PageActive, PageDirty, PageLRU, PagePrivate, PageSwapCache, PageWriteback, PG_active, PG_lru, set_page_flag, test_and_clear_page_flag,
  TestClearPageLRU, TestSetPageLocked, TestSetPageLRU,
} from '../include/linux/page-flags.js';
import { SWAP_AGAIN, SWAP_FAIL } from '../include/linux/rmap.js';
import { PF_KSWAPD } from '../include/linux/sched.js';
import { spin_lock, spin_unlock } from '../include/linux/spinlock.js';
import { PAGE_ACTIVATE, PAGE_KEEP, PAGE_SUCCESS, SWAP_CLUSTER_MAX } from '../include/linux/swap.js';
import type { ListHead, Page, SwpEntry } from '../include/linux/types.js';
import { need_resched, PREEMPT, type MaySleep } from '../include/linux/wait.js';
import type { K } from '../kernel-table.js';
import { newListHead, PAGEVEC_SIZE, releaseListHead, type Machine } from '../machine.js';

/* What is to become of a page in shrink_list(): the labels of the original, and GO_ON between its steps. */
const GO_ON = 0;
const ACTIVATE_LOCKED = 1;
const KEEP_LOCKED = 2;
const KEEP = 3;
const FREE_IT = 4;

/** mod_page_state_zone(). */
function countByZone(m: Machine, zone: Zone, member: 'pgrefill' | 'pgscan_direct' | 'pgscan_kswapd' | 'pgsteal', delta: number): void {
  if (zone.type === ZONE_HIGHMEM) m.page_state[`${member}_high`] += delta;
  else if (zone.type === ZONE_NORMAL) m.page_state[`${member}_normal`] += delta;
  else m.page_state[`${member}_dma`] += delta;
}
const current_is_kswapd = (m: Machine): boolean => (m.current.flags & PF_KSWAPD) !== 0;

/** The caller may wait for file systems; swapping needs no more than I/O. */
const mayEnterFs = (m: Machine, page: Page, gfp_mask: number): boolean =>
  (gfp_mask & __GFP_FS) !== 0 || (PageSwapCache(m.mem_map, page) && (gfp_mask & __GFP_IO) !== 0);

/** Takes a page that is to go out of its page tables. An anonymous page without swap has no mapping and stays in them. */
function unmap(k: K<'try_to_unmap'>, page: Page): number {
  const { m } = k;
  if (!page_mapped(m.mem_map, page) || page_mapping(m, page) === null) return GO_ON;
  const ret = k.try_to_unmap(page, null);
  return ret === SWAP_FAIL ? ACTIVATE_LOCKED : ret === SWAP_AGAIN ? KEEP_LOCKED : GO_ON;
}

/** Writes a dirty page, and goes on with it when that was done at once. */
function* writeOut(k: K<'pageout'>, page: Page): MaySleep<number> {
  const { m } = k;
  const mem = m.mem_map;
  const result = yield* k.pageout(page, page_mapping(m, page));
  if (result === PAGE_KEEP) return KEEP_LOCKED;
  if (result === PAGE_ACTIVATE) return ACTIVATE_LOCKED;
  if (result !== PAGE_SUCCESS) return GO_ON;
  // it is not locked any more, and so it may be in use again
  if (PageWriteback(mem, page) || PageDirty(mem, page) || TestSetPageLocked(mem, page)) return KEEP;
  return PageDirty(mem, page) || PageWriteback(mem, page) ? KEEP_LOCKED : GO_ON;
}

/**
 * Takes a clean, unmapped, locked page out of its cache. Under tree_lock nobody can find it, so what the count says there is final;
 * the dirty bit must be looked at after the count, because who had a reference may have dirtied the page before dropping it.
 */
function takeFromCache(
  k: K<'__delete_from_swap_cache' | 'swap_free' | '__remove_from_page_cache'>, page: Page, mapping: AddressSpace,
): number {
  const { m } = k;
  const mem = m.mem_map;
  spin_lock(m, mapping.tree_lock);
  if (page_count(mem, page) !== 2 || PageDirty(mem, page)) {
    spin_unlock(m, mapping.tree_lock);
    return KEEP_LOCKED;
  }
  if (PageSwapCache(mem, page)) {
    const entry = mem.private[page]! as SwpEntry;
    k.__delete_from_swap_cache(page);
    spin_unlock(m, mapping.tree_lock);
    k.swap_free(entry);
  } else {
    k.__remove_from_page_cache(page);
    spin_unlock(m, mapping.tree_lock);
  }
  mem._count[page]!--;
  return FREE_IT;
}

/** Frees the buffers of an unmapped page, dirty ones excepted, then the page: what could be written has been. */
function release(
  k: K<'try_to_release_page' | '__delete_from_swap_cache' | 'swap_free' | '__remove_from_page_cache'>, page: Page, gfp_mask: number,
): number {
  const { m } = k;
  const mem = m.mem_map;
  const mapping = page_mapping(m, page);
  if (PagePrivate(mem, page)) {
    if (k.try_to_release_page(page, gfp_mask) === 0) return ACTIVATE_LOCKED;
    // truncated, and kept alive by its buffers alone
    if (mapping === null && page_count(mem, page) === 1) return FREE_IT;
  }
  return mapping === null ? KEEP_LOCKED : takeFromCache(k, page, mapping);
}

/**
 * Frees what can be freed of a list of isolated pages. The rest stays on the list, PG_active where it belongs on the active list.
 * Writing is started, not waited for: a page that was dirty is freed when it comes by the next time.
 * @returns pages freed; they, and the pages looked at (mapped ones count double), are added to `sc`.
 */
export function* shrink_list(
  this: K<
    | 'page_referenced' | 'page_mapping_inuse' | 'add_to_swap' | 'try_to_unmap' | 'pageout' | 'try_to_release_page' | '__delete_from_swap_cache'
    | 'swap_free' | '__remove_from_page_cache' | 'unlock_page' | '__pagevec_release_nonlru'
  >,
  page_list: ListHead, sc: ScanControl,
): MaySleep<number> {
  const { m } = this;
  const mem = m.mem_map;
  const ret_pages = newListHead(m);
  const freed_pvec: number[] = [];
  let pgactivate = 0;
  let reclaimed = 0;
  if (need_resched(m)) yield PREEMPT; // cond_resched()
  while (!list_empty(mem, page_list)) {
    if (need_resched(m)) yield PREEMPT;
    const page = list_last(mem, page_list);
    list_del(mem, page);
    let fate = KEEP;
    if (!TestSetPageLocked(mem, page)) {
      BUG_ON(m, PageActive(mem, page), 'mm/vmscan.c:shrink_list()');
      sc.nr_scanned += page_mapped(mem, page) || PageSwapCache(mem, page) ? 2 : 1;
      fate = PageWriteback(mem, page) ? KEEP_LOCKED : GO_ON;
      const referenced = fate === GO_ON && this.page_referenced(page, 1, sc.priority <= 0 ? 1 : 0) !== 0;
      if (referenced && this.page_mapping_inuse(page)) fate = ACTIVATE_LOCKED;
      if (fate === GO_ON && m.config.CONFIG_SWAP && PageAnon(mem, page) && !PageSwapCache(mem, page)) {
        fate = this.add_to_swap(page) === 0 ? ACTIVATE_LOCKED : GO_ON;
      }
      if (fate === GO_ON) fate = unmap(this, page);
      if (fate === GO_ON && m.preemptible) yield PREEMPT;
      if (fate === GO_ON && PageDirty(mem, page)) {
        fate = referenced || !mayEnterFs(m, page, sc.gfp_mask) ? KEEP_LOCKED : yield* writeOut(this, page);
      }
      // unmapped and clean, but others may still look it up, map it, dirty it and let go of it
      if (fate === GO_ON && m.preemptible) yield PREEMPT;
      if (fate === GO_ON) fate = release(this, page, sc.gfp_mask);
    }
    if (fate === ACTIVATE_LOCKED) {
      set_page_flag(mem, page, PG_active);
      pgactivate++;
    }
    if (fate !== KEEP) this.unlock_page(page);
    if (fate === FREE_IT) {
      reclaimed++;
      if (freed_pvec.push(page) === PAGEVEC_SIZE) this.__pagevec_release_nonlru(freed_pvec);
    } else {
      list_add(mem, page, ret_pages);
      BUG_ON(m, PageLRU(mem, page), 'mm/vmscan.c:shrink_list()');
    }
  }
  list_splice_init(mem, ret_pages, page_list);
  releaseListHead(m, ret_pages);
  if (freed_pvec.length > 0) this.__pagevec_release_nonlru(freed_pvec);
  m.page_state.pgactivate += pgactivate;
  sc.nr_reclaimed += reclaimed;
  return reclaimed;
}

/**
 * Takes up to `nr_to_scan` pages from the tail of an LRU list onto the head of `dst`, with a reference each. Called under
 * zone->lru_lock; the caller corrects nr_active or nr_inactive.
 * @returns how many. 2.6.12 also returns how many it looked at: that is one more than this, its loop counts the last, failed test;
 *   and pages that are being freed, which on one CPU at a time nobody can meet.
 */
export function isolate_lru_pages(this: K, nr_to_scan: number, src: ListHead, dst: ListHead): number {
  const { m } = this;
  const mem = m.mem_map;
  let nr_taken = 0;
  for (let scan = 0; scan < nr_to_scan && !list_empty(mem, src); scan++) {
    const page = list_last(mem, src);
    if (!TestClearPageLRU(mem, page)) BUG(m, 'mm/vmscan.c:isolate_lru_pages()');
    list_del(mem, page);
    if (get_page_testone(mem, page)) {
      mem._count[page]!--;
      set_page_flag(mem, page, PG_lru);
      list_add(mem, page, src);
    } else {
      list_add(mem, page, dst);
      nr_taken++;
    }
  }
  return nr_taken;
}

type Putback = K<'add_page_to_active_list' | 'add_page_to_inactive_list' | '__pagevec_release'>;

/** Puts the pages of a list on the LRU list that PG_active names, and drops the references of their isolation. */
function putBack(k: Putback, zone: Zone, page_list: ListHead, pvec: number[]): void {
  const { m } = k;
  const mem = m.mem_map;
  spin_lock(m, zone.lru_lock);
  while (!list_empty(mem, page_list)) {
    const page = list_last(mem, page_list);
    if (TestSetPageLRU(mem, page)) BUG(m, 'mm/vmscan.c:shrink_cache()');
    list_del(mem, page);
    if (PageActive(mem, page)) k.add_page_to_active_list(zone, page);
    else k.add_page_to_inactive_list(zone, page);
    if (pvec.push(page) === PAGEVEC_SIZE) releaseUnlocked(k, zone, pvec);
  }
  spin_unlock(m, zone.lru_lock);
}
/** __pagevec_release() in the middle of work under zone->lru_lock: the last reference takes the page off the LRU again. */
function releaseUnlocked(k: Putback, zone: Zone, pvec: number[]): void {
  spin_unlock(k.m, zone.lru_lock);
  k.__pagevec_release(pvec, pvec.length, 1);
  pvec.length = 0;
  spin_lock(k.m, zone.lru_lock);
}

/** Looks at `sc.nr_to_scan` pages of a zone's inactive list and frees what it can; adjusts `sc`. */
export function* shrink_cache(
  this: K<'lru_add_drain' | 'isolate_lru_pages' | 'shrink_list' | 'add_page_to_active_list' | 'add_page_to_inactive_list' | '__pagevec_release'>,
  zone: Zone, sc: ScanControl,
): MaySleep<void> {
  const { m } = this;
  const page_list = newListHead(m);
  const pvec: number[] = [];
  let max_scan = sc.nr_to_scan;
  this.lru_add_drain();
  while (max_scan > 0) {
    spin_lock(m, zone.lru_lock);
    const nr_taken = this.isolate_lru_pages(SWAP_CLUSTER_MAX, zone.inactive_list, page_list);
    const nr_scan = nr_taken + 1;
    zone.nr_inactive -= nr_taken;
    zone.pages_scanned += nr_scan;
    spin_unlock(m, zone.lru_lock);
    if (nr_taken === 0) break;
    max_scan -= nr_scan;
    countByZone(m, zone, current_is_kswapd(m) ? 'pgscan_kswapd' : 'pgscan_direct', nr_scan);
    const nr_freed = yield* this.shrink_list(page_list, sc);
    if (current_is_kswapd(m)) m.page_state.kswapd_steal += nr_freed;
    countByZone(m, zone, 'pgsteal', nr_freed);
    sc.nr_to_reclaim -= nr_freed;
    putBack(this, zone, page_list, pvec);
  }
  releaseListHead(m, page_list);
  this.__pagevec_release(pvec, pvec.length, 1);
}

/**
 * Whether to take pages out of page tables at all, or only what no page table maps: when mapped memory is much, or reclaim is in
 * trouble. With the swappiness of 60, either 80 % of memory mapped or a priority of 1 is enough alone.
 */
function reclaimMapped(m: Machine, zone: Zone, nr_mapped: number): boolean {
  const distress = 100 >> zone.prev_priority;
  const mapped_ratio = Math.floor((nr_mapped * 100) / m.total_memory);
  return Math.floor(mapped_ratio / 2) + distress + m.swappiness >= 100;
}

/** Back to the LRU from a private list of refill_inactive_zone(); `active` says where to. */
function putBackTo(k: Putback, zone: Zone, list: ListHead, active: boolean, pvec: number[]): number {
  const { m } = k;
  const mem = m.mem_map;
  let pgmoved = 0;
  while (!list_empty(mem, list)) {
    const page = list_last(mem, list);
    if (TestSetPageLRU(mem, page)) BUG(m, 'mm/vmscan.c:refill_inactive_zone()');
    if (!(active ? PageActive(mem, page) : test_and_clear_page_flag(mem, page, PG_active))) BUG(m, 'mm/vmscan.c:refill_inactive_zone()');
    list_move(mem, page, active ? zone.active_list : zone.inactive_list);
    if (active) zone.nr_active++;
    else zone.nr_inactive++;
    pgmoved++;
    if (pvec.push(page) === PAGEVEC_SIZE) releaseUnlocked(k, zone, pvec);
  }
  return pgmoved;
}

/**
 * Looks at `sc.nr_to_scan` pages of a zone's active list: unmapped ones become inactive, used or not; mapped ones only if mapped
 * memory is to be reclaimed at all, they were not used since the last look, and there is swap for anonymous ones.
 */
export function* refill_inactive_zone(
  this: K<
    'lru_add_drain' | 'isolate_lru_pages' | 'page_referenced' | 'add_page_to_active_list' | 'add_page_to_inactive_list' | '__pagevec_release'
  >,
  zone: Zone, sc: ScanControl,
): MaySleep<void> {
  const { m } = this;
  const mem = m.mem_map;
  const l_hold = newListHead(m);
  const l_inactive = newListHead(m);
  const l_active = newListHead(m);
  this.lru_add_drain();
  spin_lock(m, zone.lru_lock);
  const pgmoved = this.isolate_lru_pages(sc.nr_to_scan, zone.active_list, l_hold);
  const pgscanned = pgmoved + 1;
  zone.pages_scanned += pgscanned;
  zone.nr_active -= pgmoved;
  spin_unlock(m, zone.lru_lock);

  const reclaim_mapped = reclaimMapped(m, zone, sc.nr_mapped);
  while (!list_empty(mem, l_hold)) {
    if (need_resched(m)) yield PREEMPT; // cond_resched()
    const page = list_last(mem, l_hold);
    list_del(mem, page);
    const stays = page_mapped(mem, page)
      && (!reclaim_mapped || (m.total_swap_pages === 0 && PageAnon(mem, page)) || this.page_referenced(page, 0, sc.priority <= 0 ? 1 : 0) !== 0);
    list_add(mem, page, stays ? l_active : l_inactive);
  }

  const pvec: number[] = [];
  spin_lock(m, zone.lru_lock);
  const pgdeactivate = putBackTo(this, zone, l_inactive, false, pvec);
  putBackTo(this, zone, l_active, true, pvec);
  spin_unlock(m, zone.lru_lock);
  this.__pagevec_release(pvec, pvec.length, 1);
  for (const head of [l_hold, l_inactive, l_active]) releaseListHead(m, head);
  countByZone(m, zone, 'pgrefill', pgscanned);
  m.page_state.pgdeactivate += pgdeactivate;
}

/**
 * Scans a share of both lists of a zone that `sc.priority` says (all of them at 0), in turns of SWAP_CLUSTER_MAX pages, until as
 * many are freed. Shares too small for a turn add up over calls.
 */
export function* shrink_zone(this: K<'refill_inactive_zone' | 'shrink_cache' | 'throttle_vm_writeout'>, zone: Zone, sc: ScanControl): MaySleep<void> {
  zone.nr_scan_active += (zone.nr_active >> sc.priority) + 1;
  let nr_active = zone.nr_scan_active;
  if (nr_active >= SWAP_CLUSTER_MAX) zone.nr_scan_active = 0;
  else nr_active = 0;
  zone.nr_scan_inactive += (zone.nr_inactive >> sc.priority) + 1;
  let nr_inactive = zone.nr_scan_inactive;
  if (nr_inactive >= SWAP_CLUSTER_MAX) zone.nr_scan_inactive = 0;
  else nr_inactive = 0;

  sc.nr_to_reclaim = SWAP_CLUSTER_MAX;
  while (nr_active > 0 || nr_inactive > 0) {
    if (nr_active > 0) {
      sc.nr_to_scan = Math.min(nr_active, SWAP_CLUSTER_MAX);
      nr_active -= sc.nr_to_scan;
      yield* this.refill_inactive_zone(zone, sc);
    }
    if (nr_inactive > 0) {
      sc.nr_to_scan = Math.min(nr_inactive, SWAP_CLUSTER_MAX);
      nr_inactive -= sc.nr_to_scan;
      yield* this.shrink_cache(zone, sc);
      if (sc.nr_to_reclaim <= 0) break;
    }
  }
  yield* this.throttle_vm_writeout();
}
