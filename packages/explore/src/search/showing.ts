/** Whether an execution shows what is looked for: certain failures, by their signatures (outcome.ts). */
import type { Outcome } from '../outcome.js';

export type Signature = readonly string[];

/** All of them are among the failures of the ending. */
export const shows = ({ failures }: Outcome, signature: Signature): boolean => signature.every(failure => failures.includes(failure));

/** None of them is; null: nothing at all has failed. */
export const escapes = ({ failures }: Outcome, signature: Signature | null): boolean =>
  signature === null ? failures.length === 0 : !signature.some(failure => failures.includes(failure));
