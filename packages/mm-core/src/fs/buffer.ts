/**
 * Buffer heads: the parts of a page that are blocks on a disk (fs/buffer.c of 2.6.12). I/O through them is in buffer_io.ts.
 *
 *     page->private ──► bh ─► bh ─► bh ─► bh ─┐        a ring, one buffer a block, in order of the blocks; PG_private says
 *                        ▲────────────────────┘        that it is there, and it holds one reference to the page
 *
 * Pages read from disk have no buffers (mpage_readpage() does without); they come with write() and with ->writepage(), and
 * stay when the page is clean again until somebody releases them. A dirty buffer makes its page dirty; a page dirtied as a
 * whole dirties all of its buffers. While there are buffers they know which parts are dirty and the page's flag is a hint.
 *
 * mapping->private_lock is left out: nothing here can be interrupted between looking at the ring and changing it.
 */
import { PAGECACHE_TAG_DIRTY } from '../include/linux/fs.js';
import { BH_Delay, BH_Dirty, BH_Lock, BH_Mapped, BH_New, BH_Req, BH_Uptodate } from '../include/linux/buffer_head.js';
import type { BufferHeads } from '../include/linux/buffer_head.js';
import { BUG_ON } from '../include/linux/kernel.js';
import { get_page, page_index } from '../include/linux/mm.js';
import { PAGE_MAPPING_ANON } from '../include/linux/mm_types.js';
import { aop } from '../model/ops.js';
import {
  clear_page_flag, PageDirty, PageLocked, PagePrivate, PageUptodate, PageWriteback, PG_dirty, PG_private, set_page_flag, test_and_set_page_flag,
} from '../include/linux/page-flags.js';
import { spin_lock, spin_unlock } from '../include/linux/spinlock.js';
import { NULL_BH, type BufferHead, type Page } from '../include/linux/types.js';
import type { MaySleep } from '../include/linux/wait.js';
import { I_DIRTY_PAGES, mapping_cap_account_dirty } from '../include/linux/writeback.js';
import type { K } from '../kernel-table.js';

function growBufferHeads(store: BufferHeads): void {
  const grown = (column: Uint32Array): Uint32Array => {
    const larger = new Uint32Array(column.length * 2);
    larger.set(column);
    return larger;
  };
  const b_count = new Int32Array(store.b_count.length * 2);
  b_count.set(store.b_count);
  store.b_state = grown(store.b_state);
  store.b_this_page = grown(store.b_this_page);
  store.b_page = grown(store.b_page);
  store.b_blocknr = grown(store.b_blocknr);
  store.b_count = b_count;
}

/** A buffer head of zeros. May move the store `m.bh`: views of its columns that the caller holds are stale. */
export function alloc_buffer_head(this: K): BufferHead {
  const store = this.m.bh;
  store.used++;
  let bh = store.free;
  if (bh !== NULL_BH) store.free = store.b_this_page[bh]! as BufferHead;
  else {
    if (store.high === store.b_state.length) growBufferHeads(store);
    bh = store.high++ as BufferHead;
  }
  store.b_state[bh] = 0;
  store.b_this_page[bh] = 0;
  store.b_page[bh] = 0;
  store.b_blocknr[bh] = 0;
  store.b_count[bh] = 0;
  return bh;
}

export function free_buffer_head(this: K, bh: BufferHead): void {
  const store = this.m.bh;
  store.used--;
  store.b_page[bh] = 0;
  store.b_this_page[bh] = store.free;
  store.free = bh;
}

/** Gives a locked page without buffers one for each block, in the state that the page's own flags and `b_state` imply. */
export function create_empty_buffers(this: K<'alloc_buffer_head'>, page: Page, blocksize: number, b_state: number): void {
  const { m } = this;
  const mem = m.mem_map;
  let state = b_state;
  if (PageDirty(mem, page)) state |= BH_Dirty;
  if (PageUptodate(mem, page)) state |= BH_Uptodate;
  let head = NULL_BH;
  let tail = NULL_BH;
  for (let offset = 0; offset < m.PAGE_SIZE; offset += blocksize) {
    const bh = this.alloc_buffer_head();
    m.bh.b_state[bh] = state;
    m.bh.b_page[bh] = page;
    if (head === NULL_BH) head = bh;
    else m.bh.b_this_page[tail] = bh;
    tail = bh;
  }
  m.bh.b_this_page[tail] = head;
  get_page(mem, page);
  set_page_flag(mem, page, PG_private);
  mem.private[page] = head;
}

/**
 * Frees a locked page's buffers unless one is dirty, locked or held by somebody. Clean buffers on a dirty page (a file
 * system wrote them by hand) mean that the page is clean too. Returns whether they are gone.
 */
