/** What the generated pages are made from, and what they call each other. */
import type { Behaviour } from '@pmkit/series/catalogue';
import type { Touches } from '@pmkit/series/patches';
import type { PatchEntry, SeriesTable } from '@pmkit/series/stack';
import { code } from './markdown.js';

export interface DocsInput {
  readonly series: SeriesTable;
  readonly behaviours: readonly Behaviour[];
  readonly touches: Touches;
}

/** The file of a patch's page in docs/series; of the base for undefined. */
export function pageFile(entry: PatchEntry | undefined): string {
  if (entry === undefined) return '00-base.md';
  const number = entry.number === undefined ? '' : `${String(entry.number).padStart(2, '0')}-`;
  return `${number}${entry.name.replace(/\.patch$/, '')}.md`;
}

export const patchNames = ({ series }: DocsInput, numbers: readonly number[]): string =>
  numbers.map((number) => code(series.entries.find((entry) => entry.number === number)?.name ?? series.base)).join(', ');
