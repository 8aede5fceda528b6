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
