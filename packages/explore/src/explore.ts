/** All that can come of a race at one level. */
import type { Tree } from '@pmkit/series/catalogue';
import type { Race } from './race.js';
import { searchDepthFirst, type Seen } from './search/depth-first.js';
import { searchRandom } from './search/random.js';
import { Tally, type Ending } from './search/tally.js';
import { createWorld, type RaceWorld } from './world/create.js';

export type Strategy = 'exhaustive' | 'bounded' | 'random' | 'pct';

export interface ExploreOptions {
  readonly strategy?: Strategy;
  /** Preemptions at most, for `bounded`; default 2. */
  readonly bound?: number;
  /** For `random` and `pct`. */
  readonly seed?: number;
  /** Executions at most; default a million. */
  readonly limit?: number;
  /** Steps of an execution at most. */
  readonly depth?: number;
  /** Stop at the first ending for which it returns true. */
  readonly until?: (ending: Ending) => boolean;
}

export interface Exploration extends Seen {
  readonly tree: Tree;
  /** The names of those who take the steps of a schedule. */
  readonly actors: readonly string[];
  /** The most frequent first. */
  readonly endings: readonly Ending[];
  readonly executions: number;
}

export const DEFAULT_LIMIT = 1_000_000;

/**
 * Explores a race.
 * @throws {LinkError} when the tree does not build; {ScenarioError} for a name or a node that there is not.
 */
export function explore(race: Race, tree: Tree, options: ExploreOptions = {}): Exploration {
  const world = createWorld(race, tree);
  const tally = new Tally(world);
  const seen = search(world, options, tally);
  return {
    ...seen, tree, actors: world.actors.map(actor => actor.name), executions: tally.executions,
    endings: [...tally.endings.values()].sort((a, b) => (a.count === b.count ? (a.text < b.text ? -1 : 1) : a.count > b.count ? -1 : 1)),
  };
}

function search(world: RaceWorld, options: ExploreOptions, tally: Tally): Seen {
  const { strategy = 'exhaustive', bound = 2, seed = 1, limit = DEFAULT_LIMIT, until = () => false } = options;
  const depth = options.depth === undefined ? {} : { depth: options.depth };
  if (strategy === 'exhaustive') return searchDepthFirst(world, { limit, ...depth }, execution => until(tally.add(execution)));
  if (strategy === 'bounded') return searchDepthFirst(world, { bound, limit, ...depth }, execution => until(tally.add(execution)));
  let cut = 0;
  searchRandom(world, { strategy, seed, executions: limit, ...depth }, execution => {
    if (execution.cut) cut++;
    return until(tally.add(execution));
  });
  return { fraction: NaN, exhaustive: false, cut };
}
