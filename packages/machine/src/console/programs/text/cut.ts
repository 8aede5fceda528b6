/**
 * cut(1), after cut.c of GNU coreutils. The shell brings one, but that prints an empty line for a line without the delimiter, which
 * cut prints as it is; scripts rely on that to take the last word of something.
 */
import { Getopt, type LongOption } from '../../getopt.js';
import type { Process } from '../../process.js';
import type { Program } from '../../program.js';
import { readOperand } from '../../operand.js';

const LONG: readonly LongOption[] = [
  { name: 'bytes', takes: 'required', val: 'b' }, { name: 'characters', takes: 'required', val: 'c' }, { name: 'fields', takes: 'required', val: 'f' }, { name: 'delimiter', takes: 'required', val: 'd' },
  { name: 'only-delimited', takes: 'none', val: 's' }, { name: 'zero-terminated', takes: 'none', val: 'z' }, { name: 'complement', takes: 'none', val: 'complement' },
  { name: 'output-delimiter', takes: 'required', val: 'output-delimiter' }, { name: 'help', takes: 'none', val: 'help' },
];

/** Places from `first` to `last`, counted from 1. */
interface Range { readonly first: number; readonly last: number }
type Ranges = readonly Range[];

interface Job {
  mode: 'b' | 'c' | 'f';
  ranges: Ranges;
  delimiter: string;
  /** What stands between parts in the output; null: the delimiter for fields, nothing for characters. */
  between: string | null;
  onlyDelimited: boolean;
  end: '\n' | '\0';
}

export const cut: Program = {
  path: '/usr/bin/cut',
  summary: 'print parts of lines',
  manual: `\
NAME
    cut - print parts of lines

SYNOPSIS
    cut -f LIST [-d DELIMITER] [-s] [FILE]...
    cut -c LIST [FILE]...
    cut -b LIST [FILE]...

DESCRIPTION
    Prints the fields, characters or bytes of each line that LIST names: 3, 2-4, -3, 5-, with commas
    between. Without FILE, or for -, standard input is read.

    -d, --delimiter=C       what separates fields; default a tab
    -s, --only-delimited    leave out lines that have no delimiter; else they are printed whole
    --complement            print what LIST does not name
    --output-delimiter=TEXT print this between parts
    -z, --zero-terminated   lines end with a NUL

EXIT STATUS
    0, or 1 for wrong use and files that cannot be read.

NOTES
    Bytes and characters are the same here, as in GNU's.
`,
  async run(p) {
    const job = readJob(p);
    if (typeof job === 'number') return job;
    const { operands } = job;
    let code = 0;
    for (const file of operands.length === 0 ? ['-'] : operands) {
      const text = await readOperand(p, file);
      if (text === null) code = 1;
      else p.out(cutText(text, job));
    }
    return code;
  },
};

/** What to do, or the exit code after the message. */
function readJob(p: Process): (Job & { readonly operands: readonly string[] }) | number {
  const getopt = new Getopt(p.argv, 'b:c:d:f:nsz', LONG);
  const job: Job = { mode: 'f', ranges: [], delimiter: '\t', between: null, onlyDelimited: false, end: '\n' };
  let list: string | null = null;
  let complement = false;
  let delimiter: string | null = null;
  for (const { opt, arg, error } of getopt) {
    if (error !== undefined) return refuse(p, error);
    if (opt === 'help') return help(p);
    if (opt === 'b' || opt === 'c' || opt === 'f') {
      if (list !== null) return refuse(p, `${p.name}: only one list may be specified\n`);
      list = arg!;
      job.mode = opt;
    } else if (opt === 'd') delimiter = arg!;
    else if (opt === 's') job.onlyDelimited = true;
    else if (opt === 'z') job.end = '\0';
    else if (opt === 'complement') complement = true;
    else if (opt === 'output-delimiter') job.between = arg!;
  }
  if (list === null) return refuse(p, `${p.name}: you must specify a list of bytes, characters, or fields\n`);
  if (delimiter !== null && Array.from(delimiter).length > 1) return refuse(p, `${p.name}: the delimiter must be a single character\n`);
  if (job.mode !== 'f' && delimiter !== null) return refuse(p, `${p.name}: an input delimiter may be specified only when operating on fields\n`);
  if (job.mode !== 'f' && job.onlyDelimited) return refuse(p, `${p.name}: suppressing non-delimited lines makes sense\n\tonly when operating on fields\n`);
  const ranges = readRanges(list, job.mode === 'f' ? 'field' : 'byte/character');
  if (typeof ranges === 'string') return refuse(p, `${p.name}: ${ranges}\n`);
  // An empty delimiter is NUL, which no line of text has.
  return { ...job, delimiter: delimiter === '' ? '\0' : delimiter ?? '\t', ranges: complement ? others(ranges) : ranges, operands: getopt.operands };
}

function refuse(p: Process, message: string): number {
  p.err(`${message}Try '${p.name} --help' for more information.\n`);
  return 1;
}
function help(p: Process): number {
  p.out(cut.manual.slice(cut.manual.indexOf('SYNOPSIS')));
  return 0;
}

/** Ascending and apart; or what is wrong. */
function readRanges(list: string, what: string): Ranges | string {
  const ranges: Range[] = [];
  for (const part of list.split(/[, \t]/)) {
    const [, from, dash, to] = /^(\d*)(-?)(\d*)$/.exec(part) ?? [];
    if (from === undefined) return `invalid ${what} value '${part}'`;
    if (from === '' && to === '') return dash === '' ? `${what === 'field' ? 'fields' : 'byte/character positions'} are numbered from 1` : 'invalid range with no endpoint: -';
    const first = from === '' ? 1 : Number(from);
    const last = dash === '' ? first : to === '' ? Infinity : Number(to);
    if (first === 0 || last === 0) return `${what === 'field' ? 'fields' : 'byte/character positions'} are numbered from 1`;
    if (last < first) return 'invalid decreasing range';
    ranges.push({ first, last });
  }
  ranges.sort((a, b) => a.first - b.first);
  const merged: Range[] = [];
  for (const range of ranges) {
    const before = merged.at(-1);
    if (before !== undefined && range.first <= before.last) merged[merged.length - 1] = { first: before.first, last: Math.max(before.last, range.last) };
    else merged.push(range);
  }
  return merged;
}

/** --complement. */
function others(ranges: Ranges): Ranges {
  const gaps: Range[] = [];
  let next = 1;
  for (const { first, last } of ranges) {
    if (first > next) gaps.push({ first: next, last: first - 1 });
    next = last + 1;
  }
  if (next < Infinity) gaps.push({ first: next, last: Infinity });
  return gaps;
}

function cutText(text: string, job: Job): string {
  if (text === '') return '';
  const lines = text.split(job.end);
  // What follows the last end of a line is a line of its own only if it is not empty.
  if (lines.at(-1) === '') lines.pop();
  return lines.map(line => {
    const kept = job.mode === 'f' ? fields(line, job) : characters(line, job);
    return kept === null ? '' : kept + job.end;
  }).join('');
}

/** null: the line is left out. */
function fields(line: string, { delimiter, between, onlyDelimited, ranges }: Job): string | null {
  const parts = line.split(delimiter);
  if (parts.length === 1) return onlyDelimited ? null : line;
  return ranges.flatMap(({ first, last }) => parts.slice(first - 1, last)).join(between ?? delimiter);
}

function characters(line: string, { between, ranges }: Job): string {
  const all = Array.from(line);
  return ranges.map(({ first, last }) => all.slice(first - 1, last).join('')).filter((part, at) => part !== '' || at === 0).join(between ?? '');
}
