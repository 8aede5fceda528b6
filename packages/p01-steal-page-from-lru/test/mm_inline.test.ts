import { describe, expect, it } from 'vitest';
import { declareSymbols, link, Series } from '@pmkit/linker';
import { base, createMachine, newListHead, residentPage, runKernel, spawn, start, syscall, touch, type MachineConfig, type Task } from '@pmkit/mm-core';
import { list_del } from '@pmkit/mm-core/include/linux/list';
import { page_count, page_zone } from '@pmkit/mm-core/include/linux/mm';
import { PageLRU } from '@pmkit/mm-core/include/linux/page-flags';
import type { MaySleep } from '@pmkit/mm-core/include/linux/wait';
import type { ListHead, Page } from '@pmkit/mm-core/include/linux/types';
import { patch } from '../src/index.js';

const CONFIG: MachineConfig = { nodes: [{ id: 0, pages: 256, cpus: [0, 1] }], poison: true };
const level0 = Series.of(base);
const level1 = level0.push(patch);
declareSymbols(level1.definitions.keys());
const levels = { before: () => start(link(level0, { m: createMachine(CONFIG) })), after: () => start(link(level1, { m: createMachine(CONFIG) })) };
type Kernel = ReturnType<(typeof levels)['before']>;

/** A page on the LRU, and a task to do things with it. */
function pageOnLru(k: Kernel): { page: Page; thief: Task; list: ListHead } {
  const owner = spawn(k, { comm: 'owner', cpu: 0 });
  const address = syscall(k, owner, 'mmap', 0, k.m.PAGE_SIZE, 3, 0x22, -1, 0);
  touch(k, owner, address, 1, 'write');
  k.lru_drain_cache(0);
  return { page: residentPage(k.m, owner, address), thief: spawn(k, { comm: 'thief', cpu: 1 }), list: newListHead(k.m) };
}
/** Runs a kernel function as a task would, so that a BUG() is what it is: a dead task. */
function as(k: Kernel, task: Task, action: () => number): number {
  return runKernel(
    k,
    task,
     
    (function* (): MaySleep<number> {
      return action();
    })(),
  );
}
const bugs = (k: Kernel): string[] => k.m.log.map(line => line.text).filter(text => text.startsWith('kernel BUG'));

describe('stealing a page that is on the LRU', () => {
  it.each(['before', 'after'] as const)('takes it with a reference, %s the patch', level => {
    const k = levels[level]();
    const { page, thief, list } = pageOnLru(k);
    const zone = page_zone(k.m, page);
    const active = zone.nr_active;
    expect(as(k, thief, () => k.steal_page_from_lru(zone, page, list))).toBe(1);
    expect(PageLRU(k.m.mem_map, page)).toBe(false);
    expect(page_count(k.m.mem_map, page)).toBe(2);
    expect(zone.nr_active).toBe(active - 1);
  });
});

describe('stealing a page that is not on the LRU', () => {
  const steal = (level: 'before' | 'after') => {
    const k = levels[level]();
    const { page, thief, list } = pageOnLru(k);
    const zone = page_zone(k.m, page);
    as(k, thief, () => k.steal_page_from_lru(zone, page, list));
    const second = spawn(k, { comm: 'second', cpu: 1 });
    return { k, page, zone, second, act: () => as(k, second, () => k.steal_page_from_lru(zone, page, newListHead(k.m))) };
  };
  it('before: BUG(), the task dies and zone->lru_lock stays held', () => {
    const { k, zone, second, act } = steal('before');
    try {
      act();
    } catch {
      // runKernel() reports a task that did not come back
    }
    expect(bugs(k)).toHaveLength(1);
    expect(['Z', 'X']).toContain(second.state);
    expect(zone.lru_lock.held).toBe(true);
  });
  it('after: returns 0 and changes nothing', () => {
    const { k, page, zone, second, act } = steal('after');
    expect(act()).toBe(0);
    expect(bugs(k)).toEqual([]);
    expect(second.state).toBe('R');
    expect(page_count(k.m.mem_map, page)).toBe(2);
    expect(zone.lru_lock.held).toBe(false);
  });
});

describe('putting back a page that is on the LRU', () => {
  const putBack = (level: 'before' | 'after') => {
    const k = levels[level]();
    const { page, thief } = pageOnLru(k);
    const zone = page_zone(k.m, page);
    const counters = [zone.nr_active, zone.nr_inactive];
    const act = (): number =>
      as(k, thief, () => {
        k.putback_page_to_lru(zone, page);
        return 0;
      });
    return { k, zone, thief, counters, act };
  };
  it('before: BUG()', () => {
    const { k, thief, act } = putBack('before');
    try {
      act();
    } catch {
      // as above
    }
    expect(bugs(k)).toHaveLength(1);
    expect(['Z', 'X']).toContain(thief.state);
  });
  it('after: nothing happens, the counters stay', () => {
    const { k, zone, counters, act } = putBack('after');
    expect(act()).toBe(0);
    expect([zone.nr_active, zone.nr_inactive]).toEqual(counters);
    expect(bugs(k)).toEqual([]);
  });
});

describe('a page that is being freed', () => {
  it.each(['before', 'after'] as const)('is not taken and stays on its list, %s the patch', level => {
    const k = levels[level]();
    const { page, thief, list } = pageOnLru(k);
    const zone = page_zone(k.m, page);
    k.m.mem_map._count[page] = 0;
    expect(as(k, thief, () => k.steal_page_from_lru(zone, page, list))).toBe(0);
    expect(PageLRU(k.m.mem_map, page)).toBe(true);
    expect(page_count(k.m.mem_map, page)).toBe(0);
  });
});

describe('a putback', () => {
  it.each(['before', 'after'] as const)('does not drop the reference of the steal, %s the patch', level => {
    const k = levels[level]();
    const { page, thief, list } = pageOnLru(k);
    const zone = page_zone(k.m, page);
    as(k, thief, () => k.steal_page_from_lru(zone, page, list));
    list_del(k.m.mem_map, page);
    as(k, thief, () => {
      k.putback_page_to_lru(zone, page);
      return 0;
    });
    expect(PageLRU(k.m.mem_map, page)).toBe(true);
    expect(page_count(k.m.mem_map, page)).toBe(2);
  });
});
