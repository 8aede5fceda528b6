/** Patches pushed and popped under a running machine. */
import { describe, expect, it } from 'vitest';
import { definitionsOf, symbolTable, traceGraph } from '@pmkit/linker';
import { newPath, spawn, stepPath, finishPath, syscall, touch, type MaySleep, type Task } from '@pmkit/mm-core';
import { check_invariants, stateHash } from '@pmkit/mm-core/testing';
import { TestSetPageLocked } from '@pmkit/mm-core/include/linux/page-flags';
import { behaviours, Lab, SMALL_MACHINE } from '../src/catalogue/index.js';
import { bootAt, goTo, levels, TOP_LEVEL, type AnyKernel } from '../src/levels.js';
import { changedSymbols, LiveChangeError, reachable, tasksInside } from '../src/live.js';

const nodes = (...ids: number[]): Uint32Array => Uint32Array.from(ids);

function machineWithJob(level: number): { k: AnyKernel; batchd: Task; job: Task; address: number } {
  const k = bootAt(level, SMALL_MACHINE);
  const batchd = spawn(k, { comm: 'batchd', cpu: 0 });
  syscall(k, batchd, 'swapon', k.add_disk('swap', 8, 32, 1), 65, 0);
  const job = spawn(k, { comm: 'job', cpu: 2 });
  const address = syscall(k, job, 'mmap', 0, 4 * k.m.PAGE_SIZE, 3, 0x22, -1, 0);
  touch(k, job, address, 4, 'write');
  return { k, batchd, job, address };
}

describe('a machine that runs', () => {
  it('gets the system call when patch 4 is pushed under it, and the pages it had are moved', () => {
    const { k, batchd, job } = machineWithJob(0);
    expect(syscall(k, batchd, 1279, job.pid, 1, nodes(1), nodes(2))).toBe(-38);
    goTo(k, 4);
    expect(syscall(k, batchd, 1279, job.pid, 1, nodes(1), nodes(2))).toBe(4);
    goTo(k, 3);
    expect(syscall(k, batchd, 1279, job.pid, 1, nodes(2), nodes(1))).toBe(-38);
    expect(check_invariants(k)).toEqual([]);
  });
  it('keeps its state to the bit, whatever is pushed and popped', () => {
    const { k } = machineWithJob(5);
    const before = stateHash(k);
    for (let level = 0; level <= TOP_LEVEL; level++) {
      goTo(k, level);
      expect(stateHash(k)).toBe(before);
    }
  });
});

/** migrate_pages() asleep in pass 2, waiting for a page that somebody else has locked. */
function asleepInMigratePages(level: number) {
  const machine = machineWithJob(level);
  const { k, batchd, job, address } = machine;
  const page = k.follow_page(job.mm!, address, 0);
  expect(TestSetPageLocked(k.m.mem_map, page)).toBe(false);
  const enter = (k as unknown as { sys_migrate_pages(...args: unknown[]): MaySleep<number> }).sys_migrate_pages.bind(k);
  const path = newPath(batchd, enter(job.pid, 1, nodes(1), nodes(2)));
  stepPath(k, path);
  expect(path.state).toBe('running');
  return { ...machine, path, release: () => { k.unlock_page(page); } };
}

describe('a task that sleeps in migrate_pages()', () => {
  it('keeps patch 7 from being pushed, and is named', () => {
    const { k, batchd, path, release } = asleepInMigratePages(6);
    const before = definitionsOf(k);
    expect(() => { goTo(k, 7); }).toThrow(LiveChangeError);
    expect(() => { goTo(k, 7); }).toThrow(
      new RegExp(`^batchd\\[${batchd.pid}\\] sleeps in sys_migrate_pages\\(\\), waiting for the lock of page \\d+, and may be inside migrate_vma\\(\\), which would be replaced$`),
    );
    expect(definitionsOf(k)).toBe(before);
    release();
    finishPath(k, path);
    expect(path.value).toBe(4);
    goTo(k, 7);
  });
  it('keeps the patch that brought the call from being popped', () => {
    const { k } = asleepInMigratePages(4);
    expect(tasksInside(k, levels[3].definitions)[0]?.symbols).toEqual(['migrate_vma', 'sys_migrate_pages']);
  });
  it('is not in the way of patch 6, which changes other calls', () => {
    const { k, path, release, job, address } = asleepInMigratePages(5);
    goTo(k, 6);
    release();
    finishPath(k, path);
    expect(path.value).toBe(4);
    expect(syscall(k, job, 'mbind', address, k.m.PAGE_SIZE, 0, null, 0, 4)).toBe(0);
  });
});

describe('kernel threads asleep', () => {
  it('are in the way of no patch: none of what they can reach is replaced', () => {
    const { k } = machineWithJob(0);
    for (let level = 1; level <= TOP_LEVEL; level++) goTo(k, level);
    for (let level = TOP_LEVEL - 1; level >= 0; level--) goTo(k, level);
    expect(check_invariants(k)).toEqual([]);
  });
});

describe('what can be reached from where a task entered the kernel', () => {
  const replaced = new Set(levels.flatMap((level, i) => (i === 0 ? [] : changedSymbols(levels[i - 1]!.definitions, level.definitions))));

  const sleepers = new Set(symbolTable({ definitions: levels[TOP_LEVEL]!.definitions }).filter(row => row.maySleep).map(row => row.name));

  it('contains every replaced function that may sleep and that a run of the catalogue goes through', () => {
    let seen = 0;
    const missed = new Set<string>();
    for (const behaviour of behaviours) {
      const lab = new Lab({ level: TOP_LEVEL, hotplug: false });
      // by task: others run where one sleeps
      const stacks = new Map<Task, string[]>();
      const definitions = definitionsOf(lab.k);
      traceGraph(lab.k, ({ kind, name }) => {
        const { current } = lab.k.m;
        const stack = stacks.get(current) ?? [];
        stacks.set(current, stack);
        if (kind === 'leave') {
          stack.pop();
          return;
        }
        stack.push(name);
        if (!replaced.has(name) || !sleepers.has(name)) return;
        const entry = stack[0]!;
        if (!reachable(definitions, entry).has(name)) missed.add(`${entry}() reaches ${name}()`);
        seen++;
      });
      behaviour.scenario(lab);
      lab.dispose();
    }
    expect([...missed]).toEqual([]);
    expect(seen).toBeGreaterThan(0);
  });
});
