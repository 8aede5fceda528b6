/** ls, after ls.c of GNU coreutils 9.1. Standard output is never a terminal: one name a line unless it is told otherwise. */
import { timeOfDay, type Stat } from '../../files/index.js';
import type { Process } from '../../process.js';
import { Accounts } from '../system/accounts.js';
import { defineProgram, helpOf, none, optional, parseOptions, required, type Definition, type Parsed } from '../system/define.js';
import { sectorsOf } from './blocks.js';
import { baseName, join, namesIn, quote, statOf } from './common.js';
import { format, nameOf, type Entry, type Look } from './ls-format.js';
import { parseSize } from './sizes.js';

const LS: Definition = {
  path: '/bin/ls', summary: 'list what is in directories', synopsis: ['ls [OPTION]... [FILE]...'], description: 'Lists files, and what is in directories, by name.',
  options: [
    ['-a, --all; -A, --almost-all', 'names with a dot in front too; -A without . and ..'], ['-l', 'mode, links, owner, group, size, time'], ['-g; -o; -G; -n', '-l without owner; without group; neither; with numbers'],
    ['-d, --directory', 'directories themselves'], ['-R, --recursive', 'with all below'], ['-i, --inode; -s, --size', 'inode numbers, space'], ['-h, --human-readable; --si; -k; --block-size=N', 'how sizes are shown'],
    ['-t; -S; -X; -v; -U; -r', 'sort by time, size, extension, version, not at all; backwards'], ['-u; -c; --time=WORD', 'the time of access, or of change'], ['--full-time; --time-style=STYLE', 'full-iso, long-iso, iso, locale, +FORMAT'],
    ['-F, --classify; -p', 'a sign behind the name for its kind'], ['-L; -H', 'go through links; those on the command line'], ['-1; -m; -C; -x', 'one a line, with commas, in columns'], ['-Q; -b; -q; -N', 'how names are shown'], ['--color', 'accepted: there are none'],
    ['--group-directories-first', 'what it says'],
  ],
  notes: ['What is modelled of space is said in stat(1).'], run,
};
export const ls = defineProgram(LS);

const LONG = [
  none('all', 'a'), none('almost-all', 'A'), none('directory', 'd'), none('recursive', 'R'), none('inode', 'i'), none('size', 's'), none('human-readable', 'h'), none('si', 'si'), none('kibibytes', 'k'), required('block-size', 'block-size'),
  required('sort', 'sort'), none('reverse', 'r'), required('time', 'time'), none('full-time', 'full-time'), required('time-style', 'time-style'), optional('classify', 'F'), none('file-type', 'file-type'), optional('color', 'color'),
  none('dereference', 'L'), none('dereference-command-line', 'H'), none('numeric-uid-gid', 'n'), none('no-group', 'G'), required('format', 'format'), none('quote-name', 'Q'), none('escape', 'b'), none('literal', 'N'),
  none('hide-control-chars', 'q'), none('show-control-chars', 'show'), none('group-directories-first', 'dirs'), none('ignore-backups', 'B'), required('ignore', 'I'), required('hide', 'hide'), required('width', 'w'), none('author'), none('zero', 'zero'),
  required('indicator-style', 'indicator'), required('quoting-style', 'quoting'), required('tabsize', 'T'),
] as const;

async function run(p: Process): Promise<number> {
  const parsed = parseOptions(p, 'abcdfghiklmnopqrstuvw:xABCDFGHI:LNQRST:UXZ1', LONG);
  if (parsed === null) return 2;
  if (parsed.has('help')) {
    p.out(helpOf(LS));
    return 0;
  }
  const look = lookOf(p, parsed, await Accounts.read(p));
  if (typeof look === 'string') {
    p.err(look);
    return 2;
  }
  const listing = new Listing(p, parsed, look);
  listing.operands(parsed.operands.length === 0 ? ['.'] : parsed.operands);
  return listing.exitCode;
}

const STYLES: Readonly<Record<string, string | null>> = { 'full-iso': '%Y-%m-%d %H:%M:%S.%N %z', 'long-iso': '%Y-%m-%d %H:%M', iso: 'iso', locale: null };
const STYLE_HELP = `Valid arguments are:\n  - [posix-]full-iso\n  - [posix-]long-iso\n  - [posix-]iso\n  - [posix-]locale\n  - +FORMAT (e.g., +%H:%M) for a 'date'-style format\n`;

