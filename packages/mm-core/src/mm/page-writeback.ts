/**
 * A page's dirty and writeback state (mm/page-writeback.c of 2.6.12): the flags of the page, the tags of its slot in the
 * radix tree and the machine's counters move together here, under mapping.tree_lock. How much dirty memory there may be is
 * in page-writeback_limits.ts.
 *
 *     clean ── set_page_dirty() ──► dirty ── clear_page_dirty_for_io() ──► (tag still dirty)
 *       ▲                                                                        │ ->writepage(): test_set_page_writeback()
 *       └────────────────── end_page_writeback() ◄── under writeback ◄───────────┘
 *
 * Swap-cache and tmpfs pages are tagged but not counted in nr_dirty (BDI_CAP_NO_ACCT_DIRTY).
 */
import { EIO } from '../include/linux/errno.js';
import { PAGECACHE_TAG_DIRTY, PAGECACHE_TAG_WRITEBACK, type AddressSpace } from '../include/linux/fs.js';
import { BUG_ON } from '../include/linux/kernel.js';
import { get_page, page_index, page_mapping } from '../include/linux/mm.js';
import type { MemMap } from '../include/linux/mm_types.js';
import { aop } from '../model/ops.js';
import {
  PageDirty, PageError, PageLocked, PG_dirty, PG_writeback, set_page_flag, test_and_clear_page_flag, test_and_set_page_flag,
} from '../include/linux/page-flags.js';
import { spin_lock, spin_unlock } from '../include/linux/spinlock.js';
import type { Page } from '../include/linux/types.js';
import type { MaySleep } from '../include/linux/wait.js';
import { I_DIRTY_PAGES, mapping_cap_account_dirty, type WritebackControl } from '../include/linux/writeback.js';
import type { K } from '../kernel-table.js';

const TestSetPageDirty = (mem: MemMap, page: Page): boolean => test_and_set_page_flag(mem, page, PG_dirty);
const TestClearPageDirty = (mem: MemMap, page: Page): boolean => test_and_clear_page_flag(mem, page, PG_dirty);

/**
 * Marks a page dirty the way its mapping wants it. A mapping without the method has buffer heads; a page without a mapping
 * (anonymous, or truncated) only gets the flag. Never sleeps: it is called under page_table_lock.
 */
export function set_page_dirty(this: K<'__set_page_dirty_buffers'>, page: Page): number {
  const { m } = this;
  const mapping = page_mapping(m, page);
  if (mapping !== null) {
    const method = aop(this, mapping, 'set_page_dirty');
    return method === undefined ? this.__set_page_dirty_buffers(page) : method.call(this, page);
  }
  if (!PageDirty(m.mem_map, page)) set_page_flag(m.mem_map, page, PG_dirty);
  return 0;
}

/** Dirties the page alone: for mappings without buffers, and from below when one buffer has become dirty. Returns 0. */
export function __set_page_dirty_nobuffers(this: K<'radix_tree_tag_set' | '__mark_inode_dirty'>, page: Page): number {
  const { m } = this;
  const mem = m.mem_map;
  if (TestSetPageDirty(mem, page)) return 0;
  const mapping = page_mapping(m, page);
  if (mapping === null) return 0;
  spin_lock(m, mapping.tree_lock);
  const now = page_mapping(m, page);
  if (now !== null) {
    BUG_ON(m, now !== mapping, 'mm/page-writeback.c:__set_page_dirty_nobuffers()');
    if (mapping_cap_account_dirty(mapping)) m.page_state.nr_dirty++;
    this.radix_tree_tag_set(mapping.page_tree, page_index(mem, page), PAGECACHE_TAG_DIRTY);
  }
  spin_unlock(m, mapping.tree_lock);
  if (mapping.host !== null) this.__mark_inode_dirty(mapping.host, I_DIRTY_PAGES);
  return 0;
}

/**
 * Takes the dirty state away for ->writepage(). The tag stays until writeback begins or the page is dirtied again, so that
 * a sync that comes by in between still finds the page. The caller holds the page lock. Returns whether it was dirty.
 */
export function clear_page_dirty_for_io(this: K, page: Page): number {
  const { m } = this;
  const mapping = page_mapping(m, page);
  if (!TestClearPageDirty(m.mem_map, page)) return 0;
  if (mapping !== null && mapping_cap_account_dirty(mapping)) m.page_state.nr_dirty--;
  return 1;
}

