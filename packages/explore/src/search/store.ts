/**
 * The shared state of a race without the machine: which location holds another value than at the beginning. A step that is known changes
 * it as it would change the machine, and it is changed back when the search goes back. Its hash is kept up to date with every change.
 * Locations are the numbers that the run gives them (recorded-run.ts).
 */
import type { Footprint, Value } from '../record/footprint.js';

/** Numbers for values, so that a pair of location and value is hashed from numbers alone. */
const valueNumbers = new Map<string, number>();
function numberOf(value: Value): number {
  if (typeof value === 'number' && (value | 0) === value) return value;
  const key = typeof value === 'number' ? `${value}` : value;
  let number = valueNumbers.get(key);
  if (number === undefined) valueNumbers.set(key, (number = 0x4000_0000 + valueNumbers.size));
  return number;
}

const mix = (a: number, b: number): number => {
  let h = Math.imul(a ^ (a >>> 16), 0x7feb352d) ^ Math.imul(b, 0x9e3779b1);
  h = Math.imul(h ^ (h >>> 15), 0x846ca68b);
  return h ^ (h >>> 16);
};

export class Store {
  /** Values at the beginning, of locations that some step has come across. */
  readonly #base: (Value | undefined)[] = [];
  readonly #now: (Value | undefined)[] = [];
  /** Locations and what was there, to be put back from the end on; `undefined`: what was there at the beginning. */
  readonly #undoLoc: number[] = [];
  readonly #undoVal: (Value | undefined)[] = [];
  #a = 0;
  #b = 0;

  /** What is at a location; undefined when no step has come across it. */
  get(location: number): Value | undefined {
    return this.#now[location] ?? this.#base[location];
  }

  /** The state as a key: equal for equal states. */
  get key(): string {
    return `${this.#a}:${this.#b}`;
  }

  /** Where revert() can go back to. */
  get mark(): number {
    return this.#undoLoc.length;
  }

  /** What a step that has been recorded in this state came across, which tells of the beginning. */
  learn({ readLoc, readVal, writeLoc, writeOld, incLoc, incOld }: Footprint): void {
    readLoc.forEach((location, i) => { this.#learn(location, readVal[i]!); });
    writeLoc.forEach((location, i) => { this.#learn(location, writeOld[i]!); });
    incLoc.forEach((location, i) => { this.#learn(location, incOld[i]!); });
  }
  #learn(location: number, value: Value): void {
    for (let { length } = this.#now; length <= location; length++) {
      this.#now.push(undefined);
      this.#base.push(undefined);
    }
    if (this.get(location) === undefined) this.#base[location] = value;
  }

  /** Whether a step that has read this would read the same now. */
  matches({ readLoc, readVal, incLoc }: Footprint): boolean {
    for (let i = 0; i < readLoc.length; i++) if (this.get(readLoc[i]!) !== readVal[i]) return false;
    for (const location of incLoc) if (this.get(location) === undefined) return false;
    return true;
  }

  /** The step is done. */
  apply({ writeLoc, writeNew, incLoc, incDelta }: Footprint): void {
    for (let i = 0; i < writeLoc.length; i++) this.#set(writeLoc[i]!, writeNew[i]!);
    for (let i = 0; i < incLoc.length; i++) this.#set(incLoc[i]!, (this.get(incLoc[i]!) as number) + incDelta[i]!);
  }

  /** Everything since a mark is undone. */
  revert(mark: number): void {
    while (this.#undoLoc.length > mark) {
      const location = this.#undoLoc.pop()!;
      const value = this.#undoVal.pop();
      this.#hash(location, this.#now[location]!);
      this.#now[location] = value;
      if (value !== undefined) this.#hash(location, value);
    }
  }

  #set(location: number, value: Value): void {
    const old = this.#now[location];
    if (old === value || (old === undefined && this.#base[location] === value)) return;
    this.#undoLoc.push(location);
    this.#undoVal.push(old);
    if (old !== undefined) this.#hash(location, old);
    this.#now[location] = value;
    this.#hash(location, value);
  }

  /** Adds a pair to the hash, or takes it out. What is as at the beginning does not count. */
  #hash(location: number, value: Value): void {
    if (value === this.#base[location]) return;
    const number = numberOf(value);
    this.#a ^= mix(mix(location, 0), number);
    this.#b ^= mix(mix(number, location), 0x5bd1);
  }
}
