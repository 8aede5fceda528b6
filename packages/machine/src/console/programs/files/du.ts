/** du, after du.c of GNU coreutils 9.1. What a file takes is what the kernel has allocated for it; see blocks.ts. */
import type { Stat } from '../../files/index.js';
import type { Process } from '../../process.js';
import { strftime } from '../system/date.js';
import { defineProgram, none, optional, required, type Definition, type Parsed } from '../system/define.js';
import { begin, contentsOf, InputError } from '../text/input.js';
import { fnmatch } from '../text/fnmatch.js';
import { sectorsOf } from './blocks.js';
import { join, namesIn, quote, quoteIfNeeded, statOf, wrongUse } from './common.js';
import { human, parseSize } from './sizes.js';

const DU: Definition = {
  path: '/usr/bin/du', summary: 'show the space that files take', synopsis: ['du [OPTION]... [FILE]...', 'du [OPTION]... --files0-from=F'], description: 'Prints how much space each FILE, default the working directory, and every directory below it takes with all below it.',
  options: [
    ['-a, --all', 'every file too'], ['-s, --summarize; -d, --max-depth N', 'only FILE; only what is so many levels below it'], ['-c, --total', 'a sum'], ['-S, --separate-dirs', 'directories without those below them'],
    ['-b, --bytes; --apparent-size', 'sizes in bytes; sizes instead of space'], ['-B, --block-size SIZE; -k; -m', 'in what sizes are counted'], ['-h, --human-readable; --si', 'sizes with letters, powers of 1024 or 1000'], ['--inodes', 'inodes instead of space'],
    ['-L, --dereference; -D, -H, --dereference-args; -P', 'links are gone through; those that are operands are; none is'], ['-l, --count-links', 'files with several names count each time'], ['-x, --one-file-system', 'nothing of other file systems'],
    ['--exclude PATTERN; -X, --exclude-from FILE', 'without names that match'], ['-t, --threshold SIZE', 'only what is larger, or, when negative, smaller'], ['--time[=WORD]; --time-style STYLE', 'the last change, atime or ctime of all below'], ['-0, --null; --files0-from=F', 'a NUL behind each line; names from F'],
  ],
  notes: ['What is in a directory comes in the order of its names.'],
  run,
};
export const du = defineProgram(DU);

interface Job {
  readonly all: boolean;
  readonly depth: number;
  readonly separate: boolean;
  readonly follow: 'always' | 'operands' | 'never';
  readonly countLinks: boolean;
  readonly oneFileSystem: boolean;
  readonly excluded: readonly RegExp[];
  readonly measure: 'space' | 'size' | 'inodes';
  readonly threshold: number;
  /** A size, as it is printed. */
  readonly text: (size: number) => string;
  readonly time: 'atime' | 'mtime' | 'ctime' | null;
  readonly timeFormat: string;
  readonly end: string;
}

interface Usage { size: number; time: number }

async function run(p: Process): Promise<number> {
  const parsed = begin(p, DU, '0abd:chHklmst:xB:DLPSX:', [
    none('all', 'a'), none('apparent-size'), required('block-size', 'B'), none('bytes', 'b'), none('count-links', 'l'), none('dereference', 'L'), none('dereference-args', 'D'), required('exclude', 'exclude'), required('exclude-from', 'X'), required('files0-from', 'from'),
    none('human-readable', 'h'), none('inodes'), none('si', 'si'), required('max-depth', 'd'), none('null', '0'), none('no-dereference', 'P'), none('one-file-system', 'x'), none('separate-dirs', 'S'), none('summarize', 's'), none('total', 'c'), required('threshold', 't'), optional('time', 'time'), required('time-style', 'style'),
  ]);
  if (typeof parsed === 'number') return parsed;
  const job = await jobOf(p, parsed);
  if (typeof job === 'number') return job;
  const files = await filesOf(p, parsed);
  if (typeof files === 'number') return files;
  const walk = new Walk(p, job);
  const total: Usage = { size: 0, time: -Infinity };
  for (const file of files) add(total, walk.measure(file, 0) ?? NOTHING);
  if (parsed.has('c')) walk.print(total, 'total');
  return walk.code;
}

const NOTHING: Usage = { size: 0, time: -Infinity };
function add(sum: Usage, { size, time }: Usage): void {
  sum.size += size;
  sum.time = Math.max(sum.time, time);
}

