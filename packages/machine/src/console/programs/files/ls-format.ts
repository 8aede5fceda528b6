/** How ls shows entries: lines, long lines, columns. */
import type { Stat } from '../../files/index.js';
import type { Accounts } from '../system/accounts.js';
import { strftime } from '../system/date.js';
import { modeString } from './mode.js';
import { human } from './sizes.js';

export interface Entry {
  readonly name: string;
  readonly path: string;
  readonly stat: Stat;
  /** Of a link. */
  readonly target: string | null;
  readonly targetStat: Stat | null;
  /** Of 512 bytes. */
  readonly sectors: number;
}

export interface Look {
  /** null: numbers instead of names. */
  readonly accounts: Accounts | null;
  readonly now: number;
  readonly long: boolean;
  readonly layout: '1' | 'm' | 'x' | 'C';
  readonly inode: boolean;
  readonly size: boolean;
  readonly owner: boolean;
  readonly group: boolean;
  /** Base of sizes with letters; null: plain numbers. */
  readonly human: 1024 | 1000 | null;
  /** Bytes of a block in totals and with -s, and of the unit that sizes of files are shown in. */
  readonly unit: number;
  readonly bytes: number;
  readonly time: 'atime' | 'mtime' | 'ctime';
  /** For strftime(); null: that of the locale, `iso`: short. */
  readonly timeFormat: string | null;
  readonly classify: string | null;
  readonly quoting: 'Q' | 'b' | 'N' | null;
  /** Columns of the terminal. */
  readonly width: number;
}

/** Half a Gregorian year: what is older is shown with its year instead of a time of day. */
const HALF_YEAR = 31_556_952_000 / 2;

export function format(look: Look, entries: readonly Entry[], inDirectory: boolean): string {
  const total = look.long || look.size ? entries.reduce((sum, { sectors }) => sum + sectors, 0) : 0;
  const head = inDirectory && (look.long || look.size) ? `total ${blocks(look, total)}\n` : '';
  if (look.long) return head + longLines(look, entries);
  const inodes = columnOf(entries, look.inode, ({ stat }) => String(stat.ino));
  const sizes = columnOf(entries, look.size, ({ sectors }) => blocks(look, sectors));
  const cells = entries.map((entry, at) => `${inodes[at]!}${sizes[at]!}${nameOf(look, entry.name)}${sign(look, entry.stat)}`);
  if (cells.length === 0) return head;
  if (look.layout === 'm') return `${head}${commas(cells, look.width)}\n`;
  return head + (look.layout === '1' ? cells.map(cell => `${cell}\n`).join('') : columns(cells, look.layout === 'x', look.width));
}

const blocks = (look: Look, sectors: number): string => (look.human === null ? String(Math.ceil((sectors * 512) / look.unit)) : human(sectors * 512, look.human));

/** Right-aligned, with a blank behind; empty when it is not wanted. */
function columnOf(entries: readonly Entry[], wanted: boolean, text: (entry: Entry) => string, left = false): string[] {
  if (!wanted) return entries.map(() => '');
  const texts = entries.map(text);
  const width = Math.max(0, ...texts.map(one => one.length));
  return texts.map(one => `${left ? one.padEnd(width) : one.padStart(width)} `);
}

function longLines(look: Look, entries: readonly Entry[]): string {
  const { accounts } = look;
  const parts = [
    columnOf(entries, look.inode, ({ stat }) => String(stat.ino)), columnOf(entries, look.size, ({ sectors }) => blocks(look, sectors)), columnOf(entries, true, ({ stat }) => modeString(stat)),
    columnOf(entries, true, ({ stat }) => String(stat.nlink)), columnOf(entries, look.owner, ({ stat }) => accounts?.userName(stat.uid) ?? String(stat.uid), accounts !== null),
    columnOf(entries, look.group, ({ stat }) => accounts?.groupName(stat.gid) ?? String(stat.gid), accounts !== null), sizeColumn(look, entries), columnOf(entries, true, ({ stat }) => timeText(look, stat[look.time])),
  ];
  return entries.map((entry, at) => `${parts.map(part => part[at]!).join('')}${longName(look, entry)}\n`).join('');
}

