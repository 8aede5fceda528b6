/**
 * mm/page_alloc.c: allocating and freeing frames.
 *
 *   __alloc_pages ── zones of the zonelist above pages_low ─ kswapd ─ above pages_min ─ try_to_free_pages ─ out_of_memory
 *        └ buffered_rmqueue ── per-CPU list ── rmqueue_bulk ── buddy system
 *
 * The zonelist has all nodes by distance, so an allocation "on" a node lands on the next nearest when that one is full: only
 * cpusets and MPOL_BIND zonelists really restrict.
 */
import { handsOnSleep } from '@pmkit/linker';
import {
  __GFP_COLD, __GFP_FS, __GFP_HIGH, __GFP_HIGHMEM, __GFP_NOFAIL, __GFP_NOMEMALLOC, __GFP_NORETRY, __GFP_NOWARN, __GFP_REPEAT, __GFP_WAIT, __GFP_ZERO, GFP_HIGHUSER,
  GFP_USER,
} from '../include/linux/gfp.js';
import { BUG_ON, KERN_WARNING, printk } from '../include/linux/kernel.js';
import { list_add, list_del, list_first } from '../include/linux/list.js';
import { PageAnon, page_zone, put_page_testzero } from '../include/linux/mm.js';
import { GFP_ZONEMASK, ZONE_DMA, ZONE_HIGHMEM, type Zone } from '../include/linux/mmzone.js';
import {
  PageReserved, PG_active, PG_arch_1, PG_checked, PG_dirty, PG_error, PG_locked, PG_lru, PG_mappedtodisk, PG_private, PG_reclaim, PG_referenced, PG_swapcache,
  PG_uptodate, PG_writeback,
} from '../include/linux/page-flags.js';
import { PF_MEMALLOC, PF_MEMDIE } from '../include/linux/sched.js';
import { spin_lock, spin_unlock } from '../include/linux/spinlock.js';
import { NULL_PAGE, type Page } from '../include/linux/types.js';
import { need_resched, PREEMPT, type MaySleep } from '../include/linux/wait.js';
import type { K } from '../kernel-table.js';
import type { Machine } from '../machine.js';
import { pagesetOf } from '../model/pageset.js';
import { bad_page, free_pages_check } from './page_alloc_buddy.js';

/** What blk_congestion_wait(WRITE, HZ/50) waits for at most, in ms. */
const CONGESTION_MS = 20;

const BAD_WHEN_NEW = PG_private | PG_locked | PG_lru | PG_active | PG_dirty | PG_reclaim | PG_swapcache | PG_writeback;
const CLEARED_WHEN_NEW = PG_uptodate | PG_error | PG_referenced | PG_arch_1 | PG_checked | PG_mappedtodisk;

/** prep_new_page(): one reference for the block, held by its first page; flags of the last user gone. */
function prep_new_page(m: Machine, page: Page): void {
  const mem = m.mem_map;
  if (mem.mapping[page] !== 0 || mem._mapcount[page] !== 0 || (mem.flags[page]! & BAD_WHEN_NEW) !== 0) bad_page(m, 'prep_new_page', page);
  mem.flags[page]! &= ~CLEARED_WHEN_NEW;
  mem.private[page] = 0;
  mem._count[page] = 1;
}

function countAllocation(m: Machine, zone: Zone, pages: number): void {
  if (zone.type === ZONE_DMA) m.page_state.pgalloc_dma += pages;
  else if (zone.type === ZONE_HIGHMEM) m.page_state.pgalloc_high += pages;
  else m.page_state.pgalloc_normal += pages;
}

/** Takes a block from a zone whatever its watermarks; single pages from this CPU's hot or cold list. @returns 0 when the zone is empty. */
export function buffered_rmqueue(this: K<'rmqueue_bulk' | '__rmqueue'>, zone: Zone, order: number, gfp_flags: number): Page {
  const { m } = this;
  const mem = m.mem_map;
  let page = NULL_PAGE;
  if (order === 0) {
    const pcp = pagesetOf(m, zone, m.current.cpu).pcp[(gfp_flags & __GFP_COLD) !== 0 ? 1 : 0];
    if (pcp.count <= pcp.low) pcp.count += this.rmqueue_bulk(zone, 0, pcp.batch, pcp.list);
    if (pcp.count > 0) {
      page = list_first(mem, pcp.list);
      list_del(mem, page);
      pcp.count--;
    }
  }
  if (page === NULL_PAGE) {
    spin_lock(m, zone.lock);
    page = this.__rmqueue(zone, order);
    spin_unlock(m, zone.lock);
    if (page === NULL_PAGE) return page;
  }
  countAllocation(m, zone, 1 << order);
  prep_new_page(m, page);
  if ((gfp_flags & __GFP_ZERO) !== 0) {
    BUG_ON(m, (gfp_flags & (__GFP_WAIT | __GFP_HIGHMEM)) === __GFP_HIGHMEM, 'mm/page_alloc.c:prep_zero_page()');
    for (let i = 0; i < 1 << order; i++) mem.content[page + i] = 0;
  }
  return page;
}

