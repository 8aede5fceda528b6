/**
 * mm/swapfile.c: swap areas, their slots, and how often each slot is used. Switching areas on and off is in swapfile_onoff.ts.
 *
 *     swap_info[type].swap_map[offset]   uses of the slot that entry (type, offset) names: swap ptes, tmpfs files, the swap cache
 *     swap_head ─► next ─► next          areas that may be allocated from, highest priority first
 *
 * 2.6.12 has a lock for the list (swap_list_lock) and one an area (swap_device_lock); here m.swap_lock is both. It nests inside
 * page_table_lock and outside swapper_space.tree_lock. An area that was switched off leaves a record without slots in swap_info, so
 * that a late user of one of its entries is told what the kernel would tell him.
 */
import { KERN_ERR, KERN_WARNING, printk, BUG_ON } from '../include/linux/kernel.js';
import { get_page, page_count, page_mapcount } from '../include/linux/mm.js';
import { PageLocked, PagePrivate, PageReserved, PageSwapCache, PageWriteback, PG_dirty, set_page_flag } from '../include/linux/page-flags.js';
import { spin_lock, spin_unlock } from '../include/linux/spinlock.js';
import {
  SWAP_MAP_MAX, swp_entry, swp_offset, swp_type, SWP_USED, SWP_WRITEOK, vm_swap_full, type SwapInfo,
} from '../include/linux/swap.js';
import { NO_SWP_ENTRY, NULL_PAGE, type Page, type SwpEntry } from '../include/linux/types.js';
import type { Machine } from '../machine.js';
import type { K } from '../kernel-table.js';

/** Slots that are given out one after the other before a new place to do so is looked for. */
const SWAPFILE_CLUSTER = 256;
const SWP_ACTIVE = SWP_USED | SWP_WRITEOK;
/** swap_duplicate() reports so many overflows. */
const OVERFLOW_REPORTS = 5;

const hex = (entry: SwpEntry): string => entry.toString(16).padStart(8, '0');

/** get_swap_page() under the lock: round the areas of the highest priority in turn; when all of those are full, down the whole list. */
function allocateSlot(k: K<'scan_swap_map'>): SwpEntry {
  const { m } = k;
  const { swap_info } = m;
  let type = m.swap_next;
  let wrapped = false;
  if (m.nr_swap_pages <= 0) return NO_SWP_ENTRY;
  while (type >= 0) {
    const p = swap_info[type]!;
    const offset = (p.flags & SWP_ACTIVE) === SWP_ACTIVE ? k.scan_swap_map(p) : 0;
    const { next } = p;
    const last = next < 0 || p.prio !== swap_info[next]!.prio;
    if (offset !== 0) {
      m.swap_next = last ? m.swap_head : next;
      return swp_entry(type, offset);
    }
    if (!wrapped && last) {
      type = m.swap_head;
      wrapped = true;
    } else type = next;
  }
  return NO_SWP_ENTRY;
}

/** A free slot, now used once. @returns 0 when swap is full or there is none. */
export function get_swap_page(this: K<'scan_swap_map'>): SwpEntry {
  const { m } = this;
  spin_lock(m, m.swap_lock);
  const entry = allocateSlot(this);
  spin_unlock(m, m.swap_lock);
  return entry;
}

/** First of SWAPFILE_CLUSTER free slots in a row, aligned or not; 0 when there is no such place. */
function findCluster(si: SwapInfo): number {
  const { swap_map, highest_bit } = si;
  let offset = si.lowest_bit;
  while (offset + SWAPFILE_CLUSTER - 1 <= highest_bit) {
    const end = offset + SWAPFILE_CLUSTER;
    let nr = offset;
    while (nr < end && swap_map[nr] === 0) nr++;
    if (nr === end) return offset;
    offset = nr + 1;
  }
  return 0;
}

/** First free slot from `offset` on that is not above highest_bit; 0 when there is none. */
function findFree(si: SwapInfo, offset: number): number {
  const { swap_map, highest_bit } = si;
  let at = offset;
  while (at <= highest_bit && swap_map[at] !== 0) at++;
  return at <= highest_bit ? at : 0;
}

/**
 * Takes a free slot of an area: the next one of the cluster under way, else the first of a new cluster, else the first there is. So
 * pages that go out together lie together, and most searches look at one slot; only a new cluster in an area full of holes
 * takes a walk, as in 2.6.12. Called under swap_lock.
 * @returns its number; 0 when the area is full.
 */
