import fc from 'fast-check';
import { deepStrictEqual, strictEqual } from 'node:assert/strict';
import { beforeEach, describe, expect, it } from 'vitest';
import { O_RDONLY, O_RDWR, O_TRUNC } from '../src/include/asm-ia64/fcntl.js';
import { IA64_ISR_R } from '../src/include/asm-ia64/kregs.js';
import { pte_offset } from '../src/include/asm-ia64/pgtable.js';
import { BH_Dirty, BH_Mapped } from '../src/include/linux/buffer_head.js';
import { EACCES, EBADF, EFBIG, EINVAL } from '../src/include/linux/errno.js';
import { PAGECACHE_TAG_DIRTY as DIRTY, type FsType, type Inode } from '../src/include/linux/fs.js';
import { PageDirty, PageLRU, PagePrivate, PageUptodate, TestSetPageLocked } from '../src/include/linux/page-flags.js';
import { SIGBUS } from '../src/include/linux/sched.js';
import { load, newPath, residentPage, runKernel, settle, spawn, stepPath, store, syscall, touch } from '../src/index.js';
import { check_invariants } from '../src/testing.js';
import {
  bootWith, buffersOf, cachedPage, dropCache, inodeOf, MAP_PRIVATE, MAP_SHARED, open, PAGE, PROT_RW, readPages, tagged, writeAt, type Fixture,
} from './files.js';

const BLOCK = PAGE / 4;
let f: Fixture;
beforeEach(() => {
  f = bootWith('ext2');
});
const mem = () => f.k.m.mem_map;
const oldFile = (path: string, bytes: number, mode = 0o666): Inode => f.k.new_inode(f.sb, path, bytes, mode);
const ftruncate = (fd: number, length: number): number => syscall(f.k, f.task, 'ftruncate', fd, length);
const map = (fd: number, pages: number, flags = MAP_SHARED): number => syscall(f.k, f.task, 'mmap', 0, pages * PAGE, PROT_RW, flags, fd, 0);
const freePages = (): number => {
  for (const cpu of f.k.m.cpus) f.k.lru_drain_cache(cpu);
  let free = 0;
  for (const zone of f.k.m.zones) {
    free += zone?.free_pages ?? 0;
    for (const pageset of zone?.pageset ?? []) free += (pageset?.pcp[0].count ?? 0) + (pageset?.pcp[1].count ?? 0);
  }
  return free;
};

