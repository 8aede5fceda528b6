/** What `npm run soak -- --console` sets. */
import fc, { type Arbitrary } from 'fast-check';

/** How often a random test is to be run: FC_RUNS, or as often as the test run does. */
export const runs = (usual: number): number => Number(process.env['FC_RUNS'] ?? usual);

/** Level that machines boot with: PMKIT_FUZZ_LEVEL, or any. */
export function levels(): Arbitrary<number> {
  const only = process.env['PMKIT_FUZZ_LEVEL'] ?? '';
  return only === '' ? fc.integer({ min: 0, max: 10 }) : fc.constant(Number(only));
}
