/**
 * The guide on the covered kernel: which functions a program has entered, and which arms of their branches it has taken.
 *
 * Pairs of functions (pairs.ts) add nothing to it: 3000 programs of seeds 1, 2 and 3 take 3630, 3545 and 3618 arms without them, 3622, 3582 and 3688
 * with them, which is within what chance does, and a third more programs are kept then.
 */
import { definitionsOf } from '@pmkit/linker';
import type { CoveredFunction } from '../cover/branches.js';
import type { Covered, Guide, Uncovered } from './guide.js';

/** What the covered kernel notes. */
export interface Notes { readonly functions: readonly CoveredFunction[]; readonly hits: Uint8Array }

export class BranchGuide implements Guide {
  readonly #notes: Notes;
  /** As `hits`, of all programs so far. */
  readonly #seen: Uint8Array;
  readonly #seenAtBoot: Uint8Array;
  /** Functions that the tree is made of. */
  #functions: readonly CoveredFunction[] = [];

  constructor(notes: Notes) {
    this.#notes = notes;
    notes.hits.fill(0);
    this.#seen = new Uint8Array(notes.hits.length);
    this.#seenAtBoot = new Uint8Array(notes.hits.length);
  }

  watch(kernel: object): void {
    this.#functions = functionsOf(kernel, this.#notes.functions);
    this.#take(this.#seenAtBoot);
  }

  readonly begin = (): void => {
    this.#notes.hits.fill(0);
  };
  takeNews(): number {
    return this.#take(this.#seen);
  }
  /** Adds what was noted to what has been. @returns how much of it is new. */
  #take(seen: Uint8Array): number {
    const { hits } = this.#notes;
    let news = 0;
    for (let slot = hits.indexOf(1); slot >= 0; slot = hits.indexOf(1, slot + 1)) {
      if (seen[slot] === 0) news++;
      seen[slot] = 1;
    }
    hits.fill(0);
    return news;
  }

  get covered(): Omit<Covered, 'errors'> {
    const arms = this.#functions.flatMap(one => one.arms.map((_, i) => this.#seen[one.slot + 1 + i]!));
    return {
      functions: this.#functions.filter(({ slot }) => this.#seen[slot] === 1).length, allFunctions: this.#functions.length,
      branches: arms.filter(seen => seen === 1).length, allBranches: arms.length, pairs: null,
    };
  }
  get uncovered(): Uncovered[] {
    return this.#functions.map(({ name, file, line, slot, arms }): Uncovered => ({
      name, place: `${file}:${line}`, entered: this.#seen[slot] === 1 ? 'by programs' : this.#seenAtBoot[slot] === 1 ? 'at boot' : 'never',
      arms: arms.filter((_, i) => this.#seen[slot + 1 + i] === 0),
    })).filter(({ entered, arms }) => entered !== 'by programs' || arms.length > 0);
  }
}

/** Those of packages that have symbols in the tree, without what something above has replaced and does not call. */
function functionsOf(kernel: object, functions: readonly CoveredFunction[]): CoveredFunction[] {
  const linked = new Set<string>();
  const replaced = new Set<string>();
  const packages = new Set<string>();
  for (const { name, origin, history } of definitionsOf(kernel).values()) {
    linked.add(`${origin.package} ${name}`);
    for (const earlier of history) replaced.add(`${earlier.package} ${name}`);
    for (const each of [origin, ...history]) packages.add(each.package);
  }
  return functions.filter(({ name, file, byName }) => {
    const from = `@pmkit/${file.slice(0, file.indexOf('/'))}`;
    return packages.has(from) && (byName || linked.has(`${from} ${name}`) || !replaced.has(`${from} ${name}`));
  });
}
