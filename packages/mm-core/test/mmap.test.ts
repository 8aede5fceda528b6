import { beforeEach, describe, expect, it } from 'vitest';
import {
  MAP_ANONYMOUS, MAP_FIXED, MAP_GROWSDOWN, MAP_LOCKED, MAP_NORESERVE, MAP_POPULATE, MAP_PRIVATE, MAP_SHARED, MMAP_SHARED_ALIGN, PROT_EXEC,
  PROT_NONE, PROT_READ, PROT_WRITE,
} from '../src/include/asm-ia64/mman.js';
import { RGN_MAP_LIMIT } from '../src/include/asm-ia64/pgtable.js';
import { EACCES, EAGAIN, EBADF, EINVAL, ENOMEM, EPERM } from '../src/include/linux/errno.js';
import { DEFAULT_MAX_MAP_COUNT, page_mapcount } from '../src/include/linux/mm.js';
import { VM_MAYWRITE, VM_SHARED } from '../src/include/linux/mm_types.js';
import { MPOL_PREFERRED } from '../src/include/linux/mempolicy.js';
import { nodemask_of } from '../src/include/linux/nodemask.js';
import { PageDirty } from '../src/include/linux/page-flags.js';
import { RLIMIT_AS, RLIMIT_DATA, RLIMIT_MEMLOCK } from '../src/include/linux/resource.js';
import { load, NO_RESULT, spawn, store, touch } from '../src/index.js';
import {
  ANON, asTask, bitsAt, bootSpace, call, consistent, from, k, map, mapFile, maps, must, newFile, open, PAGE, pageAt, pteOf, REGION1, RW, s,
  SHARED_ANON, task, unmap, useSpace, vmaAt, vmas,
} from './memory.js';

beforeEach(() => useSpace(bootSpace()));
const mmap = (addr: number, len: number, prot = RW, flags = ANON, fd = -1, off = 0): number => call(s, 'mmap', addr, len, prot, flags, fd, off);

describe('where mmap() puts memory', () => {
  it('is the start of region 1, then behind what was mapped last', () => {
    expect([map(s, 3, { prot: PROT_READ }), map(s, 1)]).toEqual([REGION1, REGION1 + 3 * PAGE]);
  });
  it('is the lowest hole that a munmap() has made, when it is large enough', () => {
    const at = map(s, 8);
    unmap(s, at + 2 * PAGE, 2);
    expect(mmap(0, 3 * PAGE)).toBe(at + 8 * PAGE);
    unmap(s, at + 6 * PAGE, 1);
    expect(mmap(0, PAGE)).toBe(at + 6 * PAGE);
  });
  it('is the hint, or the next hole above it', () => {
    const hint = REGION1 + 1000 * PAGE;
    expect(mmap(hint, PAGE)).toBe(hint);
    expect(mmap(hint, PAGE)).toBe(hint + PAGE);
    expect(mmap(hint - 3 * PAGE, PAGE)).toBe(hint - 3 * PAGE);
  });
  it('is a multiple of 1 MB when it is shared', () => {
    map(s, 1);
    expect([map(s, 1, { flags: SHARED_ANON }), map(s, 1, { flags: SHARED_ANON })]).toEqual([REGION1 + MMAP_SHARED_ALIGN, REGION1 + 2 * MMAP_SHARED_ALIGN]);
    consistent();
  });
  it('starts again from the bottom when the search reaches the end of the region', () => {
    const end = REGION1 + RGN_MAP_LIMIT(k.m);
    expect(mmap(end - 2 * PAGE, 2 * PAGE)).toBe(end - 2 * PAGE);
    expect(mmap(end - PAGE, PAGE)).toBe(REGION1);
    consistent();
  });
  it('is nowhere when no hole is large enough', () => {
    const limit = RGN_MAP_LIMIT(k.m);
    expect(mmap(0, limit)).toBe(REGION1);
    expect(mmap(0, PAGE)).toBe(-ENOMEM);
  });
  it('with MAP_FIXED is what was asked for, over what was there', () => {
    const at = map(s, 4);
    touch(k, task, at, 4, 'write');
    map(s, 2, { at: at + PAGE, prot: PROT_READ });
    expect(maps(task, at)).toEqual(['0+1 rw-p', '1+2 r--p', '3+1 rw-p']);
    expect([0, 1, 2, 3].map(i => bitsAt(s, at + i * PAGE))).toEqual(['young dirty writable', 'none', 'none', 'young dirty writable']);
    expect(task.mm!.rss).toBe(2);
    consistent();
  });
});

