/** A printed function computes what it did, and notes the arms that were taken: no more and no less. */
import { describe, expect, it } from 'vitest';
import { printCovered } from '../../cover/print.js';
import { lower } from '../../record/lower.js';

type Test = (o: never) => unknown;

const load = (code: string, hits: Uint8Array): Test =>
  // oxlint-disable-next-line typescript/no-implied-eval, typescript/no-unsafe-call -- code under test
  new Function('$hits', `${code.replaceAll('export ', '')}\nreturn test;`)(hits) as Test;

const isGenerator = (value: unknown): value is Generator => Object.prototype.toString.call(value) === '[object Generator]';

/** What a function returns, with what it yields on the way; it is given 1, 2, 0, 1, … in return. */
function outcomeOf(test: Test, o: unknown): unknown {
  const input = structuredClone(o);
  const result = test(input as never);
  if (!isGenerator(result)) return [result, input];
  const yields: unknown[] = [];
  for (;;) {
    const step = result.next(yields.length % 3);
    if (step.done === true) return [step.value, input, yields];
    yields.push(step.value);
  }
}

interface Covered { readonly same: boolean; readonly arms: readonly string[]; readonly entered: readonly string[] }

/** Runs a module's function `test` as it stands and printed. @returns of the printed one what it has entered, and the arms without their places. */
async function cover(code: string, o: unknown): Promise<Covered> {
  const { text, functions, slot } = printCovered(code, { file: 'snippet.ts', slot: 0, runtime: 'runtime' });
  const hits = new Uint8Array(slot);
  const printed = load((await lower(text, 'snippet.ts')).replace(/^import .*?;/, ''), hits);
  const plain = load(await lower(code, 'snippet.ts'), hits);
  const expected = outcomeOf(plain, o);
  expect(hits.every(hit => hit === 0)).toBe(true);
  const found = outcomeOf(printed, o);
  return {
    same: JSON.stringify(found) === JSON.stringify(expected),
    entered: functions.filter(one => hits[one.slot] === 1).map(({ name }) => name),
    arms: functions.flatMap(one => one.arms.filter((_, i) => hits[one.slot + 1 + i] === 1)),
  };
}
const withoutPlaces = (arms: readonly string[]): string[] => arms.map(arm => arm.replace(/^\d+:\d+ /, ''));

type Row = readonly [what: string, code: string, o: unknown, arms: readonly string[]];
const body = (code: string): string => `export function test(o: any) { ${code} }`;

