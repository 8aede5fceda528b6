/** A race under the lock validator. */
import type { Tree } from '@pmkit/series/catalogue';
import type { Race } from '../race.js';
import { searchDepthFirst } from '../search/depth-first.js';
import { DEFAULT_DEPTH } from '../search/execute.js';
import { onMachine } from '../search/walk.js';
import { createWorld, type RaceWorld } from '../world/create.js';
import { LockOrder, type LockReport } from './lock-order.js';

export interface LockOptions {
  /** Preemptions at most; default 1: orders are seen without anybody being in the way. */
  readonly bound?: number;
  /** Executions at most; default 2000. */
  readonly limit?: number;
}

/**
 * Walks through executions of the race and says which orders of locks can deadlock, and which locks are taken by who holds them already.
 * @throws {LinkError} when the tree does not build; {ScenarioError} for a name or a node that there is not.
 */
export function lockReports(race: Race, tree: Tree, { bound = 1, limit = 2000 }: LockOptions = {}): LockReport[] {
  const world = createWorld(race, tree);
  const order = new LockOrder(world.k.m, () => whereIn(world));
  const watched: RaceWorld = {
    ...world,
    reset() {
      world.reset(); // which takes the validator off the machine: the checkpoint is older
      order.restart();
      world.k.m.lockdep = order;
    },
  };
  searchDepthFirst(onMachine(watched), { bound, limit, depth: DEFAULT_DEPTH }, () => false);
  world.k.m.lockdep = null;
  return order.reports;
}

/** `batchd: migrate_pages(job, 1, {1}, {2})`, or the name of a kernel thread. */
function whereIn({ k: { m: { current } }, actors }: RaceWorld): string {
  for (const actor of actors) {
    if (actor.kind === 'task' && actor.task === current) return `${actor.name}: ${actor.ops[actor.next]?.step.text ?? 'on its way out'}`;
  }
  return current.comm;
}
