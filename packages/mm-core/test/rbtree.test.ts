import fc from 'fast-check';
import { strictEqual } from 'node:assert/strict';
import { describe, expect, it } from 'vitest';
import { rb_erase, rb_first, rb_insert, rb_last, rb_next, rb_prev, type RbNode } from '../src/lib/rbtree.js';

interface Item extends RbNode<Item> { readonly key: number }
const item = (key: number): Item => ({ key, rb_parent: null, rb_left: null, rb_right: null, rb_red: false });

/** What a user of the tree does: search by key, then insert where the search ended. */
function insert(root: Item | null, node: Item): Item {
  let parent: Item | null = null;
  let left = false;
  for (let at = root; at !== null; at = left ? at.rb_left : at.rb_right) {
    parent = at;
    left = node.key < at.key;
  }
  return rb_insert(root, node, parent, left);
}

/** Black height of a subtree; fails where a rule of red-black trees or a parent link is broken. */
function blackHeight(node: Item | null, parent: Item | null): number {
  if (node === null) return 1;
  strictEqual(node.rb_parent, parent);
  if (node.rb_red) strictEqual(node.rb_left?.rb_red === true || node.rb_right?.rb_red === true, false, 'a red node has a red child');
  const left = blackHeight(node.rb_left, node);
  strictEqual(blackHeight(node.rb_right, node), left);
  return left + (node.rb_red ? 0 : 1);
}
function check(root: Item | null): number {
  if (root !== null) strictEqual(root.rb_red, false);
  return blackHeight(root, null);
}
function forwards(root: Item | null): number[] {
  const keys: number[] = [];
  for (let node = rb_first(root); node !== null; node = rb_next(node)) keys.push(node.key);
  return keys;
}
function backwards(root: Item | null): number[] {
  const keys: number[] = [];
  for (let node = rb_last(root); node !== null; node = rb_prev(node)) keys.push(node.key);
  return keys;
}

describe('red-black tree', () => {
  it('keeps the order and both colour rules through any inserts and erases', () => {
    fc.assert(fc.property(fc.array(fc.tuple(fc.boolean(), fc.nat(60)), { maxLength: 200 }), steps => {
      let root: Item | null = null;
      const nodes = new Map<number, Item>();
      for (const [add, key] of steps) {
        const old = nodes.get(key);
        if (add && old === undefined) {
          const node = item(key);
          nodes.set(key, node);
          root = insert(root, node);
        } else if (!add && old !== undefined) {
          nodes.delete(key);
          root = rb_erase(root, old);
        }
        check(root);
      }
      const sorted = [...nodes.keys()].sort((a, b) => a - b);
      expect(forwards(root)).toEqual(sorted);
      expect(backwards(root)).toEqual(sorted.reverse());
    }), { numRuns: 300 });
  });

  it('stays flat when keys come in order', () => {
    let root: Item | null = null;
    for (let key = 0; key < 4096; key++) root = insert(root, item(key));
    const depth = (node: Item | null): number => (node === null ? 0 : 1 + Math.max(depth(node.rb_left), depth(node.rb_right)));
    expect(check(root)).toBeGreaterThan(5);
    expect(depth(root)).toBeLessThanOrEqual(2 * Math.log2(4097));
  });

  it('is empty again after the last erase', () => {
    const only = item(1);
    expect(rb_erase(insert(null, only), only)).toBeNull();
    expect(rb_first<Item>(null)).toBeNull();
    expect(rb_last<Item>(null)).toBeNull();
  });
});