describe('ftruncate()', () => {
  it('lets a file grow as far as page indexes reach, and no further', () => {
    const fd = open(f, '/data/a');
    const largest = 2 ** 32 * PAGE;
    expect([ftruncate(fd, largest + 1), inodeOf(f, '/data/a').i_size]).toEqual([-EFBIG, 0]);
    expect([ftruncate(fd, largest), inodeOf(f, '/data/a').i_size]).toEqual([0, largest]);
  });

  it('drops the pages behind the new end, dirty ones too, with their blocks; nothing of them is written', () => {
    const free = freePages();
    const fd = open(f, '/data/a');
    writeAt(f, fd, 0, 6 * PAGE);
    const inode = inodeOf(f, '/data/a');
    expect(ftruncate(fd, 2 * PAGE)).toBe(0);
    expect([inode.i_size, inode.i_mapping.nrpages, inode.blocks.size, f.k.m.page_state.nr_dirty]).toEqual([2 * PAGE, 2, 2, 2]);
    expect([free - freePages(), tagged(f, inode, DIRTY)]).toEqual([2, [0, 1]]);
    syscall(f.k, f.task, 'fsync', fd);
    expect(f.disk.writes).toBe(2);
    expect(check_invariants(f.k)).toEqual([]);
  });

  it('lets the file grow by a hole: what was cut off once is zeros now', () => {
    oldFile('/data/old', 4 * PAGE);
    const fd = open(f, '/data/old');
    writeAt(f, fd, 3 * PAGE, PAGE);
    ftruncate(fd, PAGE);
    ftruncate(fd, 4 * PAGE);
    expect(readPages(f, fd, 0, 4).slice(1)).toEqual([0, 0, 0]);
    expect(readPages(f, fd, 0, 1)).not.toEqual([0]);
  });

  it('keeps the page that the end is in, and has the rest of it written as zeros', () => {
    const inode = oldFile('/data/old', 2 * PAGE);
    const fd = open(f, '/data/old');
    const before = readPages(f, fd, 0, 2);
    ftruncate(fd, PAGE + 10);
    const page = cachedPage(f, inode, 1);
    expect([PageDirty(mem(), page), PagePrivate(mem(), page), inode.i_mapping.nrpages]).toEqual([true, true, 2]);
    expect(readPages(f, fd, 0, 2)).toEqual(before);
  });

  it('reads that page first when it is not in memory, unless the end lies between two blocks', () => {
    oldFile('/data/old', 2 * PAGE);
    ftruncate(open(f, '/data/old'), PAGE + 10);
    expect(f.disk.reads).toBe(1);
    oldFile('/data/older', 2 * PAGE);
    ftruncate(open(f, '/data/older'), PAGE);
    expect(f.disk.reads).toBe(1);
  });

  it('takes blocks away from the page it leaves', () => {
    f = bootWith('ext2', BLOCK);
    const fd = open(f, '/data/a');
    writeAt(f, fd, 0, PAGE);
    ftruncate(fd, BLOCK + 10);
    const states = buffersOf(f, cachedPage(f, inodeOf(f, '/data/a'), 0)).map(state => state & (BH_Mapped | BH_Dirty));
    expect(states).toEqual([BH_Mapped | BH_Dirty, BH_Mapped | BH_Dirty, 0, 0]);
    expect(check_invariants(f.k)).toEqual([]);
  });

  it('leaves a hole where those blocks were: writing into one of them again reads nothing', () => {
    f = bootWith('ext2', BLOCK);
    oldFile('/data/old', PAGE);
    const fd = open(f, '/data/old');
    ftruncate(fd, BLOCK);
    writeAt(f, fd, 2 * BLOCK + 10, 10);
    expect(f.disk.reads).toBe(0);
  });

  it('has nothing to do for the rest of a page in a hole', () => {
    const fd = open(f, '/data/sparse');
    ftruncate(fd, 2 * PAGE);
    ftruncate(fd, PAGE + 10);
    expect([f.k.m.page_state.nr_dirty, f.disk.reads]).toEqual([0, 0]);
  });

  it('refuses descriptors that cannot write, and sizes below zero', () => {
    oldFile('/data/old', PAGE);
    expect(ftruncate(open(f, '/data/old', O_RDONLY), 0)).toBe(-EINVAL);
    expect(ftruncate(99, 0)).toBe(-EBADF);
    expect(ftruncate(open(f, '/data/old'), -1)).toBe(-EINVAL);
  });

  it('is what open() with O_TRUNC does, for who may write', () => {
    const inode = oldFile('/data/old', 3 * PAGE, 0o644);
    const other = spawn(f.k, { uid: 7 });
    expect(syscall(f.k, other, 'open', '/data/old', O_RDONLY | O_TRUNC, 0)).toBe(-EACCES);
    expect(inode.i_size).toBe(3 * PAGE);
    open(f, '/data/old', O_RDWR | O_TRUNC);
    expect([inode.i_size, inode.initial_pages]).toEqual([0, 0]);
  });
});

