/**
 * The two arrays of node ids that migrate_pages() takes, read and checked. In the original these lines are part of the system call, in
 * every patch that touches it; here they stand once, so that a patch shows what it changes.
 */
import { EFAULT, EINVAL } from '@pmkit/mm-core/include/linux/errno';
import { MAX_NUMNODES, node_isset, node_set, nodes_intersects, nodes_new, type NodeMask } from '@pmkit/mm-core/include/linux/nodemask';
import { BAD_POINTER, type Machine, type UserU32Array } from '@pmkit/mm-core';
import type { NodeMap } from '@pmkit/p03-node-map-argument';

/** Pages on old_nodes[i] go to new_nodes[i]. */
export interface NodePairs {
  readonly old_nodes: Int32Array;
  readonly new_nodes: Int32Array;
  readonly old_node_mask: NodeMask;
  readonly new_node_mask: NodeMask;
}

/** copy_from_user() into an array of int: values from 2^31 on turn negative. Null when the pointer is bad or short. */
function copyIntsFromUser(from: UserU32Array, count: number): Int32Array | null {
  if (from === null || from === BAD_POINTER || from.length < count) return null;
  return Int32Array.from(from.subarray(0, count));
}

/**
 * Reads `count` node ids from each array and looks at them pair by pair.
 * @returns the pairs; -EFAULT when an array cannot be read; -EINVAL for a node id out of range, a new node that is not online, or a node on
 *   both sides. Old nodes need not be online (-rc4 asks for it).
 */
export function nodePairsFromUser(m: Machine, old_nodes: UserU32Array, new_nodes: UserU32Array, count: number): NodePairs | number {
  const old = copyIntsFromUser(old_nodes, count);
  if (old === null) return -EFAULT;
  const fresh = copyIntsFromUser(new_nodes, count);
  if (fresh === null) return -EFAULT;
  const old_node_mask = nodes_new();
  const new_node_mask = nodes_new();
  for (let i = 0; i < count; i++) {
    const old_node = old[i]!;
    const new_node = fresh[i]!;
    if (old_node < 0 || old_node >= MAX_NUMNODES) return -EINVAL;
    if (new_node < 0 || new_node >= MAX_NUMNODES || !node_isset(new_node, m.node_online_map)) return -EINVAL;
    node_set(old_node, old_node_mask);
    node_set(new_node, new_node_mask);
  }
  if (nodes_intersects(old_node_mask, new_node_mask)) return -EINVAL;
  return { old_nodes: old, new_nodes: fresh, old_node_mask, new_node_mask };
}

/** The map that the pairs make; a node that is named twice goes where its last pair says, one that is not named has -1. */
export function nodeMapOf({ old_nodes, new_nodes }: NodePairs): NodeMap {
  const node_map: NodeMap = new Int32Array(MAX_NUMNODES).fill(-1);
  for (let i = 0; i < old_nodes.length; i++) node_map[old_nodes[i]!] = new_nodes[i]!;
  return node_map;
}
