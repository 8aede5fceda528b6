import { beforeEach, describe, expect, it } from 'vitest';
import { MAP_PRIVATE, MCL_CURRENT, MCL_FUTURE, PROT_NONE, PROT_READ } from '../src/include/asm-ia64/mman.js';
import { EAGAIN, EFAULT, EINVAL, ENOMEM, EPERM } from '../src/include/linux/errno.js';
import { RLIMIT_MEMLOCK } from '../src/include/linux/resource.js';
import { NULL_PAGE } from '../src/include/linux/types.js';
import { runKernel, spawn, syscall, touch, type Kernel } from '../src/index.js';
import {
  bitsAt, bootSpace, call, consistent, forkOf, from, k, map, mapFile, maps, newFile, PAGE, s, task, useSpace, vmaAt, type Space,
} from './memory.js';

beforeEach(() => useSpace(bootSpace()));
const mlock = (at: number, pages: number): number => call(s, 'mlock', at, pages * PAGE);
/** An ordinary user's process, which may lock eight pages. */
const user = (): Space => from(s, spawn(k, { comm: 'user', uid: 1000 }));

describe('mlock()', () => {
  it('marks the range and faults it in: private memory by stores, what cannot be written by loads', () => {
    const at = map(s, 3);
    const file = mapFile(s, newFile(s, '/data/file', 2), MAP_PRIVATE, PROT_READ);
    expect([mlock(at, 2), mlock(file, 2)]).toEqual([0, 0]);
    expect(maps(task, at)).toEqual(['0+2 rw-p locked', '2+1 rw-p', '3+2 r--p /data/file@0 locked']);
    expect([bitsAt(s, at), bitsAt(s, at + 2 * PAGE), bitsAt(s, file)]).toEqual(['young dirty writable', 'none', 'young']);
    expect([task.mm!.locked_vm, task.mm!.rss, task.mm!.anon_rss]).toEqual([4, 4, 2]);
    consistent();
  });
  it('rounds to whole pages in both directions', () => {
    const at = map(s, 4);
    expect(call(s, 'mlock', at + PAGE + 512, PAGE)).toBe(0);
    expect(maps(task, at)).toEqual(['0+1 rw-p', '1+2 rw-p locked', '3+1 rw-p']);
  });
  it.each([
    ['behind locked memory joins it', [[0, 2]], 2, 2, ['0+4 rw-p locked', '4+4 rw-p']],
    ['before locked memory joins it', [[5, 3]], 3, 2, ['0+3 rw-p', '3+5 rw-p locked']],
    ['between locked memory joins both', [[0, 3], [5, 3]], 3, 2, ['0+8 rw-p locked']],
    ['over its border joins what is not', [[4, 4]], 2, 4, ['0+2 rw-p', '2+6 rw-p locked']],
    ['in the middle stands alone', [], 3, 2, ['0+3 rw-p', '3+2 rw-p locked', '5+3 rw-p']],
  ] as const)('%s', (_what, before, first, pages, expected) => {
    const at = map(s, 8);
    touch(k, task, at, 8, 'write');
    for (const [start, length] of before) mlock(at + start * PAGE, length);
    expect(mlock(at + first * PAGE, pages)).toBe(0);
    expect(maps(task, at)).toEqual(expected);
    consistent();
  });
  it('twice counts once', () => {
    const at = map(s, 2);
    mlock(at, 2);
    mlock(at, 1);
    expect(task.mm!.locked_vm).toBe(2);
    consistent();
  });
  it('of nothing is no error, not even where nothing is', () => {
    expect(call(s, 'mlock', map(s, 1), 0)).toBe(0);
    expect(call(s, 'mlock', 0, 0)).toBe(0);
  });
  it('is -ENOMEM at a hole, with what lies before it locked', () => {
    const at = map(s, 4);
    syscall(k, task, 'munmap', at + 2 * PAGE, PAGE);
    expect(mlock(at, 4)).toBe(-ENOMEM);
    expect(maps(task, at)).toEqual(['0+2 rw-p locked', '3+1 rw-p']);
    expect(mlock(at + 2 * PAGE, 2)).toBe(-ENOMEM);
    expect(task.mm!.locked_vm).toBe(2);
    consistent();
  });
  it('of memory without rights is -EFAULT, and locked all the same', () => {
    const at = map(s, 2, { prot: PROT_NONE });
    expect(mlock(at, 2)).toBe(-EFAULT);
    expect([maps(task, at), task.mm!.locked_vm]).toEqual([['0+2 ---p locked'], 2]);
    consistent();
  });
  it('of more of a file than there is gives an error and locks the vma', () => {
    const inode = newFile(s, '/data/file', 3);
    const at = mapFile(s, inode, MAP_PRIVATE, PROT_READ);
    inode.i_size = PAGE;
    expect(mlock(at, 3)).toBe(-1); // make_pages_present() got one page of three: -1 by itself, which reads as -EPERM
    expect([maps(task, at), task.mm!.rss]).toEqual([['0+3 r--p /data/file@0 locked'], 1]);
  });
  it('is -EAGAIN when there is no memory to fault in', () => {
    const at = map(s, 1);
    const broken: Kernel = { ...k, *alloc_page_vma() { yield* []; return NULL_PAGE; } };
    expect(runKernel(broken, task, broken.sys_mlock(at, PAGE))).toBe(-EAGAIN);
  });
  it('is allowed up to RLIMIT_MEMLOCK, in whole pages', () => {
    const u = user();
    const at = map(u, 16);
    u.task.signal.rlim[RLIMIT_MEMLOCK]!.rlim_cur = 8 * PAGE + 100;
    expect(call(u, 'mlock', at, 9 * PAGE)).toBe(-ENOMEM);
    expect(call(u, 'mlock', at, 8 * PAGE)).toBe(0);
    expect(call(u, 'mlock', at + 8 * PAGE, PAGE)).toBe(-ENOMEM);
    expect(call(u, 'mlock', at, PAGE)).toBe(-ENOMEM); // what is locked already is counted again
    expect(u.task.mm!.locked_vm).toBe(8);
    consistent();
  });
  it('is -EPERM for who has a limit of 0, and unlimited for CAP_IPC_LOCK', () => {
    const u = user();
    u.task.signal.rlim[RLIMIT_MEMLOCK]!.rlim_cur = 0;
    expect(call(u, 'mlock', map(u, 1), PAGE)).toBe(-EPERM);
    task.signal.rlim[RLIMIT_MEMLOCK]!.rlim_cur = 0;
    expect(mlock(map(s, 20), 20)).toBe(0);
  });
});

