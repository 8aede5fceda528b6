/**
 * Takes a race step by step and sees which functions of the kernel each step runs in. The rows of the kernel's table report for as long as
 * that takes (linker, trace.ts), so this is for the run that is shown to somebody, on a world of its own, and never for a search.
 */
import { traceGraph, type TraceEvent } from '@pmkit/linker';
import { waitInWords } from '@pmkit/mm-core';
import type { WaitFor } from '@pmkit/mm-core/include/linux/wait';
import type { Tree } from '@pmkit/series/catalogue';
import { judge, stateOf, type Outcome } from '../outcome.js';
import type { Race } from '../race.js';
import { createWorld, type RaceWorld } from '../world/create.js';
import type { Actor } from '../world/actor.js';
import { canStep, isRunnable, step } from '../world/world.js';
import { resultText } from './words.js';

/** A function of the kernel, the file it is in and where that text comes from: `base`, `p04`, `n10`; a patch that is none of the kit's by its name. */
export interface Place { readonly name: string; readonly file: string; readonly patch: string }

/** What one call of a function had to do with a step. Calls that begin and end within the step are told of by their callers. */
export interface Visit extends Place {
  /** It was called in this step, by the visit before it. */
  readonly entered: boolean;
  /** Functions that it called and that came back in this step, in order. */
  readonly calls: readonly Place[];
  /** What it returned in this step, as text; null when it is not done. */
  readonly result: string | null;
}

/** One step as it was seen. */
export interface SeenStep {
  /** Index of the actor in the world, and its name. */
  readonly actor: number;
  readonly name: string;
  /** The operation of a task that the step belongs to; null for others. */
  readonly op: { readonly index: number; readonly text: string; readonly begins: boolean; readonly ends: boolean } | null;
  /** Where it began and where it ended; null: outside of the kernel. */
  readonly from: Place | null;
  readonly to: Place | null;
  /** Where it ended, in a word: the function, or `user`, `killed`, `exited`, `hangs` of a task; `idle` of others. */
  readonly at: string;
  /** First what the step came back from, the innermost first, then the function that it stayed in, then what it went down into. */
  readonly visits: readonly Visit[];
  /** What the actor waits for now, in words; null when it can go on. */
  readonly wait: string | null;
  /** Lines of the kernel log. */
  readonly log: readonly string[];
  /** Who was taken off the CPU for this step although it could have gone on; null: nobody. */
  readonly preempted: string | null;
}

interface Frame { readonly place: Place; entered: boolean; calls: Place[] }

const placeOf = ({ name, origin }: TraceEvent): Place =>
  ({ name, file: origin.file, patch: /^@pmkit\/([pn]\d\d)-/.exec(origin.package)?.[1] ?? (origin.package.startsWith('@pmkit/') ? 'base' : origin.patch.replace(/\.patch$/, '')) });

/** A world whose steps are seen. Close it. */
export class Observer {
  readonly world: RaceWorld;
  readonly #unhook: () => void;
  /** By actor: the functions that it is in, the outermost first. */
  readonly #stacks: readonly Frame[][];
  #left: Visit[] = [];
  #current: Actor | null = null;
  #last = -1;
  #taken = 0;

  /** @throws {LinkError} when the tree does not build; {ScenarioError} for a name or a node that there is not. */
  constructor(race: Race, tree: Tree) {
    this.world = createWorld(race, tree);
    this.#stacks = this.world.actors.map(() => []);
    this.#unhook = traceGraph(this.world.k, event => { this.#report(event); });
    this.restart();
  }

  /** The kernel's rows are its own again. The world is of no more use: calls that sleep are still followed. */
  close(): void {
    this.#unhook();
  }

