/** Lists of frames, and where the frames that are on none of them are: zones, per-CPU lists, pagevecs, private lists. */
import { page_zone } from '../../include/linux/mm.js';
import type { PerCpuPages, Zone } from '../../include/linux/mmzone.js';
import {
  PG_active, PG_arch_1, PG_checked, PG_error, PG_lru, PG_mappedtodisk, PG_private, PG_referenced, PG_reserved, PG_uptodate,
} from '../../include/linux/page-flags.js';
import type { ListHead, Page } from '../../include/linux/types.js';
import type { Capture, Pagevec } from '../../machine.js';
import {
  ACTIVE, BUDDY, CAPTURED, HELD_BY_LIST, HELD_BY_PAGEVEC, holdBy, holdersInWords, INACTIVE, isFrame, ISOLATED, noFrame, NOWHERE, PAGEVEC, PCP, PLACE_NAMES, putAt, RESERVED, type Census,
} from './census.js';

const NO_PAGES: readonly Page[] = [];

/** Walks a list, checks its links and puts its frames in a place; returns them. Stops where the list is broken. Most lists are empty. */
function walk(census: Census, head: ListHead, place: number, name: () => string): readonly Page[] {
  const { m, violations } = census;
  const { lru_next, lru_prev } = m.mem_map;
  if (lru_next[head] === (head as number) && lru_prev[head] === (head as number)) return NO_PAGES;
  const pages: Page[] = [];
  let at: number = head;
  for (;;) {
    const next = lru_next[at]!;
    if (lru_prev[next] !== at) {
      violations.push(`${name()}: the link back from ${next === (head as number) ? 'the head' : `page ${next}`} is ${lru_prev[next] ?? 'nowhere'}, expected ${at === (head as number) ? 'the head' : `page ${at}`}`);
      return pages;
    }
    if (next === (head as number)) return pages;
    if (!isFrame(m, next)) {
      noFrame(census, next, `on ${name()}`);
      return pages;
    }
    if (!putAt(census, next, place)) return pages;
    pages.push(next as Page);
    at = next;
  }
}

function expectFlags(census: Census, page: number, mask: number, expected: number, what: string): void {
  const found = census.m.mem_map.flags[page]! & mask;
  if (found !== expected) census.violations.push(`page ${page}: flags & ${hex(mask)} are ${hex(found)}, expected ${hex(expected)} ${what}`);
}
const hex = (value: number): string => `0x${(value >>> 0).toString(16)}`;
function expectEqual(census: Census, what: () => string, found: number, expected: number): void {
  if (found !== expected) census.violations.push(`${what()} is ${found}, expected ${expected}`);
}

const zoneName = (zone: Zone): string => `node ${zone.node} zone ${zone.name}`;

export function censusOfLists(census: Census): void {
  const { m } = census;
  censusOfReserved(census);
  for (const zone of census.zones) {
    censusOfLru(census, zone);
    censusOfBuddy(census, zone);
    zone.pageset.forEach((pageset, cpu) => pageset?.pcp.forEach((pcp, i) => censusOfPcp(census, zone, pcp, () => `${zoneName(zone)} CPU ${cpu} ${i === 0 ? 'hot' : 'cold'} list`)));
  }
  m.lru_add_pvecs.forEach(pvec => censusOfPagevec(census, pvec));
  m.lru_add_active_pvecs.forEach(pvec => censusOfPagevec(census, pvec));
  m.captures.forEach(capture => censusOfCapture(census, capture));
  censusOfPrivateLists(census);
}

/** The frames of the kernel image and the zero page: the first of the first node with memory. */
function censusOfReserved(census: Census): void {
  const { m } = census;
  const first = m.zero_page - 1;
  for (let page = first; page < first + m.reserved_pages; page++) {
    if (!putAt(census, page, RESERVED)) continue;
    expectFlags(census, page, PG_reserved, PG_reserved, 'for a reserved frame');
  }
}

function censusOfLru(census: Census, zone: Zone): void {
  const { m } = census;
  for (const [head, place, flag, name] of [
    [zone.active_list, ACTIVE, PG_active, 'active'], [zone.inactive_list, INACTIVE, 0, 'inactive'],
  ] as const) {
    const pages = walk(census, head, place, () => `${zoneName(zone)} ${name} list`);
    for (const page of pages) {
      expectFlags(census, page, PG_lru | PG_active, PG_lru | flag, `on an ${name} list`);
      if (page_zone(m, page) !== zone) census.violations.push(`page ${page}: on the ${name} list of ${zoneName(zone)}, expected on that of ${zoneName(page_zone(m, page))}`);
    }
    expectEqual(census, () => `${zoneName(zone)}: nr_${name}`, name === 'active' ? zone.nr_active : zone.nr_inactive, pages.length);
  }
}

