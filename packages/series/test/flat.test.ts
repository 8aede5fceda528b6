/** When a kernel goes through its flat form. That it goes the same way: catalogue.test.ts, and random programs in fuzz/run.ts. */
import { beforeAll, describe, expect, it } from 'vitest';
import { flatOf, injectError, traceGraph } from '@pmkit/linker';
import { spawn, syscall, touch } from '@pmkit/mm-core';
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
});