describe('mmap() refuses', () => {
  it.each([
    ['a length of 0', 0, 0, RW, ANON, -1, 0, -EINVAL],
    ['a length beyond a region', 0, 2 ** 61, RW, ANON, -1, 0, -EINVAL],
    ['an address from which it would leave the mappable part of a region', 0x3fff_ffff_ffff_0000, PAGE, RW, ANON, -1, 0, -EINVAL],
    ['a fixed address inside a page', REGION1 + 4096, PAGE, RW, ANON | MAP_FIXED, -1, 0, -EINVAL],
    ['a fixed address in the kernel', 0xa000_0000_0000_0000, PAGE, RW, ANON | MAP_FIXED, -1, 0, -ENOMEM],
    ['an offset inside a page', 0, PAGE, RW, ANON, -1, 100, -EINVAL],
    ['memory neither shared nor private', 0, PAGE, RW, MAP_ANONYMOUS, -1, 0, -EINVAL],
    ['memory both shared and private', 0, PAGE, RW, MAP_ANONYMOUS | MAP_SHARED | MAP_PRIVATE, -1, 0, -EINVAL],
    ['a descriptor that is not open', 0, PAGE, RW, MAP_PRIVATE, 7, 0, -EBADF],
  ])('%s', (_what, addr, len, prot, flags, fd, off, error) => {
    expect(mmap(addr, len, prot, flags, fd, off)).toBe(error);
    expect([...vmas(task)]).toEqual([]);
  });
  it('what the way a file was opened does not allow', () => {
    newFile(s, '/data/file', 1);
    const reading = open(s, '/data/file', 0);
    const writing = open(s, '/data/file', 1);
    expect(mmap(0, PAGE, RW, MAP_SHARED, reading)).toBe(-EACCES);
    expect(mmap(0, PAGE, PROT_WRITE, MAP_SHARED, writing)).toBe(-EACCES);
    expect(mmap(0, PAGE, PROT_READ, MAP_PRIVATE, writing)).toBe(-EACCES);
    expect(mmap(0, PAGE, RW, MAP_PRIVATE, reading)).toBeGreaterThan(0);
    consistent();
  });
  it('a stack that is a file, though what was there is gone', () => {
    newFile(s, '/data/file', 1);
    const at = map(s, 1);
    expect(mmap(at, PAGE, RW, MAP_PRIVATE | MAP_FIXED | MAP_GROWSDOWN, open(s, '/data/file'))).toBe(-EINVAL);
    expect(maps(task, at)).toEqual([]);
    consistent();
  });
  it('more than RLIMIT_AS, counted after what is replaced is gone', () => {
    task.signal.rlim[RLIMIT_AS]!.rlim_cur = 4 * PAGE;
    const at = map(s, 4);
    expect(mmap(0, PAGE)).toBe(-ENOMEM);
    expect(mmap(at, 4 * PAGE, PROT_READ, ANON | MAP_FIXED)).toBe(at);
    consistent();
  });
  it('a mapping more than sysctl_max_map_count, and so does a split', () => {
    const at = map(s, 3);
    const mm = task.mm!;
    mm.map_count = DEFAULT_MAX_MAP_COUNT + 1;
    expect(mmap(0, PAGE)).toBe(-ENOMEM);
    mm.map_count = DEFAULT_MAX_MAP_COUNT;
    expect(call(s, 'munmap', at + PAGE, PAGE)).toBe(-ENOMEM);
    expect(call(s, 'mprotect', at + PAGE, PAGE, PROT_READ)).toBe(-ENOMEM);
    mm.map_count = 1;
    expect(maps(task, at)).toEqual(['0+3 rw-p']);
    consistent();
  });
  it('locked memory to who may not lock: -EPERM with a limit of 0, else -EAGAIN', () => {
    const user = from(s, spawn(k, { uid: 1000 }));
    expect(call(user, 'mmap', 0, 9 * PAGE, RW, ANON | MAP_LOCKED, -1, 0)).toBe(-EAGAIN);
    expect(call(user, 'mmap', 0, 8 * PAGE, RW, ANON | MAP_LOCKED, -1, 0)).toBeGreaterThan(0);
    user.task.signal.rlim[RLIMIT_MEMLOCK]!.rlim_cur = 0;
    expect(call(user, 'mmap', 0, PAGE, RW, ANON | MAP_LOCKED, -1, 0)).toBe(-EPERM);
    expect(user.task.mm!.locked_vm).toBe(8);
    consistent();
  });
});

