/** The marks of patch 6 are looked at now: they win over VM_WRITE both ways. */
import { beforeEach, describe, expect, it } from 'vitest';
import { residentPage, spawn, touch, type Task } from '@pmkit/mm-core';
import { elfProgram } from '@pmkit/mm-core/model/elf';
import { PageAnon, page_mapcount } from '@pmkit/mm-core/include/linux/mm';
import { SHM_RDONLY } from '@pmkit/mm-core/include/linux/shm';
import { attachSegment, check_invariants, mapFile, migrate, must, newFile, nodesOf, PRIVATE, READ, SHARED, vmaAt, WRITE, type AnyKernel } from '@pmkit/mm-core/testing';
import { AS_DO_MMIGRATE, AS_DO_NOT_MMIGRATE } from '@pmkit/p06-mbind-control/include/linux/pagemap';
import { levels, makeIo, mappedFile, markAt, markFile, prepare } from './rig.js';

const EXEC = 4;

/** A program of two pages of text, one of data, with a library of as much; its pages are on the node of its CPU. */
function startProgram(k: AnyKernel): Task {
  const install = (path: string, elf: Parameters<typeof elfProgram>[0]): void => {
    const program = elfProgram(elf);
    const inode = newFile(k, path, program.text + program.data);
    inode.program = program;
    inode.i_mode = 0o755;
  };
  install('/ld.so', { e_type: 'ET_DYN', text: 1 });
  install('/lib.so', { e_type: 'ET_DYN', text: 2, data: 1, startup: 2 });
  newFile(k, '/locale', 1);
  install('/job', { text: 2, data: 1, startup: 2, interp: '/ld.so', needed: ['/lib.so'], locale: ['/locale'] });
  return spawn(k, { comm: 'job', cpu: 2, program: '/job' });
}
/** Where the present pages of the process are: by file, or of private memory. */
function placesOf(k: AnyKernel, task: Task): Record<string, number[]> {
  const places: Record<string, number[]> = {};
  for (let vma = task.mm?.mmap ?? null; vma !== null; vma = vma.vm_next) {
    const name = vma.vm_file === null ? 'memory' : `${vma.vm_file.f_path} ${(vma.vm_flags & WRITE) !== 0 ? 'data' : 'text'}`;
    const nodes = nodesOf(k.m, task, vma.vm_start, (vma.vm_end - vma.vm_start) / k.m.PAGE_SIZE).filter(node => node !== -1);
    if (nodes.length > 0) places[name] = [...(places[name] ?? []), ...nodes];
  }
  return places;
}

describe('a program with a shared library', () => {
  const all = { '/ld.so text': [2], '/lib.so text': [2, 2], '/lib.so data': [2], '/locale text': [2], '/job text': [2, 2], '/job data': [2], 'memory': [2] };
  it.each(levels)('takes its data along, and leaves all text and the locale file where they are (%s)', level => {
    const { k, batchd } = prepare(level);
    const job = startProgram(k);
    const moved = migrate(k, batchd, job, [1], [2]);
    const stays = { '/ld.so text': [1], '/lib.so text': [1, 1], '/locale text': [1], '/job text': [1, 1] };
    expect(placesOf(k, job)).toEqual(level === 'before' ? all : { ...all, ...stays });
    expect(moved).toBe(level === 'before' ? 9 : 3);
    expect(check_invariants(k)).toEqual([]);
  });
  it.each(levels)('takes the executable along when somebody has marked it (%s)', level => {
    const { k, batchd } = prepare(level);
    const job = startProgram(k);
    markFile(k, '/job', 'DO');
    expect(migrate(k, batchd, job, [1], [2])).toBe(level === 'before' ? 9 : 5);
    const stays = { '/ld.so text': [1], '/lib.so text': [1, 1], '/locale text': [1] };
    expect(placesOf(k, job)).toEqual(level === 'before' ? all : { ...all, ...stays });
    expect(check_invariants(k)).toEqual([]);
  });
  it.each(levels)('leaves the copies in its data behind too when the file must not be migrated: the mark is of the file (%s)', level => {
    const { k, batchd } = prepare(level);
    const job = startProgram(k);
    expect(PageAnon(k.m.mem_map, residentPage(k.m, job, job.mm!.start_data))).toBe(true);
    markFile(k, '/job', 'DO_NOT');
    migrate(k, batchd, job, [1], [2]);
    expect(nodesOf(k.m, job, job.mm!.start_data, 1)).toEqual([level === 'before' ? 2 : 1]);
    expect(check_invariants(k)).toEqual([]);
  });
});

