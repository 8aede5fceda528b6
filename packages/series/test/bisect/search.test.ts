import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bisect, BisectEndError, nextStep, type BisectOptions, type BisectResult, type Judgement } from '../../src/bisect/index.js';

const TOP = 10;
/** A level as a user meets it. `other`: bad in another way; `broken`: a tree that does not build. */
type Face = 'good' | 'bad' | 'other' | 'skip' | 'broken';

interface Looked extends BisectResult { readonly asked: readonly number[] }

async function search(faces: readonly Face[], options: Partial<BisectOptions> = {}): Promise<Looked> {
  const asked: number[] = [];
  const oracle = (level: number): Promise<Judgement> => {
    asked.push(level);
    const face = faces[level]!;
    return Promise.resolve({ verdict: face === 'good' || face === 'skip' ? face : 'bad', signature: face });
  };
  const result = await bisect(oracle, { good: 0, bad: TOP, builds: (level) => faces[level] !== 'broken', compareSignatures: true, verify: true, ...options });
  return { ...result, asked };
}

const word = (text: string): Face[] =>
  Array.from(text, (letter) => ({ g: 'good', b: 'bad', o: 'other', s: 'skip', n: 'broken' } as const)[letter]!);

/** Good below `first`, bad from there on, and between the ends any level may be one that says nothing. */
const monotone = fc
  .record({ first: fc.integer({ min: 1, max: TOP }), holes: fc.dictionary(fc.constantFrom('1', '2', '3', '4', '5', '6', '7', '8', '9'), fc.constantFrom<Face>('skip', 'broken')) })
  .map(({ first, holes }) => ({ first, faces: Array.from({ length: TOP + 1 }, (_, level): Face => holes[String(level)] ?? (level < first ? 'good' : 'bad')) }));

const judged = (faces: readonly Face[]): number[] => [...faces.keys()].filter((level) => ['good', 'bad', 'other'].includes(faces[level]!));

describe('for every series that turns bad once', () => {
  it('the answer is the first bad level, or the smallest range that must contain it', async () => {
    await fc.assert(
      fc.asyncProperty(monotone, fc.boolean(), async ({ first, faces }, verify) => {
        const { firstBad, candidates } = await search(faces, { verify });
        const lastGood = judged(faces).filter((level) => level < first).at(-1)!;
        const nextBad = judged(faces).find((level) => level >= first)!;
        expect(candidates).toEqual(Array.from({ length: nextBad - lastGood }, (_, i) => lastGood + 1 + i));
        expect(candidates).toContain(first);
        expect(firstBad).toBe(candidates.length === 1 ? first : null);
      }),
      { numRuns: 500 },
    );
  });

  it('no level is asked twice, none that does not build is asked, and verifying asks all others', async () => {
    await fc.assert(
      fc.asyncProperty(monotone, async ({ faces }) => {
        const { asked } = await search(faces);
        expect([...asked].sort((a, b) => a - b)).toEqual([...faces.keys()].filter((level) => faces[level] !== 'broken'));
        const quick = await search(faces, { verify: false });
        expect(new Set(quick.asked).size).toBe(quick.asked.length);
        // The ends, and then at most as many as halving ten candidates takes, and the skipped ones.
        expect(quick.asked.length).toBeLessThanOrEqual(2 + 4 + faces.filter((face) => face === 'skip').length);
      }),
    );
  });

  it('verifying says that it is monotone, and not verifying says nothing', async () => {
    await fc.assert(
      fc.asyncProperty(monotone, async ({ faces }) => {
        expect((await search(faces)).monotone).toBe(true);
        expect((await search(faces, { verify: false })).monotone).toBe(null);
      }),
    );
  });
});

describe('for every series that changes more than once', () => {
  const labelled = fc.array(fc.constantFrom<Face>('good', 'bad', 'skip', 'broken'), { minLength: 9, maxLength: 9 }).map((inner): Face[] => ['good', ...inner, 'bad']);
  const changesOf = (faces: readonly Face[]): number[] => judged(faces).filter((level, i, levels) => i > 0 && faces[level] !== faces[levels[i - 1]!]);

  it('says so, names every change, and the answer is one of those from good to bad', async () => {
    await fc.assert(
      fc.asyncProperty(labelled.filter((faces) => changesOf(faces).length > 1), async (faces) => {
        const { monotone: isMonotone, changes, firstBad, candidates } = await search(faces);
        expect(isMonotone).toBe(false);
        expect(changes).toEqual(changesOf(faces));
        const last = candidates.at(-1)!;
        expect(faces[last]).toBe('bad');
        expect(faces[candidates[0]! - 1]).toBe('good');
        expect(candidates.slice(0, -1).every((level) => ['skip', 'broken'].includes(faces[level]!))).toBe(true);
        expect(firstBad).toBe(candidates.length === 1 ? last : null);
      }),
      { numRuns: 300 },
    );
  });
});

