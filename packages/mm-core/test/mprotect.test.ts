import { beforeEach, describe, expect, it } from 'vitest';
import {
  MAP_GROWSDOWN, MAP_GROWSUP, MAP_NORESERVE, MAP_PRIVATE, MAP_SHARED, PROT_EXEC, PROT_GROWSDOWN, PROT_GROWSUP, PROT_NONE, PROT_READ, PROT_SEM, PROT_WRITE,
} from '../src/include/asm-ia64/mman.js';
import { EACCES, EINVAL, ENOMEM } from '../src/include/linux/errno.js';
import { MPOL_PREFERRED } from '../src/include/linux/mempolicy.js';
import { nodemask_of } from '../src/include/linux/nodemask.js';
import { PG_arch_1 } from '../src/include/linux/page-flags.js';
import { load, NO_RESULT, store, touch } from '../src/index.js';
import {
  addSwap, ANON, asTask, bitsAt, bootSpace, call, consistent, forkOf, k, map, mapFile, maps, must, newFile, open, PAGE, pageAt, REGION1, release,
  RW, s, task, unmapToSwap, useSpace, vmaAt, vmas,
} from './memory.js';

const R = PROT_READ;
const RX = PROT_READ | PROT_EXEC;
beforeEach(() => useSpace(bootSpace()));
const mprotect = (at: number, pages: number, prot: number): number => call(s, 'mprotect', at, pages * PAGE, prot);

describe('mprotect() of a part', () => {
  /** Regions side by side, each of four pages that have been written, whatever rights they have then. */
  function regions(...rights: number[]): number {
    const at = map(s, 4 * rights.length);
    touch(k, task, at, 4 * rights.length, 'write');
    rights.forEach((prot, i) => must(s, 'mprotect', at + 4 * i * PAGE, 4 * PAGE, prot));
    return at;
  }
  it.each([
    ['the middle of a vma: three vmas', [RW], 1, 2, R, ['0+1 rw-p', '1+2 r--p', '3+1 rw-p']],
    ['the beginning of a vma: two vmas', [RW], 0, 2, R, ['0+2 r--p', '2+2 rw-p']],
    ['the end of a vma, with nothing alike behind it: two vmas', [RW], 2, 2, R, ['0+2 rw-p', '2+2 r--p']],
    ['the end of a vma, as the next one is: the boundary moves down (case 4)', [RW, R], 2, 2, R, ['0+2 rw-p', '2+6 r--p']],
    ['the beginning of a vma, as the one before is: the boundary moves up (case 5)', [RW, R], 4, 2, RW, ['0+6 rw-p', '6+2 r--p']],
    ['a whole vma, as both neighbours are: one vma (case 6)', [RW, R, RW], 4, 4, RW, ['0+12 rw-p']],
    ['a whole vma, as the one before is (case 7)', [RW, R, RX], 4, 4, RW, ['0+8 rw-p', '8+4 r-xp']],
    ['a whole vma, as the one behind is (case 8)', [RW, R, RX], 4, 4, RX, ['0+4 rw-p', '4+8 r-xp']],
    ['several vmas', [RW, R, RX, RW], 2, 12, PROT_NONE, ['0+2 rw-p', '2+12 ---p', '14+2 rw-p']],
    ['two vmas, the second of which is that way already', [RW, R], 0, 8, R, ['0+8 r--p']],
    ['a vma that is that way already', [RW, R], 4, 4, R, ['0+4 rw-p', '4+4 r--p']],
  ] as const)('%s', (_what, rights, first, pages, prot, expected) => {
    const at = regions(...rights);
    expect(mprotect(at + first * PAGE, pages, prot)).toBe(0);
    expect(maps(task, at)).toEqual(expected);
    consistent();
  });
  it('keeps the pages, and reverse mapping finds them where the vma they are in now is', () => {
    const at = regions(RW, R);
    const page = pageAt(s, at + 4 * PAGE);
    const { anon_vma } = vmaAt(task, at);
    mprotect(at + 4 * PAGE, 2, RW);
    expect([pageAt(s, at + 4 * PAGE), vmaAt(task, at + 4 * PAGE).anon_vma === anon_vma]).toEqual([page, true]);
    expect(asTask(s, () => k.vma_address(page, vmaAt(task, at)))).toBe(at + 4 * PAGE);
  });
  it('gives the anon_vma of the vma that shrinks to one that had no pages yet', () => {
    const at = map(s, 4);
    must(s, 'mprotect', at + 2 * PAGE, 2 * PAGE, R);
    touch(k, task, at, 2, 'write');
    expect(vmaAt(task, at + 2 * PAGE).anon_vma).toBeNull();
    mprotect(at + PAGE, 1, R);
    expect(maps(task, at)).toEqual(['0+1 rw-p', '1+3 r--p']);
    expect(vmaAt(task, at + PAGE).anon_vma).toBe(vmaAt(task, at).anon_vma);
    consistent();
  });
  it('does not merge vmas whose policies differ', () => {
    const at = regions(RW, R);
    must(s, 'mbind', at + 4 * PAGE, 4 * PAGE, MPOL_PREFERRED, nodemask_of(1), 257, 0);
    mprotect(at + 4 * PAGE, 4, RW);
    expect(maps(task, at)).toHaveLength(2);
    mprotect(at + 5 * PAGE, 1, R);
    expect([...vmas(task)].map(vma => vma.vm_policy?.refcnt)).toEqual([undefined, 1, 1, 1]);
    const last = vmaAt(task, at + 7 * PAGE).vm_policy!;
    mprotect(at + 5 * PAGE, 1, RW);
    expect([[...vmas(task)].map(vma => vma.vm_policy?.refcnt), last.refcnt]).toEqual([[undefined, 1], 0]);
    consistent();
  });
  it('of a private file splits its offsets and its list of vmas', () => {
    const at = mapFile(s, newFile(s, '/data/file', 6), MAP_PRIVATE, R);
    mprotect(at + 2 * PAGE, 2, RW);
    expect(maps(task, at)).toEqual(['0+2 r--p /data/file@0', '2+2 rw-p /data/file@2', '4+2 r--p /data/file@4']);
    consistent();
  });
});