describe('truncation under a mapping', () => {
  it('takes the pages out of every address space; who touches them next gets SIGBUS', () => {
    oldFile('/data/old', 3 * PAGE);
    const fd = open(f, '/data/old');
    const address = map(fd, 3);
    touch(f.k, f.task, address, 3, 'write');
    const child = f.k.m.tasks.get(syscall(f.k, f.task, 'fork'))!;
    touch(f.k, child, address, 3, 'read');
    ftruncate(fd, PAGE);
    for (const task of [f.task, child]) {
      expect([0, 1, 2].map(i => residentPage(f.k.m, task, address + i * PAGE) !== 0)).toEqual([true, false, false]);
    }
    expect([f.task.mm!.rss, f.k.m.page_state.nr_mapped]).toEqual([1, 1]);
    expect(touch(f.k, child, address, 3, 'read')).toBe(1);
    expect(child.exit_code).toBe(SIGBUS);
    expect(touch(f.k, f.task, address, 1, 'write')).toBe(1);
    expect(check_invariants(f.k)).toEqual([]);
  });

  it('takes private copies away too', () => {
    oldFile('/data/old', 2 * PAGE);
    const fd = open(f, '/data/old');
    const address = map(fd, 2, MAP_PRIVATE);
    touch(f.k, f.task, address, 2, 'write');
    expect(f.task.mm!.anon_rss).toBe(2);
    ftruncate(fd, PAGE);
    expect(f.task.mm!.anon_rss).toBe(1);
    expect(touch(f.k, f.task, address + PAGE, 1, 'read')).toBe(0);
    expect(f.task.exit_code).toBe(SIGBUS);
    expect(check_invariants(f.k)).toEqual([]);
  });

  it('and growth again: the mapping sees zeros', () => {
    oldFile('/data/old', 2 * PAGE);
    const fd = open(f, '/data/old');
    const address = map(fd, 2);
    store(f.k, f.task, address + PAGE);
    ftruncate(fd, 0);
    ftruncate(fd, 2 * PAGE);
    expect(load(f.k, f.task, address + PAGE)).toBe(0);
    expect(check_invariants(f.k)).toEqual([]);
  });

  it('while a fault waits for the page: the fault looks again and is a SIGBUS', () => {
    oldFile('/data/old', PAGE);
    const address = map(open(f, '/data/old'), 1);
    const fault = newPath(f.task, f.k.ia64_do_page_fault(address, IA64_ISR_R));
    stepPath(f.k, fault);
    expect(fault.wait?.kind).toBe('page-lock');
    const other = spawn(f.k);
    const fd = syscall(f.k, other, 'open', '/data/old', O_RDWR, 0);
    expect(syscall(f.k, other, 'ftruncate', fd, 0)).toBe(0);
    settle(f.k);
    expect([fault.state, f.task.exit_code]).toEqual(['returned', SIGBUS]);
    expect(check_invariants(f.k)).toEqual([]);
  });

  it('between two pages leaves the tables to the rest of the mapping', () => {
    oldFile('/data/old', 4 * PAGE);
    const fd = open(f, '/data/old');
    const address = syscall(f.k, f.task, 'mmap', 0, 2 * PAGE, PROT_RW, MAP_SHARED, fd, 2 * PAGE);
    touch(f.k, f.task, address, 2, 'read');
    ftruncate(fd, 3 * PAGE);
    expect(f.k.m.ptes[pte_offset(f.k.m, f.task.mm!, address + PAGE)]).toBe(0);
    expect(residentPage(f.k.m, f.task, address)).not.toBe(0);
  });
});

describe('truncation waits', () => {
  it('for pages under writeback, and throws them away then', () => {
    const fd = open(f, '/data/a');
    writeAt(f, fd, 0, 2 * PAGE);
    const inode = inodeOf(f, '/data/a');
    const path = newPath(f.task, f.k.filemap_flush(inode.i_mapping));
    stepPath(f.k, path);
    const cut = newPath(f.task, f.k.sys_ftruncate(fd, 0));
    stepPath(f.k, cut);
    expect([cut.wait?.kind, inode.i_size, inode.i_mapping.nrpages]).toEqual(['page-writeback', 0, 2]);
    settle(f.k);
    expect([cut.value, inode.i_mapping.nrpages]).toEqual([0, 0]);
    expect(check_invariants(f.k)).toEqual([]);
  });

  it('for locked pages, after it has dropped all that it can have at once', () => {
    const inode = oldFile('/data/old', 5 * PAGE);
    const fd = open(f, '/data/old');
    readPages(f, fd, 0, 5);
    const page = cachedPage(f, inode, 2);
    TestSetPageLocked(mem(), page);
    const cut = newPath(f.task, f.k.sys_ftruncate(fd, 0));
    stepPath(f.k, cut);
    expect([cut.wait, inode.i_mapping.nrpages]).toEqual([{ kind: 'page-lock', page }, 1]);
    f.k.unlock_page(page);
    settle(f.k);
    expect([cut.value, inode.i_mapping.nrpages]).toEqual([0, 0]);
    expect(check_invariants(f.k)).toEqual([]);
  });
});

describe('a page whose buffers somebody holds', () => {
  it('leaves the cache all the same, and lives on without a mapping until they are free', () => {
    const fd = open(f, '/data/a');
    writeAt(f, fd, 0, PAGE);
    const inode = inodeOf(f, '/data/a');
    const page = cachedPage(f, inode, 0);
    const bh = mem().private[page]!;
    f.k.m.bh.b_count[bh]!++;
    ftruncate(fd, 0);
    expect([inode.i_mapping.nrpages, mem().mapping[page], mem()._count[page], PagePrivate(mem(), page), PageUptodate(mem(), page), PageLRU(mem(), page)])
      .toEqual([0, 0, 1, true, false, true]);
    expect(check_invariants(f.k)).toEqual([]);
    f.k.m.bh.b_count[bh]!--;
    mem()._count[page]!++;
    TestSetPageLocked(mem(), page);
    expect(f.k.try_to_release_page(page, 0)).toBe(1);
    f.k.unlock_page(page);
    f.k.put_page(page);
    expect(check_invariants(f.k)).toEqual([]);
  });
});