describe('arms of', () => {
  it.each([
    ['if', 'if (o) return 1; return 2;', 1, ['if']],
    ['if without else', 'if (o) return 1; return 2;', 0, ['else']],
    ['if, else if', 'if (o > 9) return 1; else if (o > 4) return 2; else return 3;', 5, ['else', 'if']],
    ['if in if without brackets', 'if (o) if (o > 4) return 1; else return 2; return 3;', 2, ['if', 'else']],
    ['?:', 'return o ? o > 4 ? 1 : 2 : 3;', 2, ['?', ':']],
    ['a tested ?:', 'return (o > 1 ? o > 2 : o < 0) ? 1 : 2;', 2, [':', '?']],
    ['&& that ends', 'return o.a && o.b;', { a: '', b: 1 }, ['&& ends']],
    ['&& that does not', 'return o.a && o.b;', { a: 1, b: 0 }, ['&& last']],
    ['&& of three', 'return o.a && o.b && o.c;', { a: 1, b: 0, c: 3 }, ['&& ends']],
    ['|| that ends', 'return o.a || o.b;', { a: 'x', b: 1 }, ['|| ends']],
    ['|| of three that does not', 'return o.a || o.b || o.c;', { a: 0, b: null, c: 3 }, ['|| last']],
    ['?? of an empty text', 'return o.a ?? o.b;', { a: '', b: 1 }, ['?? ends']],
    ['?? of nothing', 'return o.a ?? o.n ?? o.b;', { b: 1 }, ['?? last']],
    ['&& and || in each other', 'return (o.a || o.b) && (o.c ?? o.d);', { b: 2, d: 4 }, ['&& last', '|| last', '?? last']],
    ['tested && and ||', 'if (!(o.a && (o.b || o.c)) || o.d) return 1; return 2;', { a: 5, c: 6 }, ['else', '|| last', '&& last', '|| last']],
    ['a tested ??', 'if (o.a ?? o.b) return 1; return 2;', { a: 0, b: 1 }, ['else', '?? ends']],
    ['||= that assigns', 'o.a ||= 7; return o.a;', { a: 0 }, ['||= assigns']],
    ['??= that leaves it', 'const a = (o.a ??= (o.b ??= 3)); return a;', { a: 0 }, ['??= leaves it']],
    ['??= in ??=', 'const a = (o.a ??= (o.b ??= 3)); return a;', { b: 2 }, ['??= assigns', '??= leaves it']],
    ['switch', 'switch (o) { case 1: return "a"; case 2: return "b"; default: return "c"; }', 2, ['case']],
    ['switch that falls through', 'let s = ""; switch (o) { case 1: case 2: s += "a"; case 3: s += "b"; } return s;', 1, ['case', 'case', 'case']],
    ['switch with no case for it', 'let s = ""; switch (o) { case 1: s += "a"; } return s;', 7, ['no case']],
    ['for', 'let n = 0; for (let i = 0; i < o; i++) n += i; return n;', 3, ['loop']],
    ['for that is passed by', 'let n = 0; for (let i = 0; i < o; i++) n += i; return n;', 0, ['no loop']],
    ['for of', 'const found = []; for (const { a } of o) if (a) found.push(a); return found;', [{ a: 1 }, { a: 0 }], ['loop', 'if', 'else']],
    ['for in', 'let n = 0; for (const key in o) n += o[key]; return n;', {}, ['no loop']],
    ['while in while', 'let n = 0; while (n < o) { while (n > 100) n--; n++; } return n;', 2, ['loop', 'no loop']],
    ['while with && in its test', 'let n = 0; while (n < 9 && n < o) n++; return n;', 2, ['loop', '&& last']],
    ['do while once', 'let n = 0; do n++; while (n < o); return n;', 1, ['not again']],
    ['do while twice', 'let n = 0; do n++; while (n < o); return n;', 2, ['again', 'not again']],
    ['an endless loop', 'let n = 0; for (;;) if (++n > o) return n;', 1, ['if', 'else']],
    ['a loop with a label', 'let n = 0; outer: for (const a of o) { for (const b of a) { if (b) continue outer; n++; } } return n;', [[0, 1, 1], []], ['loop', 'loop', 'no loop', 'if', 'else']],
    ['a function inside', 'return o.map((a: number) => (a > 1 ? a : 0)).filter((a: number) => a > 0 || !o);', [1, 2], ['?', ':', '|| ends', '|| last']],
    ['a default value', 'const f = (a = o ? 1 : 2) => a; return [f(), f(5)];', 0, [':']],
    ['a declaration after a case', 'switch (o) { case 1: const a = 2; return a; } return 0;', 1, ['case']],
  ] satisfies Row[])('%s', async (_what, code, o, arms) => {
    const { same, arms: found, entered } = await cover(body(code), o);
    expect(same).toBe(true);
    expect([...withoutPlaces(found)].sort()).toEqual([...arms].sort());
    expect(entered).toEqual(['test']);
  });
  it('functions that sleep, each of which may sleep in the middle of an operand', async () => {
    const code = `function* sleeps(n: number) { return (yield n) as number; }
export function* test(o: number[]) { let n = 0; for (const a of o) n += ((yield* sleeps(a)) && (yield 100 + a)) ? 1 : (n ||= yield* sleeps(-a)); return n; }`;
    const { same, arms, entered } = await cover(code, [1, 2]);
    expect(same).toBe(true);
    expect(withoutPlaces(arms).sort()).toEqual(['&& ends', '&& last', ':', '?', 'loop', '||= leaves it'].sort());
    expect(entered).toEqual(['sleeps', 'test']);
  });
});

describe('what is named', () => {
  it('are functions by where they are in the module, with arms at their places in the source', () => {
    const { functions } = printCovered(`/* a comment */
const double = (n: number): number => n > 0 ? 2 * n : n;
const list = [1, 2].map(n => n > 1 ? 1 : 0);
const table = { open() { return 1; }, close: (n: number) => n };
class Counter { #n = 0; get count(): number { return this.#n || 1; } }
export function test(this: unknown, o: number): number {
  const inner = () => o && 1;
  return double(inner());
}`, { file: 'snippet.ts', slot: 100, runtime: 'runtime' });
    expect(functions).toEqual([
      { name: 'double', file: 'snippet.ts', line: 2, slot: 100, byName: false, arms: ['2:39 ?', '2:39 :'] },
      { name: 'table.open', file: 'snippet.ts', line: 4, slot: 103, byName: false, arms: [] },
      { name: 'table.close', file: 'snippet.ts', line: 4, slot: 104, byName: false, arms: [] },
      { name: 'Counter.count', file: 'snippet.ts', line: 5, slot: 105, byName: false, arms: ['5:54 || ends', '5:65 || last'] },
      { name: 'test', file: 'snippet.ts', line: 6, slot: 108, byName: false, arms: ['7:23 && ends', '7:28 && last'] },
    ]);
  });
  it('are functions of other packages that are called by name', () => {
    const source = `import * as page_alloc from '@pmkit/mm-core/mm/page_alloc';
import { get_page, put_page as put } from '@pmkit/mm-core/include/linux/mm';
import { own } from './own.js';
export function test(this: unknown) { page_alloc.free_hot_page.call(this, get_page(put(own()))); }`;
    expect(printCovered(source, { file: 'snippet.ts', slot: 0, runtime: 'runtime' }).imports).toEqual([
      'mm-core/src/mm/page_alloc.ts free_hot_page', 'mm-core/src/include/linux/mm.ts get_page', 'mm-core/src/include/linux/mm.ts put_page',
    ]);
  });
  it('is nothing that begins with $', () => {
    expect(() => printCovered(body('const $t = o; return $t;'), { file: 'snippet.ts', slot: 0, runtime: 'runtime' })).toThrow(/^snippet\.ts: names that begin with \$ are the printer's: \$t$/);
  });
});