async function jobOf(p: Process, parsed: Parsed): Promise<Job | number> {
  const text = parsed.value('d');
  if (text !== undefined && !/^\d+$/.test(text)) return wrongUse(p, `invalid maximum depth ${quote(text)}`);
  if (parsed.has('a') && parsed.has('s')) return wrongUse(p, 'cannot both summarize and show all entries');
  if (parsed.has('s') && text !== undefined) {
    if (Number(text) !== 0) return wrongUse(p, `warning: summarizing conflicts with --max-depth=${Number(text)}`);
    p.err(`${p.name}: warning: summarizing is the same as using --max-depth=0\n`);
  }
  const scale = scaleOf(parsed);
  if (scale === null) return p.fail(`invalid ${spelling(p, 'B', 'block-size')} argument '${parsed.value('B')!}'`);
  const threshold = /^(-?)(.+)$/.exec(parsed.value('t') ?? '0')!;
  const bytes = parseSize(threshold[2]!);
  if (bytes === null || threshold[0] === '-0') return p.fail(`invalid ${spelling(p, 't', 'threshold')} argument '${threshold[0]}'`);
  const excluded = await excludedBy(p, parsed);
  if (typeof excluded === 'number') return excluded;
  const links = parsed.options.findLast(({ opt }) => 'DHLP'.includes(opt))?.opt;
  const inodes = parsed.has('inodes');
  const word = parsed.value('time') ?? 'mtime';
  const time = !parsed.has('time') ? null : /^(atime|access|use)$/.test(word) ? 'atime' : /^(ctime|status)$/.test(word) ? 'ctime' : parsed.value('time') === undefined ? 'mtime' : undefined;
  if (time === undefined) return wrongUse(p, `invalid argument ${quote(word)} for '--time'\nValid arguments are:\n  - 'atime', 'access', 'use'\n  - 'ctime', 'status'`);
  const style = parsed.value('style') ?? 'long-iso';
  return {
    all: parsed.has('a'), depth: parsed.has('s') ? 0 : Number(text ?? Infinity), separate: parsed.has('S'), follow: links === 'L' ? 'always' : links === 'D' || links === 'H' ? 'operands' : 'never', countLinks: parsed.has('l'), oneFileSystem: parsed.has('x'), excluded,
    measure: inodes ? 'inodes' : parsed.has('b', 'apparent-size') ? 'size' : 'space', threshold: threshold[1] === '-' ? -bytes : bytes, text: inodes && 'unit' in scale ? String : textOf(scale),
    time, timeFormat: style.startsWith('+') ? style.slice(1) : { 'full-iso': '%Y-%m-%d %H:%M:%S.%N %z', iso: '%Y-%m-%d' }[style] ?? '%Y-%m-%d %H:%M', end: parsed.has('0') ? '\0' : '\n',
  };
}

/** An option as it was written. */
const spelling = (p: Process, short: string, long: string): string => (p.argv.some(word => word.startsWith(`--${long.slice(0, 2)}`)) ? `--${long}` : `-${short}`);

