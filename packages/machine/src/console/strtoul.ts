/** Numbers as C's library reads them from text; what every option and list of the real programs goes through. */

const ULONG_MAX = 2n ** 64n - 1n;

/** A number, and where in the text it ends; the end is where the search began when there is none. */
interface Parsed { readonly value: bigint; readonly end: number }

/**
 * strtoul() of glibc: white space, a sign, digits. Base 0 tells 0x10, 010 and 10 apart. What is too large is ULONG_MAX, and a
 * minus sign wraps around.
 * @param from index in `text` to begin at.
 */
export function strtoul(text: string, from = 0, base: 0 | 8 | 10 | 16 = 0): Parsed {
  const [, space, sign, rest] = /^([ \t\n\v\f\r]*)([+-]?)(.*)$/s.exec(text.slice(from)) as unknown as [string, string, string, string];
  const hex = (base === 0 || base === 16) && /^0x[\da-f]/i.test(rest);
  const radix = base === 0 ? (hex ? 16 : rest.startsWith('0') ? 8 : 10) : base;
  const [digits] = DIGITS[radix].exec(hex ? rest.slice(2) : rest) as RegExpExecArray;
  if (digits === '') return { value: 0n, end: from };
  const magnitude = BigInt(`${PREFIX[radix]}${digits}`);
  const value = magnitude > ULONG_MAX ? ULONG_MAX : sign === '-' ? BigInt.asUintN(64, -magnitude) : magnitude;
  return { value, end: from + space.length + sign.length + (hex ? 2 : 0) + digits.length };
}
const DIGITS = { 8: /^[0-7]*/, 10: /^\d*/, 16: /^[\da-f]*/i } as const;
const PREFIX = { 8: '0o', 10: '', 16: '0x' } as const;

/** strtoul() of a whole text; null when it is not a number from end to end. */
export function wholeNumber(text: string, base: 0 | 8 | 10 | 16 = 0): bigint | null {
  const { value, end } = strtoul(text, 0, base);
  return end === 0 || end < text.length ? null : value;
}

/** atoi() of glibc: an int; what does not fit keeps its low 32 bits, as strtol() and a cast leave it. */
export function atoi(text: string): number {
  const { value } = strtoul(text, 0, 10);
  return Number(BigInt.asIntN(32, value));
}
