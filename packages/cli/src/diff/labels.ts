/** Short names of patches and trees, for columns. */
import type { PatchEntry } from '@pmkit/series/stack';

/** `base`, `p05`, `N1.0`. */
export function patchLabel(patch: PatchEntry | null): string {
  if (patch === null) return 'base';
  return patch.number === undefined ? (/^N\d+\.\d+/.exec(patch.name)?.[0] ?? patch.name) : `p${String(patch.number).padStart(2, '0')}`;
}

/** `base–p02, p04–p10` for trees of the series, by how many patches are applied; empty where it is all of them. */
export function treesText(entries: readonly PatchEntry[], applied: readonly number[]): string {
  if (applied.length === entries.length + 1) return '';
  const label = (count: number): string => patchLabel(entries[count - 1] ?? null);
  const starts = applied.filter(count => !applied.includes(count - 1));
  return starts.map((start) => {
    let end = start;
    while (applied.includes(end + 1)) end++;
    return start === end ? label(start) : `${label(start)}–${label(end)}`;
  }).join(', ');
}
