/** Random choices from a seed. */
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';

export class Draw {
  readonly #random;
  constructor(seed: number) {
    this.#random = xoroshiro128plus(Math.imul(seed, 0x9e37_79b1) ^ (seed / 0x1_0000_0000));
  }
  /** From 0 to below - 1. */
  below(below: number): number {
    return uniformInt(this.#random, 0, below - 1);
  }
  between(low: number, high: number): number {
    return low + this.below(high - low + 1);
  }
  of<T>(candidates: readonly T[]): T {
    return candidates[this.below(candidates.length)]!;
  }
  /** True once in so many times. */
  once(times: number): boolean {
    return this.below(times) === 0;
  }
}
