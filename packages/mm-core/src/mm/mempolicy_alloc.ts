/**
 * Allocation by policy (mm/mempolicy.c): which policy counts, and which zonelist it gives.
 *
 * The policy of the vma wins over that of the task; without either it is the node of the CPU. Zonelists hold all nodes, nearest
 * first, so only BIND and the cpuset keep memory off a node: PREFERRED and INTERLEAVE fall back silently.
 */
import { __GFP_WAIT } from '../include/linux/gfp.js';
import { BUG, BUG_ON } from '../include/linux/kernel.js';
import { page_zone } from '../include/linux/mm.js';
import type { Vma } from '../include/linux/mm_types.js';
import { MPOL_BIND, MPOL_DEFAULT, MPOL_INTERLEAVE, MPOL_PREFERRED, type Mempolicy } from '../include/linux/mempolicy.js';
import { GFP_ZONEMASK, type Zone } from '../include/linux/mmzone.js';
import { find_next_node, first_node, MAX_NUMNODES, node_isset, nodes_weight } from '../include/linux/nodemask.js';
import { vmop } from '../model/ops.js';
import type { Address, Page } from '../include/linux/types.js';
import type { MaySleep } from '../include/linux/wait.js';
import type { K } from '../kernel-table.js';
import type { Machine } from '../machine.js';

/** What a missing policy stands for; never freed, never changed. */
export const default_policy: Mempolicy = { refcnt: 1, policy: MPOL_DEFAULT, zonelist: null, preferred_node: 0, nodes: null };

const numa_node_id = (m: Machine): number => m.cpu_to_node[m.current.cpu]!;

/**
 * The policy for a page of a vma (or of no vma). Where the vma has ->get_policy() it alone decides, and its "none" is the default
 * policy, not the task's. It comes with a reference that nobody drops: a leak of 2.6.12, so that the policy outlives its object.
 */
export function get_vma_policy(this: K, vma: Vma | null, addr: Address): Mempolicy {
  let pol = this.m.current.mempolicy;
  if (vma !== null) {
    const get_policy = vma.vm_ops === null ? undefined : vmop(this, vma, 'get_policy');
    if (get_policy !== undefined) pol = get_policy.call(this, vma, addr);
    else if (vma.vm_policy !== null && vma.vm_policy.policy !== MPOL_DEFAULT) pol = vma.vm_policy;
  }
  return pol ?? default_policy;
}

/**
 * The zones to allocate from, in order. BIND gives way to the local node for zones below m.policy_zone, and when the cpuset
 * has meanwhile moved off all its nodes. A mode that does not exist (see mpol_new()) is a BUG().
 *
 * 2.6.12 compares two numberings: of zonelists (0 normal, 1 DMA, 2 highmem) and of zones (0 DMA, 1 normal, 2 highmem). Where
 * there is ZONE_NORMAL, GFP_KERNEL is therefore never bound while GFP_DMA is, and may get a page that no DMA can reach. On SN2 all
 * memory is ZONE_DMA and everything is bound.
 */
export function zonelist_policy(this: K<'cpuset_zonelist_valid_mems_allowed'>, gfp: number, policy: Mempolicy): readonly Zone[] {
  const { m } = this;
  let nd: number;
  switch (policy.policy) {
    case MPOL_PREFERRED:
      nd = policy.preferred_node;
      if (nd < 0) nd = numa_node_id(m);
      break;
    case MPOL_BIND:
      if ((gfp & GFP_ZONEMASK) >= m.policy_zone && this.cpuset_zonelist_valid_mems_allowed(policy.zonelist!) !== 0) return policy.zonelist!;
      nd = numa_node_id(m);
      break;
    case MPOL_INTERLEAVE:
    case MPOL_DEFAULT:
      nd = numa_node_id(m);
      break;
    default:
      BUG(m, 'mm/mempolicy.c:zonelist_policy()');
  }
  return m.node_data[nd]!.node_zonelists[gfp & GFP_ZONEMASK]!;
}

