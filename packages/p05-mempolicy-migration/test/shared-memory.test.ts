/** Shared memory keeps its policies in the object, by range; a vma has one too if mbind() was called through it. The patch looks at the vma's only. */
import { describe, expect, it } from 'vitest';
import { spawn, touch, type Task } from '@pmkit/mm-core';
import { MPOL_BIND, MPOL_PREFERRED } from '@pmkit/mm-core/include/linux/mempolicy';
import { attachSegment, check_invariants, mapMemory, migrate, must, nodesOf, policyOf, READ, SHARED, vmaAt, WRITE, type AnyKernel } from '@pmkit/mm-core/testing';
import { levels, mbind, prepare } from './rig.js';

const attach = (k: AnyKernel, task: Task, id: number): number => must(k, task, 'shmat', id, 0, 0);

describe.each(levels)('a segment that the job has bound to node 1, %s the patch', level => {
  it('has its policy rewritten in the object: another process gets its pages from the new node', () => {
    const { k, batchd, task } = prepare(level);
    const { id, address } = attachSegment(k, task, 4);
    mbind(k, task, address, 4, MPOL_BIND, 1);
    touch(k, task, address, 2, 'write');
    const other = spawn(k, { comm: 'other', cpu: 6 });
    const there = attach(k, other, id);
    expect(migrate(k, batchd, task, [1], [2])).toBe(4);
    expect(policyOf(k, other, there)).toBe(level === 'after' ? 'bind 2' : 'bind 1');
    touch(k, other, there, 4, 'write');
    expect(nodesOf(k.m, other, there, 4)).toEqual(level === 'after' ? [2, 2, 2, 2] : [2, 2, 1, 1]);
    expect(check_invariants(k)).toEqual([]);
  });
  it('has one policy object for the range and the vma', () => {
    const { k, batchd, task } = prepare(level);
    const { address } = attachSegment(k, task, 4);
    mbind(k, task, address, 4, MPOL_BIND, 1);
    migrate(k, batchd, task, [1], [2]);
    const { vm_policy, vm_file } = vmaAt(task, address);
    expect(vm_policy?.refcnt).toBe(2);
    expect(vm_file?.f_inode.shmem?.policy.root?.policy).toBe(vm_policy);
    expect(check_invariants(k)).toEqual([]);
  });
  it('is rewritten only where the vma maps it', () => {
    const { k, batchd, task } = prepare(level);
    const { id, address } = attachSegment(k, task, 4);
    mbind(k, task, address, 4, MPOL_BIND, 1);
    must(k, task, 'munmap', address, 2 * k.m.PAGE_SIZE);
    migrate(k, batchd, task, [1], [2]);
    const other = spawn(k, { comm: 'other', cpu: 6 });
    const there = attach(k, other, id);
    expect([0, 3].map(page => policyOf(k, other, there + page * k.m.PAGE_SIZE))).toEqual(['bind 1', level === 'after' ? 'bind 2' : 'bind 1']);
    expect(check_invariants(k)).toEqual([]);
  });
});

describe('shared anonymous memory', () => {
  it.each(levels)('is an object too: a child sees the new policy (%s)', level => {
    const { k, batchd, task } = prepare(level);
    const address = mapMemory(k, task, 2, READ | WRITE, SHARED);
    mbind(k, task, address, 2, MPOL_BIND, 1);
    const child = k.m.tasks.get(must(k, task, 'fork', 0))!;
    migrate(k, batchd, task, [1], [2]);
    expect(policyOf(k, child, address)).toBe(level === 'after' ? 'bind 2' : 'bind 1');
    // the vma of the child is another one
    expect(vmaAt(child, address).vm_policy?.zonelist?.map(zone => zone.node)).toEqual([1]);
    expect(check_invariants(k)).toEqual([]);
  });
});

describe('a mapping through which mbind() was not called (Andi Kleen, 23 June 2005: this will not work for shared memory)', () => {
  it.each(levels)('leaves the policy of the object as it is: the pages move, those to come are from the old node (%s)', level => {
    const { k, batchd, task } = prepare(level);
    const owner = spawn(k, { comm: 'owner', cpu: 0 });
    const { id, address: own } = attachSegment(k, owner, 4);
    mbind(k, owner, own, 4, MPOL_BIND, 1);
    const address = attach(k, task, id);
    touch(k, task, address, 2, 'write');
    expect(vmaAt(task, address).vm_policy).toBeNull();
    expect(migrate(k, batchd, task, [1], [2])).toBe(4);
    expect(policyOf(k, task, address)).toBe('bind 1');
    touch(k, task, address, 4, 'write');
    expect(nodesOf(k.m, task, address, 4)).toEqual([2, 2, 1, 1]);
    expect(check_invariants(k)).toEqual([]);
  });
});

describe('a policy that another process has given to a part of the object since', () => {
  it.each(levels)("is overwritten with what the job's vma had (%s)", level => {
    const { k, batchd, task } = prepare(level);
    const { id, address } = attachSegment(k, task, 4);
    mbind(k, task, address, 4, MPOL_BIND, 1);
    const other = spawn(k, { comm: 'other', cpu: 6 });
    const there = attach(k, other, id);
    mbind(k, other, there + 2 * k.m.PAGE_SIZE, 2, MPOL_PREFERRED, 0);
    expect(policyOf(k, task, address + 2 * k.m.PAGE_SIZE)).toBe('preferred 0');
    migrate(k, batchd, task, [1], [2]);
    expect(policyOf(k, other, there + 2 * k.m.PAGE_SIZE)).toBe(level === 'after' ? 'bind 2' : 'preferred 0');
    expect(check_invariants(k)).toEqual([]);
  });
});
