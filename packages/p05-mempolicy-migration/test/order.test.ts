/** When policies are rewritten, and what is left when the call fails on the way. */
import { describe, expect, it } from 'vitest';
import { injectError, replaceSymbol } from '@pmkit/linker';
import { residentPage, touch, type MaySleep, type Task, type Vma } from '@pmkit/mm-core';
import { EAGAIN, ENOMEM, ENOSPC } from '@pmkit/mm-core/include/linux/errno';
import { get_page } from '@pmkit/mm-core/include/linux/mm';
import { MPOL_BIND, MPOL_INTERLEAVE, MPOL_PREFERRED } from '@pmkit/mm-core/include/linux/mempolicy';
import { SIGKILL } from '@pmkit/mm-core/include/linux/sched';
import { attachSegment, check_invariants, mapMemory, migrate, nodesOf, policyOf, scheduler, startJob, vmaAt, type AnyKernel } from '@pmkit/mm-core/testing';
import { bootLevel5, levels, mbind, nextTurn, prepare, prepareLevel5, setPolicy } from './rig.js';

/** Memory at two places that cannot be merged, bound to node 1 and written. */
function twoVmas(k: AnyKernel, task: Task): [number, number] {
  return [1, 2].map(() => {
    mapMemory(k, task, 1, 0);
    const address = mapMemory(k, task, 2);
    mbind(k, task, address, 2, MPOL_BIND, 1);
    touch(k, task, address, 2, 'write');
    return address;
  }) as [number, number];
}

describe('the order', () => {
  it('is the policy of the task first, then for each vma its policy, then its pages', () => {
    const { k, batchd, task } = prepareLevel5();
    setPolicy(k, task, MPOL_BIND, 1);
    const [first, second] = twoVmas(k, task);
    const seen: object[] = [];
    const real = k.migrate_vma;
    const nodeOf = (vma: Vma): number | undefined => vma.vm_policy?.zonelist?.[0]?.node;
    const restore = replaceSymbol(k, 'migrate_vma', function* (target: Task, mm: never, vma: Vma, map: never): MaySleep<number> {
      if (nodeOf(vma) !== undefined) {
        const state = { task: task.mempolicy?.zonelist?.[0]?.node, policies: [first, second].map(at => nodeOf(vmaAt(task, at))), pages: nodesOf(k.m, task, first, 2) };
        seen.push(state);
      }
      return yield* real.call(k, target, mm, vma as never, map);
    });
    expect(migrate(k, batchd, task, [1], [2])).toBe(6);
    restore();
    expect(seen).toEqual([{ task: 2, policies: [2, 1], pages: [1, 1] }, { task: 2, policies: [2, 2], pages: [2, 2] }]);
    expect(check_invariants(k)).toEqual([]);
  });
});

describe('without memory for a new policy the call is -ENOMEM', () => {
  // the three arrays come first
  it.each([
    ['the policy of the task', 3],
    ['the zones of the policy of the task', 4],
  ])('for %s: nothing is changed', (_what, after) => {
    const { k, batchd, task } = prepareLevel5();
    setPolicy(k, task, MPOL_BIND, 1);
    const policy = task.mempolicy;
    const [first] = twoVmas(k, task);
    const users = task.mm?.mm_users;
    const stop = injectError(k, 'kmalloc', 0, { after });
    expect(migrate(k, batchd, task, [1], [2])).toBe(-ENOMEM);
    stop();
    expect([task.mempolicy === policy, policy?.refcnt, task.mm?.mm_users]).toEqual([true, 1, users]);
    expect(policyOf(k, task, first)).toBe('bind 1');
    expect(nodesOf(k.m, task, first, 2)).toEqual([1, 1]);
    expect(check_invariants(k)).toEqual([]);
  });
  it.each([
    ['the first vma', 5, { policies: ['bind 1', 'bind 1'], pages: [1, 1, 1, 1] }],
    ['the zones of the second vma', 8, { policies: ['bind 2', 'bind 1'], pages: [2, 2, 1, 1] }],
  ])('for %s: task and vmas before it are rewritten and moved', (_what, after, expected) => {
    const { k, batchd, task } = prepareLevel5();
    setPolicy(k, task, MPOL_BIND, 1);
    const [first, second] = twoVmas(k, task);
    const users = task.mm?.mm_users;
    const stop = injectError(k, 'kmalloc', 0, { after });
    expect(migrate(k, batchd, task, [1], [2])).toBe(-ENOMEM);
    stop();
    expect(policyOf(k, task)).toBe('bind 2');
    expect([first, second].map(at => policyOf(k, task, at))).toEqual(expected.policies);
    expect([first, second].flatMap(at => nodesOf(k.m, task, at, 2))).toEqual(expected.pages);
    expect(task.mm?.mm_users).toBe(users);
    expect(task.mm?.mmap_sem.readers).toBe(0);
    expect(check_invariants(k)).toEqual([]);
  });
  it('for the range of a shared object: object and vma keep theirs', () => {
    const { k, batchd, task } = prepareLevel5();
    const { address } = attachSegment(k, task, 2);
    mbind(k, task, address, 2, MPOL_PREFERRED, 1);
    // arrays, policy, range
    const stop = injectError(k, 'kmalloc', 0, { after: 4 });
    expect(migrate(k, batchd, task, [1], [2])).toBe(-ENOMEM);
    stop();
    expect(policyOf(k, task, address)).toBe('preferred 1');
    expect(vmaAt(task, address).vm_policy?.preferred_node).toBe(1);
    expect(check_invariants(k)).toEqual([]);
  });
  it('a task without a policy needs none', () => {
    const { k, batchd, task } = prepareLevel5();
    const stop = injectError(k, 'kmalloc', 0, { after: 3 });
    expect(migrate(k, batchd, task, [1], [2])).toBe(2);
    stop();
    expect(check_invariants(k)).toEqual([]);
  });
});

