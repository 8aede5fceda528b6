import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatList, parseBitmap, parseList, parseMask } from '../../src/topology/index.js';

const sets = fc.uniqueArray(fc.integer({ min: 0, max: 511 })).map((numbers) => numbers.sort((a, b) => a - b));

function words(numbers: readonly number[], prefix: string): string {
  const mask = Array.from({ length: 16 }, () => 0);
  for (const n of numbers) mask[15 - (n >> 5)]! |= 1 << (n & 31);
  return mask.map((word) => prefix + (word >>> 0).toString(16).padStart(8, '0')).join(',');
}

describe('sets of numbers in files', () => {
  it('come back from a list, a mask and a bitmap as they were', () => {
    fc.assert(
      fc.property(sets, (numbers) => {
        expect(parseList(formatList(numbers), 512)).toEqual({ numbers });
        expect(parseMask(words(numbers, ''), 512)).toEqual({ numbers });
        expect(parseBitmap(words(numbers, '0x'), 512)).toEqual({ numbers });
      }),
    );
  });

  it('are written with ranges', () => {
    expect(formatList([0, 1, 2, 5, 7, 8])).toBe('0-2,5,7-8');
    expect(formatList([])).toBe('');
  });

  it('may leave out words of an hwloc bitmap', () => {
    expect(parseBitmap('0x1,,0x2', 512)).toEqual({ numbers: [1, 64] });
  });

  it.each(['0-', '3-1', 'a', '1,,2', '-3', '0-3,2', '1 2'])('list %o is refused', (text) => {
    expect(parseList(text, 512)).toHaveProperty('found');
  });

  it('do not grow beyond what is asked for, whatever the text promises', () => {
    expect(parseList('0-999999999', 512)).toEqual({ found: 'number 999999999', expected: 'numbers below 512' });
    expect(parseMask(`1${',00000000'.repeat(16)}`, 512)).toHaveProperty('found', 'number 512');
  });

  it.each(['0xf...f', '0xg', '1', '0x123456789', ''])('bitmap %o', (text) => {
    expect(parseBitmap(text, 512)).toSatisfy((answer: object) => (text === '' ? 'numbers' in answer : 'found' in answer));
  });
});
