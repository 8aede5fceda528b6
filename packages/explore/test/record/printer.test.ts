/** Each form that the printer rewrites computes what it did, and records what it reads and writes: no more and no less. */
import { describe, expect, it } from 'vitest';
import { lower } from '../../record/lower.js';
import { printModule } from '../../record/print.js';
import type { Value } from '../../src/record/footprint.js';
import { recorder } from '../../src/record/recorder.js';
import { outcomeOf, plainSnippet, printedSnippet, record } from './snippets.js';

interface Case {
  readonly what: string;
  readonly code: string;
  readonly o: () => object;
  readonly reads?: Record<string, Value>;
  readonly writes?: Record<string, [Value, Value]>;
  readonly adds?: Record<string, number>;
}
/** A case whose code is the inside of a function of `o`. */
const body = (what: string, code: string, o: () => object, expected: Omit<Case, 'what' | 'code' | 'o'>): Case => ({ what, code: `export function test(o) { ${code} }`, o, ...expected });
const generator = (what: string, code: string, o: () => object, expected: Omit<Case, 'what' | 'code' | 'o'>): Case => ({ what, code: `export function* test(o) { ${code} }`, o, ...expected });

const fields: Case[] = [
  body('a field', 'return o.a;', () => ({ a: 1, b: 2 }), { reads: { 'o.a': 1 } }),
  body('a field by a computed name', 'const k = "a"; return o[k] + o["b"];', () => ({ a: 1, b: 2 }), { reads: { 'o.a': 1, 'o.b': 2 } }),
  body('a field that is not there', 'return o.a;', () => ({}), { reads: { 'o.a': 'u' } }),
  body('values of all kinds', 'return [o.a, o.b, o.c, o.d, o.e, o.f];', () => ({ a: 's', b: true, c: undefined, d: null, e: 5n, f: -0 }),
    { reads: { 'o.a': 's:s', 'o.b': 'b:1', 'o.c': 'u', 'o.d': 'n', 'o.e': 'i:5', 'o.f': -0 } }),
  body('objects, by where they are', 'return o.a.b.c;', () => ({ a: { b: { c: 1 } } }), { reads: { 'o.a': 'o.a', 'o.a.b': 'o.a.b', 'o.a.b.c': 1 } }),
  body('a read twice', 'return o.a + o.a;', () => ({ a: 1 }), { reads: { 'o.a': 1 } }),
  body('a write', 'o.a = 2;', () => ({ a: 1 }), { writes: { 'o.a': [1, 2] } }),
  body('a write of the value that is there', 'o.a = 1;', () => ({ a: 1 }), { reads: { 'o.a': 1 } }),
  body('a field that is put back', 'o.a = 2; o.a = 1;', () => ({ a: 1 }), { reads: { 'o.a': 1 } }),
  body('an addition that is taken back', 'o.a++; o.a--;', () => ({ a: 1 }), {}),
  body('writes one after the other', 'o.a = 2; o.a = 3; return o.a;', () => ({ a: 1 }), { writes: { 'o.a': [1, 3] } }),
  body('a read before a write', 'const a = o.a; o.a = a + 1; return a;', () => ({ a: 1 }), { reads: { 'o.a': 1 }, writes: { 'o.a': [1, 2] } }),
  body('a write whose value is used', 'return o.a = o.b = 5;', () => ({ a: 1, b: 2 }), { writes: { 'o.a': [1, 5], 'o.b': [2, 5] } }),
  body('a new field', 'o.b = 2;', () => ({ a: 1 }), { writes: { 'o.b': ['u', 2], 'o.ORDER': ['s:a', 's:a\nb'] } }),
  body('delete', 'return delete o.a;', () => ({ a: 1, b: 2 }), { writes: { 'o.a': [1, 'u'], 'o.ORDER': ['s:a\nb', 's:b'] } }),
  body('in', 'return "a" in o;', () => ({ a: 1 }), { reads: { 'o.a': 1 } }),
  body('typeof, and the other operators', 'return typeof o.a + -o.b + !o.c;', () => ({ a: 1, b: 2, c: 3 }), { reads: { 'o.a': 1, 'o.b': 2, 'o.c': 3 } }),
  body('what is not evaluated', 'return o.a && o.b || (o.c ? o.d : o.e);', () => ({ a: 0, b: 1, c: 1, d: 4, e: 5 }), { reads: { 'o.a': 0, 'o.c': 1, 'o.d': 4 } }),
  body('?., ?? and ??=', 'o.b ??= 7; return [o.a?.x, o.n?.x.y, o.a.x ?? 3, o.b];', () => ({ a: { x: 1 }, n: null, b: undefined }),
    { reads: { 'o.a': 'o.a', 'o.a.x': 1, 'o.n': 'n', 'o.b': 'u' }, writes: { 'o.b': ['u', 7] } }),
  body('a call by way of ?.', 'return [o.f?.(1), o.g?.(1)];', () => ({ f: undefined }), { reads: { 'o.f': 'u', 'o.g': 'u' } }),
  body('a template', 'return `${o.a} and ${o.list}`;', () => ({ a: 1, list: [1, 2] }), { reads: { 'o.a': 1, 'o.list': 'o.list', 'o.list.length': 2, 'o.list.0': 1, 'o.list.1': 2 } }),
];

