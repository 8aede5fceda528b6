/** Links a series over a machine: a table of functions that is the kernel. */
import { LinkError, type LinkComplaintAt } from './errors.js';
import type { Flat } from './flat.js';
import { scanCalls } from './scan.js';
import type { Definition, Definitions, Series } from './series.js';
import { IDENTIFIER, newTable, pointRows, rowsOf, type Table } from './table.js';
import type { LinkComplaint } from './types.js';

/** The linked kernel: state and rows in one object. */
export type Kernel<T, M> = T & M;

type SourceFunction = (...args: never[]) => unknown;
const isFunction = (value: unknown): value is SourceFunction => typeof value === 'function';

/** Parameters a function takes; a rest parameter takes any number. */
function parameters(fn: SourceFunction): { count: number; rest: boolean } {
  return { count: fn.length, rest: /^(?:async\s+)?(?:function\s*\*?\s*[\w$]*)?\s*\([^)]*\.\.\./.test(Function.prototype.toString.call(fn)) };
}

const TABLES = /(?:_aops|_ops|_operations|_table)$/;

/** `undefinedUnlessState`: the callee is no symbol, but may be a function of the state. */
interface Finding { readonly complaint: LinkComplaintAt; readonly undefinedUnlessState: boolean }

function checkCalls(definitions: Definitions, definition: Definition, findings: Finding[]): void {
  const fn = definition.value as SourceFunction;
  const { file } = definition.origin;
  const caller = definition.name;
  for (const { callee, args } of scanCalls(fn)) {
    const target = definitions.get(callee);
    if (target === undefined) {
      const complaint = { file, caller, callee, message: `${file}: In function \`${caller}': undefined reference to \`${callee}'` };
      findings.push({ complaint, undefinedUnlessState: true });
      continue;
    }
    if (!isFunction(target.value) || args < 0) continue;
    const { count, rest } = parameters(target.value);
    if (rest || args === count) continue;
    const few = args < count ? 'few' : 'many';
    const complaint = { file, caller, callee, message: `${file}: In function \`${caller}':\n${file}: error: too ${few} arguments to function \`${callee}'` };
    findings.push({ complaint, undefinedUnlessState: false });
  }
}

function checkTable(definitions: Definitions, definition: Definition, findings: Finding[]): void {
  const { file } = definition.origin;
  for (const callee of Object.values(definition.value as Record<string, unknown>)) {
    if (typeof callee !== 'string' || isFunction(definitions.get(callee)?.value)) continue;
    const complaint = { file, caller: definition.name, callee, message: `${file}:(.data+${definition.name}): undefined reference to \`${callee}'` };
    findings.push({ complaint, undefinedUnlessState: false });
  }
}

/** A tree does not change once it is made, so it is examined once however many machines are booted with it; and not at all when the type checker has judged it. */
const examined = new WeakMap<Definitions, readonly Finding[]>();

function examine(definitions: Definitions): readonly Finding[] {
  const known = examined.get(definitions);
  if (known !== undefined) return known;
  const findings: Finding[] = [];
  for (const definition of definitions.values()) {
    if (isFunction(definition.value)) checkCalls(definitions, definition, findings);
    else if (TABLES.test(definition.name) && typeof definition.value === 'object' && definition.value !== null) checkTable(definitions, definition, findings);
  }
  examined.set(definitions, findings);
  return findings;
}

/** Everything that keeps a tree from building; empty when it builds. */
export function linkErrors(definitions: Definitions, state: object): LinkComplaintAt[] {
  return examine(definitions).filter(({ complaint, undefinedUnlessState }) => !(undefinedUnlessState && complaint.callee in state)).map(({ complaint }) => complaint);
}

interface Linked {
  readonly definitions: Definitions;
  /** How many have replaced rows since. */
  watchers: number;
  /** Its flat form, once somebody has asked for it. */
  flat: Flat | null;
}
const linkedSeries = new WeakMap<object, Linked>();
const noteLinked = (kernel: object, definitions: Definitions): void => void linkedSeries.set(kernel, { definitions, watchers: 0, flat: null });

type Judged<Whole, S> = [LinkComplaint<Whole>] extends [never] ? S : LinkComplaint<Whole>;
/**
 * S when a tree links over state M; else what is wrong. Each call of link() has a state of another type, over which the type checker would judge the same tree anew.
 * A state that defines no symbol of the tree does not make a sound tree unsound, and alone a tree is judged once.
 */
type Linkable<T, M, S> = [keyof T & keyof M] extends [never]
  ? [LinkComplaint<T> | LinkComplaint<M, T & M>] extends [never] ? S : Judged<T & M, S>
  : Judged<T & M, S>;

/**
 * Takes the type checker's word that a series links over states of type M: it is not examined at run time, which takes longer than linking it. For
 * series that are made of typed modules only.
 * @returns the series.
 */
export const provenBy = <M extends object>() => <Top extends string, T, A extends string>(series: Series<Top, T, A> & Linkable<T, M, unknown>): Series<Top, T, A> => {
  examined.set(series.definitions, []);
  return series;
};

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
  const kernel = newTable(Object.keys(state).filter(name => IDENTIFIER.test(name)), rowsOf(series.definitions));
  // what the tree defines is the tree's
  for (const [name, value] of Object.entries(state)) if (!series.definitions.has(name)) kernel[name] = value;
  noteLinked(kernel, series.definitions);
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
  pointRows(kernel as Table, rowsOf(series.definitions));
  noteLinked(kernel, series.definitions);
}

/** How a kernel was linked last; undefined when it is no linked kernel: a copy with rows of somebody's own, say. */
export const linkedOf = (kernel: object): Linked | undefined => linkedSeries.get(kernel);

/** What a kernel is linked from. @throws {TypeError} when it is no linked kernel. */
export function definitionsOf(kernel: object): Definitions {
  const linked = linkedOf(kernel);
  if (linked === undefined) throw new TypeError('not a linked kernel');
  return linked.definitions;
}