describe('a failure with another signature', () => {
  it('is not the bad that is looked for: it is passed over, and the answer may be a range', async () => {
    const { firstBad, candidates, levels, monotone: isMonotone } = await search(word('ggggoobbbbb'));
    expect([firstBad, candidates]).toEqual([null, [4, 5, 6]]);
    expect(levels.filter(({ verdict }) => verdict === 'otherwise').map(({ level }) => level)).toEqual([4, 5]);
    expect(isMonotone).toBe(false);
  });

  it('does not hide the first bad level when it lies elsewhere', async () => {
    const { firstBad, monotone: isMonotone } = await search(word('goggggggbbb'));
    expect([firstBad, isMonotone]).toEqual([8, false]);
  });

  it('is bad as any other when signatures are not compared', async () => {
    const { firstBad, monotone: isMonotone } = await search(word('ggggoobbbbb'), { compareSignatures: false });
    expect([firstBad, isMonotone]).toEqual([4, true]);
  });
});

describe('the ends', () => {
  it.each([
    ['bbbbbbbbbbb', 0, 'level 0 was given as good, and is bad'],
    ['ggggggggggg', TOP, 'level 10 was given as bad, and is good'],
    ['bgggggggggg', TOP, 'level 10 was given as bad, and is good'],
    ['ggggggggggs', TOP, 'level 10 was given as bad, and is one that cannot be judged'],
    ['nbbbbbbbbbb', 0, 'level 0 was given as good, and is one that does not build'],
  ])('of %s are not what they were said to be', async (text, level, message) => {
    const error = await search(word(text)).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(BisectEndError);
    expect(error).toMatchObject({ level, message });
  });

  it('may be narrower, and nothing outside of them is looked at', async () => {
    const { firstBad, asked } = await search(word('bgggggbbbbg'), { good: 2, bad: 8 });
    expect(firstBad).toBe(6);
    expect([...asked].sort((a, b) => a - b)).toEqual([2, 3, 4, 5, 6, 7, 8]);
  });

  it.each([[5, 5], [7, 3]])('good %d, bad %d is refused before anything is looked at', async (good, bad) => {
    await expect(search(word('gggggbbbbbb'), { good, bad })).rejects.toThrow(RangeError);
  });

  it('an oracle that gives up ends the search with its own error', async () => {
    const giveUp = new Error('aborted');
    const oracle = (level: number): Promise<Judgement> => (level === 5 ? Promise.reject(giveUp) : Promise.resolve({ verdict: level < 4 ? 'good' : 'bad', signature: '' }));
    await expect(bisect(oracle, { good: 0, bad: TOP, builds: () => true, compareSignatures: true, verify: true })).rejects.toBe(giveUp);
  });
});

describe('the next level to look at', () => {
  it('is always an open one between the two ends', () => {
    const situation = fc.record({ old: fc.integer({ min: 0, max: 9 }), reach: fc.integer({ min: 1, max: 10 }), skipped: fc.uniqueArray(fc.integer({ min: 0, max: TOP })) });
    fc.assert(
      fc.property(situation, ({ old, reach, skipped }) => {
        const fresh = Math.min(TOP, old + reach);
        const next = nextStep({ old, new: fresh, skipped: new Set(skipped) });
        const between = Array.from({ length: fresh - old - 1 }, (_, i) => old + 1 + i);
        const open = between.filter((level) => !skipped.includes(level));
        if (next.kind === 'test') {
          expect(open).toContain(next.level);
          // With the level it leaves, whichever way it goes, fewer than there were.
          expect(next.left).toBeGreaterThanOrEqual(0);
          expect(next.left).toBeLessThan(fresh - old);
        } else {
          expect(open).toEqual([]);
          expect(next).toEqual(between.length === 0 ? { kind: 'found', level: fresh } : { kind: 'doubt', candidates: [...between, fresh] });
        }
      }),
    );
  });
});
