import fc from 'fast-check';
import { deepStrictEqual, strictEqual } from 'node:assert/strict';
import { beforeEach, describe, expect, it } from 'vitest';
import type { RadixTreeRoot } from '../src/include/linux/radix-tree.js';
import { KernelBug } from '../src/include/linux/kernel.js';
import { createMachine, type Machine } from '../src/machine.js';
import * as radix_tree from '../src/lib/radix-tree.js';

const DIRTY = 0;
const WRITEBACK = 1;
const MAX = 0xffff_ffff;
const newTree = (): RadixTreeRoot => ({ height: 0, rnode: 0 });

let m: Machine;
let k: { m: Machine } & typeof radix_tree;
let tree: RadixTreeRoot;
beforeEach(() => {
  m = createMachine({ nodes: [{ id: 0, pages: 64, cpus: [0] }] });
  k = { m, ...radix_tree };
  tree = newTree();
});

describe('radix tree', () => {
  it('is empty at first and after the last deletion, with no node left in use', () => {
    expect(k.radix_tree_lookup(tree, 0)).toBe(0);
    expect(k.radix_tree_insert(tree, 5, 77)).toBe(0);
    expect(k.radix_tree_delete(tree, 5)).toBe(77);
    expect(tree).toEqual({ height: 0, rnode: 0 });
    expect(m.radix.used).toBe(0);
  });

  it('puts a single item at index 0 into a node: 2.6.12 has no tree of height 0 with an item', () => {
    k.radix_tree_insert(tree, 0, 9);
    expect(tree.height).toBe(1);
    expect(m.radix.used).toBe(1);
    expect(k.radix_tree_lookup(tree, 0)).toBe(9);
  });

  it.each([[0, 1], [63, 1], [64, 2], [4095, 2], [4096, 3], [2 ** 24, 5], [2 ** 30 - 1, 5], [2 ** 30, 6], [MAX, 6]])('reaches index %d with %d levels', (index, height) => {
    expect(k.radix_tree_insert(tree, index, 1234)).toBe(0);
    expect(tree.height).toBe(height);
    expect(k.radix_tree_lookup(tree, index)).toBe(1234);
    expect(k.radix_tree_insert(tree, index, 1)).toBe(-17);
    expect(k.radix_tree_delete(tree, index)).toBe(1234);
    expect(m.radix.used).toBe(0);
  });

  it('shows the tags of an old root through the levels that are put on top', () => {
    k.radix_tree_insert(tree, 3, 1);
    k.radix_tree_tag_set(tree, 3, DIRTY);
    k.radix_tree_insert(tree, MAX, 2);
    expect(k.radix_tree_tagged(tree, DIRTY)).toBe(true);
    expect(k.radix_tree_tagged(tree, WRITEBACK)).toBe(false);
    const found: number[] = [];
    expect(k.radix_tree_gang_lookup_tag(tree, found, 0, 10, DIRTY)).toBe(1);
    expect(found).toEqual([1]);
  });

  it('is a BUG to tag an index without an item', () => {
    k.radix_tree_insert(tree, 7, 1);
    expect(() => k.radix_tree_tag_set(tree, 6, DIRTY)).toThrow(KernelBug);
    expect(m.log.at(-1)?.text).toContain('radix_tree_tag_set');
  });

  it('keeps two trees in one store apart', () => {
    const other = newTree();
    for (let i = 0; i < 500; i++) {
      k.radix_tree_insert(tree, i * 97, i + 1);
      k.radix_tree_insert(other, i * 89, 10_000 + i);
    }
    for (let i = 0; i < 500; i++) {
      expect(k.radix_tree_lookup(tree, i * 97)).toBe(i + 1);
      expect(k.radix_tree_delete(other, i * 89)).toBe(10_000 + i);
    }
    expect(other).toEqual({ height: 0, rnode: 0 });
    expect(k.radix_tree_lookup(tree, 97 * 499)).toBe(500);
  });
});

/** What the tree should be: a map, with a set of tagged indexes a tag. */
class Model {
  readonly items = new Map<number, number>();
  readonly tags = [new Set<number>(), new Set<number>()] as const;
  from(first: number, max: number, has: (index: number) => boolean): number[] {
    return [...this.items.keys()].filter(index => index >= first && has(index)).sort((a, b) => a - b).slice(0, max).map(index => this.items.get(index)!);
  }
}

const indexes = fc.oneof(fc.nat(130), fc.nat(70_000), fc.integer({ min: 2 ** 30 - 70, max: 2 ** 30 + 70 }), fc.integer({ min: MAX - 70, max: MAX }));
type Step = { op: 'insert' | 'delete' | 'tag' | 'untag' | 'lookup' | 'gang' | 'gangTag'; index: number; tag: 0 | 1; max: number };
const steps: fc.Arbitrary<Step> = fc.record({
  op: fc.constantFrom('insert', 'insert', 'insert', 'delete', 'tag', 'tag', 'untag', 'lookup', 'gang', 'gangTag'),
  index: indexes, tag: fc.constantFrom(0, 1), max: fc.integer({ min: 1, max: 20 }),
});

describe('radix tree against a map', () => {
  it('answers every sequence of operations as a map with tag sets does', () => {
    fc.assert(fc.property(fc.array(steps, { maxLength: 120 }), sequence => {
      const root = newTree();
      const model = new Model();
      let item = 1;
      for (const { op, index, tag, max } of sequence) {
        const there = model.items.get(index) ?? 0;
        const results: number[] = [];
        switch (op) {
          case 'insert':
            strictEqual(k.radix_tree_insert(root, index, ++item), there === 0 ? 0 : -17);
            if (there === 0) model.items.set(index, item);
            break;
          case 'delete':
            strictEqual(k.radix_tree_delete(root, index), there);
            model.items.delete(index);
            for (const set of model.tags) set.delete(index);
            break;
          case 'tag':
            if (there === 0) break;
            strictEqual(k.radix_tree_tag_set(root, index, tag), there);
            model.tags[tag].add(index);
            break;
          case 'untag':
            strictEqual(k.radix_tree_tag_clear(root, index, tag), there);
            model.tags[tag].delete(index);
            break;
          case 'lookup':
            strictEqual(k.radix_tree_lookup(root, index), there);
            break;
          case 'gang':
            strictEqual(k.radix_tree_gang_lookup(root, results, index, max), results.length);
            deepStrictEqual(results, model.from(index, max, () => true));
            break;
          case 'gangTag':
            strictEqual(k.radix_tree_gang_lookup_tag(root, results, index, max, tag), results.length);
            deepStrictEqual(results, model.from(index, max, at => model.tags[tag].has(at)));
            break;
        }
        for (const each of [DIRTY, WRITEBACK] as const) {
          strictEqual(k.radix_tree_tag_get(root, index, each), model.tags[each].has(index) ? 1 : 0);
          strictEqual(k.radix_tree_tagged(root, each), model.tags[each].size > 0);
        }
      }
      for (const index of model.items.keys()) k.radix_tree_delete(root, index);
      expect(root).toEqual({ height: 0, rnode: 0 });
      strictEqual(m.radix.used, 0);
    }), { numRuns: 400 });
  });
});
