/**
 * What migrate_pages() of a level should do with a vma of an imported process, told from what was imported and from the rules of the patches,
 * without looking at the kernel. What the simulated kernel does is held against it.
 */
import { VM_IO, VM_LOCKED, VM_WRITE } from '@pmkit/mm-core/include/linux/mm_types';
import type { Vma } from '@pmkit/mm-core';

export type Action = 'move' | 'keep' | 'refuse';

export interface Prediction {
  readonly action: Action;
  /** The rule, in a sentence, and the patch that brought it: 0 is the base tree. */
  readonly rule: string;
  readonly patch: number;
}

/** What decides about the call as a whole. */
export interface CallFacts {
  readonly from: readonly number[];
  readonly to: readonly number[];
  /** Nodes of the machine. */
  readonly online: readonly number[];
  /** Nodes that the cpuset of the process allows. */
  readonly mems: readonly number[];
}

const CALL = 4;
const SELECTION = 7;
const CPUSETS = 8;

/** Why the whole call is refused; null when it is not. */
export function predictRefusal(level: number, { from, to, online, mems }: CallFacts): Prediction | null {
  if (level < CALL) return { action: 'refuse', rule: 'ENOSYS: there is no such system call before patch 4', patch: 0 };
  const refuse = (rule: string, patch: number): Prediction => ({ action: 'refuse', rule: `EINVAL: ${rule}`, patch });
  const offline = to.find((node) => !online.includes(node));
  if (offline !== undefined) return refuse(`new node ${offline} is not online`, CALL);
  const both = from.find((node) => to.includes(node));
  if (both !== undefined) return refuse(`node ${both} is old and new`, CALL);
  const forbidden = to.find((node) => !mems.includes(node));
  if (level >= CPUSETS && forbidden !== undefined) return refuse(`new node ${forbidden} is not in the cpuset of the process`, CPUSETS);
  return null;
}

/** What becomes of the pages of a vma that are on an old node. The file, if any, has no mark of patch 6: those are not in /proc. */
export function predictVma(level: number, { vm_flags, vm_file }: Pick<Vma, 'vm_flags' | 'vm_file'>): Prediction {
  if ((vm_flags & VM_LOCKED) !== 0) return { action: 'keep', rule: 'VM_LOCKED: mlocked memory is not moved', patch: CALL };
  if (level < SELECTION) return { action: 'move', rule: 'every mapped page is moved before patch 7', patch: CALL };
  if ((vm_flags & VM_IO) !== 0) return { action: 'keep', rule: 'VM_IO: memory of a device is not moved', patch: SELECTION };
  if (vm_file === null) return { action: 'move', rule: 'anonymous memory is moved', patch: SELECTION };
  if ((vm_flags & VM_WRITE) !== 0) return { action: 'move', rule: 'VM_WRITE: a writable mapping of a file is moved', patch: SELECTION };
  return { action: 'keep', rule: 'a mapped file without VM_WRITE is not moved unless mbind() has marked it', patch: SELECTION };
}