describe('a mapping', () => {
  it('of a file keeps it open when its descriptor is closed', () => {
    const inode = newFile(s, '/data/file', 1);
    const at = mapFile(s, inode);
    must(s, 'unlink', '/data/file');
    const token = store(k, task, at);
    expect(load(k, task, at)).toBe(token);
    unmap(s, at, 1);
    expect(inode.i_count).toBe(0);
    consistent();
  });
  it('shared, of a file opened for reading, is like a private one that can never be written', () => {
    newFile(s, '/data/file', 1);
    const at = map(s, 1, { prot: PROT_READ, flags: MAP_SHARED, fd: open(s, '/data/file', 0) });
    expect(vmaAt(task, at).vm_flags & (VM_SHARED | VM_MAYWRITE)).toBe(0);
    expect(maps(task, at)).toEqual(['0+1 r--s /data/file@0']);
    expect(call(s, 'mprotect', at, PAGE, RW)).toBe(-EACCES);
  });
  it('of anonymous memory has its address as its offset, so that pages keep their index when vmas are split', () => {
    const at = map(s, 3);
    touch(k, task, at, 3, 'write');
    unmap(s, at, 1);
    expect(vmaAt(task, at + PAGE).vm_pgoff).toBe((at + PAGE) / PAGE);
    consistent();
  });
  it('that is shared needs no reservation of its own: the object has it', () => {
    const at = map(s, 1, { flags: SHARED_ANON });
    newFile(s, '/data/file', 1);
    const file = map(s, 1, { flags: MAP_SHARED, fd: open(s, '/data/file') });
    expect([maps(task, at, true)[0], maps(task, file, true)[0]].filter(words => words!.includes('account'))).toEqual([]);
  });
  it('with MAP_LOCKED is there at once', () => {
    const at = map(s, 2, { flags: ANON | MAP_LOCKED });
    expect([task.mm!.rss, task.mm!.locked_vm, bitsAt(s, at)]).toEqual([2, 2, 'young dirty writable']);
    consistent();
  });
  it('with MAP_POPULATE reads a shared file in; private and anonymous memory ignore it', () => {
    newFile(s, '/data/file', 3);
    const fd = open(s, '/data/file');
    map(s, 3, { flags: MAP_SHARED | MAP_POPULATE, fd });
    expect(task.mm!.rss).toBe(3);
    map(s, 3, { flags: MAP_PRIVATE | MAP_POPULATE, fd });
    map(s, 3, { flags: ANON | MAP_POPULATE });
    expect(task.mm!.rss).toBe(3);
    consistent();
  });
  it('is counted by its kind', () => {
    newFile(s, '/data/file', 3);
    const fd = open(s, '/data/file');
    map(s, 3, { prot: PROT_READ | PROT_EXEC, flags: MAP_PRIVATE, fd });
    map(s, 2, { prot: RW, flags: MAP_PRIVATE, fd });
    map(s, 1);
    const stack = map(s, 4, { flags: ANON | MAP_GROWSDOWN });
    expect(task.mm).toMatchObject({ total_vm: 10, shared_vm: 5, exec_vm: 3, stack_vm: 4 });
    unmap(s, stack, 4);
    unmap(s, REGION1, 1);
    expect(task.mm).toMatchObject({ total_vm: 5, shared_vm: 4, exec_vm: 2, stack_vm: 0 });
    consistent();
  });
});

