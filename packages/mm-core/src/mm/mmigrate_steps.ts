/**
 * mm/mmigrate.c of the hotplug tree, continued: what generic_migrate_page() and the passes over a list do step by step. Sources are
 * those of mmigrate.ts. Two functions have names of ours, because the original has their code in its caller: copy_page_state() in
 * generic_migrate_page(), prepare_migration() in try_to_migrate_pages().
 */
import { ENOENT } from '../include/linux/errno.js';
import { PAGECACHE_TAG_DIRTY } from '../include/linux/fs.js';
import { GFP_KERNEL } from '../include/linux/gfp.js';
import { BUG, BUG_ON } from '../include/linux/kernel.js';
import { list_empty, list_first, list_move_tail, list_splice_init } from '../include/linux/list.js';
import type { ScanControl } from '../include/linux/misc.js';
import { get_page, page_count, page_index, page_mapping } from '../include/linux/mm.js';
import { aop } from '../model/ops.js';
import {
  clear_page_flag, PageActive, PageDirty, PagePrivate, PageSwapCache, PageWriteback, PG_active, PG_checked, PG_error, PG_mappedtodisk, PG_referenced,
  PG_swapcache, PG_uptodate, set_page_flag, TestSetPageLocked,
} from '../include/linux/page-flags.js';
import { spin_lock, spin_unlock } from '../include/linux/spinlock.js';
import { PAGE_SUCCESS } from '../include/linux/swap.js';
import type { BufferHead, ListHead, Page } from '../include/linux/types.js';
import type { MaySleep } from '../include/linux/wait.js';
import { newListHead, releaseListHead } from '../machine.js';
import type { K } from '../kernel-table.js';

/** HZ of ia64: rounds that unwind_page() waits for the last users of the new page, 10 jiffies each. */
const HZ = 1024;
const ROUND_MS = 10;

/**
 * Puts `newpage`, locked, where `page` is in its mapping, with a reference for it. The reference that the mapping had on the old page
 * stays behind: it is the migrator's now.
 *
 * The tags of the radix tree stay behind as well, and the dirty one comes back with set_page_dirty() at the end only: reviewed in
 * October 2004, and left so.
 * @returns 0; -ENOENT when the page is not in its mapping any more.
 */
export function replace_pages(this: K<'radix_tree_lookup' | 'radix_tree_delete' | 'radix_tree_insert'>, page: Page, newpage: Page): number {
  const { m } = this;
  const mem = m.mem_map;
  const mapping = page_mapping(m, page);
  if (mapping === null) return -ENOENT;
  const index = page_index(mem, page);
  spin_lock(m, mapping.tree_lock);
  if (this.radix_tree_lookup(mapping.page_tree, index) !== page) {
    spin_unlock(m, mapping.tree_lock);
    return -ENOENT;
  }
  this.radix_tree_delete(mapping.page_tree, index);
  this.radix_tree_insert(mapping.page_tree, index, newpage);
  get_page(mem, newpage);
  mem.index[newpage] = mem.index[page]!;
  if (PageSwapCache(mem, page)) {
    set_page_flag(mem, newpage, PG_swapcache);
    mem.private[newpage] = mem.private[page]!;
  } else mem.mapping[newpage] = mem.mapping[page]!;
  spin_unlock(m, mapping.tree_lock);
  return 0;
}

/**
 * Undoes replace_pages() and unlocks both pages. Those who wait for the new page's lock find that it is not the mapping's page any
 * more and look again; until they have let go of it, it cannot be freed.
 *
 * The wait and its BUG() are those of July 2004, without the flag PG_again of that time. Whether the original brings the dirty tag
 * back is not known; here it does.
 */
export function* unwind_page(
  this: K<'radix_tree_lookup' | 'radix_tree_delete' | 'radix_tree_insert' | 'radix_tree_tag_set' | 'unlock_page' | 'put_page' | 'msleep'>,
  page: Page, newpage: Page,
): MaySleep<void> {
  const { m } = this;
  const mem = m.mem_map;
  const mapping = page_mapping(m, newpage)!;
  const index = page_index(mem, newpage);
  spin_lock(m, mapping.tree_lock);
  // a truncation has emptied the slot, and has dropped the mapping's reference of the old page
  if (this.radix_tree_lookup(mapping.page_tree, index) === newpage) {
    this.radix_tree_delete(mapping.page_tree, index);
    this.radix_tree_insert(mapping.page_tree, index, page);
    if (PageDirty(mem, page)) this.radix_tree_tag_set(mapping.page_tree, index, PAGECACHE_TAG_DIRTY);
  }
  if (PageSwapCache(mem, newpage)) {
    set_page_flag(mem, page, PG_swapcache);
    mem.private[page] = mem.private[newpage]!;
    clear_page_flag(mem, newpage, PG_swapcache);
    mem.private[newpage] = 0;
  }
  mem.mapping[newpage] = 0;
  spin_unlock(m, mapping.tree_lock);

  this.unlock_page(newpage);
  this.put_page(newpage);
  for (let i = 0; page_count(mem, newpage) > 1; i++) {
    if (i === HZ) BUG(m, 'mm/mmigrate.c:unwind_page()');
    yield* this.msleep(ROUND_MS);
  }
  this.unlock_page(page);
}

