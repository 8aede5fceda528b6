/**
 * Function-graph trace: while it runs, the rows of a kernel point to functions that report and call on. The rows are put back exactly;
 * a kernel that is not traced pays nothing.
 */
import { watchRows } from './flat.js';
import { definitionsOf } from './link.js';
import type { Origin } from './series.js';
import { handsOnSleep, isGenerator, isHandingOn, isRunning } from './sleep.js';

export type TraceEvent =
  | { readonly kind: 'enter'; readonly depth: number; readonly name: string; readonly origin: Origin; readonly args: readonly unknown[] }
  /** `error` when the function was left by an exception (a BUG). */
  | { readonly kind: 'leave'; readonly depth: number; readonly name: string; readonly origin: Origin; readonly result: unknown; readonly error: boolean };

type Rows = Record<string, unknown>;
type Row = (this: unknown, ...args: unknown[]) => unknown;

interface Tracer { depth: number; readonly sink: (event: TraceEvent) => void }

function tracedFunction(tracer: Tracer, name: string, origin: Origin, fn: Row): Row {
  return function (this: unknown, ...args: unknown[]): unknown {
    const depth = tracer.depth++;
    tracer.sink({ kind: 'enter', depth, name, origin, args });
    let result: unknown;
    let error = true;
    try {
      result = fn.apply(this, args);
      error = false;
    } finally {
      tracer.depth = depth;
      if (error || !isRunning(result)) tracer.sink({ kind: 'leave', depth, name, origin, result, error });
    }
    // it has handed on the generator of a function it calls, and is left when that one is
    return isRunning(result) ? followed(tracer, depth, name, origin, result) : result;
  };
}

/** Runs a generator at a depth of its own, which it has again after each sleep, and reports when it is left. */
function* followed(tracer: Tracer, depth: number, name: string, origin: Origin, running: Generator): Generator {
  let result: unknown;
  let error = true;
  try {
    for (;;) {
      tracer.depth = depth + 1;
      const step = running.next();
      if (step.done === true) {
        result = step.value;
        error = false;
        return result;
      }
      yield step.value;
    }
  } finally {
    tracer.depth = depth;
    tracer.sink({ kind: 'leave', depth, name, origin, result, error });
  }
}

/** A call that may sleep begins when it is first resumed. */
function tracedGenerator(tracer: Tracer, name: string, origin: Origin, fn: (this: unknown, ...args: unknown[]) => Generator): Row {
  return function* (this: unknown, ...args: unknown[]): Generator {
    const depth = tracer.depth;
    tracer.sink({ kind: 'enter', depth, name, origin, args });
    return (yield* followed(tracer, depth, name, origin, fn.apply(this, args))) as unknown;
  };
}

/**
 * Reports every call of a kernel's functions, or of those that `select` accepts, until the returned function is called.
 * @throws {TypeError} when `kernel` is no linked kernel.
 */
export function traceGraph(kernel: object, sink: (event: TraceEvent) => void, select: (name: string) => boolean = () => true): () => void {
  const rows = kernel as Rows;
  const unwatch = watchRows(kernel);
  const tracer: Tracer = { depth: 0, sink };
  const saved = new Map<string, unknown>();
  for (const { name, origin } of definitionsOf(kernel).values()) {
    const row = rows[name];
    if (typeof row !== 'function' || !select(name)) continue;
    saved.set(name, row);
    const traced = isGenerator(row) ? tracedGenerator(tracer, name, origin, row as never) : tracedFunction(tracer, name, origin, row as Row);
    // it passes for the function: who replaces a row asks how many parameters it has, and whether it hands on a sleep
    if (isHandingOn(row)) handsOnSleep(traced);
    rows[name] = Object.defineProperty(traced, 'length', { value: row.length });
  }
  return () => {
    for (const [name, row] of saved) rows[name] = row;
    saved.clear();
    unwatch();
  };
}

/** A value of a call in a few characters: numbers and text as they are, `…` for what is larger. */
export const valueText = (value: unknown): string => (typeof value === 'number' || typeof value === 'boolean' || typeof value === 'string' ? String(value) : value === null ? 'NULL' : value === undefined ? '' : '…');

/** Lines as ftrace's function_graph prints them, with the patch that wrote each function. */
export function formatTrace(events: Iterable<TraceEvent>): string[] {
  const list = [...events];
  const lines: string[] = [];
  const pad = (depth: number, text: string, note: string): string => `${'  '.repeat(depth)}${text}`.padEnd(64) + note;
  for (let i = 0; i < list.length; i++) {
    const event = list[i]!;
    const next = list[i + 1];
    if (event.kind === 'enter') {
      const call = `${event.name}(${event.args.map(valueText).join(', ')})`;
      if (next?.kind === 'leave' && next.depth === event.depth) {
        lines.push(pad(event.depth, `${call};${returned(next)}`, `/* ${event.origin.patch} */`));
        i++;
      } else lines.push(pad(event.depth, `${call} {`, `/* ${event.origin.patch} */`));
    } else lines.push(pad(event.depth, `}${returned(event)}`, `/* ${event.name} */`));
  }
  return lines;
}
const returned = (event: TraceEvent & { kind: 'leave' }): string => (event.error ? ' = BUG' : valueText(event.result) === '' ? '' : ` = ${valueText(event.result)}`);
