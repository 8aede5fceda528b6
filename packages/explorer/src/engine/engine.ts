/** Answers the page's requests. It is the same in a worker and in a test: whoever drives it gives it requests and is told answers and notices. */
import { LinkError } from '@pmkit/linker';
import { stateHash } from '@pmkit/mm-core/testing';
import { behaviours } from '@pmkit/series/catalogue';
import { LiveChangeError } from '@pmkit/series/levels';
import type { Answer, Dimension, Failure, FromWorker, MoveResult, Request, RequestName, Requests, RunSetup, Side, Standing, TraceRecord, WhyAnswer } from '../protocol.js';
import { MAX_COUNTED_EVENTS, MAX_EVENTS } from '../protocol.js';
import { chromeTrace, type TracedStep } from './chrome-trace.js';
import { presetSummaries, treeOf } from './choices.js';
import { Misuse, NoMachine } from './errors.js';
import type { Host } from './host.js';
import { Lockstep } from './lockstep.js';
import { addressSpaceOf, pageRow } from './process/address-space.js';
import { frameDetail } from './process/frame.js';
import { tasksOf } from './process/tasks.js';
import type { RacePlayer } from './race.js';
import { seriesState } from './series.js';
import { Stage } from './stage.js';

/** Tells the page something; buffers are handed over, not copied. */
export type Tell = (message: FromWorker, transfer: readonly ArrayBuffer[]) => void;

type Handlers = { readonly [Name in RequestName]: (params: Requests[Name]['params']) => Requests[Name]['result'] | Promise<Requests[Name]['result']> };

/** Steps that a trace is written of at most. */
const MAX_TRACED = 1000;
const MAX_TRACED_EVENTS = 500_000;

export class Engine {
  readonly #host: Host;
  readonly #tell: Tell;
  readonly #stages = new Map<Side, Stage>();
  #lockstep: Lockstep | null = null;
  #race: RacePlayer | null = null;

  constructor(host: Host, tell: Tell) {
    this.#host = host;
    this.#tell = tell;
  }

  /** Answers by `tell`; never throws. */
  async handle({ id, name, params }: Request): Promise<void> {
    let answer: Answer;
    try {
      const handler = this.#handlers[name] as ((given: unknown) => unknown) | undefined;
      if (handler === undefined) throw new Misuse(`there is no request '${name}'`);
      answer = { id, ok: true, result: await handler(params) };
    } catch (error) {
      answer = { id, ok: false, failure: failureOf(error) };
    }
    this.#tell(answer, answer.ok ? buffersOf(answer.result) : []);
  }

  /** The machine of a side, for whoever looks at it in the same thread. @throws {NoMachine} */
  stage(side: Side): Stage {
    const stage = this.#stages.get(side);
    if (stage === undefined) throw new NoMachine(`there is no machine on side ${side}`);
    return stage;
  }