describe('mprotect() answers', () => {
  it.each([
    ['an address inside a page', 512, PAGE, R, -EINVAL],
    ['no length: nothing to do', 0, 0, R, 0],
    ['rights that do not exist', 0, PAGE, 0x40, -EINVAL],
    ['both directions of growth', 0, PAGE, R | PROT_GROWSDOWN | PROT_GROWSUP, -EINVAL],
    ['a length that wraps', 0, -1, R, -ENOMEM],
    ['memory that is not mapped', 1000 * PAGE, PAGE, R, -ENOMEM],
  ])('%s', (_what, offset, len, prot, expected) => {
    const at = map(s, 2);
    expect(call(s, 'mprotect', at + offset, len, prot)).toBe(expected);
    expect(maps(task, at)).toEqual(['0+2 rw-p']);
  });
  it('PROT_SEM is allowed and means nothing', () => {
    const at = map(s, 1);
    expect(mprotect(at, 1, R | PROT_SEM)).toBe(0);
    expect(maps(task, at)).toEqual(['0+1 r--p']);
  });
  it('-ENOMEM at a hole, with what lies before it done', () => {
    const at = map(s, 4);
    must(s, 'munmap', at + 2 * PAGE, PAGE);
    expect(mprotect(at, 4, R)).toBe(-ENOMEM);
    expect(maps(task, at)).toEqual(['0+2 r--p', '3+1 rw-p']);
    expect(mprotect(at + 2 * PAGE, 2, R)).toBe(-ENOMEM);
    expect(maps(task, at)).toEqual(['0+2 r--p', '3+1 rw-p']);
    consistent();
  });
  it('-EACCES where writing can never be allowed, with what lies before it done', () => {
    newFile(s, '/data/file', 2);
    const at = map(s, 4, { prot: R, at: REGION1 + 100 * PAGE });
    map(s, 2, { prot: R, flags: MAP_SHARED, fd: open(s, '/data/file', 0), at: at + 2 * PAGE });
    expect(mprotect(at, 4, RW)).toBe(-EACCES);
    expect(maps(task, at)).toEqual(['0+2 rw-p', '2+2 r--s /data/file@0']);
    consistent();
  });
});

