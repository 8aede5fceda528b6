/** The matrix as data; its schema is in schemas.ts. */
import { changesOf, treeName, type Row, type Tree } from '@pmkit/series/catalogue';
import type { MatrixJson } from '../schemas.js';

/** @param patchName the name of a patch by number, 0 for the base */
export function matrixJson(rows: readonly Row[], trees: readonly Tree[], patchName: (number: number) => string): MatrixJson {
  const outcomes = rows.flatMap((row) => row.outcomes);
  return {
    schema: 'pmkit-matrix/1',
    trees: trees.map((tree) => ({ tree: treeName(tree), level: tree.level, hotplug: tree.hotplug, patch: patchName(tree.level) })),
    behaviours: rows.map(({ behaviour: { id, kind, sentence, sources, patch, breaks, expect }, outcomes: cells }) => ({
      id,
      kind,
      sentence,
      sources: [...sources],
      patch,
      breaks: breaks ?? null,
      changes: changesOf({ expect }),
      cells: cells.map(({ tree, seen, expected, ok }) => ({ tree: treeName(tree), seen, expected, ok })),
    })),
    summary: { behaviours: rows.length, cells: outcomes.length, unexpected: outcomes.filter(({ ok }) => !ok).length },
  };
}