/** The buddy rules: aligned by frame number, inside the zone, marked with its order, no two free buddies of one order. */
function censusOfBuddy(census: Census, zone: Zone): void {
  let free = 0;
  zone.free_area.forEach((area, order) => {
    const blocks = walk(census, area.free_list, BUDDY, () => `${zoneName(zone)} free list of order ${order}`);
    if (blocks.length > 0) checkBlocks(census, zone, order, blocks);
    expectEqual(census, () => `${zoneName(zone)}: nr_free of order ${order}`, area.nr_free, blocks.length);
    free += blocks.length * (1 << order);
  });
  expectEqual(census, () => `${zoneName(zone)}: free_pages`, zone.free_pages, free);
}
function checkBlocks(census: Census, zone: Zone, order: number, blocks: readonly Page[]): void {
  const { m, freeOrder } = census;
  const { mem_map: mem } = m;
  const end = zone.zone_start_pfn + zone.spanned_pages;
  const size = 1 << order;
  for (const page of blocks) {
    freeOrder[page] = order + 1;
    if (page < zone.zone_start_pfn || (page & (size - 1)) !== 0 || page + size > end) {
      census.violations.push(`page ${page}: a free block of order ${order} may not begin there in ${zoneName(zone)}`);
    }
    if ((mem.flags[page]! & PG_private) === 0 || mem.private[page] !== order) {
      census.violations.push(`page ${page}: expected marked as a free block of order ${order}, found flags ${hex(mem.flags[page]!)}, private ${mem.private[page]!}`);
    }
    expectFree(census, page, PG_private);
  }
  for (const page of blocks) {
    const buddy = page ^ size;
    if (order < m.MAX_ORDER - 1 && page < buddy && buddy < end && freeOrder[buddy] === order + 1) {
      census.violations.push(`page ${page}: free block of order ${order} and its buddy ${buddy} are both free, expected one block of order ${order + 1}`);
    }
  }
}

/** Flags that a free frame may still have: they are cleared when it is handed out again (prep_new_page()). */
const STALE_WHEN_FREE = PG_uptodate | PG_error | PG_referenced | PG_arch_1 | PG_checked | PG_mappedtodisk;

/** A free frame has no references, no mapping and no flags that say it is in use. */
function expectFree(census: Census, page: number, allowed: number): void {
  const { mem_map: mem } = census.m;
  if (mem._count[page] !== 0 || mem._mapcount[page] !== 0) {
    census.violations.push(`page ${page}: free, but page_count is ${mem._count[page]!} and page_mapcount ${mem._mapcount[page]!}, expected 0`);
  }
  expectFlags(census, page, ~(allowed | STALE_WHEN_FREE), 0, 'for a free frame');
}

function censusOfPcp(census: Census, zone: Zone, pcp: PerCpuPages, name: () => string): void {
  const { m } = census;
  const pages = walk(census, pcp.list, PCP, name);
  for (const page of pages) {
    expectFree(census, page, 0);
    if (page_zone(m, page) !== zone) census.violations.push(`page ${page}: on the ${name()}, expected on one of ${zoneName(page_zone(m, page))}`);
  }
  expectEqual(census, () => `${name()}: count`, pcp.count, pages.length);
}

/** Captured frames are free and of their range. */
function censusOfCapture(census: Census, { start_pfn, nr_pages, captured }: Capture): void {
  for (const page of walk(census, captured, CAPTURED, () => `captured frames of range ${start_pfn}`)) {
    expectFree(census, page, 0);
    if (page < start_pfn || page >= start_pfn + nr_pages) census.violations.push(`page ${page}: captured, expected from ${start_pfn} to ${start_pfn + nr_pages - 1}`);
  }
}

function censusOfPagevec(census: Census, pvec: Pagevec | undefined): void {
  for (let i = 0; i < (pvec?.nr ?? 0); i++) {
    const page = pvec!.pages[i]!;
    if (!isFrame(census.m, page)) {
      noFrame(census, page, 'in a pagevec');
      continue;
    }
    putAt(census, page, PAGEVEC);
    holdBy(census, page, HELD_BY_PAGEVEC);
    expectFlags(census, page, PG_lru, 0, 'in a pagevec');
  }
}