describe('munlock()', () => {
  it('takes the mark away and merges with what was never locked; the pages stay', () => {
    const at = map(s, 4);
    mlock(at + PAGE, 2);
    expect(call(s, 'munlock', at + PAGE, 2 * PAGE)).toBe(0);
    expect([maps(task, at), task.mm!.locked_vm, task.mm!.rss]).toEqual([['0+4 rw-p'], 0, 2]);
    consistent();
  });
  it('needs no permission', () => {
    const u = user();
    const at = map(u, 1);
    call(u, 'mlock', at, PAGE);
    u.task.signal.rlim[RLIMIT_MEMLOCK]!.rlim_cur = 0;
    expect(call(u, 'munlock', at, PAGE)).toBe(0);
  });
  it('stops at a hole', () => {
    const at = map(s, 3);
    mlock(at, 3);
    syscall(k, task, 'munmap', at + PAGE, PAGE);
    expect(call(s, 'munlock', at, 3 * PAGE)).toBe(-ENOMEM);
    expect([maps(task, at), task.mm!.locked_vm]).toEqual([['0+1 rw-p', '2+1 rw-p locked'], 1]);
    consistent();
  });
});

describe('mlockall()', () => {
  it('MCL_CURRENT locks what there is, and nothing that comes', () => {
    const at = map(s, 2);
    expect(call(s, 'mlockall', MCL_CURRENT)).toBe(0);
    map(s, 1, { prot: PROT_READ });
    expect(maps(task, at)).toEqual(['0+2 rw-p locked', '2+1 r--p']);
    expect(task.mm!.rss).toBe(2);
    consistent();
  });
  it('MCL_FUTURE locks what comes, and nothing that is there', () => {
    const at = map(s, 2);
    expect(call(s, 'mlockall', MCL_FUTURE)).toBe(0);
    map(s, 1);
    expect(maps(task, at)).toEqual(['0+2 rw-p', '2+1 rw-p locked']);
    expect(task.mm!.rss).toBe(1);
    consistent();
  });
  it('goes on past memory that cannot be faulted in', () => {
    const at = map(s, 1, { prot: PROT_NONE });
    map(s, 1);
    expect(call(s, 'mlockall', MCL_CURRENT)).toBe(0);
    expect(maps(task, at)).toEqual(['0+1 ---p locked', '1+1 rw-p locked']);
    expect(task.mm!.locked_vm).toBe(2);
  });
  it.each([[0], [4], [MCL_CURRENT | 8]])('with flags %d is -EINVAL', flags => {
    expect(call(s, 'mlockall', flags)).toBe(-EINVAL);
  });
  it('counts the whole address space against the limit, for MCL_CURRENT only', () => {
    const u = user();
    map(u, 9);
    expect(call(u, 'mlockall', MCL_CURRENT)).toBe(-ENOMEM);
    expect(call(u, 'mlockall', MCL_FUTURE)).toBe(0);
    u.task.signal.rlim[RLIMIT_MEMLOCK]!.rlim_cur = 0;
    expect(call(u, 'mlockall', MCL_FUTURE)).toBe(-EPERM);
  });
  it('a mapping that would exceed the limit is -EAGAIN afterwards', () => {
    const u = user();
    call(u, 'mlockall', MCL_FUTURE);
    expect(call(u, 'mmap', 0, 9 * PAGE, 3, 0x22, -1, 0)).toBe(-EAGAIN);
  });
});

it('munlockall() undoes both', () => {
  const at = map(s, 2);
  call(s, 'mlockall', MCL_CURRENT | MCL_FUTURE);
  expect(call(s, 'munlockall')).toBe(0);
  map(s, 1);
  expect([maps(task, at), task.mm!.locked_vm, task.mm!.def_flags]).toEqual([['0+3 rw-p'], 0, 0]);
  consistent();
});

it('neither locks nor MCL_FUTURE are inherited by a child', () => {
  const at = map(s, 2);
  call(s, 'mlockall', MCL_CURRENT | MCL_FUTURE);
  const child = forkOf();
  map(from(s, child), 1);
  expect([maps(child, at), child.mm!.locked_vm, maps(task, at), task.mm!.locked_vm]).toEqual([['0+3 rw-p'], 0, ['0+2 rw-p locked'], 2]);
  consistent();
});

it('memory that is unmapped is no longer counted as locked', () => {
  const at = map(s, 4);
  mlock(at, 4);
  syscall(k, task, 'munmap', at + PAGE, 2 * PAGE);
  expect(task.mm!.locked_vm).toBe(2);
  touch(k, task, at, 1, 'write');
  expect(vmaAt(task, at).vm_flags & 0x2000).not.toBe(0);
  consistent();
});
