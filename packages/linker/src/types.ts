/** The types of the linker: prototypes, externs, patches. */

/** A function as the linker sees it: `this` and parameters of any kind. `never` parameters make every function assignable to it. */
export type KernelFunction = (this: never, ...args: never[]) => unknown;
/** Kernel home file → the ES module (or part of one) that holds its symbols. */
export type ObjectFiles = Readonly<Record<string, object>>;

type UnionToIntersection<U> = (U extends unknown ? (member: U) => void : never) extends (all: infer I) => void ? I : never;
/** All symbols of some object files. No files: no symbols. */
export type SymbolsOf<O> = [keyof O] extends [never] ? unknown : UnionToIntersection<O[keyof O]>;

/** The table T with the symbols of P laid over it. */
export type Over<T, P> = Omit<T, keyof P> & P;

/** A symbol as a caller sees it: a function without its own `this`, data as they are. */
type Extern<F> = F extends KernelFunction ? OmitThisParameter<F> : F;

/**
 * The `this` of a kernel function: state M and a row for each symbol it calls. TypeScript's `extern`: calling what is not
 * declared does not compile.
 */
export type Calls<K, S extends keyof K = never, M = object> = M & { readonly [P in S]: Extern<K[P]> };

/** A patch: which symbols it replaces (same prototype), which it gives another prototype, which are new. */
export interface Patch<Name extends string, After extends string, R extends ObjectFiles, Q extends ObjectFiles, A extends ObjectFiles> {
  readonly name: Name;
  /** npm package it comes in. */
  readonly package: string;
  /** Name of the patch it applies on top of; or of several, and it applies on top of any of them. */
  readonly after: After | readonly After[];
  readonly replaces: R;
  readonly reprototypes: Q;
  readonly adds: A;
}
export type AnyPatch = Patch<string, string, ObjectFiles, ObjectFiles, ObjectFiles>;

export type SymbolsOfPatch<P> = P extends Patch<string, string, infer R, infer Q, infer A> ? SymbolsOf<R> & SymbolsOf<Q> & SymbolsOf<A> : never;

type Proto<F> = F extends (...args: infer P) => infer R ? [P, R] : ['data', F];
/** The same prototype: parameters equal both ways (a shorter list is assignable to a longer one), results assignable. */
export type Agrees<Def, Use> = Proto<Def> extends [infer DP, infer DR]
  ? Proto<Use> extends [infer UP, infer UR]
    ? [DP] extends [UP] ? ([UP] extends [DP] ? ([DR] extends [UR] ? true : false) : false) : false
    : false
  : false;
export type Changed<T, P> = { [S in keyof P & keyof T]: Agrees<P[S], T[S]> extends true ? never : S }[keyof P & keyof T];

/** Rows a function declares, or none. */
type This<F> = F extends (this: infer U, ...args: never[]) => unknown ? (unknown extends U ? object : U) : object;
/** Declared rows that the table K does not provide as declared. */
type Culprit<U, K> = {
  [P in keyof U]: P extends keyof K ? (U[P] extends KernelFunction ? (Agrees<K[P], U[P]> extends true ? never : P) : never) : U[P] extends KernelFunction ? P : never;
}[keyof U];
type Why<S extends string, U, K> = Culprit<U, K> & string extends infer C extends string
  ? C extends keyof K ? `${S}() calls ${C}() by another prototype` : `${S}() calls ${C}(), which is not defined`
  : never;
/** The same table as one object type: the names of a stack of intersections would be gathered anew for every row that is looked up in it. */
type Flat<T> = { [S in keyof T]: T[S] };
type Complaints<T, K> = { [S in keyof T & string]: [Culprit<This<T[S]>, K>] extends [never] ? never : Why<S, This<T[S]>, K> }[keyof T & string];
/** never, or what is wrong with the functions of a table that is linked within K, as a sentence a caller. */
export type LinkComplaint<T, K = T> = Complaints<Flat<T>, Flat<K>>;

type IsUnion<U, Each = U> = Each extends unknown ? ([U] extends [Each] ? false : true) : never;
type OutOfOrder<N extends string, After extends string, Top extends string> = IsUnion<After> extends true
  ? `${N} applies on top of several patches, but the top, '${Top}', is none of them`
  : `${N} applies on top of '${After}', but the top is '${Top}'`;

/** The patch itself when it may be pushed on a series with top `Top` and table T; else a sentence. */
export type PushCheck<Top extends string, Applied extends string, T, P> = P extends Patch<infer N, infer After, infer R, infer Q, infer A>
  ? N extends Applied ? `${N} is applied already`
  : Top extends After
    ? [Exclude<keyof SymbolsOf<R> | keyof SymbolsOf<Q>, keyof T>] extends [never]
      ? [Extract<keyof SymbolsOf<A>, keyof T>] extends [never]
        ? [Changed<T, SymbolsOf<R>>] extends [never] ? P
        : `${N} changes the prototype of ${Changed<T, SymbolsOf<R>> & string}(); list it under 'reprototypes'`
      : `${N} adds ${Extract<keyof SymbolsOf<A>, keyof T> & string}(), which is already defined`
    : `${N} replaces ${Exclude<keyof SymbolsOf<R> | keyof SymbolsOf<Q>, keyof T> & string}(), which is not defined`
  : OutOfOrder<N, After, Top>
  : never;
