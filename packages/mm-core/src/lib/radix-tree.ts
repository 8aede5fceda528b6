/**
 * The radix tree of the page cache and the swap cache (lib/radix-tree.c of 2.6.12).
 *
 *     root { height 2, rnode } ──► node  [0]─► node [0] page, [1] page, … [63]
 *                                        [5]─► node …
 *
 * 64 slots a node, so six levels reach every 32-bit index. There is no special case for a tree of one item: an item at
 * index 0 sits in a node of its own (later kernels put it into the root). Each node has two bitmaps of 64 bits, the tags
 * PAGECACHE_TAG_DIRTY and PAGECACHE_TAG_WRITEBACK: a bit in a lower level sets the bit of its slot in every level above,
 * so a search for tagged items skips whole subtrees.
 *
 * Nodes are rows of the machine's store `m.radix`, not objects; they come from a slab that never runs dry, so what
 * radix_tree_preload() guards against cannot happen and radix_tree_insert() never fails with -ENOMEM. Callers hold the
 * mapping's tree_lock.
 */
import { EEXIST } from '../include/linux/errno.js';
import { BUG } from '../include/linux/kernel.js';
import { RADIX_TREE_MAP_MASK, RADIX_TREE_MAP_SHIFT, RADIX_TREE_MAP_SIZE, RADIX_TREE_TAGS, type RadixTreeRoot } from '../include/linux/radix-tree.js';
import type { Machine, RadixStore } from '../machine.js';
import type { K } from '../kernel-table.js';

const MAP_SHIFT = RADIX_TREE_MAP_SHIFT;
const MAP_SIZE = RADIX_TREE_MAP_SIZE;
const MAP_MASK = RADIX_TREE_MAP_MASK;
/** A node has two words of tag bits for each of the RADIX_TREE_TAGS, which are two. */
const TAG_SHIFT = 2;
/** Largest index a tree of this height can hold; six levels are more than an index has bits. */
const height_to_maxindex = Float64Array.of(0, 2 ** 6 - 1, 2 ** 12 - 1, 2 ** 18 - 1, 2 ** 24 - 1, 2 ** 30 - 1, 2 ** 32 - 1);

/** The way from the root to a slot: positions of slots in the store by level, the leaf's first. Filled by walk(). */
const path = new Int32Array(height_to_maxindex.length);

function grow(store: RadixStore): void {
  const slots = new Int32Array(store.slots.length * 2);
  slots.set(store.slots);
  const tags = new Uint32Array(store.tags.length * 2);
  tags.set(store.tags);
  const count = new Uint8Array(store.count.length * 2);
  count.set(store.count);
  store.slots = slots;
  store.tags = tags;
  store.count = count;
}

/** A node of zeros. May move the store: views of it that the caller holds are stale. */
function radix_tree_node_alloc(m: Machine): number {
  const store = m.radix;
  store.used++;
  const node = store.free;
  if (node !== 0) {
    store.free = store.slots[node << MAP_SHIFT]!;
    store.slots[node << MAP_SHIFT] = 0;
    return node;
  }
  if (store.high === store.count.length) grow(store);
  return store.high++;
}

/** Takes back a node whose slots and tags are all clear; the first slot chains the free ones. */
function radix_tree_node_free(m: Machine, node: number): void {
  const store = m.radix;
  store.used--;
  store.slots[node << MAP_SHIFT] = store.free;
  store.free = node;
}

/** Position in the store of the word with the tag of a slot, whose position is `at`. The bit in it is the low bits of `at`. */
const tag_word = (at: number, tag: number): number => ((at >>> MAP_SHIFT) << TAG_SHIFT) | (tag << 1) | ((at >> 5) & 1);
const any_tag_set = (tags: Uint32Array, node: number, tag: number): boolean => (tags[(node << TAG_SHIFT) | (tag << 1)]! | tags[(node << TAG_SHIFT) | (tag << 1) | 1]!) !== 0;
const tag_get = (tags: Uint32Array, at: number, tag: number): boolean => (tags[tag_word(at, tag)]! & (1 << (at & 31))) !== 0;
function tag_set(tags: Uint32Array, at: number, tag: number): void {
  tags[tag_word(at, tag)]! |= 1 << (at & 31);
}
function tag_clear(tags: Uint32Array, at: number, tag: number): void {
  tags[tag_word(at, tag)]! &= ~(1 << (at & 31));
}

