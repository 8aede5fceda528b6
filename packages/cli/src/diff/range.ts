/** What pmkit diff compares: a patch with the tree below it, or two trees. */
import type { PatchEntry, SeriesTable, Stack } from '@pmkit/series/stack';
import { findPatch, stackAt, topPatch } from '@pmkit/series/stack';
import { EXIT_MISUSE } from '../errors.js';
import { orFail } from '../stack-options.js';
import { isHotplugTree, parseTree } from '../tree-argument.js';

/** The patches on the base tree, from the bottom up. */
export type Applied = readonly PatchEntry[];

export interface Range {
  readonly before: Applied;
  readonly after: Applied;
}

const MISUSE = { unknown: EXIT_MISUSE, ambiguous: EXIT_MISUSE } as const;

/** The patches of a tree: a level, or the patch on top, with `+hotplug` or without. @throws CommandError (misuse) */
export async function treeOfWord(series: SeriesTable, word: string): Promise<Applied> {
  if (!isHotplugTree(word)) return orFail(() => stackAt(series, word), MISUSE).applied;
  const { patchesOf } = await import('@pmkit/review');
  return patchesOf(parseTree(series, word));
}

/** `A` and `B` of `A..B`; null for a patch, or nothing. */
const endsOf = (word: string | undefined): [string, string] | null => {
  const [a, b, ...more] = word?.split('..') ?? [];
  return a === undefined || b === undefined || more.length > 0 ? null : [a, b];
};

/** Whether it depends on where the stack stands. */
export const asksStack = (word: string | undefined): boolean => word === undefined || endsOf(word)?.includes('') === true;

/** `A..B`, either left out for where the stack stands; a patch; or nothing, for the topmost applied patch. @throws CommandError */
export async function parseRange(series: SeriesTable, word: string | undefined, stack: () => Stack): Promise<Range> {
  const ends = endsOf(word);
  if (ends !== null) {
    const applied = async (end: string): Promise<Applied> => (end === '' ? stack().applied : treeOfWord(series, end));
    return { before: await applied(ends[0]), after: await applied(ends[1]) };
  }
  const patch = word === undefined ? orFail(() => topPatch(stack())) : orFail(() => findPatch(series, word), MISUSE);
  const at = series.entries.indexOf(patch);
  return { before: series.entries.slice(0, at), after: series.entries.slice(0, at + 1) };
}
