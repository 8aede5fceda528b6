/** wc, after wc.c of GNU coreutils 9.1. */
import type { Process } from '../../process.js';
import { quote, quoteIfNeeded, statOf, wrongUse } from '../files/common.js';
import { defineProgram, none, required, type Definition, type Parsed } from '../system/define.js';
import { begin, contentsOf, InputError, piecesOf } from './input.js';

const WC: Definition = {
  path: '/usr/bin/wc', summary: 'count lines, words and bytes', synopsis: ['wc [OPTION]... [FILE]...', 'wc [OPTION]... --files0-from=F'],
  description: 'Prints how many lines, words and bytes each FILE has, and a line of sums for more than one. Without FILE, or for -, standard input is read.',
  options: [['-c, --bytes; -m, --chars', 'bytes, which characters are too in the locale C'], ['-l, --lines; -w, --words', 'newlines; words'], ['-L, --max-line-length', 'columns of the longest line'], ['--files0-from=F', 'names of files from F, each with a NUL behind it']],
  notes: ['Whether standard input is a file is not looked at: its numbers have the width that they have for a pipe.'],
  run,
};
export const wc = defineProgram(WC);

interface Counts { lines: number; words: number; bytes: number; longest: number }
type Column = keyof Counts | 'chars';
/** In this order they are printed. */
const COLUMNS: readonly (readonly [opt: string, column: Column])[] = [['l', 'lines'], ['w', 'words'], ['m', 'chars'], ['c', 'bytes'], ['L', 'longest']];

async function run(p: Process): Promise<number> {
  const parsed = begin(p, WC, 'clLmw', [none('bytes', 'c'), none('chars', 'm'), none('lines', 'l'), none('words', 'w'), none('max-line-length', 'L'), required('files0-from', 'from')]);
  if (typeof parsed === 'number') return parsed;
  const chosen = COLUMNS.filter(([opt]) => parsed.has(opt));
  const columns = (chosen.length > 0 ? chosen : COLUMNS.filter(([opt]) => 'lwc'.includes(opt))).map(([, column]) => column);
  const files = await filesOf(p, parsed);
  if (typeof files === 'number') return files;
  const width = widthOf(p, files, columns.length);
  const sum: Counts = { lines: 0, words: 0, bytes: 0, longest: 0 };
  const print = (counts: Counts, name: string | null): void => {
    p.out(`${columns.map(column => String(counts[column === 'chars' ? 'bytes' : column]).padStart(width)).join(' ')}${name === null ? '' : ` ${name.includes('\n') ? quoteIfNeeded(name) : name}`}\n`);
  };
  let code = 0;
  for (const file of files ?? ['-']) {
    const counts: Counts = { lines: 0, words: 0, bytes: 0, longest: 0 };
    const error = await countInto(counts, p, file, columns);
    if (error !== null) code = p.fail(`${quoteIfNeeded(file)}: ${p.strerror(-error.errno)}`);
    // a directory can be opened, and has nothing that could be read
    if (error === null || error.reading) print(counts, files === null ? null : file);
    sum.lines += counts.lines;
    sum.words += counts.words;
    sum.bytes += counts.bytes;
    sum.longest = Math.max(sum.longest, counts.longest);
  }
  if (files !== null && files.length > 1) print(sum, 'total');
  return code;
}

/** null: standard input, which has no name. A number is the exit code, after a message. */
async function filesOf(p: Process, parsed: Parsed): Promise<readonly string[] | null | number> {
  const from = parsed.value('from');
  const [first] = parsed.operands;
  if (from === undefined) return first === undefined ? null : parsed.operands;
  if (first !== undefined) return wrongUse(p, `extra operand ${quote(first)}\nfile operands cannot be combined with --files0-from`);
  const names = await contentsOf(p, from).catch((error: unknown) => {
    if (error instanceof InputError) return error;
    throw error;
  });
  return typeof names === 'string' ? names.split('\0').filter(name => name !== '') : p.fail(`cannot open ${quote(from)} for reading: ${p.strerror(-names.errno)}`);
}

/** compute_number_width(): digits of the sizes of all regular files together, 7 at least where something is none. One number of one file needs no width. */
function widthOf(p: Process, files: readonly string[] | null, columns: number): number {
  if (files === null || files.length === 1) if (columns === 1) return 1;
  let total = 0;
  let least = 1;
  for (const [at, file] of (files ?? ['-']).entries()) {
    const stat = file === '-' ? null : statOf(p, file);
    if (typeof stat === 'number') {
      if (at === 0 && files!.length === 1) return 1;
      continue;
    }
    if (stat?.type === 'file') total += stat.size;
    else least = STREAM_WIDTH;
  }
  return Math.max(String(total).length, least);
}
const STREAM_WIDTH = 7;

async function countInto(counts: Counts, p: Process, file: string, columns: readonly Column[]): Promise<InputError | null> {
  const counter = new Counter(counts, columns.includes('words') || columns.includes('longest'));
  try {
    for await (const piece of piecesOf(p, file)) counter.add(piece);
  } catch (error) {
    if (error instanceof InputError) return error;
    throw error;
  } finally {
    counter.end();
  }
  return null;
}

/** Counts what comes piece by piece. Bytes that cannot be printed, which in the locale C are all above 126, are of no word and take no column. */
class Counter {
  readonly #counts: Counts;
  readonly #words: boolean;
  #inWord = false;
  #column = 0;
  constructor(counts: Counts, words: boolean) {
    this.#counts = counts;
    this.#words = words;
  }
  add(piece: string): void {
    this.#counts.bytes += piece.length;
    if (this.#words) for (let i = 0; i < piece.length; i++) this.#byte(piece.charCodeAt(i));
    else for (let at = piece.indexOf('\n'); at >= 0; at = piece.indexOf('\n', at + 1)) this.#counts.lines++;
  }
  #byte(code: number): void {
    const counts = this.#counts;
    if (code > SPACE) {
      if (code >= DELETE) return;
      this.#column++;
      this.#inWord = true;
      return;
    }
    if (code === NEWLINE) counts.lines++;
    if (code === NEWLINE || code === RETURN || code === FORM_FEED) this.#endLine();
    else if (code === TAB) this.#column += 8 - (this.#column % 8);
    else if (code === SPACE) this.#column++;
    else if (code !== VERTICAL_TAB) return;
    this.#endWord();
  }
  #endLine(): void {
    this.#counts.longest = Math.max(this.#counts.longest, this.#column);
    this.#column = 0;
  }
  #endWord(): void {
    if (this.#inWord) this.#counts.words++;
    this.#inWord = false;
  }
  end(): void {
    this.#endLine();
    this.#endWord();
  }
}
const [TAB, NEWLINE, VERTICAL_TAB, FORM_FEED, RETURN, SPACE, DELETE] = [9, 10, 11, 12, 13, 32, 127] as const;
