/**
 * The functions and branches of the covered kernel, in which this module has something in it: the build puts what it has printed in its place (cover/plugin.ts).
 */

/** A function of the kernel's sources. */
export interface CoveredFunction {
  /** A method's has a dot in it. */
  readonly name: string;
  /** From the directory of packages on: `mm-core/src/mm/vmscan.ts`. */
  readonly file: string;
  readonly line: number;
  /** Noted when it is entered. Those of its arms follow. */
  readonly slot: number;
  /** Another package calls it by its name, and not by way of the kernel's table: also where that one's function has taken its place. */
  readonly byName: boolean;
  /** `line:column arm`, in the order of their slots. */
  readonly arms: readonly string[];
}

/** All functions, in ascending order of slots. */
export const functions: readonly CoveredFunction[] = [];

/** A byte a slot: 1 where something was entered or taken. The kernel sets them, and nobody else clears them but who looks at them. */
export const hits = new Uint8Array(0);
