/**
 * Depth-first search through the choices of a race, execution by execution. With a bound on
 * preemptions it sees those schedules first in which nobody is disturbed more often than that (iterative context bounding, Musuvathi and
 * Qadeer, PLDI 2007); most races need one or two.
 */
import { DEFAULT_DEPTH, execute, type Begun, type Chooser, type Execution } from './execute.js';
import type { Walk } from './walk.js';

export interface DepthFirstOptions {
  /** Preemptions at most; default any number. */
  readonly bound?: number;
  /** Executions at most. */
  readonly limit: number;
  readonly depth?: number;
  /** Only schedules that begin so: who takes each of the first steps. */
  readonly prefix?: readonly number[];
}

/** A choice, and what came before it. */
interface Choice {
  readonly options: readonly number[];
  taken: number;
  readonly before: Omit<Begun, 'steps'>;
  /** Share of the tree that each of its options is, where every option of every choice on the stack counts the same. */
  readonly each: number;
}

/** What share of the tree of choices was seen, when at each choice every option counts the same; 1: all of it. */
export interface Seen { readonly fraction: number; readonly exhaustive: boolean; readonly cut: number }

/**
 * Calls `visit` at the end of every execution, while the walk is in its final state; a visit that returns true ends the search.
 */
export function searchDepthFirst(
  walk: Walk, { bound = Infinity, limit, depth = DEFAULT_DEPTH, prefix = [] }: DepthFirstOptions, visit: (execution: Execution) => boolean,
): Seen {
  const path = new ChoicePath(walk, bound, prefix);
  let fraction = 0;
  let cut = 0;
  let begun: Begun | undefined;
  for (let executions = 1; ; executions++) {
    const execution = execute(walk, path.choose, depth, begun);
    fraction += path.share;
    if (execution.cut) cut++;
    const stopped = visit(execution);
    begun = path.backtrack(execution.schedule);
    if (begun === undefined) return { fraction: 1, exhaustive: cut === 0 && bound === Infinity && !stopped, cut };
    if (stopped || executions >= limit) return { fraction, exhaustive: false, cut };
  }
}

/** The choices of one execution: up to the last on the stack those of the one before, which are not asked for; then that one's next option, then always the first. */
class ChoicePath {
  readonly #walk: Walk;
  readonly #stack: Choice[] = [];
  readonly #bound: number;
  readonly #prefix: readonly number[];
  /** The last choice of the stack is to be taken anew. */
  #again = false;
  #preemptions = 0;
  /** As in Execution. */
  #share = 1;

  constructor(walk: Walk, bound: number, prefix: readonly number[]) {
    this.#walk = walk;
    this.#bound = bound;
    this.#prefix = prefix;
  }

  /** Share of the tree that the execution is. */
  get share(): number {
    return this.#stack.at(-1)?.each ?? 1;
  }

  /** Goes back to the last choice that has an option left. @returns how the next execution begins; undefined when there is none. */
  backtrack(steps: readonly number[]): Begun | undefined {
    const stack = this.#stack;
    while (stack.length > 0 && ++stack.at(-1)!.taken >= stack.at(-1)!.options.length) stack.pop();
    const choice = stack.at(-1);
    if (choice === undefined) return undefined;
    this.#again = true;
    ({ preemptions: this.#preemptions, share: this.#share } = choice.before);
    return { steps, ...choice.before };
  }

  readonly choose: Chooser = (able, last, taken) => {
    const goesOn = able.includes(last) && this.#walk.isRunnable(last);
    const next = this.#prefix[taken] ?? this.#next(able, last, goesOn, taken);
    if (goesOn && next !== last) this.#preemptions++;
    this.#share /= able.length;
    return next;
  };

  #next(able: readonly number[], last: number, goesOn: boolean, taken: number): number {
    if (goesOn && this.#preemptions >= this.#bound) return last; // no choice, and so none on the stack
    if (this.#again) {
      this.#again = false;
      const choice = this.#stack.at(-1)!;
      return choice.options[choice.taken]!;
    }
    const options = goesOn ? [last, ...able.filter(actor => actor !== last)] : [...able];
    const before = { length: taken, preemptions: this.#preemptions, share: this.#share };
    this.#stack.push({ options, taken: 0, before, each: this.share / options.length });
    return options[0]!;
  }
}
