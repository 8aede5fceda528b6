/** One execution of a race: from its beginning to where nobody can take a step, or as far as the limit goes. */
import type { Walk } from './walk.js';

/** Steps an execution may take; migrate_page_common() alone tries for 500 rounds of sleep. */
export const DEFAULT_DEPTH = 4000;

/**
 * Chooses who takes the next step.
 * @param able indices of those who can, ascending; more than one.
 * @param last who took the last one, -1 at first.
 * @param taken steps so far.
 */
export type Chooser = (able: readonly number[], last: number, taken: number) => number;

export interface Execution {
  /** Who took each step, by index. */
  readonly schedule: readonly number[];
  /** The limit was reached. */
  readonly cut: boolean;
  /** Times that somebody was taken off the CPU who could have gone on. */
  readonly preemptions: number;
  /** Its share of the tree of choices, when at each every option counts the same. */
  readonly share: number;
}

/** What an earlier execution has left to be done again: nobody is asked who takes the first `length` of these steps. */
export interface Begun extends Pick<Execution, 'preemptions' | 'share'> {
  readonly steps: readonly number[];
  readonly length: number;
}
const NOTHING: Begun = { steps: [], length: 0, preemptions: 0, share: 1 };

/** Walks from the beginning; after the steps that are known the choice is asked for wherever there is one. */
export function execute(walk: Walk, choose: Chooser, depth = DEFAULT_DEPTH, begun = NOTHING): Execution {
  walk.goTo(begun.steps, begun.length);
  const schedule = begun.steps.slice(0, begun.length);
  let last = schedule.at(-1) ?? -1;
  let { preemptions, share } = begun;
  for (;;) {
    const able = walk.able();
    if (able.length === 0) return { schedule, cut: false, preemptions, share };
    if (schedule.length >= depth) return { schedule, cut: true, preemptions, share };
    const next = able.length === 1 ? able[0]! : choose(able, last, schedule.length);
    if (next !== last && last >= 0 && able.includes(last) && walk.isRunnable(last)) preemptions++;
    share /= able.length;
    walk.step(next);
    schedule.push(next);
    last = next;
  }
}
