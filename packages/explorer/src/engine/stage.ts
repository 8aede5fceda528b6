/**
 * One machine with a script on it, and where it stands. Going forward goes on with the run there is; going back, and going on from within a step, is to begin anew and to do the same again: a run
 * depends on nothing but its setup.
 */
import { treeName } from '@pmkit/series/catalogue';
import type { ConsoleOutput, MachineLayout, Position, RunSetup, Side, Standing, StepRecord, StepUnit, TraceRecord } from '../protocol.js';
import { Misuse } from './errors.js';
import type { FrameMaps } from './frames/frame-maps.js';
import type { Host } from './host.js';
import { layoutOf } from './layout.js';
import type { ConsoleRunLike, Pace, Run } from './run/run.js';
import { Spare } from './spare.js';
import { Take, type Wants } from './take.js';
import { isPageEvent } from './trace-points.js';

export interface StageOptions {
  readonly side: Side;
  readonly host: Host;
  /** It stands elsewhere. */
  readonly moved: (standing: Standing) => void;
  readonly printed: (output: ConsoleOutput) => void;
  /** What was printed is no longer so. */
  readonly wiped: () => void;
}

const NO_CONSOLE = 'this script has no console';
const START: Position = { step: 0, event: 0 };
/** Real ms in which nobody else is let in. */
const SLICE = 12;
/** Frames. */
const LARGE = 1 << 18;

export class Stage {
  readonly #options: StageOptions;
  #setup: RunSetup;
  #take!: Take;
  readonly #spare = new Spare(() => this.#breathe());
  #event = 0;
  #at: TraceRecord | null = null;
  #generation = 0;
  #wants: Wants = { states: false, origins: false };
  #wanted: Promise<unknown> = Promise.resolve();
  /** The longest that the run was seen to be. */
  #known: readonly StepRecord[] = [];
  /** Runs to the end that were asked for, and how many of them are to stop where they are. */
  #plays = 0;
  #paused = 0;
  /** Requests that have the machine go somewhere come one after another. */
  #queue: Promise<unknown> = Promise.resolve();
  /** The last of them that has one place to go to: on the way there is nothing to be seen. */
  #going: Promise<unknown> = Promise.resolve();

  private constructor(options: StageOptions, setup: RunSetup) {
    this.#options = options;
    this.#setup = setup;
  }

  /** @throws {Misuse} for a setup that cannot be; {LinkError} when the tree does not build. */
  static async open(options: StageOptions, setup: RunSetup): Promise<Stage> {
    const stage = new Stage(options, setup);
    await stage.#begin();
    return stage;
  }

