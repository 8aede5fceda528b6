/** A race from a replay file: its steps in the lanes of those who take them, the two steps whose order decides, and each point of either order. */
import { explain, isSameOutcome, Observer, race as raceOf, readReplay, replay, ReplayError, stepText, type Replay, type SeenStep } from '@pmkit/explore';
import { treeName } from '@pmkit/series/catalogue';
import type { RaceOrder, RacePoint, RaceStep, RaceView } from '../protocol.js';
import { Misuse } from './errors.js';

/** Steps after the pair was turned round, at most. */
const MAX_STEPS = 4000;

interface Way { readonly steps: readonly SeenStep[]; readonly text: string; readonly failures: readonly string[] }

export class RacePlayer {
  readonly #replay: Replay;
  readonly #observer: Observer;
  readonly #recorded: Way;
  readonly #asRecorded: boolean;
  #pair: RaceView['pair'] = null;
  #otherwise: Way | null = null;

  /** @throws {Misuse} for a file that is none, or whose steps cannot be taken; {LinkError} when its tree does not build. */
  constructor(text: string, name: string) {
    try {
      this.#replay = readReplay(text, name);
    } catch (error) {
      if (error instanceof ReplayError) throw new Misuse(error.message, { cause: error });
      throw error;
    }
    const { steps, ending, recorded, partings } = replay(this.#replay);
    if (ending === null) throw new Misuse(`${name}: event ${partings[0]!.event}: expected ${partings[0]!.expected}, found ${partings[0]!.found}`);
    this.#recorded = { steps, text: ending.text, failures: ending.failures };
    this.#asRecorded = isSameOutcome(ending, recorded);
    this.#observer = new Observer(raceOf(this.#replay.race), this.#replay.tree);
  }

  get view(): RaceView {
    return this.#viewOf(this.#recorded);
  }

  /** Finds the pair, when the run fails and somebody could have avoided it. Takes up to some seconds. */
  explain(): RaceView {
    const { steps, failures } = this.#recorded;
    if (this.#pair !== null || failures.length === 0) return this.view;
    const { pair, pointOfNoReturn: { step } } = explain(raceOf(this.#replay.race), this.#replay.tree, steps.map(({ actor }) => actor));
    if (pair === null) return this.view;
    const { first, second, comesAt, otherwise } = pair;
    this.#pair = { point: step, first: stepText(first), comesAt, second: stepText(second), otherwise: [otherwise.text, ...otherwise.failures].join('; ') };
    this.#otherwise = this.#turned(step, second.actor);
    return this.view;
  }

  /** The other order. @throws {Misuse} when no pair was found. */
  otherwise(): RaceView {
    return this.#viewOf(this.#way('otherwise'));
  }

  /** The world after so many steps of an order. */
  at(order: RaceOrder, step: number): RacePoint {
    const { steps, text, failures } = this.#way(order);
    if (!Number.isInteger(step) || step < 0 || step > steps.length) throw new Misuse(`step: expected 0 to ${steps.length}, found ${step}`);
    const observer = this.#observer;
    observer.restart();
    for (const { actor } of steps.slice(0, step)) observer.step(actor);
    const { world } = observer;
    return {
      order, step, now: world.k.m.now, log: world.k.m.log.slice(world.logged).map(line => line.text),
      enabled: observer.enabled().map(i => world.actors[i]!.name), ended: step === steps.length ? { text, failures } : null,
    };
  }

  close(): void {
    this.#observer.close();
  }

  #way(order: RaceOrder): Way {
    const way = order === 'recorded' ? this.#recorded : this.#otherwise;
    if (way === null) throw new Misuse('no two steps whose order decides have been found');
    return way;
  }

  /** As recorded up to the step that decides; then the other one comes first, and the rest in the order of the file as far as that can be. */
  #turned(point: number, second: number): Way {
    const observer = this.#observer;
    observer.restart();
    const steps = this.#recorded.steps.slice(0, point - 1).map(({ actor }) => observer.step(actor));
    steps.push(observer.step(second));
    const rest = this.#recorded.steps.slice(point - 1).map(({ actor }) => actor);
    const own = rest.indexOf(second);
    if (own >= 0) rest.splice(own, 1);
    for (let enabled = observer.enabled(); enabled.length > 0 && steps.length < MAX_STEPS; enabled = observer.enabled()) {
      const at = rest.findIndex(actor => enabled.includes(actor));
      steps.push(observer.step(at < 0 ? enabled[0]! : rest.splice(at, 1)[0]!));
    }
    const { text, failures } = observer.outcome();
    return { steps, text, failures };
  }

  #viewOf({ steps, text, failures }: Way): RaceView {
    const { race: { name }, tree } = this.#replay;
    return {
      name, tree: treeName(tree), actors: this.#observer.world.actors.map(actor => actor.name), steps: steps.map(raceStep), ending: text, failures, asRecorded: this.#asRecorded, pair: this.#pair,
    };
  }
}

function raceStep(step: SeenStep, i: number): RaceStep {
  const { actor, from, to, at, op, wait, preempted, log } = step;
  const place = to ?? from;
  return {
    number: i + 1, actor, from: from?.name ?? 'user', at, file: place?.file ?? '', patch: place?.patch ?? '', text: stepText(step), call: op?.text ?? null, begins: op?.begins ?? false,
    waitsFor: wait, preempted, log,
  };
}
