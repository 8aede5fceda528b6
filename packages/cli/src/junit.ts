/** JUnit XML, as CI servers read it. There is no clock in it: the same bytes every time. */
import { XMLBuilder } from 'fast-xml-parser';

export interface JunitCase {
  readonly classname: string;
  readonly name: string;
  /** Absent when it passed. */
  readonly failure?: { readonly type: string; readonly message: string; readonly text: string };
  /** What it has to say all the same. */
  readonly output?: string;
}
export interface JunitSuite { readonly name: string; readonly cases: readonly JunitCase[] }

const ATTRIBUTE = '@';

export function junitXml(name: string, suites: readonly JunitSuite[]): string {
  // oxlint-disable-next-line typescript/no-deprecated
  const builder = new XMLBuilder({ ignoreAttributes: false, attributeNamePrefix: ATTRIBUTE, format: true, suppressEmptyNode: true, suppressBooleanAttributes: false });
  const all = suites.flatMap(({ cases }) => cases);
  const document = { '?xml': { '@version': '1.0', '@encoding': 'UTF-8' }, testsuites: { '@name': name, ...counts(all), testsuite: suites.map(suite) } };
  return builder.build(document);
}

const counts = (cases: readonly JunitCase[]): Record<string, number> => ({ '@tests': cases.length, '@failures': cases.filter(({ failure }) => failure !== undefined).length, '@errors': 0 });

const suite = ({ name, cases }: JunitSuite): object => ({ '@name': name, ...counts(cases), testcase: cases.map(testcase) });

const testcase = ({ classname, name, failure, output }: JunitCase): object => ({
  '@classname': classname,
  '@name': name,
  ...(failure === undefined ? {} : { failure: { '@type': failure.type, '@message': failure.message, '#text': failure.text } }),
  ...(output === undefined ? {} : { 'system-out': output }),
});
