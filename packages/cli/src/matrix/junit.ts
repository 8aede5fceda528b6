/** The matrix as JUnit XML: a suite a patch, a case for each behaviour in each tree. */
import { treeName, type Row } from '@pmkit/series/catalogue';
import { junitXml, type JunitCase } from '../junit.js';

/** @param patchName the name of a patch by number, 0 for the base */
export function matrixJunit(rows: readonly Row[], patchName: (number: number) => string): string {
  const patches = [...new Set(rows.map(({ behaviour }) => behaviour.patch))].sort((a, b) => a - b);
  return junitXml('pmkit matrix', patches.map((patch) => ({ name: patchName(patch), cases: rows.filter(({ behaviour }) => behaviour.patch === patch).flatMap((row) => cases(patchName(patch), row)) })));
}

const cases = (classname: string, { behaviour, outcomes }: Row): JunitCase[] =>
  outcomes.map(({ tree, seen, expected, ok }) => ({
    classname,
    name: `${behaviour.id} at level ${treeName(tree)}`,
    ...(ok ? {} : { failure: { type: behaviour.kind, message: `seen ${seen}, expected ${expected}`, text: behaviour.sentence } }),
  }));
