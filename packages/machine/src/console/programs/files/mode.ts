/** Modes of files as people write them: `-rwxr-xr-x`, `0755`, `u+x,go=r` (POSIX chmod(1); modechange.c and filemode.c of gnulib). */
import type { Stat } from '../../files/index.js';

/** Every task of the simulated kernel has this. */
export const UMASK = 0o022;

const TYPES: Readonly<Record<Stat['type'], string>> = { file: '-', directory: 'd', link: 'l', character: 'c', block: 'b' };
/** S_IFMT, by kind of file. */
export const FORMATS: Readonly<Record<Stat['type'], number>> = { file: 0o100000, directory: 0o040000, link: 0o120000, character: 0o020000, block: 0o060000 };

/** `rwxr-xr-x`, with s, S, t and T. */
export function permissionString(mode: number): string {
  const letter = (shift: number, special: number, [set, alone]: string): string => {
    const executable = (mode & (1 << shift)) !== 0;
    return (mode & special) !== 0 ? (executable ? set! : alone!) : executable ? 'x' : '-';
  };
  const three = (shift: number, special: number, letters: string): string =>
    `${(mode & (4 << shift)) !== 0 ? 'r' : '-'}${(mode & (2 << shift)) !== 0 ? 'w' : '-'}${letter(shift, special, letters)}`;
  return three(6, 0o4000, 'sS') + three(3, 0o2000, 'sS') + three(0, 0o1000, 'tT');
}
/** As ls -l begins. */
export const modeString = ({ type, mode }: Pick<Stat, 'type' | 'mode'>): string => TYPES[type] + permissionString(mode);

/** What a mode makes of another one. */
export type ModeChange = (mode: number, isDirectory: boolean) => number;

/** Reads a mode. @returns null for what is none. */
export function parseMode(text: string): ModeChange | null {
  if (/^[0-7]+$/.test(text)) return parseOctal(text);
  const clauses = text.split(',').map(parseClause);
  if (clauses.some(clause => clause === null)) return null;
  return (mode, isDirectory) => clauses.reduce((now, clause) => clause!(now, isDirectory), mode);
}

/** The mode that a text makes of none, without a umask: for who names the mode of something new, or looks for one. null: no mode. */
export const modeOfNothing = (text: string): number | null => parseMode(text.replaceAll(/(^|,)(?=[-+=])/g, '$1a'))?.(0, false) ?? null;

/** The set-id bits of a directory stay unless they are named: with five digits, or by number. */
function parseOctal(text: string): ModeChange | null {
  const value = parseInt(text, 8);
  if (value > 0o7777) return null;
  return (mode, isDirectory) => (isDirectory && text.length < 5 ? value | (mode & 0o6000) : value);
}

function parseClause(text: string): ModeChange | null {
  const found = /^([ugoa]*)((?:[-+=](?:[ugo]|[0-7]+|[rwxXst]*))+)$/.exec(text);
  if (found === null) return null;
  const [, who = '', actions = ''] = found;
  const steps = [...actions.matchAll(/([-+=])([ugo]|[0-7]+|[rwxXst]*)/g)].map(([, operator, what]) => ({ operator: operator!, what: what! }));
  return (mode, isDirectory) => steps.reduce((now, { operator, what }) => act(now, isDirectory, who, operator, what), mode);
}

function act(mode: number, isDirectory: boolean, who: string, operator: string, what: string): number {
  const all = who === '' || who.includes('a');
  const reach = all ? 0o7777 : (who.includes('u') ? 0o4700 : 0) | (who.includes('g') ? 0o2070 : 0) | (who.includes('o') ? 0o1007 : 0);
  // Without a word for who, what the umask forbids is left alone.
  const value = valueOf(what, mode, isDirectory) & reach & (who === '' && !/[0-7]/.test(what) ? ~UMASK : ~0);
  if (operator === '+') return mode | value;
  if (operator === '-') return mode & ~value;
  const kept = isDirectory && !what.includes('s') && !/[0-7]/.test(what) ? 0o6000 : 0;
  return (mode & (~reach | kept)) | value;
}

function valueOf(what: string, mode: number, isDirectory: boolean): number {
  if (/^[0-7]+$/.test(what)) return parseInt(what, 8);
  if (/^[ugo]$/.test(what)) return ((mode >> { u: 6, g: 3, o: 0 }[what as 'u']) & 7) * 0o111;
  let value = 0;
  for (const letter of what) {
    if (letter === 'X') value |= isDirectory || (mode & 0o111) !== 0 ? 0o111 : 0;
    else value |= { r: 0o444, w: 0o222, x: 0o111, s: 0o6000, t: 0o1000 }[letter as 'r'];
  }
  return value;
}
