/** The changed lines of a hunk word by word, as `git diff --word-diff` shows them. */
import { diffArrays } from 'diff';

/** Part of a line. */
export interface Span {
  readonly change: 'same' | 'removed' | 'added';
  readonly text: string;
}

/** A word and where it is in its text. */
interface Word {
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

/**
 * The lines of a hunk, with their signs, as lines of spans. Words are what has no blanks in it; between words the blanks of the new text stand, so that a line that
 * is only indented anew is the same.
 */
export function wordLines(lines: readonly string[]): Span[][] {
  const out: Span[][] = [];
  let [removed, added]: [string[], string[]] = [[], []];
  const flush = (): void => {
    if (removed.length + added.length > 0) out.push(...blockLines(removed, added));
    [removed, added] = [[], []];
  };
  for (const line of lines) {
    if (line.startsWith('-')) removed.push(line.slice(1));
    else if (line.startsWith('+')) added.push(line.slice(1));
    else if (!line.startsWith('\\')) {
      flush();
      out.push([{ change: 'same', text: line.slice(1) }]);
    }
  }
  flush();
  return out;
}

/** Lines that went and lines that came in their place. */
function blockLines(removed: readonly string[], added: readonly string[]): Span[][] {
  const [before, after] = [removed, added].map(lines => lines.map(line => `${line}\n`).join('')) as [string, string];
  if (added.length === 0) return linesOf([{ change: 'removed', text: before }]);
  const [oldWords, newWords] = [wordsIn(before), wordsIn(after)];
  const spans: Span[] = [];
  let copied = 0;
  for (const { old, fresh, behind } of wordChanges(oldWords, newWords)) {
    // Where only words went, the blanks behind the word above belong to what follows.
    const [from, to] = fresh.length > 0 ? [fresh[0]!.start, fresh.at(-1)!.end] : [behind, behind];
    const gone = old.length > 0 ? before.slice(old[0]!.start, old.at(-1)!.end) : '';
    spans.push({ change: 'same', text: after.slice(copied, from) }, { change: 'removed', text: gone }, { change: 'added', text: after.slice(from, to) });
    copied = to;
  }
  return linesOf([...spans, { change: 'same', text: after.slice(copied) }]);
}

/** Words that went and words that came in their place, and where in the new text the word above them ends. */
interface WordChange {
  readonly old: Word[];
  readonly fresh: Word[];
  readonly behind: number;
}

function wordChanges(before: readonly Word[], after: readonly Word[]): WordChange[] {
  const changes: WordChange[] = [];
  let [oldAt, newAt] = [0, 0];
  let open: WordChange | null = null;
  for (const { added, removed, count } of diffArrays(before.map(({ text }) => text), after.map(({ text }) => text))) {
    if (added || removed) {
      if (open === null) changes.push((open = { old: [], fresh: [], behind: after[newAt - 1]?.end ?? 0 }));
      if (removed) open.old.push(...before.slice(oldAt, oldAt + count));
      else open.fresh.push(...after.slice(newAt, newAt + count));
    } else open = null;
    if (!added) oldAt += count;
    if (!removed) newAt += count;
  }
  return changes;
}

const wordsIn = (text: string): Word[] => [...text.matchAll(/\S+/g)].map(({ 0: word, index }) => ({ text: word, start: index, end: index + word.length }));

/** Spans cut at the ends of lines. */
function linesOf(spans: readonly Span[]): Span[][] {
  const lines: Span[][] = [[]];
  for (const { change, text } of spans) {
    text.split('\n').forEach((part, at) => {
      if (at > 0) lines.push([]);
      if (part !== '') lines.at(-1)!.push({ change, text: part });
    });
  }
  if (lines.at(-1)!.length === 0) lines.pop();
  return lines;
}

/** `[-old-]{+new+}`, as git writes it. */
export const wordText = (spans: readonly Span[]): string => spans.map(({ change, text }) => (change === 'same' ? text : change === 'removed' ? `[-${text}-]` : `{+${text}+}`)).join('');
