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
/** Words of tag bits a node has: two a tag. */
const TAG_WORDS = 2 * RADIX_TREE_TAGS;
/** Largest index a tree of this height can hold; six levels are more than an index has bits. */
const height_to_maxindex = [0, 2 ** 6 - 1, 2 ** 12 - 1, 2 ** 18 - 1, 2 ** 24 - 1, 2 ** 30 - 1, 2 ** 32 - 1] as const;

/** The way from the root to a slot: node and slot number by level, the root's level first. Filled by walk(). */
const path_node = new Uint32Array(height_to_maxindex.length);
const path_offset = new Uint32Array(height_to_maxindex.length);

function grow(store: RadixStore): void {
  const slots = new Uint32Array(store.slots.length * 2);
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
    store.free = store.slots[node * MAP_SIZE]!;
    store.slots[node * MAP_SIZE] = 0;
    return node;
  }
  if (store.high === store.count.length) grow(store);
  return store.high++;
}

/** Takes back a node whose slots and tags are all clear; the first slot chains the free ones. */
function radix_tree_node_free(m: Machine, node: number): void {
  const store = m.radix;
  store.used--;
  store.slots[node * MAP_SIZE] = store.free;
  store.free = node;
}

const any_tag_set = (tags: Uint32Array, node: number, tag: number): boolean =>
  (tags[node * TAG_WORDS + tag * 2]! | tags[node * TAG_WORDS + tag * 2 + 1]!) !== 0;
const tag_get = (tags: Uint32Array, node: number, tag: number, offset: number): boolean =>
  ((tags[node * TAG_WORDS + tag * 2 + (offset >> 5)]! >>> (offset & 31)) & 1) !== 0;
function tag_set(tags: Uint32Array, node: number, tag: number, offset: number): void {
  tags[node * TAG_WORDS + tag * 2 + (offset >> 5)]! |= 1 << (offset & 31);
}
function tag_clear(tags: Uint32Array, node: number, tag: number, offset: number): void {
  tags[node * TAG_WORDS + tag * 2 + (offset >> 5)]! &= ~(1 << (offset & 31));
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
    slots[node * MAP_SIZE] = root.rnode;
    for (let tag = 0; tag < RADIX_TREE_TAGS; tag++) if (any_tag_set(tags, root.rnode, tag)) tag_set(tags, node, tag, 0);
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
    at = node * MAP_SIZE + ((index >>> shift) & MAP_MASK);
    next = slots[at]!;
  }
  if (next !== 0) return -EEXIST;
  const { tags } = m.radix;
  for (let tag = 0; tag < RADIX_TREE_TAGS; tag++) if (tag_get(tags, node, tag, at & MAP_MASK)) BUG(m, 'lib/radix-tree.c:radix_tree_insert()');
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
    const at = node * MAP_SIZE + ((index >>> shift) & MAP_MASK);
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
  for (let level = 0, shift = (root.height - 1) * MAP_SHIFT; shift >= 0; level++, shift -= MAP_SHIFT) {
    if (item === 0) return 0;
    const offset = (index >>> shift) & MAP_MASK;
    path_node[level] = item;
    path_offset[level] = offset;
    item = slots[item * MAP_SIZE + offset]!;
  }
  return item;
}

/** Removes the item at `index` with its tags and returns it; 0 when there was none. Nodes left empty are freed. */
export function radix_tree_delete(this: K, root: RadixTreeRoot, index: number): number {
  const { m } = this;
  const item = walk(m, root, index);
  if (item === 0) return 0;
  const { slots, tags, count } = m.radix;
  const leaf = root.height - 1;
  for (let tag = 0; tag < RADIX_TREE_TAGS; tag++) clear_up(tags, leaf, tag);
  slots[path_node[leaf]! * MAP_SIZE + path_offset[leaf]!] = 0;
  let level = leaf;
  while (level >= 0 && --count[path_node[level]!]! === 0) {
    radix_tree_node_free(m, path_node[level]!);
    if (level === 0) root.rnode = 0;
    else slots[path_node[level - 1]! * MAP_SIZE + path_offset[level - 1]!] = 0;
    level--;
  }
  if (root.rnode === 0) root.height = 0;
  return item;
}

/** Clears a tag along the path, from the leaf up to the first node that keeps the tag for another slot. What was not tagged has no tag on its path that is its own. */
function clear_up(tags: Uint32Array, leaf: number, tag: number): void {
  if (!tag_get(tags, path_node[leaf]!, tag, path_offset[leaf]!)) return;
  for (let level = leaf; level >= 0; level--) {
    tag_clear(tags, path_node[level]!, tag, path_offset[level]!);
    if (any_tag_set(tags, path_node[level]!, tag)) return;
  }
}

/** Tags the item at `index`, which must be there (BUG otherwise), and returns it. */
export function radix_tree_tag_set(this: K, root: RadixTreeRoot, index: number, tag: number): number {
  const { m } = this;
  if (index > height_to_maxindex[root.height]!) return 0;
  const { slots, tags } = m.radix;
  let item = root.rnode;
  for (let shift = (root.height - 1) * MAP_SHIFT; shift >= 0; shift -= MAP_SHIFT) {
    const offset = (index >>> shift) & MAP_MASK;
    tag_set(tags, item, tag, offset);
    item = slots[item * MAP_SIZE + offset]!;
    if (item === 0) BUG(m, 'lib/radix-tree.c:radix_tree_tag_set()');
  }
  return item;
}

/** Untags the item at `index` and returns it; 0 when there is none. */
export function radix_tree_tag_clear(this: K, root: RadixTreeRoot, index: number, tag: number): number {
  const item = walk(this.m, root, index);
  if (item !== 0) clear_up(this.m.radix.tags, root.height - 1, tag);
  return item;
}

/** Whether the item at `index` has the tag; 0 too when there is no item. */
export function radix_tree_tag_get(this: K, root: RadixTreeRoot, index: number, tag: number): number {
  const at = slot_of(this.m, root, index);
  return at >= 0 && tag_get(this.m.radix.tags, Math.floor(at / MAP_SIZE), tag, at & MAP_MASK) ? 1 : 0;
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
  let node = root.rnode;
  let found = 0;
  for (let shift = (root.height - 1) * MAP_SHIFT; shift >= 0; shift -= MAP_SHIFT) {
    const size = 2 ** shift;
    let i = Math.floor(index / size) & MAP_MASK;
    for (; i < MAP_SIZE; i++) {
      if (tag < 0 ? slots[node * MAP_SIZE + i] !== 0 : tag_get(tags, node, tag, i)) break;
      index = (Math.floor(index / size) + 1) * size;
    }
    if (i === MAP_SIZE) break;
    if (shift > 0) {
      node = slots[node * MAP_SIZE + i]!;
      continue;
    }
    for (; i < MAP_SIZE && found < max; i++) {
      index++;
      if (tag < 0 ? slots[node * MAP_SIZE + i] !== 0 : tag_get(tags, node, tag, i)) results[nr + found++] = slots[node * MAP_SIZE + i]!;
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
