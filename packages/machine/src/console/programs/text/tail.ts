/** tail, after tail.c of GNU coreutils 9.1. */
import type { Process } from '../../process.js';
import type { OpenFile, Stat } from '../../files/index.js';
import { quote, sameFile, statOf } from '../files/common.js';
import { defineProgram, none, optional, required, type Definition, type Parsed } from '../system/define.js';
import { duration } from '../system/duration.js';
import { amountOf, complainOf, Headers, prettyName } from './ends.js';
import { begin, emit, InputError, linesOf, openInput, piecesFrom } from './input.js';

const TAIL: Definition = {
  path: '/usr/bin/tail', summary: 'print the end of files', synopsis: ['tail [OPTION]... [FILE]...'], description: 'Prints the last 10 lines of each FILE, with its name above where there are more. Without FILE, or for -, standard input is read.',
  options: [
    ['-n, --lines [+]N; -N; +N', 'the last N lines, or all from line N on'], ['-c, --bytes [+]N', 'the last N bytes, or all from byte N on; N with b (512), K, M, G (or KB = 1000) behind it'], ['-q, --quiet; -v, --verbose', 'names never; always'],
    ['-f, --follow; -F', 'go on with what is added; -F: also when the name becomes that of another file'], ['-s, --sleep-interval N', 'look every N seconds'], ['--pid PID', 'end when that process has ended'], ['--retry', 'with -f: wait for what is not there'], ['-z, --zero-terminated', 'lines end with a NUL'],
  ],
  notes: ['With -f it sleeps in simulated time, and looks at sizes as tail does without inotify.'],
  run,
};
export const tail = defineProgram(TAIL);

/** `from`: from the N-th on, instead of the last N. */
interface Job { readonly amount: number; readonly lines: boolean; readonly from: boolean; readonly end: string }
interface Follow { readonly byName: boolean; readonly retry: boolean; readonly interval: number; readonly pid: number | null }

async function run(p: Process): Promise<number> {
  modernize(p);
  const parsed = begin(p, TAIL, 'c:n:fFqs:vz0123456789', [
    none('quiet', 'q'), none('silent', 'q'), none('verbose', 'v'), none('zero-terminated', 'z'), required('bytes', 'c'), required('lines', 'n'), optional('follow', 'f'), required('sleep-interval', 's'), required('pid', 'pid'), none('retry', 'retry'), required('max-unchanged-stats'),
  ]);
  if (typeof parsed === 'number') return parsed;
  const digit = parsed.options.find(({ opt }) => /^\d$/.test(opt))?.opt;
  if (digit !== undefined) return p.fail(`option used in invalid context -- ${digit}`);
  const job = jobOf(p, parsed);
  if (typeof job === 'number') return job;
  const follow = followOf(p, parsed);
  if (typeof follow === 'number') return follow;
  if (job.amount === 0 && !job.from && follow === null) return 0;
  const files = parsed.operands.length === 0 ? ['-'] : parsed.operands;
  const headers = new Headers(p, parsed, files);
  const complain = complainOf(p);
  const watched: Watched[] = [];
  let code = 0;
  for (const file of files) {
    try {
      const open = await openInput(p, file);
      await headers.around(file, ending(piecesIn(open), job), text => emit(p, text));
      if (typeof open !== 'string' && follow !== null) watched.push({ file, open, stat: p.stat(file) });
      else if (typeof open !== 'string') await open.close();
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      complain(file, error);
      code = 1;
      if (follow?.retry === true && !error.reading) watched.push({ file, open: null, stat: null });
    }
  }
  if (follow === null || (watched.length === 0 && (code === 0 || p.fail('no files remaining') !== 0))) return code;
  await goOn(p, watched, follow, headers);
  return code;
}

/** `-5`, `+5`, with b, c, l and f behind it: one such word, with one file at most behind it, is what was written before POSIX. */
function modernize(p: Process): void {
  const [name = '', first = '', ...rest] = p.argv;
  const [, sign, digits, unit, f] = /^([-+])(\d*)([bcl]?)(f?)$/.exec(first) ?? [];
  const files = rest[0] === '--' ? rest.slice(1) : rest;
  if (sign === undefined || (digits === '' && (sign === '-' || unit === '')) || files.length > 1 || (rest.length === 1 && /^-./.test(rest[0]!))) return;
  const amount = `${sign === '+' ? '+' : ''}${digits || '10'}${unit === 'b' ? 'b' : ''}`;
  p.argv = [name, unit === 'b' || unit === 'c' ? '-c' : '-n', amount, ...(f === 'f' ? ['-f'] : []), ...rest];
}

function jobOf(p: Process, parsed: Parsed): Job | number {
  const last = parsed.options.findLast(({ opt }) => opt === 'c' || opt === 'n');
  const text = last?.arg ?? '10';
  const amount = amountOf(text.replace(/^[-+]/, ''));
  if (amount === null) return p.fail(`invalid number of ${last!.opt === 'c' ? 'bytes' : 'lines'}: ${quote(text.replace(/^-/, ''))}`);
  return { amount, lines: last?.opt !== 'c', from: text.startsWith('+'), end: parsed.has('z') ? '\0' : '\n' };
}