/** Books an allocation: hit on the first node of the zonelist or not, local to the CPU or not. */
export function zone_statistics(this: K, zonelist: readonly Zone[], z: Zone): void {
  const { m } = this;
  const { cpu } = m.current;
  const wanted = zonelist[0]!;
  const p = pagesetOf(m, z, cpu);
  if (z.node === wanted.node) p.numa_hit++;
  else {
    p.numa_miss++;
    pagesetOf(m, wanted, cpu).numa_foreign++;
  }
  if (z.node === m.cpu_to_node[cpu]) p.local_node++;
  else p.other_node++;
}

/**
 * Whether a zone has enough free pages for a block of the order: above `mark` and the reserve for lower zones, and at each lower order a
 * share of it. `free_pages` may go below zero in the sum.
 */
export function zone_watermark_ok(this: K, z: Zone, order: number, mark: number, classzone_idx: number, can_try_harder: number, gfp_high: number): boolean {
  let min = mark;
  let free_pages = z.free_pages - (1 << order) + 1;
  if (gfp_high !== 0) min -= Math.floor(min / 2);
  if (can_try_harder !== 0) min -= Math.floor(min / 4);
  if (free_pages <= min + (z.lowmem_reserve[classzone_idx] ?? 0)) return false;
  for (let o = 0; o < order; o++) {
    // blocks of this order are of no use for a larger one
    free_pages -= z.free_area[o]!.nr_free * (1 << o);
    min >>= 1;
    if (free_pages <= min) return false;
  }
  return true;
}

/** Which watermark a walk along the zonelist asks for. */
type Mark = 'low' | 'min' | 'high' | 'none';

/**
 * One walk along a zonelist: the first zone that is above the mark and that the caller's cpuset allows.
 * The loops of __alloc_pages() in 2.6.12 are this with different marks.
 */
function takeFromZonelist(
  k: K<'zone_watermark_ok' | 'cpuset_zone_allowed' | 'buffered_rmqueue' | 'zone_statistics'>, zonelist: readonly Zone[], order: number, gfp_mask: number,
  mark: Mark, can_try_harder: number, ignore_cpuset: boolean,
): Page {
  const classzone_idx = zonelist[0]!.type;
  const high = mark === 'min' ? gfp_mask & __GFP_HIGH : 0;
  for (const z of zonelist) {
    if (mark !== 'none') {
      const pages = mark === 'low' ? z.pages_low : mark === 'min' ? z.pages_min : z.pages_high;
      if (!k.zone_watermark_ok(z, order, pages, classzone_idx, can_try_harder, high)) continue;
    }
    if (!ignore_cpuset && !k.cpuset_zone_allowed(z)) continue;
    const page = k.buffered_rmqueue(z, order, gfp_mask);
    if (page === NULL_PAGE) continue;
    k.zone_statistics(zonelist, z);
    return page;
  }
  return NULL_PAGE;
}

type Allocator = K<
  'zone_watermark_ok' | 'cpuset_zone_allowed' | 'buffered_rmqueue' | 'zone_statistics' | 'wakeup_kswapd' | 'try_to_free_pages' | 'out_of_memory' | 'blk_congestion_wait'
>;

/**
 * The heart of the zoned allocator. May sleep when gfp_mask has __GFP_WAIT.
 * @param order log2 of the number of pages
 * @returns the first page of the block, or NULL (0) when there is no memory; the log says so unless __GFP_NOWARN is set.
 */
