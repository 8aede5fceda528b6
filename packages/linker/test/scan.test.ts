import { describe, expect, it } from 'vitest';
import { scanText } from '../src/scan.js';

describe('reading calls off a source text', () => {
  it.each([
    ['none', 'f() {}', []],
    ['no argument', 'f() { this.a(); }', [['a', 0]]],
    ['a trailing comma', 'f() { this.a(1, 2,); }', [['a', 2]]],
    ['calls in arguments', 'f() { this.a(this.b(1), [2, 3], { c: 4, d: 5 }); }', [['a', 3], ['b', 1]]],
    ['strings and comments', `f() { this.a("x, y)", '(', /* , */ 1); // this.b(1)\n }`, [['a', 3]]],
    ['a regular expression', 'f() { this.a(/[/,)]/, 1); }', [['a', 2]]],
    ['a division', 'f() { this.a(x / 2, y / 3); }', [['a', 2]]],
    ['a spread', 'f() { this.a(...x); }', [['a', -1]]],
    ['a word that ends in this', 'f() { othis.a(1); }', []],
    ['a field, not a call', 'f() { return this.m.flags[0] + this.a; }', []],
    ['yield*', 'function* f() { yield* this.a(b, c); }', [['a', 2]]],
  ])('%s', (_what, text, calls) => {
    expect(scanText(text).map(({ callee, args }) => [callee, args])).toEqual(calls);
  });
});
