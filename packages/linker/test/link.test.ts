import { describe, expect, it } from 'vitest';
import { definePatch, defineBase, link, LinkError, linkErrors, linkUnchecked, relink, Series } from '../src/index.js';
import { bare, full, newState, p1, p2, p3 } from './fixture.js';

const level0 = Series.of(full);
const level1 = level0.push(p1);
const level2 = level1.push(p2);
const level3 = level2.push(p3);

describe('link', () => {
  it('makes a kernel whose functions see the state and each other', () => {
    const kernel = linkUnchecked(level0, newState()) as unknown as { capture(page: number): number };
    expect(kernel.capture(3)).toBe(103);
    expect(kernel.capture(0)).toBe(-1);
  });
  it('lets old code call the new function', () => {
    const kernel = linkUnchecked(level1, newState()) as unknown as { capture(page: number): number };
    expect(kernel.capture(3)).toBe(-1);
    expect(kernel.capture(6)).toBe(106);
  });
  it("refuses a caller left behind by a changed prototype, in gcc's words", () => {
    expect(() => linkUnchecked(level2, newState())).toThrow(
      "mm/page_alloc.c: In function `capture':\nmm/page_alloc.c: error: too few arguments to function `migrate'",
    );
  });
  it('links again when the cure is on top', () => {
    const kernel = linkUnchecked(level3, newState()) as unknown as { capture(page: number): number };
    expect(kernel.capture(6)).toBe(106);
  });
  it('refuses new code on an old callee', () => {
    const early = Series.of(full).pushUnchecked({ ...p3, after: 'base' });
    expect(() => linkUnchecked(early, newState())).toThrow("error: too many arguments to function `migrate'");
  });
  it("refuses an undefined reference, in ld's words, and lists every complaint", () => {
    const lonely = defineBase({
      name: 'base', package: '@x/base',
      objects: {
        'mm/a.c': {
          a(this: { b(): number; c(): number }): number {
            return this.b() + this.c();
          },
        },
      },
    });
    const errors = linkErrors(Series.of(lonely).definitions, {});
    expect(errors.map(error => error.message)).toEqual([
      "mm/a.c: In function `a': undefined reference to `b'", "mm/a.c: In function `a': undefined reference to `c'",
    ]);
  });
  it('refuses an operation table that names no function', () => {
    const table = definePatch({ name: 't', package: '@x/t', after: 'base', adds: { 'fs/xfs.c': { xfs_aops: { writepage: 'nowhere' } } } });
    expect(() => linkUnchecked(Series.of(bare).pushUnchecked(table), newState())).toThrow("undefined reference to `nowhere'");
  });
  it('is checked by types as well', () => {
    const kernel = link(Series.of(bare), newState());
    expect(kernel.migrate(1)).toBe(101);
  });
});

describe('relink', () => {
  it('swaps the code of a running kernel and keeps its state and identity', () => {
    const state = newState();
    const kernel = linkUnchecked(level0, state) as unknown as { m: { busy: number }; capture(page: number): number };
    kernel.m.busy = 7;
    relink(kernel, level1);
    expect(kernel.capture(6)).toBe(13);
    relink(kernel, level0);
    expect(kernel.capture(3)).toBe(10);
    expect(kernel.m).toBe(state.m);
  });
  it('touches no row when the new series does not link', () => {
    const kernel = linkUnchecked(level1, newState()) as unknown as Record<string, unknown>;
    const before = { ...kernel };
    expect(() => {
      relink(kernel, level2);
    }).toThrow(LinkError);
    for (const name of Object.keys(before)) expect(kernel[name]).toBe(before[name]);
  });
  it('makes a symbol that is not linked at the level say so', () => {
    const more = definePatch({ name: 'more', package: '@x/m', after: 'base', adds: { 'mm/m.c': { later: () => 1 } } });
    const upper = Series.of(bare).pushUnchecked(more);
    const kernel = linkUnchecked(upper, newState()) as unknown as { later(): number };
    relink(kernel, Series.of(bare));
    expect(() => kernel.later()).toThrow('later() is not linked at this level');
  });
});

describe('the table', () => {
  it('has a row for every symbol of every level, in one order', () => {
    const rows = (kernel: object): string[] => Object.keys(kernel);
    const kernels = [level0, level3].map(level => linkUnchecked(level, newState()));
    expect(rows(kernels[0]!)).toEqual(rows(kernels[1]!));
  });
  it('refuses a symbol that is no identifier', () => {
    const odd = defineBase({ name: 'odd', package: '@x/odd', objects: { 'mm/odd.c': { 'a-b': () => 0 } } });
    expect(() => linkUnchecked(Series.of(odd), newState())).toThrow(TypeError);
  });
});
