/** The printed kernel goes the same way as the plain one, and nothing that it does to the machine escapes the recorder. */
import { beforeAll, describe, expect, it } from 'vitest';
import type { Footprint, Value } from '../../src/record/footprint.js';
import { recordedInstance, type Recorded } from './bundle.js';
import * as plain from './instance.js';
import { newWorld, randomCall, randomNumbers, type World } from './scenario.js';
import { stateOf } from './state.js';

let recorded: Recorded;
beforeAll(async () => {
  recorded = await recordedInstance();
});

/** A world of the printed kernel whose state is named; the driver's own bookkeeping is left out, as the explorer leaves it out. */
function namedWorld(): World {
  const world = newWorld(recorded);
  const { m } = world.k;
  for (const field of ['current', 'preempt_count']) recorded.recorder.ignore(m, field);
  recorded.recorder.ignore(m.paths);
  recorded.recorder.nameAll(m);
  return world;
}

function step(local: number, what: () => unknown): Footprint {
  recorded.recorder.begin(0, local);
  what();
  return recorded.recorder.end();
}

const words = (location: number): string => `${Math.floor(location / 2 ** 27)}.${String(recorded.fieldNames[location % 2 ** 27] ?? location % 2 ** 27)}`;

describe('the printed kernel', () => {
  it('goes the same way as the plain one, call by call', () => {
    const seed = 1;
    const a = newWorld(plain);
    const b = namedWorld();
    const randomA = randomNumbers(seed);
    const randomB = randomNumbers(seed);
    for (let n = 0; n < 250; n++) {
      const call = randomCall(plain, a, randomA);
      let other = '';
      step(n, () => (other = randomCall(recorded, b, randomB)));
      expect(other).toBe(call);
      expect(recorded.stateHash(b.k), `after call ${n}, ${call}`).toBe(plain.stateHash(a.k));
    }
    expect(a.k.m.page_state.pswpout).toBeGreaterThan(0);
  });
});

describe('what is recorded', () => {
  it('accounts for every change of the machine', () => {
    const world = namedWorld();
    const random = randomNumbers(4);
    let before = stateOf(recorded, world.k.m);
    for (let n = 0; n < 50; n++) {
      const { writeLoc, writeOld, writeNew, incLoc, incDelta, incOld, readLoc, readVal } = step(n, () => randomCall(recorded, world, random));
      const after = stateOf(recorded, world.k.m);
      const expected = new Map(before);
      const ids = new Set([...before.keys()].map(location => Math.floor(location / 2 ** 27)));
      const put = (location: number, old: Value, now: Value): void => {
        const was = expected.get(location);
        if (was !== undefined || ids.has(Math.floor(location / 2 ** 27))) expect(old === 0 ? 'u' : old, `call ${n}: before, at ${words(location)}`).toBe(was === 0 ? 'u' : (was ?? 'u'));
        if (now === 'u') expected.delete(location);
        else expected.set(location, now);
      };
      readLoc.forEach((location, i) => {
        const was = before.get(location);
        if (was !== undefined) expect(readVal[i], `call ${n}: read at ${words(location)}`).toBe(was);
      });
      writeLoc.forEach((location, i) => put(location, writeOld[i]!, writeNew[i]!));
      incLoc.forEach((location, i) => put(location, incOld[i]!, incOld[i]! + incDelta[i]!));
      for (const [location, value] of after) {
        if (expected.get(location) !== value) throw new Error(`call ${n}: ${words(location)} is ${value}, recorded as ${expected.get(location)}`);
      }
      before = after;
    }
  });
});