const updates: Case[] = [
  body('x++ unused', 'o.a++; ++o.a; o.b--;', () => ({ a: 1, b: 5 }), { adds: { 'o.a': 2, 'o.b': -1 } }),
  body('x += constant unused', 'o.a += 3; o.a -= 1; o["b"] += 2;', () => ({ a: 1, b: 5 }), { adds: { 'o.a': 2, 'o.b': 2 } }),
  body('x++ in a for statement', 'for (let i = 0; i < 3; i++, o.a++);', () => ({ a: 1 }), { adds: { 'o.a': 3 } }),
  body('x++ used', 'return [o.a++, ++o.a, o.a--, --o.a];', () => ({ a: 1 }), { reads: { 'o.a': 1 } }),
  body('x += used', 'return o.a += 3;', () => ({ a: 1 }), { reads: { 'o.a': 1 }, writes: { 'o.a': [1, 4] } }),
  body('an addition, then a read', 'o.a++; return o.a;', () => ({ a: 1 }), { reads: { 'o.a': 1 }, writes: { 'o.a': [1, 2] } }),
  body('an addition, then a write', 'o.a++; o.a = 7;', () => ({ a: 1 }), { reads: { 'o.a': 1 }, writes: { 'o.a': [1, 7] } }),
  body('a write, then an addition', 'o.a = 7; o.a++;', () => ({ a: 1 }), { writes: { 'o.a': [1, 8] } }),
  body('addition to text', 'o.a += "x";', () => ({ a: 's' }), { reads: { 'o.a': 's:s' }, writes: { 'o.a': ['s:s', 's:sx'] } }),
  body('addition of a fraction', 'o.a += 0.5;', () => ({ a: 1 }), { reads: { 'o.a': 1 }, writes: { 'o.a': [1, 1.5] } }),
  body('addition where the value is found out by a call that leaves the place alone', 'const f = () => 2; o.a += f();', () => ({ a: 1 }), { adds: { 'o.a': 2 } }),
  body('addition where that call writes the place', 'const f = () => { o.a = 100; return 2; }; o.a += f();', () => ({ a: 1 }), { reads: { 'o.a': 1 }, writes: { 'o.a': [1, 3] } }),
  body('the same where it was written before', 'const f = () => { o.a = 100; return 2; }; o.a = 7; o.a += f();', () => ({ a: 1 }), { writes: { 'o.a': [1, 9] } }),
  body('|= &= ^= <<= *= **=', 'o.a |= 2; o.b &= 2; o.c ^= 2; o.d <<= 2; o.e *= 2; o.f **= 2;', () => ({ a: 1, b: 3, c: 3, d: 1, e: 3, f: 3 }), {
    reads: { 'o.a': 1, 'o.b': 3, 'o.c': 3, 'o.d': 1, 'o.e': 3, 'o.f': 3 },
    writes: { 'o.a': [1, 3], 'o.b': [3, 2], 'o.c': [3, 1], 'o.d': [1, 4], 'o.e': [3, 6], 'o.f': [3, 9] },
  }),
  body('a place that is found out once', 'let n = 0; const at = () => { n++; return o.list; }; at()[n++] += 5; at()[n] |= 8; return n;', () => ({ list: [1, 2, 3, 4] }), {
    reads: { 'o.list': 'o.list', 'o.list.3': 4 }, writes: { 'o.list.3': [4, 12] }, adds: { 'o.list.1': 5 },
  }),
];

