/** head, after head.c of GNU coreutils 9.1. */
import type { Process } from '../../process.js';
import { quote, wrongUse } from '../files/common.js';
import { defineProgram, none, required, type Definition, type Parsed } from '../system/define.js';
import { amountOf, complainOf, Headers } from './ends.js';
import { begin, emit, forEachInput, linesOf, piecesOf } from './input.js';

const HEAD: Definition = {
  path: '/usr/bin/head', summary: 'print the beginning of files', synopsis: ['head [OPTION]... [FILE]...'], description: 'Prints the first 10 lines of each FILE, with its name above where there are more. Without FILE, or for -, standard input is read.',
  options: [['-n, --lines [-]N; -N', 'so many lines, or all but the last so many'], ['-c, --bytes [-]N', 'so many bytes, or all but the last so many; N with b (512), K, M, G (or KB = 1000) behind it'], ['-q, --quiet; -v, --verbose', 'names never; always'], ['-z, --zero-terminated', 'lines end with a NUL']],
  run,
};
export const head = defineProgram(HEAD);

/** `elide`: all but so many of the last. */
interface Job { readonly amount: number; readonly lines: boolean; readonly elide: boolean; readonly end: string }

async function run(p: Process): Promise<number> {
  const wrong = modernize(p);
  if (wrong !== null) return wrong;
  const parsed = begin(p, HEAD, 'c:n:qvz0123456789', [none('quiet', 'q'), none('silent', 'q'), none('verbose', 'v'), none('zero-terminated', 'z'), required('bytes', 'c'), required('lines', 'n')]);
  if (typeof parsed === 'number') return parsed;
  const digit = parsed.options.find(({ opt }) => /^\d$/.test(opt))?.opt;
  if (digit !== undefined) return wrongUse(p, `invalid trailing option -- ${digit}`);
  const job = jobOf(p, parsed);
  if (typeof job === 'number') return job;
  const files = parsed.operands.length === 0 ? ['-'] : parsed.operands;
  const headers = new Headers(p, parsed, files);
  return forEachInput(files, async file => {
    const pieces = piecesOf(p, file);
    if (job.amount === 0 && !job.elide) {
      headers.print(file);
      return;
    }
    const output = job.elide ? (job.lines ? allButLines(pieces, job) : allButBytes(pieces, job.amount)) : job.lines ? firstLines(pieces, job) : firstBytes(pieces, job.amount);
    await headers.around(file, output, text => emit(p, text));
  }, complainOf(p));
}

/** `-5cv` as the first word is what was written before POSIX. @returns the exit code when it is none, after a message. */
function modernize(p: Process): number | null {
  const [name = '', first = '', ...rest] = p.argv;
  const [, digits, letters] = /^-(\d+)(.*)$/.exec(first) ?? [];
  if (digits === undefined) return null;
  const bad = /[^bcklmqvz]/.exec(letters!)?.[0];
  if (bad !== undefined) return wrongUse(p, `invalid trailing option -- ${bad}`);
  const units = letters!.replaceAll(/[^bckml]/g, '');
  const unit = /[bkm]/.exec(units)?.[0] ?? '';
  const flags = letters!.replaceAll(/[^qvz]/g, '');
  p.argv = [name, units === '' || units.endsWith('l') ? '-n' : '-c', `${digits}${unit}`, ...(flags === '' ? [] : [`-${flags}`]), ...rest];
  return null;
}

function jobOf(p: Process, parsed: Parsed): Job | number {
  const last = parsed.options.findLast(({ opt }) => opt === 'c' || opt === 'n');
  const text = last?.arg ?? '10';
  const elide = text.startsWith('-');
  const amount = amountOf(text.replace(/^[-+]/, ''));
  if (amount === null) return p.fail(`invalid number of ${last!.opt === 'c' ? 'bytes' : 'lines'}: ${quote(elide ? text.slice(1) : text)}`);
  return { amount, lines: last?.opt !== 'c', elide, end: parsed.has('z') ? '\0' : '\n' };
}

async function* firstBytes(pieces: AsyncIterable<string>, amount: number): AsyncGenerator<string> {
  let rest = amount;
  for await (const piece of pieces) {
    yield piece.slice(0, rest);
    rest -= piece.length;
    if (rest <= 0) return;
  }
}

async function* firstLines(pieces: AsyncIterable<string>, { amount, end }: Job): AsyncGenerator<string> {
  let rest = amount;
  for await (const piece of pieces) {
    let at = 0;
    while (rest > 0) {
      const next = piece.indexOf(end, at);
      if (next < 0) break;
      at = next + 1;
      rest--;
    }
    yield rest > 0 ? piece : piece.slice(0, at);
    if (rest === 0) return;
  }
}

async function* allButBytes(pieces: AsyncIterable<string>, amount: number): AsyncGenerator<string> {
  let held = '';
  for await (const piece of pieces) {
    held += piece;
    if (held.length > amount) yield held.slice(0, held.length - amount);
    held = amount === 0 ? '' : held.slice(-amount);
  }
}

async function* allButLines(pieces: AsyncIterable<string>, { amount, end }: Job): AsyncGenerator<string> {
  let held: string[] = [];
  for await (const lines of linesOf(pieces, end)) {
    held = held.concat(lines);
    if (held.length > amount) yield held.splice(0, held.length - amount).join('');
  }
}
