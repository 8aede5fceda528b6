/** struct mempolicy and the constants of include/linux/mempolicy.h of 2.6.12. */
import type { Zone } from './mmzone.js';
import type { NodeMask } from './nodemask.js';

export const MPOL_DEFAULT = 0;
export const MPOL_PREFERRED = 1;
export const MPOL_BIND = 2;
export const MPOL_INTERLEAVE = 3;
export const MPOL_MAX = MPOL_INTERLEAVE;
/** get_mempolicy(): return the next interleave node or the node of the page, instead of a mode. */
export const MPOL_F_NODE = 1 << 0;
/** get_mempolicy(): look up the vma's policy by address. */
export const MPOL_F_ADDR = 1 << 1;
/** mbind(): verify that pages already there follow the policy. */
export const MPOL_MF_STRICT = 1 << 0;

export interface Mempolicy {
  refcnt: number;
  /** MPOL_*; a C short. */
  policy: number;
  /** BIND: the zones to allocate from, in order. */
  zonelist: readonly Zone[] | null;
  /** PREFERRED: node id, or -1 for the local node; a C short. */
  preferred_node: number;
  /** INTERLEAVE: the nodes. */
  nodes: NodeMask | null;
}

/** A range of a shared object with its policy (struct sp_node): `start` and `end` in pages, end exclusive. */
export interface SpNode {
  start: number; end: number; policy: Mempolicy;
  rb_parent: SpNode | null; rb_left: SpNode | null; rb_right: SpNode | null; rb_red: boolean;
}
export interface SharedPolicy { root: SpNode | null; readonly sem: { readonly name: string; held: boolean; owner: number } }
