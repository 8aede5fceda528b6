/** What diff prints of two files: the normal form, and the unified one. The forms are POSIX's (diff, "Stdout"); GNU prints the same. */
import type { Edit } from './edits.js';

/** The lines of a text without their ends; `open` when the last has none. */
export interface Lines { readonly lines: readonly string[]; readonly open: boolean }

export function linesOf(text: string): Lines {
  const lines = text.split('\n');
  const open = lines.at(-1) !== '';
  if (!open) lines.pop();
  return { lines, open };
}

/** Lines from..to, each behind `mark`. */
function shown({ lines, open }: Lines, from: number, to: number, mark: string): string {
  let text = '';
  for (let at = from; at < to; at++) text += `${mark}${lines[at]!}\n${open && at === lines.length - 1 ? '\\ No newline at end of file\n' : ''}`;
  return text;
}

/** `3`, `3,5`; of no lines, the one before. */
const range = (from: number, to: number): string => (to - from > 1 ? `${from + 1},${to}` : String(to > from ? to : from));

export function normal(a: Lines, b: Lines, edits: readonly Edit[]): string {
  return edits.map(({ aFrom, aTo, bFrom, bTo }) => {
    const letter = aFrom === aTo ? 'a' : bFrom === bTo ? 'd' : 'c';
    return `${range(aFrom, aTo)}${letter}${range(bFrom, bTo)}\n${shown(a, aFrom, aTo, '< ')}${letter === 'c' ? '---\n' : ''}${shown(b, bFrom, bTo, '> ')}`;
  }).join('');
}

/** `-3,2`: where a hunk begins, and how many lines it has unless that is one. */
const span = (from: number, length: number): string => (length === 1 ? String(from + 1) : `${length === 0 ? from : from + 1},${length}`);

/** The hunks without the two lines that name the files. @param context lines around each edit */
export function unified(a: Lines, b: Lines, edits: readonly Edit[], context: number): string {
  let text = '';
  for (let first = 0; first < edits.length;) {
    let last = first;
    while (last + 1 < edits.length && edits[last + 1]!.aFrom - edits[last]!.aTo <= 2 * context) last++;
    const hunk = edits.slice(first, last + 1);
    const before = Math.min(context, hunk[0]!.aFrom);
    const after = Math.min(context, a.lines.length - hunk.at(-1)!.aTo);
    const [aFrom, aTo] = [hunk[0]!.aFrom - before, hunk.at(-1)!.aTo + after];
    const [bFrom, bTo] = [hunk[0]!.bFrom - before, hunk.at(-1)!.bTo + after];
    text += `@@ -${span(aFrom, aTo - aFrom)} +${span(bFrom, bTo - bFrom)} @@\n`;
    let at = aFrom;
    for (const edit of hunk) {
      text += shown(a, at, edit.aFrom, ' ') + shown(a, edit.aFrom, edit.aTo, '-') + shown(b, edit.bFrom, edit.bTo, '+');
      at = edit.aTo;
    }
    text += shown(a, at, aTo, ' ');
    first = last + 1;
  }
  return text;
}
