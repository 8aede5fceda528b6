/** What becomes of a policy whose nodes are all among the old ones: here the patch does what it is for. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { spawn, syscall, touch, type Task } from '@pmkit/mm-core';
import { MPOL_BIND, MPOL_DEFAULT, MPOL_INTERLEAVE, MPOL_PREFERRED } from '@pmkit/mm-core/include/linux/mempolicy';
import {
  anonymous, attachSegment, check_invariants, mapFile, mapMemory, migrate, must, newFile, nodesOf, policyOf, PRIVATE, READ, scheduler, vmaAt, type AnyKernel,
} from '@pmkit/mm-core/testing';
import { bootLevel5, levels, mbind, nextTurn, prepare, setPolicy } from './rig.js';

describe('get_mempolicy() after nodes 1 and 3 went to 0 and 2', () => {
  const policies = [
    { name: 'BIND', mode: MPOL_BIND, nodes: [1, 3], before: 'bind 1,3', after: 'bind 0,2' },
    { name: 'INTERLEAVE', mode: MPOL_INTERLEAVE, nodes: [1, 3], before: 'interleave 1,3', after: 'interleave 0,2' },
    { name: 'PREFERRED', mode: MPOL_PREFERRED, nodes: [3], before: 'preferred 3', after: 'preferred 2' },
    { name: 'PREFERRED without a node (local: all that are online)', mode: MPOL_PREFERRED, nodes: [], before: 'preferred 0,1,2,3', after: 'preferred 0,1,2,3' },
    { name: 'DEFAULT', mode: MPOL_DEFAULT, nodes: [], before: 'default', after: 'default' },
  ];
  const places = [
    { place: 'of the task', set: (k: AnyKernel, task: Task, mode: number, nodes: number[]): number | undefined => void setPolicy(k, task, mode, ...nodes) },
    {
      place: 'of private memory',
      set: (k: AnyKernel, task: Task, mode: number, nodes: number[]): number | undefined => {
        const address = mapMemory(k, task, 3);
        mbind(k, task, address, 3, mode, ...nodes);
        return address;
      },
    },
    {
      place: 'of a SysV segment',
      set: (k: AnyKernel, task: Task, mode: number, nodes: number[]): number | undefined => {
        const { address } = attachSegment(k, task, 3);
        mbind(k, task, address, 3, mode, ...nodes);
        return address;
      },
    },
  ];
  const cases = places.flatMap(place => policies.flatMap(policy => levels.map(level => ({ ...place, ...policy, level }))));
  it.each(cases)('$name $place, $level the patch', ({ set, mode, nodes, level, ...said }) => {
    const { k, batchd, task } = prepare(level);
    const address = set(k, task, mode, nodes);
    expect(policyOf(k, task, address)).toBe(said.before);
    expect(migrate(k, batchd, task, [1, 3], [0, 2])).toBe(2);
    expect(policyOf(k, task, address)).toBe(said[level]);
    expect(check_invariants(k)).toEqual([]);
  });
});

describe('memory touched after node 1 went to node 2', () => {
  it.each([
    { name: 'BIND', mode: MPOL_BIND, before: [1, 1], after: [2, 2] },
    { name: 'PREFERRED', mode: MPOL_PREFERRED, before: [1, 1], after: [2, 2] },
    { name: 'INTERLEAVE', mode: MPOL_INTERLEAVE, before: [1, 1], after: [2, 2] },
  ].flatMap(one => levels.map(level => ({ ...one, level }))))('$name of the task: comes from the node in the policy, $level the patch', ({ mode, level, ...expected }) => {
    const { k, batchd, task } = prepare(level);
    setPolicy(k, task, mode, 1);
    k.set_cpus_allowed(task, [6]);
    migrate(k, batchd, task, [1], [2]);
    const fresh = anonymous(k, task, 2);
    expect(nodesOf(k.m, task, fresh, 2)).toEqual(expected[level]);
    expect(check_invariants(k)).toEqual([]);
  });
  it.each(levels)('the untouched rest of a bound vma comes from where the present part went, only after the patch (%s)', level => {
    const { k, batchd, task } = prepare(level);
    const address = mapMemory(k, task, 4);
    mbind(k, task, address, 4, MPOL_BIND, 1);
    touch(k, task, address, 2, 'write');
    expect(migrate(k, batchd, task, [1], [2])).toBe(4);
    touch(k, task, address, 4, 'write');
    expect(nodesOf(k.m, task, address, 4)).toEqual(level === 'after' ? [2, 2, 2, 2] : [2, 2, 1, 1]);
    expect(check_invariants(k)).toEqual([]);
  });
  it.each(levels)('DEFAULT: follows the CPU, so the job must be put on a CPU of the new nodes (%s)', level => {
    const { k, batchd, task } = prepare(level);
    migrate(k, batchd, task, [1], [2]);
    expect(nodesOf(k.m, task, anonymous(k, task, 1), 1)).toEqual([1]);
    k.set_cpus_allowed(task, [4]);
    expect(nodesOf(k.m, task, anonymous(k, task, 1), 1)).toEqual([2]);
    expect(check_invariants(k)).toEqual([]);
  });
});

describe('interleaving by turns', () => {
  it.each([
    { level: 'before' as const, next: 3, went: [3, 1, 3] },
    { level: 'after' as const, next: 0, went: [0, 2, 0] },
  ])('goes on with the node that was next, $level the patch', ({ level, next, went }) => {
    const { k, batchd, task } = prepare(level);
    newFile(k, '/first', 1);
    newFile(k, '/data', 3);
    setPolicy(k, task, MPOL_INTERLEAVE, 1, 3);
    touch(k, task, mapFile(k, task, '/first', 1, READ, PRIVATE), 1, 'read');
    expect(nextTurn(k, task)).toBe(3);
    migrate(k, batchd, task, [1, 3], [2, 0]);
    expect(nextTurn(k, task)).toBe(next);
    const address = mapFile(k, task, '/data', 3, READ, PRIVATE);
    touch(k, task, address, 3, 'read');
    expect(nodesOf(k.m, task, address, 3)).toEqual(went);
    expect(check_invariants(k)).toEqual([]);
  });
});

describe('two old nodes that go to one new node', () => {
  it.each([
    { level: 'before' as const, interleaved: 'interleave 1,3', bound: 'bind 1,3' },
    { level: 'after' as const, interleaved: 'interleave 2', bound: 'bind 2' },
  ])('are one in the policy, $level the patch', ({ level, interleaved, bound }) => {
    const { k, batchd, task } = prepare(level);
    setPolicy(k, task, MPOL_INTERLEAVE, 1, 3);
    const address = mapMemory(k, task, 2);
    mbind(k, task, address, 2, MPOL_BIND, 1, 3);
    migrate(k, batchd, task, [1, 3], [2, 2]);
    expect(policyOf(k, task)).toBe(interleaved);
    expect(policyOf(k, task, address)).toBe(bound);
    expect(vmaAt(task, address).vm_policy?.zonelist?.map(zone => zone.node)).toEqual(level === 'after' ? [2] : [1, 3]);
    expect(check_invariants(k)).toEqual([]);
  });
});

describe('the zones of BIND', () => {
  it.each(levels)('are in ascending order again: what was tried first need not be tried first any more (%s)', level => {
    const { k, batchd, task } = prepare(level);
    const address = mapMemory(k, task, 2);
    mbind(k, task, address, 2, MPOL_BIND, 1, 3);
    touch(k, task, address, 1, 'write');
    migrate(k, batchd, task, [1, 3], [2, 0]);
    touch(k, task, address, 2, 'write');
    // the page that is there went from 1 to 2, but of the two new nodes 0 comes first
    expect(nodesOf(k.m, task, address, 2)).toEqual(level === 'after' ? [2, 0] : [2, 1]);
    expect(vmaAt(task, address).vm_policy?.zonelist?.map(zone => zone.node)).toEqual(level === 'after' ? [0, 2] : [1, 3]);
    expect(check_invariants(k)).toEqual([]);
  });
});

describe('every vma', () => {
  it.each(levels)('has its policy rewritten, also mlocked memory, which stays where it is (%s)', level => {
    const { k, batchd, task } = prepare(level);
    const locked = mapMemory(k, task, 2);
    mbind(k, task, locked, 2, MPOL_BIND, 1);
    must(k, task, 'mlock', locked, 2 * k.m.PAGE_SIZE);
    expect(migrate(k, batchd, task, [1], [2])).toBe(2);
    expect(nodesOf(k.m, task, locked, 2)).toEqual([1, 1]);
    expect(policyOf(k, task, locked)).toBe(level === 'after' ? 'bind 2' : 'bind 1');
    expect(check_invariants(k)).toEqual([]);
  });
  it.each(levels)('has a policy object of its own afterwards, though one mbind() gave several the same (%s)', level => {
    const { k, batchd, task } = prepare(level);
    const address = mapMemory(k, task, 4);
    must(k, task, 'mprotect', address + 2 * k.m.PAGE_SIZE, 2 * k.m.PAGE_SIZE, READ);
    mbind(k, task, address, 4, MPOL_PREFERRED, 1);
    const old = vmaAt(task, address).vm_policy;
    expect(old?.refcnt).toBe(2);
    migrate(k, batchd, task, [1], [2]);
    const [first, second] = [address, address + 2 * k.m.PAGE_SIZE].map(at => vmaAt(task, at).vm_policy);
    expect([first === second, first?.refcnt, second?.refcnt, old?.refcnt]).toEqual(level === 'after' ? [false, 1, 1, 0] : [true, 2, 2, 2]);
    expect(check_invariants(k)).toEqual([]);
  });
});

describe('the policy object of the task', () => {
  it.each(levels)('is a new one with one reference, and the old one is freed (%s)', level => {
    const { k, batchd, task } = prepare(level);
    setPolicy(k, task, MPOL_BIND, 1);
    const old = task.mempolicy;
    migrate(k, batchd, task, [1], [2]);
    expect([task.mempolicy === old, task.mempolicy?.refcnt, old?.refcnt]).toEqual(level === 'after' ? [false, 1, 0] : [true, 1, 1]);
    expect(check_invariants(k)).toEqual([]);
  });
});

describe('another task', () => {
  it('keeps its policy and il_next: the child of the job, and the caller', () => {
    const { k, batchd, task } = prepare('after');
    setPolicy(k, task, MPOL_INTERLEAVE, 1, 3);
    setPolicy(k, batchd, MPOL_INTERLEAVE, 1, 3);
    const child = k.m.tasks.get(must(k, task, 'fork', 0))!;
    migrate(k, batchd, task, [1, 3], [0, 2]);
    expect([task, child, batchd].map(one => policyOf(k, one))).toEqual(['interleave 0,2', 'interleave 1,3', 'interleave 1,3']);
    expect([child, batchd].map(one => nextTurn(k, one))).toEqual([1, 1]);
    expect(check_invariants(k)).toEqual([]);
  });
});

describe('law', () => {
  const NODES = 8;
  /** Any policy, and a map that names all of its nodes and perhaps more. */
  const arbitrary = fc.uniqueArray(fc.nat(NODES - 1), { minLength: 2, maxLength: NODES }).chain(order => fc.record({
    // the first of the order are old, the others new
    split: fc.integer({ min: 1, max: order.length - 1 }),
    order: fc.constant(order),
    targets: fc.array(fc.nat(NODES), { minLength: NODES, maxLength: NODES }),
    mode: fc.constantFrom(MPOL_PREFERRED, MPOL_BIND, MPOL_INTERLEAVE),
    wanted: fc.array(fc.nat(NODES), { minLength: 1, maxLength: NODES }),
  }));
  it('where every node of a policy is an old one, it names afterwards what its nodes went to, once each', () => {
    const k = bootLevel5({ nodes: Array.from({ length: NODES }, (_, id) => ({ id, pages: 128, cpus: [id] })) });
    const batchd = scheduler(k);
    fc.assert(fc.property(arbitrary, ({ split, order, targets, mode, wanted }) => {
      const old = order.slice(0, split);
      const fresh = order.slice(split);
      const pairs = old.map((node, i) => [node, fresh[targets[i]! % fresh.length]!] as const);
      const chosen = [...new Set(wanted.map(i => old[i % old.length]!))].sort((a, b) => a - b);
      const named = mode === MPOL_PREFERRED ? chosen.slice(0, 1) : chosen;
      const task = spawn(k, { comm: 'job' });
      setPolicy(k, task, mode, ...chosen);
      const address = mapMemory(k, task, 1);
      mbind(k, task, address, 1, mode, ...chosen);
      expect(migrate(k, batchd, task, pairs.map(([from]) => from), pairs.map(([, to]) => to))).toBe(0);
      const moved = [...new Set(named.map(node => new Map(pairs).get(node)!))].sort((a, b) => a - b).join(',');
      expect(policyOf(k, task)).toMatch(new RegExp(` ${moved}$`));
      expect(policyOf(k, task, address)).toBe(policyOf(k, task));
      if (mode === MPOL_INTERLEAVE) expect(nextTurn(k, task)).toBe(new Map(pairs).get(chosen[0]!));
      syscall(k, task, 'exit', 0);
      syscall(k, k.m.init_task, 'wait4', task.pid);
    }), { numRuns: 200 });
    expect(check_invariants(k)).toEqual([]);
  });
});
