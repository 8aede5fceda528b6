/**
 * Makes a known schedule smaller where there are too many to look through: its steps are put in other orders with fewer changes of actor, and
 * what still fails is kept.
 */
import { execute, type Chooser } from '../search/execute.js';
import { shows, type Signature } from '../search/showing.js';
import { Tally, type Ending } from '../search/tally.js';
import { onMachine } from '../search/walk.js';
import { isSmaller } from '../schedule.js';
import type { RaceWorld } from '../world/create.js';

/** Runs the steps in this order, passing over those that cannot be taken; then who has the CPU keeps it. @returns null when it does not show the failures. */
export function follow(world: RaceWorld, steps: readonly number[], signature: Signature, depth: number): Ending | null {
  const walk = onMachine(world);
  const execution = execute(walk, inOrder(steps), depth);
  const ending = new Tally(walk).add(execution);
  return execution.cut || !shows(ending, signature) ? null : ending;
}

function inOrder(steps: readonly number[]): Chooser {
  let passed = 0;
  return (able, last, taken) => {
    while (taken + passed < steps.length && !able.includes(steps[taken + passed]!)) passed++;
    return steps[taken + passed] ?? (able.includes(last) ? last : able[0]!);
  };
}

/** The smallest schedule that small changes of its order come to, one after another. */
export function reorder(world: RaceWorld, known: Ending, signature: Signature, depth: number): Ending {
  let best = known;
  for (let better: Ending | null = known; better !== null; ) {
    better = null;
    for (const steps of simplerOrders(best.schedule.steps)) {
      const ending = follow(world, steps, signature, depth);
      if (ending === null || !isSmaller(ending.schedule.preemptions, ending.schedule.steps.length, best.schedule)) continue;
      best = better = ending;
      break;
    }
  }
  return best;
}

/** Orders in which two runs of steps of one actor become one, or a run comes at the end. */
function* simplerOrders(steps: readonly number[]): Generator<number[]> {
  const runs = runsOf(steps);
  for (const [i, run] of runs.entries()) {
    const next = runs.findIndex((other, j) => j > i && other[0] === run[0]);
    if (next < 0) continue;
    const [before, between, after] = [runs.slice(0, i), runs.slice(i + 1, next), runs.slice(next + 1)];
    yield [...before, run, runs[next]!, ...between, ...after].flat();
    yield [...before, ...between, run, runs[next]!, ...after].flat();
    yield [...before, ...between, runs[next]!, ...after].flat();
  }
}

function runsOf(steps: readonly number[]): number[][] {
  const runs: number[][] = [];
  for (const actor of steps) {
    const run = runs.at(-1);
    if (run?.[0] === actor) run.push(actor);
    else runs.push([actor]);
  }
  return runs;
}
