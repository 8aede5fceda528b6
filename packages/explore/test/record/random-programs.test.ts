/**
 * Random programs compute the same when they are printed, and the recorder sees of them what a Proxy around everything sees: an observer
 * that the language itself provides.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { valueOf } from '../../src/record/names.js';
import { outcomeOf, plainSnippet, printedSnippet, record, type Readable } from './snippets.js';

interface State { a: number; b: number; p: { a: number; q: { b: number } }; list: number[]; w: Uint8Array; none: null }
const newState = (): State => ({ a: 1, b: 250, p: { a: 3, q: { b: 4 } }, list: [5, 6, 7, 8], w: new Uint8Array([9, 255, 0, 1]), none: null });

/* Programs. */

const { expression, statement } = fc.letrec<{ expression: string; place: string; statement: string }>(tie => {
  const e = tie('expression');
  const joined = (...parts: (string | fc.Arbitrary<string>)[]): fc.Arbitrary<string> => fc.tuple(...parts.map(part => (typeof part === 'string' ? fc.constant(part) : part))).map(texts => texts.join(''));
  const binary = fc.constantFrom(' + ', ' - ', ' * ', ' | ', ' & ', ' ^ ', ' < ', ' === ', ' && ', ' || ');
  const compound = fc.constantFrom('=', '+=', '-=', '|=', '&=', '^=', '*=', '<<=', '??=', '||=', '&&=');
  const place = fc.oneof(
    { depthSize: 'small' },
    fc.constantFrom('o.a', 'o.b', 'o.p.a', 'o.p.q.b', 'o["a"]', 'o.list[1]', 'o.w[1]', 'o.p[key]', 'get().a'),
    joined('o.list[(', e, ') & 3]'),
    joined('o.w[(', e, ') & 3]'),
    joined('get(', e, ').p.a'),
  );
  return {
    place,
    expression: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      fc.constantFrom('one', 'two', 'big', 'x', 'y', 'o.none?.x.y', '(o.none ?? 3)'),
      tie('place'),
      joined('(', e, binary, e, ')'),
      joined('(', e, ' ? ', e, ' : ', e, ')'),
      joined('(', tie('place'), ' ', compound, ' ', e, ')'),
      joined('(', tie('place'), fc.constantFrom('++', '--'), ')'),
      joined('(', fc.constantFrom('++', '--'), tie('place'), ')'),
      joined('(x = ', e, ')'),
      joined('bump(', e, ')'),
      joined('(YIELD ', e, ')'),
      joined('(-', e, ')'),
    ),
    statement: fc.oneof(
      { depthSize: 'small' },
      joined(e, ';'),
      joined(tie('place'), fc.constantFrom('++;', '--;')),
      joined(tie('place'), fc.constantFrom(' += ', ' -= '), e, ';'),
      joined('if (', e, ') { ', tie('statement'), ' } else { ', tie('statement'), ' }'),
      joined('for (let i = 0; i < 2; i++) { ', tie('statement'), ' }'),
      joined('for (const v of o.list) { x += v; ', tie('statement'), ' }'),
      joined('{ const { a: n, p: { q: { b: k = 1, c = ', e, ' } } } = o; x += n + k + c; }'),
      joined('({ a: x, b: ', tie('place'), ' } = o);'),
      joined('[x, y] = [y, ', e, '];'),
      joined('[', tie('place'), ', x] = [', e, ', y];'),
      joined('[x, , y = two] = o.list;'),
      joined('x = (({ a, q: { b } }, [c = 2] = []) => { return a + b + c; })(o.p);'),
      joined('if (o.list.length < 8) o.list.push(', e, ');'),
      joined('x = o.list.pop();'),
      joined('x = [...o.list, ', e, '].length;'),
    ),
  };
});

const program = fc.array(statement, { minLength: 1, maxLength: 5 }).chain(body => fc.tuple(fc.constant(body.join('\n')), fc.boolean(), expression)).map(([body, sleeps, result]) => ({
  sleeps,
  code: `const key = 'a';\nexport function${sleeps ? '*' : ''} test(o) {\n let x = 0, y = 1, one = 1, two = 2, big = 300;\n const get = () => o;\n const bump = by => { o.a += by & 1; return o.a; };\n ${body}\n return [x, y, ${result}];\n}`
    .replaceAll('YIELD', sleeps ? 'yield' : ''),
}));

/* What a Proxy sees. */

interface Seen { readonly reads: Set<string>; readonly writes: Set<string> }

function observed<T extends object>(o: T, path: string, seen: Seen): T {
  const place = (key: PropertyKey): string => `${path}.${String(key)}`;
  return new Proxy(o, {
    get(target, key) {
      const value: unknown = Reflect.get(target, key);
      if (typeof value === 'function') return value;
      if (typeof key === 'string' && !(ArrayBuffer.isView(target) && value === undefined) && !seen.writes.has(place(key))) seen.reads.add(place(key));
      return typeof value === 'object' && value !== null ? observed(value, place(key), seen) : value;
    },
    set(target, key, value) {
      seen.writes.add(place(key));
      return Reflect.set(target, key, value);
    },
    has: (target, key) => {
      if (typeof key === 'string') seen.reads.add(place(key));
      return Reflect.has(target, key);
    },
    /* pop() shortens what it has taken the last element from. */
    deleteProperty(target, key) {
      seen.writes.add(place(key));
      return Reflect.deleteProperty(target, key);
    },
    defineProperty(target, key, property) {
      seen.writes.add(place(key));
      return Reflect.defineProperty(target, key, property);
    },
  });
}

/** A place's value, undefined when it is not there. */
function valueAt(o: unknown, place: string): unknown {
  return place.split('.').slice(1).reduce<unknown>((at, key) => (at as Record<string, unknown> | undefined)?.[key], o);
}

function check({ reads, writes, adds }: Readable, seen: Seen, before: State, after: State, code: string): void {
  const changed = [...seen.writes].filter(place => !Object.is(valueAt(before, place), valueAt(after, place)));
  expect([...Object.keys(writes), ...Object.keys(adds)].sort()).toEqual(changed.sort());
  for (const [place, [old, now]] of Object.entries(writes)) expect([old, now], place).toEqual([valueOf(valueAt(before, place)), valueOf(valueAt(after, place))]);
  for (const [place, delta] of Object.entries(adds)) expect(delta, place).toBe((valueAt(after, place) as number) - (valueAt(before, place) as number));
  // what was put back counts as read; what is only added to does not
  const touched = new Set([...seen.reads, ...[...seen.writes].filter(place => !changed.includes(place))]);
  for (const place of Object.keys(reads)) expect(touched, `${place} was not read`).toContain(place);
  const adding = /\+\+|--|[+-]=/.test(code);
  for (const place of touched) if (!(place in reads) && !(adding && (place in adds || !changed.includes(place)))) throw new Error(`${place} was read`);
}

describe('random programs', () => {
  it('compute the same and are seen alike', async () => {
    await fc.assert(
      fc.asyncProperty(program, async ({ code }) => {
        const plain = newState();
        const expected = outcomeOf(plainSnippet(code), plain);
        const seen: Seen = { reads: new Set(), writes: new Set() };
        const watched = newState();
        expect(outcomeOf(plainSnippet(code), observed(watched, 'o', seen)).yields).toEqual(expected.yields);
        const printed = newState();
        const { result, yields, ...footprint } = record(await printedSnippet(code), printed);
        expect({ result, yields }).toEqual(expected);
        expect(printed).toEqual(plain);
        check(footprint, seen, newState(), printed, code);
      }),
      { numRuns: 300 },
    );
  });
});
