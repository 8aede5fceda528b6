/**
 * The situation of a migrate_pages() call as plain data: what the independent model knows of a machine. No frames, no page tables, no
 * reference counts; numbers are node ids, positions in pages, and counts.
 *
 * The model changes it as the call would, so a second call begins where the first one ended.
 */

export interface Situation {
  /** Patches 1…level are applied. */
  readonly level: number;
  /** CONFIG_MEMORY_MIGRATE, CONFIG_SWAP. */
  readonly config: { readonly migrate: boolean; readonly swap: boolean };
  /** The nodes that are online. */
  readonly nodes: readonly Node[];
  readonly distance: (from: number, to: number) => number;
  /** Whether a swap slot is free when one is needed: a page gives its slot back, or keeps it and needs no other. */
  readonly slots: boolean;
  /** Every task that can be found by its pid, dead ones and kernel threads included. */
  readonly tasks: readonly Task[];
}

export interface Node {
  readonly id: number;
  /** Without memory it is online all the same. */
  readonly memory: boolean;
  /** No page is to be had on it; the others have room for whatever a call moves. */
  readonly full: boolean;
}

export interface Task {
  readonly pid: number;
  readonly uid: number;
  readonly euid: number;
  readonly suid: number;
  /** Numbers of its effective capabilities. */
  readonly capabilities: readonly number[];
  /** Nodes that its cpuset has; where there are no cpusets, all that are online. */
  readonly mems: readonly number[];
  policy: Policy | null;
  /** The node that comes next when the task interleaves. */
  nextInterleaved: number;
  /** In the order of addresses; null for kernel threads and zombies, which have no memory. */
  readonly vmas: readonly Vma[] | null;
}

export interface Vma {
  readonly read: boolean;
  readonly write: boolean;
  readonly locked: boolean;
  /** VM_IO. */
  readonly io: boolean;
  /** What is mapped; null when the vma has no file. Shared anonymous memory and System V segments have one. */
  readonly object: MappedObject | null;
  /** Page of the object that the vma begins with. */
  readonly offset: number;
  policy: Policy | null;
  readonly slots: readonly Slot[];
}

/** A place for a page. `mapped`: there is a pte for it. */
export interface Slot { readonly page: Page | 'zero' | null; mapped: boolean }

export interface MappedObject {
  /** The bits of patch 6; null as long as nobody has set one. */
  override: 'migrate' | 'keep' | null;
  /** Shared memory keeps its policies by page of the object; null for files on disk, which have none. */
  readonly policies: Map<number, Policy> | null;
}

export interface Page {
  node: number;
  /** Private to a process, not in a file: needs a swap entry to be moved. */
  readonly anonymous: boolean;
  /** Where it can be found: on an LRU list, with vmscan (which took it off), or on a list that nobody knows any more. */
  place: 'lru' | 'vmscan' | 'lost';
  /** References beyond those of its ptes, its file or swap cache: of somebody who has pinned it, and leaked ones. */
  strangers: number;
  /** How often it has been moved. */
  moves: number;
}

/** A memory policy; the default policy is null. PREFERRED -1 is "local". Nodes ascend. */
export type Policy =
  | { readonly mode: 'preferred'; readonly node: number }
  | { readonly mode: 'bind' | 'interleave'; readonly nodes: readonly number[] };

/** An array in the caller's memory: node ids as __u32; null and 'bad' cannot be read. */
export type UserArray = readonly number[] | null | 'bad';

export interface Call {
  readonly caller: Task;
  readonly pid: number;
  /** As the program passes it; the kernel sees the low 32 bits. */
  readonly count: number;
  readonly oldNodes: UserArray;
  readonly newNodes: UserArray;
  /** An allocation of the call itself that fails: one of its arrays, or the n-th policy that it rewrites (0 is the first). */
  readonly noMemoryFor: 'arrays' | number | null;
}

/** `result`: what the call returns, or 'died' when the caller did not live to see it. */
export interface Outcome {
  readonly result: number | 'died';
  /** Listed defects that had a part in it. */
  readonly defects: ReadonlySet<DefectId>;
}

/**
 * The defects of -rc3 that can be seen in where pages are, what the call returns, and which policies are left. Each can be left out of
 * the model, which then says what the patch was meant to do.
 *
 *   off-lru             a  a mapped page off the LRU is a BUG(); asked for in review: pass over it (Takahashi, 25 June 2005)
 *   leaked-reference    b  pages left behind with -EAGAIN keep the reference of the migration
 *   lost-pages          c  pages left behind with -ENOSPC stay on a list that is gone
 *   needs-swap          d  anonymous pages need a free swap slot though nothing is written
 *   unsigned-node-map      nodes that are not moved fall out of policies (patch 5)
 *   unmigrated-vma         policies of vmas that are not migrated are rewritten too (patch 5; Kleen and Bryant, 24 June 2005)
 *   shared-policy          policies of shared memory are only met through a vma that has one (patch 5; Kleen, 23 June 2005)
 *   caller-cpuset          pages are allocated by the caller, whose cpuset sends them elsewhere without a word (patches 4 to 7)
 */
export const DEFECTS = [
  'off-lru', 'leaked-reference', 'lost-pages', 'needs-swap', 'unsigned-node-map', 'unmigrated-vma', 'shared-policy', 'caller-cpuset',
] as const;
export type DefectId = (typeof DEFECTS)[number];
