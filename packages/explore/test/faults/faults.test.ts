/** What each fault does to a call that nobody else disturbs, and to the machine when it is over. */
import { describe, expect, it } from 'vitest';
import { createWorld, drawFaults, explore, withFaults, type Race } from '@pmkit/explore';
import { stateHash } from '@pmkit/mm-core/testing';
import { searchRandom } from '../../src/search/random.js';
import { onMachine } from '../../src/search/walk.js';
import { at, moved } from '../rig.js';

const STILL = { batchd: ['r = migrate_pages(job, 1, {1}, {2})'] };
const FILE = ['job: f = open("/data", 2, 0)', 'job: b = mmap(0, 1P, PROT_READ|PROT_WRITE, MAP_SHARED, f, 0)', 'job: load(b, 1)'];
const still = (faults: readonly string[], together: Race['together'] | Record<string, string[]> = STILL): Race => {
  const base = moved({ pages: 2, together: together as Record<string, string[]> });
  return withFaults(base, faults);
};
interface Seen { readonly texts: string[]; readonly failures: string[] }
function seen(race: Race, level = 4): Seen {
  const endings = (['bounded', 'random'] as const).flatMap(strategy => explore(race, at(level), { strategy, bound: 1, seed: 1, limit: 50 }).endings);
  return { texts: [...new Set(endings.map(({ text }) => text))].sort(), failures: [...new Set(endings.flatMap(({ failures }) => failures))].sort() };
}
const LEAK = 'page N: page_count is N, expected N (N pte)';

describe('with the target at rest, a call', () => {
  it.each([
    ['nothing goes wrong', [], ['batchd: 2'], []],
    ['a page is in use for a while', ['page-held:job:a'], ['batchd: -EAGAIN', 'batchd: 2'], [LEAK, `${LEAK.slice(0, -1)}, page cache)`]],
    ['a page is locked for a while: the call waits for it', ['page-locked:job:a'], ['batchd: 2'], []],
    ['there is no swap', ['no-swap'], ['batchd: -ENOSPC'], ['page N: lost on a list whose owner is gone, expected on the LRU']],
    ['one allocation fails: it is tried again', ['alloc-fail'], ['batchd: 2'], []],
    ['disks are slow: nothing is written', ['slow-disk:500'], ['batchd: 2'], []],
    ['memory runs short for a while', ['memory-pressure:2'], ['batchd: 2'], []],
    ['the target is killed, or not', ['kill:job'], ['batchd: 2', 'batchd: -EINVAL'], []],
    ['the caller is', ['kill:batchd:SIGTERM'], ['batchd: 2', 'batchd: 2, killed by signal 15', 'batchd: killed by signal 15'], []],
    ['the caller exits before it', ['exit:batchd'], ['batchd: 2', 'batchd: exited with 1'], []],
  ])('%s', (_what, faults, texts, failures) => {
    const found = seen(still(faults));
    expect(texts).toEqual(expect.arrayContaining(found.texts));
    expect(found.failures).toEqual(failures);
    expect(found.texts).toContain(texts[0]);
  });
  it('is refused when a cpuset loses the nodes before it, from level 8 on', () => {
    expect(seen(still(['cpuset:job:0']), 7).texts).toEqual(['batchd: 2']);
    expect(seen(still(['cpuset:job:0']), 8).texts).toEqual(['batchd: -EINVAL', 'batchd: 2']);
  });
  it('goes with what a hot-removal of the node does at the same time, where there is one', () => {
    expect(seen(still(['node-offline:1']), 10).texts).toContain('batchd: 2');
    expect(() => createWorld(still(['node-offline:1']), at(9))).toThrow(/^faults: node-offline:1: the kernel of level 9 has no capture_page_range\(\)/);
  });
});

