/**
 * Takes a machine back to where it was. Every execution of a race begins at the same state, tens of thousands of times a second, so a
 * restore writes the old values back into the same objects: nothing is allocated, and the kernel's compiled code keeps seeing the
 * objects it knows.
 *
 * The walk goes over everything that can be reached from the machine. What functions have captured is out of its sight; therefore a
 * checkpoint is only taken where no I/O is under way and nobody is in the kernel but threads in their first sleep.
 */
import type { KernelThread, Machine } from '@pmkit/mm-core';
import { RADIX_TREE_MAP_SIZE, RADIX_TREE_TAGS } from '@pmkit/mm-core/include/linux/radix-tree';

type Words = Uint32Array | Int32Array | Uint16Array | Uint8Array | Float64Array;
type Fields = Record<string, unknown>;

/** Objects with the same keys in the same order, and the values of all of them one after another. */
interface Shape {
  readonly keys: readonly string[];
  readonly objects: Fields[];
  readonly values: unknown[];
}

interface SavedWords { readonly live: Words; readonly saved: Words; /** How much of the live one is in use. */ readonly used: () => number }

export interface Checkpoint {
  /** Puts everything back. */
  restore(): void;
  /** Objects that are looked after. */
  readonly size: number;
}

/**
 * Remembers the state of a machine at rest.
 * @throws {RangeError} when I/O is under way, or somebody who is no kernel thread sleeps in the kernel.
 */
export function checkpoint(m: Machine): Checkpoint {
  checkAtRest(m);
  const walk = new Walk(m);
  walk.all();
  const { shapes, arrays, maps, sets, words } = walk;
  const filled = [...shapes].map(([name, { keys, objects, values }]) => ({ fill: filler(name, keys), objects, values }));
  const putArrays = restoreArrays(arrays);
  return {
    size: walk.count,
    restore() {
      for (const area of words) restoreWords(area); // while the machine's fields still say how much is in use
      for (const { fill, objects, values } of filled) fill(objects, values);
      putArrays();
      for (const [live, saved] of maps) restoreMap(live, saved);
      for (const [live, saved] of sets) restoreSet(live, saved);
    },
  };
}

function checkAtRest(m: Machine): void {
  if (m.pending_io.length > 0) throw new RangeError(`checkpoint: ${m.pending_io.length} requests are under way, expected a machine at rest`);
  const threads = new Set(m.kthreads.map((thread: KernelThread) => thread.task));
  for (const task of m.paths.keys()) {
    if (!threads.has(task)) throw new RangeError(`checkpoint: ${task.comm}[${task.pid}] is asleep in the kernel, expected a machine at rest`);
  }
}

class Walk {
  readonly shapes = new Map<string, Shape>();
  readonly arrays: unknown[][] = [];
  readonly maps: [Map<unknown, unknown>, readonly (readonly [unknown, unknown])[]][] = [];
  readonly sets: [Set<unknown>, readonly unknown[]][] = [];
  readonly words: SavedWords[] = [];
  readonly #seen = new Set<object>();
  readonly #queue: object[] = [];
  readonly #m: Machine;

  constructor(m: Machine) {
    this.#m = m;
    this.#storeTables();
    this.#meet(m);
  }

  get count(): number {
    return this.#seen.size;
  }

  all(): void {
    for (const object of this.#queue) this.#visit(object); // the queue grows while it is walked
  }

  /** The big stores, of which only the beginning is in use. */
  #storeTables(): void {
    const m = this.#m;
    const { mem_map: mem } = m;
    const { radix, bh } = m;
    const links = (): number => m.list_head_high;
    for (const field of [mem.lru_next, mem.lru_prev]) this.#save(field, links);
    this.#save(m.ptes, () => m.table_high * m.PTRS);
    this.#save(m.table_page, () => m.table_high);
    // nodes and buffer heads are rows of stores that grow
    for (const [field, width] of [[radix.slots, RADIX_TREE_MAP_SIZE], [radix.tags, 2 * RADIX_TREE_TAGS], [radix.count, 1]] as const) this.#save(field, () => radix.high * width);
    for (const field of [bh.b_state, bh.b_this_page, bh.b_page, bh.b_blocknr, bh.b_count]) this.#save(field, () => bh.high);
    const frames = (): number => mem.max_mapnr;
    for (const field of [mem.flags, mem._count, mem._mapcount, mem.mapping, mem.index, mem.private, mem.content]) this.#save(field, frames);
    this.#seen.add(mem); // its fields never change
    this.#seen.add(m.node_distance);
  }

