import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fixed } from '../../../src/console/programs/numa/fixed.js';
import { fromHex, fromMask, toMask } from '../../../src/console/programs/numa/libnuma/masks.js';
import { memsize, parsePolicy } from '../../../src/console/programs/numa/libnuma/policies.js';
import { atoi, strtoul, wholeNumber } from '../../../src/console/strtoul.js';

describe('numbers of C', () => {
  it.each<[string, bigint, number]>([
    ['12x', 12n, 2], [' \t+7', 7n, 4], ['0x1fg', 31n, 4], ['0x', 0n, 1], ['017', 15n, 3], ['08', 0n, 1], ['-1', 2n ** 64n - 1n, 2], ['99999999999999999999', 2n ** 64n - 1n, 20], ['x', 0n, 0], ['', 0n, 0], ['- 1', 0n, 0],
  ])('strtoul(%j)', (text, value, end) => {
    expect(strtoul(text)).toEqual({ value, end });
  });
  it('may have a base', () => {
    expect([strtoul('0x10', 0, 16).value, strtoul('0600', 0, 8).value, strtoul('010', 0, 10).value, strtoul('a7', 1).value]).toEqual([16n, 0o600n, 10n, 7n]);
  });
  it('are whole, or not', () => {
    expect([wholeNumber('12'), wholeNumber('12 '), wholeNumber(''), wholeNumber('644', 8)]).toEqual([12n, null, null, 0o644n]);
  });
  it('atoi() takes what there is', () => {
    expect([atoi('12abc'), atoi('-3'), atoi(''), atoi('4294967297')]).toEqual([12, -3, 0, 1]);
  });
});

describe('printf("%.*f")', () => {
  it('rounds what is in the middle to even', () => {
    expect([fixed(0.125, 2), fixed(0.375, 2), fixed(2.5, 0), fixed(3.5, 0), fixed(0.015625, 2), fixed(1 / 3, 2), fixed(-0.125, 2)]).toEqual(['0.12', '0.38', '2', '4', '0.02', '0.33', '-0.12']);
  });
  it('is never further off than half of the last place', () => {
    fc.assert(fc.property(fc.nat(1 << 20), fc.constantFrom(0, 1, 2), (pages, places) => {
      expect(Math.abs(Number(fixed(pages / 64, places)) - pages / 64)).toBeLessThanOrEqual(0.5 * 10 ** -places + 1e-9);
    }));
  });
});

it('sizes have a letter behind, or not', () => {
  expect(['10', '4k', '2M', '1g', '0x10k', '3x', ''].map(memsize)).toEqual([10, 4096, 2 << 20, 1 << 30, 16384, 3, 0]);
});
it('policies may have dashes in front, and most need nodes', () => {
  expect([parsePolicy(undefined, undefined), parsePolicy('--membind', '1'), parsePolicy('membind', undefined), parsePolicy('local', undefined), parsePolicy('constructor', '1')]).toEqual([0, 2, null, 4, null]);
});
it('masks are what they were after the kernel has written them and a program has read them', () => {
  fc.assert(fc.property(fc.uniqueArray(fc.nat(299), { maxLength: 20 }), given => {
    const numbers = given.sort((a, b) => a - b);
    const mask = toMask(numbers, 300);
    const hex = [...mask].map(word => word.toString(16).padStart(8, '0')).reverse().join();
    expect([fromMask(mask), fromHex(`${hex}\n`, 320)]).toEqual([numbers, numbers]);
  }));
});
