/** What a person may call a patch. */
import { StackError } from './errors.js';
import type { PatchEntry, SeriesTable } from './series-file.js';

/**
 * The patch that `word` means: its name, with or without `.patch` or a directory in front; its number, as `3` or `p03`; its
 * package, with or without the scope; or a beginning that fits only one patch.
 *
 * @throws StackError 'unknown' or 'ambiguous', with what was probably meant.
 */
export function findPatch(series: SeriesTable, word: string): PatchEntry {
  const wanted = word.replace(/^(\.\/)?patches\//, '');
  const exact = series.entries.find((entry) => isName(entry, wanted) || isNumber(entry, wanted) || isPackage(entry, wanted));
  if (exact !== undefined) return exact;
  if (isBase(series, wanted)) throw new StackError('unknown', `Patch ${series.base} is in the base tree, below the series`);

  const begun = wanted === '' ? [] : series.entries.filter((entry) => entry.name.startsWith(wanted) || directory(entry).startsWith(wanted));
  const [only] = begun;
  if (only !== undefined && begun.length === 1) return only;
  if (begun.length > 1) throw new StackError('ambiguous', `Patch ${word} could be any of:\n${bulleted(begun)}`);

  // A number that no patch has is no slip of the pen.
  const near = /^p?\d+$/.test(wanted) ? [] : nearest(series, wanted);
  const hint = near.length === 0 ? '' : `\nDid you mean ${near.length === 1 ? 'this' : 'one of these'}?\n${bulleted(near)}`;
  throw new StackError('unknown', `Patch ${word.length > 100 ? `${word.slice(0, 97)}...` : word} is not in series${hint}`);
}

/** A level: a patch, which then is the topmost one, or undefined for the base tree (`0`, `base`, or the name of its last patch). */
export function findLevel(series: SeriesTable, word: string): PatchEntry | undefined {
  return isBase(series, word) ? undefined : findPatch(series, word);
}

function isBase(series: SeriesTable, word: string): boolean {
  return /^(p?0+|base)$/.test(word) || word === series.base || `${word}.patch` === series.base;
}

function isName({ name }: PatchEntry, word: string): boolean {
  return name === word || name === `${word}.patch`;
}

function isNumber({ number }: PatchEntry, word: string): boolean {
  const digits = /^p?(\d{1,4})$/.exec(word)?.[1];
  return digits !== undefined && Number(digits) === number;
}

function isPackage(entry: PatchEntry, word: string): boolean {
  return entry.package === word || directory(entry) === word;
}

function directory(entry: PatchEntry): string {
  return entry.package.replace(/^@[^/]*\//, '');
}

function bulleted(entries: readonly PatchEntry[]): string {
  return entries.map(({ name }) => `  ${name}`).join('\n');
}

/** Names that contain the word, or that differ from it in a few letters; the best first, three at most. */
function nearest(series: SeriesTable, word: string): readonly PatchEntry[] {
  if (word.length < 2 || word.length > 80) return [];
  const lower = word.toLowerCase();
  const scored = series.entries.map((entry) => {
    const names = [entry.name, entry.name.replace(/\.patch$/, ''), directory(entry)].map((name) => name.toLowerCase());
    if (names.some((name) => name.includes(lower))) return { entry, score: 0 };
    // Against beginnings too: a slip in an abbreviated name is still a slip.
    const distances = names.flatMap((name) => [editDistance(name, lower), editDistance(name.slice(0, lower.length), lower)]);
    return { entry, score: Math.min(...distances) };
  });
  const allowed = Math.max(1, Math.floor(word.length / 4));
  return scored
    .filter(({ score }) => score <= allowed)
    .sort((a, b) => a.score - b.score)
    .slice(0, 3)
    .map(({ entry }) => entry);
}

/** Insertions, deletions and replacements from one word to the other (Levenshtein). */
function editDistance(a: string, b: string): number {
  let above = Array.from({ length: b.length + 1 }, (_, at) => at);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = (above[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      row.push(Math.min(replaced, (above[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1));
    }
    above = row;
  }
  return above[b.length] ?? 0;
}
