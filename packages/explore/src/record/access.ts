/**
 * Reads and writes of fields, elements and words. The printer (record/) puts calls of these functions where the kernel has an access; what
 * could be evaluated twice without anybody noticing is evaluated in the kernel's own text, where the engine is fast at it.
 *
 * Names of fields come with their number (keys.ts), so that nothing is looked up by text while a step runs.
 */
import { adopt, keyOfMember, meet, order } from './adopt.js';
import { fieldKey, FIELD_LENGTH, fieldNames, FIELD_SIZE, LENGTH, MAX_INDEX, ORDER, SIZE } from './keys.js';
import { ARRAY, FIELDS, lookup, MAP, OPAQUE, SET, WORDS, type Named, type Words } from './names.js';
import { increment, isWritten, read, readBeforeWrite, write } from './step.js';

export type Keyed = Record<PropertyKey, unknown>;

/** Whether a step is being recorded; everything below costs next to nothing while none is. */
export let recording = false;
export const setRecording = (on: boolean): void => void (recording = on);

/* Reads. */

function readValue(id: number, key: number, value: unknown): void {
  if (read(id, key, value) && (typeof value === 'object' || typeof value === 'function')) meet(value);
}

/** Field number `field` of `o` was read and is `value`. */
export function get<T>(o: unknown, field: number, value: T): T {
  if (recording) {
    const named = lookup(o);
    if (named !== undefined) readField(named, field, value);
  }
  return value;
}
function readField(named: Named, field: number, value: unknown): void {
  const { kind } = named;
  if (kind === FIELDS) {
    if (!isHidden(named, fieldNames[field]!, field)) readValue(named.id, field, value);
  } else if (kind === ARRAY) {
    if (field === FIELD_LENGTH) read(named.id, LENGTH, value);
  } else if (kind === MAP || kind === SET) {
    if (field === FIELD_SIZE) read(named.id, SIZE, value);
    else if (typeof value !== 'function') readValue(named.id, field, value);
  }
}
/** Fields that are ignored, and those that are functions: what these do is recorded by itself. */
const isHidden = ({ ignored, accessors }: Named, name: string | symbol, field: number): boolean =>
  (ignored !== null && ignored.has(field)) || (accessors !== null && accessors.has(name));

/** The same where `o` may be evaluated only once. */
export const getIn = (o: Keyed, name: string, field: number): unknown => get(o, field, o[name]);

/** Element, word or field `key` of `o` was read and is `value`. */
export function at<T>(o: unknown, key: PropertyKey, value: T): T {
  if (recording) {
    const named = lookup(o);
    if (named !== undefined) readAt(named, o as object, key, value);
  }
  return value;
}
export function readAt(named: Named, o: object, key: PropertyKey, value: unknown): void {
  const { kind, id } = named;
  if (typeof key === 'number' && kind === WORDS) {
    if (value !== undefined) read(id, wordKey(named, key), value);
  } else if (kind === ARRAY && isIndex(key)) readValue(id, indexKey(key), value);
  else if (kind !== OPAQUE) readField(named, fieldKey(nameOfKey(key)), value);
}
export const atIn = (o: Keyed, key: PropertyKey): unknown => at(o, key, o[key]);

const nameOfKey = (key: PropertyKey): string | symbol => (typeof key === 'number' ? String(key) : key);
const isIndex = (key: PropertyKey): key is number => typeof key === 'number' && Number.isInteger(key) && key >= 0;
function indexKey(index: number): number {
  if (index >= MAX_INDEX) throw new RangeError(`recorder: index ${index}`);
  return index;
}
function wordKey({ base, width }: Named, index: number): number {
  const offset = base + index * width;
  if (offset >= MAX_INDEX) throw new RangeError(`recorder: a buffer of ${offset} bytes or more`);
  return offset;
}

/** `key in o`. */
export function has(key: PropertyKey, o: Keyed): boolean {
  const found = key in o;
  if (recording) {
    const named = lookup(o);
    if (named !== undefined) readAt(named, o, key, o[key]);
  }
  return found;
}

/** Object.hasOwn(). */
export function hasOwn(o: Keyed, key: PropertyKey): boolean {
  at(o, key, o[key]);
  return Object.hasOwn(o, key);
}

/* Writes. */

