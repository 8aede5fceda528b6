/**
 * Calls as ftrace's function_graph tracer prints them (Documentation/trace/ftrace.rst): CPU, duration, calls by depth. Behind each function stands
 * the patch whose version of it ran.
 */
import { valueText, type Origin } from '@pmkit/linker';
import type { Machine, Task } from '@pmkit/mm-core';
import type { Frame, Leave, Sink } from './recorder.js';

export const packageName = ({ package: from }: Origin): string => from.replace(/^@pmkit\//, '');

const HEAD = ['# tracer: function_graph', '#', '# CPU  DURATION                  FUNCTION CALLS', '# |     |   |                     |   |   |   |'];
const RULE = ' ------------------------------------------';

export class Graph implements Sink {
  readonly #m: Machine;
  readonly #limit: number;
  readonly #withArguments: boolean;
  readonly lines: string[] = [...HEAD];
  /** Lines that found no room. */
  leftOut = 0;
  /** Whose line was printed last. */
  #task: Task | null = null;
  /** The function entered last, whose line waits for what comes: a call that calls nothing is one line. */
  #pending: { readonly task: Task; readonly frame: Frame; readonly depth: number } | null = null;

  constructor(m: Machine, limit: number, withArguments: boolean) {
    this.#m = m;
    this.#limit = limit;
    this.#withArguments = withArguments;
  }

  entered(task: Task, frame: Frame, depth: number): void {
    this.#flush();
    this.#pending = { task, frame, depth };
  }

  left(task: Task, { frame, depth, result, isError }: Leave): void {
    const isLeaf = this.#pending?.frame === frame;
    if (!isLeaf) this.#flush();
    this.#pending = null;
    const end = isError ? ' /* left by an exception */' : this.#withArguments && result !== undefined ? ` /* = ${valueText(result)} */` : '';
    const us = `${((this.#m.now - frame.began) * 1000).toFixed(3)} us`.padStart(13);
    this.#print(task, us, depth, isLeaf ? `${this.#call(frame)};${end} /* ${packageName(frame.origin)} */` : `} /* ${frame.name} */${end}`);
  }

  /** Nothing more comes. */
  end(): void {
    this.#flush();
  }

  #flush(): void {
    if (this.#pending === null) return;
    const { task, frame, depth } = this.#pending;
    this.#pending = null;
    this.#print(task, ''.padStart(13), depth, `${this.#call(frame)} { /* ${packageName(frame.origin)} */`);
  }
  #call({ name, args }: Frame): string {
    return `${name}(${this.#withArguments ? args.map(valueText).join(', ') : ''})`;
  }
  #print(task: Task, duration: string, depth: number, text: string): void {
    if (this.lines.length >= this.#limit + HEAD.length) {
      this.leftOut++;
      return;
    }
    const cpu = String(task.cpu).padStart(2);
    if (this.#task !== null && this.#task !== task) this.lines.push(RULE, ` ${cpu})  ${nameOf(this.#task)}  =>  ${nameOf(task)}`, RULE, '');
    this.#task = task;
    this.lines.push(` ${cpu}) ${duration} |  ${'  '.repeat(depth)}${text}`);
  }
}

const nameOf = ({ comm, pid }: Task): string => `${comm}-${pid}`;
