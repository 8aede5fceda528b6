/** Tests of find: what is asked of a file. Texts of errors are those of findutils 4.9. */
import { MAY_EXEC, MAY_READ, MAY_WRITE } from '@pmkit/mm-core/include/linux/fs';
import type { Stat } from '../../../files/index.js';
import { namesIn, sameFile, statOf } from '../../files/common.js';
import { modeOfNothing } from '../../files/mode.js';
import { parseDate } from '../../system/date.js';
import { classes, fromBasic } from '../../../regexp.js';
import { fnmatch } from '../fnmatch.js';
import { follows, nameOf, type Run, type Test } from './entry.js';
import { WrongExpression, type Words } from './expression.js';

/** @param name as it was written */
export type Make = (run: Run, name: string, words: Words, settings: Settings) => Test;

/** Options inside the expression that hold for what follows them. */
export interface Settings { regexType: string; dayStart: boolean }

const LETTERS: Readonly<Record<string, Stat['type'] | null>> = { f: 'file', d: 'directory', l: 'link', c: 'character', b: 'block', p: null, s: null, D: null };

function ofType(name: string, text: string, typeOf: (entry: Parameters<Test>[0]) => Stat['type'] | undefined): Test {
  const letters = text.split(',');
  const bad = letters.find(letter => letter.length !== 1 || !(letter in LETTERS));
  if (bad !== undefined) throw new WrongExpression(bad.length > 1 && bad[0]! in LETTERS ? `Must separate multiple arguments to ${name} using: ','` : `Unknown argument to ${name}: ${bad[0] ?? ''}`);
  const types = new Set(letters.map(letter => LETTERS[letter]));
  return entry => types.has(typeOf(entry) ?? null);
}

/** `5`, `+5`, `-5`: whether a number is that, more, less. */
type Comparison = (value: number) => boolean;
function comparison(text: string): Comparison | null {
  const found = /^([-+]?)(\d+(?:\.\d+)?)$/.exec(text);
  if (found === null) return null;
  const wanted = Number(found[2]);
  return found[1] === '+' ? value => value > wanted : found[1] === '-' ? value => value < wanted : value => value === wanted;
}
function number(name: string, words: Words): Comparison {
  const text = words.argument(name);
  return comparison(text) ?? wrong(`invalid argument \`${text}' to \`${name}'`);
}
function wrong(message: string): never {
  throw new WrongExpression(message);
}

const UNITS: Readonly<Record<string, number>> = { b: 512, c: 1, w: 2, k: 1024, M: 1 << 20, G: 1 << 30 };
const DAY = 86_400_000;
const MINUTE = 60_000;
type Time = 'atime' | 'mtime' | 'ctime';
const TIMES: Readonly<Record<string, Time>> = { a: 'atime', m: 'mtime', c: 'ctime' };

/** Whole days, or minutes begun, since then. */
function age(time: Time, unit: number): Make {
  return ({ now }, name, words, { dayStart }) => {
    const text = words.argument(name);
    const compare = comparison(text) ?? wrong(`invalid argument \`${text}' to \`${name}'`);
    const from = dayStart ? Math.ceil((now + 1) / DAY) * DAY : now;
    const exact = unit === MINUTE && /^[-+]/.test(text);
    return ({ stat }) => {
      const units = (from - stat[time]) / unit;
      return compare(exact ? units : unit === MINUTE ? Math.ceil(units) : Math.floor(units));
    };
  };
}

/** The file that an argument names. */
function reference({ p, follow }: Run, path: string): Stat {
  const stat = statOf(p, path, follow !== 'never');
  return typeof stat === 'number' ? wrong(`'${path}': ${p.strerror(stat)}`) : stat;
}

/** -newerXY: its X is after the Y of the reference, which for t is a time. */
const newerThan: Make = (run, name, words) => {
  const [, x = '', y = ''] = /^-newer([acm])([acmt])$/.exec(name) ?? wrong(`invalid predicate \`${name}'`);
  const text = words.argument(name);
  const date = y === 't' ? parseDate(text, run.now) ?? wrong(`I cannot figure out how to interpret '${text}' as a date or time`) : null;
  const time = date === null ? reference(run, text)[TIMES[y]!] : date.getTime();
  return ({ stat }) => stat[TIMES[x]!] > time;
};
const newer = (time: Time): Make => (run, name, words) => {
  const { mtime } = reference(run, words.argument(name));
  return ({ stat }) => stat[time] > mtime;
};

const size: Make = (_run, name, words) => {
  const text = words.argument(name);
  const [, value, unit] = /^([-+]?\d+)([bcwkMG]?)$/.exec(text) ?? wrong(/^[-+]?\d*[^\d]$/.test(text) ? `invalid -size type \`${text.at(-1)!}'` : `Invalid argument \`${text}' to -size`);
  const compare = comparison(value!)!;
  return entry => compare(Math.ceil(entry.stat.size / UNITS[unit || 'b']!));
};

/** -perm MODE, -MODE (all of them), /MODE (any of them). */
const perm: Make = (_run, name, words) => {
  const text = words.argument(name);
  const [, how = '', mode = ''] = /^([-/]?)(.*)$/.exec(text)!;
  const bits = modeOfNothing(mode) ?? wrong(`invalid mode '${text}'`);
  if (how === '-') return ({ stat }) => (stat.mode & bits) === bits;
  return how === '/' ? ({ stat }) => bits === 0 || (stat.mode & bits) !== 0 : ({ stat }) => stat.mode === bits;
};

