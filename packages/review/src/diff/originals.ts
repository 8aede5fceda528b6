/** What the patches of 2005 did to the kernel's files, in lines, as far as it is known. */
import { factsOf } from '@pmkit/series/patches';
import type { PatchEntry } from '@pmkit/series/stack';

/** Lines of the original; null when a part is not known. */
export interface OriginalFigures {
  readonly insertions: number | null;
  readonly deletions: number | null;
  /** What the originals do in the file, where the kit has no symbol for that. */
  readonly notes: readonly string[];
}

/** By kernel file. What is in `before` and not in `after` is taken off, so that its lines go the other way. */
export function originalFigures(before: readonly PatchEntry[], after: readonly PatchEntry[]): Map<string, OriginalFigures> {
  const figures = new Map<string, OriginalFigures>();
  const add = (entry: PatchEntry, isPushed: boolean): void => {
    for (const { file, insertions, deletions, note } of factsOf(entry.name).files) {
      const sum = figures.get(file) ?? { insertions: 0, deletions: 0, notes: [] };
      const [more, fewer] = isPushed ? [insertions, deletions] : [deletions, insertions];
      figures.set(file, { insertions: plus(sum.insertions, more), deletions: plus(sum.deletions, fewer), notes: note === undefined ? sum.notes : [...sum.notes, note] });
    }
  };
  for (const entry of after) if (!before.includes(entry)) add(entry, true);
  for (const entry of before) if (!after.includes(entry)) add(entry, false);
  return figures;
}

const plus = (a: number | null, b: number | null): number | null => (a === null || b === null ? null : a + b);
