/**
 * Page flags: the bit numbers of include/linux/page-flags.h of 2.6.12.
 *
 * Node and zone, which 2.6.12 keeps in the top bits of page->flags, are derived from the frame number instead
 * (see mmzone.ts): a frame that was never used must stay all zero, so that memory nobody touches costs nothing.
 */
import type { MemMap } from './mm_types.js';
import type { Page } from './types.js';

export const PG_locked = 1 << 0;
export const PG_error = 1 << 1;
export const PG_referenced = 1 << 2;
export const PG_uptodate = 1 << 3;
export const PG_dirty = 1 << 4;
export const PG_lru = 1 << 5;
export const PG_active = 1 << 6;
export const PG_slab = 1 << 7;
export const PG_highmem = 1 << 8;
export const PG_checked = 1 << 9;
export const PG_arch_1 = 1 << 10;
export const PG_reserved = 1 << 11;
export const PG_private = 1 << 12;
export const PG_writeback = 1 << 13;
export const PG_nosave = 1 << 14;
export const PG_compound = 1 << 15;
export const PG_swapcache = 1 << 16;
export const PG_mappedtodisk = 1 << 17;
export const PG_reclaim = 1 << 18;
export const PG_nosave_free = 1 << 19;
export const PG_uncached = 1 << 20;

/** Names by bit number, as a dump of page->flags prints them. */
export const PAGE_FLAG_NAMES = [
  'locked', 'error', 'referenced', 'uptodate', 'dirty', 'lru', 'active', 'slab', 'highmem', 'checked', 'arch_1', 'reserved',
  'private', 'writeback', 'nosave', 'compound', 'swapcache', 'mappedtodisk', 'reclaim', 'nosave_free', 'uncached',
] as const;

/* Tests. The bit is passed as a mask; V8 inlines these. */
export const PageLocked = (mem: MemMap, page: Page): boolean => (mem.flags[page]! & PG_locked) !== 0;
export const PageError = (mem: MemMap, page: Page): boolean => (mem.flags[page]! & PG_error) !== 0;
export const PageReferenced = (mem: MemMap, page: Page): boolean => (mem.flags[page]! & PG_referenced) !== 0;
export const PageUptodate = (mem: MemMap, page: Page): boolean => (mem.flags[page]! & PG_uptodate) !== 0;
export const PageDirty = (mem: MemMap, page: Page): boolean => (mem.flags[page]! & PG_dirty) !== 0;
export const PageLRU = (mem: MemMap, page: Page): boolean => (mem.flags[page]! & PG_lru) !== 0;
export const PageActive = (mem: MemMap, page: Page): boolean => (mem.flags[page]! & PG_active) !== 0;
export const PageReserved = (mem: MemMap, page: Page): boolean => (mem.flags[page]! & PG_reserved) !== 0;
export const PagePrivate = (mem: MemMap, page: Page): boolean => (mem.flags[page]! & PG_private) !== 0;
export const PageWriteback = (mem: MemMap, page: Page): boolean => (mem.flags[page]! & PG_writeback) !== 0;
export const PageSwapCache = (mem: MemMap, page: Page): boolean => (mem.flags[page]! & PG_swapcache) !== 0;
export const PageReclaim = (mem: MemMap, page: Page): boolean => (mem.flags[page]! & PG_reclaim) !== 0;
export const PageMappedToDisk = (mem: MemMap, page: Page): boolean => (mem.flags[page]! & PG_mappedtodisk) !== 0;
export const PageChecked = (mem: MemMap, page: Page): boolean => (mem.flags[page]! & PG_checked) !== 0;

export function set_page_flag(mem: MemMap, page: Page, mask: number): void {
  mem.flags[page]! |= mask;
}
export function clear_page_flag(mem: MemMap, page: Page, mask: number): void {
  mem.flags[page]! &= ~mask;
}
/** test_and_set_bit(): whether the bit was already set. */
export function test_and_set_page_flag(mem: MemMap, page: Page, mask: number): boolean {
  const { flags } = mem;
  const old = flags[page]!;
  flags[page] = old | mask;
  return (old & mask) !== 0;
}
/** test_and_clear_bit(): whether the bit was set. */
export function test_and_clear_page_flag(mem: MemMap, page: Page, mask: number): boolean {
  const { flags } = mem;
  const old = flags[page]!;
  flags[page] = old & ~mask;
  return (old & mask) !== 0;
}
export const TestSetPageLocked = (mem: MemMap, page: Page): boolean => test_and_set_page_flag(mem, page, PG_locked);
export const TestSetPageLRU = (mem: MemMap, page: Page): boolean => test_and_set_page_flag(mem, page, PG_lru);
export const TestClearPageLRU = (mem: MemMap, page: Page): boolean => test_and_clear_page_flag(mem, page, PG_lru);
