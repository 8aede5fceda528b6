/**
 * What happens when an object that one task has made becomes known to others: it gets its name, and everything in it counts as written
 * now. Typed arrays count as zero before, everything else as undefined.
 */
import { hashOf } from '../hash.js';
import { fieldKey, KIND, LENGTH, memberKey, ORDER, SIZE } from './keys.js';
import { ARRAY, fieldsOf, FIELDS, isNamed, labelOf, MAP, nameMade, nameOf, OPAQUE, SET, WORDS, type Named, type Words } from './names.js';
import { write } from './step.js';

const isObject = (value: unknown): value is object => (typeof value === 'object' && value !== null) || typeof value === 'function';

/** A value that is put into shared state. */
export function adopt(value: unknown): void {
  if (!isObject(value) || isNamed(value)) return;
  const queue = [value];
  nameMade(value);
  const put = (id: number, key: number, item: unknown): void => {
    if (isObject(item) && !isNamed(item)) {
      nameMade(item);
      queue.push(item);
    }
    write(id, key, undefined, item);
  };
  for (const o of queue) emit(o, put); // the queue grows while it is walked
}

/** A value that was found in shared state: it was put there while nobody recorded. */
export function meet(value: unknown): void {
  if (isObject(value) && !isNamed(value)) nameMade(value);
}

function emit(o: object, put: (id: number, key: number, item: unknown) => void): void {
  const named = nameOf(o)!;
  const { id, kind } = named;
  write(id, KIND, undefined, describe(o, named));
  if (kind === WORDS) emitWords(o as Words, named);
  else if (kind === ARRAY) {
    const list = o as unknown[];
    write(id, LENGTH, undefined, list.length);
    list.forEach((item, index) => put(id, index, item));
  } else if (kind === MAP) {
    for (const [key, item] of o as Map<unknown, unknown>) {
      put(id, keyOfMember(key), item);
    }
  } else if (kind === SET) for (const key of o as Set<unknown>) put(id, keyOfMember(key), true);
  if (kind === MAP || kind === SET) {
    write(id, ORDER, undefined, order(o, kind));
    write(id, SIZE, undefined, (o as Set<unknown>).size);
  }
  if (kind === OPAQUE || kind === WORDS) return;
  const fields = fieldsOf(o, kind);
  for (const [key, item] of fields) if (named.ignored?.has(fieldKey(key)) !== true) put(id, fieldKey(key), item);
  if (kind === FIELDS) write(id, ORDER, undefined, order(o, kind));
}

/** The whole buffer: other views of it may be shared later. */
function emitWords(words: Words, { id, width }: Named): void {
  const all = new (words.constructor as new (buffer: ArrayBufferLike) => Words)(words.buffer);
  for (let i = 0; i < all.length; i++) if (all[i] !== 0) write(id, i * width, 0, all[i]);
}

/** What one cannot see from the contents. The text of a function stands for it: what it has captured follows from what its maker has read. */
function describe(o: object, { kind }: Named): string {
  if (typeof o === 'function') return `function ${Function.prototype.toString.call(o)}`;
  const { name } = o.constructor as { readonly name: string };
  return kind === WORDS ? `${name}(${(o as Words).buffer.byteLength})` : name;
}

/** The key of a Map or Set as a number; an object that is put in as a key is adopted first. */
export function keyOfMember(key: unknown): number {
  if (!isObject(key)) return memberKey(key);
  adopt(key);
  return memberKey(labelOf(key));
}

/** The order of keys, as text; of many a hash. */
export function order(o: object, kind: number): string {
  const keys: string[] = [];
  if (kind === FIELDS) keys.push(...Object.keys(o));
  else for (const key of (o as Map<unknown, unknown>).keys()) keys.push(isObject(key) ? memberLabel(key) : `${typeof key}:${String(key)}`);
  const text = keys.join('\n');
  return text.length <= 200 ? text : `${keys.length} keys ${hashOf(text)}`;
}
const memberLabel = (key: object): string => {
  meet(key);
  return labelOf(key);
};
