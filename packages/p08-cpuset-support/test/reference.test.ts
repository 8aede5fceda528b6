/** The task struct is held while the call lasts (defect e of patch 4), and let go on every way out. */
import { describe, expect, it } from 'vitest';
import { injectError, replaceSymbol } from '@pmkit/linker';
import { newListHead, NO_RESULT, residentPage, syscall, type Task } from '@pmkit/mm-core';
import { EAGAIN, EFAULT, EINVAL, ENOMEM, ENOSPC } from '@pmkit/mm-core/include/linux/errno';
import { get_page, page_zone } from '@pmkit/mm-core/include/linux/mm';
import { MPOL_BIND, MPOL_INTERLEAVE } from '@pmkit/mm-core/include/linux/mempolicy';
import { BAD_POINTER } from '@pmkit/mm-core/include/linux/misc';
import { check_invariants, mask, MAXNODE, migrate, must, nodes } from '@pmkit/mm-core/testing';
import { endMeanwhile, levels, newCpuset, prepare, prepareLevel8, zombie } from './rig.js';

/** Runs `action` in the middle of a call, and looks at the task when its policy is rewritten. */
function lookDuring({ k, batchd, task }: ReturnType<typeof prepare>, action: () => void): { result: number; seen: object[] } {
  const drain = k.smp_call_function;
  const look = k.migrate_process_policy;
  const seen: object[] = [];
  const restores = [
    replaceSymbol(k, 'smp_call_function', (func: string, info: unknown, nonatomic: number, wait: number) => {
      action();
      return drain.call(k, func, info, nonatomic, wait);
    }),
    replaceSymbol(k, 'migrate_process_policy', (tsk: Task, map: Uint32Array) => {
      seen.push({ usage: tsk.usage, known: k.m.tasks.has(tsk.pid) });
      return look.call(k, tsk, map);
    }),
  ];
  const result = migrate(k, batchd, task, [1], [2]);
  for (const restore of restores) restore();
  return { result, seen };
}

describe('during the call', () => {
  it.each(levels)('the struct of a target that lives has a reference more (%s)', level => {
    const machine = prepare(level);
    const { usage } = machine.task;
    const { result, seen } = lookDuring(machine, () => undefined);
    expect(result).toBe(4);
    expect(seen).toEqual([{ usage: level === 'before' ? usage : usage + 1, known: true }]);
    expect(machine.task.usage).toBe(usage);
    expect(check_invariants(machine.k)).toEqual([]);
  });
  it.each(levels)('that of a target that is killed and reaped meanwhile is still there; before, it is freed memory (%s)', level => {
    const machine = prepare(level);
    const { k, task } = machine;
    must(k, task, 'set_mempolicy', MPOL_INTERLEAVE, mask(1), MAXNODE);
    const { result, seen } = lookDuring(machine, () => {
      endMeanwhile(k, task, true);
    });
    expect(seen).toEqual([{ usage: level === 'before' ? 0 : 1, known: false }]);
    expect(result, 'the mm is held at both levels').toBe(4);
    expect(task.usage, 'freed by the end of the call at the latest').toBe(0);
    expect(check_invariants(k)).toEqual([]);
  });
});

