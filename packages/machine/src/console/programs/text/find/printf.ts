/** -printf and -ls of find. */
import { statOf } from '../../files/common.js';
import { modeString } from '../../files/mode.js';
import { strftime } from '../../system/date.js';
import { follows, nameOf, sectors, type Entry, type Run } from './entry.js';
import { WrongExpression } from './expression.js';

/** A part of a format: what it makes of a file. */
type Part = (entry: Entry) => string;

const ESCAPES: Readonly<Record<string, string>> = { a: '\x07', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v', '\\': '\\' };
const FORMAT = /\\(?:([0-7]{1,3})|([^]))|%([-#+0 ]*\d*(?:\.\d+)?)([ABCT][^]|[^]|$)|[^\\%]+|\\$/g;

/** Compiles a format. A directive that there is not stays as it is, after a warning. @throws {WrongExpression} for a % at the end */
export function compileFormat(run: Run, format: string): (entry: Entry) => string {
  const parts: Part[] = [];
  for (const [whole, octal, escape, field, directive] of format.matchAll(FORMAT)) {
    if (octal !== undefined) parts.push(constant(String.fromCharCode(parseInt(octal, 8))));
    else if (escape === 'c') break;
    else if (escape !== undefined) parts.push(constant(ESCAPES[escape] ?? warned(run, whole, 'escape')));
    else if (directive !== undefined) parts.push(partOf(run, whole, field!, directive));
    else parts.push(constant(whole));
  }
  return entry => parts.map(part => part(entry)).join('');
}
const constant = (text: string): Part => () => text;
function warned(run: Run, text: string, what: string): string {
  run.p.err(`${run.p.name}: warning: unrecognized ${what === 'escape' ? `escape \`${text}'` : `format directive \`${text}'`}\n`);
  return text;
}

function partOf(run: Run, whole: string, field: string, directive: string): Part {
  if (directive === '') throw new WrongExpression('error: % at end of format string');
  if (directive === '%') return constant('%');
  const time = /^([ABCT])([^])$/.exec(directive);
  const value = time === null ? VALUES[directive] : timeOf(time[1]!, time[2]!);
  if (value === undefined) return constant(warned(run, whole, 'directive'));
  return entry => padded(value(entry, run), field);
}

/** Flags, width and precision of printf(3). */
function padded(value: string | number, field: string): string {
  const [, flags = '', width = '', precision] = /^([-#+0 ]*)(\d*)(?:\.(\d+))?$/.exec(field)!;
  const text = typeof value === 'string' && precision !== undefined ? value.slice(0, Number(precision)) : String(value);
  if (flags.includes('-')) return text.padEnd(Number(width));
  return text.padStart(Number(width), flags.includes('0') && typeof value === 'number' ? '0' : ' ');
}

const WHICH: Readonly<Record<string, 'atime' | 'ctime' | 'mtime'>> = { A: 'atime', C: 'ctime', T: 'mtime' };
/** find tells a tenth digit of the fraction, always 0. */
const fraction = (ms: number): string => `${String(((ms % 1000) + 1000) % 1000).padStart(3, '0')}0000000`;
const ctime = (ms: number): string => strftime(`%a %b %e %H:%M:%S.${fraction(ms)} %Y`, new Date(ms));

function timeOf(which: string, letter: string): ((entry: Entry) => string) | undefined {
  const time = WHICH[which];
  if (time === undefined) return undefined;
  return ({ stat: { [time]: ms } }) => {
    const date = new Date(ms);
    if (letter === '@') return `${Math.floor(ms / 1000)}.${fraction(ms)}`;
    if (letter === '+') return strftime(`%Y-%m-%d+%H:%M:%S.${fraction(ms)}`, date);
    if (letter === 'S' || letter === 'T' || letter === 'X') return `${strftime(`%${letter}`, date)}.${fraction(ms)}`;
    return strftime(`%${letter}`, date);
  };
}

const TYPES: Readonly<Record<Entry['stat']['type'], string>> = { file: 'f', directory: 'd', link: 'l', character: 'c', block: 'b' };
const deviceNumber = ([major, minor]: readonly [number, number]): number => (minor & 0xff) | (major << 8) | ((minor & ~0xff) << 12);

/** %Y: of what a link leads to; N for nothing. */
function ledTo({ path, stat }: Entry, { p }: Run): string {
  const led = stat.type === 'link' ? statOf(p, path) : stat;
  return typeof led === 'number' ? 'N' : TYPES[led.type];
}
/** %f keeps a slash at the end, and %h takes no slash from a name of one character: both are find's. */
const fileOf = (entry: Entry): string => `${nameOf(entry)}${/[^/]\/+$/.test(entry.path) ? '/' : ''}`;
function directoryOf({ path }: Entry): string {
  const trimmed = path.replace(/(?<=..)\/+$/, '');
  const slash = trimmed.lastIndexOf('/');
  return slash < 0 ? '.' : trimmed.slice(0, slash);
}
const linkOf = ({ path, stat }: Entry, { p }: Run): string => (stat.type === 'link' ? p.box.files.readlink(p, path) : '');
const userOf = ({ stat: { uid } }: Entry, { accounts }: Run): string => accounts.userName(uid) ?? String(uid);
const groupOf = ({ stat: { gid } }: Entry, { accounts }: Run): string => accounts.groupName(gid) ?? String(gid);

const VALUES: Readonly<Record<string, (entry: Entry, run: Run) => string | number>> = {
  a: ({ stat }) => ctime(stat.atime), b: (entry, run) => sectors(run, entry), c: ({ stat }) => ctime(stat.ctime), d: ({ depth }) => depth, D: ({ stat }) => deviceNumber(stat.dev), f: fileOf,
  F: ({ path, depth }, run) => run.p.box.files.place(run.p, path, 'stat', follows(run, depth)).mount.type, g: groupOf, G: ({ stat }) => stat.gid, h: directoryOf, H: ({ start }) => start, i: ({ stat }) => stat.ino,
  k: (entry, run) => Math.ceil(sectors(run, entry) / 2), l: linkOf, m: ({ stat }) => Number(stat.mode.toString(8)), M: ({ stat }) => modeString(stat), n: ({ stat }) => stat.nlink, p: ({ path }) => path,
  P: ({ path, start }) => path.slice(start.length).replace(/^\/+/, ''), s: ({ stat }) => stat.size, S: (entry, run) => (entry.stat.size === 0 ? 1 : (sectors(run, entry) * 512) / entry.stat.size), t: ({ stat }) => ctime(stat.mtime), u: userOf, U: ({ stat }) => stat.uid,
  y: ({ stat }) => TYPES[stat.type], Y: ledTo, Z: () => '',
};

const HALF_YEAR = 15_778_476_000;

/** A line of -ls, as `ls -dils` has it. */
export function lsLine(run: Run, entry: Entry): string {
  const { stat, path } = entry;
  const size = stat.rdev === undefined ? String(stat.size).padStart(8) : `${String(stat.rdev[0]).padStart(3)}, ${String(stat.rdev[1]).padStart(3)}`;
  const recent = stat.mtime > run.now - HALF_YEAR && stat.mtime <= run.now + 3_600_000;
  const time = strftime(recent ? '%b %e %H:%M' : '%b %e  %Y', new Date(stat.mtime));
  const target = stat.type === 'link' ? ` -> ${linkOf(entry, run)}` : '';
  return `${String(stat.ino).padStart(9)} ${String(Math.ceil(sectors(run, entry) / 2)).padStart(6)} ${modeString(stat)} ${String(stat.nlink).padStart(3)} ${userOf(entry, run).padEnd(8)} ${groupOf(entry, run).padEnd(8)} ${size} ${time} ${path}${target}\n`;
}
