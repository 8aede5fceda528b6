/**
 * What trace(1) keeps of the calls inside the kernel: for each task a stack of what it is inside of, so that calls of tasks that sleep and go on in turn are not
 * mixed up; and lines for as long as there is room.
 */
import type { Origin, TraceEvent } from '@pmkit/linker';
import type { Machine, Task } from '@pmkit/mm-core';

export interface Frame {
  readonly name: string;
  readonly origin: Origin;
  readonly args: readonly unknown[];
  /** Simulated ms when it was entered. */
  readonly began: number;
  /** Whether it, and what it calls, is printed. */
  readonly shown: boolean;
  /** Calls of it that were printed. */
  children: number;
}

/** A function that was left. */
export interface Leave { readonly frame: Frame; readonly depth: number; readonly result: unknown; /** By an exception: BUG(), or the task was killed in its sleep. */ readonly isError: boolean }

/** Where the calls go to. `depth` counts what is shown only, from 0. */
export interface Sink {
  entered(task: Task, frame: Frame, depth: number): void;
  left(task: Task, leave: Leave): void;
}

interface RecorderOptions {
  /** Calls under these functions only; empty: all. */
  readonly roots: ReadonlySet<string>;
  /** So many levels are shown. */
  readonly maxDepth: number;
  readonly follows: (task: Task) => boolean;
}

interface Stack { readonly frames: Frame[]; /** How many of them are shown. */ depth: number }

export class Recorder {
  readonly #m: Machine;
  readonly #options: RecorderOptions;
  readonly #sink: Sink;
  readonly #stacks = new Map<Task, Stack>();
  /** Calls by function: all that were selected, shown or not. */
  readonly counts = new Map<string, { readonly origin: Origin; calls: number }>();

  constructor(m: Machine, options: RecorderOptions, sink: Sink) {
    this.#m = m;
    this.#options = options;
    this.#sink = sink;
  }

  event(event: TraceEvent): void {
    if (event.kind === 'enter') this.#enter(event);
    else this.#leave(event);
  }

  #enter({ name, origin, args }: TraceEvent & { kind: 'enter' }): void {
    const { current, now } = this.#m;
    if (!this.#options.follows(current)) return;
    const stack = this.#stacks.get(current) ?? { frames: [], depth: 0 };
    this.#stacks.set(current, stack);
    const { roots, maxDepth } = this.#options;
    const isInside = roots.size === 0 || stack.depth > 0 || roots.has(name);
    if (isInside) this.#count(name, origin);
    const shown = isInside && stack.depth < maxDepth;
    const frame: Frame = { name, origin, args, began: now, shown, children: 0 };
    const parent = stack.frames.findLast(candidate => candidate.shown);
    if (shown && parent !== undefined) parent.children++;
    stack.frames.push(frame);
    if (!shown) return;
    this.#sink.entered(current, frame, stack.depth);
    stack.depth++;
  }

  /** Who sleeps and is killed is left by an exception while another task is current. */
  #leave({ name, result, error }: TraceEvent & { kind: 'leave' }): void {
    const { current } = this.#m;
    const top = (task: Task): Frame | undefined => this.#stacks.get(task)?.frames.at(-1);
    const task = top(current)?.name === name ? current : [...this.#stacks.keys()].find(other => top(other)?.name === name);
    const stack = task === undefined ? undefined : this.#stacks.get(task);
    const frame = stack?.frames.pop();
    if (task === undefined || stack === undefined || frame === undefined || !frame.shown) return;
    stack.depth--;
    this.#sink.left(task, { frame, depth: stack.depth, result, isError: error });
  }

  #count(name: string, origin: Origin): void {
    const entry = this.counts.get(name) ?? { origin, calls: 0 };
    entry.calls++;
    this.counts.set(name, entry);
  }
}
