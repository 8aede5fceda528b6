/**
 * mm/mempolicy.c as patch 5 extends it: a policy rewritten by a node map.
 *
 *   migrate_process_policy ─┐
 *   migrate_vma_policy ─────┴─ migrate_policy ─ migrate_node_mask
 *
 * Locks: none against the task whose policy is exchanged, which may be allocating (a comment of the patch says so); the caller holds mmap_sem
 * for read over the vmas.
 *
 * The defect of this patch, in -rc3 only (-rc1 and -rc2 had short, -rc4 has int): the node map is declared `unsigned int *`, but the
 * system call passes an array of int with -1 for "not moved". As an unsigned -1 is not below 0, every test `node_map[i] >= 0` is true, and the node
 * of a policy that is not among the old nodes is mapped to 4294967295. What that does is told at each place; it is deduced from the
 * code of the patch and of 2.6.12's bitmaps.
 *
 * Source: sys_migrate_pages-mempolicy-migration-rc3.patch (rc3 5/10, 116 insertions in this file).
 */
import { ENOMEM } from '@pmkit/mm-core/include/linux/errno';
import { GFP_KERNEL } from '@pmkit/mm-core/include/linux/gfp';
import { BUG } from '@pmkit/mm-core/include/linux/kernel';
import { MPOL_BIND, MPOL_DEFAULT, MPOL_INTERLEAVE, MPOL_PREFERRED, type Mempolicy } from '@pmkit/mm-core/include/linux/mempolicy';
import { find_next_node, first_node, MAX_NUMNODES, node_set, nodes_new, type NodeMask } from '@pmkit/mm-core/include/linux/nodemask';
import type { Calls, Machine, Task, Vma } from '@pmkit/mm-core';
import type { Kernel5 } from '../index.js';

type K5<S extends keyof Kernel5 = never> = Calls<Kernel5, S, { readonly m: Machine }>;

/** A C short. */
const short = (value: number): number => (value << 16) >> 16;

/**
 * The nodes of a mask after migration, into `new_node_mask`. Two that move to the same node become one.
 *
 * set_bit() of node 4294967295 (-1 as its int argument) sets bit 31 of the 32-bit word in front of the bitmap: padding in struct
 * mempolicy, or whatever lies before the array on the stack. Neither is modelled; what counts is that the node is gone from the mask.
 */
export function migrate_node_mask(this: K5, new_node_mask: NodeMask, old_node_mask: NodeMask, node_map: Uint32Array): void {
  new_node_mask.fill(0);
  for (let i = first_node(old_node_mask); i < MAX_NUMNODES; i = find_next_node(old_node_mask, i + 1)) {
    if (node_map[i]! >= 0) node_set(node_map[i]!, new_node_mask);
    else node_set(i, new_node_mask);
  }
}

/**
 * A new policy, still without a reference, for what `old` is after migration; -ENOMEM. MPOL_DEFAULT is a BUG().
 *
 * INTERLEAVE: a mask may shrink, and with the defect become empty. PREFERRED: local stays local; with the defect a node that is not moved
 * becomes local, as its -1 is stored in a short. BIND: its nodes are read off the zonelist and put in ascending order again by bind_zonelist();
 * with the defect the zonelist may become empty.
 */
export function migrate_policy(this: K5<'kmalloc' | 'bind_zonelist' | 'migrate_node_mask'>, old: Mempolicy, node_map: Uint32Array): Mempolicy | number {
  const { m } = this;
  if (this.kmalloc(40, GFP_KERNEL) === 0) return -ENOMEM;
  const fresh: Mempolicy = { refcnt: 0, policy: old.policy, zonelist: null, preferred_node: 0, nodes: null };
  switch (old.policy) {
    case MPOL_DEFAULT:
      return BUG(m, 'mm/mempolicy.c:migrate_policy()');
    case MPOL_INTERLEAVE:
      fresh.nodes = nodes_new();
      this.migrate_node_mask(fresh.nodes, old.nodes!, node_map);
      break;
    case MPOL_PREFERRED:
      fresh.preferred_node = old.preferred_node;
      if (old.preferred_node >= 0 && node_map[old.preferred_node]! >= 0) fresh.preferred_node = short(node_map[old.preferred_node]!);
      break;
    case MPOL_BIND: {
      const old_nodes = nodes_new();
      for (const zone of old.zonelist!) node_set(zone.node, old_nodes);
      const new_nodes = nodes_new();
      this.migrate_node_mask(new_nodes, old_nodes, node_map);
      fresh.zonelist = this.bind_zonelist(new_nodes);
      if (fresh.zonelist === null) return -ENOMEM;
      break;
    }
  }
  return fresh;
}

/**
 * Exchanges the policy of a task; without one there is nothing to do. Of an interleaving task il_next is mapped too.
 *
 * With the defect il_next is -1 when its node is not moved, and the task's next interleaved allocation is a BUG(). A second call then reads
 * the word in front of the node map, which may be anything; here il_next stays -1.
 * @returns 0, or -ENOMEM with the policy unchanged.
 */
export function migrate_process_policy(this: K5<'migrate_policy' | 'mpol_get' | 'mpol_free'>, task: Task, node_map: Uint32Array): number {
  const old = task.mempolicy;
  if (old === null || old.policy === MPOL_DEFAULT) return 0;
  const fresh = this.migrate_policy(old, node_map);
  if (typeof fresh === 'number') return fresh;
  this.mpol_get(fresh);
  task.mempolicy = fresh;
  this.mpol_free(old);
  // a task that runs may be between two steps of an allocation here: nothing is done about it
  if (fresh.policy === MPOL_INTERLEAVE && task.il_next >= 0 && node_map[task.il_next]! >= 0) task.il_next = short(node_map[task.il_next]!);
  return 0;
}

/**
 * Exchanges the policy of a vma. Shared memory keeps its policies in the object, and policy_vma() puts the new one there for the part the
 * vma maps; but what the object has is looked for in the vma only. So a mapping without a policy of its own leaves the object as it is, and another
 * policy of the object is overwritten. Andi Kleen saw it in review (23 June 2005); -rc4 has a patch more for it.
 * @returns 0, or -ENOMEM. When set_policy() fails the new policy is leaked.
 */
export function migrate_vma_policy(this: K5<'migrate_policy' | 'policy_vma'>, vma: Vma, node_map: Uint32Array): number {
  if (vma.vm_policy === null || vma.vm_policy.policy === MPOL_DEFAULT) return 0;
  const fresh = this.migrate_policy(vma.vm_policy, node_map);
  return typeof fresh === 'number' ? fresh : this.policy_vma(vma, fresh);
}
