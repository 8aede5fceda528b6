/**
 * The sequences of a test run, in two halves: two test files, so that vitest's two workers share them.
 *
 * The same seed always gives the same sequences, and the test run always takes the same one. From the environment: FC_SEED another seed,
 * FC_RUNS how many sequences in all, FC_PATH the path of a counterexample as fast-check printed it, PMKIT_FUZZ_LEVEL the level to boot
 * with, PMKIT_FUZZ_LENGTH commands of a sequence at most, PMKIT_FUZZ_FLAT of how many sequences one is run on the flat kernels too (1: all). `npm run soak` sets them.
 */
import { it } from 'vitest';
import { loadAllFlat } from '../../src/flat.js';
import { firstSeed, fromEnvironment } from '../seeded.js';
import { fuzz } from './run.js';

const RUNS = 10_000;
const LENGTH = 6;
const FLAT_EVERY = 25;
const SHARDS = 2;
/** The soak takes as long as it is told to. */
const TIMEOUT_MS = 24 * 60 * 60 * 1000;

/** Defines the test for half of the sequences, number 0 or 1. */
export function fuzzShard(index: number): void {
  const seed = firstSeed() + index;
  const runs = Math.ceil((fromEnvironment('FC_RUNS') ?? RUNS) / SHARDS);
  const level = fromEnvironment('PMKIT_FUZZ_LEVEL');
  const maxLength = fromEnvironment('PMKIT_FUZZ_LENGTH') ?? LENGTH;
  it(`leave no invariant broken and no byte changed, and the flat kernels go the same way, in ${runs} sequences from seed ${seed}`, { timeout: TIMEOUT_MS }, async () => {
    await loadAllFlat();
    fuzz({ seed, runs, level, maxLength, flatEvery: fromEnvironment('PMKIT_FUZZ_FLAT') ?? FLAT_EVERY, path: process.env['FC_PATH'] });
  });
}
