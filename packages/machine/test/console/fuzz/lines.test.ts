/** Whatever is typed at the machine: the prompt comes back. */
import fc from 'fast-check';
import { it } from 'vitest';
import { endBox } from '../helpers.js';
import { line } from './lines.js';
import { expectNoHarm, sit } from './play.js';
import { levels, runs } from './runs.js';

it('a person types anything', { timeout: 24 * 60 * 60 * 1000 }, async () => {
  await fc.assert(fc.asyncProperty(levels(), fc.constantFrom(0, 1000), fc.array(line, { minLength: 1, maxLength: 12 }), async (level, uid, lines) => {
    const { box } = await sit({ level, uid, lines });
    expectNoHarm(box);
    await endBox(box);
  }), { numRuns: runs(12) });
});