  get setup(): RunSetup {
    return this.#setup;
  }
  get run(): Run {
    return this.#take.run;
  }
  get generation(): number {
    return this.#generation;
  }
  get screen(): readonly ConsoleOutput[] {
    return this.#take.screen;
  }
  /** Steps that were done, and those that will be as far as they were seen. */
  get steps(): readonly StepRecord[] {
    const { steps } = this.run;
    return steps.length >= this.#known.length ? steps : [...steps, ...this.#known.slice(steps.length)];
  }
  get layout(): MachineLayout {
    return layoutOf(this.run.kernel.m);
  }
  get position(): Position {
    return { step: this.run.steps.length - (this.#event > 0 && this.#isBegun ? 1 : 0), event: this.#event };
  }
  /** A console's step is among those that were begun as soon as its call is; others are when they are done. */
  get #isBegun(): boolean {
    return this.#setup.script.kind === 'console' && this.#begun;
  }
  #begun = false;

  get standing(): Standing {
    const { steps, kernel: { m }, done, prompt, tree } = this.run;
    const position = this.position;
    return {
      side: this.#options.side, position, done: done && position.event === 0, prompt, tree: treeName(tree), now: m.now, last: steps[position.step - 1] ?? null, at: this.#at,
      generation: this.#generation,
    };
  }

  /** The run, when it is a console's. @throws {Misuse} */
  get console(): ConsoleRunLike {
    if (this.#setup.script.kind !== 'console') throw new Misuse(NO_CONSOLE);
    return this.run as ConsoleRunLike;
  }

  /** The pictures of the frames as they are now. */
  get maps(): FrameMaps {
    return this.#take.maps;
  }

  /** Has more of the run kept: what was not from the beginning is had by doing it again, where it stands. Who plays it is stopped there. */
  async want(what: keyof Wants): Promise<void> {
    if (!this.#wants[what]) {
      this.#wants = { ...this.#wants, [what]: true };
      this.#wanted = this.#exclusively(() => this.#again(this.position));
    }
    await this.#wanted;
  }

  /** Resolves when the machine is not on its way to somewhere; while it plays, or a command runs, it may be looked at. */
  async arrived(): Promise<this> {
    for (let going: unknown = null; going !== this.#going; ) {
      going = this.#going;
      await this.#going;
    }
    return this;
  }

  /** To a point of the run, or to its end when that comes first. */
  seek(position: Position): Promise<Standing> {
    const { step, event } = position;
    if (!Number.isInteger(step) || step < 0 || !Number.isInteger(event) || event < 0) throw new Misuse(`position: expected whole numbers from 0 on, found ${step}, ${event}`);
    return this.#exclusively(() => this.#go(position));
  }

  step(unit: StepUnit, count = 1): Promise<Standing> {
    checkCount(count);
    return this.#exclusively(async () => {
      if (unit === 'call') return this.#go({ step: this.position.step + count, event: 0 });
      for (let i = 0; i < count; i++) if (!await this.#nextEvent(unit)) break;
    });
  }

  back(unit: StepUnit, count = 1): Promise<Standing> {
    checkCount(count);
    return this.#exclusively(async () => {
      let to = this.position;
      for (let i = 0; i < count && (to.step > 0 || to.event > 0); i++) to = await this.#before(to, unit);
      await this.#go(to);
    });
  }

  /** To the end, or where pause() finds it. @param speed steps a second; default: as fast as it goes. */
  play(speed?: number): Promise<Standing> {
    if (speed !== undefined && !(speed > 0)) throw new Misuse(`speed: expected a number of steps a second, found ${speed}`);
    const play = ++this.#plays;
    return this.#inTurn(async () => {
      if (this.#paused >= play) return;
      await this.#leaveStep();
      const { host } = this.#options;
      let last = host.now();
      const pace: Pace = async () => {
        if (speed !== undefined) await host.sleep(1000 / speed);
        else if (host.now() - last >= SLICE) await host.breathe();
        else return this.#paused >= play;
        last = host.now();
        this.#changed();
        return this.#paused >= play;
      };
      await this.#forward(Infinity, pace, speed !== undefined);
    });
  }
  pause(): void {
    this.#paused = this.#plays;
  }

  /** A line for the console, which is a part of the run from here on. */
  type(line: string): Promise<Standing> {
    const play = ++this.#plays;
    return this.#inTurn(async () => {
      const { script } = this.#setup;
      if (script.kind !== 'console') throw new Misuse(NO_CONSOLE);
      if (/[\n\0]/.test(line)) throw new Misuse('expected one line');
      await this.#go({ step: Infinity, event: 0 });
      if (this.run.done) throw new Misuse('the shell has ended');
      this.#setup = { ...this.#setup, script: { ...script, lines: [...script.lines, line] } };
      this.console.type(line);
      await this.run.forward(Infinity, async () => {
        await this.#breathe();
        return this.#paused >= play;
      });
    });
  }

  /** Pushes or pops patches here; what comes later in the run is done with them. @throws {LiveChangeError} */
  goTo(level: number): Promise<Standing> {
    return this.#exclusively(async () => {
      await this.#leaveStep();
      const { step } = this.position;
      this.run.goTo(level);
      this.#known = [];
      const moves = (this.#setup.moves ?? []).filter(move => move.step < step);
      this.#setup = { ...this.#setup, moves: [...moves, { step, level }] };
      // a behaviour is done anew whenever it goes on
      if (this.#setup.script.kind === 'behaviour') await this.#again({ step, event: 0 });
    });
  }

  /** The same script with another tree, from its beginning. @throws {LinkError} when it does not build; nothing is changed then. */
  reboot(tree: string): Promise<Standing> {
    return this.#exclusively(async () => {
      const before = this.#setup;
      const { moves: _, ...rest } = before;
      this.#setup = { ...rest, tree };
      try {
        await this.#again(START);
        this.#known = [];
      } catch (error) {
        this.#setup = before;
        throw error;
      }
    });
  }

  /** The same run once more, for something to be looked at on the way; it stands where `step` steps are done. Whoever asks disposes of it. */
  async another(step: number): Promise<Run> {
    const { run } = await Take.begin(this.#setup, { states: false, origins: false });
    await run.forward(step, () => this.#breathe());
    return run;
  }

  /** Takes the step behind so many once more, elsewhere, and visits its events; `visit` says after which it has seen enough. @returns whether it had. */
  async visitEvents(step: number, visit: (event: TraceRecord) => boolean): Promise<boolean> {
    const run = await this.another(step);
    try {
      return await run.into(visit);
    } finally {
      run.dispose();
    }
  }

  close(): void {
    this.pause();
    this.#spare.drop();
    this.#take.dispose();
  }

  /**
   * The kernel's functions as a table are what can be looked into; to get somewhere there is the flat kernel of the level, which is loaded when the machine is one on which there may be much to do.
   */
  async #loadFast(): Promise<void> {
    const { kernel } = this.run;
    if (kernel.m.totalram_pages < LARGE) return;
    const { loadFlatOf } = await import('@pmkit/series/flat');
    await loadFlatOf(kernel);
  }

  /** A new run, at its beginning, in place of the one there is. */
  async #begin(): Promise<void> {
    this.#adopt(await Take.begin(this.#setup, this.#wants));
  }

  #adopt(take: Take): void {
    this.#spare.drop();
    const before = this.#take as Take | undefined;
    if (before !== undefined) this.#known = this.steps.map(step => ({ ...step }));
    this.#take = take;
    before?.dispose();
    this.#event = 0;
    this.#at = null;
    this.#begun = false;
    take.printed = this.#options.printed;
    if (before !== undefined) this.#options.wiped();
  }

  async #again(to: Position): Promise<void> {
    await this.#begin();
    await this.#go(to);
  }

  async #go(to: Position): Promise<void> {
    const here = this.position;
    if (this.run.isHalted ? to.step !== here.step || to.event !== here.event : to.step < here.step) {
      const spare = to.step < here.step ? null : await this.#spare.take(here.step);
      if (spare === null) await this.#begin();
      else this.#adopt(spare);
    } else if (to.step === here.step && to.event === here.event) return;
    if (this.run.steps.length < to.step) await this.#forward(to.step);
    if (to.event > 0 && this.run.steps.length === to.step) await this.#into(event => event.number === to.event);
  }

  /** @param isTold whether those who look are told at every step. */
  async #forward(to: number, pace?: Pace, isTold = false): Promise<void> {
    const run = this.run;
    if (run.done && run.steps.length <= to) return;
    await this.#loadFast();
    if (isTold && this.#setup.script.kind === 'behaviour') {
      // it does not stand still in between unless each step is asked for
      while (!run.done && run.steps.length < to) {
        await run.forward(run.steps.length + 1);
        if (await pace!(run.steps.length)) return;
      }
      return;
    }
    await run.forward(to, pace ?? (() => this.#breathe()));
  }

  #breathed = 0;
  /** A pace that never stops a run, but lets requests be answered. */
  async #breathe(): Promise<false> {
    const { host } = this.#options;
    if (host.now() - this.#breathed < SLICE) return false;
    await host.breathe();
    this.#breathed = host.now();
    return false;
  }

  async #into(stop: (event: TraceRecord) => boolean): Promise<boolean> {
    const { length } = this.run.steps;
    let at: TraceRecord | null = null;
    const halted = await this.run.into(event => {
      if (!stop(event)) return false;
      at = event;
      return true;
    });
    this.#at = at;
    this.#event = (at as TraceRecord | null)?.number ?? 0;
    this.#begun = this.run.steps.length > length;
    // other scripts are done anew in no time
    if (halted && this.#setup.script.kind === 'console') this.#spare.prepare(this.#setup, this.#wants, this.position.step);
    return halted;
  }

  /** From within a step to its end. */
  async #leaveStep(): Promise<void> {
    const { step, event } = this.position;
    if (event > 0) await this.#go({ step: step + 1, event: 0 });
  }

  /** To the next event of the run. @returns false at its end. */
  async #nextEvent(unit: 'event' | 'page'): Promise<boolean> {
    const { step, event } = this.position;
    if (event > 0) await this.#go({ step, event: 0 });
    let behind = event;
    while (!this.run.done) {
      const { length } = this.run.steps;
      if (await this.#into(({ number, kind, name }) => number > behind && (unit === 'event' || isPageEvent(kind, name)))) return true;
      if (this.run.steps.length === length) return false; // a console that waits for a line
      if (unit === 'event') return true; // the end of the step
      behind = 0;
      await this.#breathe();
    }
    return false;
  }

  /** The point one unit before another. */
  async #before({ step, event }: Position, unit: StepUnit): Promise<Position> {
    if (unit === 'call') return event > 0 ? { step, event: 0 } : { step: step - 1, event: 0 };
    if (unit === 'event' && event > 0) return { step, event: event - 1 };
    for (let at = event > 0 ? step : step - 1; at >= 0; at--) {
      let found = 0;
      await this.visitEvents(at, ({ number, kind, name }) => {
        if (at === step && number >= event) return true;
        if (unit === 'event' || isPageEvent(kind, name)) found = number;
        return false;
      });
      if (found > 0) return { step: at, event: found };
      if (unit === 'event') return { step: at, event: 0 };
    }
    return START;
  }

  /** An action that leads to one place. */
  #exclusively(action: () => Promise<void>): Promise<Standing> {
    this.pause();
    const result = this.#inTurn(action);
    this.#going = result.catch(() => undefined);
    return result;
  }
  #inTurn(action: () => Promise<void>): Promise<Standing> {
    const result = this.#queue.then(async () => {
      try {
        await action();
      } finally {
        this.#changed();
      }
      return this.standing;
    });
    this.#queue = result.catch(() => undefined);
    return result;
  }
  #changed(): void {
    this.#generation++;
    this.#options.moved(this.standing);
  }
}

function checkCount(count: number): void {
  if (!Number.isInteger(count) || count < 1) throw new Misuse(`count: expected a whole number from 1 on, found ${count}`);
}
