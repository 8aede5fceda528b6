/**
 * mm/mmigrate.c of the hotplug tree: lists of pages, and one page, from where they are to another node.
 *
 *   try_to_migrate_pages ─ pass 1, pass 2 ─► migrate_onepage ─► a_ops->migrate_page, or
 *                                                generic_migrate_page ─► migrate_page_common | migrate_page_buffer
 *
 * The text of this file is lost. What is known comes from patches and mails that quote parts of it: the passes from Ray Bryant's patch
 * of 4 January 2005 and from patch 3 of the series (by the text of -rc4 3/11, 1 July 2005), the steps of one page from the non-blocking
 * copy of 4 June 2005, from the migration-cache patches of October and December 2004, and from the ancestors of July 2004.
 *
 * *Reconstruction*: what becomes of the result when a page found no room in swap, on which lists pages are linked and at which end, and
 * all of migrate_page_buffer(), of which only the prototype and its purpose are known. Points that stay open and can be observed are
 * options of the machine: include/linux/mmigrate.ts.
 */
import { handsOnSleep } from '@pmkit/linker';
import { EAGAIN, EBUSY, ENOENT, ENOMEM, ENOSPC } from '../include/linux/errno.js';
import { GFP_KERNEL } from '../include/linux/gfp.js';
import { BUG_ON } from '../include/linux/kernel.js';
import { list_add, list_del, list_empty, list_first, list_splice_init } from '../include/linux/list.js';
import { IS_ERR, type MigrateFn, type PageOrErr } from '../include/linux/misc.js';
import { asPage } from '../model/objects.js';
import { get_page, PageAnon, page_count, page_mapped, page_mapping, page_zone } from '../include/linux/mm.js';
import type { UnmapList } from '../include/linux/mm_types.js';
import { MIGRATE_NODE_ANY } from '../include/linux/mmigrate.js';
import { aop } from '../model/ops.js';
import { switchCount } from '../model/switches.js';
import {
  clear_page_flag, PageLocked, PagePrivate, PageSwapCache, PageWriteback, PG_private, PG_swapcache, set_page_flag,
  TestSetPageLocked,
} from '../include/linux/page-flags.js';
import { SWAP_AGAIN, SWAP_FAIL, SWAP_SUCCESS } from '../include/linux/rmap.js';
import { PF_KSWAPD } from '../include/linux/sched.js';
import { NULL_PAGE, type BufferHead, type ListHead, type Page } from '../include/linux/types.js';
import { PREEMPT, type MaySleep, type MaySleepOr } from '../include/linux/wait.js';
import { newListHead, releaseListHead } from '../machine.js';
import type { K } from '../kernel-table.js';

/**
 * Migrates the pages of a list, each stolen from the LRU with a reference, to wherever the caller's policy allocates. Pages that
 * were moved, or are not used any more, are back on the LRU without that reference; the others are on `page_list` again.
 *
 * Pass 1 passes over what is locked or under writeback, or fails; pass 2 waits for it.
 * @returns pages left on the list, or -ENOSPC when one of them found no room in swap.
 */
export function* try_to_migrate_pages(
  this: K<'prepare_migration' | 'migrate_onepage' | 'putback_page_to_lru' | 'put_page'>, page_list: ListHead,
): MaySleep<number> {
  const { m } = this;
  const mem = m.mem_map;
  const pass1_list = newListHead(m);
  const pass2_list = newListHead(m);
  let nr_busy = 0;
  let nr_noswap = 0;

  // so that pageout() may write to a congested queue
  m.current.flags |= PF_KSWAPD;
  yield* this.prepare_migration(page_list);

  list_splice_init(mem, page_list, pass1_list);
  while (!list_empty(mem, pass1_list)) {
    const page = list_first(mem, pass1_list);
    list_del(mem, page);
    let newpage: PageOrErr = -EBUSY;
    if (!PageLocked(mem, page) && !PageWriteback(mem, page)) newpage = yield* this.migrate_onepage(page, MIGRATE_NODE_ANY);
    if (!IS_ERR(newpage)) {
      this.putback_page_to_lru(page_zone(m, asPage(newpage)), asPage(newpage));
      this.put_page(asPage(newpage));
    } else if (page_count(mem, page) === 1) {
      // nobody uses it any more: this frees it
      this.putback_page_to_lru(page_zone(m, page), page);
      this.put_page(page);
    } else list_add(mem, page, pass2_list);
  }

  while (!list_empty(mem, pass2_list)) {
    const page = list_first(mem, pass2_list);
    list_del(mem, page);
    const newpage = yield* this.migrate_onepage(page, MIGRATE_NODE_ANY);
    if (!IS_ERR(newpage)) {
      this.putback_page_to_lru(page_zone(m, asPage(newpage)), asPage(newpage));
      this.put_page(asPage(newpage));
    } else if (page_count(mem, page) === 1) {
      this.putback_page_to_lru(page_zone(m, page), page);
      this.put_page(page);
    } else {
      nr_busy++;
      if (newpage === -ENOSPC) nr_noswap++;
      list_add(mem, page, page_list);
    }
  }

  m.current.flags &= ~PF_KSWAPD;
  releaseListHead(m, pass1_list);
  releaseListHead(m, pass2_list);
  return nr_noswap > 0 ? -ENOSPC : nr_busy;
}