const words: Case[] = [
  body('words', 'o.w[1] = o.w[0] + 1;', () => ({ w: new Uint32Array([5, 7]) }), { reads: { 'o.w': 'o.w', 'o.w.0': 5 }, writes: { 'o.w.1': [7, 6] } }),
  body('words wrap', 'o.b[0] = 300; o.i[0] = 2 ** 31; return [o.b[0], o.i[0]];', () => ({ b: new Uint8Array(1), i: new Int32Array(1) }),
    { reads: { 'o.b': 'o.b', 'o.i': 'o.i' }, writes: { 'o.b.0': [0, 44], 'o.i.0': [0, -(2 ** 31)] } }),
  body('an addition that wraps is none', 'o.b[0]++; o.b[1]++; o.i[0] -= 1;', () => ({ b: new Uint8Array([255, 7]), i: new Int32Array([-(2 ** 31)]) }),
    { reads: { 'o.b': 'o.b', 'o.i': 'o.i', 'o.b.0': 255, 'o.i.0': -(2 ** 31) }, writes: { 'o.b.0': [255, 0], 'o.i.0': [-(2 ** 31), 2 ** 31 - 1] }, adds: { 'o.b.1': 1 } }),
  body('the value of a write that wraps', 'return [o.b[0] = 300, ++o.b[1], o.b[2]++];', () => ({ b: new Uint8Array([0, 255, 255]) }),
    { reads: { 'o.b': 'o.b', 'o.b.1': 255, 'o.b.2': 255 }, writes: { 'o.b.0': [0, 44], 'o.b.1': [255, 0], 'o.b.2': [255, 0] } }),
  body('outside of the words', 'o.b[5] = 1; return o.b[7];', () => ({ b: new Uint8Array(2) }), { reads: { 'o.b': 'o.b' } }),
  body('views of one buffer', 'o.v[0] = 9; return o.b.subarray(1, 3)[1];', () => {
    const b = new Uint8Array([1, 2, 3]);
    return { b, v: b.subarray(2) };
  }, { reads: { 'o.v': 'o.v', 'o.b': 'o.b' }, writes: { 'o.b.2': [3, 9] } }),
  body('fill() and set()', 'o.w.fill(7, 1, 3); o.w.set([8], 3);', () => ({ w: new Uint16Array([1, 2, 3, 4]) }),
    { reads: { 'o.w': 'o.w' }, writes: { 'o.w.1': [2, 7], 'o.w.2': [3, 7], 'o.w.3': [4, 8] } }),
];