export function* __alloc_pages(this: Allocator, gfp_mask: number, order: number, zonelist: readonly Zone[]): MaySleep<Page> {
  const { m } = this;
  const wait = (gfp_mask & __GFP_WAIT) !== 0;
  if (zonelist.length === 0) return NULL_PAGE;
  // no real-time tasks here: only those who cannot sleep may dig deeper
  const can_try_harder = wait ? 0 : 1;
  const p = m.current;
  for (;;) {
    let page = takeFromZonelist(this, zonelist, order, gfp_mask, 'low', 0, false);
    if (page !== NULL_PAGE) return page;
    for (const z of zonelist) this.wakeup_kswapd(z, order);
    page = takeFromZonelist(this, zonelist, order, gfp_mask, 'min', can_try_harder, !wait);
    if (page !== NULL_PAGE) return page;

    // who is freeing memory, or dying, may take all there is
    if ((p.flags & (PF_MEMALLOC | PF_MEMDIE)) !== 0 && !m.in_interrupt) {
      if ((gfp_mask & __GFP_NOMEMALLOC) === 0) page = takeFromZonelist(this, zonelist, order, gfp_mask, 'none', 0, false);
      return page !== NULL_PAGE ? page : noPage(m, gfp_mask, order);
    }
    if (!wait) return noPage(m, gfp_mask, order);

    let killed = false;
    while (!killed) {
      if (need_resched(m)) yield PREEMPT; // cond_resched(): kswapd has been woken
      p.flags |= PF_MEMALLOC;
      const did_some_progress = yield* this.try_to_free_pages(zonelist, gfp_mask, order);
      p.flags &= ~PF_MEMALLOC;
      if (need_resched(m)) yield PREEMPT;
      if (did_some_progress > 0) {
        page = takeFromZonelist(this, zonelist, order, gfp_mask, 'min', can_try_harder, false);
        if (page !== NULL_PAGE) return page;
      } else if ((gfp_mask & __GFP_FS) !== 0 && (gfp_mask & __GFP_NORETRY) === 0) {
        // a high mark: only to notice that somebody else was killed meanwhile
        page = takeFromZonelist(this, zonelist, order, gfp_mask, 'high', 0, false);
        if (page !== NULL_PAGE) return page;
        this.out_of_memory(gfp_mask);
        // its schedule_timeout(1): others must get the CPU to die. Who is to die itself has a signal, and does not sleep.
        if ((p.flags & PF_MEMDIE) === 0) yield { kind: 'timeout', until: m.now + 1 };
        killed = true;
        continue;
      }
      const retry = (gfp_mask & __GFP_NORETRY) === 0 && (order <= 3 || (gfp_mask & (__GFP_REPEAT | __GFP_NOFAIL)) !== 0);
      if (!retry) return noPage(m, gfp_mask, order);
      yield* this.blk_congestion_wait(CONGESTION_MS);
    }
  }
}

function noPage(m: Machine, gfp_mask: number, order: number): Page {
  if ((gfp_mask & __GFP_NOWARN) === 0) printk(m, KERN_WARNING, `${m.current.comm}: page allocation failure. order:${order}, mode:0x${gfp_mask.toString(16)}`);
  return NULL_PAGE;
}

function* nothing(): MaySleep<Page> {
  return NULL_PAGE;
}

/** Allocates from a node's own zonelist: the node itself if it has room, else the next nearest. @returns NULL (0) also for an order there is not. */
export function alloc_pages_node(this: K<'__alloc_pages'>, nid: number, gfp_mask: number, order: number): MaySleep<Page> {
  if (order >= this.m.MAX_ORDER) return nothing();
  return this.__alloc_pages(gfp_mask, order, this.m.node_data[nid]!.node_zonelists[gfp_mask & GFP_ZONEMASK]!);
}
handsOnSleep(alloc_pages_node);

/** Drops a reference of a block; frees it when that was the last. */
export function __free_pages(this: K<'free_hot_page' | '__free_pages_ok'>, page: Page, order: number): void {
  const mem = this.m.mem_map;
  if (PageReserved(mem, page) || !put_page_testzero(mem, page)) return;
  if (order === 0) this.free_hot_page(page);
  else this.__free_pages_ok(page, order);
}

function free_hot_cold_page(k: K<'free_pages_bulk'>, page: Page, cold: 0 | 1): void {
  const { m } = k;
  const mem = m.mem_map;
  const zone = page_zone(m, page);
  m.page_state.pgfree++;
  // an anonymous page keeps its mapping until here
  if (PageAnon(mem, page)) mem.mapping[page] = 0;
  free_pages_check(m, 'free_hot_cold_page', page);
  const pcp = pagesetOf(m, zone, m.current.cpu).pcp[cold];
  if (pcp.count >= pcp.high) pcp.count -= k.free_pages_bulk(zone, pcp.batch, pcp.list, 0);
  list_add(mem, page, pcp.list);
  pcp.count++;
}

/** Frees a page whose last reference is gone onto this CPU's hot list. */
export function free_hot_page(this: K<'free_pages_bulk'>, page: Page): void {
  free_hot_cold_page(this, page, 0);
}
/** The same, for a page that is not in the CPU's cache. */
export function free_cold_page(this: K<'free_pages_bulk'>, page: Page): void {
  free_hot_cold_page(this, page, 1);
}

