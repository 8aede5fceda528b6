/** One of the two machines as the page knows it, kept up to date with where it stands. */
import type { Client } from '../engine/client.js';
import type { ConsoleOutput, Dimension, Legend, MachineLayout, RunSetup, SeriesState, Side, Standing, StepRecord, TaskSummary } from '../protocol.js';

/** Steps that the time line is drawn from are asked for so many at a time. */
const STEPS_AT_A_TIME = 1000;

/** Ms between two rounds of questions to a machine that runs. */
const BREATH = 150;

export class Machine {
  readonly side: Side;
  readonly #client: Client;
  layout = $state.raw<MachineLayout | null>(null);
  setup = $state.raw<RunSetup | null>(null);
  standing = $state.raw<Standing | null>(null);
  series = $state.raw<SeriesState | null>(null);
  tasks = $state.raw<readonly TaskSummary[]>([]);
  legend = $state.raw<Legend | null>(null);
  /** All steps that were ever done, those behind the present too: one may go back to the future. */
  steps = $state.raw<readonly StepRecord[]>([]);
  screen = $state.raw<readonly ConsoleOutput[]>([]);
  #dimension: Dimension = 'kind';
  #isRefreshing = false;
  #isOutdated = false;

  constructor(client: Client, side: Side) {
    this.#client = client;
    this.side = side;
  }

  async open(setup: RunSetup): Promise<void> {
    const opened = await this.#client.request('open', { side: this.side, setup });
    this.layout = opened.layout;
    this.setup = opened.setup;
    this.steps = [];
    this.screen = [];
    this.standing = opened.standing;
    this.series = await this.#client.request('series', { side: this.side });
  }

  async close(): Promise<void> {
    if (this.layout === null) return;
    this.layout = null;
    this.standing = null;
    await this.#client.request('close', { side: this.side });
  }

  /** Brings everything in line with where the machine stands; calls while it does are one more round. */
  async refresh(dimension: Dimension): Promise<void> {
    this.#dimension = dimension;
    this.#isOutdated = true;
    if (this.#isRefreshing) return;
    this.#isRefreshing = true;
    try {
      for (let round = 0; this.#isOutdated && this.standing !== null; round++) {
        // a machine that runs is to do so, and not to tell of itself all the time
        if (round > 0) await new Promise(resolve => setTimeout(resolve, BREATH));
        this.#isOutdated = false;
        const { side } = this;
        const [tasks, legend, setup] = await Promise.all([this.#client.request('tasks', { side }), this.#client.request('legend', { side, dimension: this.#dimension }), this.#client.request('setup', { side })]);
        this.tasks = tasks;
        this.legend = legend;
        this.setup = setup;
        await this.#readSteps();
      }
    } finally {
      this.#isRefreshing = false;
    }
  }

  async #readSteps(): Promise<void> {
    const { side } = this;
    // what was done again after going back may be something else: another line typed, another patch pushed
    const done = this.standing?.position.step ?? 0;
    const keep = Math.min(this.steps.length, Math.max(done - 1, 0));
    let known = this.steps.slice(0, keep);
    for (;;) {
      const { total, steps } = await this.#client.request('steps', { side, from: known.length + 1, count: STEPS_AT_A_TIME });
      known = [...known, ...steps];
      if (steps.length === 0 || known.length >= total) break;
    }
    this.steps = known;
  }

  async readScreen(): Promise<void> {
    this.screen = await this.#client.request('screen', { side: this.side });
  }

  print(output: ConsoleOutput): void {
    this.screen = [...this.screen, output];
  }
}