const lists: Case[] = [
  body('push() and pop()', 'o.list.push(5, 6); return o.list.pop();', () => ({ list: [1] }),
    { reads: { 'o.list': 'o.list', 'o.list.length': 1, 'o.list.2': 'u' }, writes: { 'o.list.1': ['u', 5], 'o.list.length': [1, 2] } }),
  body('pop() of an empty one', 'return o.list.pop();', () => ({ list: [] }), { reads: { 'o.list': 'o.list', 'o.list.length': 0 } }),
  body('splice()', 'return o.list.splice(1, 1);', () => ({ list: [1, 2, 3] }),
    { reads: { 'o.list': 'o.list', 'o.list.length': 3, 'o.list.0': 1, 'o.list.1': 2, 'o.list.2': 3 }, writes: { 'o.list.1': [2, 3], 'o.list.2': [3, 'u'], 'o.list.length': [3, 2] } }),
  body('a new element', 'o.list[2] = 5;', () => ({ list: [1] }), { reads: { 'o.list': 'o.list' }, writes: { 'o.list.2': ['u', 5], 'o.list.length': [1, 3] } }),
  body('a shorter length', 'o.list.length = 1;', () => ({ list: [1, 2] }), { reads: { 'o.list': 'o.list' }, writes: { 'o.list.1': [2, 'u'], 'o.list.length': [2, 1] } }),
  body('find() as far as it goes', 'return [o.list.find(x => x > 1), o.list.indexOf(2)];', () => ({ list: [1, 2, 3] }), { reads: { 'o.list': 'o.list', 'o.list.length': 3, 'o.list.0': 1, 'o.list.1': 2 } }),
  body('every() as far as it goes', 'return o.list.every(x => x < 2);', () => ({ list: [1, 2, 3] }), { reads: { 'o.list': 'o.list', 'o.list.length': 3, 'o.list.0': 1, 'o.list.1': 2 } }),
  body('at(-1)', 'return o.list.at(-1);', () => ({ list: [1, 2, 3] }), { reads: { 'o.list': 'o.list', 'o.list.length': 3, 'o.list.2': 3 } }),
  body('map() and filter()', 'return o.list.map(x => 2 * x).filter(x => x > 2);', () => ({ list: [1, 2] }), { reads: { 'o.list': 'o.list', 'o.list.length': 2, 'o.list.0': 1, 'o.list.1': 2 } }),
  body('for-of as far as it goes', 'for (const x of o.list) if (x === 1) return x;', () => ({ list: [1, 2] }), { reads: { 'o.list': 'o.list', 'o.list.length': 2, 'o.list.0': 1 } }),
  body('a list that grows while it is walked', 'let sum = 0; for (const x of o.list) { if (x < 3) o.list.push(x + 1); sum += x; } return sum;', () => ({ list: [1] }),
    { reads: { 'o.list': 'o.list', 'o.list.length': 1, 'o.list.0': 1 }, writes: { 'o.list.1': ['u', 2], 'o.list.2': ['u', 3], 'o.list.length': [1, 3] } }),
  body('spread', 'return [[0, ...o.list], Math.max(...o.list), new Set(o.list).size, Array.from(o.list)];', () => ({ list: [1, 2] }),
    { reads: { 'o.list': 'o.list', 'o.list.length': 2, 'o.list.0': 1, 'o.list.1': 2 } }),
];

