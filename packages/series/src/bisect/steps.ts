/** Which level to look at next, as git bisect chooses among the commits of a straight line. */

/** A search over levels: the base tree and its patches are a history without branches. */
export interface Search {
  /** The highest level known to be old, and the one known to be new. */
  readonly old: number;
  readonly new: number;
  readonly skipped: ReadonlySet<number>;
}

export type Next =
  /** Look at this level; so many remain after it, in about so many steps. */
  | { readonly kind: 'test'; readonly level: number; readonly left: number; readonly steps: number }
  /** The first new level. */
  | { readonly kind: 'found'; readonly level: number }
  /** Only skipped levels are between: the first new one is among these. */
  | { readonly kind: 'doubt'; readonly candidates: readonly number[] };

/** git's estimate (bisect.c, estimate_bisect_steps()) for so many candidates. */
export function estimateSteps(candidates: number): number {
  if (candidates < 3) return 0;
  const exponent = Math.floor(Math.log2(candidates));
  const power = 2 ** exponent;
  return power < 3 * (candidates - power) ? exponent : exponent - 1;
}

/**
 * The level to test next: the one git chooses, or, where that is skipped, the nearest to it that is not (git takes one at random). git takes the
 * middle of the candidates, the lower of two; of three it takes the upper one (2.39: bisect.c looks at the first commit only later).
 */
export function nextStep({ old, new: bad, skipped }: Search): Next {
  if (bad === old + 1) return { kind: 'found', level: bad };
  const between = Array.from({ length: bad - old - 1 }, (_, i) => old + 1 + i);
  const open = between.filter(level => !skipped.has(level));
  if (open.length === 0) return { kind: 'doubt', candidates: [...between, bad] };
  const candidates = bad - old;
  const middle = old + (candidates === 3 ? 2 : Math.floor(candidates / 2));
  const level = open.reduce((best, other) => (Math.abs(other - middle) < Math.abs(best - middle) ? other : best));
  return { kind: 'test', level, left: candidates - (level - old) - 1, steps: estimateSteps(candidates) };
}