describe.each(levels)('a mark (%s)', level => {
  let k: ReturnType<typeof prepare>['k'];
  let batchd: Task;
  let task: Task;
  beforeEach(() => {
    ({ k, batchd, task } = prepare(level));
  });
  /** At the level before everything moves. */
  const expectNode = (address: number, after: number): void => {
    const node = level === 'before' ? 2 : after;
    expect(migrate(k, batchd, task, [1], [2])).toBe(node === 2 ? 2 : 0);
    expect(nodesOf(k.m, task, address, 2)).toEqual([node, node]);
    expect(check_invariants(k)).toEqual([]);
  };

  it('DO on a data file that is only read makes it move', () => {
    const address = mappedFile(k, task, '/data', 2, READ, SHARED);
    markFile(k, '/data', 'DO');
    expectNode(address, 2);
  });
  it('DO_NOT on a file mapped writable makes it stay', () => {
    const address = mappedFile(k, task, '/data', 2, READ | WRITE, SHARED);
    markFile(k, '/data', 'DO_NOT');
    expectNode(address, 1);
  });
  it('that was taken back leaves the rule: read-only stays', () => {
    const address = mappedFile(k, task, '/data', 2, READ, SHARED);
    markFile(k, '/data', 'DO');
    markFile(k, '/data', 'none');
    expectNode(address, 1);
  });
  it('that was taken back leaves the rule: writable moves', () => {
    const address = mappedFile(k, task, '/data', 2, READ | WRITE, SHARED);
    markFile(k, '/data', 'DO_NOT');
    markFile(k, '/data', 'none');
    expectNode(address, 2);
  });
  it('that replaced another is the one that counts', () => {
    const address = mappedFile(k, task, '/data', 2, READ, SHARED);
    markFile(k, '/data', 'DO_NOT');
    markFile(k, '/data', 'DO');
    expectNode(address, 2);
  });
  it('DO_NOT keeps a SysV segment where it is, which has no name to open', () => {
    const { address } = attachSegment(k, task, 2);
    touch(k, task, address, 2, 'write');
    markAt(k, task, address, 'DO_NOT');
    expectNode(address, 1);
  });
  it('DO takes a SysV segment along that is attached read-only', () => {
    const { id, address } = attachSegment(k, task, 2);
    must(k, task, 'shmdt', address);
    const there = must(k, task, 'shmat', id, 0, SHM_RDONLY);
    touch(k, task, there, 2, 'read');
    markAt(k, task, there, 'DO');
    expectNode(there, 2);
  });
  it('set before anybody maps the file is still there when the job does', () => {
    newFile(k, '/data', 2);
    markFile(k, '/data', 'DO');
    const address = mapFile(k, task, '/data', 2, READ, PRIVATE);
    touch(k, task, address, 2, 'read');
    expectNode(address, 2);
  });
});

describe('an object with both bits, which mbind() never leaves', () => {
  it.each(levels)('is migrated: DO is asked first (%s)', level => {
    const { k, batchd, task } = prepare(level);
    const address = mappedFile(k, task, '/data', 2, READ, SHARED);
    vmaAt(task, address).vm_file!.f_mapping.flags |= AS_DO_MMIGRATE | AS_DO_NOT_MMIGRATE;
    expect(migrate(k, batchd, task, [1], [2])).toBe(2);
    expect(nodesOf(k.m, task, address, 2)).toEqual([2, 2]);
    expect(check_invariants(k)).toEqual([]);
  });
});

describe('a mark does not win over', () => {
  it.each(levels)('mlock() (%s)', level => {
    const { k, batchd, task } = prepare(level);
    const address = mappedFile(k, task, '/data', 2, READ | WRITE, SHARED);
    markFile(k, '/data', 'DO');
    must(k, task, 'mlock', address, 2 * k.m.PAGE_SIZE);
    expect(migrate(k, batchd, task, [1], [2])).toBe(0);
    expect(nodesOf(k.m, task, address, 2)).toEqual([1, 1]);
    expect(check_invariants(k)).toEqual([]);
  });
  it.each(levels)('VM_IO (%s)', level => {
    const { k, batchd, task } = prepare(level);
    const address = mappedFile(k, task, '/data', 2, READ | WRITE, SHARED);
    markFile(k, '/data', 'DO');
    makeIo(task, address);
    expect(migrate(k, batchd, task, [1], [2])).toBe(level === 'before' ? 2 : 0);
    touch(k, task, address, 2, 'read');
    expect(nodesOf(k.m, task, address, 2)).toEqual(level === 'before' ? [2, 2] : [1, 1]);
    expect(check_invariants(k)).toEqual([]);
  });
});

