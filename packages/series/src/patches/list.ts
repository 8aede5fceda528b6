/** The facts of every patch, and of the tree below. */
import { base } from './facts/base.js';
import { n10 } from './facts/n10.js';
import { n11 } from './facts/n11.js';
import { p01 } from './facts/p01.js';
import { p02 } from './facts/p02.js';
import { p03 } from './facts/p03.js';
import { p04 } from './facts/p04.js';
import { p05 } from './facts/p05.js';
import { p06 } from './facts/p06.js';
import { p07 } from './facts/p07.js';
import { p08 } from './facts/p08.js';
import { p09 } from './facts/p09.js';
import { p10 } from './facts/p10.js';
import type { PatchFacts } from './facts.js';

/** In the order of the series file, the base first. */
export const patchFacts: readonly PatchFacts[] = [base, p01, p02, p03, p04, p05, p06, p07, p08, p09, n10, n11, p10];

const byName = new Map(patchFacts.map(facts => [facts.name, facts]));

/**
 * The facts of a patch, by its file name in the series.
 * @throws {RangeError} when there are none.
 */
export function factsOf(name: string): PatchFacts {
  const facts = byName.get(name);
  if (facts === undefined) throw new RangeError(`no facts about ${name}`);
  return facts;
}