const containers: Case[] = [
  body('Map: get() and has()', 'return [o.m.get("a"), o.m.has("b"), o.m.has("c")];', () => ({ m: new Map([['a', 1], ['b', 2]]) }), { reads: { 'o.m': 'o.m', 'o.m.(a)': 1, 'o.m.(b)': 2, 'o.m.(c)': 'u' } }),
  body('Map: set() of what is there', 'o.m.set("a", 5);', () => ({ m: new Map([['a', 1]]) }), { reads: { 'o.m': 'o.m' }, writes: { 'o.m.(a)': [1, 5] } }),
  body('Map: set() of what is new', 'o.m.set("b", 5);', () => ({ m: new Map([['a', 1]]) }),
    { reads: { 'o.m': 'o.m', 'o.m.size': 1 }, writes: { 'o.m.(b)': ['u', 5], 'o.m.size': [1, 2], 'o.m.ORDER': ['s:string:a', 's:string:a\nstring:b'] } }),
  body('Map: delete()', 'return [o.m.delete("a"), o.m.delete("b")];', () => ({ m: new Map([['a', 1]]) }),
    { reads: { 'o.m': 'o.m', 'o.m.size': 1, 'o.m.(a)': 1, 'o.m.(b)': 'u' }, writes: { 'o.m.(a)': [1, 'u'], 'o.m.size': [1, 0], 'o.m.ORDER': ['s:string:a', 's:'] } }),
  body('Map: size', 'return o.m.size;', () => ({ m: new Map([['a', 1]]) }), { reads: { 'o.m': 'o.m', 'o.m.size': 1 } }),
  body('Map: iteration', 'let sum = 0; for (const [k, v] of o.m) sum += v; for (const v of o.m.values()) sum += v; return [sum, ...o.m.keys()];', () => ({ m: new Map([['a', 1], ['b', 2]]) }),
    { reads: { 'o.m': 'o.m', 'o.m.ORDER': 's:string:a\nstring:b', 'o.m.(a)': 1, 'o.m.(b)': 2 } }),
  body('Map: keys alone', 'return [...o.m.keys()];', () => ({ m: new Map([['a', 1]]) }), { reads: { 'o.m': 'o.m', 'o.m.ORDER': 's:string:a' } }),
  body('Set', 'o.s.add(1); o.s.add(2); return [o.s.has(3), o.s.delete(3)];', () => ({ s: new Set([1]) }), {
    reads: { 'o.s': 'o.s', 'o.s.(1)': 'b:1', 'o.s.(3)': 'u', 'o.s.size': 1 }, writes: { 'o.s.(2)': ['u', 'b:1'], 'o.s.size': [1, 2], 'o.s.ORDER': ['s:number:1', 's:number:1\nnumber:2'] },
  }),
  body('Set: forEach()', 'let sum = 0; o.s.forEach(x => { sum += x; }); return sum;', () => ({ s: new Set([1, 2]) }), { reads: { 'o.s': 'o.s', 'o.s.ORDER': 's:number:1\nnumber:2' } }),
  body('Object.keys(), spread and Object.assign()', 'return [Object.keys(o.a), { ...o.b, y: 1 }, Object.assign({}, o.c)];', () => ({ a: { x: 1 }, b: { x: 2 }, c: { x: 3 } }),
    { reads: { 'o.a': 'o.a', 'o.a.ORDER': 's:x', 'o.b': 'o.b', 'o.b.ORDER': 's:x', 'o.b.x': 2, 'o.c': 'o.c', 'o.c.ORDER': 's:x', 'o.c.x': 3 } }),
  body('Object.assign() to what is shared', 'Object.assign(o.a, { x: 5 });', () => ({ a: { x: 1 } }), { reads: { 'o.a': 'o.a' }, writes: { 'o.a.x': [1, 5] } }),
  body('for-in', 'const keys = []; for (const k in o.a) keys.push(k); return keys;', () => ({ a: { x: 1 } }), { reads: { 'o.a': 'o.a', 'o.a.ORDER': 's:x' } }),
  body('JSON', 'return JSON.stringify(o.a);', () => ({ a: { x: [1] } }), { reads: { 'o.a': 'o.a', 'o.a.ORDER': 's:x', 'o.a.x': 'o.a.x', 'o.a.x.length': 1, 'o.a.x.0': 1 } }),
];