/** Bytes of a unit, with a letter behind when the unit was only named; or the base of sizes with letters. null: wrong. */
type Scale = { readonly unit: number; readonly suffix: string } | { readonly base: 1024 | 1000 };
function scaleOf(parsed: Parsed): Scale | null {
  const last = parsed.options.findLast(({ opt }) => ['b', 'B', 'h', 'k', 'm', 'si'].includes(opt));
  if (last?.opt === 'h' || last?.opt === 'si') return { base: last.opt === 'h' ? 1024 : 1000 };
  if (last?.opt !== 'B') return { unit: last?.opt === 'b' ? 1 : last?.opt === 'm' ? 1 << 20 : 1024, suffix: '' };
  if (last.arg === 'human-readable' || last.arg === 'si') return { base: last.arg === 'si' ? 1000 : 1024 };
  const text = last.arg!.replace(/^'/, '');
  const unit = parseSize(text);
  return unit === null || unit === 0 ? null : { unit, suffix: /^\d/.test(text) ? '' : text.replace('iB', '') };
}
const textOf = (scale: Scale): ((size: number) => string) => ('unit' in scale ? size => `${Math.ceil(size / scale.unit)}${scale.suffix}` : size => human(size, scale.base));

async function excludedBy(p: Process, parsed: Parsed): Promise<RegExp[] | number> {
  const patterns: string[] = [];
  for (const { opt, arg } of parsed.options) {
    if (opt === 'exclude') patterns.push(arg!);
    if (opt !== 'X') continue;
    const text = await contentsOf(p, arg!).catch(inputError);
    if (typeof text !== 'string') return wrongUse(p, `${quoteIfNeeded(arg!)}: ${p.strerror(-text.errno)}`);
    patterns.push(...text.split('\n').filter(line => line !== ''));
  }
  return patterns.map(pattern => fnmatch(pattern));
}
function inputError(error: unknown): InputError {
  if (error instanceof InputError) return error;
  throw error;
}

async function filesOf(p: Process, parsed: Parsed): Promise<readonly string[] | number> {
  const from = parsed.value('from');
  if (from === undefined) return parsed.operands.length === 0 ? ['.'] : parsed.operands;
  if (parsed.operands.length > 0) return wrongUse(p, `extra operand ${quote(parsed.operands[0]!)}\nfile operands cannot be combined with --files0-from`);
  const names = await contentsOf(p, from).catch(inputError);
  return typeof names === 'string' ? names.split('\0').filter(name => name !== '') : p.fail(`cannot open ${quote(from)} for reading: ${p.strerror(-names.errno)}`);
}

class Walk {
  code = 0;
  readonly #p: Process;
  readonly #job: Job;
  /** Files that have counted already. */
  readonly #seen = new Set<string>();
  #device = '';

  constructor(p: Process, job: Job) {
    this.#p = p;
    this.#job = job;
  }

  /** Measures a file with all below it, and prints what is to be. null: it does not count. */
  measure(path: string, level: number): Usage | null {
    const { follow, excluded, all, depth } = this.#job;
    if (excluded.some(pattern => path.split('/').some((_name, at, names) => pattern.test(names.slice(at).join('/'))))) return null;
    const follows = follow === 'always' || (follow === 'operands' && level === 0);
    const stat = statOf(this.#p, path, follows);
    // fts(3) has no errno for a link that leads nowhere
    if (typeof stat === 'number' && follows && typeof statOf(this.#p, path, false) !== 'number') return this.#fail(`cannot access ${quote(path)}`);
    if (typeof stat === 'number') return this.#fail(`cannot access ${quote(path)}: ${this.#p.strerror(stat)}`);
    if (level === 0) this.#device = stat.dev.join(':');
    if (!this.#counts(stat, level)) return null;
    const own = this.#own(path, stat, follows);
    const below = stat.type === 'directory' ? this.#below(path, level, own) : NOTHING;
    if (level <= depth && (stat.type === 'directory' || all || level === 0)) this.print(own, path);
    // what is below counts above, also with -S, where it has not been printed here
    return { size: own.size + (this.#job.separate ? below.size : 0), time: Math.max(own.time, below.time) };
  }

  /** Once, of this file system if no other is wanted. */
  #counts({ dev, ino, nlink, type }: Stat, level: number): boolean {
    const { oneFileSystem, countLinks, follow } = this.#job;
    if (oneFileSystem && level > 0 && dev.join(':') !== this.#device) return false;
    if (countLinks || (level > 0 && nlink < 2 && type !== 'directory' && follow !== 'always')) return true;
    const id = `${dev.join(':')}/${ino}`;
    if (this.#seen.has(id)) return false;
    this.#seen.add(id);
    return true;
  }

  #own(path: string, stat: Stat, follow: boolean): Usage {
    const { measure, time } = this.#job;
    const size = measure === 'inodes' ? 1 : measure === 'size' ? stat.size : sectorsOf(this.#p, this.#p.box.files.place(this.#p, path, 'stat', follow).node!, stat) * 512;
    return { size, time: time === null ? -Infinity : stat[time] };
  }

  /** Adds to a directory what is in it. @returns what -S leaves out of it: directories. */
  #below(path: string, level: number, own: Usage): Usage {
    const apart: Usage = { size: 0, time: -Infinity };
    const names = namesIn(this.#p, path);
    if (typeof names === 'number') {
      this.#fail(`cannot read directory ${quote(path)}: ${this.#p.strerror(names)}`);
      return apart;
    }
    for (const name of names) {
      const usage = this.measure(join(path, name), level + 1);
      if (usage === null) continue;
      const separate = this.#job.separate && statOf(this.#p, join(path, name), this.#job.follow === 'always') as Stat;
      add(separate !== false && separate.type === 'directory' ? apart : own, usage);
    }
    return apart;
  }

  print({ size, time }: Usage, path: string): void {
    const { threshold, text, time: kind, timeFormat, end } = this.#job;
    if (threshold < 0 ? size > -threshold : size < threshold) return;
    this.#p.out(`${text(size)}\t${kind === null ? '' : `${strftime(timeFormat, new Date(time))}\t`}${path}${end}`);
  }
  #fail(message: string): null {
    this.code = this.#p.fail(message);
    return null;
  }
}
