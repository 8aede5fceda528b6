/**
 * Which objects tasks share, by number. Those that can be reached from the machine at the checkpoint are numbered in an order that depends
 * on nothing else; one that a step makes is called after the step (who, the how manyth of his, the how manyth object of it), so that it
 * has the same number in every order of steps. An object without a number belongs to whoever made it: nobody else can know it yet.
 */
import type { Value } from './footprint.js';
import { fieldKey } from './keys.js';

/* Kinds. */
export const FIELDS = 0;
export const ARRAY = 1;
export const WORDS = 2;
export const MAP = 3;
export const SET = 4;
/** Functions, generators, buffers and what is ignored: they are values, their inside is nobody's business. */
export const OPAQUE = 5;

export type Words = Uint8Array | Uint16Array | Uint32Array | Int8Array | Int16Array | Int32Array | Float32Array | Float64Array;

export interface Named {
  readonly id: number;
  kind: number;
  readonly label: string;
  /** Of a typed array: where it starts in its buffer, whose id it has, and the bytes of an element. */
  readonly base: number;
  readonly width: number;
  /** Fields that are not recorded. */
  ignored: ReadonlySet<number> | null;
  /** Properties that are functions of its class; null for a plain object. */
  readonly accessors: ReadonlySet<PropertyKey> | null;
}

/** Instances of classes with private fields have a method of this name (the printer adds it) that returns them by name. */
export const PRIVATES = Symbol('private fields');

/** Ids of objects of the checkpoint come before, those of objects made in steps behind it; all ids are below 2^26. */
const FIRST_MADE = 2 ** 24;
const IDS = 2 ** 26;

const names = new WeakMap<object, Named>();
const ignoredObjects = new WeakSet<object>();
const ignoredFields = new WeakMap<object, Set<number>>();
const globals: object[] = [];

/* Who reads a field or a word mostly reads others of the same object next. */
let lastObject: object | null = null;
let lastName: Named | undefined;
let lastWords: object | null = null;
let lastWordsName: Named | undefined;

/** Bytes of an element of the typed arrays on a buffer: with two widths a byte would have two locations. */
const widths = new WeakMap<ArrayBufferLike, number>();

const isWords = (o: object): o is Words => ArrayBuffer.isView(o) && !(o instanceof DataView);

/** The name of what is shared; undefined for primitive values and for what belongs to one task. */
export function lookup(o: unknown): Named | undefined {
  if (o === lastObject) return lastName;
  if (o === lastWords) return lastWordsName;
  if (typeof o !== 'object' || o === null) return undefined;
  let name = names.get(o);
  if (name === undefined) {
    if (!ArrayBuffer.isView(o)) return undefined; // and not remembered: it may be named at any time
    const buffer = names.get(o.buffer);
    if (buffer === undefined || !isWords(o)) return undefined;
    name = nameView(o, buffer);
  }
  if (name.kind === WORDS) {
    lastWords = o;
    lastWordsName = name;
  } else {
    lastObject = o;
    lastName = name;
  }
  return name;
}
/** The name of an object or function, if it has one. */
export const nameOf = (o: object): Named | undefined => names.get(o) ?? lookup(o);
export const isNamed = (o: object): boolean => nameOf(o) !== undefined;

function nameView(words: Words, buffer: Named): Named {
  const width = widths.get(words.buffer) ?? words.BYTES_PER_ELEMENT;
  if (width !== words.BYTES_PER_ELEMENT) throw new TypeError(`recorder: a buffer has elements of ${width} and of ${words.BYTES_PER_ELEMENT} bytes`);
  widths.set(words.buffer, width);
  const label = `${buffer.label}+${words.byteOffset}:${words.length}`;
  const name: Named = { id: buffer.id, kind: WORDS, label, base: words.byteOffset, width, ignored: null, accessors: null };
  names.set(words, name);
  return name;
}

function kindOf(o: object): number {
  if (ignoredObjects.has(o) || typeof o === 'function') return OPAQUE;
  if (Array.isArray(o)) return ARRAY;
  if (o instanceof Map) return MAP;
  if (o instanceof Set) return SET;
  const tag = Object.prototype.toString.call(o);
  return tag === '[object Object]' || tag === '[object Error]' ? FIELDS : OPAQUE;
}

const accessorsOfClass = new WeakMap<object, ReadonlySet<PropertyKey>>();
function accessorsOf(o: object): ReadonlySet<PropertyKey> | null {
  const proto = Object.getPrototypeOf(o) as object | null;
  if (proto === null || proto === Object.prototype || proto === Array.prototype || proto === Map.prototype || proto === Set.prototype) return null;
  let found = accessorsOfClass.get(proto);
  if (found === undefined) {
    const all = new Set<PropertyKey>();
    for (let at: object | null = proto; at !== null && at !== Object.prototype; at = Object.getPrototypeOf(at) as object | null) {
      for (const [name, property] of Object.entries(Object.getOwnPropertyDescriptors(at))) if (!('value' in property)) all.add(name);
    }
    found = all;
    accessorsOfClass.set(proto, found);
  }
  return found;
}