/** Frees pages whose last references are gone, the last of them first. */
export function __pagevec_free(this: K<'free_pages_bulk'>, pages: ArrayLike<number>, nr: number, cold: 0 | 1): void {
  for (let i = nr - 1; i >= 0; i--) free_hot_cold_page(this, pages[i] as Page, cold);
}

/** Free pages of the machine, those on per-CPU lists not counted. */
export function nr_free_pages(this: K): number {
  let sum = 0;
  for (const zone of this.m.zones) sum += zone?.free_pages ?? 0;
  return sum;
}

/**
 * nr_free_zone_pages(): pages above the high marks, along the zonelist of every node. Each zonelist has the zones of all nodes, so 2.6.12
 * finds the machine's memory times the number of its nodes, in an unsigned int.
 */
function nrFreeZonePages(m: Machine, offset: number): number {
  let sum = 0;
  for (const nid of m.node_ids) {
    for (const zone of m.node_data[nid]!.node_zonelists[offset]!) if (zone.present_pages > zone.pages_high) sum += zone.present_pages - zone.pages_high;
  }
  return sum % 2 ** 32;
}
/** Pages that the kernel's own buffers may take; see nr_free_pagecache_pages(). */
export function nr_free_buffer_pages(this: K): number {
  return nrFreeZonePages(this.m, GFP_USER & GFP_ZONEMASK);
}
/** Pages that page cache may take, as 2.6.12 counts them: too many by a factor of the number of nodes. */
export function nr_free_pagecache_pages(this: K): number {
  return nrFreeZonePages(this.m, GFP_HIGHUSER & GFP_ZONEMASK);
}

/** What a process out of memory leaves in the log: per-CPU lists, sums, and each zone with its marks and free blocks. Units: kB. */
export function show_free_areas(this: K<'nr_free_pages'>): void {
  const { m } = this;
  const { page_state: ps } = m;
  const print = (text: string): void => printk(m, KERN_WARNING, text);
  const kB = (pages: number): string => `${(pages * m.PAGE_SIZE) / 1024}kB`;
  const zones = m.zones.filter(zone => zone !== undefined);
  const sum = (field: 'nr_active' | 'nr_inactive'): number => zones.reduce((pages, zone) => pages + zone[field], 0);
  for (const zone of zones) {
    print(`Node ${zone.node} ${zone.name} per-cpu:${zone.present_pages === 0 ? ' empty' : ''}`);
    if (zone.present_pages > 0) showPerCpuLists(m, zone);
  }
  const free = this.nr_free_pages();
  print(`Free pages: ${String((free * m.PAGE_SIZE) / 1024).padStart(11)}kB (0kB HighMem)`);
  print(`Active:${sum('nr_active')} inactive:${sum('nr_inactive')} dirty:${ps.nr_dirty} writeback:${ps.nr_writeback} unstable:${ps.nr_unstable} `
    + `free:${free} slab:${ps.nr_slab} mapped:${ps.nr_mapped} pagetables:${ps.nr_page_table_pages}`);
  for (const zone of zones) {
    print(`Node ${zone.node} ${zone.name} free:${kB(zone.free_pages)} min:${kB(zone.pages_min)} low:${kB(zone.pages_low)} high:${kB(zone.pages_high)} `
      + `active:${kB(zone.nr_active)} inactive:${kB(zone.nr_inactive)} present:${kB(zone.present_pages)} pages_scanned:${zone.pages_scanned} `
      + `all_unreclaimable? ${zone.all_unreclaimable ? 'yes' : 'no'}`);
    print(`lowmem_reserve[]: ${zone.lowmem_reserve.join(' ')}`);
  }
  for (const zone of zones) {
    const blocks = zone.free_area.map(({ nr_free }, order) => `${nr_free}*${kB(1 << order)} `).join('');
    const total = zone.free_area.reduce((pages, { nr_free }, order) => pages + nr_free * (1 << order), 0);
    print(`Node ${zone.node} ${zone.name}: ${zone.present_pages === 0 ? 'empty' : `${blocks}= ${kB(total)}`}`);
  }
}
function showPerCpuLists(m: Machine, zone: Zone): void {
  for (const cpu of m.cpus) {
    pagesetOf(m, zone, cpu).pcp.forEach(({ low, high, batch }, cold) => {
      printk(m, KERN_WARNING, `cpu ${cpu} ${cold === 1 ? 'cold' : 'hot'}: low ${low}, high ${high}, batch ${batch}`);
    });
  }
}