/**
 * Migrates one page, off the LRU and with the caller's reference, which a success drops.
 * @param nodeid node to allocate on, or MIGRATE_NODE_ANY. Not strict: a full node's allocation falls back to the next nearest, and the
 *   node must be allowed to the *caller's* cpuset. mapping->flags is passed as gfp mask with its AS_* bits, as the original does.
 * @returns the new page, with one reference for the caller and not on the LRU; or -ENOSPC (no swap slot for an anonymous page),
 *   -ENOENT (being truncated), -ENOMEM, or what the migration returned: -EBUSY, -EAGAIN, …
 */
export function* migrate_onepage(
  this: K<
    '__lock_page' | 'unlock_page' | 'add_to_swap' | 'try_to_release_page' | 'page_cache_alloc' | 'alloc_pages_node' | 'generic_migrate_page' | 'put_page'
  >,
  page: Page, nodeid: number,
): MaySleep<PageOrErr> {
  const { m } = this;
  const mem = m.mem_map;
  if (TestSetPageLocked(mem, page)) yield* this.__lock_page(page);

  // a swap entry is what finds the new page while no pte does (the hotplug tree's add_to_swap() takes a gfp mask, GFP_KERNEL here)
  if (m.config.CONFIG_SWAP && PageAnon(mem, page) && !PageSwapCache(mem, page) && this.add_to_swap(page) === 0) {
    this.unlock_page(page);
    return -ENOSPC;
  }
  const mapping = page_mapping(m, page);
  if (mapping === null) {
    if (PagePrivate(mem, page)) this.try_to_release_page(page, GFP_KERNEL);
    this.unlock_page(page);
    return -ENOENT;
  }
  const newpage = nodeid === MIGRATE_NODE_ANY ? yield* this.page_cache_alloc(mapping) : yield* this.alloc_pages_node(nodeid, mapping.flags, 0);
  if (newpage === NULL_PAGE) {
    this.unlock_page(page);
    return -ENOMEM;
  }

  const migrate_page = aop(this, mapping, 'migrate_page');
  const error = migrate_page === undefined
    ? yield* this.generic_migrate_page(page, newpage, 'migrate_page_common')
    : yield* callMigratePage(this, migrate_page, page, newpage);
  if (error !== 0) {
    BUG_ON(m, page_count(mem, newpage) !== 1, 'mm/mmigrate.c:migrate_onepage()');
    this.put_page(newpage);
    return error;
  }
  BUG_ON(m, page_count(mem, page) !== 1, 'mm/mmigrate.c:migrate_onepage()');
  this.put_page(page);
  return newpage;
}

/** ->migrate_page(). One that returns before it ever slept has not been through generic_migrate_page(), unless the page is unlocked now. */
function* callMigratePage(k: K<'unlock_page'>, migrate_page: (page: Page, newpage: Page) => MaySleep<number>, page: Page, newpage: Page): MaySleep<number> {
  const { m } = k;
  const switches = switchCount();
  const error = yield* migrate_page.call(k, page, newpage);
  if (error !== 0 && switchCount() === switches && m.reconstruction.unlock_refused_page && PageLocked(m.mem_map, page)) k.unlock_page(page);
  return error;
}

/**
 * Puts `newpage` in the place of `page`, which is locked and in a mapping. Both are unlocked on return.
 *
 * From the replacement in the radix tree until the new page is unlocked it is locked and not up to date, so whoever finds it waits.
 * `migrate_fn` makes sure that nobody uses the old page and copies the contents.
 * @returns 0, also when the page was truncated meanwhile; else -errno, and the old page is where it was.
 */