/** Interleaving by turns: the task's il_next, which moves on to the next node of the mask. */
export function interleave_nodes(this: K, policy: Mempolicy): number {
  const { m } = this;
  const me = m.current;
  const nid = me.il_next;
  /* C compares an unsigned: a negative il_next is large. */
  BUG_ON(m, nid < 0 || nid >= MAX_NUMNODES, 'mm/mempolicy.c:interleave_nodes()');
  let next = find_next_node(policy.nodes!, nid + 1);
  if (next >= MAX_NUMNODES) next = first_node(policy.nodes!);
  me.il_next = (next << 16) >> 16;
  return nid;
}

/**
 * Interleaving by place: page `off` of the object lives on node number off % n of the mask's n, whoever touches it first. An
 * empty mask divides by zero. On ia64 that does not trap (lib/idiv32.S makes the remainder the dividend), so the search runs off
 * the mask and into the BUG_ON; here, where it is NaN, too.
 */
export function offset_il_node(this: K, pol: Mempolicy, vma: Vma, off: number): number {
  const { m } = this;
  const nodes = pol.nodes!;
  const target = (off % 2 ** 32) % nodes_weight(nodes);
  let nid = -1;
  let c = 0;
  do {
    nid = find_next_node(nodes, nid + 1);
    c++;
  } while (c <= target);
  BUG_ON(m, nid >= MAX_NUMNODES, 'mm/mempolicy.c:offset_il_node()');
  BUG_ON(m, !node_isset(nid, nodes), 'mm/mempolicy.c:offset_il_node()');
  return nid;
}

/** Allocates on a node chosen by interleaving; counts an interleave_hit when the node's first zone could give the page. */
export function* alloc_page_interleave(this: K<'__alloc_pages'>, gfp: number, order: number, nid: number): MaySleep<Page> {
  const { m } = this;
  BUG_ON(m, !node_isset(nid, m.node_online_map), 'mm/mempolicy.c:alloc_page_interleave()');
  const zonelist = m.node_data[nid]!.node_zonelists[gfp & GFP_ZONEMASK]!;
  const page = yield* this.__alloc_pages(gfp, order, zonelist);
  if (page !== 0 && page_zone(m, page) === zonelist[0]) {
    const pageset = zonelist[0].pageset[m.current.cpu];
    if (pageset !== undefined) pageset.interleave_hit++;
  }
  return page;
}

/**
 * A page that will be mapped at `addr` of the vma, by the vma's policy; without a vma by the task's. The caller holds
 * mmap_sem of the vma's mm.
 */
export function* alloc_page_vma(
  this: K<'get_vma_policy' | 'cpuset_update_current_mems_allowed' | 'offset_il_node' | 'interleave_nodes' | 'alloc_page_interleave' | '__alloc_pages' | 'zonelist_policy'>,
  gfp: number, vma: Vma | null, addr: Address,
): MaySleep<Page> {
  const pol = this.get_vma_policy(vma, addr);
  this.cpuset_update_current_mems_allowed();
  if (pol.policy !== MPOL_INTERLEAVE) return yield* this.__alloc_pages(gfp, 0, this.zonelist_policy(gfp, pol));
  const { m } = this;
  let nid: number;
  if (vma !== null) {
    BUG_ON(m, addr >= vma.vm_end, 'mm/mempolicy.c:alloc_page_vma()');
    BUG_ON(m, addr < vma.vm_start, 'mm/mempolicy.c:alloc_page_vma()');
    nid = this.offset_il_node(pol, vma, vma.vm_pgoff + Math.floor((addr - vma.vm_start) / m.PAGE_SIZE));
  } else nid = this.interleave_nodes(pol);
  return yield* this.alloc_page_interleave(gfp, 0, nid);
}

/** Pages for the kernel or the page cache, by the task's policy; in an interrupt by none. */
export function* alloc_pages_current(
  this: K<'cpuset_update_current_mems_allowed' | 'alloc_page_interleave' | 'interleave_nodes' | '__alloc_pages' | 'zonelist_policy'>,
  gfp: number, order: number,
): MaySleep<Page> {
  const { m } = this;
  let pol = m.current.mempolicy;
  if ((gfp & __GFP_WAIT) !== 0 && !m.in_interrupt) this.cpuset_update_current_mems_allowed();
  if (pol === null || m.in_interrupt) pol = default_policy;
  if (pol.policy === MPOL_INTERLEAVE) return yield* this.alloc_page_interleave(gfp, order, this.interleave_nodes(pol));
  return yield* this.__alloc_pages(gfp, order, this.zonelist_policy(gfp, pol));
}
