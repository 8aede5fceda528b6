/** Who must be allowed which nodes, where in the call that is asked, and what is left when it is not so. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { replaceSymbol } from '@pmkit/linker';
import { syscall, type Task } from '@pmkit/mm-core';
import { EINVAL, ESRCH } from '@pmkit/mm-core/include/linux/errno';
import { MPOL_BIND } from '@pmkit/mm-core/include/linux/mempolicy';
import { anonymous, check_invariants, mask, MAXNODE, migrate, must, nodes, nodesOf, policyOf } from '@pmkit/mm-core/testing';
import { echo, levels, newCpuset, prepare, prepareLevel8, zombie } from './rig.js';

describe('new nodes that the target\'s cpuset does not allow', () => {
  it.each(levels)('are EINVAL, with nothing moved and no policy changed (%s)', level => {
    const { k, batchd, task, address } = prepare(level);
    must(k, task, 'set_mempolicy', MPOL_BIND, mask(1), MAXNODE);
    must(k, task, 'mbind', address, 4 * k.m.PAGE_SIZE, MPOL_BIND, mask(1), MAXNODE, 0);
    newCpuset(k, '/job', '0-1', task);
    expect(migrate(k, batchd, task, [1], [2])).toBe(level === 'before' ? 4 : -EINVAL);
    const node = level === 'before' ? 2 : 1;
    expect(nodesOf(k.m, task, address, 4)).toEqual([node, node, node, node]);
    expect([policyOf(k, task), policyOf(k, task, address)]).toEqual([`bind ${node}`, `bind ${node}`]);
    expect(check_invariants(k)).toEqual([]);
  });
  it.each(levels)('are EINVAL though other new nodes are allowed: nothing moves to those either (%s)', level => {
    const { k, batchd, task, address } = prepare(level);
    newCpuset(k, '/job', '0-2', task);
    expect(migrate(k, batchd, task, [1, 0], [2, 3])).toBe(level === 'before' ? 4 : -EINVAL);
    expect(nodesOf(k.m, task, address, 1)).toEqual([level === 'before' ? 2 : 1]);
    expect(check_invariants(k)).toEqual([]);
  });
  it.each(levels)('are EINVAL even where the last pair of their old node names another: the sets are asked, not the map (%s)', level => {
    const { k, batchd, task, address } = prepare(level);
    newCpuset(k, '/job', '0-2', task);
    expect(migrate(k, batchd, task, [1, 1], [3, 2])).toBe(level === 'before' ? 4 : -EINVAL);
    expect(nodesOf(k.m, task, address, 1)).toEqual([level === 'before' ? 2 : 1]);
    expect(check_invariants(k)).toEqual([]);
  });
  it.each(levels)('are EINVAL though the process has nothing there to move (%s)', level => {
    const { k, batchd, task } = prepare(level);
    newCpuset(k, '/job', '0-1', task);
    expect(migrate(k, batchd, task, [0], [3])).toBe(level === 'before' ? 0 : -EINVAL);
    expect(check_invariants(k)).toEqual([]);
  });
});

describe('new nodes that the caller\'s cpuset does not allow', () => {
  it.each(levels)('are EINVAL; before, the pages fall back silently on what the caller may use (%s)', level => {
    const { k, batchd, task, address } = prepare(level);
    newCpuset(k, '/batch', '0', batchd);
    anonymous(k, batchd, 1); // so that it takes over what it may use
    expect(migrate(k, batchd, task, [1], [2])).toBe(level === 'before' ? 4 : -EINVAL);
    expect(new Set(nodesOf(k.m, task, address, 4))).toEqual(new Set([level === 'before' ? 0 : 1]));
    expect(check_invariants(k)).toEqual([]);
  });
  it.each(levels)('before, they fall back even on the node that is being emptied, and count as moved (%s)', level => {
    const { k, batchd, task, address } = prepare(level);
    newCpuset(k, '/batch', '1', batchd);
    anonymous(k, batchd, 1); // so that it takes over what it may use
    expect(migrate(k, batchd, task, [1], [2])).toBe(level === 'before' ? 4 : -EINVAL);
    expect(new Set(nodesOf(k.m, task, address, 4))).toEqual(new Set([1]));
    expect(check_invariants(k)).toEqual([]);
  });
  it('are EINVAL for root too: no capability helps', () => {
    const { k, batchd, task } = prepareLevel8();
    newCpuset(k, '/batch', '0-1', batchd);
    expect([batchd.euid, batchd.cap_effective]).toEqual([0, k.m.init_task.cap_effective]);
    expect(migrate(k, batchd, task, [1], [2])).toBe(-EINVAL);
    expect(check_invariants(k)).toEqual([]);
  });
});

describe('what is not restricted', () => {
  it.each(levels)('old nodes: memory that was left behind can be fetched into the cpuset (%s)', level => {
    const { k, batchd, task, address } = prepare(level);
    // moving a task into a cpuset does not move its memory
    newCpuset(k, '/job', '2-3', task);
    expect(nodesOf(k.m, task, address, 4)).toEqual([1, 1, 1, 1]);
    newCpuset(k, '/batch', '2', batchd);
    expect(migrate(k, batchd, task, [1], [2])).toBe(4);
    expect(nodesOf(k.m, task, address, 4)).toEqual([2, 2, 2, 2]);
    expect(check_invariants(k)).toEqual([]);
  });
  it.each(levels)('a batch scheduler in an enclosing cpuset, within the nodes of the job (%s)', level => {
    const { k, batchd, task, address } = prepare(level);
    newCpuset(k, '/batch', '1-3', batchd);
    newCpuset(k, '/batch/job', '1-2', task);
    expect(migrate(k, batchd, task, [1], [3])).toBe(level === 'before' ? 4 : -EINVAL);
    expect(migrate(k, batchd, task, level === 'before' ? [3] : [1], [2])).toBe(4);
    expect(nodesOf(k.m, task, address, 4)).toEqual([2, 2, 2, 2]);
    expect(check_invariants(k)).toEqual([]);
  });
});

describe('law', () => {
  it('a call is allowed when each new node is in both sets', () => {
    const { k, batchd, task, address } = prepareLevel8();
    must(k, task, 'munmap', address, 4 * k.m.PAGE_SIZE);
    newCpuset(k, '/job', '0-3', task);
    newCpuset(k, '/batch', '0-3', batchd);
    const some = (...from: number[]) => fc.subarray(from, { minLength: 1 });
    fc.assert(fc.property(some(0, 1, 2, 3), some(0, 1, 2, 3), some(1, 2, 3), (target, caller, fresh) => {
      echo(k, '/job', 'mems', target.join(','));
      echo(k, '/batch', 'mems', caller.join(','));
      const both = fresh.every(node => target.includes(node) && caller.includes(node));
      expect(migrate(k, batchd, task, fresh.map(() => 0), fresh)).toBe(both ? 0 : -EINVAL);
    }), { numRuns: 200, seed: 20_050_622 });
    expect(check_invariants(k)).toEqual([]);
  });
});

describe('the place of the check', () => {
  /** What the call asks and does, in its order. */
  const traced = (target: (k: ReturnType<typeof prepareLevel8>['k'], task: Task) => number, mems = '0-1') => {
    const { k, batchd, task } = prepareLevel8();
    must(k, task, 'set_mempolicy', MPOL_BIND, mask(1), MAXNODE);
    newCpuset(k, '/job', mems, task);
    const pid = target(k, task);
    const seen: string[] = [];
    const allowed = k.cpuset_mems_allowed;
    const drain = k.smp_call_function;
    const policy = k.migrate_process_policy;
    const restores = [
      replaceSymbol(k, 'cpuset_mems_allowed', (tsk: Task) => {
        seen.push(`nodes of ${tsk.comm}`);
        return allowed.call(k, tsk);
      }),
      replaceSymbol(k, 'smp_call_function', (func: string, info: unknown, nonatomic: number, wait: number) => {
        seen.push('drain');
        return drain.call(k, func, info, nonatomic, wait);
      }),
      replaceSymbol(k, 'migrate_process_policy', (tsk: Task, map: Uint32Array) => {
        seen.push('policy');
        return policy.call(k, tsk, map);
      }),
    ];
    const result = syscall(k, batchd, 1279, pid, 1, nodes(1), nodes(2));
    for (const restore of restores) restore();
    expect(check_invariants(k)).toEqual([]);
    return { result, seen };
  };
  it('is before anything is changed: no pagevec is drained, no policy rewritten', () => {
    expect(traced((_k, task) => task.pid)).toEqual({ result: -EINVAL, seen: ['nodes of job', 'nodes of batchd'] });
  });
  it('is first in what is done when it is passed', () => {
    expect(traced((_k, task) => task.pid, '1-2')).toEqual({ result: 4, seen: ['nodes of job', 'nodes of batchd', 'drain', 'policy'] });
  });
  it('is behind the test for a process that does not exist', () => {
    expect(traced(() => 9999)).toEqual({ result: -ESRCH, seen: [] });
  });
  it('is behind the test for memory: of a zombie, which has none and no cpuset, nothing is asked', () => {
    expect(traced((k, task) => zombie(k, task).pid)).toEqual({ result: -EINVAL, seen: [] });
  });
});
