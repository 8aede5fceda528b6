/** What runs in a lab have in common: what they record, and how they explain a call. */
import type { MachineConfig, Task } from '@pmkit/mm-core';
import { bootTree, Lab, stateOf, type LabOptions, type State, type Step, type Tree } from '@pmkit/series/catalogue';
import { watchMigration, type Question } from '@pmkit/series/compare';
import { goTo, type AnyKernel } from '@pmkit/series/levels';
import type { StepRecord, TraceRecord } from '../../protocol.js';
import { Halt, type Explained, type Pace, type Run, type RunOptions } from './run.js';
import { Tracer } from './tracer.js';

/** The task that a call named is asked about by its pid. */
interface Asked { readonly pid: number; readonly question: Omit<Question, 'task'>; answer: Explained | null }

export abstract class LabRun implements Run {
  readonly options: RunOptions;
  readonly steps: StepRecord[] = [];
  readonly recorded: Step[] = [];
  readonly migrations: { readonly step: number; readonly pid: number }[] = [];
  readonly prompt = null;
  done = false;
  isHalted = false;
  /** Level that patches pushed on the way have led to. */
  #level: number | null = null;
  #asked: Asked | null = null;

  constructor(options: RunOptions) {
    this.options = options;
  }

  protected abstract get lab(): Lab;
  abstract forward(to: number, pace?: Pace): Promise<void>;
  abstract into(stop: (event: TraceRecord) => boolean): Promise<boolean>;
  abstract dispose(): void;

  get kernel(): AnyKernel {
    return this.lab.k;
  }
  get tree(): Tree {
    return this.#level === null ? this.options.tree : { level: this.#level, hotplug: false };
  }
  state(): State {
    return stateOf(this.kernel.m);
  }
  goTo(level: number): void {
    goTo(this.kernel, level);
    this.#level = level;
  }

  async explain(pid: number, question: Omit<Question, 'task'>): Promise<Explained | null> {
    const asked: Asked = { pid, question, answer: null };
    this.#asked = asked;
    try {
      await this.forward(this.steps.length + 1);
      return asked.answer;
    } finally {
      this.#asked = null;
    }
  }

  /** Forgets what was recorded: the run begins anew. */
  protected restart(): void {
    this.steps.length = this.recorded.length = this.migrations.length = 0;
    this.#level = null;
    this.done = this.isHalted = false;
  }

  /** A lab that records, on the machine that was chosen. */
  protected newLab(beforeStep?: (lab: Lab, done: number) => void): Lab {
    const { tree, machine, withStates } = this.options;
    const options: LabOptions = {
      everyState: withStates,
      bootKernel: config => {
        // the buffers of small machines are used again and again; large ones come and go
        const { buffer } = config;
        return bootTree(tree, machine === null ? config : buffer === undefined || !isSmall(machine) ? machine : { ...machine, buffer });
      },
      ...(beforeStep === undefined ? {} : { beforeStep }),
      afterStep: (lab, step, task) => { this.#record(lab, step, task); },
      aroundMigrate: (lab, caller, args, call) => this.#aroundMigrate(lab, caller, args, call),
    };
    return new Lab(tree, options);
  }

  /** So many steps are done: patches that are pushed here are pushed now. */
  protected arrive(kernel: AnyKernel, done: number): void {
    for (const move of this.options.moves) {
      if (move.step !== done) continue;
      goTo(kernel, move.level);
      this.#level = move.level;
    }
    this.options.atBoundary(kernel, done);
  }

  #record({ k: { m } }: Lab, step: Step, task: Task): void {
    this.recorded.push(step);
    this.steps.push({ number: this.steps.length + 1, who: step.who, pid: task.pid, call: step.call, result: step.result, log: step.log, now: m.now });
  }

  #aroundMigrate(lab: Lab, caller: Task, args: readonly unknown[], call: () => number): number {
    const pid = Number(args[0]);
    this.migrations.push({ step: this.steps.length + 1, pid });
    const asked = this.#asked;
    const target = lab.k.m.tasks.get(pid);
    if (asked?.pid !== pid || target === undefined) return call();
    const watch = watchMigration(lab.k, caller, target, args, { ...asked.question, task: target.comm });
    try {
      const result = call();
      asked.answer = { result: lab.result(result), verdicts: watch.finish(lab.result(result)) };
      return result;
    } finally {
      watch.stop();
    }
  }

  /** Runs `action` with the trace points on. @returns whether it was left within. */
  protected traced(kernel: AnyKernel, stop: (event: TraceRecord) => boolean, action: () => void): boolean {
    const tracer = new Tracer(kernel.m, stop);
    const detach = tracer.attach(kernel);
    try {
      action();
    } catch (error) {
      if (!(error instanceof Halt) || !tracer.halted) throw error;
    } finally {
      detach();
    }
    this.isHalted = tracer.halted;
    return tracer.halted;
  }
}

const SMALL = 1 << 20;
const isSmall = ({ nodes }: MachineConfig): boolean => nodes.reduce((sum, { pages }) => sum + pages, 0) <= SMALL;
