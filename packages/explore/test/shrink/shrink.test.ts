import { describe, expect, it } from 'vitest';
import { createWorld, explain, explore, formatExplanation, race, raceText, shrink, smallestSchedule, type Race } from '@pmkit/explore';
import { execute } from '../../src/search/execute.js';
import { onMachine } from '../../src/search/walk.js';
import { at, moved } from '../rig.js';
import { DEADLOCK, deadlocked } from '../races.js';

const KILLED = ['VM: killing process job'];
const MAP = 'mmap(0, 1P, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0)';

/** The plain race, buried in things that have nothing to do with it. */
const buried = (): Race => race({
  name: 'buried', machine: { nodes: 4, pages: 128, cpus: 2, swap: 64 }, files: { '/data': 4 }, tasks: { other: { node: 0 }, job: { node: 1, uid: 5 }, idle: {} },
  before: ['other: fd = open("/data", 0, 0)', `job: a = ${MAP.replace('1P', '3P')}`, `other: b = ${MAP}`, 'other: store(b, 1)', 'job: store(a, 3)', 'job: load(a, 2)'],
  together: { other: ['load(b, 1)'], job: ['load(a + 1P, 1)', 'load(a, 1)'], batchd: ['getpid()', 'r = migrate_pages(job, 1, {1}, {2})', 'getpid()'] },
  finally: '~exists (r = -EINVAL)',
});

describe('shrinking', () => {
  it('leaves nothing but the race itself', () => {
    const { race: small, ending, proven } = shrink(buried(), at(4), KILLED)!;
    expect(raceText(small)).toEqual({
      name: 'buried', machine: { nodes: 3, pages: 64, cpus: 1, swap: 1 }, files: {}, tasks: { job: { node: 1, uid: 5 } }, faults: [],
      before: [`job: a = ${MAP}`, 'job: store(a, 1)'], together: { job: ['load(a, 1)'], batchd: ['r = migrate_pages(job, 1, {1}, {2})'] },
    });
    expect(ending).toMatchObject({ failures: KILLED, schedule: { preemptions: 1 } });
    expect(proven).toBe(true);
  });
  it('gives the same result every time, and a schedule that does what it says', () => {
    const { race: small, ending } = shrink(moved({ pages: 3 }), at(10), KILLED)!;
    const again = shrink(moved({ pages: 3 }), at(10), KILLED)!;
    expect([raceText(again.race), again.ending]).toEqual([raceText(small), ending]);
    const execution = execute(onMachine(createWorld(small, at(10))), (_able, _last, taken) => ending.schedule.steps[taken]!);
    expect(execution.schedule).toEqual(ending.schedule.steps);
    expect(execution.preemptions).toBe(ending.schedule.preemptions);
  });
  it('keeps a condition that is the failure, and the calls whose results it speaks of', () => {
    const condition = 'forall (r = 1)';
    const { race: small } = shrink(moved({ pages: 2, finally: condition }), at(4), [`not so: ${condition}`])!;
    expect(raceText(small)).toMatchObject({ finally: condition, together: { batchd: [expect.stringMatching(/^r = /)] } });
  });
  it('keeps what comes before when the failure needs it', () => {
    const { race: small, ending } = shrink(deadlocked(), at(4), [DEADLOCK])!;
    expect(raceText(small).before).toHaveLength(3);
    expect([...small.together.keys()]).toEqual(['job', 'batchd']);
    expect(ending.schedule.preemptions).toBe(0);
    expect([ending.schedule.steps[0], ending.schedule.steps.at(-1)]).toEqual([1, 0]);
  });
  it('begins with what is known when it cannot see enough schedules to find it', () => {
    const known = explore(moved(), at(4), { strategy: 'bounded', bound: 1 }).endings.find(({ failures }) => failures.includes(KILLED[0]!))!;
    const { ending, proven } = shrink(moved(), at(4), KILLED, { limit: 1, known })!;
    expect(ending.failures).toEqual(KILLED);
    expect(proven).toBe(false);
    expect(shrink(moved(), at(4), KILLED, { limit: 1 })).toBeNull();
  });
  it('makes a schedule smaller that chance has found, without looking through all', () => {
    const example = moved({ pages: 3 });
    const known = explore(example, at(4), { strategy: 'random', seed: 3, limit: 300 }).endings.find(({ failures }) => failures.includes(KILLED[0]!))!;
    expect(known.schedule.preemptions).toBeGreaterThan(1);
    const { race: small, ending } = shrink(example, at(4), KILLED, { limit: 1, editLimit: 1, known })!;
    expect(ending).toMatchObject({ failures: KILLED, schedule: { preemptions: 1 } });
    expect(raceText(small).machine.swap).toBeLessThan(raceText(example).machine.swap);
  });
});

describe('a job that was stopped before', () => {
  const stopped = moved({ before: [...raceText(moved()).before, 'batchd: kill(job, SIGSTOP)'] });
  it.each([4, 5, 6, 7, 8, 9, 10])('has no schedule to be shrunk at level %i, and that is proven', level => {
    expect(shrink(stopped, at(level), KILLED)).toBeNull();
    expect(smallestSchedule(createWorld(stopped, at(level)), KILLED)).toMatchObject({ ending: null, proven: true });
  });
});

describe('the job that is killed by the VM', () => {
  const storing = (): Race => moved({ together: { job: ['store(a, 1)'], batchd: ['r = migrate_pages(job, 1, {1}, {2})'] } });
  it.each([4, 5, 6, 7, 8, 9, 10])('is found, shrunk and explained in less than two seconds at level %i', level => {
    const begin = process.cpuUsage().user;
    const found = explore(storing(), at(level), { strategy: 'bounded', bound: 1 });
    const { failures } = found.endings.find(ending => ending.failures.length > 0)!;
    const small = shrink(storing(), at(level), failures)!;
    const text = formatExplanation(explain(small.race, at(level), small.ending.schedule.steps));
    const seconds = (process.cpuUsage().user - begin) / 1e6;
    expect(failures).toEqual(KILLED);
    expect(small).toMatchObject({ proven: true, ending: { schedule: { preemptions: 1 } } });
    expect(text.filter(line => line.startsWith('=== point of no return'))).toHaveLength(1);
    expect(seconds).toBeLessThan(2);
  });
});
