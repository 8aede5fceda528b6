/**
 * The stack of applied patches and quilt's questions about it (quilt 0.66: scripts/patchfns and the commands). Pure: a state
 * goes in, an answer, a plan or a new state comes out; whoever calls decides whether the plan can be carried out.
 *
 * One thing differs from quilt. There a series file may be edited while patches are applied; here the applied patches are
 * always the first ones of the series, so that a stack is a level.
 */
import { StackError } from './errors.js';
import { findLevel, findPatch } from './lookup.js';
import type { PatchEntry, SeriesTable } from './series-file.js';

export interface Stack {
  readonly series: SeriesTable;
  /** From the bottom up; a beginning of the series. */
  readonly applied: readonly PatchEntry[];
}

export function emptyStack(series: SeriesTable): Stack {
  return { series, applied: [] };
}

/** The stack with `word` on top, all below it applied. @throws StackError if there is no such level. */
export function stackAt(series: SeriesTable, word: string): Stack {
  const patch = findLevel(series, word);
  return { series, applied: patch === undefined ? [] : series.entries.slice(0, series.entries.indexOf(patch) + 1) };
}

export function isApplied({ applied }: Stack, patch: PatchEntry): boolean {
  return applied.includes(patch);
}

function unappliedPatches({ series, applied }: Stack): readonly PatchEntry[] {
  return series.entries.slice(applied.length);
}

/** @throws StackError 'none applied' */
export function topPatch({ applied }: Stack): PatchEntry {
  const top = applied.at(-1);
  if (top === undefined) throw new StackError('none applied', 'No patches applied');
  return top;
}

/** Applied patches, all of them or up to and including `word`. */
export function appliedPatches(stack: Stack, word?: string): readonly PatchEntry[] {
  const last = word === undefined ? topPatch(stack) : appliedPatch(stack, word);
  return stack.applied.slice(0, stack.applied.indexOf(last) + 1);
}

/** Patches after `word` in the series; without it those that are not applied, of which there must be one. */
export function unappliedAfter(stack: Stack, word?: string): readonly PatchEntry[] {
  if (word === undefined) {
    firstUnapplied(stack);
    return unappliedPatches(stack);
  }
  const { entries } = stack.series;
  return entries.slice(entries.indexOf(findPatch(stack.series, word)) + 1);
}

/** The patch a push would apply; given one, that one, if it is not applied. (So quilt; its manual promises the one after.) */
export function nextPatch(stack: Stack, word?: string): PatchEntry {
  return word === undefined ? firstUnapplied(stack) : unappliedPatch(stack, word);
}

/** The applied patch below `word` or below the top; below a patch that is not applied lies the top. */
export function previousPatch(stack: Stack, word?: string): PatchEntry | undefined {
  const patch = word === undefined ? topPatch(stack) : findPatch(stack.series, word);
  const at = stack.applied.indexOf(patch);
  return at < 0 ? stack.applied.at(-1) : stack.applied[at - 1];
}

/** How far to go: a number of patches, all there are, or up to a patch. */
export type Reach = { readonly count: number } | { readonly all: true } | { readonly patch: string };

/** Patches to apply, in that order; at least one. @throws StackError */
export function planPush(stack: Stack, reach: Reach): readonly PatchEntry[] {
  if ('patch' in reach) {
    const last = unappliedPatch(stack, reach.patch);
    return stack.series.entries.slice(stack.applied.length, stack.series.entries.indexOf(last) + 1);
  }
  firstUnapplied(stack);
  const waiting = unappliedPatches(stack);
  const plan = 'all' in reach ? waiting : waiting.slice(0, reach.count);
  if (plan.length === 0) throw new StackError('nothing to do', 'No patch applied');
  return plan;
}

/** Patches to take off, topmost first; at least one. A patch named stays, as the new top. @throws StackError */
export function planPop(stack: Stack, reach: Reach): readonly PatchEntry[] {
  const { applied } = stack;
  let keep = 0;
  if ('patch' in reach) keep = applied.indexOf(appliedPatch(stack, reach.patch)) + 1;
  else if ('count' in reach) keep = Math.max(0, applied.length - reach.count);
  const plan = applied.slice(keep).reverse();
  if (plan.length === 0) throw new StackError('nothing to do', 'No patch removed');
  return plan;
}

/** What quilt's push or pop to that level would do; an empty plan when the stack stands there already. Ours, not quilt's. */
export function planGoto(stack: Stack, word: string): { readonly direction: 'push' | 'pop'; readonly plan: readonly PatchEntry[] } {
  const target = stackAt(stack.series, word).applied.length;
  const standing = stack.applied.length;
  if (target > standing) return { direction: 'push', plan: stack.series.entries.slice(standing, target) };
  return { direction: 'pop', plan: stack.applied.slice(target).reverse() };
}

/** With `patch` on top. @throws RangeError unless it is the one that comes next. */
export function withPushed(stack: Stack, patch: PatchEntry): Stack {
  const next = stack.series.entries[stack.applied.length];
  if (next !== patch) throw new RangeError(`cannot push ${patch.name}: the next patch is ${next?.name ?? 'none'}`);
  return { ...stack, applied: [...stack.applied, patch] };
}

/** Without its topmost patch. @throws RangeError unless that is `patch`. */
export function withPopped(stack: Stack, patch: PatchEntry): Stack {
  const top = stack.applied.at(-1);
  if (top !== patch) throw new RangeError(`cannot pop ${patch.name}: the topmost patch is ${top?.name ?? 'none'}`);
  return { ...stack, applied: stack.applied.slice(0, -1) };
}

function firstUnapplied(stack: Stack): PatchEntry {
  const first = stack.series.entries[stack.applied.length];
  if (first === undefined) throw new StackError('fully applied', `File series fully applied, ends at patch ${topPatch(stack).name}`);
  return first;
}

function appliedPatch(stack: Stack, word: string): PatchEntry {
  const patch = findPatch(stack.series, word);
  if (!isApplied(stack, patch)) throw new StackError('not applied', `Patch ${patch.name} is not applied`);
  return patch;
}

function unappliedPatch(stack: Stack, word: string): PatchEntry {
  const patch = findPatch(stack.series, word);
  if (isApplied(stack, patch)) throw new StackError('currently applied', `Patch ${patch.name} is currently applied`);
  return patch;
}