describe('ptes', () => {
  it('of a private page lose the right to write, and get it back by the next store only, without a copy', () => {
    const at = map(s, 1);
    store(k, task, at);
    asTask(s, () => k.lru_add_drain());
    const page = pageAt(s, at);
    mprotect(at, 1, R);
    expect(bitsAt(s, at)).toBe('young dirty');
    mprotect(at, 1, RW);
    expect(bitsAt(s, at)).toBe('young dirty');
    store(k, task, at);
    expect([bitsAt(s, at), pageAt(s, at)]).toEqual(['young dirty writable', page]);
  });
  it('of a shared page get it back at once', () => {
    const at = mapFile(s, newFile(s, '/data/file', 1));
    load(k, task, at);
    mprotect(at, 1, R);
    expect(bitsAt(s, at)).toBe('young');
    mprotect(at, 1, RW);
    expect(bitsAt(s, at)).toBe('young writable');
  });
  it('without any right stay present: the contents are there when the rights come back', () => {
    const at = map(s, 1);
    const token = store(k, task, at);
    mprotect(at, 1, PROT_NONE);
    expect([bitsAt(s, at), task.mm!.rss]).toEqual(['young dirty', 1]);
    mprotect(at, 1, R);
    expect(load(k, task, at)).toBe(token);
    mprotect(at, 1, PROT_NONE);
    expect(load(k, task, at)).toBe(NO_RESULT);
    consistent();
  });
  it('that hold swap entries are left alone', () => {
    addSwap(s);
    const at = map(s, 1);
    const token = store(k, task, at);
    release(unmapToSwap(at));
    mprotect(at, 1, R);
    expect(bitsAt(s, at)).toBe('swap entry');
    expect(load(k, task, at)).toBe(token);
    consistent();
  });
  it('of pages that can be executed now mark them as coherent with the instruction cache', () => {
    const at = map(s, 2);
    touch(k, task, at, 2, 'write');
    mprotect(at, 1, RX);
    expect([0, 1].map(i => (k.m.mem_map.flags[pageAt(s, at + i * PAGE)]! & PG_arch_1) !== 0)).toEqual([true, false]);
  });
  it('of pages that are copied on write stay read-only for the child too', () => {
    const at = map(s, 1);
    const token = store(k, task, at);
    const child = forkOf();
    mprotect(at, 1, R);
    mprotect(at, 1, RW);
    store(k, task, at);
    expect(load(k, child, at)).toBe(token);
    consistent();
  });
});

describe('stacks', () => {
  it('PROT_GROWSDOWN begins where the stack begins', () => {
    const at = map(s, 4, { flags: ANON | MAP_GROWSDOWN, at: REGION1 + 100 * PAGE });
    expect(mprotect(at + 2 * PAGE, 1, R | PROT_GROWSDOWN)).toBe(0);
    expect(maps(task, at)).toEqual(['0+3 r--p stack', '3+1 rw-p stack']);
    consistent();
  });
  it('PROT_GROWSUP ends where the vma ends', () => {
    const at = map(s, 4, { at: REGION1 + 100 * PAGE });
    vmaAt(task, at).vm_flags |= MAP_GROWSUP;
    expect(mprotect(at + 2 * PAGE, 1, R | PROT_GROWSUP)).toBe(0);
    expect(maps(task, at)).toEqual(['0+2 rw-p', '2+2 r--p']);
  });
  it('neither is allowed elsewhere', () => {
    const at = map(s, 2);
    expect([mprotect(at, 1, R | PROT_GROWSDOWN), mprotect(at, 1, R | PROT_GROWSUP)]).toEqual([-EINVAL, -EINVAL]);
  });
});

describe('accounting', () => {
  it('memory that was ever writable stays reserved, so it no longer merges with memory that was not', () => {
    const at = map(s, 4, { prot: R });
    mprotect(at + 2 * PAGE, 2, RW);
    mprotect(at + 2 * PAGE, 2, R);
    expect(maps(task, at, true)).toEqual(['0+2 r--p', '2+2 r--p account']);
  });
  it('memory mapped without a reservation gets one', () => {
    const at = map(s, 1, { prot: R, flags: ANON | MAP_NORESERVE });
    mprotect(at, 1, PROT_WRITE | R);
    expect(maps(task, at, true)).toEqual(['0+1 rw-p account']);
  });
  it('VmExe follows the rights of file mappings', () => {
    const at = mapFile(s, newFile(s, '/data/file', 4), MAP_PRIVATE, RX);
    mprotect(at, 1, PROT_NONE);
    expect(task.mm).toMatchObject({ exec_vm: 3, shared_vm: 4, total_vm: 4 });
    mprotect(at, 1, RX);
    expect(task.mm).toMatchObject({ exec_vm: 4, shared_vm: 4, total_vm: 4 });
  });
});
