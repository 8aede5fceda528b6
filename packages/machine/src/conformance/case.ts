/** What a rule may look at when it is asked whether it explains a difference. */
import { pte_page, pte_present } from '@pmkit/mm-core/include/asm-ia64/pgtable';
import { CAP_SYS_NICE } from '@pmkit/mm-core/include/linux/sched';
import type { Page, Vma } from '@pmkit/mm-core';
import { valueIn, type Cell, type Difference } from './difference.js';
import type { Operation } from './operation.js';
import { vmasOf } from './observe.js';
import type { Performed } from './performed.js';
import type { StateRecord, StepRecord } from './recording.js';
import { PAGE, type Proc, type World } from './world.js';

/** An operation and everything known about it and before it. */
export interface Case {
  readonly op: Operation;
  /** The recorded result. */
  readonly step: StepRecord;
  readonly performed: Performed;
  /** Operations so far, this one last. */
  readonly history: readonly Operation[];
  /** The last recorded state before this operation, and ours after it was brought into line with that. */
  readonly before: { readonly theirs: StateRecord; readonly ours: StateRecord };
  /** Ours after the operation. */
  readonly after: StateRecord;
  readonly world: World;
  /** All differences of this operation. */
  readonly differences: readonly Difference[];
}

/** A named, dated reason for a difference. */
export interface Reason {
  readonly id: string;
  /** What is not the same, in a sentence. */
  readonly sentence: string;
  /** The kernel that brought it, with its year; `rc3 7/10` and the like for rules of the series that mainline never had. */
  readonly since: string;
  /** Where that is known from. */
  readonly source: string;
}
export interface Rule extends Reason {
  /** Whether exactly this difference is what the rule is about. */
  applies(difference: Difference, c: Case): boolean;
}

export const theirErr = (c: Case): string | null => (c.step.fields.get('err') as string | undefined) ?? null;
export const ourErr = (c: Case): string | null => (c.performed.fields.get('err') as string | undefined) ?? null;

export const before = (c: Case, cell: Cell): { readonly theirs: string | null; readonly ours: string | null } =>
  ({ theirs: valueIn(c.before.theirs, cell), ours: valueIn(c.before.ours, cell) });

/** The operation changed nothing at this place there, but here; and the other way round. What was not there before counts as changed. */
export const onlyOursChanged = (d: Difference, c: Case): boolean => {
  const was = before(c, d);
  return d.theirs === was.theirs && d.ours !== was.ours;
};
export const onlyTheirsChanged = (d: Difference, c: Case): boolean => {
  const was = before(c, d);
  return d.ours === was.ours && d.theirs !== was.theirs;
};

/** The process that an operation is made by. */
export const actorOf = (c: Case): Proc | null => ('actor' in c.op ? (c.world.procs.get(c.op.actor) ?? null) : null);
export const mayMoveShared = (proc: Proc | null): boolean => proc !== null && (proc.task.cap_effective & (1 << CAP_SYS_NICE)) !== 0;

/** The vmas of ours that a cell is about. */
export function vmasAt(c: Case, cell: Cell): Vma[] {
  const proc = c.world.procs.get(cell.task);
  const area = cell.image ? proc?.image.get(cell.place) : proc?.regions.get(cell.place);
  if (proc === undefined || area === undefined || !c.world.alive(proc)) return [];
  return vmasOf(c.world, proc, cell.page < 0 ? area : { address: area.address + cell.page * PAGE, pages: 1, file: null });
}

/** Frames that a page or vma cell of ours is about. */
export function framesAt(c: Case, d: Cell): Page[] {
  const proc = c.world.procs.get(d.task);
  const area = d.image ? proc?.image.get(d.place) : proc?.regions.get(d.place);
  if (proc === undefined || area === undefined) return [];
  const pages = d.page >= 0 ? [d.page] : Array.from({ length: area.pages }, (_, i) => i);
  return pages.map(i => c.world.pte(proc.task, area.address + i * PAGE)).filter(pte => pte_present(pte)).map(pte => pte_page(pte));
}
