/**
 * Bash on a machine of the kit, with lines that are typed one after another. A step is a system call of one of its processes: before each the scheduler asks at its gate, and there the run is
 * held when it is to stand still.
 */
import { createMachine, NO_RESULT, type MachineConfig, type Task } from '@pmkit/mm-core';
import { errnoName } from '@pmkit/mm-core/model/errno-name';
import { Box, callText, completions, programs, promptOf, Session, type SyscallObserver } from '@pmkit/machine/console';
import { MIGRATE_PAGES, stateOf, type State, type Step, type Tree } from '@pmkit/series/catalogue';
import { watchMigration, type MigrationWatch, type Question } from '@pmkit/series/compare';
import { hotplugKernelAt, kernelAt, type AnyKernel } from '@pmkit/series/levels';
import { migrationSeries } from '@pmkit/series/stack';
import type { ConsoleOutput, StepRecord, TraceRecord } from '../../protocol.js';
import { Halt, type ConsoleRunLike, type Explained, type Pace, type RunOptions } from '../run/run.js';
import { Tracer } from '../run/tracer.js';
import { isTracePoint } from '../trace-points.js';

/** A question about the next migrate_pages() call for a process. */
interface Asked {
  readonly pid: number;
  readonly question: Omit<Question, 'task'>;
  caller: Task | null;
  watch: MigrationWatch | null;
  answer: Explained | null;
}

/** A call that has not come back. */
interface OpenCall { readonly number: number; readonly call: number | string; readonly args: readonly unknown[] }

type Writable<T> = { -readonly [Field in keyof T]: T[Field] };

/** In front of the second line of a command. */
const CONTINUED = '> ';

export class ConsoleRun implements ConsoleRunLike {
  readonly options: RunOptions;
  readonly steps: Writable<StepRecord>[] = [];
  readonly recorded: Writable<Step>[] = [];
  readonly migrations: { readonly step: number; readonly pid: number }[] = [];
  readonly #box: Box;
  readonly #session: Session;
  /** Lines that nobody has read yet. */
  readonly #lines: string[];
  /** The system calls that tasks are in, of each the last one last. */
  readonly #open = new Map<Task, OpenCall[]>();
  /** The kernel that is looked at when that of the box is no good any more. */
  #seen: AnyKernel | null = null;
  #waitingLine: ((line: string | null) => void) | null = null;
  #ended = false;
  #failure: Error | null = null;
  /** Lets the call go on that is held at the gate. */
  #held: (() => void) | null = null;
  #target = 0;
  #pace: Pace = () => false;
  /** Steps that were done when it last went on. */
  #from = 0;
  /** The run has come to stand still. */
  #stopped: () => void = () => undefined;
  #arrived = -1;
  #tracer: Tracer | null = null;
  #prompt = '';

  /** Boots the machine; the shell has not read anything yet. @throws {LinkError} when the tree does not build. */
  constructor(options: RunOptions & { readonly machine: MachineConfig }, lines: readonly string[]) {
    this.options = options;
    this.#lines = [...lines];
    this.#box = new Box({ tree: options.tree, machine: options.machine, programs, ...(options.swap === null ? {} : { swap: options.swap }) });
    this.#session = new Session(this.#box, { out: text => { this.#print('out', text); }, err: text => { this.#print('err', text); } });
    this.#box.scheduler.observers.add(this.#observer());
    this.#box.scheduler.gate = () => this.#gate();
    this.#arrive();
  }

