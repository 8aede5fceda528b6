/**
 * Where a failing execution was decided. After its point of no return every way to go on fails; just before, somebody else could have taken
 * a step from which there still is a way that ends well. Both are found by going on from beginnings of the schedule in all ways.
 */
import { searchDepthFirst } from '../search/depth-first.js';
import { escapes, type Signature } from '../search/showing.js';
import { Tally, type Ending } from '../search/tally.js';
import type { RaceWorld } from '../world/create.js';

/** What comes of a beginning. */
export interface Prospect {
  /** An ending with none of the failures; null: none was seen. */
  readonly escape: Ending | null;
  /** Ways to go on that were seen. */
  readonly executions: number;
  /** Whether these are all there are. */
  readonly complete: boolean;
}

export interface PointOfNoReturn extends Prospect {
  /** The first step after which every way to go on fails, counted from 1; 0: there is no way that does not fail. */
  readonly step: number;
}

/** At the point just before the point of no return: `escape.actor` instead of the one who went on. */
export interface Alternative { readonly actor: number; readonly ending: Ending }

/** Answers what can come of beginnings of schedules. */
export class Prospects {
  readonly #world: RaceWorld;
  readonly #signature: Signature;
  readonly #limit: number;
  readonly #depth: number;

  constructor(world: RaceWorld, signature: Signature, limit: number, depth: number) {
    this.#world = world;
    this.#signature = signature;
    this.#limit = limit;
    this.#depth = depth;
  }

  /** Goes on from there until one way is found that does not fail. */
  after(prefix: readonly number[]): Prospect {
    const tally = new Tally(this.#world);
    let escape: Ending | null = null;
    const seen = searchDepthFirst(this.#world, { prefix, limit: this.#limit, depth: this.#depth }, execution => {
      const ending = tally.add(execution);
      if (execution.cut || !escapes(ending, this.#signature)) return false;
      escape = ending;
      return true;
    });
    return { escape, executions: tally.executions, complete: seen.exhaustive };
  }

  /** The point of no return of a schedule that fails; the more steps were taken, the fewer ways there are, so it is found by halving. */
  pointOfNoReturn(steps: readonly number[]): PointOfNoReturn {
    let decided: PointOfNoReturn = { step: steps.length, ...this.after(steps) };
    for (let low = 0; low < decided.step; ) {
      const step = (low + decided.step) >> 1;
      const prospect = this.after(steps.slice(0, step));
      if (prospect.escape === null) decided = { step, ...prospect };
      else low = step + 1;
    }
    return decided;
  }

  /** The first of some actors whose step after a beginning leaves a way that ends well. */
  alternative(prefix: readonly number[], actors: readonly number[]): Alternative | null {
    for (const actor of actors) {
      const { escape } = this.after([...prefix, actor]);
      if (escape !== null) return { actor, ending: escape };
    }
    return null;
  }
}