describe('invalidate_inode_pages()', () => {
  it('drops clean pages; dirty, locked and mapped ones and those under writeback stay', () => {
    const inode = oldFile('/data/old', 6 * PAGE);
    const fd = open(f, '/data/old');
    readPages(f, fd, 0, 6);
    f.k.set_page_dirty(cachedPage(f, inode, 1));
    const locked = cachedPage(f, inode, 2);
    TestSetPageLocked(mem(), locked);
    touch(f.k, f.task, map(fd, 6) + 3 * PAGE, 1, 'read');
    f.k.test_set_page_writeback(cachedPage(f, inode, 4));
    expect(dropCache(f, inode)).toBe(2);
    expect([0, 1, 2, 3, 4, 5].map(i => cachedPage(f, inode, i) !== 0)).toEqual([false, true, true, true, true, false]);
    f.k.test_clear_page_writeback(cachedPage(f, inode, 4));
    f.k.unlock_page(locked);
    expect(check_invariants(f.k)).toEqual([]);
  });

  it('frees clean buffers with the page, and leaves a page whose buffers are dirty or held', () => {
    const fd = open(f, '/data/a');
    writeAt(f, fd, 0, 3 * PAGE);
    syscall(f.k, f.task, 'fsync', fd);
    const inode = inodeOf(f, '/data/a');
    const { bh } = f.k.m;
    bh.b_state[mem().private[cachedPage(f, inode, 1)]!]! |= BH_Dirty;
    bh.b_count[mem().private[cachedPage(f, inode, 2)]!]!++;
    expect(dropCache(f, inode)).toBe(1);
    expect([cachedPage(f, inode, 0), bh.used]).toEqual([0, 2]);
  });
});

describe('a file without a name', () => {
  it('keeps its contents until it is closed and unmapped, then all of it is free; dirty pages are not written', () => {
    const free = freePages();
    const fd = open(f, '/data/a');
    writeAt(f, fd, 0, 3 * PAGE);
    const tokens = readPages(f, fd, 0, 3);
    const address = map(fd, 3);
    expect(syscall(f.k, f.task, 'unlink', '/data/a')).toBe(0);
    expect(readPages(f, fd, 0, 3)).toEqual(tokens);
    syscall(f.k, f.task, 'close', fd);
    expect(load(f.k, f.task, address + PAGE)).toBe(tokens[1]);
    syscall(f.k, f.task, 'munmap', address, 3 * PAGE);
    expect([f.sb.inodes.size, f.k.m.page_state.nr_dirty, f.disk.writes]).toEqual([0, 0, 0]);
    settle(f.k);
    expect(free - freePages()).toBeLessThanOrEqual(3);
    expect(check_invariants(f.k)).toEqual([]);
  });

  it('whose pages are under writeback when it goes is finished by pdflush', () => {
    const fd = open(f, '/data/a');
    writeAt(f, fd, 0, 2 * PAGE);
    const inode = inodeOf(f, '/data/a');
    const flush = newPath(f.task, f.k.filemap_flush(inode.i_mapping));
    stepPath(f.k, flush);
    syscall(f.k, f.task, 'unlink', '/data/a');
    const close = newPath(f.task, f.k.sys_close(fd));
    stepPath(f.k, close);
    expect([close.state, f.sb.inodes.size]).toEqual(['returned', 1]);
    settle(f.k);
    expect([f.sb.inodes.size, f.k.m.pdflush_list.length]).toEqual([0, 0]);
    expect(check_invariants(f.k)).toEqual([]);
  });
});

