/** One function of a running kernel in place of another: a student's own, or an error. */
import { LinkError } from './errors.js';
import { watchRows } from './flat.js';
import { definitionsOf } from './link.js';
import { isGenerator, isHandingOn, isRunning } from './sleep.js';

type Rows = Record<string, unknown>;
type SourceFunction = (...args: never[]) => unknown;

function refuse(name: string, file: string, message: string): never {
  throw new LinkError([{ file, caller: '', callee: name, message }]);
}

/**
 * Points one row of a kernel to `fn` until the returned function is called. Relinking ends it as well.
 * @throws {LinkError} when the symbol is not linked, is data, or has another prototype: number of parameters, may sleep or not.
 */
export function replaceSymbol(kernel: object, name: string, fn: SourceFunction): () => void {
  const definition = definitionsOf(kernel).get(name);
  if (definition === undefined) refuse(name, '', `${name}() is not linked at this level`);
  const { file } = definition.origin;
  const linked = definition.value;
  if (typeof linked !== 'function') refuse(name, file, `${file}: '${name}' is data, not a function`);
  if (fn.length !== linked.length) refuse(name, file, `${file}: conflicting types for '${name}': ${linked.length} parameters, not ${fn.length}`);
  if (!isHandingOn(linked) && isGenerator(fn) !== isGenerator(linked)) {
    refuse(name, file, `${file}: conflicting types for '${name}': it ${isGenerator(linked) ? 'may sleep (write function*)' : 'must not sleep (write function)'}`);
  }
  const rows = kernel as Rows;
  const before = rows[name];
  const unwatch = watchRows(kernel);
  rows[name] = fn;
  return () => {
    unwatch();
    if (rows[name] === fn) rows[name] = before;
  };
}

/** Which calls fail: after `after` good ones (default 0), `times` calls (default all). */
export interface Injection { readonly after?: number; readonly times?: number }

/**
 * Makes a function return `value` instead of doing anything, until the returned function is called.
 * @throws {LinkError} as replaceSymbol().
 */
export function injectError(kernel: object, name: string, value: unknown, { after = 0, times = Infinity }: Injection = {}): () => void {
  const definition = definitionsOf(kernel).get(name);
  if (definition === undefined || typeof definition.value !== 'function') refuse(name, '', `${name}() is not linked at this level`);
  const rows = kernel as Rows;
  const real = rows[name] as (this: unknown, ...args: unknown[]) => unknown;
  let calls = 0;
  const fails = (): boolean => {
    const call = calls++;
    return call >= after && call < after + times;
  };
  const injected = isGenerator(real) || isHandingOn(real)
    ? function* (this: unknown, ...args: unknown[]): Generator {
        if (fails()) return value;
        const result = real.apply(this, args);
        return isRunning(result) ? ((yield* result) as unknown) : result;
      }
    : function (this: unknown, ...args: unknown[]): unknown {
        return fails() ? value : real.apply(this, args);
      };
  Object.defineProperty(injected, 'length', { value: real.length });
  return replaceSymbol(kernel, name, injected);
}
