/**
 * Exhaustive search that meets every state once. A state is what is shared and where each actor stands; both are known exactly, because
 * the recorded kernel tells what each step reads and writes. A step that was seen with the same values is not run again but looked up,
 * so the work grows with the number of different steps, and interleavings are counted instead of walked through.
 */
import type { Tree } from '@pmkit/series/catalogue';
import type { Race } from '../race.js';
import type { Footprint } from '../record/footprint.js';
import { Memory, type Position } from './memory.js';
import { RecordedRun } from './recorded-run.js';
import { smallestSchedules } from './smallest.js';
import { Store } from './store.js';
import { Tally, type Ending } from './tally.js';

/** A state of the race. */
export interface State {
  /** Who can go on, by index, and where to. None: the end of the race. */
  readonly next: { readonly actor: number; readonly to: State }[];
  /** Bit i: actor i could go on with what it is in the middle of. */
  readonly runnable: number;
  /** At the end, how. */
  ending: Ending | null;
  /** Interleavings that lead from here to each ending. */
  readonly counts: Map<Ending, bigint>;
  /** What share of the choices from here on was seen to the end. */
  seen: number;
}

export interface StateGraph {
  readonly begin: State;
  readonly states: number;
  /** Steps of the kernel that were run; all others were known. */
  readonly ran: number;
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

interface Frame {
  readonly state: State;
  readonly positions: readonly Position[];
  /** Who is to be tried. */
  readonly able: readonly number[];
  tried: number;
  readonly mark: number;
}

/** All states of a race. @throws {LinkError} when the tree does not build; {ScenarioError} for a name or a node that there is not. */
export function stateGraph(race: Race, tree: Tree, options: GraphOptions): StateGraph {
  return new GraphSearch(race, tree, options).run();
}

class GraphSearch {
  readonly #run: RecordedRun;
  readonly #store = new Store();
  readonly #memory = new Memory();
  readonly #tally: Tally;
  readonly #states = new Map<string, State>();
  readonly #path: number[] = [];
  readonly #frames: Frame[] = [];
  readonly #options: GraphOptions;
  #cut = 0;

  constructor(race: Race, tree: Tree, options: GraphOptions) {
    this.#run = new RecordedRun(race, tree);
    this.#tally = new Tally(this.#run.world);
    this.#options = options;
  }

  run(): StateGraph {
    const begin = this.#enter(this.#run.world.actors.map((_, i) => this.#memory.outside(i, 0)));
    while (this.#frames.length > 0) this.#advance(this.#frames.at(-1)!);
    for (const [ending, number] of begin.counts) ending.count = number;
    smallestSchedules(begin, this.#run.world.actors.length);
    const { world, ran } = this.#run;
    return {
      begin, states: this.#states.size, ran, complete: this.#cut === 0, cut: this.#cut, endings: [...begin.counts.keys()], actors: world.actors.map(({ name }) => name),
    };
  }

  #advance(frame: Frame): void {
    this.#store.revert(frame.mark);
    this.#path.length = this.#frames.length - 1;
    const actor = frame.able[frame.tried++];
    if (actor === undefined) {
      this.#frames.pop();
      count(frame.state);
      return;
    }
    const { footprint, to } = this.#move(actor, frame.positions[actor]!);
    this.#path.push(actor);
    this.#store.apply(footprint);
    frame.state.next.push({ actor, to: this.#enter(frame.positions.with(actor, to)) });
  }

  /** The state that the search has come to. A new one is searched next, unless a limit is reached. */
  #enter(positions: readonly Position[]): State {
    const key = `${this.#store.key} ${positions.map(({ id }) => id).join(' ')}`;
    const known = this.#states.get(key);
    if (known !== undefined) return known;
    const runnable = positions.reduce((bits, position, i) => (position.runnable ? bits | (1 << i) : bits), 0);
    const state: State = { next: [], runnable, ending: null, counts: new Map(), seen: 0 };
    this.#states.set(key, state);
    const able = positions.flatMap((position, i) => (this.#isAble(i, position) ? [i] : []));
    const cut = able.length > 0 && (this.#path.length >= this.#options.depth || this.#states.size >= this.#options.limit);
    if (cut) this.#cut++;
    if (able.length === 0 || cut) this.#end(state, cut);
    else this.#frames.push({ state, positions, able, tried: 0, mark: this.#store.mark });
    return state;
  }

  #end(state: State, cut: boolean): void {
    this.#run.goTo(this.#path);
    state.ending = this.#tally.add({ schedule: this.#path, cut, preemptions: 0, share: 0 }, 0n);
    state.counts.set(state.ending, 1n);
    state.seen = cut ? 0 : 1;
  }

  #isAble(actor: number, position: Position): boolean {
    const known = this.#memory.poll(position, this.#store);
    if (known !== undefined) return known.able;
    this.#run.goTo(this.#path);
    const poll = this.#run.poll(actor);
    this.#store.learn(poll.footprint);
    position.polls.push(poll);
    return poll.able;
  }

  #move(actor: number, position: Position): { readonly footprint: Footprint; readonly to: Position } {
    const known = this.#memory.move(position, this.#store);
    if (known !== undefined) return known;
    this.#run.goTo(this.#path);
    const footprint = this.#run.step(actor);
    this.#store.learn(footprint);
    const { outside, runnable } = this.#run.standing(actor);
    const to = outside ? this.#memory.outside(actor, position.steps + 1) : this.#memory.position(position.steps + 1, runnable);
    const move = { footprint, to };
    position.moves.push(move);
    return move;
  }
}

/** Interleavings to each ending: the sums over those who can go on. */
function count(state: State): void {
  const { next, counts } = state;
  for (const { to } of next) {
    for (const [ending, number] of to.counts) counts.set(ending, (counts.get(ending) ?? 0n) + number);
    state.seen += to.seen / next.length;
  }
}
