/**
 * Where a failing execution was decided. After its point of no return every way to go on fails; just before, somebody else could have taken
 * a step from which there still is a way that ends well.
 */
import type { Outcome } from '../outcome.js';
import type { Signature } from '../search/showing.js';
import type { Prospect, Prospects } from './prospects.js';

export interface PointOfNoReturn extends Prospect {
  /** The first step after which every way to go on fails, counted from 1; 0: there is no way that does not fail. */
  readonly step: number;
}

/** The point of no return of a schedule that fails; the more steps were taken, the fewer ways there are, so it is found by halving. */
export function findPointOfNoReturn(prospects: Prospects, steps: readonly number[], signature: Signature | null): PointOfNoReturn {
  let decided: PointOfNoReturn = { step: steps.length, ...prospects.after(steps, signature) };
  for (let low = 0; low < decided.step; ) {
    const step = (low + decided.step) >> 1;
    const prospect = prospects.after(steps.slice(0, step), signature);
    if (prospect.escape === null) decided = { step, ...prospect };
    else low = step + 1;
  }
  return decided;
}

/** Who else could have taken a step, and how it can end then. */
export interface Alternative { readonly actor: number; readonly ending: Outcome }

/** The first of some actors whose step after a beginning leaves a way that ends well. */
export function findAlternative(prospects: Prospects, prefix: readonly number[], actors: readonly number[], signature: Signature | null): Alternative | null {
  for (const actor of actors) {
    const { escape } = prospects.after([...prefix, actor], signature);
    if (escape !== null) return { actor, ending: escape };
  }
  return null;
}
