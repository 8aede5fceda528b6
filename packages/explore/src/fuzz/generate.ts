/** Programs from a seed: new ones, and old ones with something changed. */
import type { DrawArg } from './arguments.js';
import { TEMPLATES } from './calls.js';
import { Draw } from './draw.js';
import type { Call, Program } from './program.js';
import { STANDS, TASKS } from './stand.js';

/** Calls of a program at most. */
const LONGEST = 24;
const SHORTEST = 4;
const MOST_CHANGES = 3;

interface Names { readonly names: readonly string[]; readonly weights: readonly number[]; readonly total: number }
function namesOf(only: readonly string[] | undefined): Names {
  const names = only ?? Object.keys(TEMPLATES);
  const weights = names.map(name => TEMPLATES[name]!.weight);
  return { names, weights, total: weights.reduce((sum, weight) => sum + weight, 0) };
}

export class Generator {
  readonly #draw: Draw;
  readonly #names: Names;
  readonly #stands: readonly string[];

  /**
   * @param names calls that programs are made of; default: all.
   * @param stands machines that they run on; default: all.
   */
  constructor(seed: number, names?: readonly string[], stands: readonly string[] = STANDS) {
    this.#draw = new Draw(seed);
    this.#names = namesOf(names);
    this.#stands = stands;
  }

  /** The next program: a new one, or one of the corpus changed. */
  next(corpus: readonly Program[]): Program {
    return corpus.length === 0 || this.#draw.once(3) ? this.#fresh() : this.#changed(corpus);
  }

  #fresh(): Program {
    const draw = this.#draw;
    const calls: Call[] = [];
    // several calls in a row by one task make more sense than one of each
    let task = draw.below(TASKS);
    for (let i = draw.between(SHORTEST, LONGEST); i > 0; i--) {
      if (draw.once(3)) task = draw.below(TASKS);
      calls.push(this.#call(calls, calls.length, task));
    }
    return { stand: draw.of(this.#stands), schedule: this.#schedule(), calls };
  }
  #schedule(): number | null {
    return this.#draw.once(2) ? null : this.#draw.below(2 ** 31);
  }

  #call(calls: readonly Call[], id: number, task: number): Call {
    let at = this.#draw.below(this.#names.total);
    let i = 0;
    while (at >= this.#names.weights[i]!) at -= this.#names.weights[i++]!;
    return this.#callOf(calls, id, task, this.#names.names[i]!);
  }
  #callOf(calls: readonly Call[], id: number, task: number, name: string): Call {
    return { id, task, name, args: TEMPLATES[name]!.args.map((arg: DrawArg) => arg({ draw: this.#draw, calls })) };
  }

  #changed(corpus: readonly Program[]): Program {
    const draw = this.#draw;
    let { schedule, calls, stand } = draw.of(corpus);
    for (let i = draw.between(1, MOST_CHANGES); i > 0; i--) calls = this.#change(calls, corpus);
    if (draw.once(4)) schedule = this.#schedule();
    if (draw.once(8)) stand = draw.of(this.#stands);
    return { stand, schedule, calls };
  }

  #change(calls: readonly Call[], corpus: readonly Program[]): readonly Call[] {
    const draw = this.#draw;
    const at = draw.below(calls.length + 1);
    const free = calls.reduce((id, call) => Math.max(id, call.id + 1), 0);
    const old = calls[at];
    switch (draw.below(5)) {
      case 0: return calls.length > 1 ? calls.filter((_, i) => i !== at) : calls;
      case 1: return calls.length >= LONGEST || old === undefined ? calls : calls.toSpliced(at, 0, this.#call(calls.slice(0, at), free, draw.once(2) ? old.task : draw.below(TASKS)));
      case 2: return old === undefined ? calls : calls.with(at, this.#callOf(calls.slice(0, at), old.id, old.task, old.name));
      case 3: return old === undefined ? calls : calls.with(at, { ...old, task: draw.below(TASKS) });
      default: return splice(calls.slice(0, at), draw.of(corpus).calls.slice(-draw.between(1, 8)), free);
    }
  }
}

/** One program's end behind another's beginning, with ids of its own. */
function splice(head: readonly Call[], tail: readonly Call[], free: number): readonly Call[] {
  const renamed = new Map(tail.map((call, i) => [call.id, free + i]));
  return [...head, ...tail.map(call => ({
    ...call, id: renamed.get(call.id)!,
    args: call.args.map(arg => (typeof arg === 'object' && 'result' in arg ? { ...arg, result: renamed.get(arg.result) ?? arg.result } : arg)),
  }))].slice(0, LONGEST);
}