/** `o.name = value`. */
export function set<T>(o: Keyed, name: string, field: number, value: T): T {
  if (!recording) {
    o[name] = value;
    return value;
  }
  const named = lookup(o);
  if (named === undefined) o[name] = value;
  else writeField(named, o, name, field, value);
  return value;
}
function writeField(named: Named, o: Keyed, name: string | symbol, field: number, value: unknown): void {
  const { id, kind } = named;
  if (kind === OPAQUE || kind === WORDS || isHidden(named, name, field)) {
    o[name] = value;
    return;
  }
  if (kind === ARRAY && name === 'length') {
    truncate(named, o as unknown as unknown[], value as number);
    return;
  }
  const old = o[name];
  if (old === undefined && kind === FIELDS && !Object.hasOwn(o, name)) keysChange(named, o);
  o[name] = value;
  if (typeof value === 'object' || typeof value === 'function') adopt(value);
  write(id, field, old, value);
}
function truncate({ id }: Named, list: unknown[], length: number): void {
  const old = list.length;
  for (let i = length; i < old; i++) write(id, indexKey(i), list[i], undefined);
  list.length = length;
  write(id, LENGTH, old, length);
}
/** Objects whose keys have changed in this step. */
const reordered = new Map<object, Named>();

/** To be called before a key is added or deleted: the new order is found out at the end of the step. */
export function keysChange(named: Named, o: object): void {
  if (reordered.has(o)) return;
  reordered.set(o, named);
  const { id, kind } = named;
  write(id, ORDER, isWritten(id, ORDER) ? undefined : order(o, kind), undefined);
}
/** To be called at the end of a step. */
export function recordOrders(): void {
  for (const [o, { id, kind }] of reordered) write(id, ORDER, undefined, order(o, kind));
  reordered.clear();
}
/** To be called at the beginning of a step: the one before may have ended in the middle. */
export const forgetOrders = (): void => reordered.clear();

/** `o[key] = value`. */
export function setAt<T>(o: Keyed, key: PropertyKey, value: T): T {
  if (!recording) {
    o[key] = value;
    return value;
  }
  const named = lookup(o);
  if (named === undefined) o[key] = value;
  else writeAt(named, o, key, value);
  return value;
}
export function writeAt(named: Named, o: Keyed, key: PropertyKey, value: unknown): void {
  const { id, kind } = named;
  if (kind === WORDS && typeof key === 'number') {
    const words = o as unknown as Words;
    const old = words[key];
    words[key] = value as number;
    if (old !== undefined) write(id, wordKey(named, key), old, words[key]);
  } else if (kind === ARRAY && isIndex(key)) {
    const list = o as unknown as unknown[];
    const { length } = list;
    const old = list[key];
    list[key] = value;
    if (typeof value === 'object' || typeof value === 'function') adopt(value);
    write(id, indexKey(key), old, value);
    if (list.length !== length) write(id, LENGTH, length, list.length);
  } else {
    const name = nameOfKey(key);
    writeField(named, o, name, fieldKey(name), value);
  }
}

/** `delete o[key]`. */
export function remove(o: Keyed, key: PropertyKey): boolean {
  if (recording && Object.hasOwn(o, key)) {
    const named = lookup(o);
    if (named !== undefined) {
      if (named.kind === FIELDS) keysChange(named, o);
      const field = named.kind === ARRAY && typeof key === 'string' && /^\d+$/.test(key) ? Number(key) : key;
      writeAt(named, o, field, undefined);
    }
  }
  return Reflect.deleteProperty(o, key) || refuse(key);
}

/** What `delete` does in a module. */
function refuse(key: PropertyKey): never {
  throw new TypeError(`Cannot delete property '${String(key)}'`);
}

/* Fields that only their class sees: the text of the class reads and writes them itself. */

/** A private field was `old` before, is `now`, and the expression gives `result`. */
export function setPrivate<T>(o: object, field: number, old: unknown, result: T, now: unknown): T {
  if (recording) {
    const named = lookup(o);
    if (named !== undefined) {
      adopt(now);
      write(named.id, field, old, now);
    }
  }
  return result;
}

/* Additions. */

