/** What is not selected keeps its pages and loses its policy: patch 5 rewrites that of every vma. */
import { describe, expect, it } from 'vitest';
import { touch } from '@pmkit/mm-core';
import { MPOL_BIND } from '@pmkit/mm-core/include/linux/mempolicy';
import { SHM_RDONLY } from '@pmkit/mm-core/include/linux/shm';
import { attachSegment, check_invariants, mask, MAXNODE, migrate, must, nodesOf, policyOf, READ, SHARED } from '@pmkit/mm-core/testing';
import { levels, mappedFile, prepare } from './rig.js';

describe('the policy of a vma that is not selected', () => {
  it.each(levels)('is rewritten all the same, and with it the vma and its pages come apart (%s)', level => {
    const { k, batchd, task } = prepare(level);
    const address = mappedFile(k, task, '/data', 2, READ, SHARED);
    must(k, task, 'mbind', address, 2 * k.m.PAGE_SIZE, MPOL_BIND, mask(1), MAXNODE, 0);
    migrate(k, batchd, task, [1], [2]);
    expect(policyOf(k, task, address)).toBe('bind 2');
    expect(nodesOf(k.m, task, address, 2)).toEqual(level === 'before' ? [2, 2] : [1, 1]);
    expect(check_invariants(k)).toEqual([]);
  });
  it.each(levels)('of a segment attached read-only is rewritten in the object: its next page comes from the new node, the others stay (%s)', level => {
    const { k, batchd, task } = prepare(level);
    const { id, address } = attachSegment(k, task, 3);
    must(k, task, 'shmdt', address);
    const there = must(k, task, 'shmat', id, 0, SHM_RDONLY);
    must(k, task, 'mbind', there, 3 * k.m.PAGE_SIZE, MPOL_BIND, mask(1), MAXNODE, 0);
    touch(k, task, there, 2, 'read');
    expect(migrate(k, batchd, task, [1], [2])).toBe(level === 'before' ? 2 : 0);
    touch(k, task, there, 3, 'read');
    expect(nodesOf(k.m, task, there, 3)).toEqual(level === 'before' ? [2, 2, 2] : [1, 1, 2]);
    expect(check_invariants(k)).toEqual([]);
  });
});