describe('when pages cannot be moved', () => {
  it.each(levels)('policies are rewritten all the same: -EAGAIN (%s)', level => {
    const { k, batchd, task, address } = prepare(level);
    setPolicy(k, task, MPOL_BIND, 1);
    mbind(k, task, address, 2, MPOL_BIND, 1);
    const busy = residentPage(k.m, task, address);
    get_page(k.m.mem_map, busy);
    expect(migrate(k, batchd, task, [1], [2])).toBe(-EAGAIN);
    const said = level === 'after' ? 'bind 2' : 'bind 1';
    expect([policyOf(k, task), policyOf(k, task, address)]).toEqual([said, said]);
    expect(nodesOf(k.m, task, address, 2)).toEqual([1, 2]);
    // the test's own reference, and the one of defect b of patch 4
    expect(check_invariants(k, { pins: new Map([[busy, 2]]) })).toEqual([]);
  });
  it('policies are rewritten all the same: -ENOSPC', () => {
    const k = bootLevel5();
    const { task, address } = startJob(k, 1, 1);
    mbind(k, task, address, 1, MPOL_BIND, 1);
    expect(migrate(k, scheduler(k), task, [1], [2])).toBe(-ENOSPC);
    expect(policyOf(k, task, address)).toBe('bind 2');
    expect(nodesOf(k.m, task, address, 1)).toEqual([1]);
    const page = residentPage(k.m, task, address);
    // off the LRU for good: defect c of patch 4
    expect(check_invariants(k, { lost: new Set([page]) })).toEqual([]);
  });
  it('those of the vmas behind it are not', () => {
    const { k, batchd, task } = prepareLevel5();
    const [first, second] = twoVmas(k, task);
    const busy = residentPage(k.m, task, first);
    get_page(k.m.mem_map, busy);
    expect(migrate(k, batchd, task, [1], [2])).toBe(-EAGAIN);
    expect([first, second].map(at => policyOf(k, task, at))).toEqual(['bind 2', 'bind 1']);
    expect(check_invariants(k, { pins: new Map([[busy, 2]]) })).toEqual([]);
  });
});

describe('a target that is killed and reaped while the pagevecs are drained (defect e of patch 4; mended by patch 8)', () => {
  const provoke = () => {
    const { k, batchd, task } = prepareLevel5();
    setPolicy(k, task, MPOL_INTERLEAVE, 1, 3);
    const drain = k.smp_call_function;
    const restoreDrain = replaceSymbol(k, 'smp_call_function', (name: never, info: never, retry: never, wait: never): number => {
      k.m.current = task;
      k.do_exit(SIGKILL);
      k.m.current = batchd;
      if (k.m.tasks.has(task.pid)) k.release_task(task);
      return drain.call(k, name, info, retry, wait);
    });
    const look = k.migrate_process_policy;
    const seen: object[] = [];
    const restoreLook = replaceSymbol(k, 'migrate_process_policy', (target: Task, map: Uint32Array): number => {
      seen.push({ same: target === task, usage: target.usage, known: k.m.tasks.has(target.pid) });
      return look.call(k, target, map);
    });
    const result = migrate(k, batchd, task, [1], [2]);
    restoreDrain();
    restoreLook();
    return { k, seen, result };
  };
  it('is looked at although nobody holds the struct any more: freed memory', () => {
    expect(provoke().seen).toEqual([{ same: true, usage: 0, known: false }]);
  });
  it('has its pages moved nevertheless: the mm is held', () => {
    const { k, result } = provoke();
    expect(result).toBe(2);
    expect(check_invariants(k)).toEqual([]);
  });
  it('is no freed memory while the target lives', () => {
    const { k, batchd, task } = prepareLevel5();
    setPolicy(k, task, MPOL_INTERLEAVE, 1);
    migrate(k, batchd, task, [1], [2]);
    expect(task.usage).toBeGreaterThan(0);
    expect(nextTurn(k, task)).toBe(2);
    expect(check_invariants(k)).toEqual([]);
  });
});
