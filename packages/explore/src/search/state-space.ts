/**
 * The states of a race, each found out once, and a place among them that can be moved. A state is what is shared and where each actor stands;
 * both are known exactly, because the recorded kernel tells what each step reads and writes. A step that was seen with the same values is not
 * run again but looked up, and one that was taken from the same state before is not even that.
 */
import type { Tree } from '@pmkit/series/catalogue';
import type { Footprint } from '../record/footprint.js';
import type { Race } from '../race.js';
import type { RaceWorld } from '../world/create.js';
import { Memory, type Position } from './memory.js';
import { RecordedRun } from './recorded-run.js';
import { Store } from './store.js';
import type { Walk } from './walk.js';

/** A state of the race. It is never come to again: how many steps each actor has taken is part of it. */
export interface State {
  /** Where each actor stands. */
  readonly positions: readonly Position[];
  /** Indices of those who can take a step, ascending; null until somebody has asked. */
  able: readonly number[] | null;
  /** Where the steps lead that were taken from here. */
  readonly next: Edge[];
}
export interface Edge { readonly actor: number; readonly to: State; readonly footprint: Footprint }

export class StateSpace implements Walk {
  readonly actors: readonly string[];
  readonly begin: State;
  readonly #run: RecordedRun;
  readonly #store = new Store();
  readonly #memory = new Memory();
  readonly #states = new Map<string, State>();
  /** From the beginning to where we are. */
  readonly #path: number[] = [];
  readonly #edges: Edge[] = [];
  /** Marks of the store, one for each step of the path that is done in it: it is brought to where we are when it is needed. */
  readonly #marks: number[] = [];

  /** @throws {LinkError} when the tree does not build; {ScenarioError} for a name or a node that there is not. */
  constructor(race: Race, tree: Tree) {
    this.#run = new RecordedRun(race, tree);
    const { actors } = this.#run.world;
    this.actors = actors.map(({ name }) => name);
    this.begin = this.#known(actors.map((_, i) => this.#memory.outside(i, 0, this.#run.standing(i).runnable)));
  }

  /** States that were met. */
  get size(): number {
    return this.#states.size;
  }
  /** Who has taken the steps to where we are. It holds until somebody moves. */
  get path(): readonly number[] {
    return this.#path;
  }
  get state(): State {
    return this.#edges.at(-1)?.to ?? this.begin;
  }
  world(): RaceWorld {
    this.#run.goTo(this.#path);
    return this.#run.world;
  }

  goTo(steps: readonly number[], length: number): void {
    let common = 0;
    while (common < length && this.#path[common] === steps[common]) common++;
    this.back(common);
    for (let i = common; i < length; i++) this.step(steps[i]!);
  }
  /** Goes back to where the first `length` steps of the path led. */
  back(length: number): void {
    if (this.#path.length <= length) return;
    this.#path.length = this.#edges.length = length;
    if (this.#marks.length <= length) return;
    this.#store.revert(this.#marks[length]!);
    this.#marks.length = length;
  }

  able(): readonly number[] {
    const { state } = this;
    return (state.able ??= state.positions.flatMap((position, i) => (this.#isAble(i, position) ? [i] : [])));
  }
  isRunnable(actor: number): boolean {
    return this.state.positions[actor]!.runnable;
  }

  step(actor: number): void {
    const { next } = this.state;
    let edge: Edge | undefined;
    for (const taken of next) if (taken.actor === actor) edge = taken;
    if (edge === undefined) next.push((edge = this.#take(actor)));
    this.#path.push(actor);
    this.#edges.push(edge);
  }

  /** A step that has not been taken from here. */
  #take(actor: number): Edge {
    const { positions } = this.state;
    const { footprint, to } = this.#move(actor, positions[actor]!);
    this.#apply(footprint);
    return { actor, to: this.#known(positions.with(actor, to)), footprint };
  }

  /** The state that the store is in, with actors who stand so. */
  #known(positions: readonly Position[]): State {
    const key = `${this.#store.key} ${positions.map(({ id }) => id).join(' ')}`;
    let state = this.#states.get(key);
    if (state === undefined) this.#states.set(key, (state = { positions, able: null, next: [] }));
    return state;
  }

  #apply(footprint: Footprint): void {
    this.#marks.push(this.#store.mark);
    this.#store.apply(footprint);
  }
  #catchUp(): void {
    for (let i = this.#marks.length; i < this.#edges.length; i++) this.#apply(this.#edges[i]!.footprint);
  }

  #isAble(actor: number, position: Position): boolean {
    this.#catchUp();
    const known = this.#memory.poll(position, this.#store);
    if (known !== undefined) return known.able;
    this.#run.goTo(this.#path);
    const poll = this.#run.poll(actor);
    this.#store.learn(poll.footprint);
    position.polls.push(poll);
    return poll.able;
  }

  #move(actor: number, position: Position): { readonly footprint: Footprint; readonly to: Position } {
    this.#catchUp();
    const known = this.#memory.move(position, this.#store);
    if (known !== undefined) return known;
    this.#run.goTo(this.#path);
    const footprint = this.#run.step(actor);
    this.#store.learn(footprint);
    const { outside, runnable } = this.#run.standing(actor);
    const steps = position.steps + 1;
    const to = outside ? this.#memory.outside(actor, steps, runnable) : this.#memory.position(steps, runnable);
    const move = { footprint, to };
    position.moves.push(move);
    return move;
  }
}