/** Sizes, and the two numbers of a device in the same column. */
function sizeColumn(look: Look, entries: readonly Entry[]): string[] {
  const devices = entries.filter(({ stat }) => stat.rdev !== undefined);
  const major = Math.max(0, ...devices.map(({ stat }) => String(stat.rdev![0]).length));
  const minor = Math.max(0, ...devices.map(({ stat }) => String(stat.rdev![1]).length));
  return columnOf(entries, true, ({ stat: { rdev, size } }) => {
    if (rdev !== undefined) return `${String(rdev[0]).padStart(major)}, ${String(rdev[1]).padStart(minor)}`;
    return look.human === null ? String(Math.ceil(size / look.bytes)) : human(size, look.human);
  });
}

function timeText({ timeFormat, now }: Look, time: number): string {
  const recent = time <= now && now - time < HALF_YEAR;
  const chosen = timeFormat === null ? (recent ? '%b %e %H:%M' : '%b %e  %Y') : timeFormat === 'iso' ? (recent ? '%m-%d %H:%M' : '%Y-%m-%d ') : timeFormat;
  return strftime(chosen, new Date(time));
}

function longName(look: Look, { name, stat, target, targetStat }: Entry): string {
  if (target === null) return `${nameOf(look, name)}${sign(look, stat)}`;
  return `${nameOf(look, name)} -> ${nameOf(look, target)}${targetStat === null ? '' : sign(look, targetStat)}`;
}

/** The sign behind a name. */
function sign({ classify }: Look, { type, mode }: Stat): string {
  if (classify === null) return '';
  if (type === 'directory') return '/';
  if (classify === 'p') return '';
  return type === 'link' ? '@' : type === 'file' && classify === 'F' && (mode & 0o111) !== 0 ? '*' : '';
}

/** A name as -Q and -b have it. */
export function nameOf({ quoting }: Look, name: string): string {
  if (quoting !== 'Q' && quoting !== 'b') return name;
  const escaped = name.replaceAll(/[\\\n\t]/g, found => ({ '\\': '\\\\', '\n': '\\n', '\t': '\\t' })[found]!);
  return quoting === 'Q' ? `"${escaped.replaceAll('"', '\\"')}"` : escaped.replaceAll(' ', '\\ ');
}

function commas(cells: readonly string[], width: number): string {
  let text = '';
  let column = 0;
  for (const [at, cell] of cells.entries()) {
    const fits = at === 0 || column + 2 + cell.length + (at === cells.length - 1 ? 0 : 1) < width;
    text += at === 0 ? cell : fits ? `, ${cell}` : `,\n${cell}`;
    column = at === 0 || !fits ? cell.length : column + 2 + cell.length;
  }
  return text;
}

/** As many columns as fit, with two blanks between them; blanks up to the next column are tabs where a tab stop lies between. */
function columns(cells: readonly string[], across: boolean, width: number): string {
  for (let count = Math.min(cells.length, Math.floor(Math.min(width, 1000) / 3)); ; count--) {
    const rows = Math.ceil(cells.length / Math.max(count, 1));
    const at = (row: number, column: number): string | undefined => cells[across ? row * count + column : column * rows + row];
    const used = across ? count : Math.ceil(cells.length / rows);
    if (count > 1 && used < count) continue;
    const widths = Array.from({ length: Math.max(count, 1) }, (_, column) => Math.max(...Array.from({ length: rows }, (_row, row) => at(row, column)?.length ?? 0)) + 2);
    widths[widths.length - 1]! -= 2;
    if (count > 1 && widths.reduce((sum, one) => sum + one, 0) >= width) continue;
    return Array.from({ length: rows }, (_, row) => `${line(widths.map((_width, column) => at(row, column)), widths)}\n`).join('');
  }
}
const TAB = 8;
function line(cells: readonly (string | undefined)[], widths: readonly number[]): string {
  let text = '';
  let column = 0;
  let start = 0;
  for (const [at, cell] of cells.entries()) {
    if (cell === undefined) break;
    while (column < start) {
      const tab = Math.floor(start / TAB) > Math.floor((column + 1) / TAB);
      text += tab ? '\t' : ' ';
      column += tab ? TAB - (column % TAB) : 1;
    }
    text += cell;
    column += cell.length;
    start += widths[at]!;
  }
  return text;
}
