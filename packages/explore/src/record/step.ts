/**
 * The accesses of the step that is being recorded: a hash table from locations to the first and the last value. It is written some
 * hundred thousand times a second, so it is columns of numbers.
 */
import type { Footprint } from './footprint.js';
import { KEYS } from './keys.js';
import { valueOf } from './names.js';

const READ = 1;
const WRITE = 2;
const INC = 4;

let size = 1024;
let ids = new Int32Array(size);
let keys = new Int32Array(size);
let flags = new Uint8Array(size);
let deltas = new Float64Array(size);
/* Before the first access, and after the last. */
const first: unknown[] = [];
const last: unknown[] = [];
let count = 0;

/* Open addressing, half full at most; a slot is empty unless its stamp is the present one. */
let mask = 2 * size - 1;
let entries = new Int32Array(2 * size);
let stamps = new Int32Array(2 * size);
let stamp = 1;

export function clear(): void {
  first.fill(undefined, 0, count); // what they held may go
  last.fill(undefined, 0, count);
  count = 0;
  if (++stamp === 0x7fff_ffff) {
    stamps.fill(0);
    stamp = 1;
  }
}

const hashOf = (id: number, key: number): number => {
  const h = Math.imul(id, 0x9e3779b1) ^ Math.imul(key, 0x85ebca6b);
  return h ^ (h >>> 15);
};

/** The entry of a location; a new one has no flags yet. */
function entryOf(id: number, key: number): number {
  let slot = hashOf(id, key) & mask;
  while (stamps[slot] === stamp) {
    const entry = entries[slot]!;
    if (ids[entry] === id && keys[entry] === key) return entry;
    slot = (slot + 1) & mask;
  }
  if (count === size) {
    grow();
    slot = freeSlot(id, key);
  }
  stamps[slot] = stamp;
  entries[slot] = count;
  ids[count] = id;
  keys[count] = key;
  flags[count] = 0;
  return count++;
}
function freeSlot(id: number, key: number): number {
  let slot = hashOf(id, key) & mask;
  while (stamps[slot] === stamp) slot = (slot + 1) & mask;
  return slot;
}
function grow(): void {
  size *= 2;
  const larger = <T extends Int32Array | Uint8Array | Float64Array>(made: T, from: T): T => {
    made.set(from);
    return made;
  };
  ids = larger(new Int32Array(size), ids);
  keys = larger(new Int32Array(size), keys);
  flags = larger(new Uint8Array(size), flags);
  deltas = larger(new Float64Array(size), deltas);
  mask = 2 * size - 1;
  entries = new Int32Array(2 * size);
  stamps = new Int32Array(2 * size);
  stamp = 1;
  for (let entry = 0; entry < count; entry++) {
    const slot = freeSlot(ids[entry]!, keys[entry]!);
    stamps[slot] = stamp;
    entries[slot] = entry;
  }
}

/** @returns whether the value had not been seen before. */
export function read(id: number, key: number, value: unknown): boolean {
  const entry = entryOf(id, key);
  const flag = flags[entry]!;
  if ((flag & (READ | WRITE)) !== 0) return false;
  if (flag === 0) first[entry] = value;
  else last[entry] = value; // it was added to
  flags[entry] = flag === 0 ? READ : READ | WRITE;
  return true;
}

export function write(id: number, key: number, old: unknown, now: unknown): void {
  const entry = entryOf(id, key);
  const flag = flags[entry]!;
  if (flag === 0) first[entry] = old;
  flags[entry] = flag === INC ? READ | WRITE : flag | WRITE;
  last[entry] = now;
}

/** Whether the step has written there, so that a value before it need not be found out. */
export const isWritten = (id: number, key: number): boolean => (flags[entryOf(id, key)]! & WRITE) !== 0;
/** The value before the first write had been read by then. */
export function readBeforeWrite(id: number, key: number): void {
  flags[entryOf(id, key)]! |= READ;
}

/** `now` is what became of `old` by adding `delta`; where that is no exact sum of integers it is a read and a write. */
export function increment(id: number, key: number, old: number, delta: number, now: number): void {
  if (!Number.isSafeInteger(old) || !Number.isSafeInteger(delta) || now !== old + delta) {
    read(id, key, old);
    write(id, key, old, now);
    return;
  }
  const entry = entryOf(id, key);
  const flag = flags[entry]!;
  last[entry] = now;
  if (flag === 0) {
    flags[entry] = INC;
    first[entry] = old;
    deltas[entry] = delta;
  } else if (flag === INC) deltas[entry]! += delta;
  else flags[entry] = flag | WRITE;
}

/**
 * What the step did, in the order in which it came to each location. One that is left with the value it had is only read: in any order of
 * steps in which nobody else changes it, the write makes no difference. One that comes out of additions unchanged is not there at all.
 */
export function footprint(): Footprint {
  const made: Footprint = { readLoc: [], readVal: [], writeLoc: [], writeOld: [], writeNew: [], incLoc: [], incDelta: [], incOld: [] };
  for (let entry = 0; entry < count; entry++) {
    const location = ids[entry]! * KEYS + keys[entry]!;
    const flag = flags[entry]!;
    if (flag === 0) continue; // asked for, and not accessed
    const before = first[entry];
    const after = last[entry];
    if (flag === INC) {
      if (deltas[entry] === 0) continue;
      made.incLoc.push(location);
      made.incDelta.push(deltas[entry]!);
      made.incOld.push(before as number);
      continue;
    }
    const changed = (flag & WRITE) !== 0 && !Object.is(before, after);
    if ((flag & READ) !== 0 || !changed) {
      made.readLoc.push(location);
      made.readVal.push(valueOf(before));
    }
    if (changed) {
      made.writeLoc.push(location);
      made.writeOld.push(valueOf(before));
      made.writeNew.push(valueOf(after));
    }
  }
  return made;
}
