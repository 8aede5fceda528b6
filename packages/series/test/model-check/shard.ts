/**
 * The cases of a test run, in two halves: two test files, so that vitest's two workers share them.
 *
 * The same seed always gives the same cases, and the test run always takes the same one. From the environment: FC_SEED another seed, FC_RUNS how
 * many cases in all, FC_PATH the path of a counterexample as fast-check printed it, PMKIT_FUZZ_LEVEL the level of all machines.
 * `npm run soak -- --calls` sets them.
 */
import { expect, it } from 'vitest';
import { TOP_LEVEL } from '../../src/levels.js';
import { DEFECTS, type Outcome } from '../model/situation.js';
import { firstSeed, fromEnvironment } from '../seeded.js';
import type { Case } from './cases.js';
import { check } from './run.js';

const RUNS = 4000;
const SHARDS = 2;
/** The soak takes as long as it is told to. */
const TIMEOUT_MS = 24 * 60 * 60 * 1000;
/** Everything that a call can come to is met this often by half of the cases. */
const ENOUGH = 3;
/** -EPERM, -ESRCH, -EAGAIN, -ENOMEM, -EFAULT, -EINVAL, -ENOSPC, -ENOSYS. */
const ERRORS = [-1, -3, -11, -12, -14, -22, -28, -38];

/** How often what was met. */
class Tally {
  readonly #counts = new Map<string, number>();
  add({ level }: Case, outcomes: readonly Outcome[]): void {
    this.#count(`level ${level}`);
    for (const { result, defects } of outcomes) {
      this.#count(typeof result === 'number' && result > 0 ? 'pages moved' : String(result));
      for (const defect of defects) this.#count(defect);
    }
  }
  #count(what: string): void {
    this.#counts.set(what, (this.#counts.get(what) ?? 0) + 1);
  }
  /** What of `everything` was met too rarely. */
  missing(everything: readonly string[]): string[] {
    return everything.filter(what => (this.#counts.get(what) ?? 0) < ENOUGH);
  }
}

/** Defines the tests for half of the cases, number 0 or 1. */
export function modelCheckShard(index: number): void {
  const seed = firstSeed() + index;
  const runs = Math.ceil((fromEnvironment('FC_RUNS') ?? RUNS) / SHARDS);
  const level = fromEnvironment('PMKIT_FUZZ_LEVEL');
  const path = process.env['FC_PATH'];
  const tally = new Tally();
  it(`return, place and rewrite what the model says, in ${runs} cases from seed ${seed}`, { timeout: TIMEOUT_MS }, () => {
    check({ seed, runs, level, path }, (spec, outcomes) => tally.add(spec, outcomes));
  });
  it.runIf(runs >= RUNS / SHARDS && level === undefined && (path ?? '') === '')('and leave out no level, no result and no listed defect', () => {
    const levels = Array.from({ length: TOP_LEVEL + 1 }, (_, i) => `level ${i}`);
    expect(tally.missing([...levels, 'pages moved', '0', 'died', ...ERRORS.map(String), ...DEFECTS])).toEqual([]);
  });
}
