/** What the printer of the flat kernels makes of kernel code. */
import { describe, expect, it } from 'vitest';
import { withConstants } from '../scripts/flat/print.mjs';
import { describe as describeModule, parseModule, printModule } from '../scripts/flat/transform.mjs';

const SYMBOLS = new Map([['put_page', { hasThis: true }], ['radix_tree_lookup', { hasThis: false }], ['msleep', { hasThis: true }]]);

function print(text: string): string {
  const printed = printModule(parseModule(text), {
    symbols: SYMBOLS, isMethod: (_source: string, name: string) => name === 'method', original: 'ORIGINAL', homeOf: (name: string) => `home-of-${name}`, runtime: 'RUNTIME',
  });
  return printed.split('\n').filter((line: string) => !/^import \{ sleepFlat|^const \$(?:table|method)/.test(line)).join('\n').replaceAll(/\s+/g, ' ').trim();
}

describe('a kernel function in a flat kernel', () => {
  it('has the kernel as its first parameter, and calls symbols directly', () => {
    expect(print('export function f(this: K<"put_page">, page: Page): void { this.put_page(page); this.radix_tree_lookup(this.m.tree); }')).toBe(
      "import { put_page as $$put_page } from 'home-of-put_page'; import { radix_tree_lookup as $$radix_tree_lookup } from 'home-of-radix_tree_lookup'; "
      + 'export function f($k: any, page: Page): void { $$put_page($k, page); $$radix_tree_lookup($k.m.tree); }');
  });
  it('that may sleep is a plain function, which sleeps where the original yields', () => {
    expect(print('export function* f(this: K, ms: number): MaySleep<void> { yield* this.msleep(ms); while (ms > 0) yield { kind: "timeout", until: ms }; }')).toBe(
      "import { msleep as $$msleep } from 'home-of-msleep'; export function f($k: any, ms: number): MaySleep<void> { $$msleep($k, ms); while (ms > 0) $sleep({ kind: \"timeout\", until: ms }); }");
  });
  it('has no preemption points', () => {
    expect(print('export function* f(this: K): MaySleep<void> { if (this.m.preemptible) yield PREEMPT; this.m.done = 1; }')).toBe('export function f($k: any): MaySleep<void> { ; $k.m.done = 1; }');
  });
  it('leaves a generator that does not sleep as it is: it hands out values', () => {
    expect(print('function* tasks(m: Machine): Generator<Task> { yield m.init_task; }')).toBe('function* tasks(m: Machine): Generator<Task> { yield m.init_task; }');
  });
  it('calls what has no row by its name, its own and imported functions', () => {
    expect(print("import { method } from './other.js'; import * as base from './base.js'; function own(this: K, a: number): void {} export function f(this: K): void { own.call(this, 1); method.call(this); base.method.call(this, 2); }")).toBe(
      "import { method } from './other.js'; import * as base from './base.js'; function own($k: any, a: number): void {} export function f($k: any): void { own($k, 1); method($k); base.method($k, 2); }");
  });
  it('calls symbols directly in helpers that are handed the kernel', () => {
    expect(print('function helper(k: K<"put_page">, page: Page): void { k.put_page(page); }')).toContain('function helper(k: K<"put_page">, page: Page): void { $$put_page(k, page); }');
  });
  it('looks up what it calls through a pointer', () => {
    expect(print('export function f(this: K, fn: Name): number { return this[fn](1); }')).toBe('export function f($k: any, fn: Name): number { return $k[fn](1); }');
  });
  it('looks up the methods of a mapping where it calls them', () => {
    expect(print("export function f(this: K, page: Page): void { const method = aop(this, page_mapping(this.m, page), 'writepage'); }")).toBe("export function f($k: any, page: Page): void { const method = $method($k, $k[page_mapping($k.m, page).a_ops].writepage); }");
  });
  it('hands callbacks the table: they run later, in an interrupt, and somebody may look on by then', () => {
    expect(print('export function f(this: K<"put_page">, page: Page): void { submit(() => { this.put_page(page); done(this, page); }); } function done(k: K<"put_page">, page: Page): void { k.put_page(page); }')).toBe(
      'export function f($k: any, page: Page): void { submit(() => { $table($k).put_page(page); done($table($k), page); }); } function done(k: K<"put_page">, page: Page): void { k.put_page(page); }');
  });
});

describe('data of a module in a flat kernel', () => {
  it('are the original ones where it matters which they are: tables and classes', () => {
    expect(print('export const swap_aops = { writepage: "swap_writepage" }; export class Bug {} export const SIZE = 1 << 6;')).toBe(
      "import { swap_aops } from 'ORIGINAL'; export { swap_aops }; import { Bug } from 'ORIGINAL'; export { Bug }; export const SIZE = 1 << 6;");
  });
  it('must not be a class that nobody else can name', () => {
    expect(() => print('class Hidden {}')).toThrow('class Hidden would be another in the flat kernel: export it');
  });
});

describe('what the bundler has printed', () => {
  it('has nothing at its top that could change but what does: V8 takes the rest for its value', () => {
    expect(withConstants('var next = 0;\nvar nr = 0;\nvar last = 0;\nvar a = (m) => {\n  next = m.next;\n  m.last = nr++;\n};\n')).toBe('var next = 0;\nvar nr = 0;\nconst last = 0;\nconst a = (m) => {\n  next = m.next;\n  m.last = nr++;\n};\n');
    expect(withConstants('var SIZE = 1 << 6;\nvar half = (n) => n / 2;\nfunction f($k, n = half(SIZE)) {\n  var inner = n;\n  function g() {\n  }\n  return inner;\n}\nfunction* tasks(m) {\n  yield m;\n}\n')).toBe(
      'const SIZE = 1 << 6;\nconst half = (n) => n / 2;\nconst f = ($k, n = half(SIZE)) => {\n  var inner = n;\n  function g() {\n  }\n  return inner;\n};\nconst tasks = function* (m) {\n  yield m;\n};\n');
  });
});

describe('what a flat kernel cannot do', () => {
  it('is left to the table where a task may wait for what need not come', () => {
    const functions = describeModule(parseModule("export function* sys_wait4(this: K): MaySleep<number> { yield { kind: 'child', pid: 1, options: 0 }; return 0; } export function* f(this: K): MaySleep<void> { yield { kind: 'page-lock', page }; }")) as Map<string, { unbounded: boolean }>;
    expect([...functions].map(([name, { unbounded }]) => [name, unbounded])).toEqual([['sys_wait4', true], ['f', false]]);
  });
});
