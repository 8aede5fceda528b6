/** Links a series over a machine: a table of functions that is the kernel. */
import { LinkError, type LinkComplaintAt } from './errors.js';
import { scanCalls } from './scan.js';
import type { Definition, Definitions, Series } from './series.js';
import type { KernelFunction, LinkComplaint } from './types.js';

/** The linked kernel: state and rows in one object. */
export type Kernel<T, M> = T & M;

type SourceFunction = (...args: never[]) => unknown;
const isFunction = (value: unknown): value is SourceFunction => typeof value === 'function';

/** Parameters a function takes; a rest parameter takes any number. */
function parameters(fn: SourceFunction): { count: number; rest: boolean } {
  return { count: fn.length, rest: /^(?:async\s+)?(?:function\s*\*?\s*[\w$]*)?\s*\([^)]*\.\.\./.test(Function.prototype.toString.call(fn)) };
}

const TABLES = /(?:_aops|_ops|_operations|_table)$/;

function checkCalls(definitions: Definitions, state: object, definition: Definition, errors: LinkComplaintAt[]): void {
  const fn = definition.value as SourceFunction;
  const { file } = definition.origin;
  const caller = definition.name;
  for (const { callee, args } of scanCalls(fn)) {
    const target = definitions.get(callee);
    if (target === undefined) {
      if (callee in state) continue;
      errors.push({ file, caller, callee, message: `${file}: In function \`${caller}': undefined reference to \`${callee}'` });
      continue;
    }
    if (!isFunction(target.value) || args < 0) continue;
    const { count, rest } = parameters(target.value);
    if (rest || args === count) continue;
    const few = args < count ? 'few' : 'many';
    errors.push({ file, caller, callee, message: `${file}: In function '${caller}':\n${file}: error: too ${few} arguments to function '${callee}'` });
  }
}

function checkTable(definitions: Definitions, definition: Definition, errors: LinkComplaintAt[]): void {
  const { file } = definition.origin;
  for (const callee of Object.values(definition.value as Record<string, unknown>)) {
    if (typeof callee !== 'string' || isFunction(definitions.get(callee)?.value)) continue;
    errors.push({ file, caller: definition.name, callee, message: `${file}:(.data+${definition.name}): undefined reference to \`${callee}'` });
  }
}

/** Everything that keeps a tree from building; empty when it builds. */
export function linkErrors(definitions: Definitions, state: object): LinkComplaintAt[] {
  const errors: LinkComplaintAt[] = [];
  for (const definition of definitions.values()) {
    if (isFunction(definition.value)) checkCalls(definitions, state, definition, errors);
    else if (TABLES.test(definition.name) && typeof definition.value === 'object' && definition.value !== null) checkTable(definitions, definition, errors);
  }
  return errors;
}

function notLinked(name: string): KernelFunction {
  return (() => {
    throw new Error(`${name}() is not linked at this level`);
  });
}

/**
 * Every symbol that any level of a universe defines, in one order: all tables have the same hidden class, so that code that runs
 * against several levels stays fast.
 */
const universes: Set<string> = new Set();

/** Makes room for the symbols of further series; call it for the largest one before linking. */
export function declareSymbols(names: Iterable<string>): void {
  for (const name of names) universes.add(name);
}

interface Linked { definitions: Definitions }
const linkedSeries = new WeakMap<object, Linked>();

function pointRows(kernel: Record<string, unknown>, definitions: Definitions): void {
  for (const name of universes) kernel[name] = definitions.has(name) ? definitions.get(name)!.value : notLinked(name);
  linkedSeries.set(kernel, { definitions });
}

type Linkable<T, M, S> = [LinkComplaint<T & M>] extends [never] ? S : LinkComplaint<T & M>;

/**
 * The kernel of a series over some state.
 * @throws {LinkError} listing every caller that disagrees with a callee and every undefined reference, in gcc's and ld's words.
 */
export function link<Top extends string, T, A extends string, M extends object>(series: Series<Top, T, A> & Linkable<T, M, unknown>, state: M): Kernel<T, M> {
  return linkUnchecked(series as Series<Top, T, A>, state) as Kernel<T, M>;
}

/** link() for callers without types: the checks at run time only. */
export function linkUnchecked<M extends object>(series: { readonly definitions: Definitions }, state: M): M {
  const errors = linkErrors(series.definitions, state);
  if (errors.length > 0) throw new LinkError(errors);
  declareSymbols([...series.definitions.keys()].sort());
  const kernel = { ...state } as Record<string, unknown>;
  pointRows(kernel, series.definitions);
  return kernel as unknown as M;
}

/**
 * Points the rows of a running kernel at another series; its state and its identity stay. Nothing is touched when the series does not
 * link.
 * @throws {LinkError} as link().
 */
export function relink(kernel: object, series: { readonly definitions: Definitions }): void {
  const errors = linkErrors(series.definitions, kernel);
  if (errors.length > 0) throw new LinkError(errors);
  declareSymbols([...series.definitions.keys()].sort());
  pointRows(kernel as Record<string, unknown>, series.definitions);
}

/** What a kernel is linked from. @throws {TypeError} when it is no linked kernel. */
export function definitionsOf(kernel: object): Definitions {
  const linked = linkedSeries.get(kernel);
  if (linked === undefined) throw new TypeError('not a linked kernel');
  return linked.definitions;
}
