/** Which vmas are migrated: every rule, their order, and what they come to for each kind of memory. */
import { describe, expect, it } from 'vitest';
import { newListHead, NO_RESULT, releaseListHead, residentPage, touch, type Task } from '@pmkit/mm-core';
import { EAGAIN } from '@pmkit/mm-core/include/linux/errno';
import { list_del } from '@pmkit/mm-core/include/linux/list';
import { get_page, page_zone } from '@pmkit/mm-core/include/linux/mm';
import { SHM_RDONLY } from '@pmkit/mm-core/include/linux/shm';
import { anonymous, attachSegment, check_invariants, logOf, mapMemory, migrate, must, nodesOf, PRIVATE, READ, SHARED, WRITE, type AnyKernel } from '@pmkit/mm-core/testing';
import { levels, makeIo, mappedFile, markAt, MARKS, prepare } from './rig.js';

const EXEC = 4;

/** Makes two pages of some kind, on the job's node, and says where they are. */
type Make = (k: AnyKernel, task: Task) => number;
const file = (prot: number, flags: number): Make => (k, task) => mappedFile(k, task, '/data', 2, prot, flags);
const written = (make: Make): Make => (k, task) => {
  const address = make(k, task);
  touch(k, task, address, 2, 'write');
  return address;
};
const protect = (make: Make, prot: number): Make => (k, task) => {
  const address = make(k, task);
  must(k, task, 'mprotect', address, 2 * k.m.PAGE_SIZE, prot);
  return address;
};
const locked = (make: Make): Make => (k, task) => {
  const address = make(k, task);
  must(k, task, 'mlock', address, 2 * k.m.PAGE_SIZE);
  return address;
};
const io = (make: Make): Make => (k, task) => {
  const address = make(k, task);
  makeIo(task, address);
  return address;
};
const sharedMemory = (prot: number): Make => (k, task) => {
  const address = mapMemory(k, task, 2, prot, SHARED);
  touch(k, task, address, 2, 'read');
  return address;
};
const segment: Make = (k, task) => {
  const { address } = attachSegment(k, task, 2);
  touch(k, task, address, 2, 'read');
  return address;
};
const readOnlySegment: Make = (k, task) => {
  const { id, address } = attachSegment(k, task, 2);
  must(k, task, 'shmdt', address);
  const there = must(k, task, 'shmat', id, 0, SHM_RDONLY);
  touch(k, task, there, 2, 'read');
  return there;
};
const memory: Make = (k, task) => anonymous(k, task, 2);

/** The node that the pages are on after the call: 1, they stay; 2, they move. */
const KINDS: readonly (readonly [what: string, make: Make, before: number, after: number])[] = [
  ['private memory', memory, 2, 2],
  ['private memory that has been made read-only: without a file VM_WRITE is not asked for', protect(memory, READ), 2, 2],
  ['private memory that may not be accessed at all', protect(memory, 0), 2, 2],
  ['text of a library', file(READ | EXEC, PRIVATE), 2, 1],
  ['read-only data, such as a locale file', file(READ, PRIVATE), 2, 1],
  ['a file shared read-only', file(READ, SHARED), 2, 1],
  ['a file shared writable', file(READ | WRITE, SHARED), 2, 2],
  ['a library\'s data segment that has been written: copies', written(file(READ | WRITE, PRIVATE)), 2, 2],
  ['a library\'s data segment that has only been read: still the file\'s own pages', file(READ | WRITE, PRIVATE), 2, 2],
  ['copies in a data segment that has lost PROT_WRITE', protect(written(file(READ | WRITE, PRIVATE)), READ), 2, 1],
  ['a read-only mapping that has been given PROT_WRITE', protect(file(READ, PRIVATE), READ | WRITE), 2, 2],
  ['shared anonymous memory', sharedMemory(READ | WRITE), 2, 2],
  ['shared anonymous memory that is mapped read-only: it has a file', sharedMemory(READ), 2, 1],
  ['a SysV segment', segment, 2, 2],
  ['a SysV segment that is attached read-only', readOnlySegment, 2, 1],
  ['mlocked memory', locked(memory), 1, 1],
  ['a mlocked writable file', locked(file(READ | WRITE, SHARED)), 1, 1],
  ['a driver\'s mapping without a file', io(memory), 2, 1],
  ['a driver\'s writable mapping with a file', io(file(READ | WRITE, SHARED)), 2, 1],
];

