/**
 * Exhaustive search that meets every state once: the work grows with the number of different states, and interleavings are counted instead of
 * walked through.
 */
import type { Tree } from '@pmkit/series/catalogue';
import type { Race } from '../race.js';
import { smallestSchedules } from './smallest.js';
import { StateSpace, type State } from './state-space.js';
import { Tally, type Ending } from './tally.js';

/** What comes of a state. */
export interface Outlook {
  /** At the end of the race, how it has ended. */
  readonly ending: Ending | null;
  /** Interleavings that lead from here to each ending. */
  readonly counts: Map<Ending, bigint>;
  /** What share of the choices from here on was seen to the end. */
  seen: number;
}

export interface StateGraph {
  readonly begin: State;
  /** Of every state that was met. */
  readonly outlooks: ReadonlyMap<State, Outlook>;
  readonly endings: readonly Ending[];
  /** Nothing was left out. */
  readonly complete: boolean;
  /** Executions that are longer than allowed end before they are over. */
  readonly cut: number;
  readonly actors: readonly string[];
}

export interface GraphOptions {
  /** States at most. */
  readonly limit: number;
  /** Steps of an execution at most. */
  readonly depth: number;
}

interface Frame { readonly state: State; readonly outlook: Outlook; readonly able: readonly number[]; tried: number }

/** All states of a race. @throws {LinkError} when the tree does not build; {ScenarioError} for a name or a node that there is not. */
export function stateGraph(race: Race, tree: Tree, options: GraphOptions): StateGraph {
  return new GraphSearch(race, tree, options).run();
}

class GraphSearch {
  readonly #space: StateSpace;
  readonly #tally: Tally;
  readonly #outlooks = new Map<State, Outlook>();
  readonly #frames: Frame[] = [];
  readonly #options: GraphOptions;
  #cut = 0;

  constructor(race: Race, tree: Tree, options: GraphOptions) {
    this.#space = new StateSpace(race, tree);
    this.#tally = new Tally(this.#space);
    this.#options = options;
  }

  run(): StateGraph {
    this.#enter();
    while (this.#frames.length > 0) this.#advance(this.#frames.at(-1)!);
    const { begin, actors } = this.#space;
    const { counts } = this.#outlooks.get(begin)!;
    for (const [ending, number] of counts) ending.count = number;
    smallestSchedules(begin, this.#outlooks, actors.length);
    return { begin, outlooks: this.#outlooks, complete: this.#cut === 0, cut: this.#cut, endings: [...counts.keys()], actors };
  }

  #advance(frame: Frame): void {
    this.#space.back(this.#frames.length - 1);
    const actor = frame.able[frame.tried++];
    if (actor === undefined) {
      this.#frames.pop();
      this.#count(frame);
      return;
    }
    this.#space.step(actor);
    this.#enter();
  }

  /** The search has come to a state. A new one is searched next, unless a limit is reached. */
  #enter(): void {
    const space = this.#space;
    const { state } = space;
    if (this.#outlooks.has(state)) return;
    const able = space.able();
    const cut = able.length > 0 && (space.path.length >= this.#options.depth || space.size >= this.#options.limit);
    if (cut) this.#cut++;
    const ending = able.length === 0 || cut ? this.#tally.endingOf({ schedule: space.path, cut, preemptions: 0, share: 0 }) : null;
    const outlook: Outlook = { ending, counts: new Map(), seen: 0 };
    this.#outlooks.set(state, outlook);
    if (ending === null) {
      this.#frames.push({ state, outlook, able, tried: 0 });
      return;
    }
    outlook.counts.set(ending, 1n);
    outlook.seen = cut ? 0 : 1;
  }

  /** Interleavings to each ending: the sums over those who can go on. */
  #count({ state: { next }, outlook }: Frame): void {
    const { counts } = outlook;
    for (const { to } of next) {
      const after = this.#outlooks.get(to)!;
      for (const [ending, number] of after.counts) counts.set(ending, (counts.get(ending) ?? 0n) + number);
      outlook.seen += after.seen / next.length;
    }
  }
}
