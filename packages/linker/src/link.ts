/** Links a series over a machine: a table of functions that is the kernel. */
import { LinkError, type LinkComplaintAt } from './errors.js';
import type { Flat } from './flat.js';
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

const IDENTIFIER = /^[A-Za-z_$][\w$]*$/;

/**
 * Makes room for the symbols of further series; call it for the largest one before linking.
 * @throws {TypeError} for a name that is no identifier; none is declared then.
 */
export function declareSymbols(names: Iterable<string>): void {
  const list = [...names];
  const odd = list.find(name => !IDENTIFIER.test(name));
  if (odd !== undefined) throw new TypeError(`expected an identifier as the name of a symbol, found '${odd}'`);
  for (const name of list) universes.add(name);
}

type Table = Record<string, unknown>;
let tableClass: { readonly key: string; readonly create: new (rows: readonly unknown[]) => Table } | undefined;
const missing = new Map<string, KernelFunction>();
function missingRow(name: string): KernelFunction {
  let row = missing.get(name);
  if (row === undefined) missing.set(name, (row = notLinked(name)));
  return row;
}

const rowsOfTrees = new WeakMap<Definitions, readonly unknown[]>();
/** What the rows of a tree hold, in the order of the universe, which only grows: by symbols of this tree that nobody has declared, too. */
function rowsOf(definitions: Definitions): readonly unknown[] {
  const known = rowsOfTrees.get(definitions);
  if (known?.length === universes.size) return known;
  let defined = 0;
  const rows = [...universes].map((name) => {
    const definition = definitions.get(name);
    if (definition === undefined) return missingRow(name);
    defined++;
    return definition.value;
  });
  if (defined < definitions.size) {
    declareSymbols([...definitions.keys()].filter(name => !universes.has(name)).sort());
    return rowsOf(definitions);
  }
  rowsOfTrees.set(definitions, rows);
  return rows;
}

/**
 * A kernel with these rows and without state. V8 keeps an object of several hundred properties in its fast form only
 * when a constructor has named them one by one, and a kernel in the slow form costs ten times as much a call; so the constructor is
 * printed from names that were checked to be identifiers; where code may not be made from text, any object does.
 */
function newTable(stateNames: readonly string[], rows: readonly unknown[]): Table {
  const key = `${universes.size} ${stateNames.join()}`;
  if (tableClass?.key !== key) tableClass = { key, create: printTable(stateNames) };
  return new tableClass.create(rows);
}
function printTable(stateNames: readonly string[]): new (rows: readonly unknown[]) => Table {
  const names = [...universes];
  const lines = [...stateNames.map(name => `this.${name} = undefined;`), ...names.map((name, i) => `this.${name} = rows[${i}];`)];
  try {
    // oxlint-disable-next-line typescript/no-implied-eval, typescript/no-unsafe-call -- see above
    return new Function(`return class Kernel { constructor(rows) { ${lines.join(' ')} } }`)() as new (rows: readonly unknown[]) => Table;
  } catch (error) {
    if (!(error instanceof EvalError)) throw error;
    return function (this: Table, rows: readonly unknown[]): void {
      names.forEach((name, i) => { this[name] = rows[i]; });
    } as unknown as new (rows: readonly unknown[]) => Table;
  }
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

function pointRows(kernel: Record<string, unknown>, rows: readonly unknown[]): void {
  let i = 0;
  for (const name of universes) kernel[name] = rows[i++];
}

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
  pointRows(kernel as Record<string, unknown>, rowsOf(series.definitions));
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
