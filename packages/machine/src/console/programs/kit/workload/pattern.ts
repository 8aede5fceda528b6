/** Which pages of a mapping an access of workload(1) goes to. */
import type { Pattern } from './spec.js';

/** So many pages from page `first` of the mapping on. */
export interface Range { readonly first: number; readonly pages: number }

/** Whose part it is: process or thread `rank` of `ranks`. */
export interface Rank { readonly rank: number; readonly ranks: number }

/** The ranges in the order of the accesses. @param round from 0 on: random pages are others in every round. */
export function* rangesOf(pattern: Pattern, pages: number, round: number, { rank, ranks }: Rank): Generator<Range> {
  switch (pattern.kind) {
    case 'all': yield { first: 0, pages }; return;
    case 'half': yield { first: 0, pages: Math.floor(pages / 2) }; return;
    case 'first': yield { first: 0, pages: Math.min(pages, pattern.count) }; return;
    case 'share': {
      const first = Math.floor((pages * rank) / ranks);
      yield { first, pages: Math.floor((pages * (rank + 1)) / ranks) - first };
      return;
    }
    case 'every':
      for (let first = 0; first < pages; first += pattern.count) yield { first, pages: 1 };
      return;
    case 'random': {
      const next = generator(pattern.seed + round * 0x9e37 + rank * 0x85eb);
      for (let done = 0; done < pattern.count; done++) yield { first: Math.floor(next() * pages), pages: 1 };
    }
  }
}

/** mulberry32: numbers from 0 up to 1, the same for the same seed. */
function generator(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
