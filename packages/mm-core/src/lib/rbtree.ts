/**
 * Red-black trees (lib/rbtree.c), over whatever object carries the four links: vmas by address, ranges of shared policies.
 *
 * Rules that keep the depth below 2 log2(n + 1):
 *   1. no red node has a red child;
 *   2. every way from the root down to a missing child passes the same number of black nodes.
 *
 * The caller searches (it knows the order) and hands over the place it found; this file only links and rebalances. A tree is
 * its root, so every function that may change the root returns the new one. Left and right cases are one piece of code here:
 * `left` says which side of the parent is meant.
 */

/** Links inside a node of type T; null where there is no neighbour. */
export interface RbNode<T> {
  rb_parent: T | null;
  rb_left: T | null;
  rb_right: T | null;
  rb_red: boolean;
}

const isRed = <T extends RbNode<T>>(node: T | null): boolean => node !== null && node.rb_red;
const childOf = <T extends RbNode<T>>(node: T, left: boolean): T | null => (left ? node.rb_left : node.rb_right);

function setChild<T extends RbNode<T>>(node: T, left: boolean, child: T | null): void {
  if (left) node.rb_left = child;
  else node.rb_right = child;
}

/** Puts `replacement` where `node` hangs; the root changes when node was it. */
function replaceInParent<T extends RbNode<T>>(root: T | null, node: T, replacement: T | null): T | null {
  const parent = node.rb_parent;
  if (parent === null) return replacement;
  setChild(parent, parent.rb_left === node, replacement);
  return root;
}

/** Turns `node` down to the `left` (or right) side; its other child takes its place. */
function rotate<T extends RbNode<T>>(root: T | null, node: T, left: boolean): T | null {
  const riser = childOf(node, !left) as T;
  const inner = childOf(riser, left);
  setChild(node, !left, inner);
  if (inner !== null) inner.rb_parent = node;
  const newRoot = replaceInParent(root, node, riser);
  riser.rb_parent = node.rb_parent;
  setChild(riser, left, node);
  node.rb_parent = riser;
  return newRoot;
}

/**
 * rb_link_node() and rb_insert_color(): hangs `node` on the free side of `parent` and restores the rules.
 * @param parent where the search ended; null for an empty tree.
 * @returns the root.
 */
export function rb_insert<T extends RbNode<T>>(root: T | null, node: T, parent: T | null, left: boolean): T {
  node.rb_parent = parent;
  node.rb_left = null;
  node.rb_right = null;
  node.rb_red = true;
  if (parent === null) {
    node.rb_red = false;
    return node;
  }
  setChild(parent, left, node);
  return repairInsert(root as T, node);
}

/** Rule 1 may be broken between `node` and its parent: colour upwards while the uncle is red, else turn and be done. */
function repairInsert<T extends RbNode<T>>(root: T, inserted: T): T {
  let top: T | null = root;
  let node = inserted;
  for (let parent = node.rb_parent; parent !== null && parent.rb_red; parent = node.rb_parent) {
    const grand = parent.rb_parent as T; // a red node is never the root
    const onLeft = grand.rb_left === parent;
    const uncle = childOf(grand, !onLeft);
    if (isRed(uncle)) {
      (uncle as T).rb_red = false;
      parent.rb_red = false;
      grand.rb_red = true;
      node = grand;
      continue;
    }
    if (childOf(parent, !onLeft) === node) { // an inner grandchild: bring it to the outside first
      top = rotate(top, parent, onLeft);
      parent = node;
    }
    parent.rb_red = false;
    grand.rb_red = true;
    top = rotate(top, grand, !onLeft);
    break;
  }
  (top as T).rb_red = false;
  return top as T;
}

/** Takes `node` out of the tree. @returns the root, null when the tree is empty now. */
export function rb_erase<T extends RbNode<T>>(root: T | null, node: T): T | null {
  let top = root;
  let child: T | null;
  let parent: T | null;
  let removedRed: boolean;
  if (node.rb_left !== null && node.rb_right !== null) {
    const heir = leftmost(node.rb_right); // the next node in order takes over node's place and colour
    child = heir.rb_right;
    removedRed = heir.rb_red;
    if (heir.rb_parent === node) parent = heir;
    else {
      parent = heir.rb_parent!;
      parent.rb_left = child;
      if (child !== null) child.rb_parent = parent;
      heir.rb_right = node.rb_right;
      node.rb_right.rb_parent = heir;
    }
    top = replaceInParent(top, node, heir);
    heir.rb_parent = node.rb_parent;
    heir.rb_left = node.rb_left;
    node.rb_left.rb_parent = heir;
    heir.rb_red = node.rb_red;
  } else {
    child = node.rb_left ?? node.rb_right;
    parent = node.rb_parent;
    removedRed = node.rb_red;
    top = replaceInParent(top, node, child);
    if (child !== null) child.rb_parent = parent;
  }
  return removedRed ? top : repairErase(top, child, parent);
}

/** Rule 2: the side of `node` (maybe null, child of `above`) has one black node too few. */
function repairErase<T extends RbNode<T>>(root: T | null, start: T | null, above: T | null): T | null {
  let top = root;
  let node = start;
  let parent = above;
  while (parent !== null && !isRed(node)) {
    const onLeft = parent.rb_left === node;
    let sibling = childOf(parent, !onLeft) as T; // its side is the heavier one, so it exists
    if (sibling.rb_red) {
      sibling.rb_red = false;
      parent.rb_red = true;
      top = rotate(top, parent, onLeft);
      sibling = childOf(parent, !onLeft) as T;
    }
    const outer = childOf(sibling, !onLeft);
    const inner = childOf(sibling, onLeft);
    if (!isRed(outer) && !isRed(inner)) { // take a black one from the sibling's side too and go up
      sibling.rb_red = true;
      node = parent;
      parent = node.rb_parent;
      continue;
    }
    if (!isRed(outer)) {
      (inner as T).rb_red = false;
      sibling.rb_red = true;
      top = rotate(top, sibling, !onLeft);
      sibling = childOf(parent, !onLeft) as T;
    }
    sibling.rb_red = parent.rb_red;
    parent.rb_red = false;
    (childOf(sibling, !onLeft) as T).rb_red = false;
    return rotate(top, parent, onLeft);
  }
  if (node !== null) node.rb_red = false;
  return top;
}

function leftmost<T extends RbNode<T>>(from: T): T {
  let node = from;
  while (node.rb_left !== null) node = node.rb_left;
  return node;
}

/** The first node in order. */
export const rb_first = <T extends RbNode<T>>(root: T | null): T | null => (root === null ? null : leftmost(root));

/** The last node in order. */
export function rb_last<T extends RbNode<T>>(root: T | null): T | null {
  let node = root;
  while (node !== null && node.rb_right !== null) node = node.rb_right;
  return node;
}

/** The node after `node`. */
export function rb_next<T extends RbNode<T>>(node: T): T | null {
  if (node.rb_right !== null) return leftmost(node.rb_right);
  let from = node;
  let parent = from.rb_parent;
  while (parent !== null && parent.rb_right === from) {
    from = parent;
    parent = from.rb_parent;
  }
  return parent;
}

/** The node before `node`. */
export function rb_prev<T extends RbNode<T>>(node: T): T | null {
  if (node.rb_left !== null) return rb_last(node.rb_left);
  let from = node;
  let parent = from.rb_parent;
  while (parent !== null && parent.rb_left === from) {
    from = parent;
    parent = from.rb_parent;
  }
  return parent;
}