const patterns: Case[] = [
  body('an object pattern', 'const { a, b: c, d = 4, e: { f = 5, ...g } } = o; return [a, c, d, f, g];', () => ({ a: 1, b: 2, e: { x: 6, y: 7 } }),
    { reads: { 'o.a': 1, 'o.b': 2, 'o.d': 'u', 'o.e': 'o.e', 'o.e.f': 'u', 'o.e.ORDER': 's:x\ny', 'o.e.x': 6, 'o.e.y': 7 } }),
  body('a default that is not needed', 'const { a = o.b } = o; return a;', () => ({ a: 1, b: 2 }), { reads: { 'o.a': 1 } }),
  body('a computed key', 'const k = "a"; const { [k]: x } = o; return x;', () => ({ a: 1 }), { reads: { 'o.a': 1 } }),
  body('an array pattern', 'const [x, , y, z = 9] = o.list; return [x, y, z];', () => ({ list: [1, 2, 3] }), { reads: { 'o.list': 'o.list', 'o.list.length': 3, 'o.list.0': 1, 'o.list.1': 2, 'o.list.2': 3 } }),
  body('the first element only', 'const [x] = o.list; return x;', () => ({ list: [1, 2] }), { reads: { 'o.list': 'o.list', 'o.list.length': 2, 'o.list.0': 1 } }),
  body('the rest of an array', 'const [x, ...xs] = o.list; return [x, xs];', () => ({ list: [1, 2] }), { reads: { 'o.list': 'o.list', 'o.list.length': 2, 'o.list.0': 1, 'o.list.1': 2 } }),
  body('an assignment', 'let x; ({ a: x, b: o.c } = o); [o.a, o.b] = [o.b, o.a]; return x;', () => ({ a: 1, b: 2, c: 3 }),
    { reads: { 'o.a': 1, 'o.b': 2 }, writes: { 'o.a': [1, 2], 'o.b': [2, 1], 'o.c': [3, 2] } }),
  { what: 'parameters', code: 'const f = ({ a, b: [x] }, { c = 7 } = {}, ...[d]) => a + x + c + d; export function test(o) { return [f(o, undefined, 1), f.length]; }',
    o: () => ({ a: 1, b: [2] }), reads: { 'o.a': 1, 'o.b': 'o.b', 'o.b.length': 1, 'o.b.0': 2 } },
  { what: 'parameters of a function', code: 'function f({ a }, b = 3, { c } = { c: 1 }) { return a + b + c; } export function test(o) { return [f(o), f.length]; }', o: () => ({ a: 1 }), reads: { 'o.a': 1 } },
  body('for-of with a pattern', 'let sum = 0; for (const { a, b: [c] } of o.list) sum += a + c; return sum;', () => ({ list: [{ a: 1, b: [2] }] }),
    { reads: { 'o.list': 'o.list', 'o.list.length': 1, 'o.list.0': 'o.list.0', 'o.list.0.a': 1, 'o.list.0.b': 'o.list.0.b', 'o.list.0.b.length': 1, 'o.list.0.b.0': 2 } }),
];

const functions: Case[] = [
  { what: 'functions that read', code: 'const get = p => p.a; export function test(o) { return [get(o), (function (p) { return p.b; })(o), ((p, q = p.c) => q)(o)]; }',
    o: () => ({ a: 1, b: 2, c: 3 }), reads: { 'o.a': 1, 'o.b': 2, 'o.c': 3 } },
  { what: 'this of a kernel function', code: 'export function test(o) { const { m: { a } } = this; return [a, this.m.b, this.f(o.c), (() => this.m.b)()]; }',
    o: () => ({ a: 1, b: 2, c: 3 }), reads: { 'o.a': 1, 'o.b': 2, 'o.c': 3 } },
  { what: 'an arrow function that needs a variable', code: 'const f = o => o.list[o.n++] ^= 1; export function test(o) { return f(o); }', o: () => ({ list: [4, 5], n: 1 }),
    reads: { 'o.list': 'o.list', 'o.n': 1, 'o.list.1': 5 }, writes: { 'o.n': [1, 2], 'o.list.1': [5, 4] } },
  body('functions that share a variable and stay here', 'let n = 0; const add = x => { n += x; }; o.list.forEach(x => { n += x; }); add(1); for (let i = 0; i < 2; i++) o.list.forEach(() => add(i)); return n;', () => ({ list: [5] }),
    { reads: { 'o.list': 'o.list', 'o.list.length': 1, 'o.list.0': 5 } }),
  body('an object that becomes known', 'const made = { x: 1, list: [2] }; made.x++; o.a = made; made.x = 9; return made;', () => ({ a: null }), {
    writes: { 'o.a': ['n', 'new'], 'new.KIND': ['u', 's:Array'], 'new.x': ['u', 9], 'new.list': ['u', 'new'], 'new.ORDER': ['u', 's:x\nlist'], 'new.length': ['u', 1], 'new.0': ['u', 2] },
  }),
  body('an object of one task', 'const made = { x: 1 }; made.y = made.x; made.x++; const list = [made]; return list[0].y;', () => ({ a: null }), {}),
];

