/**
 * Policies of shared memory (mm/mempolicy.c): they belong to ranges of the object (tmpfs file, SysV segment), not to a mapping,
 * and stay when nobody has it mapped. Ranges are in pages, end exclusive, disjoint, in a red-black tree; sp->sem, a spinlock
 * (sp->lock of 2.6.12), guards it.
 */
import { ENOMEM } from '../include/linux/errno.js';
import { GFP_KERNEL } from '../include/linux/gfp.js';
import { BUG } from '../include/linux/kernel.js';
import type { Mempolicy, SharedPolicy, SpNode } from '../include/linux/mempolicy.js';
import type { Vma } from '../include/linux/mm_types.js';
import { spin_lock, spin_unlock } from '../include/linux/spinlock.js';
import type { K } from '../kernel-table.js';
import { rb_erase, rb_first, rb_insert, rb_next, rb_prev } from '../lib/rbtree.js';
import type { Machine } from '../machine.js';

/** First range that intersects start…end, or null. Caller holds the lock. */
export function sp_lookup(this: K, sp: SharedPolicy, start: number, end: number): SpNode | null {
  let n = sp.root;
  while (n !== null) {
    if (start >= n.end) n = n.rb_right;
    else if (end <= n.start) n = n.rb_left;
    else break;
  }
  if (n === null) return null;
  for (let prev = rb_prev(n); prev !== null && prev.end > start; prev = rb_prev(n)) n = prev;
  return n;
}

/** Caller holds the lock and has made room. */
function sp_insert(m: Machine, sp: SharedPolicy, node: SpNode): void {
  let parent: SpNode | null = null;
  let left = false;
  for (let p = sp.root; p !== null; p = left ? p.rb_left : p.rb_right) {
    parent = p;
    if (node.start < p.start) left = true;
    else if (node.end > p.end) left = false;
    else BUG(m, 'mm/mempolicy.c:sp_insert()');
  }
  sp.root = rb_insert(sp.root, node, parent, left);
}

/** The policy of page `idx`, with a reference for the caller; null when the range has none. */
export function mpol_shared_policy_lookup(this: K<'sp_lookup' | 'mpol_get'>, sp: SharedPolicy, idx: number): Mempolicy | null {
  if (sp.root === null) return null;
  const { m } = this;
  spin_lock(m, sp.sem);
  const node = this.sp_lookup(sp, idx, idx + 1);
  const pol = node === null ? null : node.policy;
  this.mpol_get(pol);
  spin_unlock(m, sp.sem);
  return pol;
}

/** A range with a reference of its own to the policy; null when there is no memory for it. */
export function sp_alloc(this: K<'kmalloc' | 'mpol_get'>, start: number, end: number, pol: Mempolicy): SpNode | null {
  if (this.kmalloc(56, GFP_KERNEL) === 0) return null;
  this.mpol_get(pol);
  return { start, end, policy: pol, rb_parent: null, rb_left: null, rb_right: null, rb_red: false };
}

export function sp_delete(this: K<'mpol_free'>, sp: SharedPolicy, n: SpNode): void {
  sp.root = rb_erase(sp.root, n);
  this.mpol_free(n.policy);
}

/**
 * Puts `node` (null: nothing) in place of whatever the range start…end had; older ranges are cut, dropped or split. Splitting
 * needs a second range, which 2.6.12 allocates without the lock and then starts over; here nothing can come between.
 * @returns 0, or -ENOMEM with nothing changed.
 */
export function shared_policy_replace(
  this: K<'sp_lookup' | 'sp_delete' | 'sp_alloc'>, sp: SharedPolicy, start: number, end: number, node: SpNode | null,
): number {
  const { m } = this;
  spin_lock(m, sp.sem);
  for (let n = this.sp_lookup(sp, start, end); n !== null && n.start < end; ) {
    const next: SpNode | null = rb_next(n);
    if (n.start >= start) {
      if (n.end <= end) this.sp_delete(sp, n);
      else n.start = end;
    } else if (n.end > end) {
      spin_unlock(m, sp.sem);
      const tail = this.sp_alloc(end, n.end, n.policy);
      if (tail === null) return -ENOMEM;
      spin_lock(m, sp.sem);
      n.end = start;
      sp_insert(m, sp, tail);
      break;
    } else n.end = start;
    n = next;
  }
  if (node !== null) sp_insert(m, sp, node);
  spin_unlock(m, sp.sem);
  return 0;
}

/**
 * Sets the policy (null: none) of the part of the object that the vma maps; 0 or -ENOMEM. When the range is there and splitting
 * another fails, 2.6.12 frees the range and forgets the reference it had to the policy.
 */
export function mpol_set_shared_policy(this: K<'sp_alloc' | 'shared_policy_replace'>, info: SharedPolicy, vma: Vma, npol: Mempolicy | null): number {
  const start = vma.vm_pgoff;
  const end = start + (vma.vm_end - vma.vm_start) / this.m.PAGE_SIZE;
  const node = npol === null ? null : this.sp_alloc(start, end, npol);
  if (npol !== null && node === null) return -ENOMEM;
  return this.shared_policy_replace(info, start, end, node);
}

/** The object is deleted. */
export function mpol_free_shared_policy(this: K<'mpol_free'>, p: SharedPolicy): void {
  if (p.root === null) return;
  const { m } = this;
  spin_lock(m, p.sem);
  for (let n: SpNode | null = rb_first(p.root); n !== null; n = rb_next(n)) this.mpol_free(n.policy);
  spin_unlock(m, p.sem);
  p.root = null;
}

export function mpol_shared_policy_init(this: K): SharedPolicy {
  return { root: null, sem: { name: 'shared_policy.lock', held: false, owner: 0 } };
}
