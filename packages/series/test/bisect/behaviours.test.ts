/**
 * Every behaviour of the catalogue as something to bisect: it is run at the levels the search asks for, and the answer is the level the catalogue says. To a search, behaviours that
 * change and change back at the same levels are the same, so the first of each such kind is run; of the others the search gets what catalogue.test.ts sees them show at every level.
 */
import { describe, expect, it } from 'vitest';
import { bisect, BisectEndError, type BisectResult } from '../../src/bisect/index.js';
import { behaviours, changesOf, doesNotBuild, expected, record, treeName, type Behaviour, type Tree } from '../../src/catalogue/index.js';

const TOP = 10;

/** At which trees it shows the same. */
function patternOf(behaviour: Behaviour): string {
  const all = [false, true].flatMap(hotplug => Array.from({ length: TOP + 1 }, (_, level) => expected(behaviour, { level, hotplug })));
  return all.map(what => all.indexOf(what)).join();
}
/** By pattern, the first behaviour that has it. */
const firstOf = new Map(behaviours.toReversed().map(behaviour => [patternOf(behaviour), behaviour]));

/** A scenario shows the same in the same tree, always, so each tree is run once. */
const shown = new Map<string, string>();
function seen(behaviour: Behaviour, level: number, hotplug: boolean): string {
  const tree: Tree = { level, hotplug: hotplug && level < TOP };
  const key = `${behaviour.id} ${treeName(tree)}`;
  const known = shown.get(key) ?? (firstOf.get(patternOf(behaviour)) === behaviour ? record(behaviour.scenario, tree).seen : expected(behaviour, tree));
  shown.set(key, known);
  return known;
}

interface Range { readonly good?: number; readonly bad?: number; readonly hotplug?: boolean }

/** Good is what is seen at the good end; the search itself says what the bad end looks like. */
function search(behaviour: Behaviour, { good = 0, bad = TOP, hotplug = false }: Range = {}): Promise<BisectResult> {
  const oracle = (level: number): ReturnType<Parameters<typeof bisect>[0]> => {
    const signature = seen(behaviour, level, hotplug);
    return Promise.resolve({ verdict: signature === seen(behaviour, good, hotplug) ? 'good' : 'bad', signature });
  };
  return bisect(oracle, { good, bad, builds: (level) => !doesNotBuild({ level, hotplug }), compareSignatures: true, verify: true });
}

/** What a search comes to, for every behaviour of a kind, by id. */
async function searchAll<T>(some: readonly Behaviour[], look: (behaviour: Behaviour) => Promise<T>): Promise<Record<string, T>> {
  const found: Record<string, T> = {};
  for (const behaviour of some) found[behaviour.id] = await look(behaviour);
  return found;
}

const wanted = <T>(some: readonly Behaviour[], of: (behaviour: Behaviour) => T): Record<string, T> => Object.fromEntries(some.map((behaviour) => [behaviour.id, of(behaviour)]));

const asError = (found: Promise<BisectResult>): Promise<unknown> => found.catch((error: unknown) => error);

/** Whether level 10 shows something else than level 0. */
const endsDiffer = (behaviour: Behaviour, hotplug: boolean): boolean =>
  expected(behaviour, { level: 0, hotplug }) !== expected(behaviour, { level: TOP, hotplug });

const withChanges = (fits: (count: number) => boolean): readonly Behaviour[] => behaviours.filter((behaviour) => fits(changesOf(behaviour).length));

describe('bisecting the catalogue', () => {
  it('finds the level of every behaviour that changes at one, and says that this is all', async () => {
    const some = withChanges((count) => count === 1);
    expect(some.length).toBeGreaterThan(0);
    const found = await searchAll(some, async (behaviour) => {
      const { firstBad, candidates, monotone, changes } = await search(behaviour);
      return { firstBad, candidates, monotone, changes };
    });
    expect(found).toEqual(wanted(some, (behaviour) => {
      const [change] = changesOf(behaviour);
      return { firstBad: change, candidates: [change], monotone: true, changes: [change] };
    }));
  });

  it('has nothing to look for in those that never change', async () => {
    const some = withChanges((count) => count === 0);
    expect(some.length).toBeGreaterThan(0);
    for (const behaviour of some) {
      const error = await asError(search(behaviour));
      expect(error, behaviour.id).toBeInstanceOf(BisectEndError);
      expect(error, behaviour.id).toMatchObject({ level: TOP, verdict: 'good' });
    }
  });

  it('says of those that change at several levels at which ones', async () => {
    const some = withChanges((count) => count > 1).filter((behaviour) => endsDiffer(behaviour, false));
    expect(some.length).toBeGreaterThan(0);
    const found = await searchAll(some, async (behaviour) => {
      const { monotone, changes } = await search(behaviour);
      return { monotone, changes };
    });
    expect(found).toEqual(wanted(some, (behaviour) => ({ monotone: false, changes: changesOf(behaviour) })));
  });

  it('finds each of several changes between its neighbours', async () => {
    const some = withChanges((count) => count > 1);
    const found = await searchAll(some, async (behaviour) => {
      const stops = [0, ...changesOf(behaviour), TOP + 1];
      const levels: (number | null)[] = [];
      for (let i = 1; i + 1 < stops.length; i++) levels.push((await search(behaviour, { good: stops[i - 1]!, bad: stops[i + 1]! - 1 })).firstBad);
      return levels;
    });
    expect(found).toEqual(wanted(some, changesOf));
  });
});

describe('bisecting the catalogue with the hotplug patches in the trees', () => {
  /** At 3 to 9 that tree does not build; these are left. */
  const BUILT = [0, 1, 2, TOP];
  const shows = (behaviour: Behaviour, level: number): string => expected(behaviour, { level, hotplug: true });
  const turning = (behaviour: Behaviour): number[] => BUILT.filter((level, i) => i > 0 && shows(behaviour, level) !== shows(behaviour, BUILT[i - 1]!));

  it('cannot say more of a change between level 2 and level 10 than that it is there', async () => {
    const some = behaviours.filter((behaviour) => turning(behaviour).join() === String(TOP));
    expect(some.length).toBeGreaterThan(0);
    const found = await searchAll(some, async (behaviour) => {
      const { firstBad, candidates, monotone, levels } = await search(behaviour, { hotplug: true });
      return { firstBad, candidates, monotone, unbuilt: levels.filter(({ verdict }) => verdict === 'no build').map(({ level }) => level) };
    });
    expect(found).toEqual(wanted(some, () => ({ firstBad: null, candidates: [3, 4, 5, 6, 7, 8, 9, 10], monotone: true, unbuilt: [3, 4, 5, 6, 7, 8, 9] })));
  });

  it('finds a change at the levels below, where that tree still builds', async () => {
    const some = behaviours.filter((behaviour) => ['1', '2'].includes(turning(behaviour).join()));
    expect(some.length).toBeGreaterThan(0);
    const found = await searchAll(some, async (behaviour) => (await search(behaviour, { hotplug: true })).firstBad);
    expect(found).toEqual(wanted(some, (behaviour) => turning(behaviour)[0]!));
  });
});
