/**
 * Depth-first search through the choices of a race, without memory of states: every execution runs from the beginning. With a bound on
 * preemptions it sees those schedules first in which nobody is disturbed more often than that (iterative context bounding, Musuvathi and
 * Qadeer, PLDI 2007); most races need one or two.
 */
import { isRunnable } from '../world/world.js';
import type { RaceWorld } from '../world/create.js';
import { DEFAULT_DEPTH, execute, type Chooser, type Execution } from './execute.js';

export interface DepthFirstOptions {
  /** Preemptions at most; default any number. */
  readonly bound?: number;
  /** Executions at most. */
  readonly limit: number;
  readonly depth?: number;
  /** Only schedules that begin so: who takes each of the first steps. */
  readonly prefix?: readonly number[];
}

interface Choice { readonly options: readonly number[]; taken: number }

/** What share of the tree of choices was seen, when at each choice every option counts the same; 1: all of it. */
export interface Seen { readonly fraction: number; readonly exhaustive: boolean; readonly cut: number }

/**
 * Calls `visit` at the end of every execution, while the world is in its final state; a visit that returns true ends the search.
 */
export function searchDepthFirst(
  world: RaceWorld, { bound = Infinity, limit, depth = DEFAULT_DEPTH, prefix = [] }: DepthFirstOptions, visit: (execution: Execution) => boolean,
): Seen {
  const stack: Choice[] = [];
  const path = new ChoicePath(world, stack, bound, prefix);
  let fraction = 0;
  let cut = 0;
  for (let executions = 1; ; executions++) {
    path.restart();
    const execution = execute(world, path.choose, depth);
    fraction += stack.reduce((share, { options }) => share / options.length, 1);
    if (execution.cut) cut++;
    const stopped = visit(execution);
    while (stack.length > 0 && ++stack.at(-1)!.taken >= stack.at(-1)!.options.length) stack.pop();
    if (stack.length === 0) return { fraction: 1, exhaustive: cut === 0 && bound === Infinity && !stopped, cut };
    if (stopped || executions >= limit) return { fraction, exhaustive: false, cut };
  }
}

/** The choices of one execution: those on the stack, then always the first option. */
class ChoicePath {
  readonly #world: RaceWorld;
  readonly #stack: Choice[];
  readonly #bound: number;
  readonly #prefix: readonly number[];
  #at = 0;
  #preemptions = 0;

  constructor(world: RaceWorld, stack: Choice[], bound: number, prefix: readonly number[]) {
    this.#world = world;
    this.#stack = stack;
    this.#bound = bound;
    this.#prefix = prefix;
  }

  restart(): void {
    this.#at = this.#preemptions = 0;
  }

  readonly choose: Chooser = (enabled, last, taken) => {
    const goesOn = enabled.includes(last) && isRunnable(this.#world.actors[last]!);
    const next = this.#prefix[taken] ?? this.#next(enabled, last, goesOn);
    if (goesOn && next !== last) this.#preemptions++;
    return next;
  };

  #next(enabled: readonly number[], last: number, goesOn: boolean): number {
    if (goesOn && this.#preemptions >= this.#bound) return last; // no choice, and so none on the stack
    const known = this.#stack[this.#at];
    if (known !== undefined) {
      this.#at++;
      return known.options[known.taken]!;
    }
    const options = goesOn ? [last, ...enabled.filter(actor => actor !== last)] : [...enabled];
    this.#stack.push({ options, taken: 0 });
    this.#at++;
    return options[0]!;
  }
}