describe('after the call the reference is gone', () => {
  const held = (task: Task): [usage: number, mm_users: number | undefined] => [task.usage, task.mm?.mm_users];
  it('when it has moved pages, and when there was nothing to move', () => {
    const { k, batchd, task } = prepareLevel8();
    const before = held(task);
    expect([migrate(k, batchd, task, [1], [2]), migrate(k, batchd, task, [1], [2])]).toEqual([4, 0]);
    expect(held(task)).toEqual(before);
    expect(check_invariants(k)).toEqual([]);
  });
  it('when the cpuset of the target forbids it', () => {
    const { k, batchd, task } = prepareLevel8();
    newCpuset(k, '/job', '1', task);
    const before = held(task);
    expect(migrate(k, batchd, task, [1], [2])).toBe(-EINVAL);
    expect(held(task)).toEqual(before);
    expect(check_invariants(k)).toEqual([]);
  });
  it('when there is no memory for the policy of the task', () => {
    const { k, batchd, task } = prepareLevel8();
    must(k, task, 'set_mempolicy', MPOL_BIND, mask(1), MAXNODE);
    const before = held(task);
    const stop = injectError(k, 'kmalloc', 0, { after: 3 });
    expect(migrate(k, batchd, task, [1], [2])).toBe(-ENOMEM);
    stop();
    expect(held(task)).toEqual(before);
    expect(check_invariants(k)).toEqual([]);
  });
  it('when there is no memory for the policy of a vma', () => {
    const { k, batchd, task, address } = prepareLevel8();
    must(k, task, 'mbind', address, 4 * k.m.PAGE_SIZE, MPOL_BIND, mask(1), MAXNODE, 0);
    const before = held(task);
    const stop = injectError(k, 'kmalloc', 0, { after: 3 });
    expect(migrate(k, batchd, task, [1], [2])).toBe(-ENOMEM);
    stop();
    expect([...held(task), task.mm?.mmap_sem.readers]).toEqual([...before, 0]);
    expect(check_invariants(k)).toEqual([]);
  });
  it('when a page is busy', () => {
    const { k, batchd, task, address } = prepareLevel8();
    const before = held(task);
    const busy = residentPage(k.m, task, address);
    get_page(k.m.mem_map, busy);
    expect(migrate(k, batchd, task, [1], [2])).toBe(-EAGAIN);
    expect(held(task)).toEqual(before);
    // the test's own reference, and the one of defect b of patch 4
    expect(check_invariants(k, { pins: new Map([[busy, 2]]) })).toEqual([]);
  });
  it('when a page finds no room in swap', () => {
    const { k, batchd, task, address } = prepareLevel8();
    const before = held(task);
    const stop = injectError(k, 'add_to_swap', 0);
    expect(migrate(k, batchd, task, [1], [2])).toBe(-ENOSPC);
    stop();
    expect(held(task)).toEqual(before);
    // off the LRU for good: defect c of patch 4
    const lost = new Set([0, 1, 2, 3].map(i => residentPage(k.m, task, address + i * k.m.PAGE_SIZE)));
    expect(check_invariants(k, { lost })).toEqual([]);
  });
  it('when a process migrates itself', () => {
    const { k, task } = prepareLevel8();
    const before = held(task);
    expect(migrate(k, task, task, [1], [2])).toBe(4);
    expect(held(task)).toEqual(before);
    expect(check_invariants(k)).toEqual([]);
  });
});

describe('no reference is taken', () => {
  it('of a process without memory, where none is dropped either', () => {
    const { k, batchd } = prepareLevel8();
    const dead = zombie(k, batchd);
    const { usage } = dead;
    expect(migrate(k, batchd, dead, [1], [2])).toBe(-EINVAL);
    expect(dead.usage).toBe(usage);
    expect(check_invariants(k)).toEqual([]);
  });
  it('when the arguments are refused before anybody is looked for', () => {
    const { k, batchd, task } = prepareLevel8();
    const { usage } = task;
    expect(syscall(k, batchd, 1279, task.pid, 1, BAD_POINTER, nodes(2))).toBe(-EFAULT);
    expect(task.usage).toBe(usage);
    expect(check_invariants(k)).toEqual([]);
  });
});

describe('a caller that dies in the call (defect a of patch 4)', () => {
  it('takes the reference with it: the struct of the target is never freed, nor is its memory', () => {
    const { k, batchd, task, address } = prepareLevel8();
    const { usage, mm } = task;
    const page = residentPage(k.m, task, address);
    k.lru_drain_cache(task.cpu);
    expect(k.steal_page_from_lru(page_zone(k.m, page), page, newListHead(k.m))).toBe(1);
    expect(migrate(k, batchd, task, [1], [2])).toBe(NO_RESULT);
    expect([task.usage, mm?.mm_users]).toEqual([usage + 1, 2]);
    endMeanwhile(k, task, true);
    expect([task.usage, mm?.mm_users]).toEqual([1, 1]);
  });
});
