/**
 * The flat form of a tree: its functions printed into one module at build time, with calls made direct and generators made plain functions, for runs in which nobody
 * looks on and nobody needs to be interleaved. The table stays what a kernel is; a flat kernel is another way through the same state.
 */
import { linkedOf } from './link.js';
import type { Definitions } from './series.js';

/** A printed tree. Its instances have a method for each function of the tree and a property for each of its data. */
export interface FlatTree {
  /** An instance goes through the state of `table`, a linked kernel. */
  new (table: object): object;
  /** Functions in which a task may wait for something that need not ever come: another task's end, a signal. They are left to the table. */
  readonly unbounded: ReadonlySet<string>;
}

/** A flat kernel, with what it cannot do. */
export interface Flat { readonly kernel: object; readonly unbounded: ReadonlySet<string> }

const printed = new WeakMap<Definitions, FlatTree>();

/** Makes the flat form of a tree known. Kernels that are linked from it have it from now on. */
export function registerFlat(series: { readonly definitions: Definitions }, tree: FlatTree): void {
  printed.set(series.definitions, tree);
}

/** Says that rows of a kernel are about to be replaced: from then on every call goes through the table, until the returned function is called or the kernel is relinked. */
export function watchRows(kernel: object): () => void {
  const linked = linkedOf(kernel);
  if (linked === undefined) return () => undefined;
  linked.watchers++;
  let done = false;
  return () => {
    if (!done) linked.watchers--;
    done = true;
  };
}

/** The flat form of a kernel as it is linked now; undefined where there is none, or while somebody has replaced rows: he would not be asked. */
export function flatOf(kernel: object): Flat | undefined {
  const linked = linkedOf(kernel);
  if (linked === undefined || linked.watchers > 0) return undefined;
  if (linked.flat === null) {
    const tree = printed.get(linked.definitions);
    if (tree !== undefined) linked.flat = { kernel: new tree(kernel), unbounded: tree.unbounded };
  }
  return linked.flat ?? undefined;
}
