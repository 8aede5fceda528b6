/** The traffic of migration: pages of one half of the memory change places with free frames of the other half, and back the next time. */
import { shuttle } from '../machines.js';
import { Columns } from './columns.js';

/** Bytes of memory that a page of a job takes with a free frame to move it to, in a machine and in the columns beside it. */
export const BYTES_A_PAGE = 170;

/** Slots of a leaf of the radix tree: pages that are moved one after the other use the same one. */
const LEAF = 64;

/** Frames 0 to pages - 1 are in use, on a list, and mapped by the first ptes in this order; as many behind them are free. */
function columnsOf(pages: number, sharers: number): Columns {
  const columns = new Columns(2 * pages, 4, pages * sharers);
  columns.link(2 * pages, 0, pages);
  columns.link(2 * pages + 1, pages, 0);
  columns.link(2 * pages + 2, 0, 0);
  columns.link(2 * pages + 3, pages, pages);
  for (let i = 0; i < pages * sharers; i++) columns.ptes[i] = i % pages;
  return columns;
}

/** The list heads of one side: pages in use, free frames. */
interface Side { readonly used: number; readonly free: number }
const sidesOf = ({ frames }: Columns): readonly [Side, Side] => [{ used: frames, free: frames + 2 }, { used: frames + 1, free: frames + 3 }];

/** What migrateAnonymous() has, in short. */
export const TRAFFIC_OF_ANONYMOUS = 'pte 2 loads, 2 stores; swap slot 2 stores; swap cache 3 stores; old page 6 loads, 11 stores; new page 2 loads, 13 stores; neighbours on lists';

/**
 * An anonymous page, a page table entry for each sharer:
 *
 *   pte          load; store of the swap entry; load; store of the new frame number; each sharer
 *   swap slot    store 1, store 0; a byte
 *   swap cache   store, store of the new page, store 0; a slot of the radix tree's leaf
 *   old page     off its list (load next, prev; store them in both neighbours); flags, mapping, index, content load; flags, _count, _mapcount, mapping, private store;
 *                on the free list (store next, prev; store in both neighbours)
 *   new page     off the free list (load next, prev; store in both neighbours); flags, _count, _mapcount, mapping, index, private, content store; on a list (4 stores)
 */
export function migrateAnonymous(pages: number, sharers = 1): () => void {
  const columns = columnsOf(pages, sharers);
  const { flags, count, mapcount, mapping, index, private: slot, content, next, prev, ptes } = columns;
  const swapMap = new Uint8Array(pages);
  const leaf = new Uint32Array(LEAF);
  const move = (from: Side, to: Side): number => {
    for (let i = 0; i < pages; i++) {
      const page = ptes[i]!;
      const fresh = next[to.free]!;
      const [freshNext, freshPrev, pageNext, pagePrev] = [next[fresh]!, prev[fresh]!, next[page]!, prev[page]!];
      next[freshPrev] = freshNext;
      prev[freshNext] = freshPrev;
      next[pagePrev] = pageNext;
      prev[pageNext] = pagePrev;
      swapMap[i] = 1;
      leaf[i % LEAF] = page;
      for (let at = i; at < pages * sharers; at += pages) ptes[at] = i;
      leaf[i % LEAF] = fresh;
      flags[fresh] = flags[page]!;
      mapping[fresh] = mapping[page]!;
      index[fresh] = index[page]!;
      content[fresh] = content[page]!;
      count[fresh] = 1;
      mapcount[fresh] = sharers;
      slot[fresh] = 0;
      for (let at = i; at < pages * sharers; at += pages) ptes[at] = ptes[at]! - i + fresh;
      swapMap[i] = 0;
      leaf[i % LEAF] = 0;
      flags[page] = 0;
      mapping[page] = 0;
      slot[page] = 0;
      count[page] = 0;
      mapcount[page] = 0;
      linkLast(next, prev, fresh, to.used);
      linkLast(next, prev, page, from.free);
    }
    return pages;
  };
  return shuttle(...sidesOf(columns), move);
}

/**
 * A page of a file, with buffers: as above, without a swap slot, and
 *
 *   page cache   load; store of the new page; a slot of the radix tree
 *   buffers      each: b_state load and store (locked, unlocked again), b_page store, b_this_page load
 *   private      load from the old page, store in the new one
 */
export function migrateFile(pages: number, buffers: number): () => void {
  const columns = columnsOf(pages, 1);
  const { flags, count, mapcount, mapping, index, private: head, content, next, prev, ptes } = columns;
  const slots = Uint32Array.from(ptes);
  const [state, owner, following] = [new Uint32Array(pages * buffers), new Uint32Array(pages * buffers), new Uint32Array(pages * buffers)];
  for (let bh = 0; bh < pages * buffers; bh++) following[bh] = (bh + 1) % buffers === 0 ? bh + 1 - buffers : bh + 1;
  for (let page = 0; page < pages; page++) head[page] = page * buffers;
  const move = (from: Side, to: Side): number => {
    for (let i = 0; i < pages; i++) {
      const page = ptes[i]!;
      const fresh = next[to.free]!;
      const [freshNext, freshPrev, pageNext, pagePrev] = [next[fresh]!, prev[fresh]!, next[page]!, prev[page]!];
      next[freshPrev] = freshNext;
      prev[freshNext] = freshPrev;
      next[pagePrev] = pageNext;
      prev[pageNext] = pagePrev;
      slots[i] = slots[i]! - page + fresh;
      ptes[i] = 0;
      let bh = head[page]!;
      for (let n = 0; n < buffers; n++) {
        state[bh] = state[bh]! ^ 4;
        owner[bh] = fresh;
        bh = following[bh]!;
      }
      head[fresh] = head[page]!;
      flags[fresh] = flags[page]!;
      mapping[fresh] = mapping[page]!;
      index[fresh] = index[page]!;
      content[fresh] = content[page]!;
      count[fresh] = 2;
      mapcount[fresh] = 1;
      for (let n = 0; n < buffers; n++) {
        state[bh] = state[bh]! ^ 4;
        bh = following[bh]!;
      }
      ptes[i] = fresh;
      flags[page] = 0;
      mapping[page] = 0;
      head[page] = 0;
      count[page] = 0;
      mapcount[page] = 0;
      linkLast(next, prev, fresh, to.used);
      linkLast(next, prev, page, from.free);
    }
    return pages;
  };
  return shuttle(...sidesOf(columns), move);
}

/** list_add_tail(). */
function linkLast(next: Uint32Array, prev: Uint32Array, page: number, head: number): void {
  const last = prev[head]!;
  next[page] = head;
  prev[page] = last;
  next[last] = page;
  prev[head] = page;
}
