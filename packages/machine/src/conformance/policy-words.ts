/** Modes and flags of policies by their names in recordings. */
import type { Mode } from './operation.js';

/** Modes and their flags as today's kernels number them (include/uapi/linux/mempolicy.h). */
export const MODES: Readonly<Record<string, number>> = { default: 0, preferred: 1, bind: 2, interleave: 3, local: 4, prefmany: 5 };
const MODE_FLAGS: Readonly<Record<string, number>> = { static: 1 << 15, relative: 1 << 14, numabal: 1 << 13 };
const MBIND_FLAGS: Readonly<Record<string, number>> = { strict: 1, move: 2, moveall: 4, lazy: 8 };
const GETPOL_FLAGS: Readonly<Record<string, number>> = { node: 1, addr: 2, mems: 4 };

/** A word of a table, or a number. @throws {RangeError} for what is neither. */
export function numberOf(table: Readonly<Record<string, number>>, word: string, what: string): number {
  const value = table[word] ?? (/^-?\d+$/.test(word) ? Number(word) : undefined);
  if (value === undefined) throw new RangeError(`expected ${what} (${Object.keys(table).join(', ')}, or a number), found '${word}'`);
  return value;
}
export const modeNumber = ({ mode, flags }: Mode): number =>
  flags.reduce((value, flag) => value | numberOf(MODE_FLAGS, flag, 'a mode flag'), numberOf(MODES, mode, 'a mode'));
export const flagNumber = (flags: readonly string[], table: 'mbind' | 'getpol'): number =>
  flags.reduce((value, flag) => value | numberOf(table === 'mbind' ? MBIND_FLAGS : GETPOL_FLAGS, flag, 'a flag'), 0);
