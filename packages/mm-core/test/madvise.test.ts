import { beforeEach, describe, expect, it } from 'vitest';
import { MADV_DONTNEED, MADV_NORMAL, MADV_RANDOM, MADV_SEQUENTIAL, MADV_WILLNEED, MAP_PRIVATE } from '../src/include/asm-ia64/mman.js';
import { pte_offset, pte_to_swp_entry } from '../src/include/asm-ia64/pgtable.js';
import { EBADF, EINVAL, ENOMEM } from '../src/include/linux/errno.js';
import { VM_RAND_READ, VM_SEQ_READ } from '../src/include/linux/mm_types.js';
import type { Pte } from '../src/include/linux/types.js';
import { load, store, touch } from '../src/index.js';
import { addSwap, bootSpace, call, consistent, k, map, mapFile, maps, must, newFile, PAGE, pageAt, release, RW, s, task, unmapToSwap, useSpace, vmaAt } from './memory.js';

beforeEach(() => useSpace(bootSpace()));
const madvise = (at: number, pages: number, behavior: number): number => call(s, 'madvise', at, pages * PAGE, behavior);
const hint = (at: number): number => vmaAt(task, at).vm_flags & (VM_SEQ_READ | VM_RAND_READ);

describe('madvise(MADV_DONTNEED)', () => {
  it('gives anonymous pages up with what is in them: they read as zeros, and are counted no more', () => {
    const at = map(s, 4);
    touch(k, task, at, 4, 'write');
    const { rss } = task.mm!;
    expect(madvise(at + PAGE, 2, MADV_DONTNEED)).toBe(0);
    expect([pageAt(s, at), pageAt(s, at + PAGE), pageAt(s, at + 2 * PAGE)].map(page => page !== 0)).toEqual([true, false, false]);
    expect(rss - task.mm!.rss).toBe(2);
    expect(load(k, task, at + PAGE)).toBe(0);
    expect(maps(task, at)).toEqual(['0+4 rw-p']);
    consistent();
  });
  it('gives swap entries back', () => {
    addSwap(s, 8);
    const at = map(s, 1);
    store(k, task, at);
    release(unmapToSwap(at));
    const entry = pte_to_swp_entry(k.m.ptes[pte_offset(k.m, task.mm!, at)]! as Pte);
    const users = (): number => k.m.swap_info[0]!.swap_map[entry]!;
    expect(users()).toBe(2); // the pte, and the swap cache
    expect(madvise(at, 1, MADV_DONTNEED)).toBe(0);
    expect(users()).toBe(0); // the last user but the swap cache takes that along
    consistent();
  });
  it('leaves a file as it was: the page is read again', () => {
    const at = mapFile(s, newFile(s, '/data/locale', 1));
    const token = store(k, task, at);
    expect(madvise(at, 1, MADV_DONTNEED)).toBe(0);
    expect([pageAt(s, at), load(k, task, at)]).toEqual([0, token]);
  });
  it('is refused for mlocked memory', () => {
    const at = map(s, 2);
    must(s, 'mlock', at, PAGE);
    expect(madvise(at, 2, MADV_DONTNEED)).toBe(-EINVAL);
  });
});

describe('madvise() about read-ahead', () => {
  it('splits the vma, and does not merge it again', () => {
    const at = mapFile(s, newFile(s, '/data/locale', 4), MAP_PRIVATE);
    expect(madvise(at + PAGE, 2, MADV_SEQUENTIAL)).toBe(0);
    expect([maps(task, at), hint(at), hint(at + PAGE), hint(at + 3 * PAGE)]).toEqual([['0+1 rw-p /data/locale@0', '1+2 rw-p /data/locale@1', '3+1 rw-p /data/locale@3'], 0, VM_SEQ_READ, 0]);
    expect(madvise(at, 4, MADV_RANDOM)).toBe(0);
    expect([hint(at), hint(at + PAGE)]).toEqual([VM_RAND_READ, VM_RAND_READ]);
    expect(madvise(at, 4, MADV_NORMAL)).toBe(0);
    expect([maps(task, at).length, hint(at)]).toEqual([3, 0]);
  });
  it('reads nothing ahead of what is no file', () => {
    expect(madvise(map(s, 1), 1, MADV_WILLNEED)).toBe(-EBADF);
    expect(madvise(mapFile(s, newFile(s, '/data/locale', 1), MAP_PRIVATE), 1, MADV_WILLNEED)).toBe(0);
  });
});

describe('the arguments of madvise()', () => {
  it.each([
    ['a start within a page', 1, PAGE, MADV_DONTNEED, -EINVAL],
    ['an advice that there is not', 0, PAGE, 77, -EINVAL],
    ['no length', 0, 0, 77, 0],
    ['a length that wraps around', 0, -1, MADV_DONTNEED, -EINVAL],
  ])('%s', (_what, offset, len, behavior, expected) => {
    // region 0, where every byte has a number
    const at = call(s, 'mmap', 2 ** 30, PAGE, RW, 0x32, -1, 0);
    expect(call(s, 'madvise', at + offset, len, behavior)).toBe(expected);
  });
  it('passes a hole over and tells of it at the end', () => {
    const at = map(s, 3);
    touch(k, task, at, 3, 'write');
    must(s, 'munmap', at + PAGE, PAGE);
    expect(madvise(at, 3, MADV_DONTNEED)).toBe(-ENOMEM);
    expect([pageAt(s, at), pageAt(s, at + 2 * PAGE)]).toEqual([0, 0]);
  });
  it('ends in a hole: told too', () => {
    const at = map(s, 1);
    expect(madvise(at, 2, MADV_DONTNEED)).toBe(-ENOMEM);
  });
});

describe('prctl()', () => {
  const [PR_SET_PDEATHSIG, PR_GET_DUMPABLE, PR_SET_DUMPABLE] = [1, 3, 4];
  it('sets and tells whether an address space may be dumped, 0 or 1', () => {
    expect([call(s, 'prctl', PR_SET_DUMPABLE, 1), call(s, 'prctl', PR_GET_DUMPABLE, 0), call(s, 'prctl', PR_SET_DUMPABLE, 0), call(s, 'prctl', PR_GET_DUMPABLE, 0)]).toEqual([0, 1, 0, 0]);
    expect([call(s, 'prctl', PR_SET_DUMPABLE, 2), call(s, 'prctl', PR_SET_PDEATHSIG, 9)]).toEqual([-EINVAL, -EINVAL]);
  });
  it.each([
    ['another effective user', 'setresuid', [-1, 5, -1], 0],
    ['another real user, the effective one left out', 'setresuid', [5, -1, -1], 0],
    ['another real user, the effective one named', 'setresuid', [5, 0, -1], 1],
    ['another saved user', 'setresuid', [-1, -1, 5], 1],
    ['the same users', 'setresuid', [0, 0, 0], 1],
    ['another effective group', 'setresgid', [-1, 5, -1], 0],
    ['another real group', 'setresgid', [5, -1, 5], 1],
  ] as const)('%s: %s %j leaves it at %d', (_what, name, ids, dumpable) => {
    call(s, 'prctl', PR_SET_DUMPABLE, 1);
    call(s, name, ...ids);
    expect(call(s, 'prctl', PR_GET_DUMPABLE, 0)).toBe(dumpable);
  });
});
