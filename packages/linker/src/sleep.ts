/** Who may sleep: generators, and plain functions that hand on a generator they call. */

const handing = new WeakSet<object>();

/**
 * Says of a plain function that it returns the generator of a function it calls, always or at times, instead of being one itself: a
 * call on a hot path then costs one generator less.
 */
export function handsOnSleep(fn: object): void {
  handing.add(fn);
}
export const isHandingOn = (value: unknown): boolean => typeof value === 'function' && handing.has(value);

export const isGenerator = (value: unknown): boolean =>
  typeof value === 'function' && Object.prototype.toString.call(value) === '[object GeneratorFunction]';
/** Whether a value is what calling a generator gives. */
export const isRunning = (value: unknown): value is Generator => Object.prototype.toString.call(value) === '[object Generator]';
