/**
 * Iteration over containers, recorded element by element as it goes: a loop of a function that sleeps may go on in a later step, when the
 * container is another task's too. The iterators go exactly as the language's own do, and live through changes as these do.
 */
import { all, own, readAt, recording, setAt, type Keyed } from './access.js';
import { keyOfMember, meet, order } from './adopt.js';
import { LENGTH, ORDER } from './keys.js';
import { lookup, MAP, type Words } from './names.js';
import { read } from './step.js';

type What = 'keys' | 'values' | 'entries';

class ListIterator implements IterableIterator<unknown> {
  #index = 0;
  #list: readonly unknown[] | Words | null;
  readonly #what: What;
  constructor(list: readonly unknown[] | Words, what: What) {
    this.#list = list;
    this.#what = what;
  }
  [Symbol.iterator](): this {
    return this;
  }
  next(): IteratorResult<unknown> {
    const list = this.#list;
    const index = this.#index;
    if (list === null) return { value: undefined, done: true };
    const named = recording ? lookup(list) : undefined;
    if (named !== undefined && Array.isArray(list)) read(named.id, LENGTH, list.length);
    if (index >= list.length) {
      this.#list = null;
      return { value: undefined, done: true };
    }
    this.#index = index + 1;
    if (this.#what === 'keys') return { value: index, done: false };
    const item: unknown = list[index];
    if (named !== undefined) readAt(named, list, index, item);
    return { value: this.#what === 'values' ? item : [index, item], done: false };
  }
}

class MemberIterator implements IterableIterator<unknown> {
  readonly #members: Map<unknown, unknown> | Set<unknown>;
  readonly #entries: Iterator<[unknown, unknown]>;
  readonly #what: What;
  constructor(members: Map<unknown, unknown> | Set<unknown>, what: What) {
    this.#members = members;
    this.#entries = members instanceof Map ? Map.prototype.entries.call(members) : Set.prototype.entries.call(members);
    this.#what = what;
  }
  [Symbol.iterator](): this {
    return this;
  }
  next(): IteratorResult<unknown> {
    const result = this.#entries.next();
    const named = recording ? lookup(this.#members) : undefined;
    if (named !== undefined) read(named.id, ORDER, order(this.#members, named.kind));
    if (result.done === true) return result;
    const [key, value] = result.value;
    if (named !== undefined && named.kind === MAP && this.#what !== 'keys') {
      meet(value);
      read(named.id, keyOfMember(key), value);
    }
    return { value: this.#what === 'entries' ? [key, value] : this.#what === 'keys' ? key : value, done: false };
  }
}

/** An iterator over a container, or null when it is none. */
export function iterator(o: unknown, what: What): IterableIterator<unknown> | null {
  if (Array.isArray(o)) return new ListIterator(o, what);
  if (o instanceof Map || o instanceof Set) return new MemberIterator(o, what);
  return ArrayBuffer.isView(o) && !(o instanceof DataView) ? new ListIterator(o as Words, what) : null;
}
const ownWay = (o: unknown): What => (o instanceof Map ? 'entries' : 'values');

/** What `for (… of o)` and `...o` go over: within a step. */
export const each = <T>(o: T): T => (recording ? eachLater(o) : o);
/** The same for a loop that sleeps: it may be recorded before its end. */
export const eachLater = <T>(o: T): T => ((iterator(o, ownWay(o)) as T | null) ?? o);

/** The first `count` elements of what is taken apart by `[a, b] = …`, and the rest of it, as an array. */
export function take(o: Iterable<unknown>, count: number, rest: boolean): unknown[] {
  const taken: unknown[] = [];
  if (count === 0 && !rest) return taken;
  const others: unknown[] = [];
  for (const item of each(o)) {
    if (taken.length < count) taken.push(item);
    else others.push(item);
    if (!rest && taken.length === count) break;
  }
  if (rest) {
    while (taken.length < count) taken.push(undefined);
    taken.push(others);
  }
  return taken;
}
/** The other fields, as `{ a, ...rest } = o` makes them an object. */
export function others(o: object, without: readonly PropertyKey[]): Record<string, unknown> {
  const rest = { ...own(o) } as Record<PropertyKey, unknown>;
  for (const key of without) Reflect.deleteProperty(rest, key);
  return rest;
}

/** Pairs of key and value, for `new Map()` and Object.fromEntries(). */
export function pairs<T>(o: T): T {
  if (!recording || o === null || o === undefined) return o;
  return Array.from(each(o as unknown as Iterable<unknown>), pair => all(pair)) as T;
}

/** Everything in a value and below it, for what takes it apart out of sight (JSON, structuredClone). */
export function deep<T>(value: T, seen = new Set<unknown>()): T {
  if (!recording || typeof value !== 'object' || value === null || seen.has(value)) return value;
  seen.add(value);
  const items = value instanceof Map ? [...value].flat() : value instanceof Set || Array.isArray(value) ? [...(value as Iterable<unknown>)] : Object.values(own(value));
  all(value);
  for (const item of items) deep(item, seen);
  return value;
}

/** A value that becomes text; an array becomes that of its elements. */
export function text<T>(value: T): T {
  return recording && typeof value === 'object' && Array.isArray(value) ? deep(value) : value;
}

/** Object.assign(). */
export function assign(target: object, ...sources: (object | null | undefined)[]): object {
  if (!recording) return Object.assign(target, ...sources) as object;
  const named = lookup(target);
  for (const source of sources) {
    if (source === null || source === undefined) continue;
    own(source);
    if (named === undefined) Object.assign(target, source);
    else for (const [key, value] of Object.entries(source)) setAt(target as Keyed, key, value);
  }
  return target;
}
