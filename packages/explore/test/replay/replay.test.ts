import { beforeAll, describe, expect, it } from 'vitest';
import {
  explore, formatReplay, MAX_REPLAY_LENGTH, race, readReplay, replay, ReplayError, toReplay, vitestSnippet, writeReplay, type Race, type Replay, type ReplayStep,
} from '@pmkit/explore';
import { at, moved } from '../rig.js';
import { DEADLOCK, deadlocked } from '../races.js';

const KILLED = 'VM: killing process job';

function recorded(example: Race, level: number, failure: string): Replay {
  const { endings } = explore(example, at(level), { strategy: 'bounded', bound: 1 });
  return toReplay(example, at(level), endings.find(({ failures }) => failures.includes(failure))!.schedule.steps);
}
const withStep = (original: Replay, index: number, step: Partial<ReplayStep>): Replay =>
  ({ ...original, steps: original.steps.with(index, { ...original.steps[index]!, ...step }) });

let killed: Replay;
/** Index of its only step that ends in a function. */
const indexOf = (where: string): number => killed.steps.findIndex(({ at: end }) => end === where);
beforeAll(() => { killed = recorded(moved(), 4, KILLED); });

describe('a replay file', () => {
  it('names who steps, in which operation, and where the step ends', () => {
    expect(killed.steps.filter(({ actor }) => actor === 'job').map(({ op, at: where }) => [op, where])).toEqual(
      [[0, 'handle_mm_fault'], [0, 'do_swap_page'], [0, '__lock_page'], [0, 'killed']]);
    expect(killed).toMatchObject({ tree: { level: 4, hotplug: false }, ending: { text: 'job: killed by SIGKILL | batchd: 1', failures: [KILLED] } });
  });
  it('is read as it was written, and written with the same bytes', () => {
    const text = writeReplay(killed);
    expect(readReplay(text, 'killed.json')).toEqual(killed);
    expect(writeReplay(readReplay(text, 'killed.json'))).toBe(text);
    expect(writeReplay(recorded(moved(), 4, KILLED))).toBe(text);
  });
  it('is made of a schedule that there is', () => {
    expect(() => toReplay(moved(), at(4), [1, 3])).toThrow(/^step 2: \w+ cannot take a step there$/);
  });
  it('has everything of a race in it', () => {
    const example = race({
      name: 'all', machine: { nodes: 2, pages: 80, cpus: 2, swap: 7 }, files: { '/data': 2 }, tasks: { job: { node: 1, uid: 3 } }, before: ['job: fd = open("/data", 0, 0)'],
      together: { job: ['n = read(fd, 1P)'] }, faults: ['slow-disk:50'], finally: 'exists (n = 4096)',
    });
    const { steps } = explore(example, { level: 2, hotplug: true }, { strategy: 'bounded', bound: 0 }).endings[0]!.schedule;
    const file = toReplay(example, { level: 2, hotplug: true }, steps);
    expect(readReplay(writeReplay(file), 'all.json')).toEqual(file);
    expect(replay(readReplay(writeReplay(file), 'all.json'))).toMatchObject({ partings: [], ending: file.ending });
    expect(file.steps).toContainEqual({ actor: 'clock', at: 'idle' });
  });
});

describe('what is no replay file', () => {
  /** The file with one field changed. */
  const changed = (path: readonly (string | number)[], value: unknown): string => {
    const file = JSON.parse(writeReplay(killed)) as Record<string, unknown>;
    let at: Record<string | number, unknown> = file;
    for (const key of path.slice(0, -1)) at = at[key] as Record<string | number, unknown>;
    at[path.at(-1)!] = value;
    return JSON.stringify(file);
  };
  it.each([
    [['version'], 2, /^f\.json: version: .*expected 1/],
    [['format'], 'x', /^f\.json: format: .*expected "pmkit replay"/],
    [['tree', 'level'], 11, /^f\.json: tree\.level: .*<=10/],
    [['tree', 'hotplug'], 1, /^f\.json: tree\.hotplug: .*expected boolean/],
    [['steps', 3, 'at'], 7, /^f\.json: steps\.3\.at: .*expected string/],
    [['steps', 3, 'at'], 'a\nb', /^f\.json: steps\.3\.at: expected a name/],
    [['steps', 0, 'op'], -1, /^f\.json: steps\.0\.op: .*>=0/],
    [['steps', 0, 'more'], 1, /^f\.json: steps\.0: .*more/],
    [['race', 'machine', 'nodes'], undefined, /^f\.json: race\.machine\.nodes: .*expected number/],
    [['race', 'machine', 'pages'], 1, /^f\.json: race\.machine\.pages: .*>=64/],
    [['race', 'before', 1], 'store(a, 1)', /^f\.json: race\.before\.1: expected 'task: call'/],
    [['race', 'before', 1], 'nobody: store(a, 1)', /^f\.json: race\.before\.1: expected batchd or one of the tasks \(job\), found 'nobody'/],
    [['race', 'before', 1], 'job: store(a', /^f\.json: race\.before\.1: expected '\)', found the end/],
    [['race', 'together', 'job', 0], 'load', /^f\.json: race\.together\.job\.0: expected '\(', found the end/],
    [['race', 'together', 'toString'], ['getpid()'], /^f\.json: race\.together\.toString: expected batchd or one of the tasks/],
    [['race', 'together'], {}, /^f\.json: race\.together: expected 1 to 8 tasks/],
    [['race', 'faults'], ['earthquake'], /^f\.json: race\.faults\.0: .*earthquake/],
    [['race', 'finally'], 'exists', /^f\.json: race\.finally: expected a term, found the end/],
    [['ending', 'failures'], 'none', /^f\.json: ending\.failures: .*expected array/],
  ])('%j as %j', (path, value, message) => {
    const text = changed(path, value);
    expect(() => readReplay(text, 'f.json')).toThrow(ReplayError);
    expect(() => readReplay(text, 'f.json')).toThrow(message);
  });
  it('is no JSON, or too long', () => {
    expect(() => readReplay('{', 'f.json')).toThrow(/^f\.json: expected JSON: /);
    expect(() => readReplay(' '.repeat(MAX_REPLAY_LENGTH + 1), 'f.json')).toThrow(`f.json: ${MAX_REPLAY_LENGTH + 1} characters, expected ${MAX_REPLAY_LENGTH} at most`);
  });
});

