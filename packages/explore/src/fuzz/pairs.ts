/**
 * The guide where the kernel is one that the build has not printed, of trees that somebody has sent: which functions a program has entered, and which of them next after which other. Branches show in the
 * second: who takes another way through a function mostly enters other functions on it.
 *
 * The rows of the kernel's table point at functions that note this and call on, as long as the kernel is watched.
 */
import { definitionsOf } from '@pmkit/linker';
import type { Covered, Guide, Uncovered } from './guide.js';

type Row = (this: unknown, ...args: unknown[]) => unknown;

const NOBODY = 0;

export class PairGuide implements Guide {
  /** By name; 0 is user mode. */
  readonly #ids = new Map<string, number>();
  readonly #entered = new Set<number>();
  readonly #pairs = new Set<number>();
  #last = NOBODY;
  #news = 0;

  watch(kernel: object): void {
    const rows = kernel as Record<string, unknown>;
    for (const { name, value } of definitionsOf(kernel).values()) {
      if (typeof value !== 'function') continue;
      const real = rows[name] as Row;
      const id = this.#idOf(name);
      const enter = (): void => this.#enter(id);
      rows[name] = function (this: unknown, ...args: unknown[]): unknown {
        enter();
        return real.apply(this, args);
      };
    }
  }

  /** What a step enters first does not come after what somebody else has entered. */
  readonly beginStep = (): void => {
    this.#last = NOBODY;
  };
  takeNews(): number {
    const news = this.#news;
    this.#news = 0;
    return news;
  }
  get covered(): Omit<Covered, 'errors'> {
    return { functions: this.#entered.size, allFunctions: this.#ids.size, branches: null, allBranches: null, pairs: this.#pairs.size };
  }
  get uncovered(): Uncovered[] {
    return [...this.#ids].filter(([, id]) => !this.#entered.has(id)).map(([name]) => ({ name, place: null, entered: 'never' as const, arms: [] })).sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  #idOf(name: string): number {
    const known = this.#ids.get(name);
    if (known !== undefined) return known;
    this.#ids.set(name, this.#ids.size + 1);
    return this.#ids.size;
  }
  #enter(id: number): void {
    const pair = this.#last * 4096 + id;
    this.#last = id;
    if (this.#pairs.has(pair)) return;
    this.#pairs.add(pair);
    this.#entered.add(id);
    this.#news++;
  }
}