  readonly #handlers: Handlers = {
    catalogue: () => ({ presets: presetSummaries(), behaviours: behaviours.map(({ id, kind, sentence, patch }) => ({ id, kind, sentence, patch })) }),
    open: ({ side, setup }) => this.#open(side, setup),
    close: ({ side }) => this.#close(side),
    standing: async ({ side }) => (await this.#looked(side)).standing,
    setup: ({ side }) => this.stage(side).setup,

    frames: async ({ side, ...asked }) => {
      const stage = await this.#looked(side, asked.dimension);
      return stage.maps.cells(side, stage.generation, asked);
    },
    counts: async ({ side, dimension, firstPfn, frames }) => {
      const stage = await this.#looked(side, dimension);
      return stage.maps.counts(stage.generation, dimension, firstPfn, frames);
    },
    legend: async ({ side, dimension }) => {
      const stage = await this.#looked(side, dimension);
      return stage.maps.legend(stage.generation, dimension);
    },
    frame: async ({ side, pfn }) => {
      const stage = await this.#looked(side);
      return frameDetail(stage.run.kernel.m, stage.maps, stage.generation, pfn);
    },

    tasks: async ({ side }) => tasksOf((await this.#looked(side)).run.kernel.m),
    addressSpace: async ({ side, pid }) => addressSpaceOf((await this.#looked(side)).run.kernel, pid),
    pages: async ({ side, pid, start, count }) => pageRow((await this.#looked(side)).run.kernel, pid, start, count),
    why: ({ side, pid, ...question }) => this.#why(side, pid, question),

    series: async ({ side }) => seriesState((await this.#looked(side)).run.tree),
    move: ({ side, to, how }) => this.#move(side, to, how),

    step: ({ side, unit, count }) => this.stage(side).step(unit, count),
    back: ({ side, unit, count }) => this.stage(side).back(unit, count),
    seek: ({ side, position }) => this.stage(side).seek(position),
    run: ({ side, speed }) => this.stage(side).play(speed),
    pause: ({ side }) => {
      this.stage(side).pause();
      return null;
    },
    steps: async ({ side, from, count }) => {
      const { steps } = await this.#looked(side);
      return { total: steps.length, steps: steps.slice(Math.max(0, from - 1), Math.max(0, from - 1) + count).map(step => ({ ...step })) };
    },
    events: async ({ side, step }) => {
      const events: TraceRecord[] = [];
      let total = 0;
      await this.stage(side).visitEvents(stepNumber(step) - 1, event => {
        if (events.length < MAX_EVENTS) events.push(event);
        return ++total >= MAX_COUNTED_EVENTS;
      });
      return { total, events };
    },
    log: async ({ side, from }) => (await this.#looked(side)).run.kernel.m.log.slice(from).map(({ text, time }) => ({ text, now: time })),
    hash: async ({ side }) => stateHash((await this.#looked(side)).run.kernel),
    chromeTrace: ({ side, first, last }) => this.#chromeTrace(side, first, last),

    lockstepStep: () => this.#inLockstep().step(),
    lockstepRun: () => this.#inLockstep().run(),
    lockstep: () => this.#inLockstep().look(),

    raceOpen: async ({ text, name }) => {
      const { RacePlayer } = await import('./race.js');
      const race = new RacePlayer(text, name);
      this.#race?.close();
      this.#race = race;
      return race.view;
    },
    raceExplain: () => this.#raced().explain(),
    raceSeek: ({ order, step }) => this.#raced().at(order, step),
    raceOtherwise: () => this.#raced().otherwise(),

    type: ({ side, line }) => this.stage(side).type(line),
    interrupt: ({ side }) => {
      this.stage(side).console.interrupt();
      return null;
    },
    complete: ({ side, line }) => this.stage(side).console.complete(line),
    screen: async ({ side }) => (await this.#looked(side)).screen,
  };

  /** The machine, once it stands where it was sent. Origins are followed from when they are first asked for. */
  async #looked(side: Side, dimension?: Dimension): Promise<Stage> {
    const stage = this.stage(side);
    if (dimension === 'origin') await stage.want('origins');
    return stage.arrived();
  }

  async #open(side: Side, setup: RunSetup): Promise<Requests['open']['result']> {
    const stage = await Stage.open({
      side, host: this.#host,
      moved: standing => { this.#tell({ notice: 'moved', standing }, []); },
      printed: output => { this.#tell({ notice: 'console', side, output }, []); },
      wiped: () => { this.#tell({ notice: 'screen', side }, []); },
    }, setup);
    this.#close(side);
    this.#stages.set(side, stage);
    return { layout: stage.layout, standing: stage.standing, setup: stage.setup };
  }

  #close(side: Side): null {
    this.#stages.get(side)?.close();
    this.#stages.delete(side);
    this.#lockstep = null;
    return null;
  }

  async #move(side: Side, to: string, how: 'live' | 'reboot'): Promise<MoveResult> {
    const stage = this.stage(side);
    const tree = treeOf(to);
    const moved = async (standing: Promise<Standing>): Promise<MoveResult> => ({ moved: true, standing: await standing, series: seriesState(stage.run.tree) });
    try {
      if (how === 'reboot') return await moved(stage.reboot(to));
      if (tree.hotplug !== stage.run.tree.hotplug) return { moved: false, why: 'needs a reboot', message: 'the hotplug patches cannot be pushed or popped while the machine runs', inside: [] };
      if (tree.hotplug) return { moved: false, why: 'needs a reboot', message: 'a machine with the hotplug patches is booted anew', inside: [] };
      return await moved(stage.goTo(tree.level));
    } catch (error) {
      if (error instanceof LinkError) return { moved: false, why: 'does not build', message: error.message, inside: [] };
      if (!(error instanceof LiveChangeError)) throw error;
      const inside = error.inside.map(({ task: { pid, comm }, entry, symbols, waitsFor }) => ({ pid, comm, entry, symbols, waitsFor }));
      return { moved: false, why: 'task inside', message: error.message, inside };
    }
  }

  async #why(side: Side, pid: number, question: { readonly address?: number; readonly pages?: number }): Promise<WhyAnswer> {
    const stage = await this.#looked(side);
    const { step } = stage.position;
    const call = stage.run.migrations.findLast(migration => migration.pid === pid && migration.step <= step);
    if (call === undefined) return { step: null, result: null, verdicts: [] };
    const again = await stage.another(call.step - 1);
    try {
      const explained = await again.explain(pid, question);
      return { step: call.step, result: explained?.result ?? null, verdicts: explained?.verdicts ?? [] };
    } finally {
      again.dispose();
    }
  }

  async #chromeTrace(side: Side, first: number, last: number): Promise<string> {
    const stage = await this.#looked(side);
    const { length } = stage.run.steps;
    if (stepNumber(first) > last || last > length) throw new Misuse(`steps: expected numbers from 1 to ${length}, found ${first} to ${last}`);
    if (last - first >= MAX_TRACED) throw new Misuse(`expected ${MAX_TRACED} steps at most, found ${last - first + 1}`);
    const traced: TracedStep[] = [];
    let room = MAX_TRACED_EVENTS;
    const run = await stage.another(first - 1);
    try {
      while (run.steps.length < last) {
        const events: TraceRecord[] = [];
        const { length: before } = run.steps;
        const isOver = await run.into(event => {
          events.push(event);
          return --room <= 0;
        });
        if (isOver) throw new Misuse(`expected ${MAX_TRACED_EVENTS} events at most, found more in steps ${first} to ${before + 1}`);
        if (run.steps.length === before) break;
        traced.push({ step: { ...run.steps[before]! }, events });
      }
    } finally {
      run.dispose();
    }
    return chromeTrace(traced, stage.setup.tree);
  }

  #inLockstep(): Lockstep {
    return (this.#lockstep ??= new Lockstep(this.stage('a'), this.stage('b')));
  }
  #raced(): RacePlayer {
    if (this.#race === null) throw new Misuse('no race is open');
    return this.#race;
  }
}

function stepNumber(step: number): number {
  if (!Number.isInteger(step) || step < 1) throw new Misuse(`step: expected a number from 1 on, found ${step}`);
  return step;
}

/** What went wrong, for the page. */
function failureOf(error: unknown): Failure {
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof Misuse || error instanceof RangeError) return { code: 'misuse', message };
  if (error instanceof LinkError) return { code: 'does not build', message };
  if (error instanceof NoMachine) return { code: 'no machine', message };
  return { code: 'internal', message };
}

/** Typed arrays that stand directly in an answer. */
function buffersOf(result: unknown): ArrayBuffer[] {
  if (typeof result !== 'object' || result === null || Array.isArray(result)) return [];
  return Object.values(result).flatMap(value => (ArrayBuffer.isView(value) && value.buffer instanceof ArrayBuffer ? [value.buffer] : []));
}
