import { beforeAll, describe, expect, it } from 'vitest';
import { definitionsOf } from '@pmkit/linker';
import { createWorld, explore, race, type Race } from '@pmkit/explore';
import { explain, type Explanation } from '../../src/explain/explain.js';
import { formatExplanation } from '../../src/explain/format.js';
import { laneLines } from '../../src/explain/lanes.js';
import { Observer } from '../../src/explain/observe.js';
import { repeatedRounds } from '../../src/explain/rounds.js';
import { wrap } from '../../src/explain/wrap.js';
import { execute } from '../../src/search/execute.js';
import { onMachine } from '../../src/search/walk.js';
import { look } from '../../src/outcome.js';
import { at, moved } from '../rig.js';
import { DEADLOCK, deadlocked, held, heldFile, LEAKED } from '../races.js';

const KILLED = 'VM: killing process job';

/** The schedule of the first ending with this failure. */
function failing(example: Race, level: number, failure: string): readonly number[] {
  return explore(example, at(level), { strategy: 'bounded', bound: 1 }).endings.find(({ failures }) => failures.includes(failure))!.schedule.steps;
}

/** Whether some way to go on from a beginning does not end with the failure, seen by trying what the explorer does not: chance. */
function survives(example: Race, level: number, prefix: readonly number[], failure: string): boolean {
  const world = createWorld(example, at(level));
  let state = 1;
  for (let i = 0; i < 300; i++) {
    const execution = execute(onMachine(world), (able, _last, taken) => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return prefix[taken] ?? able[Math.floor((state / 2 ** 32) * able.length)]!;
    });
    if (!execution.cut && !look(world).failures.includes(failure)) return true;
  }
  return false;
}

describe.each([4, 7, 10])('the job that is killed, at level %i', level => {
  let explanation: Explanation;
  let schedule: readonly number[];
  beforeAll(() => {
    schedule = failing(moved(), level, KILLED);
    explanation = explain(moved(), at(level), schedule);
  });

  it('has a point of no return: the job sleeps on the lock of the page, and remembers the swap entry', () => {
    const { pointOfNoReturn, steps } = explanation;
    expect(pointOfNoReturn.complete).toBe(true);
    expect(steps[pointOfNoReturn.step - 1]).toMatchObject({ name: 'job', at: '__lock_page', from: { name: 'do_swap_page', file: 'mm/memory.c', patch: 'base' } });
    expect(survives(moved(), level, schedule.slice(0, pointOfNoReturn.step), KILLED)).toBe(false);
    expect(survives(moved(), level, schedule.slice(0, pointOfNoReturn.step - 1), KILLED)).toBe(true);
  });
  it('has a critical pair: were the page unlocked first, the job would live', () => {
    const { pair, pointOfNoReturn, actors } = explanation;
    expect(pair).toMatchObject({
      first: { name: 'job', at: '__lock_page' }, second: { name: 'batchd', from: { name: 'generic_migrate_page' } }, comesAt: pointOfNoReturn.step + 1,
      otherwise: { text: 'job: 1 | batchd: 1', failures: [] },
    });
    expect(pair!.second.visits.at(-1)!.calls.map(({ name }) => name)).toContain('unlock_page');
    expect(survives(moved(), level, [...schedule.slice(0, pointOfNoReturn.step - 1), actors.indexOf('batchd')], KILLED)).toBe(true);
  });
  it('says of each step where it ran, and of the last one why the job died', () => {
    const { steps } = explanation;
    expect(steps.map(({ actor }) => actor)).toEqual(schedule);
    const down = steps.find(({ visits }) => visits.some(({ name }) => name === 'try_to_migrate_pages'))!;
    expect(down.visits.map(({ name }) => name).slice(-5)).toEqual(['migrate_vma', 'try_to_migrate_pages', 'node_migrate_onepage', 'migrate_onepage', 'generic_migrate_page']);
    expect(down.visits.at(-4)).toMatchObject({ file: 'mm/mmigrate.c', patch: 'p03', entered: true, result: null });
    expect(steps.at(-1)).toMatchObject({ name: 'job', at: 'killed', log: [KILLED], wait: null });
    expect(steps.at(-1)!.visits.find(({ name }) => name === 'do_swap_page')!.result).toBe('VM_FAULT_OOM');
  });
  it('is printed the same every time, and no wider than the terminal', () => {
    const text = formatExplanation(explanation, 100);
    expect(formatExplanation(explain(moved(), at(level), schedule), 100)).toEqual(text);
    expect(Math.max(...text.map(({ length }) => length))).toBeLessThanOrEqual(100);
  });
});