describe('pages that several vmas map', () => {
  it.each(levels)('a library\'s text stays for all; its clean data page moves for all, and for nobody the copy that somebody else has (%s)', level => {
    const { k, batchd, task } = prepare(level);
    newFile(k, '/lib.so', 4);
    const map = (who: Task): [text: number, data: number] => [mapFile(k, who, '/lib.so', 4, READ | EXEC, PRIVATE), mapFile(k, who, '/lib.so', 4, READ | WRITE, PRIVATE)];
    const other = spawn(k, { comm: 'other', cpu: 3 });
    const [text, data] = map(task);
    const [otherText, otherData] = map(other);
    // page 0 is text of both; page 2 is data that nobody has written; page 3 is data, the job's own copy and the other's
    for (const [who, at] of [[task, text], [other, otherText]] as const) touch(k, who, at, 1, 'read');
    for (const [who, at] of [[task, data], [other, otherData]] as const) {
      touch(k, who, at + 2 * k.m.PAGE_SIZE, 1, 'read');
      touch(k, who, at + 3 * k.m.PAGE_SIZE, 1, 'write');
    }
    const shared = residentPage(k.m, task, data + 2 * k.m.PAGE_SIZE);
    expect(residentPage(k.m, other, otherData + 2 * k.m.PAGE_SIZE)).toBe(shared);
    expect(migrate(k, batchd, task, [1], [2])).toBe(level === 'before' ? 3 : 2);
    const textNode = level === 'before' ? 2 : 1;
    expect([...nodesOf(k.m, task, text, 1), ...nodesOf(k.m, other, otherText, 1)]).toEqual([textNode, textNode]);
    expect([2, 3].map(i => nodesOf(k.m, task, data + i * k.m.PAGE_SIZE, 1)[0])).toEqual([2, 2]);
    expect([2, 3].map(i => nodesOf(k.m, other, otherData + i * k.m.PAGE_SIZE, 1)[0])).toEqual([2, 1]);
    expect(page_mapcount(k.m.mem_map, residentPage(k.m, task, data + 2 * k.m.PAGE_SIZE))).toBe(2);
    expect(check_invariants(k)).toEqual([]);
  });
  it.each(levels)('a page whose first vma is passed over is taken through the second, and counted once (%s)', level => {
    const { k, batchd, task } = prepare(level);
    const first = mappedFile(k, task, '/data', 2, READ, SHARED);
    const second = mapFile(k, task, '/data', 2, READ | WRITE, SHARED);
    touch(k, task, second, 2, 'read');
    expect(task.mm?.mmap?.vm_start, 'the order in which they are scanned').toBe(first);
    expect(migrate(k, batchd, task, [1], [2])).toBe(2);
    expect([...nodesOf(k.m, task, first, 2), ...nodesOf(k.m, task, second, 2)]).toEqual([2, 2, 2, 2]);
    expect(check_invariants(k)).toEqual([]);
  });
  it.each(levels)('so a page moves although it is mlocked in one vma, and although it is text in another process (%s)', level => {
    const { k, batchd, task } = prepare(level);
    const locked = mappedFile(k, task, '/data', 2, READ, SHARED);
    must(k, task, 'mlock', locked, 2 * k.m.PAGE_SIZE);
    const other = spawn(k, { comm: 'other', cpu: 3 });
    const text = mapFile(k, other, '/data', 2, READ | EXEC, PRIVATE);
    touch(k, other, text, 2, 'read');
    touch(k, task, mapFile(k, task, '/data', 2, READ | WRITE, SHARED), 2, 'read');
    expect(migrate(k, batchd, task, [1], [2])).toBe(2);
    expect([...nodesOf(k.m, task, locked, 2), ...nodesOf(k.m, other, text, 2)]).toEqual([2, 2, 2, 2]);
    expect(check_invariants(k)).toEqual([]);
  });
});
