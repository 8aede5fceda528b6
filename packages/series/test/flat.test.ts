/** When a kernel goes through its flat form. That it goes the same way: catalogue.test.ts, and random programs in fuzz/run.ts. */
import { beforeAll, describe, expect, it } from 'vitest';
import { flatOf, injectError, traceGraph, watchRows } from '@pmkit/linker';
import { settle, spawn, syscall, syscallOutcome, touch } from '@pmkit/mm-core';
import { stateHash } from '@pmkit/mm-core/testing';
import { SMALL_MACHINE } from '../src/catalogue/lab.js';
import { loadAllFlat } from '../src/flat.js';
import { bootAt, goTo, TOP_LEVEL } from '../src/levels.js';

describe('the flat kernels', () => {
  beforeAll(loadAllFlat);

  it('are there for a kernel of any level, also for one that was pushed or popped to it', () => {
    const k = bootAt(0, SMALL_MACHINE);
    for (let level = 0; level <= TOP_LEVEL; level++) {
      goTo(k, level);
      expect(flatOf(k)).toBeDefined();
      expect('sys_migrate_pages' in flatOf(k)!.kernel).toBe(level >= 4);
    }
  });

  it('are not taken while somebody traces or has put another function in its place: he is asked', () => {
    const k = bootAt(TOP_LEVEL, SMALL_MACHINE);
    const job = spawn(k, { comm: 'job' });
    const seen: string[] = [];
    const stop = traceGraph(k, event => seen.push(event.name), name => name === 'do_anonymous_page');
    const address = syscall(k, job, 'mmap', 0, 4 * k.m.PAGE_SIZE, 3, 0x22, -1, 0);
    touch(k, job, address, 2, 'write');
    expect(seen.filter(name => name === 'do_anonymous_page')).toHaveLength(4);
    stop();
    expect(flatOf(k)).toBeDefined();
    const mend = injectError(k, 'sys_getpid', -1);
    expect(syscall(k, job, 'getpid')).toBe(-1);
    mend();
    expect(syscall(k, job, 'getpid')).toBe(job.pid);
  });

  it('report a wait that nobody is left to end as the table does, and leave the machine as the table leaves it', () => {
    const seen = [true, false].map(onTable => {
      const k = bootAt(TOP_LEVEL, SMALL_MACHINE);
      if (onTable) watchRows(k);
      const [job, other] = [spawn(k, { comm: 'job' }), spawn(k, { comm: 'other' })];
      const address = syscall(k, job, 'mmap', 0, 4 * k.m.PAGE_SIZE, 3, 0x22, -1, 0);
      // as if somebody had died with it
      job.mm!.mmap_sem.writer = other.pid;
      const outcomes = [syscallOutcome(k, job, 'munmap', address, 4 * k.m.PAGE_SIZE).kind, syscallOutcome(k, other, 'getpid').kind, touch(k, other, address, 1, 'read')];
      settle(k);
      return { flat: flatOf(k) !== undefined, state: job.state, outcomes, log: k.m.log.map(({ text }) => text), hash: stateHash(k) };
    });
    const [table, flat] = seen as [(typeof seen)[0], (typeof seen)[0]];
    expect([table.flat, flat.flat]).toEqual([false, true]);
    expect(flat.outcomes[0]).toBe('blocked');
    expect(flat.log.at(-1)).toMatch(/^pmkit: deadlock: job\[\d+\] waits for mmap_sem/);
    expect({ ...flat, flat: false }).toEqual(table);
  });
});