export function scan_swap_map(this: K, si: SwapInfo): number {
  const { m } = this;
  let offset = 0;
  if (si.cluster_nr !== 0) {
    // 2.6.12 starts at cluster_next; what lies below lowest_bit is in use
    offset = findFree(si, Math.max(si.cluster_next, si.lowest_bit));
    if (offset !== 0) si.cluster_nr--;
    else if (si.cluster_next <= si.highest_bit) si.cluster_next = si.highest_bit + 1; // it has looked that far
  }
  if (offset === 0) {
    si.cluster_nr = SWAPFILE_CLUSTER;
    offset = findCluster(si);
    if (offset === 0) {
      offset = findFree(si, si.lowest_bit);
      if (offset === 0) {
        si.lowest_bit = si.max;
        si.highest_bit = 0;
        return 0;
      }
      si.lowest_bit = offset;
    }
  }
  if (offset === si.lowest_bit) si.lowest_bit++;
  if (offset === si.highest_bit) si.highest_bit--;
  if (si.lowest_bit > si.highest_bit) {
    si.lowest_bit = si.max;
    si.highest_bit = 0;
  }
  si.swap_map[offset] = 1;
  si.inuse_pages++;
  m.nr_swap_pages--;
  si.cluster_next = offset + 1;
  return offset;
}

/**
 * One use more of a slot in use: a pte, or the swap cache. From SWAP_MAP_MAX uses on it is not counted any more, and only swapoff can
 * free the slot.
 * @returns 1; 0 when the slot is free, unusable or does not exist.
 */
export function swap_duplicate(this: K, entry: SwpEntry): number {
  const { m } = this;
  const p = m.swap_info[swp_type(entry)];
  if (p === undefined || p === null) {
    printk(m, KERN_ERR, `swap_dup: Bad swap file entry ${hex(entry)}`);
    return 0;
  }
  const offset = swp_offset(entry);
  const { swap_map } = p;
  let result = 0;
  spin_lock(m, m.swap_lock);
  const count = offset < p.max ? swap_map[offset]! : 0;
  if (count !== 0 && count < SWAP_MAP_MAX - 1) {
    swap_map[offset] = count + 1;
    result = 1;
  } else if (count !== 0 && count <= SWAP_MAP_MAX) {
    if (m.swap_overflow++ < OVERFLOW_REPORTS) printk(m, KERN_WARNING, 'swap_dup: swap entry overflow');
    swap_map[offset] = SWAP_MAP_MAX;
    result = 1;
  }
  spin_unlock(m, m.swap_lock);
  return result;
}

/** swap_info_get(): the area of an entry in use, with swap_lock held; null, a line in the log, and no lock when there is no such slot. */
function lockArea(m: Machine, entry: SwpEntry): SwapInfo | null {
  if (entry === NO_SWP_ENTRY) return null;
  const type = swp_type(entry);
  const offset = swp_offset(entry);
  const p = m.swap_info[type];
  let complaint: string;
  if (p === undefined || p === null) complaint = 'Bad swap file';
  else if ((p.flags & SWP_USED) === 0) complaint = 'Unused swap file';
  else if (offset >= p.max) complaint = 'Bad swap offset';
  else if (p.swap_map[offset] === 0) complaint = 'Unused swap offset';
  else {
    spin_lock(m, m.swap_lock);
    // room in a better area than the next one to be asked. (Without any area to ask 2.6.12 compares with what lies in front of the array.)
    if (m.swap_next >= 0 && p.prio > m.swap_info[m.swap_next]!.prio) m.swap_next = type;
    return p;
  }
  printk(m, KERN_ERR, `swap_free: ${complaint} entry ${hex(entry)}`);
  return null;
}

/** Drops one use of a slot of an area; the last one frees it. Called under swap_lock. @returns the uses left. */
export function swap_entry_free(this: K, p: SwapInfo, offset: number): number {
  let count = p.swap_map[offset]!;
  if (count >= SWAP_MAP_MAX) return count;
  p.swap_map[offset] = --count;
  if (count === 0) {
    if (offset < p.lowest_bit) p.lowest_bit = offset;
    if (offset > p.highest_bit) p.highest_bit = offset;
    this.m.nr_swap_pages++;
    p.inuse_pages--;
  }
  return count;
}

/** Drops one use of a slot. A slot that is free already only gets a line in the log. */
export function swap_free(this: K<'swap_entry_free'>, entry: SwpEntry): void {
  const { m } = this;
  const p = lockArea(m, entry);
  if (p === null) return;
  this.swap_entry_free(p, swp_offset(entry));
  spin_unlock(m, m.swap_lock);
}

/** exclusive_swap_page(): of the slot only the swap cache is a user, and of the page only that and the caller. */
function isExclusive(m: Machine, page: Page): boolean {
  const entry = m.mem_map.private[page]! as SwpEntry;
  const p = lockArea(m, entry);
  if (p === null) return false;
  const exclusive = p.swap_map[swp_offset(entry)] === 1 && page_count(m.mem_map, page) === 2;
  spin_unlock(m, m.swap_lock);
  return exclusive;
}

