/**
 * Calls as the trace viewers of browsers read them (Trace Event Format, duration events B and E). A kernel that does not sleep takes no simulated time, so that all would lie at
 * one point: `ts` counts events instead, a microsecond each; the simulated time is in `args`.
 */
import type { Machine, Task } from '@pmkit/mm-core';
import { packageName } from './graph.js';
import type { Frame, Leave, Sink } from './recorder.js';

export class ChromeTrace implements Sink {
  readonly #m: Machine;
  readonly #limit: number;
  readonly #events: object[] = [];
  readonly #named = new Set<Task>();
  #time = 0;
  leftOut = 0;
  /** Functions whose beginning found no room: neither has their end. */
  readonly #skipped = new Set<Frame>();

  constructor(m: Machine, limit: number) {
    this.#m = m;
    this.#limit = limit;
  }

  entered(task: Task, frame: Frame): void {
    if (this.#events.length >= this.#limit) {
      this.#skipped.add(frame);
      this.leftOut++;
      return;
    }
    if (!this.#named.has(task)) this.#events.push({ ph: 'M', name: 'thread_name', pid: task.tgid, tid: task.pid, args: { name: `${task.comm} ${task.pid}` } });
    this.#named.add(task);
    this.#events.push({ ph: 'B', name: frame.name, cat: frame.origin.file, pid: task.tgid, tid: task.pid, ts: this.#time++, args: { patch: packageName(frame.origin), ms: this.#m.now } });
  }
  left(task: Task, { frame, isError }: Leave): void {
    if (this.#skipped.delete(frame)) return;
    this.#events.push({ ph: 'E', name: frame.name, pid: task.tgid, tid: task.pid, ts: this.#time++, args: { ms: this.#m.now, ...(isError ? { error: true } : {}) } });
  }
  text(): string {
    return `${JSON.stringify({ traceEvents: this.#events, displayTimeUnit: 'ms', otherData: { leftOut: this.leftOut } })}\n`;
  }
}
