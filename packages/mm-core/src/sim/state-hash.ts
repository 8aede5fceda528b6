/**
 * A hash of the whole state of a machine: two machines with equal hashes went the same way. It covers everything that a kernel
 * function can still read. Not covered: what lies in frames that are free (stale fields), who observes the machine, and the
 * resumable functions that sleep in it (their waits are covered).
 *
 * Objects are walked breadth first from the machine, each numbered when it is first met, so that sharing and cycles count.
 */
import type { Machine } from '../machine.js';

/** Fields of the machine that have their own way into the hash, or none. */
const SPECIAL = new Set(['mem_map', 'ptes', 'table_page', 'radix', 'bh', 'lockdep', 'preemptible', 'need_resched', 'node_distance']);

class Hash {
  #a = 0x9e3779b9;
  #b = 0x85ebca6b;
  readonly #double = new Float64Array(1);
  readonly #words = new Uint32Array(this.#double.buffer);

  word(value: number): void {
    this.#a = Math.imul(this.#a ^ value, 0x01000193);
    this.#a ^= this.#a >>> 15;
    this.#b = Math.imul((this.#b << 13) | (this.#b >>> 19), 5) ^ Math.imul(value, 0xcc9e2d51);
  }
  number(value: number): void {
    if ((value | 0) === value) {
      this.word(value);
      return;
    }
    this.#double[0] = value;
    this.word(this.#words[0]!);
    this.word(this.#words[1]!);
  }
  string(value: string): void {
    this.word(value.length);
    for (let i = 0; i < value.length; i++) this.word(value.charCodeAt(i));
  }
  words(values: Uint32Array | Int32Array | Uint16Array | Uint8Array, from: number, to: number): void {
    for (let i = from; i < to; i++) this.word(values[i]!);
  }
  hex(): string {
    const half = (value: number): string => (value >>> 0).toString(16).padStart(8, '0');
    return half(Math.imul(this.#a ^ (this.#a >>> 16), 0x7feb352d)) + half(Math.imul(this.#b ^ (this.#b >>> 13), 0x846ca68b));
  }
}

export function stateHash(k: { readonly m: Machine }): string {
  const { m } = k;
  const hash = new Hash();
  hashFrames(hash, m);
  hash.words(m.ptes, 0, m.table_high * m.PTRS);
  hash.words(m.table_page, 0, m.table_high);
  hash.words(m.radix.slots, 0, m.radix.high * 64);
  hash.words(m.radix.tags, 0, m.radix.high * 4);
  hash.words(m.radix.count, 0, m.radix.high);
  for (const column of [m.bh.b_state, m.bh.b_this_page, m.bh.b_page, m.bh.b_blocknr, m.bh.b_count]) hash.words(column, 0, m.bh.high);
  hashObjects(hash, m);
  return hash.hex();
}

/** The records of frames that are not inside a free block; of a free block the first one's. */
function hashFrames(hash: Hash, m: Machine): void {
  const { mem_map: mem } = m;
  const { flags, _count, _mapcount, mapping, index, content, lru_next, lru_prev } = mem;
  hash.words(lru_next, mem.first_list_head, m.list_head_high);
  hash.words(lru_prev, mem.first_list_head, m.list_head_high);
  const skip = new Uint8Array(mem.max_mapnr);
  for (const zone of m.zones) {
    zone?.free_area.forEach((area, order) => {
      for (let page = lru_next[area.free_list]!; page < mem.max_mapnr; page = lru_next[page]!) skip[page] = order + 1;
    });
  }
  for (const zone of m.zones) {
    if (zone === undefined) continue;
    for (let page = zone.zone_start_pfn; page < zone.zone_start_pfn + zone.present_pages; ) {
      hash.word(page);
      hash.word(flags[page]!);
      hash.word(mem.private[page]!);
      hash.word(lru_next[page]!);
      hash.word(lru_prev[page]!);
      if (_count[page] !== 0) {
        hash.word(_count[page]!);
        hash.word(_mapcount[page]!);
        hash.word(mapping[page]!);
        hash.word(index[page]!);
        hash.word(content[page]!);
      }
      page += skip[page] === 0 ? 1 : 2 ** (skip[page]! - 1);
    }
  }
}

function scalar(hash: Hash, item: unknown): void {
  if (typeof item === 'number') hash.number(item);
  else if (typeof item === 'string') hash.string(item);
  else if (typeof item === 'boolean') hash.word(item ? 1 : 2);
  else hash.word(item === null ? 4 : 3);
}

function hashObjects(hash: Hash, m: Machine): void {
  const numbers = new Map<object, number>([[m, 0]]);
  const queue: object[] = [m];
  const value = (item: unknown): void => {
    if (typeof item !== 'object' || item === null) {
      scalar(hash, item);
      return;
    }
    let number = numbers.get(item);
    if (number === undefined) {
      number = numbers.size;
      numbers.set(item, number);
      queue.push(item);
    }
    hash.word(number);
  };
  /* The queue grows while it is walked. */
  for (const object of queue) hashObject(hash, object, value, object === m);
}

interface Shape { readonly keys: readonly string[]; readonly sorted: readonly string[] }
/** The kinds of objects that were met, by their first key. They are few, and sorting their keys takes longer than all else. */
const shapes = new Map<string, Shape[]>();
const SHAPES_KEPT = 8;

/** The object's own keys in ascending order. */
function sortedKeys(object: object): readonly string[] {
  const keys = Object.keys(object);
  if (keys.length === 0) return keys;
  let alike = shapes.get(keys[0]!);
  if (alike === undefined) shapes.set(keys[0]!, (alike = []));
  const known = alike.find(shape => shape.keys.length === keys.length && shape.keys.every((key, i) => key === keys[i]));
  if (known !== undefined) return known.sorted;
  const sorted = [...keys].sort();
  if (alike.length < SHAPES_KEPT) alike.push({ keys, sorted });
  return sorted;
}

function hashObject(hash: Hash, object: object, value: (item: unknown) => void, isMachine: boolean): void {
  if (object instanceof Uint32Array || object instanceof Int32Array || object instanceof Uint16Array || object instanceof Uint8Array) {
    hash.words(object, 0, object.length);
  } else if (Array.isArray(object)) {
    hash.word(object.length);
    for (const item of object as unknown[]) value(item);
  } else if (object instanceof Map) {
    hash.word(object.size);
    for (const [key, item] of object as Map<unknown, unknown>) {
      value(key);
      value(item);
    }
  } else if (object instanceof Set) {
    hash.word(object.size);
    for (const item of object as Set<unknown>) value(item);
  } else {
    for (const key of sortedKeys(object)) {
      if (isMachine && SPECIAL.has(key)) continue;
      hash.string(key);
      value((object as Readonly<Record<string, unknown>>)[key]);
    }
  }
}
