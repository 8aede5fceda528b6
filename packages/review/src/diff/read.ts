/**
 * Unified diffs out of a text that has other things in it too, as a mail has: strictly, so that a patch that was cut off or wrapped on its way is
 * refused and never read as a smaller one. jsdiff reads the hunks; where a diff begins and ends, and what is wrong with it, is found here.
 */
import { parsePatch } from 'diff';

/** A hunk of a file. */
export interface DiffHunk {
  /** Its header's line in the text, from 1. */
  readonly line: number;
  readonly oldStart: number;
  readonly oldLines: number;
  readonly newStart: number;
  readonly newLines: number;
  /** What stands behind the second `@@`: the line that diff takes for the head of the function. */
  readonly heading: string;
  /** Each with its sign in front. */
  readonly lines: readonly string[];
}

export interface FileDiff {
  /** Below the top of the tree: `mm/mmigrate.c`. */
  readonly file: string;
  /** The line of `---` in the text, from 1. */
  readonly line: number;
  readonly isNew: boolean;
  readonly isGone: boolean;
  readonly hunks: readonly DiffHunk[];
  readonly insertions: number;
  readonly deletions: number;
}

/** What is wrong with a diff. */
export class DiffError extends Error {
  override readonly name = 'DiffError';
  /** In the text, from 1. */
  readonly line: number;
  readonly file: string | null;
  /** From 1; null outside of hunks. */
  readonly hunk: number | null;

  constructor(line: number, file: string | null, hunk: number | null, found: string, expected: string) {
    const where = file === null ? '' : `${file}${hunk === null ? '' : `, hunk ${hunk}`}: `;
    super(`${where}found ${found}; expected ${expected}`);
    this.line = line;
    this.file = file;
    this.hunk = hunk;
  }
}

const HUNK_HEAD = /^@@ -(\d{1,9})(?:,(\d{1,9}))? \+(\d{1,9})(?:,(\d{1,9}))? @@(?: (.*))?$/;
/** What a mail has below its text. */
const SIGNATURE = '-- ';

/**
 * The diffs in a text, in its order; none if there is none.
 * @throws {DiffError} for a diff that is cut off, damaged, or about a path outside of the tree.
 */
export function readDiffs(text: string): FileDiff[] {
  const lines = text.split('\n');
  // What is behind the last newline is no line.
  if (lines.at(-1) === '') lines.pop();
  const diffs: FileDiff[] = [];
  for (let at = 0; at < lines.length;) {
    if (lines[at]!.startsWith('--- ') && lines[at + 1]?.startsWith('+++ ') === true) {
      const [diff, end] = readFile(lines, at);
      diffs.push(diff);
      at = end;
    } else {
      if (/^Index: \S/.test(lines[at]!) && /^={60,}$/.test(lines[at + 1] ?? '')) checkHead(lines, at);
      at++;
    }
  }
  return diffs;
}

/** Behind `Index:` and its rule come both names of the file. */
function checkHead(lines: readonly string[], index: number): void {
  for (const [at, sign] of [[index + 2, '---'], [index + 3, '+++']] as const) {
    if (lines[at]?.startsWith(`${sign} `) !== true) throw new DiffError(at + 1, inTree(nameOf(lines[index]!.slice(6)), index), null, quoted(lines[at]), `a line "${sign} FILE"`);
  }
}

function readFile(lines: readonly string[], start: number): [FileDiff, number] {
  const [oldName, newName] = [nameOf(lines[start]!.slice(4)), nameOf(lines[start + 1]!.slice(4))];
  const isNew = oldName === '/dev/null';
  const isGone = newName === '/dev/null';
  const file = inTree(isGone ? oldName : newName, start);
  const heads: { line: number; heading: string }[] = [];
  let at = start + 2;
  while (at < lines.length && lines[at]!.startsWith('@@')) {
    const heading = HUNK_HEAD.exec(lines[at]!)?.[5] ?? '';
    heads.push({ line: at + 1, heading });
    at = hunkEnd(lines, at, file, heads.length);
  }
  if (heads.length === 0) throw new DiffError(at + 1, file, 1, quoted(lines[at]), 'a line "@@ -LINE,COUNT +LINE,COUNT @@"');
  const [parsed] = parsePatch(lines.slice(start, at).join('\n'));
  const hunks = parsed!.hunks.map((hunk, number): DiffHunk => ({ ...hunk, ...heads[number]! }));
  const count = (sign: string): number => hunks.reduce((sum, hunk) => sum + hunk.lines.filter(line => line.startsWith(sign)).length, 0);
  return [{ file, line: start + 1, isNew, isGone, hunks, insertions: count('+'), deletions: count('-') }, at];
}

/** The line behind a hunk, by the counts of its header. */
function hunkEnd(lines: readonly string[], head: number, file: string, hunk: number): number {
  const counts = HUNK_HEAD.exec(lines[head]!);
  const wrong = (at: number, expected: string): DiffError => new DiffError(at + 1, file, hunk, quoted(lines[at]), expected);
  if (counts === null) throw wrong(head, 'a line "@@ -LINE,COUNT +LINE,COUNT @@"');
  let [before, after] = [Number(counts[2] ?? 1), Number(counts[4] ?? 1)];
  let at = head + 1;
  for (; before > 0 || after > 0; at++) {
    const line = lines[at];
    const sign = line === '' ? ' ' : line?.[0];
    if (sign === '\\') continue;
    const takesOld = sign === ' ' || sign === '-';
    const takesNew = sign === ' ' || sign === '+';
    if ((!takesOld && !takesNew) || (takesOld && before === 0) || (takesNew && after === 0)) throw wrong(at, `${before} more lines of the old file and ${after} of the new one`);
    if (takesOld) before--;
    if (takesNew) after--;
  }
  while (lines[at]?.startsWith('\\') === true) at++;
  const next = lines[at] ?? '';
  if (/^[-+ ]/.test(next) && next !== SIGNATURE && !/^(---|\+\+\+) /.test(next)) throw wrong(at, 'the end of the hunk, by the counts in its header');
  return at;
}

/** The name in a `---`, `+++` or `Index:` line; a timestamp stands behind a tab, or behind blanks where a mailer made them of it. */
const nameOf = (text: string): string => text.trim().replace(/(\t| {2,}| (?=\d{4}-\d\d-\d\d )).*$/, '');

/** Without the directory that the tree lies in. @throws {DiffError} for what is not in a tree. */
function inTree(name: string, at: number): string {
  const parts = name.split('/');
  if (name.startsWith('/') || parts.includes('..') || parts.includes('') || name === '') throw new DiffError(at + 1, null, null, quoted(name), 'a path in the kernel tree, such as linux/mm/rmap.c');
  return parts.length === 1 ? name : parts.slice(1).join('/');
}

const quoted = (line: string | undefined): string => (line === undefined ? 'the end of the text' : `"${printable(line.length > 60 ? `${line.slice(0, 57)}...` : line)}"`);

/** Text from outside, for a terminal: without what would move its cursor. */
export const printable = (text: string): string => text.replaceAll(/\p{Cc}/gu, char => (char === '\t' ? ' ' : '\uFFFD'));
