/**
 * The ways in which Linux and hwloc write down a set of numbers. All three parsers answer with an ascending list, or with
 * a sentence that says what is wrong; none of them makes a list longer than `limit`, whatever the text promises.
 */
import { show } from './error.js';

export type Parsed = { readonly numbers: readonly number[] } | { readonly found: string; readonly expected: string };

/** `0-3,8,10-11`: cpulist, `online` (bitmap_scnlistprintf() of Linux). Empty is the empty set. */
export function parseList(text: string, limit: number): Parsed {
  const trimmed = text.trim();
  if (trimmed === '') return { numbers: [] };
  const numbers: number[] = [];
  for (const part of trimmed.split(',')) {
    const match = /^(\d{1,9})(?:-(\d{1,9}))?$/.exec(part);
    const first = Number(match?.[1]);
    const last = Number(match?.[2] ?? match?.[1]);
    if (match === null || last < first) return { found: show(part), expected: 'a list such as 0-3,8' };
    if (last >= limit) return { found: `number ${last}`, expected: `numbers below ${limit}` };
    if (first <= (numbers.at(-1) ?? -1)) return { found: `${first} after ${numbers.at(-1)}`, expected: 'an ascending list' };
    for (let n = first; n <= last; n++) numbers.push(n);
  }
  return { numbers };
}

/** `00000000,0000000f`: cpumap, words of 32 bits in hexadecimal, highest first (bitmap_scnprintf() of Linux). */
export function parseMask(text: string, limit: number): Parsed {
  return fromWords(text.trim().split(','), /^[0-9a-fA-F]{1,8}$/, limit, 'words of 32 bits such as 00000000,0000000f');
}

/**
 * `0x00000001,,0x0000000f`: as hwloc writes its bitmaps; a word without bits may be left empty. `0xf...f` in front stands
 * for a set without end, which no list of CPUs is.
 */
export function parseBitmap(text: string, limit: number): Parsed {
  const words = text.trim().split(',').map((word) => (word === '' ? '0x0' : word));
  return fromWords(words, /^0x[0-9a-fA-F]{1,8}$/, limit, 'a finite hwloc bitmap such as 0x0000000f');
}

function fromWords(words: readonly string[], pattern: RegExp, limit: number, expected: string): Parsed {
  const numbers: number[] = [];
  const count = words.length;
  for (let at = count - 1; at >= 0; at--) {
    const word = words[at] ?? '';
    if (!pattern.test(word)) return { found: show(word), expected };
    const bits = Number.parseInt(word, 16);
    if (bits === 0) continue;
    for (let bit = 0; bit < 32; bit++) {
      if (((bits >>> bit) & 1) === 0) continue;
      const number = (count - 1 - at) * 32 + bit;
      if (number >= limit) return { found: `number ${number}`, expected: `numbers below ${limit}` };
      numbers.push(number);
    }
  }
  return { numbers };
}
