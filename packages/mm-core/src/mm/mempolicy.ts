/**
 * NUMA memory policies (mm/mempolicy.c): the objects, and reading a node mask from user memory. The system calls are in
 * mempolicy_syscalls.ts, allocation by policy in mempolicy_alloc.ts, policies of shared objects in mempolicy_shared.ts.
 *
 * A policy is shared by reference counting and never changed once it is in use. No policy (null) is MPOL_DEFAULT: the node of
 * the CPU. 2.6.12 keeps zonelist, preferred node and mask in a union; here they are fields of which one is used.
 */
import { BAD_POINTER, type UserMask } from '../include/linux/misc.js';
import { EFAULT, EINVAL, ENOMEM } from '../include/linux/errno.js';
import { GFP_KERNEL } from '../include/linux/gfp.js';
import { BUG, BUG_ON } from '../include/linux/kernel.js';
import { MPOL_BIND, MPOL_DEFAULT, MPOL_INTERLEAVE, MPOL_PREFERRED, type Mempolicy } from '../include/linux/mempolicy.js';
import { MAX_NR_ZONES, type Zone } from '../include/linux/mmzone.js';
import {
  first_node, MAX_NUMNODES, next_node, nodes_copy, nodes_empty, nodes_equal, nodes_new, nodes_subset, nodes_weight, type NodeMask,
} from '../include/linux/nodemask.js';
import { BITS_PER_LONG, BITS_TO_LONGS } from '../include/linux/types.js';
import type { K } from '../kernel-table.js';

const LONGS_PER_NODEMASK = MAX_NUMNODES / BITS_PER_LONG;

/** Whether the nodes suit the mode, and are all online. A mode that does not exist is not refused here. */
export function mpol_check_policy(this: K, mode: number, nodes: NodeMask): number {
  const empty = nodes_empty(nodes);
  if (mode === MPOL_DEFAULT && !empty) return -EINVAL;
  if ((mode === MPOL_BIND || mode === MPOL_INTERLEAVE) && empty) return -EINVAL;
  return nodes_subset(nodes, this.m.node_online_map) ? 0 : -EINVAL;
}

/** Word `index` (32 bits) of a mask in user memory; undefined when the array does not reach its 64-bit long. */
function getUser(mask: Exclude<UserMask, symbol>, index: number): number | undefined {
  return (index & ~1) < mask.length ? (mask[index] ?? 0) : undefined;
}

/**
 * Copies a node mask of `maxnode - 1` bits from user memory into `nodes`, clears what the caller's cpuset does not allow
 * (silently), and checks the rest against the mode.
 *
 * A null mask, or one of no bits (maxnode 1), is empty and accepted without looking at the mode: so set_mempolicy(MPOL_BIND,
 * NULL, 0) succeeds with a policy that has no node. maxnode 0 wraps around: the length in longs comes out as 0, nothing is
 * copied, and 2.6.12 then masks the long in front of its array on the stack, which harms nothing that is modelled.
 */
export function get_nodes(
  this: K<'cpuset_update_current_mems_allowed' | 'cpuset_restrict_to_mems_allowed' | 'mpol_check_policy'>,
  nodes: NodeMask, nmask: UserMask | null, maxnode: number, mode: number,
): number {
  nodes.fill(0);
  if (maxnode === 1 || nmask === null) return 0;
  const nlongs = BITS_TO_LONGS(maxnode - 1);
  if (nlongs > 0) {
    const error = copyMask(this.m.PAGE_SIZE, nodes, nmask, maxnode - 1, nlongs);
    if (error !== 0) return error;
  }
  this.cpuset_update_current_mems_allowed();
  this.cpuset_restrict_to_mems_allowed(nodes);
  return this.mpol_check_policy(mode, nodes);
}

/** copy_from_user() of the supported part, once the unsupported part is found to be zero. */
function copyMask(pageSize: number, nodes: NodeMask, nmask: UserMask, bits: number, longs: number): number {
  let nlongs = longs;
  /* Bits of the last long that count. */
  let valid = bits - (nlongs - 1) * BITS_PER_LONG;
  if (nlongs > LONGS_PER_NODEMASK) {
    if (nlongs > pageSize / 8) return -EINVAL;
    for (let k = LONGS_PER_NODEMASK; k < nlongs; k++) {
      const low = nmask === BAD_POINTER ? undefined : getUser(nmask, 2 * k);
      const high = nmask === BAD_POINTER ? undefined : getUser(nmask, 2 * k + 1);
      if (low === undefined || high === undefined) return -EFAULT;
      const count = k === nlongs - 1 ? valid : BITS_PER_LONG;
      if (lowBits(low, count) !== 0 || lowBits(high, count - 32) !== 0) return -EINVAL;
    }
    nlongs = LONGS_PER_NODEMASK;
    valid = BITS_PER_LONG;
  }
  if (nmask === BAD_POINTER) return -EFAULT;
  for (let word = 0; word < 2 * nlongs; word++) {
    const value = getUser(nmask, word);
    if (value === undefined) return -EFAULT;
    nodes[word] = value;
  }
  nodes[2 * nlongs - 2] = lowBits(nodes[2 * nlongs - 2]!, valid);
  nodes[2 * nlongs - 1] = lowBits(nodes[2 * nlongs - 1]!, valid - 32);
  return 0;
}
/** The lowest `count` bits of a word; all for 32 and more, none for 0 and less. */
const lowBits = (word: number, count: number): number => (count >= 32 ? word : count <= 0 ? 0 : word & (2 ** count - 1));