describe('an access', () => {
  const swapped = (...faults: string[]): Race => withFaults(moved({
    machine: { nodes: 1, pages: 128, swap: 200 }, tasks: { job: {}, hog: {} },
    before: ['job: a = mmap(0, 1P, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0)', 'job: store(a, 1)',
      'hog: h = mmap(0, 120P, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0)', ...Array.from({ length: 15 }, (_, i) => `hog: store(h + ${8 * i}P, 8)`)],
    together: { job: ['load(a, 1)'] },
  }), faults);
  it('of a page that swap cannot give back is deadly', () => expect(seen(swapped('swap-read-error')).texts).toEqual(['job: 1', 'job: killed by signal 7']));
  it('takes its time when the disk is slow', () => {
    const times = ['slow-disk:1', 'slow-disk:900'].map(fault => {
      const world = createWorld(swapped(fault), at(4));
      searchRandom(onMachine(world), { strategy: 'random', seed: 3, executions: 1 }, () => true);
      return world.k.m.now;
    });
    expect(times[1]! - times[0]!).toBeGreaterThan(500);
  });
  it('finds no memory: the VM kills who asks', () => {
    const race = withFaults(moved({ together: { job: ['b = mmap(0, 1P, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0)', 'store(b, 1)'] } }), ['alloc-fail']);
    expect(seen(race)).toEqual({ texts: [expect.stringMatching(/^job: \d+ 1$/), expect.stringMatching(/^job: \d+, killed by SIGKILL$/)], failures: ['VM: killing process job'] });
  });
  it('of what it has unmapped itself is a segmentation fault', () => {
    expect(seen(still(['munmap:job:a'], { job: ['load(a, 1)', 'load(a, 1)'] })).texts).toContain('job: 1 0, killed by signal 11');
  });
  it('of a file that the disk cannot read is SIGBUS', () => {
    const race = withFaults(moved({ files: { '/data': 1 }, before: FILE.slice(0, 2), together: { job: ['load(b, 1)'] } }), ['disk-error']);
    expect(seen(race).texts).toEqual(['job: 1', 'job: killed by signal 7']);
  });
});

describe('a fault', () => {
  it('of the target\'s policy decides where the next page comes from', () => {
    const race = moved({
      together: { job: ['b = mmap(0, 1P, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0)', 'store(b, 1)'] }, faults: ['set_mempolicy:job:bind:2'], finally: 'forall (job.node(b) = 1)',
    });
    expect(seen(race).failures).toEqual(['not so: forall (job.node(b) = 1)']);
  });
  it('may also not happen, and happens as often as it says', () => {
    const children = (fault: string): number[] => {
      const world = createWorld(still([fault], { job: ['load(a, 1)', 'load(a, 1)', 'load(a, 1)'] }), at(4));
      const counts = new Set<number>();
      const before = world.k.m.tasks.size;
      searchRandom(onMachine(world), { strategy: 'random', seed: 1, executions: 200 }, () => {
        counts.add(world.k.m.tasks.size - before);
        return false;
      });
      return [...counts].sort();
    };
    expect(children('fork:job')).toEqual([0, 1]);
    expect(children('fork:job*2')).toEqual([0, 1, 2]);
  });
  it('of a page that is written to disk makes others wait for it', () => {
    const race = withFaults(moved({ files: { '/data': 1 }, before: FILE, together: { job: ['msync(b, 1P, 4)'], batchd: ['r = migrate_pages(job, 1, {1}, {2})'] } }), ['page-writeback:job:b']);
    expect(seen(race).texts).toEqual(['job: 0 | batchd: -EAGAIN', 'job: 0 | batchd: 1']);
  });
  it.each([
    ['page-held:nobody:a', /expected one of the tasks batchd, job$/],
    ['exit:job', /expected a task that does something in the race \(batchd\)$/],
    ['alloc-fail:node7', /expected one of the nodes 0, 1, 2$/],
    ['disk-error:sdz', /the machine has no device sdz, expected one of/],
    ['kill:job:SIGNONE', /there is no signal SIGNONE$/],
  ])('%s is refused on a machine that cannot have it', (fault, message) => {
    expect(() => createWorld(still([fault]), at(4))).toThrow(message);
  });
  it('leaves nothing behind: a race begins where it began', () => {
    for (let seed = 0; seed < 25; seed++) {
      const race = { ...moved({ pages: 2 }), faults: drawFaults(moved({ pages: 2 }), seed, 2) };
      const world = createWorld(race, at(9));
      const hashes: string[] = [];
      const first = stateHash(world.k);
      searchRandom(onMachine(world), { strategy: 'random', seed, executions: 3 }, () => {
        hashes.push(stateHash(world.k));
        return false;
      });
      const again: string[] = [];
      searchRandom(onMachine(world), { strategy: 'random', seed, executions: 3 }, () => {
        again.push(stateHash(world.k));
        return false;
      });
      expect(again).toEqual(hashes);
      world.reset();
      expect(stateHash(world.k)).toBe(first);
    }
  });
});
