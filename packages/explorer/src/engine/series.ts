/** The series as a column: the patches from the bottom up, and which of them are in the running kernel. */
import { treeName, type Tree } from '@pmkit/series/catalogue';
import { TOP_LEVEL } from '@pmkit/series/levels';
import { migrationSeries } from '@pmkit/series/stack';
import type { SeriesState } from '../protocol.js';

export function seriesState(tree: Tree): SeriesState {
  const { base, entries } = migrationSeries;
  // level 10 has the hotplug patches too: patch 10 needs them
  const hotplug = tree.hotplug || tree.level === TOP_LEVEL;
  const rows = entries.map(({ name, number, summary }) => ({ name, number: number ?? null, summary, isApplied: number === undefined ? hotplug : number <= tree.level }));
  return { tree: treeName(tree), rows: [{ name: base, number: 0, summary: 'the tree below the series', isApplied: true }, ...rows] };
}
