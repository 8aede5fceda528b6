/** What one step has read and written of the state that tasks share, and whether two steps can be told apart by their order. */

/** A number as it is; anything else as text: `s:…` string, `b:0` `b:1`, `u` undefined or absent, `n` null, `i:…` bigint, `o:<id>` object or function. */
export type Value = number | string;

/**
 * Columns, one entry per location in each group; what a step has written before is no read, and what it has written and left as it was is
 * one (step.ts). A location is one number: the id of an object
 * times 2^27, plus the key.
 */
export interface Footprint {
  readonly readLoc: number[];
  readonly readVal: Value[];
  readonly writeLoc: number[];
  /** Before the first write of the step. */
  readonly writeOld: Value[];
  /** After the last. */
  readonly writeNew: Value[];
  /** Changed by addition only, without regard to what was there. */
  readonly incLoc: number[];
  readonly incDelta: number[];
  readonly incOld: number[];
}

const holdsAny = (set: ReadonlySet<number>, locations: readonly number[]): boolean => locations.some(location => set.has(location));

/** Whether the order of two steps matters: one writes what the other reads, writes or adds to. Additions do not disturb each other. */
export function overlaps(a: Footprint, b: Footprint): boolean {
  if (a.writeLoc.length > 0) {
    const written = new Set(a.writeLoc);
    if (holdsAny(written, b.readLoc) || holdsAny(written, b.writeLoc) || holdsAny(written, b.incLoc)) return true;
  }
  if (b.writeLoc.length > 0) {
    const written = new Set(b.writeLoc);
    if (holdsAny(written, a.readLoc) || holdsAny(written, a.incLoc)) return true;
  }
  if (a.incLoc.length > 0 && holdsAny(new Set(a.incLoc), b.readLoc)) return true;
  return b.incLoc.length > 0 && holdsAny(new Set(b.incLoc), a.readLoc);
}
