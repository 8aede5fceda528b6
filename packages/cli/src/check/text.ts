/** A checked patch as text: a line a check, then what a reviewer has to look at. */
import type { Check, CheckReport, Status } from '@pmkit/review/check';
import type { Color, painter } from '../io.js';
import { wrap } from '../wrap.js';

export interface TextOptions { readonly width: number; readonly paint: ReturnType<typeof painter> }

const COLORS: Readonly<Record<Status, Color>> = { pass: 'green', warn: 'yellow', fail: 'red' };

export function checkText({ patch, number, summary, checks }: CheckReport, { width, paint }: TextOptions): string {
  const longest = Math.max(...checks.map(({ id }) => id.length));
  const lines = checks.map((check) => `${paint(COLORS[check.status], check.status)}  ${check.id.padEnd(longest)}  ${check.summary}`);
  const details = checks.filter(({ status }) => status !== 'pass').map((check) => ['', ...detailLines(check, width, paint)]);
  return `${[paint('bold', `${number === null ? '' : `${number} `}${patch}`), ...wrap(summary, width), '', ...lines, ...details.flat()].join('\n')}\n`;
}

function detailLines({ id, cases }: Check, width: number, paint: TextOptions['paint']): string[] {
  const odd = cases.filter(({ status }) => status !== 'pass');
  return [paint('bold', id), ...odd.flatMap(({ name, text, place }) => [
    ...wrap(place === null ? name : `${name} (${place.file}:${place.line})`, width, '  '),
    ...text.split('\n').flatMap((line) => wrap(line, width, '    ')),
  ])];
}
