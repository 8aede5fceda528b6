/** One execution of a race: from its beginning to where nobody can take a step, or as far as the limit goes. */
import { canStep, isRunnable, step } from '../world/world.js';
import type { RaceWorld } from '../world/create.js';

/** Steps an execution may take; migrate_page_common() alone tries for 500 rounds of sleep. */
export const DEFAULT_DEPTH = 4000;

/**
 * Chooses who takes the next step.
 * @param enabled indices of those who can, ascending; more than one.
 * @param last who took the last one, -1 at first.
 * @param taken steps so far.
 */
export type Chooser = (enabled: readonly number[], last: number, taken: number) => number;

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

/** Runs the world from its beginning; after the steps that are known the choice is asked for wherever there is one. */
export function execute(world: RaceWorld, choose: Chooser, depth = DEFAULT_DEPTH, begun = NOTHING): Execution {
  world.reset();
  const { actors } = world;
  const schedule = begun.steps.slice(0, begun.length);
  for (const actor of schedule) step(world, actors[actor]!);
  const enabled: number[] = [];
  let last = schedule.at(-1) ?? -1;
  let { preemptions, share } = begun;
  for (;;) {
    enabled.length = 0;
    for (let i = 0; i < actors.length; i++) if (canStep(world, actors[i]!)) enabled.push(i);
    if (enabled.length === 0) return { schedule, cut: false, preemptions, share };
    if (schedule.length >= depth) return { schedule, cut: true, preemptions, share };
    const next = enabled.length === 1 ? enabled[0]! : choose(enabled, last, schedule.length);
    if (next !== last && last >= 0 && enabled.includes(last) && isRunnable(actors[last]!)) preemptions++;
    share /= enabled.length;
    step(world, actors[next]!);
    schedule.push(next);
    last = next;
  }
}
