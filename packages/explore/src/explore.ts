/** All that can come of a race at one level. */
import { hasOtherTrees, type Tree } from '@pmkit/series/catalogue';
import { digestOf } from './digest.js';
import type { Race } from './race.js';
import { searchDepthFirst } from './search/depth-first.js';
import { DEFAULT_DEPTH } from './search/execute.js';
import { searchRandom } from './search/random.js';
import { searchReduced } from './search/reduced.js';
import { stateGraph } from './search/state-graph.js';
import { StateSpace } from './search/state-space.js';
import { Tally, type Ending } from './search/tally.js';
import { onMachine } from './search/walk.js';
import { createWorld } from './world/create.js';

/**
 * `states` meets every state once and counts the interleavings; `reduced` walks through one interleaving of all those that differ in the order of
 * independent steps only; `all` walks through every one; `bounded` through those with so many preemptions at most; `random` and `pct` through some, by a seed.
 */
export const STRATEGIES = ['states', 'reduced', 'all', 'bounded', 'random', 'pct'] as const;
export type Strategy = (typeof STRATEGIES)[number];

export interface ExploreOptions {
  /** Default `states`; `all` where the trees are not the kit's. */
  readonly strategy?: Strategy;
  /** Preemptions at most, for `bounded`; default 2. */
  readonly bound?: number;
  /** For `random` and `pct`; default 1. */
  readonly seed?: number;
  /** States or executions at most; default 20,000, for `random` and `pct` 1,000. */
  readonly limit?: number;
  /** Steps of an execution at most; default 4,000. */
  readonly depth?: number;
}

export interface Exploration {
  readonly tree: Tree;
  readonly strategy: Strategy;
  /** The names of those who take the steps of a schedule. */
  readonly actors: readonly string[];
  /** The most frequent first. What is counted are interleavings with `states`, executions else. */
  readonly endings: readonly Ending[];
  /** Executions that were walked through from beginning to end; with `states` there are none. */
  readonly executions: number;
  /** States that were met, with `states`. */
  readonly states: number;
  /** Everything that can come of the race was seen. */
  readonly exhaustive: boolean;
  /** What share of the tree of choices was seen, when at each choice every option counts the same; null where it is not known. */
  readonly fraction: number | null;
  /** Executions that were longer than allowed. */
  readonly cut: number;
  /** Equal for equal explorations, on every machine. */
  readonly digest: string;
}

type Found = Omit<Exploration, 'tree' | 'strategy' | 'digest' | 'endings'> & { readonly endings: Iterable<Ending> };

/**
 * Explores a race.
 * @throws {LinkError} when the tree does not build; {ScenarioError} for a name or a node that there is not; {RangeError} for `states` and `reduced` where the trees are not the
 * kit's: they run the kernel that the build has printed.
 */
export function explore(race: Race, tree: Tree, options: ExploreOptions = {}): Exploration {
  const { strategy = hasOtherTrees() ? 'all' : 'states' } = options;
  if (hasOtherTrees() && (strategy === 'states' || strategy === 'reduced')) throw new RangeError(`strategy: found ${strategy}; expected one that runs the kernel as it is, as the trees are not the kit's`);
  const { endings, ...found } = search(race, tree, strategy, options);
  const exploration = { ...found, tree, strategy, endings: [...endings].sort(byCount) };
  return { ...exploration, digest: digestOf(exploration) };
}

const byCount = (a: Ending, b: Ending): number => {
  if (a.count !== b.count) return a.count > b.count ? -1 : 1;
  return a.text === b.text ? (a.failures.join() < b.failures.join() ? -1 : 1) : a.text < b.text ? -1 : 1;
};

function search(race: Race, tree: Tree, strategy: Strategy, { bound, seed = 1, limit, depth = DEFAULT_DEPTH }: ExploreOptions): Found {
  switch (strategy) {
    case 'states': return byStates(race, tree, limit ?? DEFAULT_LIMIT, depth);
    case 'reduced': return byReduction(race, tree, limit ?? DEFAULT_LIMIT, depth);
    case 'all': return byWalking(race, tree, Infinity, limit ?? DEFAULT_LIMIT, depth);
    case 'bounded': return byWalking(race, tree, bound ?? 2, limit ?? DEFAULT_LIMIT, depth);
    default: return byChance(race, tree, strategy, seed, limit ?? DEFAULT_RANDOM, depth);
  }
}
const DEFAULT_LIMIT = 20_000;
const DEFAULT_RANDOM = 1000;

function byStates(race: Race, tree: Tree, limit: number, depth: number): Found {
  const { endings, outlooks, complete, cut, begin, actors } = stateGraph(race, tree, { limit, depth });
  return { actors, endings, executions: 0, states: outlooks.size, exhaustive: complete, fraction: complete ? 1 : outlooks.get(begin)!.seen, cut };
}

function byReduction(race: Race, tree: Tree, limit: number, depth: number): Found {
  const { tally, complete, cut, actors } = searchReduced(race, tree, { limit, depth });
  return { actors, endings: tally.endings.values(), executions: tally.executions, states: 0, exhaustive: complete, fraction: complete ? 1 : null, cut };
}

function byWalking(race: Race, tree: Tree, bound: number, limit: number, depth: number): Found {
  // schedules with few preemptions have few states in common: there the machine is faster
  const walk = bound === Infinity && !hasOtherTrees() ? new StateSpace(race, tree) : onMachine(createWorld(race, tree));
  const tally = new Tally(walk);
  const seen = searchDepthFirst(walk, { bound, limit, depth }, execution => {
    tally.add(execution);
    return false;
  });
  return { ...seen, actors: walk.actors, endings: tally.endings.values(), executions: tally.executions, states: 0 };
}

/** Two executions may be the same; what was seen are the different ones. */
function byChance(race: Race, tree: Tree, strategy: 'random' | 'pct', seed: number, executions: number, depth: number): Found {
  const walk = onMachine(createWorld(race, tree));
  const tally = new Tally(walk);
  const schedules = new Set<string>();
  let fraction = 0;
  let cut = 0;
  searchRandom(walk, { strategy, seed, executions, depth }, execution => {
    tally.add(execution);
    if (execution.cut) cut++;
    const schedule = String.fromCharCode(...execution.schedule);
    if (!schedules.has(schedule)) fraction += execution.share;
    schedules.add(schedule);
    return false;
  });
  return { actors: walk.actors, endings: tally.endings.values(), executions: tally.executions, states: 0, exhaustive: false, fraction, cut };
}
