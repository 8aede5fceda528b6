/** mbind() with the migration flags: which calls are refused, in which order, and which vmas a range means. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { spawn, syscall, touch, type Task } from '@pmkit/mm-core';
import { EFAULT, EINVAL, EIO } from '@pmkit/mm-core/include/linux/errno';
import { MPOL_BIND, MPOL_DEFAULT, MPOL_MAX, MPOL_MF_STRICT } from '@pmkit/mm-core/include/linux/mempolicy';
import { BAD_POINTER } from '@pmkit/mm-core/include/linux/misc';
import { check_invariants, mapFile, mapMemory, mask, MAXNODE, must, newFile, policyOf, PRIVATE, READ, SHARED, startJob, WRITE } from '@pmkit/mm-core/testing';
import { MPOL_MF_DO_MMIGRATE, MPOL_MF_DO_NOT_MMIGRATE, MPOL_MF_MMIGRATE_DEFAULT } from '../src/include/linux/mempolicy.js';
import { bootLevel5, bootLevel6, mark, markAt } from './rig.js';

const FLAGS = [MPOL_MF_DO_MMIGRATE, MPOL_MF_DO_NOT_MMIGRATE, MPOL_MF_MMIGRATE_DEFAULT];

describe('before the patch', () => {
  it.each(FLAGS)('flag %i is EINVAL, also for an empty range', flag => {
    const k = bootLevel5();
    const { task, address } = startJob(k, 1, 2);
    expect(mark(k, task, address, 2, flag)).toBe(-EINVAL);
    expect(mark(k, task, address, 0, flag)).toBe(-EINVAL);
    expect(check_invariants(k)).toEqual([]);
  });
});

describe('with the patch', () => {
  let k: ReturnType<typeof bootLevel6>;
  let task: Task;
  let memory: number;
  let file: number;
  let PAGE: number;
  beforeEach(() => {
    k = bootLevel6();
    PAGE = k.m.PAGE_SIZE;
    ({ task, address: memory } = startJob(k, 1, 2));
    newFile(k, '/data', 4);
    file = mapFile(k, task, '/data', 4, READ, PRIVATE);
  });
  afterEach(() => {
    expect(check_invariants(k)).toEqual([]);
  });
  /** An address above everything that is mapped. */
  const above = (): number => file + 1024 * PAGE;

  describe('the flags', () => {
    it('have the values 4, 8 and 16, and any one of them is taken', () => {
      expect(FLAGS).toEqual([4, 8, 16]);
      for (const flag of FLAGS) expect(mark(k, task, file, 4, flag)).toBe(0);
    });
    it.each([2, 32, 0x8000_0000])('%i means nothing and is EINVAL: 2 is kept free for MPOL_MF_MOVE', flag => {
      expect(mark(k, task, file, 4, flag)).toBe(-EINVAL);
      expect(mark(k, task, file, 4, flag | MPOL_MF_DO_MMIGRATE)).toBe(-EINVAL);
      expect(markAt(k, task, file)).toBe(0);
    });
    it.each([4 | 8, 4 | 16, 8 | 16, 4 | 8 | 16])('two or three together (%i) are EINVAL, and nothing is marked', flags => {
      expect(mark(k, task, file, 4, flags)).toBe(-EINVAL);
      expect(markAt(k, task, file)).toBe(0);
    });
    it('are an unsigned int: what is above bit 31 is cut off', () => {
      expect(mark(k, task, file, 4, 2 ** 32 + MPOL_MF_DO_MMIGRATE)).toBe(0);
      expect(markAt(k, task, file)).toBe(MPOL_MF_DO_MMIGRATE);
    });
  });

  describe('the checks, in their order', () => {
    const mbind = (start: number, len: number, mode: number, flags: number): number => syscall(k, task, 'mbind', start, len, mode, null, 0, flags);
    it('an unknown flag and a mode that does not exist come before the empty range', () => {
      expect(mbind(file, 0, MPOL_DEFAULT, 32)).toBe(-EINVAL);
      expect(mbind(file, 0, MPOL_MAX + 1, MPOL_MF_DO_MMIGRATE)).toBe(-EINVAL);
    });
    it('so does a start that is not at a page', () => {
      expect(mbind(file + PAGE / 2, 0, MPOL_DEFAULT, MPOL_MF_DO_MMIGRATE)).toBe(-EINVAL);
    });
    it('so does a range that wraps around', () => {
      expect(mbind(file, 2 ** 64 - 2 * PAGE, MPOL_DEFAULT, MPOL_MF_DO_MMIGRATE)).toBe(-EINVAL);
    });
    it('an empty range is 0 before the migration flags are looked at, even two together, even where nothing is mapped', () => {
      expect(mbind(file, 0, MPOL_DEFAULT, MPOL_MF_DO_MMIGRATE | MPOL_MF_DO_NOT_MMIGRATE)).toBe(0);
      expect(mbind(above(), 0, MPOL_DEFAULT, MPOL_MF_DO_MMIGRATE)).toBe(0);
      expect(markAt(k, task, file)).toBe(0);
    });
    it('two flags are EINVAL before nothing mapped is EFAULT', () => {
      expect(mbind(above(), PAGE, MPOL_DEFAULT, MPOL_MF_DO_MMIGRATE | MPOL_MF_DO_NOT_MMIGRATE)).toBe(-EINVAL);
      expect(mbind(above(), PAGE, MPOL_DEFAULT, MPOL_MF_DO_MMIGRATE)).toBe(-EFAULT);
    });
  });

  describe('what is ignored', () => {
    it('mode, nmask and maxnode: no mask is read, no policy set', () => {
      expect(syscall(k, task, 'mbind', file, 4 * PAGE, MPOL_BIND, BAD_POINTER, MAXNODE, MPOL_MF_DO_MMIGRATE)).toBe(0);
      expect(policyOf(k, task, file)).toBe('default');
      expect(markAt(k, task, file)).toBe(MPOL_MF_DO_MMIGRATE);
    });
    it('MPOL_MF_STRICT: pages on other nodes are no error', () => {
      touch(k, task, file, 4, 'read');
      const strict = (flags: number): number => syscall(k, task, 'mbind', file, 4 * PAGE, MPOL_BIND, mask(2), MAXNODE, flags);
      expect(strict(MPOL_MF_STRICT)).toBe(-EIO);
      expect(strict(MPOL_MF_STRICT | MPOL_MF_DO_MMIGRATE)).toBe(0);
    });
  });

  describe('without a migration flag', () => {
    it('the call is what it was: a policy is set, no file is marked, holes are EFAULT', () => {
      expect(syscall(k, task, 'mbind', file, 4 * PAGE, MPOL_BIND, mask(2), MAXNODE, 0)).toBe(0);
      expect(policyOf(k, task, file)).toBe('bind 2');
      expect(markAt(k, task, file)).toBe(0);
      expect(syscall(k, task, 'mbind', file, 5 * PAGE, MPOL_BIND, mask(2), MAXNODE, 0)).toBe(-EFAULT);
    });
  });

  describe('the range', () => {
    const flag = MPOL_MF_DO_NOT_MMIGRATE;
    /** Two files of two pages with two pages of nothing between them. */
    function apart(): [number, number] {
      newFile(k, '/one', 2);
      newFile(k, '/two', 2);
      const at = mapMemory(k, task, 6);
      must(k, task, 'munmap', at, 6 * PAGE);
      return ['/one', '/two'].map((path, i) => {
        const fd = must(k, task, 'open', path, 0, 0);
        const FIXED = 0x10;
        return must(k, task, 'mmap', at + 4 * i * PAGE, 2 * PAGE, READ, SHARED | FIXED, fd, 0);
      }) as [number, number];
    }
    const marks = (...addresses: number[]): number[] => addresses.map(address => markAt(k, task, address));

    it('may have holes', () => {
      const [one, two] = apart();
      expect(mark(k, task, one, 6, flag)).toBe(0);
      expect(marks(one, two)).toEqual([flag, flag]);
    });
    it('may begin in a hole and reach into the next vma', () => {
      const [one, two] = apart();
      expect(mark(k, task, one + 2 * PAGE, 3, flag)).toBe(0);
      expect(marks(one, two)).toEqual([0, flag]);
    });
    it('that ends before the next vma begins is 0 and marks nothing', () => {
      const [one, two] = apart();
      expect(mark(k, task, one + 2 * PAGE, 2, flag)).toBe(0);
      expect(marks(one, two)).toEqual([0, 0]);
    });
    it('may reach beyond the last vma', () => {
      const [one, two] = apart();
      expect(mark(k, task, two + PAGE, 1000, flag)).toBe(0);
      expect(marks(one, two)).toEqual([0, flag]);
    });
    it('with nothing above its start is EFAULT', () => {
      const [, two] = apart();
      expect(mark(k, task, Math.max(two, file, memory) + 100 * PAGE, 1, flag)).toBe(-EFAULT);
    });
    it('in an empty address space is EFAULT', () => {
      expect(mark(k, spawn(k, { comm: 'empty' }), 0, 1, flag)).toBe(-EFAULT);
    });
    it('of one byte is one page, and one page marks the whole file; the vma is not split', () => {
      const vmas = task.mm?.map_count;
      expect(syscall(k, task, 'mbind', file + 2 * PAGE, 1, MPOL_DEFAULT, null, 0, flag)).toBe(0);
      expect(marks(file, file + 3 * PAGE)).toEqual([flag, flag]);
      expect(task.mm?.map_count).toBe(vmas);
    });
    it('passes over anonymous memory in it, without a word', () => {
      newFile(k, '/one', 2);
      const between = mapMemory(k, task, 2);
      const behind = mapFile(k, task, '/one', 2, READ, PRIVATE);
      const [low, high] = [Math.min(file, between, behind), Math.max(file, between, behind)];
      expect(mark(k, task, low, (high - low) / PAGE + 4, flag)).toBe(0);
      expect(marks(file, between, behind)).toEqual([flag, -EINVAL, flag]);
      expect(mark(k, task, between, 2, flag)).toBe(0);
      expect(marks(between)).toEqual([-EINVAL]);
    });
  });

  describe('permission', () => {
    it('is not asked for: who may map a file for reading marks it for everybody', () => {
      k.path_lookup('/data')!.i_mode = 0o644;
      const user = spawn(k, { comm: 'user', uid: 1000 });
      expect(syscall(k, user, 'open', '/data', 2, 0)).toBeLessThan(0);
      const there = mapFile(k, user, '/data', 4, READ, PRIVATE);
      expect(mark(k, user, there, 4, MPOL_MF_DO_NOT_MMIGRATE)).toBe(0);
      expect(markAt(k, task, file)).toBe(MPOL_MF_DO_NOT_MMIGRATE);
    });
    it('is not asked for when the mark is taken away either', () => {
      const writer = spawn(k, { comm: 'root' });
      mark(k, writer, mapFile(k, writer, '/data', 4, READ | WRITE, SHARED), 4, MPOL_MF_DO_MMIGRATE);
      const user = spawn(k, { comm: 'user', uid: 1000 });
      expect(mark(k, user, mapFile(k, user, '/data', 4, READ, PRIVATE), 1, MPOL_MF_MMIGRATE_DEFAULT)).toBe(0);
      expect(markAt(k, task, file)).toBe(0);
    });
  });
});