/** Names an object; of a typed array the buffer too. */
function name(o: object, newId: () => number): Named {
  if (isWords(o)) {
    const buffer = names.get(o.buffer) ?? name(o.buffer, newId);
    return nameView(o, buffer);
  }
  const id = newId();
  const kind = kindOf(o);
  const made: Named = { id, kind, label: `o:${id}`, base: 0, width: 0, ignored: ignoredFields.get(o) ?? null, accessors: kind === OPAQUE ? null : accessorsOf(o) };
  names.set(o, made);
  if (o === lastObject) lastName = made;
  return made;
}

/* Objects made in steps. */

const made = new Map<number, number[]>();
let nextMade = FIRST_MADE;
let stepKey = 0;
let ordinal = 0;

/** The step whose objects are named from now on. */
export function enterStep(actor: number, local: number): void {
  stepKey = actor * 2 ** 26 + local;
  ordinal = 0;
}
function madeId(): number {
  let ids = made.get(stepKey);
  if (ids === undefined) made.set(stepKey, ids = []);
  if (ordinal === ids.length) {
    if (nextMade === IDS) throw new RangeError(`recorder: more than ${IDS - FIRST_MADE} objects made in steps`);
    ids.push(nextMade++);
  }
  return ids[ordinal++]!;
}
/** Names an object or function after the present step. */
export const nameMade = (o: object): Named => name(o, madeId);

/* Objects of the checkpoint. */

/** Objects of the modules themselves are shared as the machine is. */
export const addGlobal = (o: unknown): void => {
  if (typeof o === 'object' && o !== null) globals.push(o);
};

/** Numbers everything that can be reached, breadth first, fields by name; first from the modules, then from the root. */
export function nameAll(root: object): void {
  lastObject = lastWords = null;
  lastName = lastWordsName = undefined;
  let next = 1;
  const id = (): number => {
    if (next === FIRST_MADE) throw new RangeError(`recorder: more than ${FIRST_MADE} objects at the checkpoint`);
    return next++;
  };
  const seen = new Set<object>();
  const queue: object[] = [];
  const visit = (item: unknown): void => {
    if ((typeof item !== 'object' && typeof item !== 'function') || item === null || seen.has(item)) return;
    seen.add(item);
    if (isWords(item)) {
      if (!seen.has(item.buffer)) {
        seen.add(item.buffer);
        name(item.buffer, id);
      }
    }
    name(item, id);
    queue.push(item);
  };
  for (const o of globals) visit(o);
  visit(root);
  for (const o of queue) contents(o, visit); // the queue grows while it is walked
}

/** What an object holds, in an order of its own. */
function contents(o: object, visit: (item: unknown) => void): void {
  const { kind } = names.get(o)!;
  if (kind === ARRAY) (o as unknown[]).forEach(visit);
  else if (kind === MAP) {
    for (const [key, item] of o as Map<unknown, unknown>) {
      visit(key);
      visit(item);
    }
  } else if (kind === SET) (o as Set<unknown>).forEach(visit);
  if (kind === OPAQUE || kind === WORDS) return;
  for (const [key, item] of fieldsOf(o, kind)) if (!isIgnored(o, key)) visit(item);
}

/** Fields by name, private ones too; elements of arrays are none. */
export function fieldsOf(o: object, kind: number): [string, unknown][] {
  const privates = (o as { readonly [PRIVATES]?: () => Record<string, unknown> })[PRIVATES];
  const own = kind === FIELDS || kind === MAP || kind === SET ? Object.entries(o).sort(([a], [b]) => (a < b ? -1 : 1)) : [];
  return privates === undefined ? own : [...own, ...Object.entries(privates.call(o))];
}

/** Accesses to an object, or to one of its fields, are not recorded, and what only it leads to has no name. */
export function ignore(o: object, field?: string): void {
  const known = names.get(o);
  if (field === undefined) {
    ignoredObjects.add(o);
    if (known !== undefined) known.kind = OPAQUE;
    return;
  }
  const ignored = ignoredFields.get(o) ?? new Set<number>();
  ignored.add(fieldKey(field));
  ignoredFields.set(o, ignored);
  if (known !== undefined) known.ignored = ignored;
}
const isIgnored = (o: object, field: string): boolean => ignoredFields.get(o)?.has(fieldKey(field)) === true;

/** A value as it stands in a footprint. */
export function valueOf(value: unknown): Value {
  switch (typeof value) {
    case 'number': return value;
    case 'string': return `s:${value}`;
    case 'boolean': return value ? 'b:1' : 'b:0';
    case 'undefined': return 'u';
    case 'bigint': return `i:${value}`;
    case 'symbol': return `y:${String(value.description)}`;
    case 'object':
    case 'function': return value === null ? 'n' : labelOf(value);
  }
}
export function labelOf(o: object): string {
  const known = nameOf(o);
  if (known === undefined) throw new Error('recorder: an object in shared state has no name');
  return known.label;
}
