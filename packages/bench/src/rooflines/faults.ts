/** The traffic of page faults, fork(), reclaim and looking at memory. */
import type { Columns } from './columns.js';

/**
 * First touch of anonymous memory:
 *
 *   page         flags, _count, _mapcount, mapping, index, private, content store; on a list (store next, prev; load and store in both neighbours)
 *   pte          load, store
 *
 * The frames are taken in their order: the buddy system's lists are of blocks.
 */
export function firstTouch({ flags, count, mapcount, mapping, index, private: slot, content, next, prev, ptes, frames }: Columns, pages: number): void {
  for (let page = 0; page < pages; page++) {
    if (ptes[page] !== 0) throw new Error('a page was touched before');
    flags[page] = 1;
    count[page] = 1;
    mapcount[page] = 1;
    mapping[page] = 3;
    index[page] = page;
    slot[page] = 0;
    content[page] = page;
    const last = prev[frames]!;
    next[page] = frames;
    prev[page] = last;
    next[last] = page;
    prev[frames] = page;
    ptes[page] = page + 1;
  }
}

/** A page that is shared with the child: the parent's pte load and store (not writable now), the child's store; _count and _mapcount load and store. */
export function fork({ count, mapcount, ptes }: Columns, child: Uint32Array, pages: number): void {
  for (let i = 0; i < pages; i++) {
    const pte = ptes[i]! & 0x7fff_ffff;
    ptes[i] = pte;
    child[i] = pte;
    count[pte] = count[pte]! + 1;
    mapcount[pte] = mapcount[pte]! + 1;
  }
}

/**
 * A page that goes to swap and makes room for one that comes from there:
 *
 *   victim       off the list's head (load next, prev; 2 stores); flags load and store; _count, _mapcount, mapping, private store; its pte store (found by index: load)
 *   swap slots   store of either, a byte
 *   swap cache   store, store 0, of either; a slot of the radix tree
 *   page         the same frame: flags, _count, _mapcount, mapping, index, private, content store; on the list's end (4 stores); its pte load, store
 */
export function swapThrough(columns: Columns, swapMap: Uint8Array, slots: Uint32Array, from: number, pages: number): void {
  const { flags, count, mapcount, mapping, index, private: slot, content, next, prev, ptes, frames } = columns;
  for (let i = 0; i < pages; i++) {
    const at = (from + i) % ptes.length;
    const page = next[frames]!;
    const after = next[page]!;
    next[frames] = after;
    prev[after] = frames;
    const victim = index[page]!;
    swapMap[victim] = 1;
    slots[victim] = page;
    ptes[victim] = victim;
    slots[victim] = 0;
    flags[page] = flags[page]! | 1;
    count[page] = 0;
    mapcount[page] = 0;
    mapping[page] = 0;
    slot[page] = 0;

    const wanted = ptes[at]!;
    slots[wanted] = page;
    flags[page] = 1;
    count[page] = 1;
    mapcount[page] = 1;
    mapping[page] = 3;
    index[page] = at;
    slot[page] = at;
    content[page] = wanted;
    slots[wanted] = 0;
    swapMap[wanted] = 0;
    ptes[at] = page;
    const last = prev[frames]!;
    next[page] = frames;
    prev[page] = last;
    next[last] = page;
    prev[frames] = page;
  }
}

/** A page that is counted: its pte, flags, mapping and _mapcount load. @returns what was seen, so that nothing is optimised away. */
export function count({ flags, mapping, mapcount, ptes }: Columns, pages: number): number {
  let seen = 0;
  for (let i = 0; i < pages; i++) {
    const page = ptes[i]!;
    seen += flags[page]! + mapping[page]! + mapcount[page]!;
  }
  return seen;
}
