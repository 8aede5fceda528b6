/**
 * What guides the fuzzer: which kernel functions a program has entered, which of them next after which other, and with which errno each call has failed.
 * Branches show in the second: who takes another way through a function mostly enters other functions on it. V8's own block coverage would be fast enough to ask for, but
 * what it counts depends on when a function was compiled: the same seed would not keep the same programs.
 *
 * The rows of the kernel's table point at functions that note this and call on, as long as the kernel is watched.
 */
import { definitionsOf } from '@pmkit/linker';

type Row = (this: unknown, ...args: unknown[]) => unknown;

/** How much has been seen. */
export interface Covered { readonly functions: number; readonly allFunctions: number; readonly pairs: number; readonly errors: number }

const NOBODY = 0;

export class Coverage {
  /** By name; 0 is user mode. */
  readonly #ids = new Map<string, number>();
  readonly #entered = new Set<number>();
  readonly #pairs = new Set<number>();
  readonly #errors = new Set<string>();
  #last = NOBODY;
  #news = 0;

  /** Has the functions of a kernel noted. */
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

  /** A step begins: what it enters first does not come after what somebody else has entered. */
  begin(): void {
    this.#last = NOBODY;
  }
  returned(call: string, result: number): void {
    if (result < 0 && result > -4096) this.#note(this.#errors, `${call} ${result}`);
  }
  /** How many things were seen for the first time since the last call. */
  takeNews(): number {
    const news = this.#news;
    this.#news = 0;
    return news;
  }
  get covered(): Covered {
    return { functions: this.#entered.size, allFunctions: this.#ids.size, pairs: this.#pairs.size, errors: this.#errors.size };
  }
  /** Functions that no program has entered, by name. */
  get missing(): string[] {
    return [...this.#ids].filter(([, id]) => !this.#entered.has(id)).map(([name]) => name).sort();
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
    this.#note(this.#pairs, pair);
    this.#note(this.#entered, id);
  }
  #note<T>(seen: Set<T>, what: T): void {
    if (seen.has(what)) return;
    seen.add(what);
    this.#news++;
  }
}
