/**
 * A process as it is imported: plain data that JSON holds, with the addresses of the real process. Counts are in base pages of `pageSize`
 * bytes, node ids as Linux numbers them.
 */
import type { TopologyInput } from '../topology/check.js';

export { hex } from '../views/view.js';

export type PolicyMode = 'default' | 'preferred' | 'bind' | 'interleave';

/** A policy of 2.6.12: `nodes` is empty for default, and for preferred where it means the node of the CPU. */
export interface ImportedPolicy { readonly mode: PolicyMode; readonly nodes: readonly number[] }

export const DEFAULT_POLICY: ImportedPolicy = { mode: 'default', nodes: [] };

/** What vmas map: a file of a file system, memory shared through the kernel's own tmpfs (shared anonymous memory, memfd), a SysV segment. */
export type ObjectKind = 'file' | 'shared memory' | 'SysV segment';

export interface ImportedObject {
  readonly kind: ObjectKind;
  /** Without ` (deleted)`. */
  readonly path: string;
  /** Whether the name is gone. */
  readonly deleted: boolean;
  /** As large as the vmas show: to the end of what is mapped of it. */
  readonly pages: number;
}

export interface ImportedVma {
  /** Bytes, page-aligned, `end` exclusive. */
  readonly start: number;
  readonly end: number;
  /** `rw-p`, as in maps. */
  readonly permissions: string;
  /** Index in `objects`, null for anonymous memory. */
  readonly object: number | null;
  /** Pages into the object. */
  readonly offset: number;
  readonly kind: 'heap' | 'stack' | null;
  /** VM_LOCKED, VM_IO. */
  readonly locked: boolean;
  readonly io: boolean;
  /** Whether a shared file was opened for writing, so that mprotect() may allow it. */
  readonly writable: boolean;
  /** Of the vma itself; null: the process's policy counts. */
  readonly policy: ImportedPolicy | null;
  /** Pages in memory by node, ascending. */
  readonly nodes: readonly (readonly [node: number, pages: number])[];
  /** Of these, private copies and anonymous memory; the others are pages of the object. */
  readonly anon: number;
  readonly dirty: number;
  /** The most page tables that map one page; 1: nobody shares it. */
  readonly mapmax: number;
}

export interface ImportedProcess {
  readonly schema: 'pmkit-process/1';
  readonly comm: string;
  /** Of the real process. The simulated one has another. */
  readonly pid: number;
  /** Real, effective and saved id. */
  readonly uid: readonly [number, number, number];
  readonly gid: readonly [number, number, number];
  readonly pageSize: number;
  readonly policy: ImportedPolicy;
  /** CPUs it may run on and nodes it may allocate on (its cpuset); null: all. */
  readonly cpus: readonly number[] | null;
  readonly mems: readonly number[] | null;
  readonly objects: readonly ImportedObject[];
  /** By ascending address. */
  readonly vmas: readonly ImportedVma[];
  /** The machine it ran on, where that is known. */
  readonly machine: TopologyInput | null;
  /** What the process has and the simulated one will not, in sentences. */
  readonly notes: readonly string[];
}

export const pagesOf = ({ nodes }: Pick<ImportedVma, 'nodes'>): number => nodes.reduce((sum, [, pages]) => sum + pages, 0);

/** All nodes that pages, policies and cpuset name, ascending. */
export function nodesNamed({ policy, mems, vmas }: Pick<ImportedProcess, 'policy' | 'mems' | 'vmas'>): number[] {
  const ids = new Set<number>([...policy.nodes, ...(mems ?? [])]);
  for (const vma of vmas) {
    for (const [node] of vma.nodes) ids.add(node);
    for (const node of vma.policy?.nodes ?? []) ids.add(node);
  }
  return [...ids].sort((a, b) => a - b);
}
