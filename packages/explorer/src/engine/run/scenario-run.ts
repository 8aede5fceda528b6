/** A scenario file: its steps are data, and are played one after another on one machine. */
import type { Lab } from '@pmkit/series/catalogue';
import { playStep, ScenarioError, setStage, type ScenarioFile, type Stage } from '@pmkit/series/scenario';
import { parseScenario } from '@pmkit/series/scenario/file';
import type { TraceRecord } from '../../protocol.js';
import { Misuse } from '../errors.js';
import { LabRun } from './lab-run.js';
import type { Pace, RunOptions } from './run.js';

export class ScenarioRun extends LabRun {
  readonly #file: ScenarioFile;
  readonly #stage: Stage;

  /** @throws {Misuse} for a text that is no scenario; {LinkError} when the tree does not build. */
  constructor(options: RunOptions, text: string, name: string) {
    super(options);
    this.#file = orMisuse(() => parseScenario(text, name));
    const lab = this.newLab();
    const { machine } = this.#file;
    this.#stage = orMisuse(() => setStage({ ...this.#file, machine: options.swap === null ? machine : { ...machine, swap: options.swap } }, lab));
    this.arrive(lab.k, 0);
  }

  protected get lab(): Lab {
    return this.#stage.lab;
  }

  async forward(to: number, pace: Pace = () => false): Promise<void> {
    while (!this.done && this.steps.length < to) {
      this.#play();
      if (await pace(this.steps.length)) return;
    }
  }

  into(stop: (event: TraceRecord) => boolean): Promise<boolean> {
    if (this.done) return Promise.resolve(false);
    return Promise.resolve(this.traced(this.kernel, stop, () => { this.#play(); }));
  }

  dispose(): void {
    this.lab.dispose();
  }

  #play(): void {
    const { steps } = this.#file;
    orMisuse(() => playStep(this.#stage, steps[this.steps.length]!));
    this.done = this.steps.length === steps.length;
    this.arrive(this.kernel, this.steps.length);
  }
}

function orMisuse<T>(action: () => T): T {
  try {
    return action();
  } catch (error) {
    if (error instanceof ScenarioError) throw new Misuse(error.message, { cause: error });
    throw error;
  }
}