/* What is known of a list head. */
const LASTING = 1;
const FREE = 2;
const DEAD = 4;

/** Notes which list heads are no kernel function's variables, and which of these are out of use. */
function sortHeads({ m, zones, heads }: Census): void {
  const first = m.mem_map.first_list_head;
  const note = (head: ListHead | number, kind: number): void => {
    heads[head - first]! |= kind;
  };
  for (const { captured } of m.captures) note(captured, LASTING);
  for (const zone of zones) {
    note(zone.active_list, LASTING);
    note(zone.inactive_list, LASTING);
    for (const area of zone.free_area) note(area.free_list, LASTING);
    for (const pageset of zone.pageset) if (pageset !== undefined) for (const pcp of pageset.pcp) note(pcp.list, LASTING);
  }
  for (const head of m.list_head_free) note(head, FREE);
  for (const head of m.dead_list_heads) note(head, DEAD);
}

/**
 * Every other list head in use is a variable of some kernel function, and the frames on it were isolated from the LRU, a
 * reference each. When that function is gone they are lost.
 */
function censusOfPrivateLists(census: Census): void {
  const { m, lost, place, violations, heads } = census;
  const { first_list_head, lru_next } = m.mem_map;
  sortHeads(census);
  for (let head = first_list_head as ListHead; head < m.list_head_high; head++) {
    const kind = heads[head - first_list_head]!;
    if ((kind & (LASTING | FREE)) !== 0 || lru_next[head] === (head as number)) continue;
    for (const page of walk(census, head, ISOLATED, () => `private list ${head}`)) {
      holdBy(census, page, HELD_BY_LIST);
      expectFlags(census, page, PG_lru, 0, 'on a private list');
      if (((kind & DEAD) !== 0 || census.atRest) && !lost.has(page)) violations.push(`page ${page}: lost on a list whose owner is gone, expected on the LRU`);
    }
  }
  for (const page of lost) if (place[page] !== ISOLATED) violations.push(`page ${page}: ${PLACE_NAMES[place[page]!]!}, expected lost on a list`);
}

/**
 * Every frame of a zone is in a free block or in another place. Walks the zone from block to block and frame to frame, so
 * memory that was never used costs its few free blocks.
 */
export function checkPlaces(census: Census): void {
  const { zones, place, holds, maps, freeOrder } = census;
  let met = 0;
  for (const zone of zones) {
    const end = zone.zone_start_pfn + zone.present_pages;
    const lost: number[] = [];
    for (let page = zone.zone_start_pfn; page < end; ) {
      const order = freeOrder[page]!;
      if (place[page] !== NOWHERE || holds[page] !== 0 || maps[page] !== 0) met++;
      else lost.push(page);
      if (place[page] === NOWHERE && (holds[page] !== 0 || maps[page] !== 0) && census.atRest) {
        census.violations.push(`page ${page}: in no place, though held by ${holdersInWords(census, page)}`);
      }
      page += order === 0 ? 1 : 1 << (order - 1);
    }
    if (census.atRest) reportLost(census, lost);
  }
  if (met !== census.seen.length) for (const page of census.seen) checkNotInFreeBlock(census, page);
}
function reportLost(census: Census, lost: readonly number[]): void {
  const { mem_map: mem } = census.m;
  const missing = lost.filter(page => (census.pins.get(page) ?? 0) === 0);
  for (const page of missing.slice(0, 10)) {
    census.violations.push(`page ${page}: in no place, expected free or in use; page_count is ${mem._count[page]!}, flags ${hex(mem.flags[page]!)}`);
  }
  if (missing.length > 10) census.violations.push(`and ${missing.length - 10} more frames in no place`);
}
/** A frame that was met somewhere must not lie behind the first frame of a free block. */
function checkNotInFreeBlock(census: Census, page: number): void {
  const { m, freeOrder } = census;
  for (let order = 1; order < m.MAX_ORDER; order++) {
    const head = page - (page % 2 ** order);
    if (head === page || freeOrder[head]! <= order) continue;
    const what = freeOrder[page] === 0 ? `held by ${holdersInWords(census, page)}` : `a free block of order ${freeOrder[page]! - 1}`;
    census.violations.push(`page ${page}: inside the free block of order ${freeOrder[head]! - 1} at ${head}, expected nothing there, found ${what}`);
    return;
  }
}
