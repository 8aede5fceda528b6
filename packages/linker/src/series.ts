/** A base tree and the patches pushed on it, checked as they are pushed: in types, and at run time with the same sentences. */
import { LinkError } from './errors.js';
import type { AnyPatch, ObjectFiles, Over, Patch, PushCheck, SymbolsOf } from './types.js';

export interface Base<Name extends string, O extends ObjectFiles> { readonly name: Name; readonly package: string; readonly objects: O }

export function defineBase<const N extends string, O extends ObjectFiles>(base: { name: N; package: string; objects: O }): Base<N, O> {
  return base;
}

/** What a manifest that leaves a column out stands for: no keys, so no symbols. */
// oxlint-disable-next-line typescript/no-empty-object-type -- just that: an object without keys
type NoFiles = {};

export function definePatch<const N extends string, const A extends string, R extends ObjectFiles = NoFiles, Q extends ObjectFiles = NoFiles, D extends ObjectFiles = NoFiles>(
  patch: { name: N; package: string; after: A | readonly A[]; replaces?: R; reprototypes?: Q; adds?: D },
): Patch<N, A, R, Q, D> {
  return { replaces: {} as R, reprototypes: {} as Q, adds: {} as D, ...patch };
}

/** Where a definition of a symbol comes from. */
export interface Origin { readonly patch: string; readonly package: string; readonly file: string }
export interface Definition { readonly name: string; readonly value: unknown; readonly origin: Origin; /** Earlier definitions, oldest first. */ readonly history: readonly Origin[] }
export type Definitions = ReadonlyMap<string, Definition>;

function define(table: Map<string, Definition>, objects: ObjectFiles, from: { name: string; package: string }): void {
  for (const [file, object] of Object.entries(objects)) {
    for (const [name, value] of Object.entries(object)) {
      const origin: Origin = { patch: from.name, package: from.package, file };
      const before = table.get(name);
      table.set(name, { name, value, origin, history: before === undefined ? [] : [...before.history, before.origin] });
    }
  }
}

const symbolNames = (objects: ObjectFiles): string[] => Object.values(objects).flatMap(object => Object.keys(object));
const arity = (value: unknown): number => (typeof value === 'function' ? value.length : -1);

/** Why a patch cannot be pushed; null when it can. */
function refusal(definitions: Definitions, applied: readonly string[], patch: AnyPatch): string | null {
  const top = applied.at(-1) ?? '';
  if (applied.includes(patch.name)) return `${patch.name} is applied already`;
  const anchors = typeof patch.after === 'string' ? [patch.after] : patch.after;
  if (!anchors.includes(top)) {
    const where = anchors.length === 1 ? `'${anchors[0]!}', but the top is '${top}'` : `several patches, but the top, '${top}', is none of them`;
    return `${patch.name} applies on top of ${where}`;
  }
  for (const name of [...symbolNames(patch.replaces), ...symbolNames(patch.reprototypes)]) {
    if (!definitions.has(name)) return `${patch.name} replaces ${name}(), which is not defined`;
  }
  for (const name of symbolNames(patch.adds)) {
    if (definitions.has(name)) return `${patch.name} adds ${name}(), which is already defined`;
  }
  for (const object of Object.values(patch.replaces)) {
    for (const [name, value] of Object.entries(object)) {
      if (arity(value) !== arity(definitions.get(name)?.value)) return `${patch.name} changes the prototype of ${name}(); list it under 'reprototypes'`;
    }
  }
  return null;
}

/** An immutable stack: base name and patches from the bottom up, and the symbols they define together. */
export class Series<Top extends string, T, Applied extends string = Top> {
  /** Phantom: the linked table's type. */
  declare readonly symbols: T;
  readonly top: Top;
  readonly applied: readonly string[];
  readonly definitions: Definitions;
  readonly below: unknown;

  constructor(applied: readonly string[], definitions: Definitions, below: unknown) {
    this.applied = applied;
    this.top = applied.at(-1) as Top;
    this.definitions = definitions;
    this.below = below;
  }

  static of<N extends string, O extends ObjectFiles, T = SymbolsOf<O>>(base: Base<N, O>): Series<N, T> {
    const table = new Map<string, Definition>();
    define(table, base.objects, base);
    return new Series([base.name], table, null);
  }

  /** @throws {LinkError} with the sentence that the type checker prints for a typed caller. */
  push<N extends string, A extends string, R extends ObjectFiles, Q extends ObjectFiles, D extends ObjectFiles>(
    patch: Patch<N, A, R, Q, D> & PushCheck<Top, Applied, T, Patch<N, A, R, Q, D>>,
  ): Series<N, Over<T, SymbolsOf<R> & SymbolsOf<Q> & SymbolsOf<D>>, Applied | N> {
    return this.pushUnchecked(patch) as never;
  }

  /** push() for callers without types: only the run-time checks. */
  pushUnchecked(patch: AnyPatch): Series<string, unknown, string> {
    const why = refusal(this.definitions, this.applied, patch);
    if (why !== null) throw new LinkError([{ file: '', caller: '', callee: '', message: why }]);
    const table = new Map(this.definitions);
    define(table, patch.replaces, patch);
    define(table, patch.reprototypes, patch);
    define(table, patch.adds, patch);
    return new Series([...this.applied, patch.name], table, this);
  }
}
