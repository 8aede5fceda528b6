/**
 * What the catalogue is made of: behaviours. Each says in a sentence what happens, where that is said, how to see it, and what is
 * seen at every level of the series.
 */
import type { Lab } from './lab.js';

/**
 * `claim`: the overview, a changelog or the author says so. `discrepancy`: text and code disagree; the scenario shows what the code does.
 * `defect`: known at the time, or found in the code since.
 */
export type Kind = 'claim' | 'discrepancy' | 'defect';

export interface Source {
  /** What it is: the overview of the series, the changelog of a patch, a review or another mail, the code, a man page. `deduced`: nobody says so, it follows from the code. */
  readonly from: 'overview' | 'changelog' | 'mail' | 'code' | 'manual' | 'deduced';
  /** Where in it, and of whom and when for a mail, in our words. */
  readonly at: string;
}

/**
 * What is seen, by the level from which on it is seen: `{ 0: '-ENOSYS', 4: 'moves' }` is -ENOSYS at levels 0 to 3 and `moves` from 4
 * to 10, or until the next entry.
 */
export type Expectation = { readonly 0: string } & Readonly<Partial<Record<Level, string>>>;
export type Level = 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10;

export interface Behaviour {
  /** Lower-case words with hyphens; a name for ever. */
  readonly id: string;
  readonly kind: Kind;
  /** What happens, in one sentence. */
  readonly sentence: string;
  readonly sources: readonly Source[];
  /** The patch it is about: 1 to 10, 0 for the base and for the series as a whole. */
  readonly patch: number;
  /** The patch that made it worse than it was, for `what it breaks` on a reviewer's page. */
  readonly breaks?: number;
  /** Sets the situation up on a new machine and says what is seen: one line, the same for the same tree, always. */
  readonly scenario: (lab: Lab) => string;
  readonly expect: Expectation;
  /**
   * What is seen in the tree with the hotplug patches N1.0 and N1.1, by level. Default: as `expect` where that tree builds, and NO_BUILD at
   * levels 3 to 9, where it does not.
   */
  readonly hotplug?: Expectation;
}

/** What is seen of a tree that does not build. */
export const NO_BUILD = 'does not build';

/** A tree of the series: a level, and whether the hotplug patches N1.0 and N1.1 are in it. Level 10 has them anyhow: patch 10 needs them. */
export interface Tree { readonly level: number; readonly hotplug: boolean }

/** Levels at which the tree with the hotplug patches does not build: patch 3 changes a prototype, patch 10 mends the caller. */
export const doesNotBuild = ({ level, hotplug }: Tree): boolean => hotplug && level >= 3 && level <= 9;

/** What an expectation says for a level. */
export function at(expectation: Expectation, level: number): string {
  let seen = expectation[0];
  for (let l = 1; l <= level; l++) seen = expectation[l as Level] ?? seen;
  return seen;
}

/** What should be seen of a behaviour in a tree. */
export function expected(behaviour: Behaviour, tree: Tree): string {
  if (tree.hotplug && behaviour.hotplug !== undefined) return at(behaviour.hotplug, tree.level);
  return doesNotBuild(tree) ? NO_BUILD : at(behaviour.expect, tree.level);
}

/** The levels at which what is seen changes from the level below. */
export function changesOf({ expect }: Pick<Behaviour, 'expect'>): number[] {
  const changes: number[] = [];
  for (let level = 1; level <= 10; level++) if (at(expect, level) !== at(expect, level - 1)) changes.push(level);
  return changes;
}

/** `4`, or `4+hotplug`. */
export const treeName = ({ level, hotplug }: Tree): string => (hotplug ? `${level}+hotplug` : String(level));