describe('the picture', () => {
  it('of the job that is killed at level 4', async () => {
    const text = formatExplanation(explain(moved(), at(4), failing(moved(), 4, KILLED)));
    await expect(`${text.join('\n')}\n`).toMatchFileSnapshot('killed.txt');
  });
  it('of a page that is held for too long', async () => {
    const text = formatExplanation(explain(held(), at(4), failing(held(), 4, LEAKED)), 118);
    await expect(`${text.join('\n')}\n`).toMatchFileSnapshot('held.txt');
  });
  it('of a deadlock', async () => {
    const text = formatExplanation(explain(deadlocked(), at(4), failing(deadlocked(), 4, DEADLOCK)));
    await expect(`${text.join('\n')}\n`).toMatchFileSnapshot('deadlock.txt');
  });
});

describe('rounds of a loop', () => {
  it('are counted instead of shown', () => {
    const seen = new Observer(heldFile(), at(4));
    const fault = seen.world.actors.findIndex(({ kind }) => kind === 'fault');
    const steps = [seen.step(fault)];
    // whoever holds the page lets go of it when nobody else can go on
    for (let able = seen.enabled(); able.length > 0; able = seen.enabled()) steps.push(seen.step(able.find(actor => actor !== fault) ?? fault));
    seen.close();
    const lines = laneLines(steps);
    expect(steps.length).toBeGreaterThan(2000);
    expect(lines.length).toBeLessThan(150);
    expect(lines.filter(line => / {6}\.\.\. these 2 steps 49\d times more, to step \d+$/.test(line))).toHaveLength(2);
    const shown = lines.join('\n');
    expect(laneLines(steps, { notes: new Map([[500, 'here']]) }).join('\n')).toContain('=== here ===');
    expect(shown).not.toContain('=== here ===');
  });
  it.each([
    [['a', 'a', 'a', 'b'], 1, { period: 1, rounds: 2 }],
    [['a', 'a', 'b'], 1, null],
    [['a', 'b', 'a', 'b', 'a', 'b', 'a'], 2, { period: 2, rounds: 2 }],
    [['a', null, 'a', null, 'a', null], 2, null],
    [['a', 'a', 'a'], 0, null],
  ])('%j at %i: %j', (steps, index, found) => expect(repeatedRounds(steps, index)).toEqual(found));
});

describe('breaking lines', () => {
  it.each([
    ['one two three', 8, ['one two', '  three']],
    ['    one two', 9, ['    one', '  two']],
    ['abcdefghij', 6, ['abcd', '  efgh', '  ij']],
    ['f =\u00a0VM_FAULT', 8, ['f =', '  VM_FAU', '  LT']],
    ['f\u00a0= g', 8, ['f = g']],
    ['', 8, ['']],
  ])('%j in %i columns', (text, room, lines) => expect(wrap(text, room)).toEqual(lines));
});

describe('a deadlock', () => {
  it('is explained by who takes mmap_sem first; failures that no schedule avoids are left out', () => {
    const { signature, pointOfNoReturn, pair, steps } = explain(deadlocked(), at(4), failing(deadlocked(), 4, DEADLOCK));
    expect(signature).toEqual([DEADLOCK]);
    expect(pointOfNoReturn.complete).toBe(true);
    expect(steps[pointOfNoReturn.step - 1]).toMatchObject({ name: 'batchd', at: 'killed' });
    expect(pair).toMatchObject({ first: { name: 'batchd', at: 'killed' }, second: { name: 'job', at: 'user' }, comesAt: steps.length });
  });
});