const sleeping: Case[] = [
  generator('a yield in a write', 'o.a = yield 1; return o.a;', () => ({ a: 1 }), { writes: { 'o.a': [1, 10] } }),
  generator('a yield in a compound assignment', 'o.a += yield 1; o.b -= (yield 2) * o.c; return o;', () => ({ a: 1, b: 2, c: 3 }),
    { reads: { 'o.a': 1, 'o.b': 2, 'o.c': 3 }, writes: { 'o.a': [1, 11], 'o.b': [2, -58] } }),
  generator('a place found out before a yield', 'let n = 0; o.list[n++] ^= yield n; return n;', () => ({ list: [1, 2] }), { reads: { 'o.list': 'o.list', 'o.list.0': 1 }, writes: { 'o.list.0': [1, 11] } }),
  generator('a yield in arguments', 'o.list.push(yield 1, (yield 2) + o.a);', () => ({ list: [], a: 1 }),
    { reads: { 'o.list': 'o.list', 'o.a': 1, 'o.list.length': 0 }, writes: { 'o.list.0': ['u', 10], 'o.list.1': ['u', 21], 'o.list.length': [0, 2] } }),
  generator('a yield in a pattern', 'const { a = yield 1, b: { c } = yield 2 } = o; return [a, c];', () => ({ b: { c: 3 } }), { reads: { 'o.a': 'u', 'o.b': 'o.b', 'o.b.c': 3 } }),
  generator('a loop that sleeps', 'let sum = 0; for (const { x } of o.list) sum += (yield x) + x; return sum;', () => ({ list: [{ x: 1 }, { x: 2 }] }),
    { reads: { 'o.list': 'o.list', 'o.list.length': 2, 'o.list.0': 'o.list.0', 'o.list.1': 'o.list.1', 'o.list.0.x': 1, 'o.list.1.x': 2 } }),
  { what: 'yield*', code: 'function* f(p) { yield p.a; return p.b; } export function* test(o) { o.c += yield* f(o); }', o: () => ({ a: 1, b: 2, c: 3 }), reads: { 'o.a': 1, 'o.b': 2, 'o.c': 3 }, writes: { 'o.c': [3, 5] } },
];

const all = { fields, updates, words, lists, containers, patterns, functions, sleeping };
const sorted = (record: Record<string, unknown>): string[] => Object.entries(record).map(([key, value]) => `${key} ${JSON.stringify(value)}${Object.is(value, -0) ? ' -0' : ''}`).sort();

describe.each(Object.entries(all))('the printer: %s', (_group, cases) => {
  it.each(cases.map(one => [one.what, one] as const))('%s', async (_what, { code, o, reads = {}, writes = {}, adds = {} }) => {
    const plain = o();
    const printed = o();
    const kernel = (m: object): object => ({ m, f: (x: number) => x + 1 });
    const expected = outcomeOf(plainSnippet(code), plain, kernel(plain));
    const test = await printedSnippet(code);
    const off = o();
    expect(outcomeOf(test, off, kernel(off)), 'while nobody records').toEqual(expected);
    expect(off).toEqual(plain);
    const found = record(test, printed, kernel(printed));
    expect({ result: found.result, yields: found.yields }).toEqual(expected);
    expect(printed).toEqual(plain);
    expect(sorted(found.reads)).toEqual(sorted(reads));
    expect(sorted(found.writes)).toEqual(sorted(writes));
    expect(sorted(found.adds)).toEqual(sorted(adds));
  });
});