/** Takes the dirty state away, tag included: the contents need not be written any more. Returns whether it was dirty. */
export function test_clear_page_dirty(this: K<'radix_tree_tag_clear'>, page: Page): number {
  const { m } = this;
  const mem = m.mem_map;
  const mapping = page_mapping(m, page);
  if (mapping === null) return TestClearPageDirty(mem, page) ? 1 : 0;
  spin_lock(m, mapping.tree_lock);
  const was = TestClearPageDirty(mem, page);
  if (was) {
    this.radix_tree_tag_clear(mapping.page_tree, page_index(mem, page), PAGECACHE_TAG_DIRTY);
    if (mapping_cap_account_dirty(mapping)) m.page_state.nr_dirty--;
  }
  spin_unlock(m, mapping.tree_lock);
  return was ? 1 : 0;
}

/** Writeback begins; a page that is not dirty loses the dirty tag now. Returns whether it was under writeback before. */
export function test_set_page_writeback(this: K<'radix_tree_tag_set' | 'radix_tree_tag_clear'>, page: Page): number {
  const { m } = this;
  const mem = m.mem_map;
  const mapping = page_mapping(m, page);
  if (mapping !== null) spin_lock(m, mapping.tree_lock);
  const was = test_and_set_page_flag(mem, page, PG_writeback);
  if (!was) m.page_state.nr_writeback++;
  if (mapping !== null) {
    const index = page_index(mem, page);
    if (!was) this.radix_tree_tag_set(mapping.page_tree, index, PAGECACHE_TAG_WRITEBACK);
    if (!PageDirty(mem, page)) this.radix_tree_tag_clear(mapping.page_tree, index, PAGECACHE_TAG_DIRTY);
    spin_unlock(m, mapping.tree_lock);
  }
  return was ? 1 : 0;
}

/** Writeback is over. Returns whether it was on. */
export function test_clear_page_writeback(this: K<'radix_tree_tag_clear'>, page: Page): number {
  const { m } = this;
  const mem = m.mem_map;
  const mapping = page_mapping(m, page);
  if (mapping !== null) spin_lock(m, mapping.tree_lock);
  const was = test_and_clear_page_flag(mem, page, PG_writeback);
  if (was) m.page_state.nr_writeback--;
  if (mapping !== null) {
    if (was) this.radix_tree_tag_clear(mapping.page_tree, page_index(mem, page), PAGECACHE_TAG_WRITEBACK);
    spin_unlock(m, mapping.tree_lock);
  }
  return was ? 1 : 0;
}

/** redirty_page_for_writepage(): ->writepage() has decided against writing. The caller unlocks the page and returns 0. */
export function redirty_page_for_writepage(this: K<'__set_page_dirty_nobuffers'>, page: Page): number {
  return this.__set_page_dirty_nobuffers(page);
}

/** Whether any page of the mapping has the tag. */
export function mapping_tagged(this: K<'radix_tree_tagged'>, mapping: AddressSpace, tag: number): boolean {
  const { m } = this;
  spin_lock(m, mapping.tree_lock);
  const tagged = this.radix_tree_tagged(mapping.page_tree, tag);
  spin_unlock(m, mapping.tree_lock);
  return tagged;
}

/** Writes one locked page and unlocks it; waits for the device when `wait` is set. 0 or an errno. */
export function* write_one_page(
  this: K<'wait_on_page_writeback' | 'clear_page_dirty_for_io' | 'put_page' | 'unlock_page'>, page: Page, wait: number,
): MaySleep<number> {
  const { m } = this;
  const mem = m.mem_map;
  BUG_ON(m, !PageLocked(mem, page), 'mm/page-writeback.c:write_one_page()');
  const mapping = m.mappings[mem.mapping[page]! >>> 1]!;
  if (wait !== 0) yield* this.wait_on_page_writeback(page);
  if (this.clear_page_dirty_for_io(page) === 0) {
    this.unlock_page(page);
    return 0;
  }
  get_page(mem, page);
  let error = yield* aop(this, mapping, 'writepage')!.call(this, page);
  if (error === 0 && wait !== 0) {
    yield* this.wait_on_page_writeback(page);
    if (PageError(mem, page)) error = -EIO;
  }
  this.put_page(page);
  return error;
}

/** Writes a mapping's dirty pages with its own method, or one ->writepage() a page. */
export function* do_writepages(this: K<'generic_writepages'>, mapping: AddressSpace, wbc: WritebackControl): MaySleep<number> {
  if (wbc.nr_to_write <= 0) return 0;
  const method = aop(this, mapping, 'writepages');
  return method === undefined ? yield* this.generic_writepages(mapping, wbc) : yield* method.call(this, mapping, wbc);
}