/** Takes what can be taken from a locked page with buffers: writes it when it is dirty, then frees the buffers if nobody uses them. */
export function* writeback_and_free_buffers(this: K<'pageout' | '__lock_page' | 'try_to_release_page'>, page: Page): MaySleep<void> {
  const { m } = this;
  const mem = m.mem_map;
  if (!PagePrivate(mem, page)) return;
  if (PageDirty(mem, page) && (yield* this.pageout(page, page_mapping(m, page))) === PAGE_SUCCESS) {
    // ->writepage() has unlocked it
    if (TestSetPageLocked(mem, page)) yield* this.__lock_page(page);
  }
  if (PagePrivate(mem, page)) this.try_to_release_page(page, GFP_KERNEL);
}

/** Whether a page must be written before it can be moved, if its file system does not know better. */
export function need_writeback(this: K, page: Page): boolean {
  return PageDirty(this.m.mem_map, page) && PagePrivate(this.m.mem_map, page);
}

/**
 * What try_to_migrate_pages() does before its first pass: starts to write the dirty pages with buffers whose file systems cannot
 * migrate them, so that pass 2 need not wait for each in turn (quoted in a mail of 7 October 2004); and, where the machine's
 * `release_inactive` is set, lets reclaim have the clean inactive pages. Of the latter only the sentence in the function's header
 * comment and a scan_control with may_writepage 0 are known: *reconstruction*.
 */
export function* prepare_migration(
  this: K<'need_writeback' | 'pageout' | 'unlock_page' | 'shrink_list'>, page_list: ListHead,
): MaySleep<void> {
  const { m } = this;
  const mem = m.mem_map;
  let page = mem.lru_next[page_list]! as Page;
  while ((page as number) !== (page_list as number)) {
    if (this.need_writeback(page) && !TestSetPageLocked(mem, page)) {
      const mapping = page_mapping(m, page);
      const started = mapping !== null && aop(this, mapping, 'migrate_page') === undefined && (yield* this.pageout(page, mapping)) === PAGE_SUCCESS;
      if (!started) this.unlock_page(page);
    }
    page = mem.lru_next[page]! as Page;
  }
  if (!m.reconstruction.release_inactive) return;

  const inactive = newListHead(m);
  const active = newListHead(m);
  while (!list_empty(mem, page_list)) {
    page = list_first(mem, page_list);
    list_move_tail(mem, page, PageActive(mem, page) ? active : inactive);
  }
  const sc: ScanControl = {
    nr_to_scan: 0, nr_scanned: 0, nr_reclaimed: 0, nr_mapped: m.page_state.nr_mapped, nr_to_reclaim: 0, priority: 0, gfp_mask: GFP_KERNEL,
    may_writepage: false,
  };
  yield* this.shrink_list(inactive, sc);
  list_splice_init(mem, inactive, page_list);
  list_splice_init(mem, active, page_list);
  releaseListHead(m, inactive);
  releaseListHead(m, active);
}

/**
 * Moves the state of the old page to the new one, whose contents are the old one's already (seen in the copy of 4 June 2005). PG_active
 * moves, so that the new page goes on the old one's list; the dirty state moves through the mapping's methods; the buffers, if they
 * came along, are unlocked.
 */
export function copy_page_state(this: K<'clear_page_dirty_for_io' | 'set_page_dirty' | 'unlock_buffer'>, page: Page, newpage: Page): void {
  const { m } = this;
  const mem = m.mem_map;
  set_page_flag(mem, newpage, mem.flags[page]! & (PG_error | PG_referenced | PG_active | PG_mappedtodisk | PG_checked | PG_uptodate));
  clear_page_flag(mem, page, PG_active);
  if (PageDirty(mem, page)) {
    this.clear_page_dirty_for_io(page);
    this.set_page_dirty(newpage);
  }
  if (PagePrivate(mem, newpage)) {
    BUG_ON(m, mem.mapping[newpage] === 0, 'mm/mmigrate.c:generic_migrate_page()');
    const head = mem.private[newpage]! as BufferHead;
    let bh = head;
    do {
      this.unlock_buffer(bh);
      bh = m.bh.b_this_page[bh]! as BufferHead;
    } while (bh !== head);
  }
  BUG_ON(m, PageWriteback(mem, newpage), 'mm/mmigrate.c:generic_migrate_page()');
}
