/** The smallest schedule of a race that shows certain failures: fewest preemptions, then fewest steps. */
import { searchDepthFirst } from '../search/depth-first.js';
import { DEFAULT_DEPTH } from '../search/execute.js';
import { shows, type Signature } from '../search/showing.js';
import { Tally, type Ending } from '../search/tally.js';
import { onMachine } from '../search/walk.js';
import { isSmaller, type Schedule } from '../schedule.js';
import type { RaceWorld } from '../world/create.js';

export interface SmallestOptions {
  /** Preemptions at most; default 4. */
  readonly bound?: number;
  /** Executions at most for each number of preemptions; default 50,000. */
  readonly limit?: number;
  readonly depth?: number;
}

export interface Smallest {
  /** null: no schedule was found that shows the failures. */
  readonly ending: Ending | null;
  /** Whether enough schedules were seen to say that there is none smaller, or none at all with so few preemptions. */
  readonly proven: boolean;
  readonly executions: number;
}

const DEFAULT_BOUND = 4;
const DEFAULT_SHRINK_LIMIT = 50_000;

/** Looks at the schedules without preemption, then at those with one, and so on, and takes the shortest of the first kind that shows the failures. */
export function smallestSchedule(
  world: RaceWorld, signature: Signature, { bound: most = DEFAULT_BOUND, limit = DEFAULT_SHRINK_LIMIT, depth = DEFAULT_DEPTH }: SmallestOptions = {},
): Smallest {
  const walk = onMachine(world);
  let executions = 0;
  let proven = true;
  for (let bound = 0, fewer = 0; bound <= most; bound++) {
    const tally = new Tally(walk);
    const { fraction, cut } = searchDepthFirst(walk, { bound, limit, depth }, execution => {
      tally.add(execution);
      return false;
    });
    executions += tally.executions;
    proven &&= fraction === 1 && cut === 0;
    const ending = smallestOf(tally, signature);
    // where one preemption more makes no difference, neither do two
    if (ending !== null || (proven && tally.executions === fewer)) return { ending, proven, executions };
    fewer = tally.executions;
  }
  return { ending: null, proven, executions };
}

function smallestOf({ endings }: Tally, signature: Signature): Ending | null {
  let smallest: Ending | null = null;
  for (const ending of endings.values()) {
    if (!shows(ending, signature)) continue;
    if (smallest === null || isSmaller(ending.schedule.preemptions, ending.schedule.steps.length, smallest.schedule)) smallest = ending;
  }
  return smallest;
}

/** The first schedule found that shows the failures and is not larger than a known one; null: none within the limit. */
export function notLarger(world: RaceWorld, signature: Signature, than: Schedule, { limit = DEFAULT_SHRINK_LIMIT, depth = DEFAULT_DEPTH }: SmallestOptions = {}): Ending | null {
  const walk = onMachine(world);
  const tally = new Tally(walk);
  let found: Ending | null = null;
  searchDepthFirst(walk, { bound: than.preemptions, limit, depth: Math.min(depth, than.steps.length) }, execution => {
    const ending = tally.add(execution);
    if (execution.cut || !shows(ending, signature)) return false;
    found = { ...ending, schedule: { steps: [...execution.schedule], preemptions: execution.preemptions } };
    return true;
  });
  return found;
}
