/** Two texts side by side, for a width. */
import { wrap } from './wrap.js';

const BETWEEN = ' | ';
/** Least room for either side. */
const LEAST = 16;

/**
 * Lines `left | right`, broken where a side is longer than its column; what follows hangs two blanks in. The left column is as wide as it needs to be, the
 * right one keeps two fifths at least.
 */
export function sideBySide(rows: readonly (readonly [string, string])[], width: number): string[] {
  const longest = Math.max(0, ...rows.map(([left]) => left.length));
  const leftWidth = Math.max(LEAST, Math.min(longest, Math.floor((width - BETWEEN.length) * 0.6)));
  const rightWidth = Math.max(LEAST, width - leftWidth - BETWEEN.length);
  return rows.flatMap(([left, right]) => {
    const [a, b] = [cell(left, leftWidth), cell(right, rightWidth)];
    return Array.from({ length: Math.max(a.length, b.length) }, (_, at) => `${(a[at] ?? '').padEnd(leftWidth)}${BETWEEN}${b[at] ?? ''}`.trimEnd());
  });
}

function cell(text: string, width: number): string[] {
  const indent = /^ */.exec(text)![0];
  const words = text.slice(indent.length);
  if (text.length <= width) return [text];
  return wrap(words, width - 2, indent).map((line, at) => (at === 0 ? line : `  ${line}`));
}

/**
 * Lines of a diff side by side, each column half of `width`. What is longer goes on in the next line, with the sign of the line in front; the other side waits.
 */
export function columns(left: readonly string[], right: readonly string[], width: number, paint: (text: string) => string = text => text): string[] {
  const half = Math.max(LEAST, Math.floor((width - BETWEEN.length) / 2));
  const rows: string[] = [];
  for (let at = 0; at < Math.max(left.length, right.length); at++) {
    const [a, b] = [cut(left[at] ?? '', half), cut(right[at] ?? '', half)];
    for (let part = 0; part < Math.max(a.length, b.length); part++) {
      const [one, other] = [a[part] ?? '', b[part] ?? ''];
      rows.push(`${paint(one)}${' '.repeat(half - one.length)}${BETWEEN}${paint(other)}`.trimEnd());
    }
  }
  return rows;
}

function cut(line: string, width: number): string[] {
  if (line.length <= width) return [line];
  const sign = line.slice(0, 1);
  const pieces = [line.slice(0, width)];
  for (let at = width; at < line.length; at += width - 1) pieces.push(sign + line.slice(at, at + width - 1));
  return pieces;
}
