/**
 * Runs a replay: strictly, every step as it was, or carried over to another level of the series. There a step may be missing, and others may
 * have come in between; the run follows the events as far as it can, by the names of the functions in which they ended.
 */
import type { Tree } from '@pmkit/series/catalogue';
import { Observer, type SeenStep } from '../explain/observe.js';
import { stepText } from '../explain/words.js';
import { plain } from '../explain/wrap.js';
import type { Outcome } from '../outcome.js';
import { race as raceOf } from '../race.js';
import { DEFAULT_DEPTH } from '../search/execute.js';
import type { Replay, ReplayStep } from './file.js';
import { eventOf } from './record.js';

export interface ReplayOptions {
  /** Carries the replay to this tree. Without it the tree is the replay's own, and every step must be as it was. */
  readonly at?: Tree;
}

/** Where a run differs from what was recorded. */
export interface Parting {
  /** Number of the recorded event, from 1 on; one more than there are: after the last one. */
  readonly event: number;
  readonly expected: string;
  readonly found: string;
}

export interface Replayed {
  readonly tree: Tree;
  readonly strict: boolean;
  readonly steps: readonly SeenStep[];
  /** Recorded events that came, of `events`. */
  readonly followed: number;
  readonly events: number;
  /** Empty: the run was as recorded. A strict one ends at the first. */
  readonly partings: readonly Parting[];
  /** How it ended; null when a strict one did not come to its end. */
  readonly ending: Outcome | null;
  /** How it had ended when it was recorded. */
  readonly recorded: Outcome;
}

/** Steps of one actor that may come before an event that it has recorded. */
const MAX_EXTRA = 1000;

/** @throws {LinkError} when the tree does not build; {ScenarioError} for a name or a node that there is not. */
export function replay(recorded: Replay, { at }: ReplayOptions = {}): Replayed {
  const tree = at ?? recorded.tree;
  const observer = new Observer(raceOf(recorded.race), tree);
  try {
    const run = new Run(observer, recorded);
    if (at === undefined) run.strictly();
    else run.carried();
    const { taken, partings, followed, over } = run;
    const ending = over ? observer.outcome() : null;
    return { tree, strict: at === undefined, steps: taken, followed, events: recorded.steps.length, partings, recorded: recorded.ending, ending };
  } finally {
    observer.close();
  }
}

export const isSameOutcome = (a: Outcome, b: Outcome): boolean => a.text === b.text && a.failures.join('\n') === b.failures.join('\n');

class Run {
  readonly taken: SeenStep[] = [];
  readonly partings: Parting[] = [];
  followed = 0;
  over = false;
  readonly #observer: Observer;
  readonly #recorded: Replay;

  constructor(observer: Observer, recorded: Replay) {
    this.#observer = observer;
    this.#recorded = recorded;
  }

  strictly(): void {
    const { steps } = this.#recorded;
    for (const [i, event] of steps.entries()) {
      const actor = this.#actorOf(event);
      const step = actor === null ? null : this.#take(actor);
      if (step === null || !isEvent(step, event)) {
        this.#part(i, expectedText(event), step === null ? this.#whyNot(event) : stepText(step));
        return;
      }
      this.followed++;
    }
    this.over = true;
    const [able] = this.#observer.enabled();
    if (able !== undefined) this.#part(steps.length, 'the end', `${this.#observer.world.actors[able]!.name} can go on`);
    const ending = this.#observer.outcome();
    if (!isSameOutcome(ending, this.#recorded.ending)) this.#part(steps.length, outcomeText(this.#recorded.ending), outcomeText(ending));
  }

  carried(): void {
    const { steps } = this.#recorded;
    for (let i = 0; i < steps.length; i++) this.#follow(i);
    this.#goOn();
    this.over = true;
  }

  /** Lets the actor of an event go on to where the event is, if it comes there; else nothing has happened. */
  #follow(i: number): void {
    const event = this.#recorded.steps[i]!;
    const actor = this.#actorOf(event);
    if (actor === null) {
      this.#part(i, expectedText(event), this.#whyNot(event));
      return;
    }
    const later = this.#recorded.steps.slice(i + 1).filter(other => isOfSame(other, event));
    const before = this.taken.length;
    for (let extra = 0; extra <= MAX_EXTRA && this.#canTake(actor); extra++) {
      const step = this.#take(actor);
      if (isEvent(step, event)) {
        if (extra > 0) this.#part(i, expectedText(event), stepText(this.taken[before]!));
        this.followed++;
        return;
      }
      if (later.some(other => isEvent(step, other)) || isPast(step, event)) break;
    }
    const first = this.taken[before]!;
    this.#rewind(before);
    this.#part(i, expectedText(event), stepText(first));
  }

  /** To the end: who has the CPU keeps it. */
  #goOn(): void {
    const begin = this.taken.length;
    for (let enabled = this.#observer.enabled(); enabled.length > 0 && this.taken.length < DEFAULT_DEPTH; enabled = this.#observer.enabled()) {
      const last = this.taken.at(-1)?.actor ?? -1;
      this.#take(enabled.includes(last) ? last : enabled[0]!);
    }
    if (this.taken.length > begin) this.#part(this.#recorded.steps.length, 'the end', stepText(this.taken[begin]!));
  }

  #part(i: number, expected: string, found: string): void {
    this.partings.push({ event: i + 1, expected, found: plain(found) });
  }
  #canTake(actor: number): boolean {
    return this.#observer.enabled().includes(actor);
  }
  #take(actor: number): SeenStep {
    const step = this.#observer.step(actor);
    this.taken.push(step);
    return step;
  }
  #rewind(length: number): void {
    const kept = this.taken.splice(0).slice(0, length);
    this.#observer.restart();
    for (const { actor } of kept) this.#take(actor);
  }

  /** Who is meant, when it can take a step: several faults may have one name. */
  #actorOf(event: ReplayStep): number | null {
    const { actors } = this.#observer.world;
    return this.#observer.enabled().find(i => actors[i]!.name === event.actor && (actors[i]!.kind === 'task') === (event.op !== undefined)) ?? null;
  }
  #whyNot({ actor }: ReplayStep): string {
    const found = this.#observer.world.actors.find(({ name }) => name === actor);
    if (found === undefined) return `there is no ${actor}`;
    const wait = this.taken.findLast(({ name }) => name === actor)?.wait ?? null;
    return wait === null ? `${actor} has nothing to do` : `${actor} waits for ${wait}`;
  }
}

const isOfSame = (a: ReplayStep, b: ReplayStep): boolean => a.actor === b.actor && (a.op === undefined) === (b.op === undefined);

function isEvent(step: SeenStep, event: ReplayStep): boolean {
  const { actor, op, at } = eventOf(step);
  return actor === event.actor && op === event.op && at === event.at;
}

/** The task has come to the end of the operation, or is behind it; no way leads back. */
const isPast = ({ op }: SeenStep, event: ReplayStep): boolean => op !== null && (op.index > event.op! || (op.index === event.op! && op.ends));

const expectedText = ({ actor, op, at }: ReplayStep): string => `${actor}${op === undefined ? '' : `, operation ${op + 1},`} to ${at}`;
const outcomeText = ({ text, failures }: Outcome): string => [text, ...failures].join('; ');
