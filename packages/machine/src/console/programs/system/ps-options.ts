/** The command line of ps: options with a dash, BSD's without one, and GNU's long ones, in any order (procps 3.2 ps/parser.c). */
import { FORMATS } from './ps-columns.js';

export interface PsOptions {
  /** -e, -A, or a and x. */
  all: boolean;
  /** -a: with a terminal, but no leaders of sessions. */
  others: boolean;
  /** a: with a terminal; x: the caller's own, also without one. */
  everybody: boolean;
  ownAnywhere: boolean;
  /** -N */
  negate: boolean;
  readonly select: Record<'pid' | 'ppid' | 'comm' | 'euid' | 'ruid' | 'gid' | 'session', string[]>;
  format: keyof typeof FORMATS;
  readonly columns: [name: string, header?: string][];
  readonly sort: [column: string, descending: boolean][];
  threads: boolean;
  heading: boolean;
  help: boolean;
}

const ARGUMENTS: Readonly<Record<string, keyof PsOptions['select']>> = { p: 'pid', q: 'pid', C: 'comm', u: 'euid', U: 'ruid', G: 'gid', g: 'session', s: 'session' };
const LONG: Readonly<Record<string, keyof PsOptions['select']>> = { pid: 'pid', ppid: 'ppid', user: 'euid', User: 'ruid', Group: 'gid', group: 'gid', sid: 'session' };

/** `pid=,comm=NAME`: a heading takes all that is left, commas and blanks included; but nothing behind `=` is an empty one (procps sortformat.c). */
function addColumns(options: PsOptions, text: string): void {
  for (let rest = text; rest !== ''; ) {
    const [whole, name = '', equals, separator] = /^([^ ,=]*)(=?)([ ,]*)/.exec(rest)!;
    const heading = equals !== '' && separator === '' ? rest.slice(whole.length) : '';
    if (name !== '') options.columns.push(equals === '' ? [name] : [name, heading]);
    rest = heading === '' ? rest.slice(whole.length) : '';
  }
}
function addSort(options: PsOptions, text: string): void {
  for (const key of text.split(',')) if (key !== '') options.sort.push([key.replace(/^[-+]/, ''), key.startsWith('-')]);
}
const words = (text: string): string[] => text.split(/[ ,]+/).filter(word => word !== '');

/** @returns the options, or what is wrong. */
export function parsePsOptions(args: readonly string[]): PsOptions | string {
  const options: PsOptions = {
    all: false, others: false, everybody: false, ownAnywhere: false, negate: false, select: { pid: [], ppid: [], comm: [], euid: [], ruid: [], gid: [], session: [] }, format: 'plain', columns: [],
    sort: [], threads: false, heading: true, help: false,
  };
  for (let at = 0; at < args.length; at++) {
    const arg = args[at]!;
    const next = (): string | undefined => args[++at];
    const wrong = arg.startsWith('--') ? longOption(options, arg.slice(2), next)
      : /^\d/.test(arg) ? void options.select.pid.push(...words(arg))
        : arg.startsWith('-') && arg.length > 1 ? unixOptions(options, arg.slice(1), next) : bsdOptions(options, arg, next);
    if (typeof wrong === 'string') return wrong;
  }
  if (options.everybody && options.ownAnywhere) options.all = true;
  return options;
}

function unixOptions(options: PsOptions, cluster: string, next: () => string | undefined): string | undefined {
  // -aux is taken for aux, as procps does when there is no user x
  if (cluster === 'aux') return bsdOptions(options, cluster, next);
  for (let i = 0; i < cluster.length; i++) {
    const letter = cluster[i]!;
    const list = ARGUMENTS[letter];
    if (list !== undefined || letter === 'o' || letter === 'O' || letter === 't') {
      const text = cluster.slice(i + 1) || next();
      if (text === undefined) return letter === 'o' ? 'format specification must follow -o' : `list of ${letter === 'p' ? 'process IDs' : 'names'} must follow -${letter}`;
      if (list !== undefined) options.select[list].push(...words(text));
      else if (letter !== 't') addColumns(options, letter === 'O' ? `pid ${text} s,tname,time,cmd` : text);
      return undefined;
    }
    if (letter === 'e' || letter === 'A') options.all = true;
    else if (letter === 'a' || letter === 'd') options.others = true;
    else if (letter === 'N') options.negate = true;
    else if (letter === 'f' || letter === 'F') options.format = 'full';
    else if (letter === 'l') options.format = 'long';
    else if (letter === 'L' || letter === 'T' || letter === 'm') options.threads = true;
    else if (letter === 'H' || letter === 'w' || letter === 'y' || letter === 'c' || letter === 'j') continue;
    else return 'unsupported SysV option';
  }
  return undefined;
}

function bsdOptions(options: PsOptions, cluster: string, next: () => string | undefined): string | undefined {
  for (let i = 0; i < cluster.length; i++) {
    const letter = cluster[i]!;
    if (letter === 'o' || letter === 'p' || letter === 'U' || letter === 'k') {
      const text = cluster.slice(i + 1) || next();
      if (text === undefined) return `list must follow ${letter}`;
      if (letter === 'o') addColumns(options, text);
      else if (letter === 'k') addSort(options, text);
      else options.select[letter === 'p' ? 'pid' : 'euid'].push(...words(text));
      break;
    }
    if (letter === 'a') options.everybody = true;
    else if (letter === 'x') options.ownAnywhere = true;
    else if (letter === 'u') options.format = 'user';
    else if (letter === 'l') options.format = 'bsdLong';
    else if (letter === 'H' || letter === 'm') options.threads = true;
    else if (letter === 'h') options.heading = false;
    else if (letter !== 'w' && letter !== 'e' && letter !== 'f' && letter !== 'r' && letter !== 'c' && letter !== 'S' && letter !== 'g') return 'unsupported option (BSD syntax)';
  }
  if (options.format === 'plain') options.format = 'bsd';
  return undefined;
}

function longOption(options: PsOptions, text: string, next: () => string | undefined): string | undefined {
  const [, name = '', given] = /^([^=]*)(?:=([^]*))?$/.exec(text)!;
  const list = LONG[name];
  if (list !== undefined || name === 'format' || name === 'sort') {
    const value = given ?? next();
    if (value === undefined) return `option --${name} needs an argument`;
    if (list !== undefined) options.select[list].push(...words(value));
    else if (name === 'format') addColumns(options, value);
    else addSort(options, value);
  } else if (name === 'no-headers' || name === 'no-heading' || name === 'no-headings' || name === 'no-header' || name === 'noheaders' || name === 'noheading') options.heading = false;
  else if (name === 'help') options.help = true;
  else if (name === 'deselect') options.negate = true;
  else if (name === 'headers' || name === 'forest' || name === 'cols' || name === 'columns' || name === 'width' || name === 'rows' || name === 'cumulative') {
    if (given === undefined && /^(cols|columns|width|rows)$/.test(name)) next();
  } else return 'unknown gnu long option';
  return undefined;
}