/**
 * Whether a locked anonymous page, to which the caller has the only pte or is about to map it, has no other user, so that a store may
 * go to the page itself. @returns 1 or 0.
 */
export function can_share_swap_page(this: K, page: Page): number {
  const { m } = this;
  const mem = m.mem_map;
  BUG_ON(m, !PageLocked(mem, page), 'mm/swapfile.c:can_share_swap_page()');
  switch (page_count(mem, page)) {
    case 3:
      return PagePrivate(mem, page) && PageSwapCache(mem, page) && isExclusive(m, page) ? 1 : 0;
    case 2:
      return PageSwapCache(mem, page) && isExclusive(m, page) ? 1 : 0;
    case 1:
      return PageReserved(mem, page) ? 0 : 1;
    default:
      return 0;
  }
}

/** Takes a locked page out of the swap cache when only the caller uses it besides. @returns 1 when it did. */
export function remove_exclusive_swap_page(this: K<'__remove_exclusive_swap_page'>, page: Page): number {
  return this.__remove_exclusive_swap_page(page, 0);
}

/**
 * The hotplug tree's remove_exclusive_swap_page(): with `force` the ptes that map the page do not count as users, so the page of a
 * migration leaves the swap cache although it is mapped again. A pte, a fork()ed copy of one, or a fault under way that still needs
 * the slot or the page makes it refuse all the same: then the page stays in the swap cache, where they find it.
 *
 * The slot is freed and the page dirty afterwards. Seen in a 2.6.12 tree for set-top boxes that carries the July 2004 memory
 * hotremoval code (mm/swapfile.c of github.com/xtreamerdev/linux-xtr); the copy of 2.6.12-rc5-mhp1 itself was not seen.
 * @returns 1 when it did.
 */
export function __remove_exclusive_swap_page(this: K<'__delete_from_swap_cache' | 'swap_free' | 'put_page'>, page: Page, force: number): number {
  const { m } = this;
  const mem = m.mem_map;
  BUG_ON(m, PagePrivate(mem, page) || !PageLocked(mem, page), 'mm/swapfile.c:__remove_exclusive_swap_page()');
  if (!PageSwapCache(mem, page) || PageWriteback(mem, page)) return 0;
  const users = page_count(mem, page) - (force === 0 ? 0 : page_mapcount(mem, page));
  if (users !== 2) return 0; // the caller and the swap cache

  const entry = mem.private[page]! as SwpEntry;
  const p = lockArea(m, entry);
  if (p === null) return 0;
  const exclusive = p.swap_map[swp_offset(entry)] === 1;
  if (exclusive) {
    spin_lock(m, m.swapper_space.tree_lock);
    this.__delete_from_swap_cache(page);
    set_page_flag(mem, page, PG_dirty);
    spin_unlock(m, m.swapper_space.tree_lock);
  }
  spin_unlock(m, m.swap_lock);
  if (!exclusive) return 0;
  this.swap_free(entry);
  this.put_page(page);
  return 1;
}

/**
 * Drops the use of a slot by a pte or a file that is gone. When only the swap cache is left, and the page is not mapped anywhere or
 * swap is filling up, the page leaves the cache as well, if its lock can be had at once.
 */
export function free_swap_and_cache(
  this: K<'swap_entry_free' | 'find_trylock_page' | 'delete_from_swap_cache' | 'unlock_page' | 'put_page'>, entry: SwpEntry,
): void {
  const { m } = this;
  const mem = m.mem_map;
  const p = lockArea(m, entry);
  if (p === null) return;
  const page = this.swap_entry_free(p, swp_offset(entry)) === 1 ? this.find_trylock_page(m.swapper_space, entry) : NULL_PAGE;
  spin_unlock(m, m.swap_lock);
  if (page === NULL_PAGE) return;
  BUG_ON(m, PagePrivate(mem, page), 'mm/swapfile.c:free_swap_and_cache()');
  get_page(mem, page);
  const one_user = page_count(mem, page) === 2;
  if (!PageWriteback(mem, page) && (one_user || vm_swap_full(m))) {
    this.delete_from_swap_cache(page);
    set_page_flag(mem, page, PG_dirty);
  }
  this.unlock_page(page);
  this.put_page(page);
}

/** Slots in all areas, and those of them that are free. The used ones of an area that is being switched off count as used still. */
export function si_swapinfo(this: K): { totalswap: number; freeswap: number } {
  const { m } = this;
  let nr_to_be_unused = 0;
  spin_lock(m, m.swap_lock);
  for (const area of m.swap_info) if (area !== null && (area.flags & SWP_ACTIVE) === SWP_USED) nr_to_be_unused += area.inuse_pages;
  const info = { totalswap: m.total_swap_pages + nr_to_be_unused, freeswap: m.nr_swap_pages + nr_to_be_unused };
  spin_unlock(m, m.swap_lock);
  return info;
}
