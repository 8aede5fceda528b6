/** The matrix as JUnit XML: a suite a patch, a case for each behaviour in each tree. There is no clock in it: the same bytes every time. */
import { treeName, type Row } from '@pmkit/series/catalogue';
import { XMLBuilder } from 'fast-xml-parser';

const ATTRIBUTE = '@';

/** @param patchName the name of a patch by number, 0 for the base */
export function matrixJunit(rows: readonly Row[], patchName: (number: number) => string): string {
  const patches = [...new Set(rows.map(({ behaviour }) => behaviour.patch))].sort((a, b) => a - b);
  const suites = patches.map((patch) => suite(patchName(patch), rows.filter(({ behaviour }) => behaviour.patch === patch)));
  // oxlint-disable-next-line typescript/no-deprecated
  const builder = new XMLBuilder({ ignoreAttributes: false, attributeNamePrefix: ATTRIBUTE, format: true, suppressEmptyNode: true, suppressBooleanAttributes: false });
  const document = { '?xml': { '@version': '1.0', '@encoding': 'UTF-8' }, testsuites: { '@name': 'pmkit matrix', ...counts(rows), testsuite: suites } };
  return builder.build(document);
}

function counts(rows: readonly Row[]): Record<string, number> {
  const outcomes = rows.flatMap((row) => row.outcomes);
  return { '@tests': outcomes.length, '@failures': outcomes.filter(({ ok }) => !ok).length, '@errors': 0 };
}

function suite(name: string, rows: readonly Row[]): object {
  const testcase = rows.flatMap(({ behaviour, outcomes }) =>
    outcomes.map(({ tree, seen, expected, ok }) => ({
      '@classname': name,
      '@name': `${behaviour.id} at level ${treeName(tree)}`,
      ...(ok ? {} : { failure: { '@type': behaviour.kind, '@message': `seen ${seen}, expected ${expected}`, '#text': behaviour.sentence } }),
    })),
  );
  return { '@name': name, ...counts(rows), testcase };
}