describe('memory next to other memory', () => {
  const hole = REGION1 + 0x1000 * PAGE;
  it('is described by one vma: behind, before, and between two', () => {
    map(s, 1, { at: hole });
    map(s, 1, { at: hole + PAGE });
    map(s, 1, { at: hole - PAGE });
    map(s, 1, { at: hole + 3 * PAGE });
    map(s, 1, { at: hole + 2 * PAGE });
    expect(maps(task, hole - PAGE)).toEqual(['0+5 rw-p']);
    consistent();
  });
  it.each([
    ['other rights', (): unknown => map(s, 1, { at: hole + PAGE, prot: PROT_READ })],
    ['no reservation', (): unknown => map(s, 1, { at: hole + PAGE, flags: ANON | MAP_NORESERVE })],
    ['a lock', (): unknown => map(s, 1, { at: hole + PAGE, flags: ANON | MAP_LOCKED })],
    ['an object behind it', (): unknown => map(s, 1, { at: hole + PAGE, flags: SHARED_ANON })],
  ])('with %s stays apart', (_what, mapSecond) => {
    map(s, 1, { at: hole });
    mapSecond();
    expect(maps(task, hole)).toHaveLength(2);
    consistent();
  });
  it('with another policy stays apart', () => {
    map(s, 1, { at: hole });
    must(s, 'mbind', hole, PAGE, MPOL_PREFERRED, nodemask_of(1), 257, 0);
    map(s, 1, { at: hole + PAGE });
    expect(maps(task, hole)).toHaveLength(2);
    consistent();
  });
  it('with pages of its own in another anon_vma stays apart, though a third joins either', () => {
    touch(k, task, map(s, 1, { at: hole }), 1, 'write');
    touch(k, task, map(s, 1, { at: hole + 2 * PAGE }), 1, 'write');
    expect(vmaAt(task, hole).anon_vma).not.toBe(vmaAt(task, hole + 2 * PAGE).anon_vma);
    map(s, 1, { at: hole + PAGE });
    expect(maps(task, hole)).toEqual(['0+2 rw-p', '2+1 rw-p']);
    consistent();
  });
  it('of the same file joins where the offsets continue', () => {
    newFile(s, '/data/file', 8);
    const fd = open(s, '/data/file');
    for (const [page, offset] of [[0, 0], [1, 1], [3, 3], [2, 2], [4, 6]] as const) map(s, 1, { at: hole + page * PAGE, flags: MAP_SHARED, fd, offset });
    expect(maps(task, hole)).toEqual(['0+4 rw-s /data/file@0', '4+1 rw-s /data/file@6']);
    expect(task.files.get(fd)!.f_count).toBe(3); // the descriptor and two vmas
    consistent();
  });
  it('of the same file opened twice stays apart', () => {
    newFile(s, '/data/file', 2);
    map(s, 1, { at: hole, flags: MAP_SHARED, fd: open(s, '/data/file') });
    map(s, 1, { at: hole + PAGE, flags: MAP_SHARED, fd: open(s, '/data/file'), offset: 1 });
    expect(maps(task, hole)).toHaveLength(2);
    consistent();
  });
});