  /** Back to the beginning of the race. */
  restart(): void {
    for (const stack of this.#stacks) stack.length = 0;
    // threads that have run are made anew, and those that have not were begun unseen
    for (const actor of this.world.actors) if (actor.kind === 'thread') actor.ran = true;
    this.#current = null;
    this.#last = -1;
    this.#taken = 0;
    this.world.reset();
  }

  /** Indices of those who can take a step. */
  enabled(): number[] {
    return this.world.actors.flatMap((actor, i) => (canStep(this.world, actor) ? [i] : []));
  }

  /** The actor takes a step. @throws {RangeError} when it cannot. */
  step(index: number): SeenStep {
    const { world } = this;
    const actor = world.actors[index];
    this.#taken++;
    if (actor === undefined || !canStep(world, actor)) throw new RangeError(`step ${this.#taken}: ${actor?.name ?? `actor ${index}`} cannot take a step there`);
    const stack = this.#stacks[index]!;
    const op = opOf(actor);
    const preempted = this.#preemptedBy(index);
    const from = stack.at(-1)?.place ?? null;
    const logged = world.k.m.log.length;
    for (const frame of stack) { frame.entered = false; frame.calls = []; }
    this.#left = [];
    this.#current = actor;
    step(world, actor);
    this.#last = index;
    if ('path' in actor && actor.path === null) stack.length = 0;
    const wait = waitOf(actor);
    return {
      actor: index, name: actor.name, op: op === null ? null : { ...op, ends: isPast(actor, op.index) }, from, to: stack.at(-1)?.place ?? null, at: stack.at(-1)?.place.name ?? whereabouts(actor),
      visits: [...this.#left, ...stack.slice(from === null ? 0 : Math.max(firstNew(stack) - 1, 0)).map(({ place, entered, calls }) => ({ ...place, entered, calls, result: null }))],
      wait: wait === null || wait.kind === 'preempt' ? null : waitInWords(wait), log: world.k.m.log.slice(logged).map(line => line.text), preempted,
    };
  }

  /** How it has ended; where somebody could go on, it is cut off here. */
  outcome(): Outcome {
    return judge(this.world, this.enabled().length > 0);
  }

  #preemptedBy(index: number): string | null {
    const last = this.world.actors[this.#last];
    return last !== undefined && this.#last !== index && isRunnable(last) && canStep(this.world, last) ? last.name : null;
  }

  /** While the world is taken back to its beginning it is the threads that run. */
  #stack(): Frame[] | undefined {
    const { current } = this.world.k.m;
    const actor = this.#current ?? this.world.actors.find(candidate => candidate.kind === 'thread' && candidate.thread.task === current);
    return actor === undefined ? undefined : this.#stacks[this.world.actors.indexOf(actor)];
  }

  #report(event: TraceEvent): void {
    const stack = this.#stack();
    if (stack === undefined) return;
    if (event.kind === 'enter') {
      stack.push({ place: placeOf(event), entered: true, calls: [] });
      return;
    }
    // a signal that ends the sleep of another task ends functions that are not on this stack
    if (stack.at(-1)?.place.name !== event.name) return;
    const { place, entered, calls } = stack.pop()!;
    const caller = stack.at(-1);
    if (entered && !event.error && caller !== undefined) caller.calls.push(place);
    else this.#left.push({ ...place, entered, calls, result: event.error ? 'BUG()' : resultText(event.name, event.result) });
  }
}

const firstNew = (stack: readonly Frame[]): number => {
  const first = stack.findIndex(({ entered }) => entered);
  return first < 0 ? stack.length : first;
};

function opOf(actor: Actor): Omit<NonNullable<SeenStep['op']>, 'ends'> | null {
  if (actor.kind !== 'task') return null;
  const { ops, next, path, done } = actor;
  return { index: next, text: ops[next]!.step.text, begins: path === null && done === 0 };
}

/** The task is done with an operation: it is at the next one, or there will be none. */
const isPast = (actor: Actor, op: number): boolean => actor.kind === 'task' && (actor.next > op || (actor.path === null && stateOf(actor) !== 'running' && stateOf(actor) !== 'stopped'));

function whereabouts(actor: Actor): string {
  if (actor.kind !== 'task') return 'idle';
  const state = stateOf(actor);
  return state === 'running' || state === 'stopped' ? 'user' : state;
}

const waitOf = (actor: Actor): WaitFor | null => ('path' in actor ? actor.path?.wait ?? null : null);