describe('a file on any file system', () => {
  type Step =
    | { readonly op: 'write' | 'store' | 'truncate'; readonly at: number; readonly length: number }
    | { readonly op: 'fsync' | 'sync' | 'drop' | 'settle' | 'unmap' | 'msync' };
  const MAX_PAGES = 12;
  const step = fc.oneof(
    { weight: 5, arbitrary: fc.record({ op: fc.constant('write' as const), at: fc.nat(MAX_PAGES * PAGE - 1), length: fc.integer({ min: 1, max: 3 * PAGE }) }) },
    { weight: 3, arbitrary: fc.record({ op: fc.constant('store' as const), at: fc.nat(MAX_PAGES * PAGE - 1), length: fc.constant(1) }) },
    { weight: 2, arbitrary: fc.record({ op: fc.constant('truncate' as const), at: fc.nat(MAX_PAGES * PAGE), length: fc.constant(0) }) },
    { weight: 4, arbitrary: fc.record({ op: fc.constantFrom('fsync' as const, 'sync' as const, 'drop' as const, 'settle' as const, 'unmap' as const, 'msync' as const) }) },
  );

  /** Carries a step out on the machine and on an array of tokens by page; the model's size is in bytes. */
  function take(fd: number, mapping: { address: number }, model: { pages: number[]; size: number }, inode: Inode, small: boolean, next: Step): void {
    if (next.op === 'write') {
      const end = Math.min(next.at + next.length, MAX_PAGES * PAGE);
      let token = f.k.m.content_token;
      strictEqual(writeAt(f, fd, next.at, end - next.at), end - next.at);
      for (let i = Math.floor(next.at / PAGE); i < Math.ceil(end / PAGE); i++) model.pages[i] = ++token;
      model.size = Math.max(model.size, end);
      for (let i = 0; i * PAGE < model.size; i++) model.pages[i] ??= 0;
    } else if (next.op === 'store') {
      if (next.at >= Math.ceil(model.size / PAGE) * PAGE) return;
      if (mapping.address === 0) mapping.address = map(fd, MAX_PAGES);
      const i = Math.floor(next.at / PAGE);
      model.pages[i] = store(f.k, f.task, mapping.address + i * PAGE);
    } else if (next.op === 'truncate') {
      /* A token stands for its whole page: of a page cut between blocks it cannot say which of them were holes. */
      const size = small ? Math.floor(next.at / PAGE) * PAGE : next.at;
      strictEqual(ftruncate(fd, size), 0);
      model.pages.length = Math.min(model.pages.length, Math.ceil(size / PAGE));
      model.size = size;
      for (let i = 0; i * PAGE < size; i++) model.pages[i] ??= 0;
    } else if (next.op === 'drop') dropCache(f, inode);
    else if (next.op === 'settle') settle(f.k);
    else if (next.op === 'unmap') {
      if (mapping.address !== 0) strictEqual(syscall(f.k, f.task, 'munmap', mapping.address, MAX_PAGES * PAGE), 0);
      mapping.address = 0;
    } else if (next.op === 'msync') {
      if (mapping.address !== 0) strictEqual(syscall(f.k, f.task, 'msync', mapping.address, MAX_PAGES * PAGE, 4), 0);
    } else strictEqual(syscall(f.k, f.task, next.op, ...(next.op === 'fsync' ? [fd] : [])), 0);
  }

  const cases: [FsType, number][] = [['ext2', PAGE], ['ext2', BLOCK], ['ext3', PAGE], ['ext3', BLOCK], ['xfs', PAGE], ['xfs', BLOCK], ['tmpfs', PAGE]];
  it.each(cases)('%s with blocks of %d bytes: reads what a plain array of pages says, through write, store, truncation, writeback and loss of cache', (fstype, blocksize) => {
    fc.assert(fc.property(fc.array(step, { maxLength: 25 }), fc.integer({ min: 0, max: 3 }), (steps, oldPages) => {
      f = bootWith(fstype, blocksize, { nodes: [{ id: 0, pages: 256, cpus: [0] }] });
      const small = blocksize < PAGE;
      const initial = fstype === 'tmpfs' ? 0 : oldPages;
      const inode = oldFile('/data/file', initial * PAGE);
      const fd = open(f, '/data/file');
      const model = { pages: readPages(f, fd, 0, initial), size: initial * PAGE };
      const mapping = { address: 0 };
      for (const next of steps) {
        take(fd, mapping, model, inode, small, next);
        deepStrictEqual(readPages(f, fd, 0, MAX_PAGES), model.pages);
        strictEqual(inode.i_size, model.size);
      }
      take(fd, mapping, model, inode, small, { op: 'unmap' });
      take(fd, mapping, model, inode, small, { op: 'sync' });
      take(fd, mapping, model, inode, small, { op: 'drop' });
      expect(readPages(f, fd, 0, MAX_PAGES)).toEqual(model.pages);
      expect(check_invariants(f.k)).toEqual([]);
      strictEqual(runKernel(f.k, f.task, f.k.sys_close(fd)), 0);
    }), { numRuns: 40 });
  });
});