/** How entries are shown; a text says what is wrong. */
function lookOf(p: Process, parsed: Parsed, accounts: Accounts): Look | string {
  const last = (...letters: string[]): string | undefined => parsed.options.findLast(({ opt }) => letters.includes(opt))?.opt;
  const layout = last('l', 'g', 'o', 'n', '1', 'm', 'C', 'x', 'full-time', 'format');
  const formatWord = { long: 'l', verbose: 'l', commas: 'm', across: 'x', horizontal: 'x', vertical: 'C', 'single-column': '1' }[parsed.value('format') ?? ''];
  const chosen = layout === 'format' ? formatWord : layout;
  // -1 after -l changes nothing
  const long = ['l', 'g', 'o', 'n', 'full-time'].includes(chosen ?? '') || (chosen === '1' && parsed.has('l', 'g', 'o', 'n', 'full-time'));
  const style = (parsed.value('time-style') ?? (parsed.has('full-time') ? 'full-iso' : 'locale')).replace(/^posix-.*/, 'locale');
  if (!style.startsWith('+') && STYLES[style] === undefined && style !== 'locale') return `${p.name}: invalid argument ${quote(style)} for 'time style'\n${STYLE_HELP}Try '${p.name} --help' for more information.\n`;
  const sizes = last('h', 'si', 'k', 'block-size');
  const unit = sizes === 'block-size' ? parseSize(parsed.value('block-size')!) : 1024;
  if (unit === null || unit === 0) return `${p.name}: invalid --block-size argument ${quote(parsed.value('block-size')!)}\n`;
  const time = last('u', 'c', 'time');
  const word = parsed.value('time') ?? '';
  return {
    accounts: parsed.has('n') ? null : accounts, now: timeOfDay(p.box.k.m), long, layout: chosen === 'm' || chosen === 'x' || chosen === 'C' ? chosen : '1', inode: parsed.has('i'), size: parsed.has('s'),
    owner: !parsed.has('g'), group: !parsed.has('o', 'G'), human: sizes === 'h' ? 1024 : sizes === 'si' ? 1000 : null, unit, bytes: sizes === 'block-size' ? unit : 1,
    time: time === 'u' || /^(atime|access|use)$/.test(word) ? 'atime' : time === 'c' || /^(ctime|status)$/.test(word) ? 'ctime' : 'mtime', timeFormat: style.startsWith('+') ? style.slice(1) : STYLES[style] ?? null,
    classify: last('F', 'p', 'file-type') ?? null, quoting: (last('Q', 'b', 'N') as 'Q' | 'b' | undefined) ?? null, width: Number(parsed.value('w') ?? 80) || Infinity,
  };
}

class Listing {
  exitCode = 0;
  readonly #p: Process;
  readonly #parsed: Parsed;
  readonly #look: Look;
  /** Something has been printed, so that an empty line comes before the next directory. */
  #printed = false;

  constructor(p: Process, parsed: Parsed, look: Look) {
    this.#p = p;
    this.#parsed = parsed;
    this.#look = look;
  }

