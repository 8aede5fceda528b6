/**
 * Random schedules from a seed. `random` chooses at every step with equal chances; `pct` gives every actor a priority, always runs the
 * highest, and lowers it at a few random steps: a failure that takes d such changes is found with a known least probability (Burckhardt,
 * Kothari, Musuvathi, Nagarakatte: A Randomized Scheduler with Probabilistic Guarantees of Finding Bugs, ASPLOS 2010).
 */
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { DEFAULT_DEPTH, execute, type Chooser, type Execution } from './execute.js';
import type { Walk } from './walk.js';

export interface RandomOptions {
  readonly strategy: 'random' | 'pct';
  readonly seed: number;
  readonly executions: number;
  /** Number of the first execution: each depends on the seed and its number alone. Default 0. */
  readonly from?: number;
  readonly depth?: number;
  /** PCT: ordering constraints that a failure may need (priority changes + 1). Default 3. */
  readonly changes?: number;
}

/** Calls `visit` at the end of every execution, while the walk is in its final state; a visit that returns true ends the search. */
export function searchRandom(
  walk: Walk, { strategy, seed, executions, from = 0, depth = DEFAULT_DEPTH, changes = 3 }: RandomOptions, visit: (execution: Execution) => boolean,
): void {
  // PCT must know how long an execution is; the undisturbed one says so
  const length = strategy === 'pct' ? Math.max(execute(walk, able => able[0]!, depth).schedule.length, 2) : 0;
  for (let i = from; i < from + executions; i++) {
    const random = xoroshiro128plus((Math.imul(seed, 0x9e37_79b1) ^ Math.imul(i, 0x85eb_ca6b)) | 0);
    const draw = (below: number): number => uniformInt(random, 0, below - 1);
    const choose = strategy === 'random' ? (able: readonly number[]): number => able[draw(able.length)]! : byPriority(walk.actors.length, length, changes, draw);
    if (visit(execute(walk, choose, depth))) return;
  }
}

function byPriority(actors: number, length: number, changes: number, draw: (below: number) => number): Chooser {
  const priority = Array.from({ length: actors }, (_, i) => changes + i);
  for (let i = actors - 1; i > 0; i--) {
    const j = draw(i + 1);
    [priority[i], priority[j]] = [priority[j]!, priority[i]!];
  }
  const points = Array.from({ length: changes - 1 }, () => draw(length));
  const highest = (able: readonly number[]): number => able.reduce((best, actor) => (priority[actor]! > priority[best]! ? actor : best));
  return (able, _last, taken) => {
    points.forEach((point, i) => {
      if (point > taken) return;
      priority[highest(able)] = i;
      points[i] = Infinity;
    });
    return highest(able);
  };
}
