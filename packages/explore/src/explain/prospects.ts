/** What can still come of the beginning of a schedule. */
import { hasOtherTrees, type Tree } from '@pmkit/series/catalogue';
import type { Outcome } from '../outcome.js';
import type { Race } from '../race.js';
import { searchDepthFirst } from '../search/depth-first.js';
import { escapes, type Signature } from '../search/showing.js';
import { stateGraph, type StateGraph } from '../search/state-graph.js';
import type { State } from '../search/state-space.js';
import { Tally } from '../search/tally.js';
import { onMachine } from '../search/walk.js';
import { createWorld, type RaceWorld } from '../world/create.js';

export interface Prospect {
  /** An ending without the failures; null: none was seen. */
  readonly escape: Outcome | null;
  /** Ways to go on that were seen. */
  readonly ways: bigint;
  /** Whether these are all there are. */
  readonly complete: boolean;
}

export interface Prospects {
  /** What can come after these steps: an ending without these failures; null: without any. */
  after(steps: readonly number[], signature: Signature | null): Prospect;
}

export interface ProspectLimits {
  /** States at most that are met; where there are more, ways to go on are walked through instead. */
  readonly states: number;
  /** Ways to go on from one beginning at most. */
  readonly ways: number;
  /** Steps of an execution at most. */
  readonly depth: number;
}

/** The prospects of a race's schedule and all that begin like it: exact where its states can all be met, which takes the kit's kernel. */
export function prospectsOf(race: Race, tree: Tree, schedule: readonly number[], { states, ways, depth }: ProspectLimits): Prospects {
  if (!hasOtherTrees()) {
    const graph = stateGraph(race, tree, { limit: states, depth });
    const end = stateAfter(graph.begin, schedule);
    if (graph.complete && end !== undefined && graph.outlooks.get(end)!.ending !== null) return new MetProspects(graph);
  }
  return new WalkedProspects(createWorld(race, tree), ways, depth);
}

function stateAfter(begin: State, steps: readonly number[]): State | undefined {
  let state: State | undefined = begin;
  for (const step of steps) state = state?.next.find(({ actor }) => actor === step)?.to;
  return state;
}

/** All states are known, and what each of them can come to. */
class MetProspects implements Prospects {
  readonly #graph: StateGraph;

  constructor(graph: StateGraph) {
    this.#graph = graph;
  }

  after(steps: readonly number[], signature: Signature | null): Prospect {
    const { begin, outlooks } = this.#graph;
    const { counts } = outlooks.get(stateAfter(begin, steps)!)!;
    let ways = 0n;
    for (const count of counts.values()) ways += count;
    const found = [...counts.keys()].filter(ending => escapes(ending, signature));
    return { escape: found.find(({ failures }) => failures.length === 0) ?? found[0] ?? null, ways, complete: true };
  }
}

/** Goes on from a beginning in all ways until one ends without the failures. */
class WalkedProspects implements Prospects {
  readonly #world: RaceWorld;
  readonly #limit: number;
  readonly #depth: number;

  constructor(world: RaceWorld, limit: number, depth: number) {
    this.#world = world;
    this.#limit = limit;
    this.#depth = depth;
  }

  after(prefix: readonly number[], signature: Signature | null): Prospect {
    const walk = onMachine(this.#world);
    const tally = new Tally(walk);
    let escape: Outcome | null = null;
    const seen = searchDepthFirst(walk, { prefix, limit: this.#limit, depth: this.#depth }, execution => {
      const ending = tally.add(execution);
      if (execution.cut || !escapes(ending, signature)) return false;
      escape = ending;
      return true;
    });
    return { escape, ways: BigInt(tally.executions), complete: seen.exhaustive };
  }
}