export function try_to_free_buffers(this: K<'free_buffer_head' | 'put_page' | 'test_clear_page_dirty'>, page: Page): number {
  const { m } = this;
  const mem = m.mem_map;
  BUG_ON(m, !PageLocked(mem, page), 'fs/buffer.c:try_to_free_buffers()');
  if (PageWriteback(mem, page)) return 0;
  const { b_state, b_count, b_this_page } = m.bh;
  const head = mem.private[page]! as BufferHead;
  let bh = head;
  do {
    if (b_count[bh] !== 0 || (b_state[bh]! & (BH_Dirty | BH_Lock)) !== 0) return 0;
    bh = b_this_page[bh]! as BufferHead;
  } while (bh !== head);
  clear_page_flag(mem, page, PG_private);
  mem.private[page] = 0;
  this.put_page(page);
  if (mem.mapping[page] !== 0) this.test_clear_page_dirty(page);
  do {
    const next = b_this_page[bh]! as BufferHead;
    this.free_buffer_head(bh);
    bh = next;
  } while (bh !== head);
  return 1;
}

/** Has the file system give up what it keeps at page->private. Returns whether it did. */
export function try_to_release_page(this: K<'try_to_free_buffers'>, page: Page, gfp_mask: number): number {
  const { m } = this;
  const mem = m.mem_map;
  BUG_ON(m, !PageLocked(mem, page), 'fs/buffer.c:try_to_release_page()');
  if (PageWriteback(mem, page)) return 0;
  const field = mem.mapping[page]!;
  if (field !== 0 && (field & PAGE_MAPPING_ANON) === 0) {
    const method = aop(this, m.mappings[field >>> 1]!, 'releasepage');
    if (method !== undefined) return method.call(this, page, gfp_mask);
  }
  return this.try_to_free_buffers(page);
}

/**
 * The part of a locked page from byte `offset` on is no longer part of the file: its buffers lose their blocks, and when
 * that is the whole page they are freed if nobody else holds them. (2.6.12 locks each buffer for it, waiting for I/O; here
 * a locked page that is not under writeback has no locked buffers.)
 */
export function block_invalidatepage(this: K<'try_to_release_page'>, page: Page, offset: number): void {
  const { m } = this;
  const mem = m.mem_map;
  BUG_ON(m, !PageLocked(mem, page), 'fs/buffer.c:block_invalidatepage()');
  if (!PagePrivate(mem, page)) return;
  const { b_state, b_this_page } = m.bh;
  const blocksize = m.mappings[mem.mapping[page]! >>> 1]!.host!.i_sb.s_blocksize;
  const head = mem.private[page]! as BufferHead;
  let bh = head;
  let start = 0;
  do {
    if (offset <= start) b_state[bh]! &= ~(BH_Dirty | BH_Mapped | BH_Req | BH_New | BH_Delay);
    start += blocksize;
    bh = b_this_page[bh]! as BufferHead;
  } while (bh !== head);
  if (offset === 0) this.try_to_release_page(page, 0);
}

/** Dirties one buffer and with it the page, but not the page's other buffers. */
export function mark_buffer_dirty(this: K<'__set_page_dirty_nobuffers'>, bh: BufferHead): void {
  const { b_state, b_page } = this.m.bh;
  if ((b_state[bh]! & BH_Dirty) !== 0) return;
  b_state[bh]! |= BH_Dirty;
  this.__set_page_dirty_nobuffers(b_page[bh]! as Page);
}

/** Dirties a page with all its buffers, the buffers first: a clean page with dirty buffers does no harm, the reverse would. */
export function __set_page_dirty_buffers(this: K<'radix_tree_tag_set' | '__mark_inode_dirty'>, page: Page): number {
  const { m } = this;
  const mem = m.mem_map;
  const mapping = m.mappings[mem.mapping[page]! >>> 1]!;
  if (PagePrivate(mem, page)) {
    const { b_state, b_this_page } = m.bh;
    const head = mem.private[page]! as BufferHead;
    let bh = head;
    do {
      b_state[bh]! |= BH_Dirty;
      bh = b_this_page[bh]! as BufferHead;
    } while (bh !== head);
  }
  if (test_and_set_page_flag(mem, page, PG_dirty)) return 0;
  spin_lock(m, mapping.tree_lock);
  if (mem.mapping[page] !== 0) {
    if (mapping_cap_account_dirty(mapping)) m.page_state.nr_dirty++;
    this.radix_tree_tag_set(mapping.page_tree, page_index(mem, page), PAGECACHE_TAG_DIRTY);
  }
  spin_unlock(m, mapping.tree_lock);
  if (mapping.host !== null) this.__mark_inode_dirty(mapping.host, I_DIRTY_PAGES);
  return 0;
}

/** Returns when nobody has the buffer locked; it may be locked again the moment after. */
export function* __wait_on_buffer(this: K, bh: BufferHead): MaySleep<void> {
  const { m } = this;
  while ((m.bh.b_state[bh]! & BH_Lock) !== 0) yield { kind: 'buffer-lock', bh };
}

/** lock_buffer() when the buffer has been found locked. */
export function* __lock_buffer(this: K, bh: BufferHead): MaySleep<void> {
  const { m } = this;
  while ((m.bh.b_state[bh]! & BH_Lock) !== 0) yield { kind: 'buffer-lock', bh };
  m.bh.b_state[bh]! |= BH_Lock;
}

export function unlock_buffer(this: K, bh: BufferHead): void {
  this.m.bh.b_state[bh]! &= ~BH_Lock;
}

/** ->sync_page() of the disk file systems: would push queued requests to the device; the model's are never held back. */
export function block_sync_page(this: K, _page: Page): void {
  return;
}