export function* generic_migrate_page(
  this: K<
    | 'replace_pages' | 'unwind_page' | 'try_to_unmap' | 'msleep' | 'migrate_page_common' | 'migrate_page_buffer' | 'copy_page_state' | 'unlock_page'
    | 'touch_unmapped_address' | '__lock_page' | '__remove_exclusive_swap_page' | 'put_page'
  >,
  page: Page, newpage: Page, migrate_fn: MigrateFn,
): MaySleep<number> {
  const { m } = this;
  const mem = m.mem_map;
  const vlist = m.unmap_lists.pop() ?? { mms: [], addresses: [], length: 0 };
  BUG_ON(m, TestSetPageLocked(mem, newpage), 'mm/mmigrate.c:generic_migrate_page()');
  let ret = this.replace_pages(page, newpage);
  const swap = PageSwapCache(mem, newpage);
  if (swap) m.migrating.push(newpage);
  if (ret !== 0) {
    BUG_ON(m, PagePrivate(mem, newpage), 'mm/mmigrate.c:generic_migrate_page()');
    this.unlock_page(page);
    this.unlock_page(newpage);
    m.unmap_lists.push(vlist);
    return ret;
  }
  if (m.preemptible) yield PREEMPT;

  // without ptes every access faults, and waits for the lock of the new page
  if (page_mapped(mem, page)) {
    let unmapped = this.try_to_unmap(page, vlist);
    while (unmapped === SWAP_AGAIN) {
      yield* this.msleep(1);
      unmapped = this.try_to_unmap(page, vlist);
    }
    if (unmapped !== SWAP_SUCCESS) ret = -EBUSY;
  }
  if (m.preemptible) yield PREEMPT;
  if (ret === 0) {
    if (PageSwapCache(mem, page)) {
      // nothing leads to the old page any more: it is ours alone
      clear_page_flag(mem, page, PG_swapcache);
      mem.private[page] = 0;
      mem.mapping[page] = 0;
    }
    const migrated = this[migrate_fn](page, newpage, vlist);
    ret = typeof migrated === 'number' ? migrated : yield* migrated;
  }
  if (swap) {
    // usually the last one, and then without an array of what was removed
    if (m.migrating.at(-1) === (newpage as number)) m.migrating.pop();
    else m.migrating.splice(m.migrating.indexOf(newpage), 1);
  }
  const done = ret === 0 || ret === -ENOENT;
  if (done) {
    if (ret === -ENOENT) {
      // truncated: the truncation took the new page out of the tree and dropped the tree's reference of the old one
      mem._count[page]!++;
      this.put_page(newpage);
      mem.mapping[newpage] = 0;
    }
    this.copy_page_state(page, newpage);
    this.unlock_page(newpage);
  } else yield* this.unwind_page(page, newpage);

  // map the page where it, or its predecessor, was unmapped, and take it out of the swap cache by force
  if (m.preemptible) yield PREEMPT;
  yield* this.touch_unmapped_address(vlist);
  m.unmap_lists.push(vlist);
  if (m.preemptible) yield PREEMPT;
  const mapped = done ? newpage : page;
  if (PageSwapCache(mem, mapped)) {
    if (TestSetPageLocked(mem, mapped)) yield* this.__lock_page(mapped);
    this.__remove_exclusive_swap_page(mapped, 1);
    this.unlock_page(mapped);
  }
  if (!done) return ret;
  mem.mapping[page] = 0;
  this.unlock_page(page);
  this.put_page(page);
  return 0;
}

type Common = K<'page_migratable' | 'writeback_and_free_buffers' | 'unlock_page' | 'msleep' | '__lock_page'>;

/** One try of migrate_page_common(): copies the page if nobody else uses it. @returns what page_migratable() said. */
function copyIfMigratable(k: Common, page: Page, newpage: Page, vlist: UnmapList): number {
  const { mem_map: mem, reconstruction } = k.m;
  const ret = k.page_migratable(page, newpage, reconstruction.freeable_page_count, vlist);
  if (ret === 0 || ret === -ENOENT) mem.content[newpage] = mem.content[page]!;
  return ret;
}

/** The rest of migrate_page_common() when the first try was in vain. */
function* waitAndCopy(k: Common, page: Page, newpage: Page, vlist: UnmapList): MaySleep<number> {
  const { m } = k;
  const { timeout_ms, sleep_ms, timeout_errno } = m.reconstruction;
  for (let timeout = timeout_ms; ; ) {
    yield* k.writeback_and_free_buffers(page);
    k.unlock_page(page);
    yield* k.msleep(sleep_ms);
    if (TestSetPageLocked(m.mem_map, page)) yield* k.__lock_page(page);
    timeout -= sleep_ms;
    if (timeout <= 0) return timeout_errno;
    const ret = copyIfMigratable(k, page, newpage, vlist);
    if (ret !== -EAGAIN) return ret;
  }
}

