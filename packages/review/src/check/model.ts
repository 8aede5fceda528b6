/** What checking a patch comes to. */

/** `warn`: something for the reviewer to know; `fail`: something is not as it has to be. */
export type Status = 'pass' | 'warn' | 'fail';

/** Where something is: a path in the repository that is reviewed, and a line from 1 on. */
export interface Place { readonly file: string; readonly line: number }

/** One thing that was looked at. */
export interface CheckCase {
  readonly name: string;
  readonly status: Status;
  /** What was found, a sentence or a few lines. */
  readonly text: string;
  /** Where the reviewer should look; null when that is nowhere in particular. */
  readonly place: Place | null;
}

export type CheckId = 'apply' | 'build' | 'prototypes' | 'behaviours' | 'invariants' | 'findings' | 'races';

export interface Check {
  readonly id: CheckId;
  /** The worst of its cases. */
  readonly status: Status;
  /** One line. */
  readonly summary: string;
  readonly cases: readonly CheckCase[];
}

export interface CheckReport {
  /** File name in the series. */
  readonly patch: string;
  /** null for a patch of the hotplug project. */
  readonly number: number | null;
  readonly summary: string;
  readonly status: Status;
  readonly checks: readonly Check[];
}

export const worst = (cases: Iterable<{ readonly status: Status }>): Status => {
  const found = new Set([...cases].map(({ status }) => status));
  return found.has('fail') ? 'fail' : found.has('warn') ? 'warn' : 'pass';
};

/** A check of its cases; `summary` is told how many of them are not as they should be. */
export const checkOf = (id: CheckId, cases: readonly CheckCase[], summary: (odd: number) => string): Check =>
  ({ id, status: worst(cases), summary: summary(cases.filter(({ status }) => status !== 'pass').length), cases });

/** `1 prototype`, `2 prototypes`. */
export const counted = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`;