describe('munmap()', () => {
  it('cuts a hole, and pages and file offsets on both sides stay what they were', () => {
    const inode = newFile(s, '/data/file', 5);
    const at = mapFile(s, inode);
    touch(k, task, at, 5, 'read');
    const last = load(k, task, at + 4 * PAGE);
    unmap(s, at + PAGE, 2);
    expect(maps(task, at)).toEqual(['0+1 rw-s /data/file@0', '3+2 rw-s /data/file@3']);
    expect([load(k, task, at + 4 * PAGE), task.mm!.rss, task.mm!.total_vm]).toEqual([last, 3, 3]);
    consistent();
  });
  it('takes whatever lies in the range, holes included', () => {
    const at = map(s, 10);
    unmap(s, at + 2 * PAGE, 1);
    unmap(s, at + 5 * PAGE, 2);
    unmap(s, at + PAGE, 7);
    expect(maps(task, at)).toEqual(['0+1 rw-p', '8+2 rw-p']);
    unmap(s, at, 100);
    expect([...vmas(task)]).toEqual([]);
    consistent();
  });
  it('of nothing is no error', () => {
    map(s, 1);
    expect(call(s, 'munmap', REGION1 + 5 * PAGE, PAGE)).toBe(0);
    expect(call(s, 'munmap', 0, PAGE)).toBe(0);
  });
  it.each([
    ['an address inside a page', REGION1 + 100 * 1024 + 512, PAGE],
    ['no length', REGION1, 0],
    ['a range that leaves user space', REGION1, 0xf000_0000_0000_0000],
    ['an address in the kernel', 0xa000_0000_0000_4000, PAGE],
  ])('refuses %s', (_what, addr, len) => {
    expect(call(s, 'munmap', addr, len)).toBe(-EINVAL);
  });
  it('frees pages, and moves the pte\'s dirt to a file page that stays', () => {
    const inode = newFile(s, '/data/file', 1);
    const at = mapFile(s, inode);
    store(k, task, at);
    const page = pageAt(s, at);
    unmap(s, at, 1);
    expect([page_mapcount(k.m.mem_map, page), PageDirty(k.m.mem_map, page), inode.i_sb.s_dirty.has(inode), task.mm!.rss]).toEqual([0, true, true, 0]);
    expect(load(k, task, at)).toBe(NO_RESULT);
    consistent();
  });
  it('frees a page table when no neighbour can need it', () => {
    const table = PAGE * k.m.PTRS;
    const base = REGION1 + 8 * table;
    map(s, 2, { at: base + table - PAGE });
    touch(k, task, base + table - PAGE, 2, 'write');
    expect(task.mm!.nr_ptes).toBe(2);
    unmap(s, base + table, 1);
    expect(task.mm!.nr_ptes).toBe(1);
    map(s, 1, { at: base, prot: PROT_READ });
    unmap(s, base + table - PAGE, 1);
    expect(task.mm!.nr_ptes).toBe(1); // the vma at the other end of it is still there
    unmap(s, base, 1);
    expect(task.mm!.nr_ptes).toBe(0);
    consistent();
  });
});

