/** Why a schedule fails: how it went, where it was decided, and which two steps would have had to come in the other order. */
import type { Tree } from '@pmkit/series/catalogue';
import type { Outcome } from '../outcome.js';
import type { Race } from '../race.js';
import { DEFAULT_DEPTH } from '../search/execute.js';
import { shows, type Signature } from '../search/showing.js';
import { findAlternative, findPointOfNoReturn, type PointOfNoReturn } from './decide.js';
import { Observer, type SeenStep } from './observe.js';
import { prospectsOf, type Prospects } from './prospects.js';

export interface ExplainOptions {
  /**
   * The failures to explain. By default what counts is whether anything fails; where something always does, whether the schedule's failures come that do not
   * come with every schedule.
   */
  readonly signature?: Signature;
  /** States of the race at most; default 5,000. Where there are more, ways to go on are walked through instead. */
  readonly states?: number;
  /** Ways to go on from one beginning at most; default 10,000. */
  readonly ways?: number;
  /** Steps of an execution at most; default 4,000. */
  readonly depth?: number;
}

/** Two steps whose order decides, from the state just before the point of no return. */
export interface CriticalPair {
  /** Taken first it leads to the failure only: the step at the point of no return. */
  readonly first: SeenStep;
  /** Taken first it leaves a way that ends well. */
  readonly second: SeenStep;
  /** Where `second` comes in the failing schedule, counted from 1; null: never. */
  readonly comesAt: number | null;
  /** How it can end then. */
  readonly otherwise: Outcome;
}

export interface Explanation {
  readonly race: string;
  readonly tree: Tree;
  readonly actors: readonly string[];
  readonly signature: Signature;
  readonly ending: Outcome;
  readonly steps: readonly SeenStep[];
  readonly preemptions: number;
  readonly pointOfNoReturn: PointOfNoReturn;
  /** null: there is no schedule that ends well, or none was found within the limit. */
  readonly pair: CriticalPair | null;
}

const DEFAULT_STATES = 5000;
const DEFAULT_WAYS = 10_000;

/**
 * Explains a schedule.
 * @throws {RangeError} when a step of it cannot be taken, or it does not fail so; {LinkError}, {ScenarioError} as explore().
 */
export function explain(race: Race, tree: Tree, schedule: readonly number[], options: ExplainOptions = {}): Explanation {
  const { states = DEFAULT_STATES, ways = DEFAULT_WAYS, depth = DEFAULT_DEPTH } = options;
  const observer = new Observer(race, tree);
  try {
    const steps = schedule.map(actor => observer.step(actor));
    const ending = observer.outcome();
    const prospects = prospectsOf(race, tree, schedule, { states, ways, depth });
    const avoided = options.signature ?? toBeAvoided(ending, prospects);
    const signature = avoided ?? ending.failures;
    if (signature.length === 0 || !shows(ending, signature)) {
      throw new RangeError(`${race.name}: expected a schedule that ends with ${signature.join('; ') || 'a failure'}, found ${ending.failures.join('; ') || 'none'}`);
    }
    const pointOfNoReturn = findPointOfNoReturn(prospects, schedule, avoided);
    return {
      race: race.name, tree, actors: observer.world.actors.map(({ name }) => name), signature, ending, steps,
      preemptions: steps.filter(({ preempted }) => preempted !== null).length, pointOfNoReturn,
      pair: criticalPair(observer, prospects, avoided, steps, pointOfNoReturn.step),
    };
  } finally {
    observer.close();
  }
}

/** null: any failure. */
function toBeAvoided({ failures }: Outcome, prospects: Prospects): Signature | null {
  if (prospects.after([], null).escape !== null) return null;
  const avoidable = failures.filter(failure => prospects.after([], [failure]).escape !== null);
  return avoidable.length === 0 ? failures : avoidable;
}

function criticalPair(observer: Observer, prospects: Prospects, avoided: Signature | null, steps: readonly SeenStep[], decidedAt: number): CriticalPair | null {
  const first = steps[decidedAt - 1];
  if (first === undefined) return null;
  const prefix = steps.slice(0, decidedAt - 1).map(({ actor }) => actor);
  observer.restart();
  for (const actor of prefix) observer.step(actor);
  const alternative = findAlternative(prospects, prefix, observer.enabled().filter(actor => actor !== first.actor), avoided);
  if (alternative === null) return null;
  const second = observer.step(alternative.actor);
  const comesAt = steps.findIndex((step, i) => i >= decidedAt && step.actor === second.actor);
  return { first, second, comesAt: comesAt < 0 ? null : comesAt + 1, otherwise: { text: alternative.ending.text, failures: alternative.ending.failures } };
}
