/** Diffs for a terminal: by kernel file, with what the original did to it beside. */
import { fileHead, hunkHead, statLines, statSummary, wordLines, wordText, type ModuleDiff, type OriginalFigures, type Span, type TextHunk } from '@pmkit/review/diff';
import type { painter } from '../io.js';
import { sizeText } from '../show/words.js';

export interface DiffTextOptions {
  readonly paint: ReturnType<typeof painter>;
  /** Of the whole, by kernel file; null where only a symbol is shown, about which nobody counted lines. */
  readonly original: ReadonlyMap<string, OriginalFigures> | null;
  readonly word: boolean;
}

/** Unified diffs; what stands between them no tool takes for a part of one. */
export function diffOutput(diffs: readonly ModuleDiff[], options: DiffTextOptions): string {
  const files = [...new Set(diffs.map(({ file }) => file))];
  const lines = files.flatMap((file) => {
    const own = diffs.filter(diff => diff.file === file);
    return [options.paint('bold', groupHead(file, own, options)), ...own.flatMap(diff => moduleLines(diff, options))];
  });
  return [...lines, ...untouched(diffs, options.original).map(([file, figures]) => `${file}: original ${figureText(figures)}, nothing here${noteText(figures)}`)].map(line => `${line}\n`).join('');
}

function groupHead(file: string | null, own: readonly ModuleDiff[], { original }: DiffTextOptions): string {
  const sum = (of: 'insertions' | 'deletions'): number => own.reduce((total, diff) => total + diff[of], 0);
  const here = sizeText(sum('insertions'), sum('deletions'));
  if (file === null) return `beside the kernel: ${here}`;
  return original === null ? `${file}: ${here}` : `${file}: ${here}, original ${figureText(original.get(file))}`;
}

const figureText = (figures: OriginalFigures | undefined): string => (figures === undefined ? 'none' : sizeText(figures.insertions, figures.deletions));

/** Why nothing is here. */
const noteText = ({ notes }: OriginalFigures): string => (notes.length === 0 ? '' : ` (${notes.join('; ')})`);

/** Files that the original touches and no module here. */
const untouched = (diffs: readonly ModuleDiff[], original: DiffTextOptions['original']): [string, OriginalFigures][] => [...(original ?? [])].filter(([file]) => !diffs.some(diff => diff.file === file));

function moduleLines(diff: ModuleDiff, options: DiffTextOptions): string[] {
  return [...fileHead(diff).map(line => options.paint('bold', line)), ...diff.hunks.flatMap(hunk => hunkLines(hunk, options))];
}

function hunkLines(hunk: TextHunk, { paint, word }: DiffTextOptions): string[] {
  const head = `${paint('cyan', hunkHead(hunk))}${hunk.heading === '' ? '' : ` ${hunk.heading}`}`;
  if (word) return [head, ...wordLines(hunk.lines).map(spans => spans.map(span => wordSpan(span, paint)).join(''))];
  return [head, ...hunk.lines.map(line => (line.startsWith('+') ? paint('green', line) : line.startsWith('-') ? paint('red', line) : line))];
}

function wordSpan(span: Span, paint: DiffTextOptions['paint']): string {
  return span.change === 'same' ? span.text : paint(span.change === 'added' ? 'green' : 'red', wordText([span]));
}

/** git's diffstat, and to the right of it the original's figures for the kernel file. */
export function statOutput(diffs: readonly ModuleDiff[], { paint, original }: Omit<DiffTextOptions, 'word'>, width: number): string {
  const rows = diffs.map(({ module, insertions, deletions }) => ({ name: module, insertions, deletions }));
  const right = diffs.map(({ file }, at) => (original === null ? '' : rightOf(file, diffs[at - 1]?.file, original)));
  const roomRight = Math.max(0, ...right.map(text => text.length + 2));
  const lines = statLines(rows, Math.max(40, width - roomRight));
  const longest = Math.max(0, ...lines.map(({ head, plus, minus }) => head.length + plus.length + minus.length));
  const out = lines.map(({ head, plus, minus }, at) => `${head}${paint('green', plus)}${paint('red', minus)}${' '.repeat(longest - head.length - plus.length - minus.length)}  ${right[at]!}`.trimEnd());
  const missing = untouched(diffs, original).map(([file, figures]) => ` ${file}: nothing here${noteText(figures)}; original ${figureText(figures)}`);
  return [...out, ...missing, statSummary(rows), ...(original === null ? [] : [` original:${originalSummary(original)}`])].map(line => `${line}\n`).join('');
}

function rightOf(file: string | null, above: string | null | undefined, original: ReadonlyMap<string, OriginalFigures>): string {
  if (file === null) return '';
  return file === above ? `${file}, too` : `${file}, original ${figureText(original.get(file))}`;
}

function originalSummary(original: ReadonlyMap<string, OriginalFigures>): string {
  const known = [...original.values()].flatMap(({ insertions, deletions }) => (insertions === null || deletions === null ? [] : [{ insertions, deletions }]));
  return known.length < original.size ? ` ${original.size} files changed, not known how many lines` : statSummary(known);
}