/**
 * The usual migrate_fn: waits until only page cache and migrator use the old page, has dirty buffers written and freed, then copies.
 * Sleeps 10 ms a try, 5000 ms in all.
 * @returns 0; -ENOENT (truncated); -EBUSY, also when the time is over (deduced).
 */
export function migrate_page_common(this: Common, page: Page, newpage: Page, vlist: UnmapList): MaySleepOr<number> {
  const ret = copyIfMigratable(this, page, newpage, vlist);
  return ret === -EAGAIN ? waitAndCopy(this, page, newpage, vlist) : ret;
}
handsOnSleep(migrate_page_common);

/** Locks the old page's buffers, waiting for I/O of single ones, and hangs them on the new page with the reference they hold. */
function* moveBuffers(k: K<'__lock_buffer' | 'put_page'>, page: Page, newpage: Page): MaySleep<void> {
  const { m } = k;
  const mem = m.mem_map;
  const head = mem.private[page]! as BufferHead;
  let bh = head;
  do {
    yield* k.__lock_buffer(bh);
    m.bh.b_page[bh] = newpage;
    bh = m.bh.b_this_page[bh]! as BufferHead;
  } while (bh !== head);
  clear_page_flag(mem, page, PG_private);
  mem.private[page] = 0;
  k.put_page(page);
  get_page(mem, newpage);
  mem.private[newpage] = head;
  set_page_flag(mem, newpage, PG_private);
}

/**
 * migrate_fn of file systems that use buffer heads and have nothing else at page->private: the buffers move with the page, nothing is
 * written. On success they are locked; copy_page_state() unlocks them. A page without buffers, or truncated with them, is
 * migrate_page_common()'s business.
 *
 * *Reconstruction*: that it writes nothing was said in October 2004, that the buffers are locked follows from generic_migrate_page();
 * the rest is modelled on mainline's buffer_migrate_page() of 2.6.16.
 */
export function* migrate_page_buffer(
  this: K<'page_migratable' | 'migrate_page_common' | '__lock_buffer' | 'put_page' | 'unlock_page' | 'msleep' | '__lock_page'>,
  page: Page, newpage: Page, vlist: UnmapList,
): MaySleep<number> {
  const { m } = this;
  const mem = m.mem_map;
  const { freeable_page_count_buffers, timeout_ms, sleep_ms, timeout_errno } = m.reconstruction;
  for (let timeout = timeout_ms; timeout > 0; timeout -= sleep_ms) {
    const ret = PagePrivate(mem, page) ? this.page_migratable(page, newpage, freeable_page_count_buffers, vlist) : -ENOENT;
    if (ret === -ENOENT) {
      const common = this.migrate_page_common(page, newpage, vlist);
      return typeof common === 'number' ? common : yield* common;
    }
    if (ret === 0) {
      yield* moveBuffers(this, page, newpage);
      mem.content[newpage] = mem.content[page]!;
      return 0;
    }
    if (ret !== -EAGAIN) return ret;
    this.unlock_page(page);
    yield* this.msleep(sleep_ms);
    if (TestSetPageLocked(mem, page)) yield* this.__lock_page(page);
  }
  return timeout_errno;
}

/**
 * Whether the old page, already replaced in its mapping, is free of other users.
 * @param freeable_page_count references that may be left: page cache, migrator, buffers.
 * @returns 0; -ENOENT: it has been truncated and may be dropped; -EAGAIN: not yet; -EBUSY: it cannot be unmapped.
 */
export function page_migratable(this: K<'try_to_unmap'>, page: Page, newpage: Page, freeable_page_count: number, vlist: UnmapList): number {
  const { m } = this;
  const mem = m.mem_map;
  // somebody who had looked it up before the replacement has mapped it again
  if (page_mapped(mem, page)) {
    const unmapped = this.try_to_unmap(page, vlist);
    if (unmapped === SWAP_FAIL) return -EBUSY;
    if (unmapped === SWAP_AGAIN) return -EAGAIN;
  }
  if (PageWriteback(mem, page)) return -EAGAIN;
  const truncated = !PageSwapCache(mem, newpage) && page_mapping(m, page) === null;
  if (page_count(mem, page) + (truncated ? 1 : 0) <= freeable_page_count) return truncated ? -ENOENT : 0;
  return -EAGAIN;
}