  #save(live: Words, used: () => number): void {
    this.#seen.add(live);
    this.words.push({ live, saved: live.slice(0, used()), used });
  }

  #meet(value: unknown): void {
    if (typeof value !== 'object' || value === null || this.#seen.has(value)) return;
    if (typeof (value as { next?: unknown }).next === 'function') return; // a generator: see the file's head
    this.#seen.add(value);
    this.#queue.push(value);
  }

  #visit(object: object): void {
    if (ArrayBuffer.isView(object)) this.words.push({ live: object as Words, saved: (object as Words).slice(), used: () => (object as Words).length });
    else if (Array.isArray(object)) this.#visitArray(object as unknown[]);
    else if (object instanceof Map) {
      const entries = [...(object as Map<unknown, unknown>)];
      for (const [key, value] of entries) { this.#meet(key); this.#meet(value); }
      this.maps.push([object as Map<unknown, unknown>, entries]);
      this.#visitFields(object as unknown as Fields); // a table of open files counts its users
    } else if (object instanceof Set) {
      const items = [...(object as Set<unknown>)];
      for (const item of items) this.#meet(item);
      this.sets.push([object as Set<unknown>, items]);
    } else this.#visitFields(object as Fields);
  }

  #visitArray(array: unknown[]): void {
    for (const item of array) this.#meet(item);
    if (!Object.isFrozen(array)) this.arrays.push(array);
  }

  #visitFields(object: Fields): void {
    const keys = Object.keys(object);
    for (const key of keys) this.#meet(object[key]);
    if (Object.isFrozen(object) || keys.length === 0) return;
    const name = keys.join(' ');
    let shape = this.shapes.get(name);
    if (shape === undefined) this.shapes.set(name, (shape = { keys, objects: [], values: [] }));
    shape.objects.push(object);
    for (const key of keys) shape.values.push(object[key]);
  }
}

/** Writes the fields of all objects of a shape. */
type Fill = (objects: readonly Fields[], values: readonly unknown[]) => void;

const fillers = new Map<string, Fill>();

/** One for each shape as long as the process lives: the engine takes some thousand restores to compile them well. */
function filler(name: string, keys: readonly string[]): Fill {
  let fill = fillers.get(name);
  if (fill === undefined) fillers.set(name, (fill = compile(keys)));
  return fill;
}

/** Printed, because a loop over keys costs ten times as much. */
function compile(keys: readonly string[]): Fill {
  try {
    const body = keys.map((key, i) => `if(o[${JSON.stringify(key)}]!==values[at+${i}])o[${JSON.stringify(key)}]=values[at+${i}];`).join('');
    // The text consists of keys of the simulator's own objects, quoted.
    // oxlint-disable-next-line typescript/no-implied-eval
    return new Function('objects', 'values', `let at=0;for(const o of objects){${body}at+=${keys.length};}`) as Fill;
  } catch (error) {
    if (!(error instanceof EvalError)) throw error; // code from text is forbidden here
    return (objects, values) => {
      let at = 0;
      for (const object of objects) for (const key of keys) object[key] = values[at++];
    };
  }
}

/** Most arrays are short or empty: their items are kept in one. */
function restoreArrays(arrays: readonly unknown[][]): () => void {
  const empty = arrays.filter(({ length }) => length === 0);
  const filled = arrays.filter(({ length }) => length > 0);
  const lengths = filled.map(({ length }) => length);
  const items = filled.flatMap(array => [...array]); // a hole is undefined
  return () => {
    for (const live of empty) if (live.length !== 0) live.length = 0;
    let at = 0;
    for (let i = 0; i < filled.length; i++) {
      const live = filled[i]!;
      const length = lengths[i]!;
      if (live.length !== length) live.length = length;
      for (let j = 0; j < length; j++, at++) if (live[j] !== items[at]) live[j] = items[at];
    }
  };
}

/** The order of a map is state too. */
function restoreMap(live: Map<unknown, unknown>, saved: readonly (readonly [unknown, unknown])[]): void {
  let same = live.size === saved.length;
  if (same) {
    let i = 0;
    for (const [key, value] of live) {
      const entry = saved[i++]!;
      if (entry[0] !== key || entry[1] !== value) {
        same = false;
        break;
      }
    }
  }
  if (same) return;
  live.clear();
  for (const [key, value] of saved) live.set(key, value);
}

function restoreSet(live: Set<unknown>, saved: readonly unknown[]): void {
  let same = live.size === saved.length;
  if (same) {
    let i = 0;
    for (const item of live) {
      if (saved[i++] !== item) {
        same = false;
        break;
      }
    }
  }
  if (same) return;
  live.clear();
  for (const item of saved) live.add(item);
}

/** What came into use since is as good as new: zero. */
function restoreWords({ live, saved, used }: SavedWords): void {
  const end = used();
  live.set(saved);
  if (end > saved.length) live.fill(0, saved.length, end);
}
