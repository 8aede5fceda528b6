/**
 * Exhaustive search that walks through one interleaving of all those that differ only in the order of independent steps: dynamic
 * partial-order reduction with sleep sets (Flanagan and Godefroid, POPL 2005; Godefroid 1996). Two steps are dependent when one writes
 * what the other reads or writes; what they read and write is what the recorded kernel says they did.
 */
import type { Tree } from '@pmkit/series/catalogue';
import { overlaps, type Footprint } from '../record/footprint.js';
import type { Race } from '../race.js';
import { Dependencies } from './dependencies.js';
import type { Execution } from './execute.js';
import { RecordedRun } from './recorded-run.js';
import { Tally } from './tally.js';
import { onMachine } from './walk.js';

export interface ReducedOptions {
  /** Executions at most. */
  readonly limit: number;
  /** Steps of an execution at most. */
  readonly depth: number;
}

export interface Reduced {
  readonly tally: Tally;
  /** Nothing was left out. */
  readonly complete: boolean;
  readonly cut: number;
  readonly actors: readonly string[];
}

/** A choice on the way of the present execution. */
interface Node {
  readonly able: readonly number[];
  /** Who must be tried here. */
  readonly backtrack: Set<number>;
  /** Who need not be: what he would do here was done elsewhere, and nothing since depends on it. With what he would do. */
  readonly sleep: Map<number, Footprint>;
  actor: number;
  footprint: Footprint;
}

/** @throws {LinkError} when the tree does not build; {ScenarioError} for a name or a node that there is not. */
export function searchReduced(race: Race, tree: Tree, options: ReducedOptions): Reduced {
  return new ReducedSearch(race, tree, options).run();
}

class ReducedSearch {
  readonly #run: RecordedRun;
  readonly #tally: Tally;
  readonly #nodes: Node[] = [];
  readonly #options: ReducedOptions;
  #cut = 0;

  constructor(race: Race, tree: Tree, options: ReducedOptions) {
    this.#run = new RecordedRun(race, tree);
    this.#tally = new Tally(onMachine(this.#run.world));
    this.#options = options;
  }

  run(): Reduced {
    let complete = true;
    do {
      this.#execute();
      if (this.#tally.executions >= this.#options.limit && this.#hasMore()) {
        complete = false;
        break;
      }
    } while (this.#backtrack());
    return { tally: this.#tally, complete: complete && this.#cut === 0, cut: this.#cut, actors: this.#run.world.actors.map(({ name }) => name) };
  }

  get #path(): number[] {
    return this.#nodes.map(({ actor }) => actor);
  }

  /** Goes on from the last node to the end of an execution, unless all who could go on sleep. */
  #execute(): void {
    this.#run.goTo(this.#path);
    for (;;) {
      const polls = this.#run.world.actors.map((_, i) => this.#run.poll(i));
      const able = polls.flatMap((poll, i) => (poll.able ? [i] : []));
      const cut = able.length > 0 && this.#nodes.length >= this.#options.depth;
      if (able.length === 0 || cut) {
        this.#end(cut, polls.map(({ footprint }) => footprint));
        return;
      }
      const sleep = this.#inherited();
      const actor = able.find(candidate => !sleep.has(candidate));
      if (actor === undefined) {
        this.#findRaces(polls.map(poll => (poll.able ? null : poll.footprint)));
        return;
      }
      const footprint = joined(polls[actor]!.footprint, this.#run.step(actor));
      this.#nodes.push({ able, backtrack: new Set([actor]), sleep, actor, footprint });
    }
  }

  /** Who sleeps after the last step: those who slept before it, or have been tried there, and do not depend on it. */
  #inherited(): Map<number, Footprint> {
    const last = this.#nodes.at(-1);
    const sleep = new Map<number, Footprint>();
    if (last !== undefined) {
      for (const [actor, footprint] of last.sleep) if (actor !== last.actor && !overlaps(footprint, last.footprint)) sleep.set(actor, footprint);
    }
    return sleep;
  }

  #end(cut: boolean, waiting: readonly Footprint[]): void {
    if (cut) this.#cut++;
    const execution: Execution = { schedule: this.#path, cut, preemptions: this.#preemptions(), share: 0 };
    this.#tally.add(execution);
    this.#findRaces(waiting);
  }

  /** An upper bound: whether who was taken off the CPU waited for something then is not kept. */
  #preemptions(): number {
    let changes = 0;
    for (let i = 1; i < this.#nodes.length; i++) {
      const { actor, able } = this.#nodes[i]!;
      const before = this.#nodes[i - 1]!.actor;
      if (actor !== before && able.includes(before)) changes++;
    }
    return changes;
  }

  /**
   * For each step those before it that depend on it and do not have to come first: there the other order is to be tried.
   * @param waiting by actor, what those depend on who never get to their next step; null for one who could.
   */
  #findRaces(waiting: readonly (Footprint | null)[]): void {
    const dependencies = new Dependencies(this.#nodes, this.#run.world.actors.length, this.#run.locations);
    const mark = (at: number, actor: number, footprint: Footprint): void => {
      for (const before of dependencies.racesWith(at, actor, footprint)) this.#mark(this.#nodes[before]!, actor);
    };
    this.#nodes.forEach((node, at) => {
      mark(at, node.actor, node.footprint);
      dependencies.add(at);
    });
    waiting.forEach((footprint, actor) => {
      if (footprint !== null) mark(this.#nodes.length, actor, footprint);
    });
  }

  #mark({ able, backtrack }: Node, actor: number): void {
    if (able.includes(actor)) backtrack.add(actor);
    else for (const other of able) backtrack.add(other);
  }

  readonly #waits = ({ able, backtrack, sleep }: Node): number | undefined => able.find(actor => backtrack.has(actor) && !sleep.has(actor));

  #hasMore(): boolean {
    return this.#nodes.some(node => node.able.some(actor => actor !== node.actor && node.backtrack.has(actor) && !node.sleep.has(actor)));
  }

  /** Goes back to the last node where somebody else is to be tried, and has him take the step. @returns false when there is none. */
  #backtrack(): boolean {
    for (;;) {
      const node = this.#nodes.at(-1);
      if (node === undefined) return false;
      node.sleep.set(node.actor, node.footprint);
      const actor = this.#waits(node);
      if (actor === undefined) {
        this.#nodes.pop();
        continue;
      }
      this.#nodes.pop();
      this.#run.goTo(this.#path);
      const poll = this.#run.poll(actor);
      node.actor = actor;
      node.footprint = joined(poll.footprint, this.#run.step(actor));
      this.#nodes.push(node);
      return true;
    }
  }
}

/** That it could go on is part of what a step has read. */
const joined = (poll: Footprint, step: Footprint): Footprint => ({ ...step, readLoc: [...poll.readLoc, ...step.readLoc], readVal: [...poll.readVal, ...step.readVal] });
