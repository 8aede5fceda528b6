/** A script on a machine, done step by step. There is a kind of run for each kind of script; all are deterministic, so that a run can be had again by beginning anew. */
import type { AnyKernel } from '@pmkit/series/levels';
import type { State, Step, Tree } from '@pmkit/series/catalogue';
import type { MachineConfig } from '@pmkit/mm-core';
import type { Question, Verdict } from '@pmkit/series/compare';
import type { ConsoleOutput, LiveMove, Script, StepRecord, TraceRecord } from '../../protocol.js';

export interface RunOptions {
  readonly script: Script;
  readonly tree: Tree;
  /** Null: the script's own. */
  readonly machine: MachineConfig | null;
  readonly swap: number | null;
  /** Patches pushed or popped on the way, ascending by step. */
  readonly moves: readonly LiveMove[];
  /** Each step is recorded with the state of the machine after it. */
  readonly withStates: boolean;
  /** What the console prints. */
  readonly output: (output: ConsoleOutput) => void;
  /** Called where nothing has happened yet, and between steps: something may be looked at that is not asked for later. */
  readonly atBoundary: (kernel: AnyKernel, done: number) => void;
}

/** Asked between two steps, with the number of those done; true: the run is to stop here. */
export type Pace = (done: number) => boolean | Promise<boolean>;

/** What a migrate_pages() call has returned, and what became of the pages. */
export interface Explained { readonly result: string; readonly verdicts: readonly Verdict[] }

export interface Run {
  /** The kernel as it is now, to be looked at. After a reboot of the machine it is another. */
  readonly kernel: AnyKernel;
  readonly tree: Tree;
  /** Steps that were begun; the last ones of a console may have no result yet. */
  readonly steps: readonly StepRecord[];
  /** As the comparison of two runs takes them. */
  readonly recorded: readonly Step[];
  /** The steps that called migrate_pages(), and the pid that each named. */
  readonly migrations: readonly { readonly step: number; readonly pid: number }[];
  /** Nothing is left to do. */
  readonly done: boolean;
  /** The console waits for a line. */
  readonly prompt: string | null;
  /** It stands within a step, and can never go on. */
  readonly isHalted: boolean;
  /** Goes on until `to` steps are done, or to the end. */
  forward(to: number, pace?: Pace): Promise<void>;
  /** Does the next step and is told of each trace event on the way; `stop` says after which it is to be left. @returns whether it was left within. */
  into(stop: (event: TraceRecord) => boolean): Promise<boolean>;
  /** Does the next step, a migrate_pages() call for `pid`, and explains what it does. */
  explain(pid: number, question: Omit<Question, 'task'>): Promise<Explained | null>;
  /** Exchanges the code of the running kernel. @throws {LiveChangeError} when it cannot be done now. */
  goTo(level: number): void;
  /** The state of the machine, as recordings have it. */
  state(): State;
  dispose(): void;
}

/** A run with a console. */
export interface ConsoleRunLike extends Run {
  /** The line is typed once the script has come to its end. */
  type(line: string): void;
  interrupt(): void;
  complete(line: string): { readonly candidates: readonly string[]; readonly word: string };
}

/** Thrown through the kernel to leave it where it is. Nobody may use the machine for anything but looking afterwards. */
export class Halt extends Error {
  override readonly name = 'Halt';
}