const REGEX_TYPES = ['findutils-default', 'ed', 'emacs', 'gnu-awk', 'grep', 'posix-awk', 'awk', 'posix-basic', 'posix-egrep', 'egrep', 'posix-extended', 'posix-minimal-basic', 'sed'];
const EMACS = /^(?:findutils-default|emacs)$/;
const BASIC = /^(?:ed|grep|posix-basic|posix-minimal-basic|sed)$/;

const regex = (flags: string): Make => (_run, name, words, { regexType }) => {
  const text = words.argument(name);
  // Emacs has + and ? without a backslash, and groups and bars with one
  const source = EMACS.test(regexType) ? text.replaceAll(/\\?[|(){}]/g, found => (found.length === 2 ? found.slice(1) : `\\${found}`)) : BASIC.test(regexType) ? fromBasic(text) : text;
  try {
    const pattern = new RegExp(`^(?:${classes(source)})$`, `s${flags}`);
    return ({ path }) => pattern.test(path);
  } catch {
    return wrong(`failed to compile regular expression '${text}'`);
  }
};

const glob = (subject: (run: Run, entry: Parameters<Test>[0]) => string | null, ignoreCase = false): Make => (run, name, words) => {
  const pattern = fnmatch(words.argument(name), ignoreCase);
  return entry => {
    const text = subject(run, entry);
    return text !== null && pattern.test(text);
  };
};
const base: Parameters<typeof glob>[0] = (_run, entry) => nameOf(entry);
const whole: Parameters<typeof glob>[0] = (_run, { path }) => path;
const target: Parameters<typeof glob>[0] = ({ p }, { path, stat }) => (stat.type === 'link' ? p.box.files.readlink(p, path) : null);

const account = (what: 'user' | 'group'): Make => ({ accounts }, name, words) => {
  const text = words.argument(name);
  const id = what === 'user' ? accounts.user(text)?.uid : accounts.group(text)?.gid;
  if (id === undefined && !/^\d+$/.test(text)) wrong(what === 'user' ? `'${text}' is not the name of a known user` : `'${text}' is not the name of an existing group`);
  const wanted = id ?? Number(text);
  return ({ stat }) => (what === 'user' ? stat.uid : stat.gid) === wanted;
};
const counted = (value: (stat: Stat) => number): Make => (_run, name, words) => {
  const compare = number(name, words);
  return ({ stat }) => compare(value(stat));
};
const access = (mask: number): Make => ({ p }) => ({ path }) => p.box.files.access(p, path, mask);

const xtype: Make = (run, name, words) => ofType(name, words.argument(name), ({ path, depth, stat }) => {
  // what a link leads to; with -L, the link
  if (follows(run, depth)) return (statOf(run.p, path, false) as Stat).type;
  const led = stat.type === 'link' ? statOf(run.p, path) : stat;
  return typeof led === 'number' ? 'link' : led.type;
});

export const TESTS: Readonly<Record<string, Make>> = {
  '-name': glob(base), '-iname': glob(base, true), '-path': glob(whole), '-wholename': glob(whole), '-ipath': glob(whole, true), '-iwholename': glob(whole, true), '-lname': glob(target), '-ilname': glob(target, true),
  '-regex': regex(''), '-iregex': regex('i'), '-type': (_run, name, words) => ofType(name, words.argument(name), ({ stat }) => stat.type), '-xtype': xtype, '-size': size, '-perm': perm,
  '-empty': ({ p }) => ({ path, stat }) => (stat.type === 'file' ? stat.size === 0 : stat.type === 'directory' && emptyDirectory(namesIn(p, path))),
  '-user': account('user'), '-group': account('group'), '-uid': counted(({ uid }) => uid), '-gid': counted(({ gid }) => gid), '-inum': counted(({ ino }) => ino), '-links': counted(({ nlink }) => nlink),
  '-nouser': ({ accounts }) => ({ stat }) => accounts.userName(stat.uid) === undefined, '-nogroup': ({ accounts }) => ({ stat }) => accounts.groupName(stat.gid) === undefined,
  '-atime': age('atime', DAY), '-mtime': age('mtime', DAY), '-ctime': age('ctime', DAY), '-amin': age('atime', MINUTE), '-mmin': age('mtime', MINUTE), '-cmin': age('ctime', MINUTE),
  '-newer': newer('mtime'), '-anewer': newer('atime'), '-cnewer': newer('ctime'), '-newerXY': newerThan,
  '-samefile': (run, name, words) => {
    const other = reference(run, words.argument(name));
    return ({ stat }) => sameFile(stat, other);
  },
  '-fstype': ({ p }, name, words) => {
    const type = words.argument(name);
    return ({ path }) => p.box.files.place(p, path, 'stat', false).mount.type === type;
  },
  '-readable': access(MAY_READ), '-writable': access(MAY_WRITE), '-executable': access(MAY_EXEC), '-true': () => () => true, '-false': () => () => false,
  '-regextype': (_run, name, words, settings) => {
    settings.regexType = words.argument(name);
    if (!REGEX_TYPES.includes(settings.regexType)) wrong(`Unknown regular expression type '${settings.regexType}'; valid types are ${REGEX_TYPES.map(type => `'${type}'`).join(', ')}.`);
    return () => true;
  },
  '-daystart': (_run, _name, _words, settings) => {
    settings.dayStart = true;
    return () => true;
  },
};
const emptyDirectory = (names: readonly string[] | number): boolean => typeof names !== 'number' && names.length === 0;
