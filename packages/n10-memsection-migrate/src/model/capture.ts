/**
 * A range under capture, from its beginning to its end. *Reconstruction*: that captured pages are kept from the allocator is what the mark is
 * for; how the hotplug tree did it was not found.
 *
 *   begin ─ free frames of the range ─────────────► captured list
 *         └ frames in use: PG_capture ─ freed ────► captured list        (mm/page_alloc.ts)
 *   give up ─ captured list ─► buddy system, marks cleared
 */
import { list_add, list_del, list_empty, list_first } from '@pmkit/mm-core/include/linux/list';
import { page_zone } from '@pmkit/mm-core/include/linux/mm';
import { clear_page_flag, PageReserved, PG_private, set_page_flag } from '@pmkit/mm-core/include/linux/page-flags';
import { spin_lock, spin_unlock } from '@pmkit/mm-core/include/linux/spinlock';
import { newListHead, releaseListHead, type Capture, type FrameLeft, type K, type ListHead, type Machine, type Page, type Zone } from '@pmkit/mm-core';
import { page_under_capture, PG_capture } from '../include/linux/page-flags.js';

/** Whether a range may be captured: all its frames are of one zone, others remove_memory() of i386 (February 2005) refuses, and none is being captured or is. */
export function mayCapture(m: Machine, start_pfn: number, nr_pages: number): boolean {
  const end = start_pfn + nr_pages;
  const isOneZone = m.zones.some(zone => zone !== undefined && start_pfn >= zone.zone_start_pfn && end <= zone.zone_start_pfn + zone.present_pages);
  return isOneZone && !m.captures.some(other => start_pfn < other.start_pfn + other.nr_pages && end > other.start_pfn);
}

/** Puts a free frame of the range aside; the caller has it off all lists. */
function setAside(m: Machine, { captured }: Capture, page: Page): void {
  clear_page_flag(m.mem_map, page, PG_capture);
  list_add(m.mem_map, page, captured);
}

/** Captures a page that was just freed, if it is under capture. @returns whether it was. */
export function captureFreed(m: Machine, page: Page): boolean {
  if (!page_under_capture(m.mem_map, page)) return false;
  setAside(m, m.captures.find(({ start_pfn, nr_pages }) => page >= start_pfn && page < start_pfn + nr_pages)!, page);
  return true;
}

/** Marks the frames in use and takes the free ones out of the buddy system; those on per-CPU lists go there first. Does not sleep. */
export function beginCapture(k: K<'smp_call_function' | 'drain_local_pages' | '__free_pages_bulk'>, start_pfn: number, nr_pages: number): Capture {
  const { m } = k;
  const mem = m.mem_map;
  k.smp_call_function('drain_local_pages', null, 1, 1);
  k.drain_local_pages();
  const capture: Capture = { start_pfn, nr_pages, captured: newListHead(m) };
  m.captures.push(capture);
  for (let pfn = start_pfn; pfn < start_pfn + nr_pages; pfn++) set_page_flag(mem, pfn as Page, PG_capture);
  const zone = page_zone(m, start_pfn as Page);
  spin_lock(m, zone.lock);
  zone.free_area.forEach((area, order) => {
    for (const block of freeBlocks(m, area.free_list)) if (block < start_pfn + nr_pages && block + 2 ** order > start_pfn) takeBlock(k, zone, capture, block, order);
  });
  spin_unlock(m, zone.lock);
  return capture;
}

function freeBlocks(m: Machine, list: ListHead): Page[] {
  const { lru_next } = m.mem_map;
  const blocks: Page[] = [];
  for (let at = lru_next[list]!; at !== (list as number); at = lru_next[at]!) blocks.push(at as Page);
  return blocks;
}

/** Takes a free block away. What of it lies outside the range is freed again. */
function takeBlock(k: K<'__free_pages_bulk'>, zone: Zone, capture: Capture, block: Page, order: number): void {
  const { m } = k;
  const mem = m.mem_map;
  list_del(mem, block);
  clear_page_flag(mem, block, PG_private);
  mem.private[block] = 0;
  zone.free_area[order]!.nr_free--;
  zone.free_pages -= 2 ** order;
  const end = capture.start_pfn + capture.nr_pages;
  const outside: Page[] = [];
  for (let pfn = block as number; pfn < block + 2 ** order; pfn++) {
    if (pfn >= capture.start_pfn && pfn < end) setAside(m, capture, pfn as Page);
    else outside.push(pfn as Page);
  }
  for (const page of outside) k.__free_pages_bulk(page, zone, 0);
}

/** Gives a range back to the allocator, and notes in `capture_left` which of its frames are in use and why they stayed. */
export function giveUp(k: K<'__free_pages_bulk'>, capture: Capture, notMigrated: ReadonlySet<Page>): void {
  const { m } = k;
  const mem = m.mem_map;
  const { start_pfn, nr_pages, captured } = capture;
  const tables = new Set(m.table_page.subarray(1, m.table_high));
  m.capture_left.length = 0;
  for (let pfn = start_pfn; pfn < start_pfn + nr_pages; pfn++) {
    const page = pfn as Page;
    if (!page_under_capture(mem, page)) continue;
    m.capture_left.push({ page, why: reason(m, page, tables, notMigrated) });
    clear_page_flag(mem, page, PG_capture);
  }
  const zone = page_zone(m, start_pfn as Page);
  spin_lock(m, zone.lock);
  while (!list_empty(mem, captured)) {
    const page = list_first(mem, captured);
    list_del(mem, page);
    k.__free_pages_bulk(page, zone, 0);
  }
  spin_unlock(m, zone.lock);
  m.captures.splice(m.captures.indexOf(capture), 1);
  releaseListHead(m, captured);
}

function reason(m: Machine, page: Page, tables: ReadonlySet<number>, notMigrated: ReadonlySet<Page>): FrameLeft['why'] {
  if (PageReserved(m.mem_map, page)) return 'reserved';
  if (notMigrated.has(page)) return 'not migrated';
  return tables.has(page) ? 'page table' : 'not on the LRU';
}
