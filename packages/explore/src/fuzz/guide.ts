/** What guides the fuzzer: which places of the kernel a program has reached that none before it had. */

/** How much of the kernel programs have reached. */
export interface Covered {
  readonly functions: number;
  readonly allFunctions: number;
  /** Arms of branches; null where they are not seen. */
  readonly branches: number | null;
  readonly allBranches: number | null;
  /** Functions entered one after the other; null where they are not looked at. */
  readonly pairs: number | null;
  /** Errors of calls: which call, which errno. */
  readonly errors: number;
}

/** A function with something that no program has reached. */
export interface Uncovered {
  readonly name: string;
  /** `mm-core/src/mm/vmscan.ts:212`; null where only its name is known. */
  readonly place: string | null;
  /** Whether a program has entered it, or only booting the machine that programs run on. */
  readonly entered: 'by programs' | 'at boot' | 'never';
  /** Arms of its branches that were never taken, as `line:column arm`; of a function that was never entered, all. */
  readonly arms: readonly string[];
}

/** Who is told how a program goes on. */
export interface Watcher {
  /** A program begins: what bringing the machine back to its beginning has reached does not count. */
  readonly begin?: () => void;
  /** A step of it begins. */
  readonly beginStep?: () => void;
}

export interface Guide extends Watcher {
  /** A machine was made that programs are run on now. What making it has reached does not count. */
  watch(kernel: object): void;
  /** How many places were reached for the first time since it was last asked. */
  takeNews(): number;
  readonly covered: Omit<Covered, 'errors'>;
  readonly uncovered: readonly Uncovered[];
}