/** Puts levels on top until `index` fits. The old root becomes slot 0 of the new one and its tags shine through. */
function radix_tree_extend(m: Machine, root: RadixTreeRoot, index: number): void {
  let height = root.height + 1;
  while (index > height_to_maxindex[height]!) height++;
  if (root.rnode === 0) {
    root.height = height;
    return;
  }
  do {
    const node = radix_tree_node_alloc(m);
    const { slots, tags, count } = m.radix;
    slots[node << MAP_SHIFT] = root.rnode;
    for (let tag = 0; tag < RADIX_TREE_TAGS; tag++) if (any_tag_set(tags, root.rnode, tag)) tag_set(tags, node << MAP_SHIFT, tag);
    count[node] = 1;
    root.rnode = node;
    root.height++;
  } while (height > root.height);
}

/** Stores `item` (never 0) at `index`; -EEXIST when something is there. */
export function radix_tree_insert(this: K, root: RadixTreeRoot, index: number, item: number): number {
  const { m } = this;
  if ((index === 0 && root.rnode === 0) || index > height_to_maxindex[root.height]!) radix_tree_extend(m, root, index);
  let { slots, count } = m.radix;
  let node = 0;
  let at = 0;
  let next = root.rnode;
  for (let shift = (root.height - 1) * MAP_SHIFT; shift >= 0; shift -= MAP_SHIFT) {
    if (next === 0) {
      next = radix_tree_node_alloc(m);
      ({ slots, count } = m.radix);
      if (node === 0) root.rnode = next;
      else {
        slots[at] = next;
        count[node]!++;
      }
    }
    node = next;
    at = (node << MAP_SHIFT) | ((index >>> shift) & MAP_MASK);
    next = slots[at]!;
  }
  if (next !== 0) return -EEXIST;
  const { tags } = m.radix;
  for (let tag = 0; tag < RADIX_TREE_TAGS; tag++) if (tag_get(tags, at, tag)) BUG(m, 'lib/radix-tree.c:radix_tree_insert()');
  slots[at] = item;
  count[node]!++;
  return 0;
}

/** Position in the store of the slot of `index`, or -1 where the tree has no such slot. */
function slot_of(m: Machine, root: RadixTreeRoot, index: number): number {
  let node = root.rnode;
  if (node === 0 || index > height_to_maxindex[root.height]!) return -1;
  const { slots } = m.radix;
  for (let shift = (root.height - 1) * MAP_SHIFT; ; shift -= MAP_SHIFT) {
    const at = (node << MAP_SHIFT) | ((index >>> shift) & MAP_MASK);
    if (shift === 0) return at;
    node = slots[at]!;
    if (node === 0) return -1;
  }
}

/** The item at `index`, or 0. */
export function radix_tree_lookup(this: K, root: RadixTreeRoot, index: number): number {
  const at = slot_of(this.m, root, index);
  return at < 0 ? 0 : this.m.radix.slots[at]!;
}

/** Fills the path to `index` and returns the item there; 0 when there is none. */
function walk(m: Machine, root: RadixTreeRoot, index: number): number {
  let item = root.rnode;
  if (item === 0 || index > height_to_maxindex[root.height]!) return 0;
  const { slots } = m.radix;
  for (let level = root.height - 1; level >= 0; level--) {
    if (item === 0) return 0;
    const at = (item << MAP_SHIFT) | ((index >>> (level * MAP_SHIFT)) & MAP_MASK);
    path[level] = at;
    item = slots[at]!;
  }
  return item;
}

/** Removes the item at `index` with its tags and returns it; 0 when there was none. Nodes left empty are freed. */
export function radix_tree_delete(this: K, root: RadixTreeRoot, index: number): number {
  const { m } = this;
  const item = walk(m, root, index);
  if (item === 0) return 0;
  const { slots, tags, count } = m.radix;
  const { height } = root;
  for (let tag = 0; tag < RADIX_TREE_TAGS; tag++) clear_up(tags, height, tag);
  for (let level = 0; level < height; level++) {
    const at = path[level]!;
    const node = at >>> MAP_SHIFT;
    slots[at] = 0;
    if (--count[node]! > 0) return item;
    radix_tree_node_free(m, node);
  }
  root.rnode = 0;
  root.height = 0;
  return item;
}

