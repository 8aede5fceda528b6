/**
 * How kernel/sysctl.c of 2.6.12 reads and writes numbers as text: do_proc_dointvec() and do_proc_doulongvec_minmax(). A file holds one number
 * or several; whoever writes fewer sets the first ones. Numbers are in C's notation: 0x for 16, a leading 0 for 8.
 */
import { EINVAL } from '@pmkit/mm-core/include/linux/errno';

/** isspace() of the kernel, which takes 0xa0 too. */
const SPACE = /^[\t-\r \u00a0]*/;
/** What is converted at once: TMPBUFLEN less the end of the string. */
const NUMBER_LENGTH = 20;
const NUMBER = /^(?:0[xX]([0-9a-fA-F]+)|0([0-7]*)|([1-9][0-9]*))/;

interface Read { readonly negative: boolean; readonly value: bigint; /** Characters it took. */ readonly length: number }

/** One number at the start of `text`, which is not blank; null where there is none, or something that is not a blank sticks to it. */
function readNumber(text: string): Read | null {
  const buffer = text.slice(0, NUMBER_LENGTH);
  const negative = buffer.startsWith('-') && text.length > 1;
  const digits = negative ? buffer.slice(1) : buffer;
  const match = NUMBER.exec(digits);
  if (match === null) return null;
  const [all, sixteen, eight, ten] = match;
  const value = sixteen !== undefined ? BigInt(`0x${sixteen}`) : ten !== undefined ? BigInt(ten) : eight === undefined || eight === '' ? 0n : BigInt(`0o${eight}`);
  const next = digits[all.length];
  if (next !== undefined && SPACE.exec(next)![0] === '') return null;
  return { negative, value: BigInt.asUintN(64, value), length: all.length + Number(negative) };
}

/** Stores number `index` of the file. @returns false to refuse it, which ends the reading. */
type Store = (index: number, read: Read) => boolean;

/** One write(2). @returns the characters taken, or -EINVAL when not even the first number was. */
function writeVector(text: string, count: number, store: Store): number {
  let rest = text;
  let done = 0;
  while (rest !== '' && done < count) {
    rest = rest.slice(SPACE.exec(rest)![0].length);
    const read = rest === '' ? null : readNumber(rest);
    if (read === null) break;
    rest = rest.slice(read.length);
    if (!store(done, read)) break;
    done++;
  }
  rest = rest.slice(SPACE.exec(rest)![0].length);
  return done === 0 ? -EINVAL : text.length - rest.length;
}

/** What echo does: it writes again what a write(2) has left over. So `echo 1 2 3` to a file of two numbers ends with 3 in the first. */
function writeAll(text: string, count: number, store: Store): number {
  for (let rest = text; rest !== ''; ) {
    const taken = writeVector(rest, count, store);
    if (taken <= 0) return taken;
    rest = rest.slice(taken);
  }
  return 0;
}

/** Limits of proc_dointvec_minmax(). */
export interface Limits { readonly min?: number; readonly max?: number }

/**
 * proc_dointvec() and proc_dointvec_minmax() for a write: `set` gets C ints, by place.
 * @returns 0, or -EINVAL for text that is no number, or a number outside the limits; numbers in front of it are set all the same.
 */
export function writeInts(text: string, count: number, set: (index: number, value: number) => void, { min = -Infinity, max = Infinity }: Limits = {}): number {
  return writeAll(text, count, (index, { negative, value }) => {
    const int = Number(BigInt.asIntN(32, negative ? -value : value));
    if (int < min || int > max) return false;
    set(index, int);
    return true;
  });
}

/** proc_doulongvec_minmax(): a negative number is taken without a word and changes nothing. */
export function writeUlong(text: string, set: (value: number) => void): number {
  return writeAll(text, 1, (_index, { negative, value }) => {
    if (!negative) set(Number(value));
    return true;
  });
}

/** A file of numbers as it is read: tabs between them. */
export const numbersText = (numbers: readonly (number | string)[]): string => `${numbers.join('\t')}\n`;