describe('a page that is held by somebody', () => {
  it('is lost when migrate_pages() has unmapped it for the last time before it is let go; another failure is no escape', () => {
    const { pointOfNoReturn, pair, steps } = explain(held(), at(4), failing(held(), 4, LEAKED));
    expect(pointOfNoReturn.complete).toBe(true);
    expect(pair).toMatchObject({ first: { name: 'batchd', at: 'generic_migrate_page' }, second: { name: 'page-held:job:a' }, otherwise: { text: 'batchd: 1', failures: [] } });
    expect(pair!.first.visits.at(-1)!.calls.map(({ name }) => name)).toEqual(['try_to_unmap']);
    expect(steps.slice(pointOfNoReturn.step).some(({ visits }) => visits.some(({ calls }) => calls.some(({ name }) => name === 'try_to_unmap')))).toBe(false);
  });
});

describe('the limits of an explanation', () => {
  it('every schedule fails: there is no point of no return, and no pair', () => {
    const { pointOfNoReturn, pair } = explain(deadlocked(), at(4), failing(deadlocked(), 4, DEADLOCK), { signature: ['kernel BUG at mm/mmigrate.c:migrate_vma()!'] });
    expect(pointOfNoReturn).toMatchObject({ step: 0, complete: true, escape: null });
    expect(pair).toBeNull();
  });
  it('says so when it has not seen all ways to go on', () => {
    const example = moved({ pages: 2 });
    const { pointOfNoReturn } = explain(example, at(4), failing(example, 4, KILLED), { signature: [KILLED], states: 10, ways: 1 });
    expect(pointOfNoReturn).toMatchObject({ complete: false, ways: 1n });
  });
  it('comes to the same when it walks through the ways to go on, because there are too many states', () => {
    const example = moved({ pages: 2 });
    const schedule = failing(example, 4, KILLED);
    const [met, walked] = [{}, { states: 10 }].map(options => explain(example, at(4), schedule, options));
    expect(walked).toEqual(met);
    expect(met!.pointOfNoReturn.complete).toBe(true);
  });
  it('a schedule that does not fail is none to explain, nor is one that cannot be', () => {
    expect(() => explain(moved(), at(4), failing(moved(), 4, KILLED), { signature: ['deadlock'] })).toThrow(/expected a schedule that ends with deadlock, found VM: killing process job/);
    expect(() => explain(moved(), at(4), [1, 9])).toThrow('step 2: actor 9 cannot take a step there');
  });
});

describe('observing', () => {
  it('takes the same steps to the same end as an execution that nobody sees', () => {
    const seen = new Observer(moved({ pages: 2 }), at(10));
    const schedule = failing(moved({ pages: 2 }), 10, KILLED);
    for (let round = 0; round < 2; round++) {
      seen.restart();
      for (const actor of schedule) seen.step(actor);
      expect(seen.outcome().failures).toEqual([KILLED]);
      expect(seen.enabled()).toEqual([]);
    }
    seen.close();
  });
  it('leaves the kernel\'s functions as they were', () => {
    const seen = new Observer(moved(), at(4));
    const rows = seen.world.k as unknown as Record<string, unknown>;
    const { value } = definitionsOf(rows).get('do_swap_page')!;
    expect(rows.do_swap_page).not.toBe(value);
    seen.close();
    expect(rows.do_swap_page).toBe(value);
  });
  it('sees kernel threads and the clock: a page that is written out wakes the disk', () => {
    const example = race({
      name: 'file', files: { '/data': 1 }, tasks: { job: {} },
      before: ['job: fd = open("/data", 0, 0)'], together: { job: ['read(fd, 1P)'] },
    });
    const { steps } = explore(example, at(0)).endings[0]!.schedule;
    const seen = new Observer(example, at(0));
    const found = steps.map(actor => seen.step(actor));
    seen.close();
    expect(found.map(({ name, at: where }) => [name, where])).toContainEqual(['clock', 'idle']);
    expect(found.some(({ wait }) => wait !== null)).toBe(true);
    expect(found.at(-1)).toMatchObject({ name: 'job', at: 'user' });
  });
});
