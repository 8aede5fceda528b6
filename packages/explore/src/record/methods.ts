/**
 * Calls of methods that have the name of a built-in one: on a Map, Set, array or typed array that tasks share they are recorded by what they
 * do. On everything else, and for a method that a class has itself, the call is made as it stands.
 *
 * Where a method moves or looks at many elements, all that it may have looked at count as read; that is never too little.
 */
import { all, keysChange, readAt, readRange, recording, setAt, writeAt, type Keyed } from './access.js';
import { adopt, keyOfMember, meet } from './adopt.js';
import { LENGTH, SIZE } from './keys.js';
import { iterator } from './iterate.js';
import { ARRAY, isNamed, lookup, MAP, OPAQUE, type Named, type Words } from './names.js';
import { read, write } from './step.js';

type Method = (this: unknown, ...args: unknown[]) => unknown;
type Handler = (o: never, named: Named, args: unknown[], method: Method) => unknown;
const handlers = new Map<unknown, Handler>();
const builtins = new Set<unknown>();

const words = Object.getPrototypeOf(Uint8Array.prototype) as object;
for (const proto of [Map.prototype, Set.prototype, Array.prototype, words]) {
  for (const { value } of Object.values(Object.getOwnPropertyDescriptors(proto)) as { readonly value?: unknown }[]) if (typeof value === 'function') builtins.add(value);
}
const define = (proto: object, table: Record<string, Handler>): void => {
  for (const [name, handler] of Object.entries(table)) {
    const method = (proto as Record<string, unknown>)[name];
    if (method !== undefined) handlers.set(method, handler);
  }
};

/* Maps and Sets. */

/** Whoever has not been named is in no container that tasks share. */
const maybeMember = (key: unknown): boolean => !((typeof key === 'object' && key !== null) || typeof key === 'function') || isNamed(key);

function clear(o: Map<unknown, unknown> & Set<unknown>, named: Named): void {
  if (o.size === 0) {
    read(named.id, SIZE, 0);
    return;
  }
  readRange(named, o, 0, Infinity);
  keysChange(named, o);
  write(named.id, SIZE, o.size, 0);
  for (const key of o.keys()) write(named.id, keyOfMember(key), named.kind === MAP ? o.get(key) : true, undefined);
  (named.kind === MAP ? Map : Set).prototype.clear.call(o);
}
function addMember(o: Map<unknown, unknown> & Set<unknown>, named: Named): void {
  keysChange(named, o);
  read(named.id, SIZE, o.size);
  write(named.id, SIZE, o.size, o.size + 1);
}
function dropMember(o: Map<unknown, unknown> & Set<unknown>, named: Named): void {
  keysChange(named, o);
  read(named.id, SIZE, o.size);
  write(named.id, SIZE, o.size, o.size - 1);
}
const forEachMember = (o: never, _named: Named, [callback, self]: unknown[]): void => {
  for (const [key, value] of iterator(o, 'entries') as Iterable<[unknown, unknown]>) (callback as Method).call(self, value, key, o);
};
const iterators: Record<string, Handler> = {
  keys: o => iterator(o, 'keys'), values: o => iterator(o, 'values'), entries: o => iterator(o, 'entries'),
};

define(Map.prototype, {
  ...iterators, clear, forEach: forEachMember,
  get(o: Map<unknown, unknown>, named, [key], method) {
    const value = method.call(o, key);
    if (maybeMember(key)) {
      meet(value);
      read(named.id, keyOfMember(key), value);
    }
    return value;
  },
  has(o: Map<unknown, unknown>, named, [key], method) {
    if (maybeMember(key)) read(named.id, keyOfMember(key), Map.prototype.get.call(o, key));
    return method.call(o, key);
  },
  set(o: Map<unknown, unknown> & Set<unknown>, named, [key, value], method) {
    const old = Map.prototype.get.call(o, key) as unknown;
    if (!Map.prototype.has.call(o, key)) addMember(o, named);
    const at = keyOfMember(key);
    adopt(value);
    write(named.id, at, old, value);
    return method.call(o, key, value);
  },
  delete(o: Map<unknown, unknown> & Set<unknown>, named, [key], method) {
    if (!maybeMember(key)) return method.call(o, key);
    const at = keyOfMember(key);
    const old = Map.prototype.get.call(o, key) as unknown;
    read(named.id, at, old);
    if (Map.prototype.has.call(o, key)) {
      dropMember(o, named);
      write(named.id, at, old, undefined);
    }
    return method.call(o, key);
  },
});

