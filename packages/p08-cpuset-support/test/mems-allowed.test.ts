/** cpuset_mems_allowed(): which nodes it says, and when that is not what the task allocates by. */
import { describe, expect, it } from 'vitest';
import { replaceSymbol } from '@pmkit/linker';
import { anonymous, check_invariants, FOUR_NODES, migrate, nodesOf } from '@pmkit/mm-core/testing';
import { EINVAL } from '@pmkit/mm-core/include/linux/errno';
import { MAX_NUMNODES, node_clear } from '@pmkit/mm-core/include/linux/nodemask';
import type { Task } from '@pmkit/mm-core';
import { nodeList } from '@pmkit/mm-core/model/objects';
import { echo, endMeanwhile, levels, newCpuset, prepare, prepareLevel8 } from './rig.js';

describe('the nodes of a task', () => {
  it('are those of its cpuset', () => {
    const { k, task } = prepareLevel8();
    expect(nodeList(k.cpuset_mems_allowed(task))).toEqual([0, 1, 2, 3]);
    newCpuset(k, '/job', '0,2', task);
    expect(nodeList(k.cpuset_mems_allowed(task))).toEqual([0, 2]);
  });
  it('are a copy: the caller may write into it', () => {
    const { k, task } = prepareLevel8();
    newCpuset(k, '/job', '0,2', task);
    k.cpuset_mems_allowed(task).fill(0);
    expect(nodeList(k.cpuset_mems_allowed(task))).toEqual([0, 2]);
  });
  it('are only those that are online', () => {
    const { k, task } = prepareLevel8();
    newCpuset(k, '/job', '1-2', task);
    node_clear(2, k.m.node_online_map);
    expect(nodeList(k.cpuset_mems_allowed(task))).toEqual([1]);
  });
  it('are those of the next cpuset upwards that has any online', () => {
    const { k, task } = prepareLevel8();
    newCpuset(k, '/a', '1-3');
    newCpuset(k, '/a/b', '2-3');
    newCpuset(k, '/a/b/c', '3', task);
    node_clear(3, k.m.node_online_map);
    expect(nodeList(k.cpuset_mems_allowed(task))).toEqual([2]);
    node_clear(2, k.m.node_online_map);
    expect(nodeList(k.cpuset_mems_allowed(task))).toEqual([1]);
  });
  it('are all that are online when it is exiting and has no cpuset any more', () => {
    const { k, task } = prepareLevel8();
    newCpuset(k, '/job', '1', task);
    endMeanwhile(k, task, false);
    expect(task.cpuset).toBeNull();
    expect(nodeList(k.cpuset_mems_allowed(task))).toEqual([0, 1, 2, 3]);
    expect(check_invariants(k)).toEqual([]);
  });
  it('are asked under cpuset_sem, which is free afterwards', () => {
    const { k, task } = prepareLevel8();
    const real = k.guarantee_online_mems;
    let held: boolean | undefined;
    const restore = replaceSymbol(k, 'guarantee_online_mems', (cs: never) => {
      held = k.m.cpuset_sem.held;
      return real.call(k, cs);
    });
    k.cpuset_mems_allowed(task);
    restore();
    expect([held, k.m.cpuset_sem.held]).toEqual([true, false]);
  });
});

describe('without CONFIG_CPUSETS', () => {
  const config = { ...FOUR_NODES, config: { CONFIG_CPUSETS: false } };
  it('a task may use every node that is possible, online or not', () => {
    const { k, task } = prepareLevel8(config);
    expect(nodeList(k.cpuset_mems_allowed(task))).toEqual(Array.from({ length: MAX_NUMNODES }, (_, node) => node));
  });
  it.each(levels)('both tests are noops: a new node that is not online has been refused before (%s)', level => {
    const { k, batchd, task, address } = prepare(level, config);
    expect(migrate(k, batchd, task, [1], [4])).toBe(-EINVAL);
    expect(migrate(k, batchd, task, [1], [3])).toBe(4);
    expect(nodesOf(k.m, task, address, 4)).toEqual([3, 3, 3, 3]);
    expect(check_invariants(k)).toEqual([]);
  });
});

