/** Planted bugs are found by the searches that find nothing in the kernel as it is. */
import { describe, expect, it } from 'vitest';
import { createWorld, fuzz, race, type Race } from '@pmkit/explore';
import { searchDepthFirst } from '../../src/search/depth-first.js';
import { Tally } from '../../src/search/tally.js';
import { onMachine } from '../../src/search/walk.js';
import { at, moved } from '../rig.js';
import { PROGRAM_BUGS, RACE_BUGS, type Bug } from './plant.js';

const EXECUTIONS = 500;

/** What goes wrong in the schedules with two preemptions. */
function failures(of: Race, bug?: Bug): string[] {
  const world = createWorld(of, at(10));
  bug?.plant(world.k);
  const walk = onMachine(world);
  const tally = new Tally(walk);
  searchDepthFirst(walk, { bound: 2, limit: EXECUTIONS }, execution => {
    tally.add(execution);
    return false;
  });
  return [...new Set([...tally.endings.values()].flatMap(ending => ending.failures))].sort();
}

const KILLED = 'VM: killing process job';
const stores = moved({ together: { job: ['store(a, 1)', 'load(a, 1)'], batchd: ['r = migrate_pages(job, 1, {1}, {2})'] } });
const arrives = moved({ finally: 'forall (r != 1 \\/ job.node(a) = 2 \\/ job.state = killed)' });
const threads = race({
  name: 'threads', tasks: { job: { node: 1 } }, files: { '/data': 1 },
  before: ['job: f = open("/data", O_RDWR, 0)', 'job: a = mmap(0, 1P, PROT_READ|PROT_WRITE, MAP_SHARED, f, 0)', 'job: other = clone(0x10f00)'],
  together: { job: ['load(a, 1)'], other: ['load(a, 1)'] },
});
const leaves = moved({ together: { job: ['munmap(a, 1P)'], batchd: ['r = migrate_pages(job, 1, {1}, {2})'] } });

describe('in a race', () => {
  it.each([
    [RACE_BUGS.copiedEarly, stores, /^job found other contents/],
    [RACE_BUGS.wrongNode, arrives, /^not so: /],
    [RACE_BUGS.referenceKept, moved(), /^page N: page_count is N, expected N/],
    [RACE_BUGS.leftLocked, leaves, /^Bad page state|locked/],
    [RACE_BUGS.notLookedAgain, threads, /^(?:page|mm) N: /],
  ] as const)('$what', (bug, of, expected) => {
    expect(failures(of).filter(failure => failure !== KILLED)).toEqual([]);
    expect(failures(of, bug)).toContainEqual(expect.stringMatching(expected));
  });
});

describe('in random programs', () => {
  const find = (calls: number, bug?: Bug) => fuzz({ seed: 12, calls, tree: at(10), shrink: false, ...(bug === undefined ? {} : { tamper: bug.plant }) });
  const CALLS = 1000;
  it('there is nothing without a bug', async () => expect((await find(CALLS)).reports).toEqual([]));
  it.each(PROGRAM_BUGS)('$what', async bug => {
    expect((await find(CALLS, bug)).reports).toHaveLength(1);
  });
});
