/**
 * A behaviour of the catalogue. It is a function that cannot be left and entered again, so each time one goes on it is done anew on a new machine, as far as is asked for: these machines are small,
 * and their scenarios short.
 */
import { findBehaviour, type Behaviour, type Lab } from '@pmkit/series/catalogue';
import type { TraceRecord } from '../../protocol.js';
import { Misuse } from '../errors.js';
import { LabRun } from './lab-run.js';
import { Halt, type Pace, type RunOptions } from './run.js';
import { Tracer } from './tracer.js';

export class BehaviourRun extends LabRun {
  readonly #behaviour: Behaviour;
  #lab: Lab | null = null;

  /** @throws {Misuse} for an id that no behaviour has; {LinkError} when the tree does not build. */
  constructor(options: RunOptions, id: string) {
    super(options);
    const behaviour = findBehaviour(id);
    if (behaviour === undefined) throw new Misuse(`no behaviour of the catalogue has the id '${id}'`);
    if (options.machine !== null || options.swap !== null) throw new Misuse('a behaviour of the catalogue brings its own machine');
    this.#behaviour = behaviour;
    this.#again(0);
  }

  protected get lab(): Lab {
    return this.#lab!;
  }

  async forward(to: number, pace: Pace = () => false): Promise<void> {
    if (this.done && to >= this.steps.length) return;
    this.#again(to);
    await pace(this.steps.length);
  }

  into(stop: (event: TraceRecord) => boolean): Promise<boolean> {
    return Promise.resolve(!this.done && this.#again(this.steps.length, stop));
  }

  dispose(): void {
    this.#lab?.dispose();
    this.#lab = null;
  }

  /** Does it anew until `to` steps are done; with `stop`, one more, and is told of its events. @returns whether it was left within a step. */
  #again(to: number, stop?: (event: TraceRecord) => boolean): boolean {
    this.dispose();
    this.restart();
    let tracer: Tracer | null = null;
    let detach = (): void => undefined;
    const lab = this.newLab((running, done) => {
      detach();
      this.arrive(running.k, done);
      if (done > to || (done === to && stop === undefined)) throw new Halt();
      if (done !== to || stop === undefined) return;
      tracer = new Tracer(running.k.m, stop);
      detach = tracer.attach(running.k);
    });
    this.#lab = lab;
    try {
      this.#behaviour.scenario(lab);
      detach();
      this.done = true;
      this.arrive(lab.k, this.steps.length);
    } catch (error) {
      if (!(error instanceof Halt)) throw error;
      detach();
    }
    this.isHalted = (tracer as Tracer | null)?.halted ?? false;
    return this.isHalted;
  }
}
