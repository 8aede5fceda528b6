import { describe, expect, it } from 'vitest';
import { createWorld, explore, STRATEGIES } from '@pmkit/explore';
import { stateHash } from '@pmkit/mm-core/testing';
import { execute } from '../src/search/execute.js';
import { onMachine } from '../src/search/walk.js';
import { at, moved } from './rig.js';

const endings = (exploration: ReturnType<typeof explore>): Record<string, number> =>
  Object.fromEntries(exploration.endings.map(({ text, count }) => [text, Number(count)]));
const KILLED = 'job: killed by SIGKILL | batchd: 1';

describe('a job that uses its memory while it is migrated', () => {
  it('is never harmed at level 3, where there is no such call', () => {
    const found = explore(moved(), at(3));
    expect(found).toMatchObject({ strategy: 'states', exhaustive: true, fraction: 1 });
    expect(endings(found)).toEqual({ 'job: 1 | batchd: -ENOSYS': 2 });
  });
  it.each([4, 5, 6, 7, 8, 9, 10])('is killed by the VM in some interleavings at level %i', level => {
    const found = explore(moved(), at(level));
    expect(found.exhaustive).toBe(true);
    const killed = found.endings.find(({ text }) => text === KILLED)!;
    expect(killed.failures).toEqual(['VM: killing process job']);
    expect(killed.schedule.preemptions).toBe(1);
    expect(endings(found)['job: 1 | batchd: 1']).toBeGreaterThan(Number(killed.count));
  });
  it.each([4, 7, 10])('lives in all of them when it was stopped before, at level %i', level => {
    const { before } = moved();
    const found = explore(moved({ before: [...before.map(({ task, text }) => `${task}: ${text}`), 'batchd: kill(job, SIGSTOP)'] }), at(level));
    expect(found.exhaustive).toBe(true);
    expect(endings(found)).toEqual({ 'job: stopped | batchd: 1': 1 });
  });
});

describe('strategies', () => {
  it('with a bound of one preemption the failure is found, and nothing is called exhaustive', () => {
    const found = explore(moved({ pages: 2 }), at(4), { strategy: 'bounded', bound: 1 });
    expect(found.exhaustive).toBe(false);
    expect(found.endings.map(({ failures }) => failures)).toContainEqual(['VM: killing process job']);
    expect(found.endings.every(({ schedule }) => schedule.preemptions <= 1)).toBe(true);
  });
  it('without a preemption nobody is in another\'s way', () => {
    expect(endings(explore(moved(), at(4), { strategy: 'bounded', bound: 0 }))).toEqual({ 'job: 1 | batchd: 1': 2 });
  });
  it.each(['random', 'pct'] as const)('%s finds it from a seed, and the same seed finds the same', strategy => {
    const once = explore(moved(), at(4), { strategy, seed: 7, limit: 300 });
    expect(once.endings.map(({ text }) => text)).toContain(KILLED);
    expect(explore(moved(), at(4), { strategy, seed: 7, limit: 300 })).toEqual(once);
    expect(endings(explore(moved(), at(4), { strategy, seed: 8, limit: 300 }))).not.toEqual(endings(once));
  });
  it.each([['all', 500], ['states', 100]] as const)('%s says what share of the choices it has seen when it is cut short', (strategy, limit) => {
    const found = explore(moved({ pages: 2 }), at(4), { strategy, limit });
    expect(found.exhaustive).toBe(false);
    expect(found.fraction).toBeGreaterThan(0);
    expect(found.fraction).toBeLessThan(1);
  });
  it('random says it too, and does not count an execution twice', () => {
    const some = explore(moved(), at(4), { strategy: 'random', limit: 50 }).fraction!;
    const more = explore(moved(), at(4), { strategy: 'random', limit: 2000 }).fraction!;
    expect(some).toBeGreaterThan(0);
    expect(more).toBeGreaterThan(some);
    expect(more).toBeLessThanOrEqual(1);
  });
  it.each(['states', 'all'] as const)('%s is not exhaustive when executions are longer than allowed', strategy => {
    const { exhaustive, endings: found } = explore(moved({ finally: 'forall (r = 1)' }), at(4), { strategy, depth: 5 });
    expect(exhaustive).toBe(false);
    expect(found.map(({ text }) => text)).toContainEqual(expect.stringMatching(/^cut off: /));
    expect(found.flatMap(({ failures }) => failures)).toEqual([]);
  });
  it.each(STRATEGIES)('%s: the same search has the same digest, another race another one', strategy => {
    const once = explore(moved(), at(4), { strategy, limit: 300 });
    expect(explore(moved(), at(4), { strategy, limit: 300 }).digest).toBe(once.digest);
    expect(explore(moved({ pages: 2 }), at(4), { strategy, limit: 300 }).digest).not.toBe(once.digest);
  });
});

describe('conditions', () => {
  it.each([
    ['~exists (job.state = killed)', true],
    ['forall (r = 1)', false],
    ['forall (job.state = running /\\ job.node(a) = 2)', true],
    ['exists (job.state = killed)', false],
    ['~exists (log "no such line")', false],
  ])('%s: somebody breaks it: %s', (text, broken) => {
    const found = explore(moved({ finally: text }), at(4));
    expect(found.endings.some(({ failures }) => failures.includes(`not so: ${text}`))).toBe(broken);
  });
});

describe('a world', () => {
  it('begins again where it began, whatever was done on it', () => {
    const world = createWorld(moved({ pages: 3 }), at(10));
    const first = stateHash(world.k);
    for (const pick of [0, -1, 1]) {
      execute(onMachine(world), able => able.at(pick) ?? able[0]!);
      expect(stateHash(world.k)).not.toBe(first);
      world.reset();
      expect(stateHash(world.k)).toBe(first);
    }
  });
});
