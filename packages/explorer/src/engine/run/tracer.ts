/** Turns what the kernel's rows report into the events of a step, and leaves the kernel at the one that is asked for. */
import { traceGraph, valueText, type TraceEvent } from '@pmkit/linker';
import type { Machine } from '@pmkit/mm-core';
import { errnoName } from '@pmkit/mm-core/model/errno-name';
import type { AnyKernel } from '@pmkit/series/levels';
import type { TraceRecord } from '../../protocol.js';
import { isTracePoint } from '../trace-points.js';
import { Halt } from './run.js';

export class Tracer {
  readonly #m: Machine;
  readonly #stop: (event: TraceRecord) => boolean;
  #number = 0;
  #halted = false;

  constructor(m: Machine, stop: (event: TraceRecord) => boolean) {
    this.#m = m;
    this.#stop = stop;
  }

  /** It has left the kernel by throwing Halt. */
  get halted(): boolean {
    return this.#halted;
  }

  /** @throws {Halt} when this is where to stop, and whenever somebody goes on in the kernel after that. */
  event(event: TraceEvent): void {
    if (this.#halted) {
      // functions are left because Halt goes through them: that is no event
      if (event.kind === 'enter') throw new Halt();
      return;
    }
    const { current, now } = this.#m;
    const { kind, depth, name, origin } = event;
    const text = kind === 'enter' ? event.args.map(valueText).join(', ') : event.error ? 'BUG' : resultText(event.result);
    const record: TraceRecord = { number: ++this.#number, kind, depth, name, file: origin.file, patch: origin.patch, pid: current.pid, who: `${current.comm}[${current.pid}]`, text, now };
    if (!this.#stop(record)) return;
    this.#halted = true;
    throw new Halt();
  }

  /** Has the kernel's rows report, until the returned function is called. */
  attach(kernel: AnyKernel): () => void {
    return traceGraph(kernel, event => { this.event(event); }, isTracePoint);
  }
}

const resultText = (result: unknown): string => (typeof result === 'number' && result < 0 && result > -4096 ? errnoName(result) : valueText(result));
