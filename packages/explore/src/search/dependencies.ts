/**
 * Which steps of one execution depend on which: a step comes before another in every equivalent execution when they are the same
 * actor's, or dependent, or something between them is (happens-before). Kept as vector clocks.
 */
import type { Footprint } from '../record/footprint.js';

interface Step { readonly actor: number; readonly footprint: Footprint }

/** Accesses to a location since it was written last: that write, and the reads and additions after it. */
interface Accesses { write: number; reads: number[]; incs: number[] }

export class Dependencies {
  readonly #steps: readonly Step[];
  /** By step: for each actor the number of its last step that must come before, itself included; -1 none. */
  readonly #clocks: Int32Array[] = [];
  /** By actor: the clock of its last step. */
  readonly #last: Int32Array[];
  /** By location, of those that some step of the execution changes; others cannot make steps dependent. */
  readonly #accesses: (Accesses | undefined)[];

  constructor(steps: readonly Step[], actors: number, locations: number) {
    this.#steps = steps;
    this.#accesses = new Array<Accesses | undefined>(locations).fill(undefined);
    this.#last = Array.from({ length: actors }, () => new Int32Array(actors).fill(-1));
    for (const { footprint: { writeLoc, incLoc } } of steps) {
      for (const location of writeLoc) this.#accesses[location] = { write: -1, reads: [], incs: [] };
      for (const location of incLoc) this.#accesses[location] = { write: -1, reads: [], incs: [] };
    }
  }

  /**
   * The steps before `at` that depend on a step of `actor` there and need not come before it. Steps before `at` have been added. All of them, not the last one only: at
   * the last one the actor may have been unable to take its step, and an earlier one may be what took it the chance.
   */
  racesWith(at: number, actor: number, footprint: Footprint): Set<number> {
    const clock = this.#last[actor]!;
    const races = new Set<number>();
    this.#each(footprint, before => {
      const other = this.#steps[before]!.actor;
      if (before < at && other !== actor && before > clock[other]!) races.add(before);
    });
    return races;
  }

  /** The step has been taken, after all that were added before. */
  add(at: number): void {
    const { actor, footprint } = this.#steps[at]!;
    const clock = Int32Array.from(this.#last[actor]!);
    this.#each(footprint, before => {
      const other = this.#clocks[before]!;
      for (let i = 0; i < clock.length; i++) if (other[i]! > clock[i]!) clock[i] = other[i]!;
    });
    clock[actor] = at;
    this.#clocks[at] = clock;
    this.#last[actor] = clock;
    this.#note(at, footprint);
  }

  /** Calls `visit` with every added step that a step with this footprint depends on directly. */
  #each({ readLoc, writeLoc, incLoc }: Footprint, visit: (step: number) => void): void {
    const one = (step: number): void => { if (step >= 0) visit(step); };
    for (const location of readLoc) {
      const accesses = this.#accesses[location];
      if (accesses === undefined) continue;
      one(accesses.write);
      accesses.incs.forEach(one);
    }
    for (const location of incLoc) {
      const accesses = this.#accesses[location];
      if (accesses === undefined) continue;
      one(accesses.write);
      accesses.reads.forEach(one);
    }
    for (const location of writeLoc) {
      const accesses = this.#accesses[location];
      if (accesses === undefined) continue;
      one(accesses.write);
      accesses.reads.forEach(one);
      accesses.incs.forEach(one);
    }
  }

  #note(at: number, { readLoc, writeLoc, incLoc }: Footprint): void {
    for (const location of readLoc) this.#accesses[location]?.reads.push(at);
    for (const location of incLoc) this.#accesses[location]!.incs.push(at);
    for (const location of writeLoc) this.#accesses[location] = { write: at, reads: [], incs: [] };
  }
}
