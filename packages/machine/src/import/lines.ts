/** Text files of /proc, line by line, with the words that all of them share. */
import { show } from '../topology/error.js';
import { ImportError } from './error.js';

/** /proc/PID/smaps of a process with all 65530 vmas that Linux allows has some 60 MB; a process to look at has far less. */
export const MAX_FILE_BYTES = 16 * 1024 * 1024;
/** sysctl vm.max_map_count of 2.6.12 and of today, a few more or less. */
export const MAX_VMAS = 65_536;

export interface Line { readonly text: string; readonly number: number }

/** What a parser knows of its file: how to refuse a line of it. */
export interface Source { readonly file: string }

export function fail({ file }: Source, line: Line | undefined, field: string, found: string, expected: string): never {
  throw new ImportError({ file, line: line?.number, field, found, expected });
}

/** Lines that are not empty. @throws ImportError when the text is larger than any such file. */
export function linesOf(source: Source, text: string): Line[] {
  if (text.length > MAX_FILE_BYTES) fail(source, undefined, 'size', `${text.length} characters`, `at most ${MAX_FILE_BYTES}`);
  return text.split('\n').map((line, at) => ({ text: line, number: at + 1 })).filter(({ text: line }) => line !== '');
}

/** A whole number in decimal of at most 15 digits. */
export function decimal(source: Source, line: Line, field: string, text: string | undefined): number {
  if (text !== undefined && /^\d{1,15}$/.test(text)) return Number(text);
  return fail(source, line, field, show(text), 'a whole number');
}

/** The smallest page that ia64 and x86 have; ends of vmas are multiples of it, so that a double holds them exactly. */
const SMALLEST_PAGE = 4096;

/** An address in hexadecimal without 0x, at the beginning of a page. */
export function pageAddress(source: Source, line: Line, field: string, text: string | undefined): number {
  const value = /^[0-9a-f]{1,16}$/.test(text ?? '') ? Number.parseInt(text ?? '', 16) : Number.NaN;
  if (value % SMALLEST_PAGE === 0) return value;
  return fail(source, line, field, show(text), `a multiple of ${SMALLEST_PAGE} in hexadecimal`);
}

/** Undoes seq_path(): a backslash and three octal digits stand for a character. */
export const unescapePath = (text: string): string => text.replace(/\\([0-3][0-7]{2})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)));