describe('a strict replay', () => {
  it('comes to the same end', () => {
    expect(replay(killed)).toMatchObject({ strict: true, followed: killed.steps.length, partings: [], ending: killed.ending });
  });
  it('of a deadlock too', () => {
    const file = recorded(deadlocked(), 4, DEADLOCK);
    expect(replay(file)).toMatchObject({ partings: [], ending: { failures: expect.arrayContaining([DEADLOCK]) as string[] } });
  });
  it.each([
    ['another function', '__lock_page', { at: 'do_wp_page' }, { expected: 'job, operation 1, to do_wp_page', found: 'job, from do_swap_page to __lock_page: waits for the lock of page 160; mm/filemap.c (base)' }],
    ['another operation', '__lock_page', { op: 1 }, { expected: 'job, operation 2, to __lock_page' }],
    ['of somebody who is not there', 'get_user_pages', { actor: 'nobody' }, { found: 'there is no nobody' }],
    ['of somebody who has nothing to do', 'killed', { actor: 'batchd' }, { found: 'batchd has nothing to do' }],
  ])('stops at the first step that is %s', (_what, where, step, parting) => {
    const index = indexOf(where);
    expect(replay(withStep(killed, index, step))).toMatchObject({ followed: index, partings: [{ event: index + 1, ...parting }], ending: null });
  });
  it('says what somebody waits for whose turn it is', () => {
    const index = indexOf('__lock_page') + 1;
    expect(replay(withStep(killed, index, { actor: 'job' })).partings).toMatchObject([{ event: index + 1, found: expect.stringMatching(/^job waits for the lock of page \d+$/) as string }]);
  });
  it('says when it does not come to the end, or to another one', () => {
    expect(replay({ ...killed, steps: killed.steps.slice(0, -1) }).partings[0]).toEqual({ event: killed.steps.length, expected: 'the end', found: 'job can go on' });
    expect(replay({ ...killed, ending: { text: 'job: 1 | batchd: 1', failures: [] } }).partings).toEqual(
      [{ event: killed.steps.length + 1, expected: 'job: 1 | batchd: 1', found: `job: killed by SIGKILL | batchd: 1; ${KILLED}` }]);
  });
});

describe('a replay that is carried to another level', () => {
  it.each([5, 6, 7, 8, 9, 10])('is the same at level %i', level => {
    expect(replay(killed, { at: at(level) })).toMatchObject({ strict: false, tree: at(level), followed: killed.steps.length, partings: [], ending: killed.ending });
  });
  it('parts at the first step at level 3, where there is no such call, and ends well', () => {
    const carried = replay(killed, { at: at(3) });
    expect(carried.partings[0]).toMatchObject({ event: 1, found: expect.stringContaining('sys_ni_syscall = -ENOSYS') as string });
    expect(carried.ending).toEqual({ text: 'job: 1 | batchd: -ENOSYS', failures: [] });
    expect(formatReplay(killed, carried)).toEqual(expect.arrayContaining(['moved, recorded at level 4, at level 3', 'the runs part at step 1', 'ends with  job: 1 | batchd: -ENOSYS']));
  });
  it.each(['get_user_pages', 'user'])('takes steps that were not recorded when they lead on: one to %s', where => {
    const index = indexOf(where);
    const carried = replay({ ...killed, steps: killed.steps.toSpliced(index, 1) }, { at: at(10) });
    expect(carried).toMatchObject({ ending: killed.ending, steps: { length: killed.steps.length } });
    expect(carried.partings).toHaveLength(1);
  });
  it.each(['do_swap_page', '__lock_page', 'killed'])('passes over recorded steps that do not come: one before %s', where => {
    const index = indexOf(where);
    const carried = replay({ ...killed, steps: killed.steps.toSpliced(index, 0, { actor: 'job', op: 0, at: 'do_wp_page' }) }, { at: at(10) });
    expect(carried).toMatchObject({ followed: killed.steps.length, ending: killed.ending });
    expect(carried.partings.map(({ event }) => event)).toEqual([index + 1]);
  });
  it('goes the way of the machine when nothing was recorded', () => {
    const carried = replay({ ...killed, steps: [] }, { at: at(4) });
    expect(carried).toMatchObject({ followed: 0, ending: { text: 'job: 1 | batchd: 1', failures: [] } });
    expect(carried.partings).toHaveLength(1);
  });
});

describe('a replay as a test', () => {
  it('is the test beside this one, which runs with the others', async () => {
    await expect(vitestSnippet({ ...killed, kit: '0.0.0' })).toMatchFileSnapshot('killed.test.ts');
  });
});