describe('brk()', () => {
  let heap: number;
  beforeEach(() => {
    heap = 0x6000_0000_0000_0000;
    Object.assign(task.mm!, { start_data: heap, end_data: heap, start_brk: heap, brk: heap, end_code: 0x4000_0000_0000_0000 });
  });

  it('says where the heap ends', () => {
    expect(call(s, 'brk', 0)).toBe(heap);
  });
  it('grows by anonymous memory and shrinks again', () => {
    expect(call(s, 'brk', heap + 3 * PAGE)).toBe(heap + 3 * PAGE);
    touch(k, task, heap, 3, 'write');
    expect(call(s, 'brk', heap + 5 * PAGE)).toBe(heap + 5 * PAGE);
    expect(maps(task, heap, true)).toEqual(['0+5 rw-p account']);
    expect(call(s, 'brk', heap + PAGE)).toBe(heap + PAGE);
    expect([maps(task, heap), task.mm!.rss, task.mm!.total_vm]).toEqual([['0+1 rw-p'], 1, 1]);
    consistent();
  });
  it('inside a page maps nothing and is remembered', () => {
    call(s, 'brk', heap + PAGE + 1024);
    expect(maps(task, heap)).toEqual(['0+2 rw-p']);
    expect(call(s, 'brk', heap + PAGE + 2048)).toBe(heap + PAGE + 2048);
    expect(maps(task, heap)).toEqual(['0+2 rw-p']);
  });
  it('does not grow into other memory, nor to the page right before it', () => {
    map(s, 1, { at: heap + 4 * PAGE, prot: PROT_READ });
    expect(call(s, 'brk', heap + 4 * PAGE)).toBe(heap);
    expect(call(s, 'brk', heap + 3 * PAGE)).toBe(heap + 3 * PAGE);
    consistent();
  });
  it('does not grow over RLIMIT_DATA, which counts from the start of data, nor over RLIMIT_AS', () => {
    task.signal.rlim[RLIMIT_DATA]!.rlim_cur = 2 * PAGE;
    expect(call(s, 'brk', heap + 2 * PAGE + 1024)).toBe(heap);
    expect(call(s, 'brk', heap + 2 * PAGE)).toBe(heap + 2 * PAGE);
    task.signal.rlim[RLIMIT_DATA]!.rlim_cur = Infinity;
    task.signal.rlim[RLIMIT_AS]!.rlim_cur = 3 * PAGE;
    expect(call(s, 'brk', heap + 4 * PAGE)).toBe(heap + 2 * PAGE);
    consistent();
  });
  it('does not leave the mappable part of the region', () => {
    expect(call(s, 'brk', heap + RGN_MAP_LIMIT(k.m) + PAGE)).toBe(heap);
  });
  it('is locked when all future memory is', () => {
    must(s, 'mlockall', 2);
    call(s, 'brk', heap + 2 * PAGE);
    expect([maps(task, heap), task.mm!.locked_vm, task.mm!.rss]).toEqual([['0+2 rw-p locked'], 2, 2]);
    consistent();
  });
});

describe('find_vma() and find_vma_prev()', () => {
  it('find the first vma that ends above an address, and the last that ends at or below it', () => {
    const at = map(s, 1);
    map(s, 1, { at: at + 2 * PAGE, prot: PROT_NONE });
    const [first, second] = [vmaAt(task, at), vmaAt(task, at + 2 * PAGE)];
    const find = (addr: number): unknown[] => asTask(s, () => [k.find_vma(task.mm!, addr), k.find_vma_prev(task.mm!, addr)]);
    expect([find(0), find(at), find(at + PAGE), find(at + 2 * PAGE), find(at + 3 * PAGE)])
      .toEqual([[first, null], [first, null], [second, first], [second, first], [null, second]]);
    expect(asTask(s, () => k.find_vma_intersection(task.mm!, at + PAGE, at + 2 * PAGE))).toBeNull();
  });
  it('are not misled by the vma found last, when that one is gone or has shrunk', () => {
    const at = map(s, 3);
    const mm = task.mm!;
    asTask(s, () => k.find_vma(mm, at));
    unmap(s, at + PAGE, 1);
    expect(asTask(s, () => k.find_vma(mm, at + PAGE))).toBe(vmaAt(task, at + 2 * PAGE));
    unmap(s, at, 3);
    expect(asTask(s, () => k.find_vma(mm, at))).toBeNull();
  });
});

it('an address space can be as sparse as it likes: tables cost what is touched', () => {
  for (let region = 1; region <= 4; region++) {
    const at = region * 2 ** 61 + 2 ** 40;
    map(s, 2 ** 20, { at });
    store(k, task, at + 2 ** 33);
  }
  expect([task.mm!.nr_ptes, task.mm!.rss, pteOf(s, REGION1 + 2 ** 40)]).toEqual([4, 4, null]);
  consistent();
  call(s, 'exit_group', 0);
  consistent();
});