describe('a cpuset that has changed since the task last allocated', () => {
  const allowedNow = (task: Task): number[] => nodeList(task.mems_allowed);
  it('counts as it is now, when it has lost the new node', () => {
    const { k, batchd, task } = prepareLevel8();
    newCpuset(k, '/job', '0-2', task);
    anonymous(k, task, 1);
    echo(k, '/job', 'mems', '0-1');
    expect(allowedNow(task), 'the copy that it allocates by').toEqual([0, 1, 2]);
    expect(migrate(k, batchd, task, [1], [2])).toBe(-EINVAL);
    expect(check_invariants(k)).toEqual([]);
  });
  it('counts as it is now, when it has got the new node', () => {
    const { k, batchd, task, address } = prepareLevel8();
    newCpuset(k, '/job', '0-1', task);
    anonymous(k, task, 1);
    echo(k, '/job', 'mems', '0-2');
    expect(allowedNow(task), 'the copy that it allocates by').toEqual([0, 1]);
    expect(migrate(k, batchd, task, [1], [2])).toBe(5);
    expect(nodesOf(k.m, task, address, 4)).toEqual([2, 2, 2, 2]);
    expect(check_invariants(k)).toEqual([]);
  });
});

describe('the copy that the caller allocates by is not refreshed by the call', () => {
  const provoke = (level: 'before' | 'after') => {
    const machine = prepare(level);
    const { k, batchd } = machine;
    newCpuset(k, '/batch', '0', batchd);
    anonymous(k, batchd, 1);
    echo(k, '/batch', 'mems', '0-3');
    return machine;
  };
  it.each(levels)('so a caller whose cpuset has just got the new node passes, and the pages go to the nodes that it had (%s)', level => {
    const { k, batchd, task, address } = provoke(level);
    expect(migrate(k, batchd, task, [1], [2])).toBe(4);
    expect(nodesOf(k.m, task, address, 4)).toEqual([0, 0, 0, 0]);
    expect(check_invariants(k)).toEqual([]);
  });
  it('until it has allocated memory of its own', () => {
    const { k, batchd, task, address } = provoke('after');
    anonymous(k, batchd, 1);
    expect(migrate(k, batchd, task, [1], [2])).toBe(4);
    expect(nodesOf(k.m, task, address, 4)).toEqual([2, 2, 2, 2]);
    expect(check_invariants(k)).toEqual([]);
  });
});

describe('the check is made once', () => {
  it('a cpuset that loses the new node while the pagevecs are drained is not noticed', () => {
    const { k, batchd, task, address } = prepareLevel8();
    newCpuset(k, '/job', '1-2', task);
    const drain = k.smp_call_function;
    const restore = replaceSymbol(k, 'smp_call_function', (func: string, info: unknown, nonatomic: number, wait: number) => {
      echo(k, '/job', 'mems', '1');
      return drain.call(k, func, info, nonatomic, wait);
    });
    expect(migrate(k, batchd, task, [1], [2])).toBe(4);
    restore();
    expect(nodesOf(k.m, task, address, 4)).toEqual([2, 2, 2, 2]);
    expect(migrate(k, batchd, task, [1], [2])).toBe(-EINVAL);
    expect(check_invariants(k)).toEqual([]);
  });
});

describe('a target that ends between the two', () => {
  it('is asked for its nodes without a cpuset: any will do, and its memory moves while it lasts', () => {
    const { k, batchd, task } = prepareLevel8();
    newCpuset(k, '/job', '1', task);
    const real = k.cpuset_mems_allowed;
    const asked: number[][] = [];
    const restore = replaceSymbol(k, 'cpuset_mems_allowed', (tsk: Task) => {
      if (task.state !== 'Z') endMeanwhile(k, task, false);
      const nodes = real.call(k, tsk);
      asked.push(nodeList(nodes));
      return nodes;
    });
    expect(migrate(k, batchd, task, [1], [2])).toBe(4);
    restore();
    expect(asked).toEqual([[0, 1, 2, 3], [0, 1, 2, 3]]);
    expect(check_invariants(k)).toEqual([]);
  });
});
