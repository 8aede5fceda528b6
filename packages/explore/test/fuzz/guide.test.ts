/** The covered kernel does what the plain one does, and the fuzzer sees in it where programs come. */
import { createMachine } from '@pmkit/mm-core';
import { stateHash } from '@pmkit/mm-core/testing';
import { fuzz, type Program } from '@pmkit/explore';
import * as covered from '@pmkit/explore/covered';
import { takeTrees } from '@pmkit/series/catalogue';
import { levels } from '@pmkit/series/levels';
import { afterEach, describe, expect, it } from 'vitest';
import { BranchGuide } from '../../src/fuzz/branches.js';
import { Generator } from '../../src/fuzz/generate.js';
import * as plain from '../../src/fuzz/instance.js';
import { at } from '../rig.js';

const PROGRAMS = 15;
const program = (...calls: readonly (readonly [name: string, ...args: Program['calls'][number]['args']])[]): Program =>
  ({ stand: 'roomy', schedule: null, calls: calls.map(([name, ...args], id) => ({ id, task: 1, name, args })) });
const reach = async (...programs: readonly Program[]) => fuzz({ seed: 1, calls: Infinity, tree: at(10), corpus: programs, corpusOnly: true });

describe('the covered kernel', () => {
  it.each([0, 10])('does at level %i what the plain one does, and is seen to enter nothing but what its tree is made of', level => {
    const generator = new Generator(7, undefined, ['tight']);
    const [a, b] = [plain, covered].map(instance => ({ instance, stand: instance.makeStand('tight', at(level)) })) as [{ instance: typeof plain; stand: plain.Stand }, { instance: typeof plain; stand: plain.Stand }];
    const guide = new BranchGuide(covered);
    guide.watch(b.stand.world.k);
    let news = 0;
    for (let i = 0; i < PROGRAMS; i++) {
      const next = generator.next([]);
      const [expected, found] = [a, b].map(({ instance, stand }) => {
        const played = instance.play(stand, next, instance === covered ? guide : {});
        const hash = stateHash(stand.world.k);
        return { ...played, stopped: String(played.stopped), hash, verdict: instance.judgeProgram(stand, next, played) };
      });
      expect(found).toEqual(expected);
      news += guide.takeNews();
    }
    const { functions, branches } = guide.covered;
    expect(functions + branches!).toBe(news);
    expect(branches).toBeGreaterThan(500);
  });
});

describe('what is reached', () => {
  const GETPID = program(['getpid']);
  const UNLOCK = program(['munlock', { area: 0, page: 0, plus: 0 }, { page: 1, plus: 0 }]);
  const BEYOND = program(['munlock', { area: 0, page: 0, plus: 0 }, -1]);

  it('is a function when a program enters it, and an arm of it when one takes it', async () => {
    const of = async (...programs: readonly Program[]) => (await reach(...programs)).uncovered.find(({ name }) => name === 'sys_munlock');
    expect(await of(GETPID)).toMatchObject({ entered: 'never', place: expect.stringMatching(/^mm-core\/src\/mm\/mlock\.ts:\d+$/) as string });
    expect((await reach(GETPID)).uncovered.find(({ name }) => name === 'do_mlock')!.entered).toBe('never');
    expect((await reach(UNLOCK)).uncovered.find(({ name }) => name === 'do_mlock')!.entered).toBe('by programs');
    const missing = async (...programs: readonly Program[]): Promise<readonly string[]> => (await reach(...programs)).uncovered.find(({ name }) => name === 'do_mlock')?.arms ?? [];
    const after = await missing(UNLOCK);
    const both = await missing(UNLOCK, BEYOND);
    expect(after).not.toEqual(both);
    expect(both.every(arm => after.includes(arm))).toBe(true);
  });
  it('keeps programs that take an arm that none has taken before', async () => {
    expect((await reach(UNLOCK, UNLOCK, BEYOND, GETPID, GETPID)).corpus).toEqual([UNLOCK, BEYOND, GETPID]);
  });
  it('is not what booting does', async () => {
    const { uncovered, covered: { functions } } = await reach(GETPID);
    expect(uncovered.find(({ name }) => name === 'free_area_init_node')?.entered).toBe('at boot');
    expect(functions).toBeLessThan(200);
  });
});

describe('trees that the build has not seen', () => {
  afterEach(() => takeTrees(null));
  it('are looked at by their functions alone', async () => {
    takeTrees({ has: () => true, find: () => ({ definitions: levels[10].definitions, createMachine }) });
    const { covered: found, uncovered, corpus } = await fuzz({ seed: 1, calls: 60, tree: at(10) });
    expect(found).toMatchObject({ branches: null, allBranches: null });
    expect(found.pairs).toBeGreaterThan(found.functions);
    expect(uncovered).toHaveLength(found.allFunctions - found.functions);
    expect(corpus.length).toBeGreaterThan(1);
  });
});