function followOf(p: Process, parsed: Parsed): Follow | null | number {
  const interval = duration(parsed.value('s') ?? '1');
  if (interval === null || /[a-z]$/.test(parsed.value('s') ?? '')) return p.fail(`invalid number of seconds: ${quote(parsed.value('s')!)}`);
  const pid = parsed.value('pid');
  if (pid !== undefined && !/^\d+$/.test(pid)) return p.fail(`invalid PID: ${quote(pid)}`);
  if (!parsed.has('f', 'F')) {
    if (parsed.has('retry')) p.err(`${p.name}: warning: --retry ignored; --retry is useful only when following\n`);
    if (pid !== undefined) p.err(`${p.name}: warning: PID ignored; --pid=PID is useful only when following\n`);
    return null;
  }
  const byName = parsed.has('F') || parsed.value('f') === 'name';
  return { byName, retry: parsed.has('F', 'retry'), interval, pid: pid === undefined ? null : Number(pid) };
}

async function* piecesIn(open: OpenFile | string): AsyncGenerator<string> {
  if (typeof open !== 'string') yield* piecesFrom(open);
  else if (open !== '') yield open;
}

function ending(pieces: AsyncIterable<string>, job: Job): AsyncGenerator<string> {
  if (job.from) return job.lines ? linesFrom(pieces, job) : bytesFrom(pieces, job.amount);
  return job.lines ? lastLines(pieces, job) : lastBytes(pieces, job.amount);
}

async function* bytesFrom(pieces: AsyncIterable<string>, amount: number): AsyncGenerator<string> {
  let rest = Math.max(0, amount - 1);
  for await (const piece of pieces) {
    if (rest < piece.length) yield piece.slice(rest);
    rest = Math.max(0, rest - piece.length);
  }
}
async function* linesFrom(pieces: AsyncIterable<string>, { amount, end }: Job): AsyncGenerator<string> {
  let rest = Math.max(0, amount - 1);
  for await (const piece of pieces) {
    let at = 0;
    for (; rest > 0; rest--) {
      const next = piece.indexOf(end, at);
      if (next < 0) break;
      at = next + 1;
    }
    if (rest === 0 && at < piece.length) yield piece.slice(at);
  }
}
async function* lastBytes(pieces: AsyncIterable<string>, amount: number): AsyncGenerator<string> {
  let held = '';
  for await (const piece of pieces) held = amount === 0 ? '' : (held + piece).slice(-amount);
  yield held;
}
async function* lastLines(pieces: AsyncIterable<string>, { amount, end }: Job): AsyncGenerator<string> {
  let held: string[] = [];
  for await (const lines of linesOf(pieces, end)) held = amount === 0 ? [] : held.concat(lines).slice(-amount);
  yield held.join('');
}

/** A file that is followed; null for one that is not there. */
interface Watched { readonly file: string; open: OpenFile | null; stat: Stat | null }

/** tail_forever(): until there is nothing left to follow, or the process that it is to follow has ended. */
async function goOn(p: Process, watched: readonly Watched[], { byName, retry, interval, pid }: Follow, headers: Headers): Promise<void> {
  for (;;) {
    // a shell that sleeps in wait4() for a program has no time for its other children: they count as ended as soon as they are
    const ended = pid !== null && ['Z', undefined].includes(p.box.k.m.tasks.get(pid)?.state);
    for (const one of watched) {
      if (byName || one.open === null) await lookAgain(p, one);
      if (one.open !== null) await printMore(p, one, headers);
    }
    if (ended) return;
    if (!retry && watched.every(({ open }) => open === null)) {
      p.fail('no files remaining');
      return;
    }
    await p.sleep(interval);
  }
}

/** recheck(): whether the name stands for another file now. */
async function lookAgain(p: Process, one: Watched): Promise<void> {
  const name = quote(prettyName(one.file));
  const stat = statOf(p, one.file);
  if (typeof stat === 'number') {
    if (one.open === null) return;
    p.err(`${p.name}: ${name} has become inaccessible: ${p.strerror(stat)}\n`);
    await one.open.close();
    one.open = null;
    return;
  }
  if (one.open !== null && one.stat !== null && sameFile(one.stat, stat)) return;
  try {
    const open = await openInput(p, one.file);
    if (typeof open === 'string') return;
    p.err(`${p.name}: ${name} has ${one.open === null ? 'appeared' : 'been replaced'};  following new file\n`);
    await one.open?.close();
    one.open = open;
    one.stat = { ...stat, size: 0 };
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
  }
}

async function printMore(p: Process, one: Watched, headers: Headers): Promise<void> {
  const stat = statOf(p, one.file);
  if (typeof stat !== 'number' && one.stat !== null && sameFile(stat, one.stat)) {
    if (stat.size < one.stat.size) {
      p.err(`${p.name}: ${one.file}: file truncated\n`);
      await one.open!.seek(0);
    }
    one.stat = stat;
  }
  try {
    for await (const text of piecesFrom(one.open!)) {
      headers.printFor(one.file);
      await emit(p, text);
    }
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    complainOf(p)(one.file, error);
    one.open = null;
  }
}
