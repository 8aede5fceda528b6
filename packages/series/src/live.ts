/**
 * Pushing and popping under a running machine: may the kernel's functions be exchanged now?
 *
 * State and code are apart, so exchanging rows of the table is always possible; what is not safe is a task that sleeps inside code that
 * goes away. It would go on in the old function, with the new ones around it: half of a call by each level. Live patching in today's
 * kernels has the same rule and the same check of every task's stack (kernel/livepatch/transition.c); 2005's had neither.
 *
 * A generator that sleeps does not tell what it is inside of, only by which function the kernel was entered. So the check is a safe
 * approximation: a task is held to be inside a function when that may sleep and can be reached from where the task entered. A function that cannot
 * sleep has nobody inside it between two steps of the machine.
 */
import { callGraph, definitionsOf, symbolTable, type Definition, type Definitions } from '@pmkit/linker';
import { waitInWords, type Machine, type Task } from '@pmkit/mm-core';

/** A task that sleeps where code would be exchanged. */
export interface TaskInside {
  readonly task: Task;
  /** The function by which it entered the kernel; null when that is none of the linked ones. */
  readonly entry: string | null;
  /** Functions to be exchanged that it may be inside of. */
  readonly symbols: readonly string[];
  /** What it waits for, in words. */
  readonly waitsFor: string;
}

/** The kernel cannot be exchanged now. Nothing was changed. */
export class LiveChangeError extends Error {
  override readonly name = 'LiveChangeError';
  readonly inside: readonly TaskInside[];
  constructor(inside: readonly TaskInside[]) {
    super(inside.map(sentence).join('\n'));
    this.inside = inside;
  }
}

function sentence({ task, entry, symbols, waitsFor }: TaskInside): string {
  const who = `${task.comm}[${task.pid}] sleeps in ${entry === null ? 'the kernel' : `${entry}()`}, waiting for ${waitsFor}`;
  return entry === null
    ? `${who}: where it is inside cannot be told`
    : `${who}, and may be inside ${symbols.map(symbol => `${symbol}()`).join(', ')}, which would be replaced`;
}

/** Symbols that one tree defines otherwise than the other, or not at all. */
export function changedSymbols(from: Definitions, to: Definitions): string[] {
  const names = new Set([...from.keys(), ...to.keys()]);
  return [...names].filter(name => from.get(name)?.value !== to.get(name)?.value).sort();
}

/** A call through a table of operations (mm-core's model/ops.ts), `aop(this, mapping, 'migrate_page')`; the call graph does not see these. */
const INDIRECT = /\b(?:aop|vmop)\)?\([^;]*?, '(\w+)'\)/g;

/** A tree does not change once it is made: what is found out about it is found out once. */
interface Tree {
  /** Functions that somebody may be asleep inside of. */
  readonly sleepers: ReadonlySet<string>;
  /** By entry. */
  readonly reachable: Map<string, ReadonlySet<string>>;
}
const trees = new WeakMap<Definitions, Tree>();
function treeOf(definitions: Definitions): Tree {
  let tree = trees.get(definitions);
  if (tree === undefined) {
    tree = { sleepers: new Set(symbolTable({ definitions }).filter(row => row.maySleep).map(row => row.name)), reachable: new Map() };
    trees.set(definitions, tree);
  }
  return tree;
}

/** What can be reached from a function: through its calls, and through the methods of that name in every table of operations. */
export function reachable(definitions: Definitions, entry: string): ReadonlySet<string> {
  const known = treeOf(definitions).reachable;
  let found = known.get(entry);
  if (found === undefined) known.set(entry, (found = findReachable(definitions, entry)));
  return found;
}
function findReachable(definitions: Definitions, entry: string): ReadonlySet<string> {
  const graph = callGraph({ definitions });
  const seen = new Set([entry]);
  for (const name of seen) {
    for (const callee of graph.get(name) ?? []) seen.add(callee);
    for (const [, method] of textOf(definitions.get(name)).matchAll(INDIRECT)) for (const callee of methodsCalled(definitions, method!)) seen.add(callee);
  }
  return seen;
}

const textOf = (definition: Definition | undefined): string =>
  typeof definition?.value === 'function' ? Function.prototype.toString.call(definition.value).replaceAll('"', "'") : '';

/** The functions that stand under a name in the tables of operations. */
function methodsCalled(definitions: Definitions, method: string): string[] {
  const functions: string[] = [];
  for (const { value } of definitions.values()) {
    if (typeof value !== 'object' || value === null) continue;
    const target = (value as Readonly<Record<string, unknown>>)[method];
    if (typeof target === 'string' && definitions.has(target)) functions.push(target);
  }
  return functions;
}

/** The linked function that made a generator: it is what the generator inherits from. */
function entryOf(definitions: Definitions, body: object): string | null {
  const prototype: unknown = Object.getPrototypeOf(body);
  const made = ({ value }: Definition): boolean => typeof value === 'function' && (value as { prototype?: unknown }).prototype === prototype;
  return [...definitions.values()].find(made)?.name ?? null;
}

/** The tasks that may be asleep inside functions which `to` does not have, or has otherwise. Kernel threads count as any task. */
export function tasksInside(kernel: { readonly m: Machine }, to: Definitions): TaskInside[] {
  const from = definitionsOf(kernel);
  const { sleepers } = treeOf(from);
  const changed = changedSymbols(from, to).filter(name => sleepers.has(name));
  if (changed.length === 0) return [];
  const inside: TaskInside[] = [];
  for (const { task, body, wait } of kernel.m.paths.values()) {
    const entry = entryOf(from, body);
    const reached = entry === null ? null : reachable(from, entry);
    const symbols = reached === null ? changed : changed.filter(name => reached.has(name));
    if (symbols.length > 0) inside.push({ task, entry, symbols, waitsFor: wait === null ? 'nothing' : waitInWords(wait) });
  }
  return inside;
}

/**
 * Sees to it that the kernel's code may be exchanged for that of `to` now.
 * @throws {LiveChangeError} saying what is in the way.
 */
export function checkLiveChange(kernel: { readonly m: Machine }, to: Definitions): void {
  const inside = tasksInside(kernel, to);
  if (inside.length > 0) throw new LiveChangeError(inside);
}
