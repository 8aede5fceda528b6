/** A race at several levels, each in a worker of its own; what is found does not depend on how many there are. */
import type { Tree } from '@pmkit/series/catalogue';
import { explore, type Exploration, type ExploreOptions } from './explore.js';
import type { Race } from './race.js';
import { shows, type Signature } from './search/showing.js';
import { inWorkers } from './workers.js';

/** What a level has come to: an exploration, or that its tree does not build. */
export type AtLevel = { readonly tree: Tree; readonly exploration: Exploration } | { readonly tree: Tree; readonly linkError: string };

/** For trees that are not the kit's: what a thread does before it explores one. */
export interface ThreadSetUp {
  /** The address of a module whose `setUp(data)` makes bootTree() know the tree. */
  readonly module: string;
  /** Plain data. */
  dataFor(tree: Tree): unknown;
}

/** What a worker is sent. */
export interface Job { readonly race: Race; readonly tree: Tree; readonly options: ExploreOptions; readonly setUp?: { readonly module: string; readonly data: unknown } }

export interface Threads {
  /** At most; with one, the default, the caller's own does it all. */
  readonly workers?: number;
  /** What each of the others does first; the caller's own has done it. */
  readonly setUp?: ThreadSetUp | undefined;
  /** Called after each level with the number of those that are done. */
  readonly told?: (done: number, total: number) => void;
}

/**
 * Explores the race at each of the levels.
 * @returns in the order of `trees`.
 * @throws {ScenarioError} for a name or a node that there is not.
 */
export async function exploreLevels(race: Race, trees: readonly Tree[], options: ExploreOptions = {}, { workers = 1, setUp, told }: Threads = {}): Promise<AtLevel[]> {
  const jobs = trees.map((tree): Job => ({ race, tree, options, ...(setUp === undefined ? {} : { setUp: { module: setUp.module, data: setUp.dataFor(tree) } }) }));
  const { length } = jobs;
  if (workers > 1 && length > 1) return inWorkers(new URL('../dist/worker.js', import.meta.url), jobs, workers, done => told?.(done, length));
  return jobs.map((job, i) => {
    const level = exploreAt(job);
    told?.(i + 1, length);
    return level;
  });
}

/** One level, in this thread. */
export function exploreAt({ race, tree, options }: Job): AtLevel {
  try {
    return { tree, exploration: explore(race, tree, options) };
  } catch (error) {
    if (!(error instanceof Error) || error.name !== 'LinkError') throw error;
    return { tree, linkError: error.message };
  }
}

export interface FirstLevel {
  /** The first at which some schedule shows the failures; null: at none. */
  readonly first: AtLevel | null;
  /** Levels below it, or all, where they were not seen although not everything was: they may be there. */
  readonly unsure: readonly Tree[];
}

/** Along the other axis: the first level at which some schedule fails so. Levels in ascending order. */
export function firstShowing(levels: readonly AtLevel[], signature: Signature): FirstLevel {
  const at = levels.findIndex(level => 'exploration' in level && level.exploration.endings.some(ending => shows(ending, signature)));
  const below = at < 0 ? levels : levels.slice(0, at);
  return { first: levels[at] ?? null, unsure: below.flatMap(level => ('exploration' in level && !level.exploration.exhaustive ? [level.tree] : [])) };
}