/** `o.name += delta`, the value not being used. */
export function add(o: Keyed, name: string, field: number, delta: unknown): void {
  const named = recording ? lookup(o) : undefined;
  if (named === undefined) (o[name] as number) += delta as number;
  else if (named.kind === FIELDS && !isHidden(named, name, field)) addTo(named, o, name, field, delta);
  else set(o, name, field, (getIn(o, name, field) as number) + (delta as number));
}
/** `o[key] += delta`, the value not being used. */
export function addAt(o: Keyed, key: PropertyKey, delta: unknown): void {
  const named = recording ? lookup(o) : undefined;
  if (named === undefined) (o[key] as number) += delta as number;
  else if (named.kind === FIELDS) add(o, String(key), fieldKey(String(key)), delta);
  else if (locationOf(named, key) >= 0) addTo(named, o, key, locationOf(named, key), delta);
  else setAt(o, key, (atIn(o, key) as number) + (delta as number));
}
function addTo(named: Named, o: Keyed, key: PropertyKey, location: number, delta: unknown): void {
  const old = o[key];
  if (typeof old !== 'number' || typeof delta !== 'number') {
    readAt(named, o, key, old);
    writeAt(named, o, key, (old as number) + (delta as number));
    return;
  }
  o[key] = old + delta;
  increment(named.id, location, old, delta, o[key] as number);
}

/** Where an addition would go; -1 where it is not recorded as one. */
function locationOf(named: Named, key: PropertyKey): number {
  if (named.kind === WORDS && typeof key === 'number') return wordKey(named, key);
  if (named.kind === ARRAY && isIndex(key)) return indexKey(key);
  return named.kind === FIELDS && typeof key !== 'number' ? fieldKey(key) : -1;
}
/** Whether the step has written to a place already. */
export function isOwn(o: Keyed, key: PropertyKey): boolean {
  const named = recording ? lookup(o) : undefined;
  const location = named === undefined ? -1 : locationOf(named, key);
  return location >= 0 && isWritten(named!.id, location);
}
/** addAt() where finding out `delta` may have run code: what was there before that, and whether it was the step's own. */
export function addSince(o: Keyed, key: PropertyKey, own: boolean, old: unknown, delta: unknown): void {
  if (Object.is(o[key], old)) {
    addAt(o, key, delta);
    return;
  }
  const named = recording ? lookup(o) : undefined;
  const location = named === undefined ? -1 : locationOf(named, key);
  if (location >= 0 && !own) readBeforeWrite(named!.id, location);
  setAt(o, key, (old as number) + (delta as number));
}

/** `o[key]++` whose value is used. */
export function addAfter(o: Keyed, key: PropertyKey, delta: number): unknown {
  const old = Number(atIn(o, key));
  setAt(o, key, old + delta);
  return old;
}
/** `++o[key]` whose value is used. */
export const addBefore = (o: Keyed, key: PropertyKey, delta: number): unknown => setAt(o, key, Number(atIn(o, key)) + delta);

/* Everything in an object, for what the language or a built-in function copies. */

/** An object is spread or copied: all its own fields are read. */
export function own<T>(o: T): T {
  const named = recording ? lookup(o) : undefined;
  if (named === undefined) return o;
  if (named.kind === ARRAY || named.kind === WORDS) return all(o);
  read(named.id, ORDER, order(o as object, named.kind));
  for (const key of Object.keys(o as object)) readAt(named, o as object, key, (o as Keyed)[key]);
  return o;
}
/** The names of an object's fields are read. */
export function keysOf<T>(o: T): T {
  const named = recording ? lookup(o) : undefined;
  if (named === undefined) return o;
  if (named.kind === ARRAY) return all(o);
  read(named.id, ORDER, order(o as object, named.kind));
  return o;
}

/** All elements are read. What is no container is left alone: an iterator records as it goes. */
export function all<T>(o: T): T {
  const named = recording ? lookup(o) : undefined;
  if (named !== undefined) readRange(named, o as object, 0, Infinity);
  return o;
}
export function readRange(named: Named, o: object, from: number, to: number): void {
  const { id, kind } = named;
  if (kind === ARRAY) {
    const list = o as readonly unknown[];
    read(id, LENGTH, list.length);
    for (let i = from; i < Math.min(to, list.length); i++) readValue(id, indexKey(i), list[i]);
  } else if (kind === WORDS) {
    const words = o as Words;
    for (let i = from; i < Math.min(to, words.length); i++) read(id, wordKey(named, i), words[i]);
  } else if (kind === MAP || kind === SET) {
    read(id, ORDER, order(o, kind));
    if (kind === MAP) for (const [key, item] of o as Map<unknown, unknown>) readValue(id, keyOfMember(key), item);
  }
}
