/** Sets of nodes and CPUs: ascending lists in programs, bit masks in system calls, hexadecimal words in files. */
import { parseMask } from '../../../../topology/lists.js';

/** A mask of `bits` bits for the kernel, whole longs of 64. Numbers that do not fit are not set, as by numa_bitmask_setbit(). */
export function toMask(numbers: Iterable<number>, bits: number): Uint32Array {
  const mask = new Uint32Array(2 * Math.ceil(bits / 64));
  for (const number of numbers) if (number >= 0 && number < bits) mask[number >> 5]! |= 1 << (number & 31);
  return mask;
}

export function fromMask(mask: Uint32Array): number[] {
  const numbers: number[] = [];
  for (const [at, word] of mask.entries()) {
    for (let left = word; left !== 0; left &= left - 1) numbers.push(at * 32 + (31 - Math.clz32(left & -left)));
  }
  return numbers;
}

/** Words of hexadecimal as the kernel writes them, highest first; null when the text is not that, or says more than `bits` bits. */
export function fromHex(text: string, bits: number): readonly number[] | null {
  const parsed = parseMask(text, bits);
  return 'numbers' in parsed ? parsed.numbers : null;
}

export const upTo = (count: number): number[] => Array.from({ length: Math.max(0, count) }, (_, i) => i);