describe.each(levels)('two pages on node 1, which is emptied into node 2 (%s)', level => {
  it.each(KINDS)('%s', (_what, make, before, after) => {
    const { k, batchd, task } = prepare(level);
    const address = make(k, task);
    expect(nodesOf(k.m, task, address, 2)).toEqual([1, 1]);
    const node = level === 'before' ? before : after;
    expect(migrate(k, batchd, task, [1], [2])).toBe(node === 2 ? 2 : 0);
    expect(check_invariants(k)).toEqual([]);
    if (nodesOf(k.m, task, address, 2).includes(-1)) {
      // touch_unmapped_address() may not read what is the driver's or not accessible: the process has to fault it in
      must(k, task, 'mprotect', address, 2 * k.m.PAGE_SIZE, READ);
      touch(k, task, address, 2, 'read');
    }
    expect(nodesOf(k.m, task, address, 2)).toEqual([node, node]);
    expect(check_invariants(k)).toEqual([]);
  });
});

describe('the rules, in their order', () => {
  const yesNo = [false, true];
  /** Every combination of what is asked: of a vma without a file there is no mark. */
  const cases = yesNo.flatMap(isLocked => yesNo.flatMap(isIo => yesNo.flatMap(isWritable => [
    { isLocked, isIo, isWritable, mark: null },
    ...(Object.keys(MARKS) as (keyof typeof MARKS)[]).map(mark => ({ isLocked, isIo, isWritable, mark })),
  ])));
  it.each(cases)('locked $isLocked, I/O $isIo, writable $isWritable, mark $mark (null: no file)', ({ isLocked, isIo, isWritable, mark }) => {
    for (const level of levels) {
      const { k, batchd, task } = prepare(level);
      const rights = isWritable ? READ | WRITE : READ;
      const make = mark === null ? protect(memory, rights) : file(rights, SHARED);
      const address = (isLocked ? locked(make) : make)(k, task);
      if (isIo) makeIo(task, address);
      if (mark !== null) markAt(k, task, address, mark);
      const barred = isLocked || (level === 'after' && isIo);
      const wanted = level === 'before' || mark === null || mark === 'DO' || (isWritable && mark !== 'DO_NOT');
      expect(migrate(k, batchd, task, [1], [2])).toBe(!barred && wanted ? 2 : 0);
      expect(check_invariants(k)).toEqual([]);
    }
  });
});

describe('what is not selected is not looked at', () => {
  it.each(levels)('a page in it that is busy does not make the call fail (%s)', level => {
    const { k, batchd, task } = prepare(level);
    const { mem_map: mem } = k.m;
    const busy = residentPage(k.m, task, mappedFile(k, task, '/lib/libc.so', 2, READ | EXEC, PRIVATE));
    get_page(mem, busy);
    expect(migrate(k, batchd, task, [1], [2])).toBe(level === 'before' ? -EAGAIN : 0);
    k.put_page(busy);
    // at the level before, defect b of patch 4: the reference that nobody drops
    expect(check_invariants(k, { pins: new Map(level === 'before' ? [[busy, 1]] : []) })).toEqual([]);
  });
  it.each(levels)('a page in it that is off the LRU is no BUG() (%s)', level => {
    const { k, batchd, task } = prepare(level);
    const { mem_map: mem } = k.m;
    const page = residentPage(k.m, task, mappedFile(k, task, '/lib/libc.so', 2, READ | EXEC, PRIVATE));
    k.lru_drain_cache(task.cpu);
    // what vmscan does when it looks at a page
    const list = newListHead(k.m);
    expect(k.steal_page_from_lru(page_zone(k.m, page), page, list)).toBe(1);
    expect(migrate(k, batchd, task, [1], [2])).toBe(level === 'before' ? NO_RESULT : 0);
    expect(logOf(k.m).includes('kernel BUG at mm/mmigrate.c:migrate_vma()!')).toBe(level === 'before');
    if (level === 'before') return;
    list_del(mem, page);
    releaseListHead(k.m, list);
    k.putback_page_to_lru(page_zone(k.m, page), page);
    k.put_page(page);
    expect(check_invariants(k)).toEqual([]);
  });
});
