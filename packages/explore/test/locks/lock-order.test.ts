import { describe, expect, it } from 'vitest';
import { lockReports } from '@pmkit/explore';
import type { Machine, Task } from '@pmkit/mm-core';
import { SPIN_LOCK_UNLOCKED, __RWSEM_INITIALIZER } from '@pmkit/mm-core/include/linux/spinlock';
import { LockOrder } from '../../src/locks/lock-order.js';
import { at, moved } from '../rig.js';

const task = (comm: string): Task => ({ comm } as Task);

describe('the validator', () => {
  const rig = () => {
    const m = { current: task('a') };
    return { m, order: new LockOrder(m as Machine, () => m.current.comm) };
  };
  const [x, y, z] = ['x', 'y', 'z'].map(SPIN_LOCK_UNLOCKED) as [ReturnType<typeof SPIN_LOCK_UNLOCKED>, ReturnType<typeof SPIN_LOCK_UNLOCKED>, ReturnType<typeof SPIN_LOCK_UNLOCKED>];
  it('complains of an order that goes in a circle, though nobody waits', () => {
    const { m, order } = rig();
    const both = (...locks: (typeof x)[]): void => {
      for (const lock of locks) order.acquired(lock, false);
      for (const lock of locks.reverse()) order.released(lock);
    };
    both(x, y);
    both(y, z);
    expect(order.reports).toEqual([]);
    m.current = task('b');
    both(z, x);
    expect(order.reports).toEqual([{ text: 'possible circular locking dependency: z -> x -> y -> z', taken: ['b', 'a', 'a'] }]);
  });
  it('does not mind what is tried only, nor what is held by another', () => {
    const { m, order } = rig();
    order.acquired(x, false);
    order.acquired(y, true);
    m.current = task('b');
    order.acquired(y, false);
    order.acquired(x, true);
    expect(order.reports).toEqual([]);
  });
  it('takes all mmap_sems for one, and complains when one is taken by who holds one', () => {
    const { order } = rig();
    order.acquired(__RWSEM_INITIALIZER('mmap_sem of mm 3'), false);
    order.acquired(__RWSEM_INITIALIZER('mmap_sem of mm 4'), false);
    expect(order.reports.map(({ text }) => text)).toEqual(['possible recursive locking: mmap_sem -> mmap_sem']);
  });
});

describe('migrate_pages()', () => {
  it.each([[3, []], [4, ['possible recursive locking: mmap_sem -> mmap_sem']], [10, ['possible recursive locking: mmap_sem -> mmap_sem']]] as const)(
    'at level %i: touch_unmapped_address() takes mmap_sem for reading, which the call holds (with fair semaphores a writer in between would stop both for ever)', (level, expected) => {
      const reports = lockReports(moved(), at(level));
      expect(reports.map(({ text }) => text)).toEqual(expected);
      for (const { taken } of reports) expect(taken).toEqual(['batchd: r = migrate_pages(job, 1, {1}, {2})']);
    });
});
