/** What holds of the searches whatever the race: they see the same endings, and those that count, the same numbers. */
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { createWorld, explore, race, type Ending, type Exploration, type Race } from '@pmkit/explore';
import { searchDepthFirst } from '../src/search/depth-first.js';
import { Tally } from '../src/search/tally.js';
import { StateSpace } from '../src/search/state-space.js';
import { onMachine, type Walk } from '../src/search/walk.js';
import { at, moved } from './rig.js';

const MAP = 'job: a = mmap(0, 1P, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0)';
const races: readonly (readonly [string, Race])[] = [
  ['a write under migration', moved({ together: { job: ['store(a, 1)'], batchd: ['migrate_pages(job, 1, {1}, {2})'] } })],
  ['two pages under migration', moved({ pages: 2 })],
  ['stopped and continued', moved({ together: { job: ['load(a, 1)'], batchd: ['kill(job, SIGSTOP)', 'migrate_pages(job, 1, {1}, {2})', 'kill(job, SIGCONT)'] } })],
  ['unmapped under migration', moved({ together: { job: ['munmap(a, 1P)'], batchd: ['migrate_pages(job, 1, {1}, {2})'] } })],
  ['two who migrate', race({
    name: 'two', tasks: { job: { node: 1 }, other: { node: 2 } }, before: [MAP, 'job: store(a, 1)'],
    together: { other: ['migrate_pages(job, 1, {1}, {2})'], batchd: ['migrate_pages(job, 1, {1}, {2})'] },
  })],
  ['killed under migration', moved({ together: { job: ['load(a, 1)'], batchd: ['migrate_pages(job, 1, {1}, {2})', 'kill(job, SIGKILL)'] } })],
  ['a target that is freed', race({
    name: 'freed', tasks: { shell: { node: 1 } }, before: ['shell: a = mmap(0, 1P, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0)', 'shell: store(a, 1)', 'shell: job = fork()'],
    together: { batchd: ['migrate_pages(job, 1, {1}, {2})'], shell: ['kill(job, SIGKILL)', 'wait4(job, NULL, 0)'] },
  })],
  ...['alloc-fail', 'kill:job', 'munmap:job:a', 'page-writeback:job:a'].map(fault => [`with the fault ${fault}`, moved({ faults: [fault] })] as const),
];

interface Ended { readonly endings: readonly Ending[] }
const seen = ({ endings }: Ended): string[] => endings.map(({ text, failures }) => [text, ...failures].join(' ! ')).sort();
const counts = ({ endings }: Ended): string[] => endings.map(({ text, failures, count }) => `${[text, ...failures].join(' ! ')} ${count}`).sort();

/** Executions that are walked through where that is all of them, and where it is not. */
const ALL = 2500;
const SOME = 500;

/** Every execution, one after the other. */
function walked(walk: Walk, bound: number, limit: number) {
  const tally = new Tally(walk);
  const schedules: string[] = [];
  const found = searchDepthFirst(walk, { bound, limit }, execution => {
    tally.add(execution);
    schedules.push(`${execution.schedule.join(' ')}: ${execution.preemptions}`);
    return false;
  });
  return { ...found, endings: [...tally.endings.values()], schedules };
}

const interleavings = ({ endings }: Exploration): bigint => endings.reduce((sum, { count }) => sum + count, 0n);
/** How many of a race are walked through. */
const limitOf = (states: Exploration): number => (interleavings(states) <= ALL ? ALL : SOME);
type Walked = ReturnType<typeof walked>;

/** Walking on the machine sees no more than `states` has, and where it sees everything, as often. @returns what it has seen. */
function compareWithAll(states: Exploration, text: Race, level: number): Walked {
  const all = walked(onMachine(createWorld(text, at(level))), Infinity, limitOf(states));
  expect(all.exhaustive).toBe(interleavings(states) <= ALL);
  if (all.exhaustive) expect(counts(states)).toEqual(counts(all));
  else expect(seen(states)).toEqual(expect.arrayContaining(seen(all)));
  return all;
}

describe.each(races)('%s', (_name, text) => {
  const states = new Map<number, Exploration>();
  const onTheMachine = new Map<number, Walked>();
  beforeAll(() => { for (const level of [4, 10]) states.set(level, explore(text, at(level))); });
  it.each([4, 10])('states counts what all walks through, level %i', level => {
    expect(states.get(level)!.exhaustive).toBe(true);
    onTheMachine.set(level, compareWithAll(states.get(level)!, text, level));
  });
  it('reduced sees the same endings, and walks through fewer interleavings', () => {
    const reduced = explore(text, at(4), { strategy: 'reduced' });
    expect(reduced.exhaustive).toBe(true);
    expect(seen(reduced)).toEqual(seen(states.get(4)!));
    expect(BigInt(reduced.executions)).toBeLessThanOrEqual(interleavings(states.get(4)!));
  });
  it('walking on known states is walking on the machine', () => {
    expect(walked(new StateSpace(text, at(10)), 1, SOME)).toEqual(walked(onMachine(createWorld(text, at(10))), 1, SOME));
    const all = onTheMachine.get(10) ?? compareWithAll(states.get(10)!, text, 10); // by itself, when only this test is run
    expect(walked(new StateSpace(text, at(10)), Infinity, limitOf(states.get(10)!))).toEqual(all);
  });
  it('the smallest schedule to an ending has as many preemptions as the bound at which it is seen first', () => {
    const { endings } = states.get(4)!;
    const least = new Map<string, number>();
    for (const bound of [0, 1, 2]) {
      for (const name of seen(explore(text, at(4), { strategy: 'bounded', bound, limit: ALL }))) if (!least.has(name)) least.set(name, bound);
    }
    for (const { text: end, failures, schedule } of endings) {
      if (schedule.preemptions <= 2) expect([end, schedule.preemptions]).toEqual([end, least.get([end, ...failures].join(' ! '))]);
    }
  });
});

describe('random races', () => {
  const jobs = ['load(a, 1)', 'store(a, 1)', 'munmap(a, 1P)', 'fork()', 'set_mempolicy(MPOL_BIND, mask{1}, 257)', 'mlock(a, 1P)', 'exit(0)'];
  const others = ['migrate_pages(job, 1, {1}, {2})', 'migrate_pages(job, 1, {2}, {1})', 'kill(job, SIGSTOP)', 'kill(job, SIGCONT)', 'kill(job, SIGKILL)'];
  const some = (of: readonly string[]): fc.Arbitrary<string[]> => fc.array(fc.constantFrom(...of), { minLength: 1, maxLength: 2 });
  it('states counts what all walks through, and reduced sees the same endings', () => {
    fc.assert(fc.property(some(jobs), some(others), fc.integer({ min: 3, max: 10 }), (job, batchd, level) => {
      const text = moved({ together: { job, batchd } });
      const states = explore(text, at(level));
      compareWithAll(states, text, level);
      expect(seen(explore(text, at(level), { strategy: 'reduced' }))).toEqual(seen(states));
    }), { numRuns: 10 });
  });
});
