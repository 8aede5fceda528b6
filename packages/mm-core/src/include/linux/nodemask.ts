/** nodemask_t (include/linux/nodemask.h): 256 bits for NODES_SHIFT 8, as on SGI SN2. */

export const NODES_SHIFT = 8;
export const MAX_NUMNODES = 1 << NODES_SHIFT;
const WORDS = MAX_NUMNODES >> 5;

export type NodeMask = Uint32Array;

export const nodes_new = (): NodeMask => new Uint32Array(WORDS);
export function nodemask_of(...nodes: readonly number[]): NodeMask {
  const mask = nodes_new();
  for (const node of nodes) node_set(node, mask);
  return mask;
}
export const node_isset = (node: number, mask: NodeMask): boolean => (mask[node >> 5]! & (1 << (node & 31))) !== 0;
export function node_set(node: number, mask: NodeMask): void {
  mask[node >> 5]! |= 1 << (node & 31);
}
export function node_clear(node: number, mask: NodeMask): void {
  mask[node >> 5]! &= ~(1 << (node & 31));
}
export function nodes_copy(mask: NodeMask): NodeMask {
  return mask.slice();
}
export function nodes_and(a: NodeMask, b: NodeMask): NodeMask {
  const result = nodes_new();
  for (let i = 0; i < WORDS; i++) result[i] = a[i]! & b[i]!;
  return result;
}
export function nodes_or(a: NodeMask, b: NodeMask): NodeMask {
  const result = nodes_new();
  for (let i = 0; i < WORDS; i++) result[i] = a[i]! | b[i]!;
  return result;
}
export function nodes_equal(a: NodeMask, b: NodeMask): boolean {
  for (let i = 0; i < WORDS; i++) if (a[i] !== b[i]) return false;
  return true;
}
export function nodes_intersects(a: NodeMask, b: NodeMask): boolean {
  for (let i = 0; i < WORDS; i++) if ((a[i]! & b[i]!) !== 0) return true;
  return false;
}
/** Whether every node of `a` is in `b`. */
export function nodes_subset(a: NodeMask, b: NodeMask): boolean {
  for (let i = 0; i < WORDS; i++) if ((a[i]! & ~b[i]!) !== 0) return false;
  return true;
}
export function nodes_empty(mask: NodeMask): boolean {
  for (let i = 0; i < WORDS; i++) if (mask[i] !== 0) return false;
  return true;
}
/** First node of the mask that is >= `from`; MAX_NUMNODES when there is none. */
export function find_next_node(mask: NodeMask, from: number): number {
  for (let node = from; node < MAX_NUMNODES; ) {
    const word = mask[node >> 5]! >>> (node & 31);
    if (word !== 0) return node + (31 - Math.clz32(word & -word));
    node = (node | 31) + 1;
  }
  return MAX_NUMNODES;
}
export const first_node = (mask: NodeMask): number => find_next_node(mask, 0);
export const next_node = (node: number, mask: NodeMask): number => find_next_node(mask, node + 1);
export function nodes_weight(mask: NodeMask): number {
  let weight = 0;
  for (let node = first_node(mask); node < MAX_NUMNODES; node = next_node(node, mask)) weight++;
  return weight;
}