const membership = (o: Set<unknown>, key: unknown): true | undefined => (Set.prototype.has.call(o, key) ? true : undefined);
define(Set.prototype, {
  ...iterators, clear, forEach: forEachMember,
  has(o: Set<unknown>, named, [key], method) {
    if (maybeMember(key)) read(named.id, keyOfMember(key), membership(o, key));
    return method.call(o, key);
  },
  add(o: Map<unknown, unknown> & Set<unknown>, named, [key], method) {
    const old = membership(o, key);
    const at = keyOfMember(key);
    if (old === undefined) addMember(o, named);
    write(named.id, at, old, true);
    return method.call(o, key);
  },
  delete(o: Map<unknown, unknown> & Set<unknown>, named, [key], method) {
    if (!maybeMember(key)) return method.call(o, key);
    const old = membership(o, key);
    const at = keyOfMember(key);
    read(named.id, at, old);
    if (old === true) {
      dropMember(o, named);
      write(named.id, at, old, undefined);
    }
    return method.call(o, key);
  },
});

/* Arrays and typed arrays: what only looks. */

type List = readonly unknown[] | Words;
const relative = (value: unknown, length: number, otherwise: number): number => {
  const index = value === undefined ? otherwise : Math.trunc(Number(value)) || 0;
  return index < 0 ? Math.max(length + index, 0) : Math.min(index, length);
};
const readLength = (o: List, named: Named): void => {
  if (named.kind === ARRAY) read(named.id, LENGTH, o.length);
};
const looksAtAll: Handler = (o: List, named, args, method) => {
  readRange(named, o, 0, Infinity);
  for (const arg of args) all(arg);
  return method.apply(o, args);
};
/** Methods with a callback: elements are read as it comes to them, in either direction, holes on the way too. */
const visits = (downwards: boolean): Handler => (o: List, named, [callback, ...args], method) => {
  readLength(o, named);
  let next = downwards ? o.length - 1 : 0;
  const upTo = (index: number): void => {
    for (; downwards ? next >= index : next <= index; next += downwards ? -1 : 1) readAt(named, o, next, o[next]);
  };
  let stopped = false as boolean;
  const stops = STOPPING.has(method);
  const visit = (value: unknown, index: number): unknown => {
    upTo(index);
    const result = (callback as Method).call(args[0], value, index, o);
    stopped = stops && Boolean(result) === STOPPING.get(method);
    return result;
  };
  const result = method.call(o, visit);
  if (!stopped) upTo(downwards ? 0 : o.length - 1);
  return result;
};
/** Methods that stop early, and at which answer of the callback. */
const STOPPING = new Map<unknown, boolean>();
for (const proto of [Array.prototype, words as unknown[]]) {
  for (const method of [proto.some, proto.find, proto.findIndex, proto.findLast, proto.findLastIndex]) STOPPING.set(method, true);
  STOPPING.set(proto.every, false);
}
const up = visits(false);
const down = visits(true);

const looking: Record<string, Handler> = {
  ...iterators,
  forEach: up, map: up, filter: up, some: up, every: up, find: up, findIndex: up, flatMap: up, findLast: down, findLastIndex: down,
  reduce: looksAtAll, reduceRight: looksAtAll, join: looksAtAll, concat: looksAtAll, toString: looksAtAll,
  at(o: List, named, [index], method) {
    readLength(o, named);
    const wanted = Math.trunc(Number(index)) || 0;
    const i = wanted < 0 ? o.length + wanted : wanted;
    if (i >= 0 && i < o.length) readAt(named, o, i, o[i]);
    return method.call(o, index);
  },
  indexOf: search, lastIndexOf: search, includes: search,
  slice(o: List, named, args, method) {
    readLength(o, named);
    readRange(named, o, relative(args[0], o.length, 0), relative(args[1], o.length, o.length));
    return method.apply(o, args);
  },
};
/** Up to where it was found. */
function search(o: List, named: Named, args: unknown[], method: Method): unknown {
  const result = method.apply(o, args);
  readLength(o, named);
  const simple = args.length === 1 && method === (o as { indexOf?: unknown }).indexOf;
  readRange(named, o, 0, simple && (result as number) >= 0 ? (result as number) + 1 : Infinity);
  return result;
}
define(Array.prototype, { ...looking, flat: (o: unknown[], named, args, method) => {
  readRange(named, o, 0, Infinity);
  o.forEach(all);
  return method.apply(o, args);
} });
define(words, { ...looking, subarray: (o: Words, _named, args, method) => method.apply(o, args) });

/* What changes arrays and typed arrays. */

/** Any method: whatever it moves was read, and whatever is different afterwards was written. */
const moves: Handler = (o: unknown[], named, args, method) => {
  const { length } = o;
  readRange(named, o, 0, Infinity);
  const before = o.slice();
  const result = method.apply(o, args);
  for (let i = 0; i < Math.max(length, o.length); i++) {
    if (!Object.is(before[i], o[i])) rewrite(named, i, before[i], o[i]);
  }
  if (o.length !== length) write(named.id, LENGTH, length, o.length);
  return result;
};
/** An element has been changed. */
function rewrite(named: Named, index: number, old: unknown, now: unknown): void {
  if (named.kind === ARRAY) adopt(now);
  write(named.id, named.kind === ARRAY ? index : named.base + index * named.width, old, now);
}
/** fill(), set(): elements of a range are overwritten whatever they were. */
function overwrite(o: unknown[] | Words, named: Named, from: number, to: number, run: () => unknown): unknown {
  const before = o.slice(from, to);
  const result = run();
  for (let i = from; i < to; i++) rewrite(named, i, before[i - from], o[i]);
  return result;
}
const fill: Handler = (o: unknown[], named, args, method) => {
  readLength(o, named);
  return overwrite(o, named, relative(args[1], o.length, 0), relative(args[2], o.length, o.length), () => method.apply(o, args));
};