/** Clears a tag along the path, from the leaf up to the first node that keeps the tag for another slot. What was not tagged has no tag on its path that is its own. */
function clear_up(tags: Uint32Array, height: number, tag: number): void {
  if (!tag_get(tags, path[0]!, tag)) return;
  for (let level = 0; level < height; level++) {
    const at = path[level]!;
    tag_clear(tags, at, tag);
    if (any_tag_set(tags, at >>> MAP_SHIFT, tag)) return;
  }
}

/** Tags the item at `index`, which must be there (BUG otherwise), and returns it. */
export function radix_tree_tag_set(this: K, root: RadixTreeRoot, index: number, tag: number): number {
  const { m } = this;
  if (index > height_to_maxindex[root.height]!) return 0;
  const { slots, tags } = m.radix;
  let item = root.rnode;
  for (let shift = (root.height - 1) * MAP_SHIFT; shift >= 0; shift -= MAP_SHIFT) {
    const at = (item << MAP_SHIFT) | ((index >>> shift) & MAP_MASK);
    tag_set(tags, at, tag);
    item = slots[at]!;
    if (item === 0) BUG(m, 'lib/radix-tree.c:radix_tree_tag_set()');
  }
  return item;
}

/** Untags the item at `index` and returns it; 0 when there is none. */
export function radix_tree_tag_clear(this: K, root: RadixTreeRoot, index: number, tag: number): number {
  const item = walk(this.m, root, index);
  if (item !== 0) clear_up(this.m.radix.tags, root.height, tag);
  return item;
}

/** Whether the item at `index` has the tag; 0 too when there is no item. */
export function radix_tree_tag_get(this: K, root: RadixTreeRoot, index: number, tag: number): number {
  const at = slot_of(this.m, root, index);
  return at >= 0 && tag_get(this.m.radix.tags, at, tag) ? 1 : 0;
}

/** Whether any item of the tree has the tag. */
export function radix_tree_tagged(this: K, root: RadixTreeRoot, tag: number): boolean {
  return root.rnode !== 0 && any_tag_set(this.m.radix.tags, root.rnode, tag);
}

/** Where the last __lookup() stopped: the index at which the next one goes on. */
let next_index = 0;

/**
 * Appends the items of one leaf node from `index` on, `max` at most; tag < 0 takes every item. Returns how many. A search
 * that finds a subtree empty moves `index` behind it and gives up: the caller starts again from the root.
 */
function __lookup(store: RadixStore, root: RadixTreeRoot, results: number[], nr: number, index: number, max: number, tag: number): number {
  const { slots, tags } = store;
  const isWanted = (at: number): boolean => (tag < 0 ? slots[at] !== 0 : tag_get(tags, at, tag));
  let node = root.rnode;
  let found = 0;
  for (let shift = (root.height - 1) * MAP_SHIFT; shift >= 0; shift -= MAP_SHIFT) {
    const size = 2 ** shift;
    let i = Math.floor(index / size) & MAP_MASK;
    for (; i < MAP_SIZE; i++) {
      if (isWanted((node << MAP_SHIFT) | i)) break;
      index = (Math.floor(index / size) + 1) * size;
    }
    if (i === MAP_SIZE) break;
    if (shift > 0) {
      node = slots[(node << MAP_SHIFT) | i]!;
      continue;
    }
    for (; i < MAP_SIZE && found < max; i++) {
      index++;
      const at = (node << MAP_SHIFT) | i;
      if (isWanted(at)) results[nr + found++] = slots[at]!;
    }
  }
  next_index = index;
  return found;
}

function gang_lookup(store: RadixStore, root: RadixTreeRoot, results: number[], first_index: number, max_items: number, tag: number): number {
  const max_index = height_to_maxindex[root.height]!;
  let found = 0;
  let index = first_index;
  while (found < max_items && index <= max_index && root.rnode !== 0) {
    found += __lookup(store, root, results, found, index, max_items - found, tag);
    index = next_index;
  }
  return found;
}

/** Writes up to `max_items` items from `first_index` on, in order of their index, into `results`; returns how many. */
export function radix_tree_gang_lookup(this: K, root: RadixTreeRoot, results: number[], first_index: number, max_items: number): number {
  return gang_lookup(this.m.radix, root, results, first_index, max_items, -1);
}

/** The same for items that have the tag. */
export function radix_tree_gang_lookup_tag(this: K, root: RadixTreeRoot, results: number[], first_index: number, max_items: number, tag: number): number {
  return gang_lookup(this.m.radix, root, results, first_index, max_items, tag);
}
