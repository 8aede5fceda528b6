/** A checked patch as JUnit XML: a suite a check. JUnit knows no warnings: they pass, and say what they have to say. */
import type { CheckReport } from '@pmkit/review/check';
import { junitXml, type JunitCase } from '../junit.js';

export const checkJunit = ({ patch, checks }: CheckReport): string =>
  junitXml('pmkit check', checks.map(({ id, cases }) => ({
    name: id,
    cases: cases.map(({ name, status, text, place }): JunitCase => {
      const where = place === null ? '' : `${place.file}:${place.line}\n`;
      const said = status === 'fail' ? { failure: { type: id, message: text.split('\n', 1)[0]!, text: `${where}${text}` } } : status === 'warn' ? { output: `warning: ${where}${text}` } : {};
      return { classname: patch, name, ...said };
    }),
  })));