  /** Reads and runs lines until it stands still for the first time. */
  async begin(): Promise<this> {
    const standing = this.#standStill();
    const reader = { readLine: (prompt: string) => this.#readLine(prompt) };
    void this.#session.interact(reader, cwd => this.#promptText(cwd)).then(() => { this.#end(); }, (error: unknown) => {
      this.#failure = error instanceof Error ? error : new Error(String(error));
      this.#end();
    });
    await standing;
    return this;
  }

  get kernel(): AnyKernel {
    return this.#seen ?? this.#box.k;
  }
  get tree(): Tree {
    return this.#box.tree;
  }
  get done(): boolean {
    return this.#ended;
  }
  get prompt(): string | null {
    return this.#waitingLine === null || this.isHalted ? null : this.#prompt;
  }
  get isHalted(): boolean {
    return this.#tracer?.halted === true;
  }

  async forward(to: number, pace: Pace = () => false): Promise<void> {
    if (this.#ended || this.steps.length >= to) return;
    this.#target = to;
    this.#pace = pace;
    await this.#goOn();
  }

  async into(stop: (event: TraceRecord) => boolean): Promise<boolean> {
    if (this.#ended) return false;
    const { trace } = this.#box;
    const before = this.#box.k;
    const tracer = new Tracer(before.m, event => {
      const stops = stop(event);
      if (stops) this.#leaveMachine(before);
      return stops;
    });
    this.#tracer = tracer;
    const detach = trace.watch(event => { tracer.event(event); }, isTracePoint);
    this.#target = this.steps.length + 1;
    this.#pace = () => false;
    try {
      await this.#goOn();
    } finally {
      if (tracer.halted) this.#box.powerOff();
      else {
        detach();
        this.#tracer = null;
      }
    }
    return tracer.halted;
  }

  async explain(pid: number, question: Omit<Question, 'task'>): Promise<Explained | null> {
    const asked: Asked = { pid, question, caller: null, watch: null, answer: null };
    this.#asked = asked;
    try {
      // the call may sleep: others go on meanwhile
      while (asked.answer === null && !this.#ended && this.prompt === null) await this.forward(this.steps.length + 1);
      return asked.answer;
    } finally {
      this.#asked = null;
      asked.watch?.stop();
    }
  }
  #asked: Asked | null = null;

  #askedEntered(caller: Task, call: number | string, args: readonly unknown[]): void {
    const asked = this.#asked;
    if (asked === null || asked.watch !== null || !isMigration(call) || Number(args[0]) !== asked.pid) return;
    const { k } = this.#box;
    const target = k.m.tasks.get(asked.pid);
    if (target === undefined) return;
    asked.caller = caller;
    asked.watch = watchMigration(k, caller, target, args, { ...asked.question, task: target.comm });
  }
  #askedLeft(task: Task, result: number): void {
    const asked = this.#asked;
    if (asked?.watch === undefined || asked.watch === null || asked.caller !== task || asked.answer !== null) return;
    const text = resultText(result);
    asked.answer = { result: text, verdicts: asked.watch.finish(text) };
  }

  #promptText(cwd: string): string {
    const { tree, user, where, sign } = promptOf(this.#box, migrationSeries, cwd);
    return `[${tree}] ${user}:${where}${sign} `;
  }

  goTo(level: number): void {
    this.#box.goTo(level);
    if (this.#prompt !== CONTINUED) this.#prompt = this.#promptText(this.#session.cwd);
  }
  state(): State {
    return stateOf(this.kernel.m);
  }
  dispose(): void {
    this.#box.scheduler.gate = null;
    this.#box.powerOff();
  }

  type(line: string): void {
    this.#lines.push(line);
  }
  interrupt(): void {
    this.#session.interrupt();
  }
  complete(line: string): { readonly candidates: readonly string[]; readonly word: string } {
    const [candidates, word] = completions(this.#box, this.#session.cwd, line);
    return { candidates, word };
  }

  #print(stream: ConsoleOutput['stream'], text: string): void {
    if (text !== '' && !this.isHalted) this.options.output({ stream, text });
  }

  /** What a terminal shows of a line that is typed. */
  #echo(line: string): void {
    this.#print('in', `${this.#prompt}${line}\n`);
  }

  #observer(): SyscallObserver {
    return {
      entered: (task, call, args) => {
        if (this.isHalted) return;
        const number = this.steps.length + 1;
        if (isMigration(call)) this.migrations.push({ step: number, pid: Number(args[0]) });
        const text = callText(this.#box.k, call, args);
        const who = `${task.comm}[${task.pid}]`;
        this.steps.push({ number, who, pid: task.pid, call: text, result: '', log: [], now: this.#box.k.m.now });
        this.recorded.push({ who, call: text, result: '', log: [] });
        const open = this.#open.get(task);
        if (open === undefined) this.#open.set(task, [{ number, call, args }]);
        else open.push({ number, call, args });
        this.#askedEntered(task, call, args);
      },
      left: (task, result) => {
        if (this.isHalted) return;
        const open = this.#open.get(task)?.pop();
        if (open !== undefined) this.#finish(open, result);
        this.#askedLeft(task, result);
      },
    };
  }

  #finish({ number, call, args }: OpenCall, result: number): void {
    const { k } = this.#box;
    const came = { call: callText(k, call, args, result), result: resultText(result), log: this.#newLog() };
    Object.assign(this.steps[number - 1]!, came, { now: k.m.now });
    Object.assign(this.recorded[number - 1]!, came);
  }
  #logged = 0;
  #newLog(): readonly string[] {
    const { log } = this.#box.k.m;
    if (log.length < this.#logged) this.#logged = 0; // the machine was rebooted
    const lines = log.slice(this.#logged).map(({ text }) => text);
    this.#logged = log.length;
    return lines;
  }

  /** Nothing has happened yet, or the steps so far are done: patches that are pushed here are pushed now. */
  #arrive(): void {
    const done = this.steps.length;
    if (this.#arrived === done) return;
    this.#arrived = done;
    const last = this.recorded[done - 1];
    if (this.options.withStates && last !== undefined) last.state = stateOf(this.kernel.m);
    for (const move of this.options.moves) if (move.step === done) this.goTo(move.level);
    this.options.atBoundary(this.#box.k, done);
  }

  async #gate(): Promise<void> {
    if (this.isHalted) throw new Halt();
    this.#arrive();
    // it may stand still several times before one and the same call
    while (this.steps.length >= this.#target || (this.steps.length > this.#from && await this.#pace(this.steps.length))) {
      await new Promise<void>(go => {
        this.#held = go;
        this.#stopped();
      });
    }
  }

  #readLine(prompt: string): Promise<string | null> {
    this.#prompt = prompt;
    this.#arrive();
    const line = this.#lines.shift();
    if (line !== undefined) {
      this.#echo(line);
      return Promise.resolve(line);
    }
    return new Promise<string | null>(read => {
      this.#waitingLine = read;
      this.#stopped();
    });
  }

  async #goOn(): Promise<void> {
    this.#from = this.steps.length;
    const standing = this.#standStill();
    const held = this.#held;
    const line = this.#waitingLine === null ? undefined : this.#lines.shift();
    if (held !== null) {
      this.#held = null;
      held();
    } else if (line !== undefined) {
      const read = this.#waitingLine!;
      this.#waitingLine = null;
      this.#echo(line);
      read(line);
    } else return;
    await standing;
    if (this.#failure !== null && !this.isHalted) throw this.#failure;
  }

  #standStill(): Promise<void> {
    return new Promise(resolve => { this.#stopped = resolve; });
  }

  #end(): void {
    this.#ended = true;
    if (!this.isHalted) this.#arrive();
    this.#stopped();
  }

  /**
   * The machine is to stay as it is at this event, while processes of the console, which are JavaScript, find that nothing works any more and end: they have a kernel none of whose functions can be
   * called, over another machine.
   */
  #leaveMachine(k: AnyKernel): void {
    const { m } = k;
    const { tree } = this.#box;
    this.#seen = tree.hotplug ? hotplugKernelAt(tree.level, m) : kernelAt(tree.level, m);
    const rows = k as unknown as Record<string, unknown>;
    for (const [name, row] of Object.entries(rows)) if (typeof row === 'function') rows[name] = (): never => { throw new Halt(); };
    rows['m'] = createMachine({ nodes: [{ id: 0, pages: 64, cpus: [0] }] });
    this.#stopped();
  }
}

const isMigration = (call: number | string): boolean => call === 'migrate_pages' || call === MIGRATE_PAGES;
const resultText = (result: number): string => (result === NO_RESULT ? 'did not return' : errnoName(result));