describe('classes', () => {
  const code = `
    class Counter {
      #n = 1; label = 'x'; count = 0;
      get n() { this.count++; return this.#n; }
      set n(value) { this.#n = value; }
      add(by) { this.#n += by; return this.#n++; }
      #twice() { return 2 * this.#n; }
      twice() { return this.#twice(); }
    }
    class Named extends Map { set(key, value) { this.last = key; return super.set(key, value); } }
    export function make() { return { counter: new Counter(), names: new Named() }; }
    export function test(o) { return o === null ? make() : o.what(o); }`;

  it('accessors run once, private fields are recorded under their names', async () => {
    const test = await printedSnippet(code);
    const o = { ...(test(null as never) as object), what: (p: { counter: { n: number; add(by: number): number; twice(): number; count: number } }) => [p.counter.n, p.counter.add(5), p.counter.twice()] };
    const run = await printedSnippet('export function test(o) { const c = o.counter; const first = c.n; c.n = 2; return [first, c.add(5), c.twice(), c.count]; }');
    const found = record(run, o);
    expect(found.result).toEqual([1, 7, 16, 1]);
    expect(found.reads).toEqual({ 'o.counter': 'o.counter', 'o.counter.#n': 1, 'o.counter.count': 0 });
    expect(found.writes).toEqual({ 'o.counter.#n': [1, 8], 'o.counter.count': [0, 1] });
  });

  it('a class of its own that is a Map records what its methods do, and what they call by way of super', async () => {
    const o = (await printedSnippet(code))(null as never) as { names: Map<string, number> };
    const found = record(await printedSnippet('export function test(o) { return o.names.set("a", 1).size; }'), o);
    expect(found.result).toBe(1);
    expect(found.writes).toEqual({ 'o.names.last': ['u', 's:a'], 'o.names.(a)': ['u', 1], 'o.names.size': [0, 1], 'o.names.ORDER': ['s:', 's:string:a'] });
  });

  it('what is in private fields becomes known with the object', async () => {
    const made = await printedSnippet(code);
    const o = { a: null };
    const found = record(await printedSnippet('export function test(o) { o.a = o.make(null).counter; }'), Object.defineProperty(o, 'make', { value: made, enumerable: false }));
    expect(found.writes['new.#n']).toEqual(['u', 1]);
  });
});

describe('the recorder', () => {
  it('names what a step makes after the step, whatever was recorded before', async () => {
    const test = await printedSnippet('export function test(o) { o.a = { x: {} }; }');
    const step = (actor: number, local: number): Value[] => {
      const o = { a: null };
      recorder.nameAll(o);
      recorder.begin(actor, local);
      test(o as never);
      return recorder.end().writeNew.filter(value => String(value).startsWith('o:'));
    };
    const first = step(1, 5);
    const second = step(2, 5);
    expect(step(1, 5)).toEqual(first);
    expect(second).not.toEqual(first);
    expect(new Set([...first, ...second, ...step(1, 6)]).size).toBe(6);
  });

  it('leaves out what it was told to ignore', async () => {
    const test = await printedSnippet('export function test(o) { o.n++; o.n = o.n + 1; o.m.set(1, { x: 1 }); return o.m.get(1); }');
    const o = { n: 1, m: new Map() };
    recorder.ignore(o, 'n');
    recorder.ignore(o.m);
    const { reads, writes, adds } = record(test, o);
    expect({ reads, writes, adds }).toEqual({ reads: { 'o.m': 'o.m' }, writes: {}, adds: {} });
    expect(o.n).toBe(3);
  });
});

describe('what the printer does not know is an error', () => {
  it.each([
    ['a variable of a module', 'let n = 0; export const f = () => n++;'],
    ['a weak container of a module', 'const known = new WeakMap(); export const f = o => known.get(o);'],
    ['an asynchronous function', 'export async function f(o) { return o.a; }'],
    ['a generator that takes its arguments apart', 'export function* f({ a }) { yield a; }'],
    ['TaggedTemplateExpression', 'export const f = o => o.tag`x`;'],
    ['an accessor of an object literal', 'export const f = o => ({ get x() { return o.a; } });'],
    ['Object.defineProperty()', 'export const f = o => Object.defineProperty(o, "a", { value: 1 });'],
    ['a global that the printer does not know', 'export const f = o => Reflect.get(o, "a");'],
    ['a write to the kernel', 'export function f(v) { this.v = v; }'],
    ['elements that are assigned to members', 'export const f = o => { [o.a, o.b] = o.list; };'],
    ['a default for a member', 'export const f = o => { ({ a: o.b = 1 } = o); };'],
    ['a function that is handed on and shares a variable that changes', 'export function f(o) { let left = 2; o.end = () => { left--; }; }'],
    ['a function that is handed on and shares a variable that changes', 'export function f(o, g) { let n = 1; g(() => n); n = 2; }'],
    ['bind()', 'export const f = o => o.get.bind(o);'],
  ])('%s', async (what, code) => {
    const lowered = await lower(code, 'x.ts');
    expect(() => printModule(lowered, 'runtime', { file: 'x.ts' })).toThrow(`x.ts: cannot record ${what}`);
  });
});