/**
 * The zonelist of a BIND policy: nodes ascending, within a node the highest zone first. Raises m.policy_zone: allocations
 * for zones below the highest one that any BIND policy has seen are not policied.
 * @returns null when there is no memory for it.
 */
export function bind_zonelist(this: K<'kmalloc'>, nodes: NodeMask): Zone[] | null {
  const { m } = this;
  const max = 1 + MAX_NR_ZONES * nodes_weight(nodes);
  if (this.kmalloc(8 * max, GFP_KERNEL) === 0) return null;
  const zones: Zone[] = [];
  for (let nd = first_node(nodes); nd < MAX_NUMNODES; nd = next_node(nd, nodes)) {
    for (let k = MAX_NR_ZONES - 1; k >= 0; k--) {
      const zone = m.node_data[nd]!.node_zones[k]!;
      if (zone.present_pages === 0) continue;
      zones.push(zone);
      if (k > m.policy_zone) m.policy_zone = k;
    }
  }
  BUG_ON(m, zones.length >= max, 'mm/mempolicy.c:bind_zonelist()');
  return zones;
}

/**
 * A new policy with one reference; null for MPOL_DEFAULT; -ENOMEM. The mode is stored in a short whatever it is: only the
 * system calls check it, and set_mempolicy() lets negative ones pass. One that is valid once it is cut to a short (-65534 is
 * MPOL_BIND then) leaves the union as the slab had it; here that is empty.
 */
export function mpol_new(this: K<'kmalloc' | 'bind_zonelist'>, mode: number, nodes: NodeMask): Mempolicy | null | number {
  if (mode === MPOL_DEFAULT) return null;
  if (this.kmalloc(40, GFP_KERNEL) === 0) return -ENOMEM;
  const policy: Mempolicy = { refcnt: 1, policy: (mode << 16) >> 16, zonelist: null, preferred_node: 0, nodes: null };
  if (policy.policy !== mode) {
    policy.zonelist = [];
    policy.nodes = nodes_new();
  } else if (mode === MPOL_INTERLEAVE) policy.nodes = nodes_copy(nodes);
  else if (mode === MPOL_PREFERRED) {
    const node = first_node(nodes);
    policy.preferred_node = node >= MAX_NUMNODES ? -1 : node;
  } else if (mode === MPOL_BIND) {
    policy.zonelist = this.bind_zonelist(nodes);
    if (policy.zonelist === null) return -ENOMEM;
  }
  return policy;
}

/** Drops a reference; with the last one the policy is gone. */
export function __mpol_free(this: K, p: Mempolicy): void {
  if (--p.refcnt !== 0) return;
  if (p.policy === MPOL_BIND) p.zonelist = null;
  p.policy = MPOL_DEFAULT;
}

export function mpol_free(this: K<'__mpol_free'>, p: Mempolicy | null): void {
  if (p !== null) this.__mpol_free(p);
}

export function mpol_get(this: K, p: Mempolicy | null): void {
  if (p !== null) p.refcnt++;
}

/** A policy of one's own with the same contents, for fork() and for the halves of a split vma. */
export function mpol_copy(this: K, p: Mempolicy | null): Mempolicy | null {
  if (p === null) return null;
  return {
    refcnt: 1, policy: p.policy, zonelist: p.zonelist === null ? null : [...p.zonelist], preferred_node: p.preferred_node,
    nodes: p.nodes === null ? null : nodes_copy(p.nodes),
  };
}

/** Whether two policies say the same, so that vmas that have them can be merged. */
export function mpol_equal(this: K, a: Mempolicy | null, b: Mempolicy | null): boolean {
  if (a === b) return true;
  if (a === null || b === null || a.policy !== b.policy) return false;
  switch (a.policy) {
    case MPOL_DEFAULT:
      return true;
    case MPOL_INTERLEAVE:
      return nodes_equal(a.nodes!, b.nodes!);
    case MPOL_PREFERRED:
      return a.preferred_node === b.preferred_node;
    case MPOL_BIND: {
      const other = b.zonelist!;
      return a.zonelist!.length === other.length && a.zonelist!.every((zone, i) => zone === other[i]);
    }
    default:
      BUG(this.m, 'mm/mempolicy.c:__mpol_equal()');
  }
}