define(Array.prototype, {
  fill, shift: moves, unshift: moves, splice: moves, sort: moves, reverse: moves, copyWithin: moves,
  push(o: unknown[], named, args) {
    for (const item of args) {
      read(named.id, LENGTH, o.length);
      writeAt(named, o as never, o.length, item);
    }
    return o.length;
  },
  pop(o: unknown[], named) {
    const { length } = o;
    read(named.id, LENGTH, length);
    if (length === 0) return undefined;
    const value = o[length - 1];
    readAt(named, o, length - 1, value);
    setAt(o as unknown as Keyed, 'length', length - 1);
    return value;
  },
});
define(words, {
  fill, sort: moves, reverse: moves, copyWithin: moves,
  set(o: Words, named, [source, offset], method) {
    const from = Number(offset ?? 0);
    all(source);
    return overwrite(o, named, from, from + (source as List).length, () => method.call(o, source, offset));
  },
});

/* Calls. */

/** Methods that read containers they are given, on whatever they are called. */
const TAKES_CONTAINERS = new Set(['concat', 'set', 'union', 'intersection', 'difference']);

/** Calls `o[name](…args)`. */
export function callWith(o: unknown, name: PropertyKey, args: unknown[]): unknown {
  const method = (o as Record<PropertyKey, unknown>)[name] as Method;
  if (!recording) return ITERATES.has(name) ? (iteratorOf(o, method, name) ?? method.apply(o, args)) : method.apply(o, args);
  return dispatch(o, name, method, args);
}
function dispatch(o: unknown, name: PropertyKey, method: Method, args: unknown[]): unknown {
  if (typeof o === 'function' && (name === 'call' || name === 'apply')) {
    const [self, ...rest] = args;
    return callMethod(self, o as Method, name === 'call' ? rest : [...((rest[0] as unknown[] | undefined) ?? [])]);
  }
  const named = lookup(o);
  if (named !== undefined && Object.hasOwn(o as object, name)) readAt(named, o as object, name, method);
  return callMethod(o, method, args, name);
}

/** `method.apply(o, args)` where it may be a built-in one; also for what is called by way of `super`. */
export function callMethod(o: unknown, method: Method, args: unknown[], name: PropertyKey = method.name): unknown {
  const named = recording && builtins.has(method) ? lookup(o) : undefined;
  if (named === undefined || named.kind === OPAQUE) {
    if (recording && typeof name === 'string' && TAKES_CONTAINERS.has(name)) args.forEach(all);
    if (ITERATES.has(name)) return iteratorOf(o, method, name) ?? method.apply(o, args);
    return method.apply(o, args);
  }
  const handler = handlers.get(method);
  if (handler === undefined) throw new TypeError(`recorder: ${method.name}() of a container is not known`);
  return handler(o as never, named, args, method);
}

/** An iterator may outlive the step, or be there before the first one: it is always one that records. */
const ITERATES = new Set<PropertyKey>(['keys', 'values', 'entries']);
const iteratorOf = (o: unknown, method: unknown, name: PropertyKey): unknown =>
  builtins.has(method) ? iterator(o, name as 'keys' | 'values' | 'entries') : null;

/** call0() to call3() make no array of arguments while nobody records. */
type Callable = Record<PropertyKey, (...args: unknown[]) => unknown>;
export const call0 = (o: Callable, name: string): unknown => (recording || ITERATES.has(name) ? callWith(o, name, []) : o[name]!());
export const call1 = (o: Callable, name: string, a: unknown): unknown => (recording ? callWith(o, name, [a]) : o[name]!(a));
export const call2 = (o: Callable, name: string, a: unknown, b: unknown): unknown => (recording ? callWith(o, name, [a, b]) : o[name]!(a, b));
export const call3 = (o: Callable, name: string, a: unknown, b: unknown, c: unknown): unknown => (recording ? callWith(o, name, [a, b, c]) : o[name]!(a, b, c));

/** The object of a call whose method has no built-in name: its own functions are fields as others are. */
export function target<T>(o: T, name: string): T {
  if (recording) {
    const named = lookup(o);
    if (named !== undefined && Object.hasOwn(o as object, name)) readAt(named, o as object, name, (o as Keyed)[name]);
  }
  return o;
}
