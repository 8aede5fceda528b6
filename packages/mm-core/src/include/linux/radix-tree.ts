/** struct radix_tree_root (include/linux/radix-tree.h); the nodes live in a typed-array store, see lib/radix-tree.ts. */
export const RADIX_TREE_MAP_SHIFT = 6;
export const RADIX_TREE_MAP_SIZE = 1 << RADIX_TREE_MAP_SHIFT;
export const RADIX_TREE_MAP_MASK = RADIX_TREE_MAP_SIZE - 1;
export const RADIX_TREE_TAGS = 2;

export interface RadixTreeRoot {
  height: number;
  /** Node number in the store, 0 when the tree is empty. */
  rnode: number;
}