  operands(paths: readonly string[]): void {
    const through = this.#has('L') || this.#has('H') || !(this.#look.long || this.#has('d') || this.#has('F'));
    const entries = paths.flatMap(path => this.#entry(path, path, through, true));
    const asDirectory = (entry: Entry): boolean => entry.stat.type === 'directory' && !this.#has('d');
    const files = this.#sorted(entries.filter(entry => !asDirectory(entry)));
    if (files.length > 0) this.#show(files, false);
    for (const directory of this.#sorted(entries.filter(asDirectory))) this.#directory(directory.path, paths.length > 1 || this.#has('R'), true);
  }

  #entry(path: string, name: string, follow: boolean, operand: boolean): Entry[] {
    const p = this.#p;
    let stat = statOf(p, path, follow);
    // -H and the like: a link to nothing is shown as it is
    if (typeof stat === 'number' && follow && !this.#parsed.has('L')) stat = statOf(p, path, false);
    if (typeof stat === 'number') {
      this.#complain(`cannot access ${quote(path)}: ${p.strerror(stat)}`, operand);
      return [];
    }
    const { files } = p.box;
    const target = stat.type === 'link' ? this.#targetOf(path) : null;
    const { node } = files.place(p, path, 'stat', follow && stat.type !== 'link');
    const leads = target === null || !this.#parsed.has('F') ? null : statOf(p, path);
    return [{ name, path, stat, target, targetStat: leads === null || typeof leads === 'number' ? null : leads, sectors: sectorsOf(p, node!, stat) }];
  }
  #targetOf(path: string): string | null {
    const p = this.#p;
    try {
      return p.box.files.readlink(p, path);
    } catch {
      return null; // a link of /proc that nobody else may read
    }
  }

  #directory(path: string, titled: boolean, operand: boolean): void {
    const p = this.#p;
    const names = namesIn(p, path);
    if (typeof names === 'number') {
      this.#complain(`cannot open directory ${quote(path)}: ${p.strerror(names)}`, operand);
      return;
    }
    const all = this.#has('a') || this.#has('f');
    const wanted = [...(all ? ['.', '..'] : []), ...names].filter(name => this.#isWanted(name, all));
    const entries = this.#sorted(wanted.flatMap(name => this.#entry(join(path, name), name, this.#has('L'), false)));
    if (titled) p.out(`${this.#printed ? '\n' : ''}${nameOf(this.#look, path)}:\n`);
    this.#printed = true;
    this.#show(entries, true);
    if (!this.#has('R')) return;
    for (const { name, path: below, stat } of entries) if (stat.type === 'directory' && name !== '.' && name !== '..') this.#directory(below, true, false);
  }

  #isWanted(name: string, all: boolean): boolean {
    const { options } = this.#parsed;
    if (name.startsWith('.') && !all && !this.#has('A')) return false;
    if (this.#has('B') && name.endsWith('~')) return false;
    return !options.some(({ opt, arg }) => (opt === 'I' || (opt === 'hide' && !all && !this.#has('A'))) && matches(arg!, name));
  }

  #show(entries: readonly Entry[], inDirectory: boolean): void {
    this.#p.out(format(this.#look, entries, inDirectory));
    this.#printed = true;
  }

  #sorted(entries: Entry[]): Entry[] {
    const { options } = this.#parsed;
    const chosen = options.findLast(({ opt }) => ['t', 'S', 'X', 'v', 'U', 'f', 'sort'].includes(opt))?.opt;
    const word = { none: 'U', time: 't', size: 'S', extension: 'X', version: 'v' }[this.#parsed.value('sort') ?? ''];
    // -u and -c sort by their time, unless -l shows it
    const key = chosen === 'sort' ? word : chosen ?? (this.#has('u', 'c') && !this.#look.long ? 't' : undefined);
    const { time } = this.#look;
    const byName = (a: Entry, b: Entry): number => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0);
    const compare: Readonly<Record<string, (a: Entry, b: Entry) => number>> = {
      t: (a, b) => b.stat[time] - a.stat[time], S: (a, b) => b.stat.size - a.stat.size, X: (a, b) => compareTexts(extension(a.name), extension(b.name)), v: (a, b) => compareVersions(a.name, b.name),
    };
    if (key === 'U' || key === 'f') return entries;
    const sorted = entries.sort((a, b) => compare[key ?? '']?.(a, b) || byName(a, b));
    if (this.#has('r')) sorted.reverse();
    return this.#has('dirs') ? [...sorted.filter(isDirectory), ...sorted.filter(entry => !isDirectory(entry))] : sorted;
  }

  #has(...names: readonly string[]): boolean {
    return this.#parsed.has(...names);
  }
  #complain(message: string, operand: boolean): void {
    this.#p.fail(message);
    this.exitCode = Math.max(this.exitCode, operand ? 2 : 1);
  }
}

const isDirectory = ({ stat }: { readonly stat: Stat }): boolean => stat.type === 'directory';
const compareTexts = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
const extension = (name: string): string => (baseName(name).lastIndexOf('.') < 0 ? '' : name.slice(name.lastIndexOf('.')));

/** Runs of digits by their value: strverscmp(). */
function compareVersions(a: string, b: string): number {
  const parts = (text: string): string[] => text.match(/\d+|\D+/g) ?? [];
  const [left, right] = [parts(a), parts(b)];
  for (let i = 0; i < left.length && i < right.length; i++) {
    const numbers = /^\d/.test(left[i]!) && /^\d/.test(right[i]!);
    const order = numbers ? Number(left[i]) - Number(right[i]) : compareTexts(left[i]!, right[i]!);
    if (order !== 0) return order;
  }
  return left.length - right.length;
}

/** A pattern of the shell's, without classes of characters. */
const matches = (pattern: string, name: string): boolean => new RegExp(`^${pattern.replace(/[.+^${}()|\\]/g, '\\$&').replaceAll('*', '.*').replaceAll('?', '.')}$`).test(name);
