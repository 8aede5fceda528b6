import { beforeEach, describe, expect, it } from 'vitest';
import { O_APPEND, O_RDONLY, O_RDWR, O_WRONLY } from '../src/include/asm-ia64/fcntl.js';
import { EBADF, EEXIST, EFAULT, EFBIG, EINVAL, EIO } from '../src/include/linux/errno.js';
import { AS_EIO } from '../src/include/linux/fs.js';
import { __GFP_BITS_MASK } from '../src/include/linux/gfp.js';
import { page_to_nid } from '../src/include/linux/mm.js';
import {
  clear_page_flag, PageActive, PageError, PageLocked, PageLRU, PagePrivate, PageReferenced, PageUptodate, PG_locked, set_page_flag,
} from '../src/include/linux/page-flags.js';
import { mapping_gfp_mask, mapping_set_error } from '../src/include/linux/pagemap.js';
import type { Page } from '../src/include/linux/types.js';
import { BAD_POINTER, load, newPath, residentPage, run, runKernel, settle, spawn, stepPath, store, syscall, touch } from '../src/index.js';
import { check_invariants } from '../src/testing.js';
import {
  bootWith, cachedPage, dropCache, inodeOf, MAP_PRIVATE, MAP_SHARED, open, PAGE, PROT_RW, readPages, writeAt, type Fixture,
} from './files.js';

let f: Fixture;
beforeEach(() => {
  f = bootWith('ext2');
});
/** A file of some pages that was on the disk before the simulation began. */
const oldFile = (path: string, bytes: number, mode = 0o666) => f.k.new_inode(f.sb, path, bytes, mode);
const mem = () => f.k.m.mem_map;
const refs = (page: Page): number => mem()._count[page]!;
/** Takes the page off its CPU's pagevec, which holds a reference. */
const drain = (): void => {
  for (const cpu of f.k.m.cpus) f.k.lru_drain_cache(cpu);
};

describe('read()', () => {
  it('reads a page from the disk once, and always the same contents', () => {
    const inode = oldFile('/data/old', 3 * PAGE);
    const fd = open(f, '/data/old');
    const tokens = readPages(f, fd, 0, 3);
    expect(new Set(tokens).size).toBe(3);
    expect(tokens).not.toContain(0);
    expect(readPages(f, fd, 0, 3)).toEqual(tokens);
    expect(f.disk.reads).toBe(3);
    expect(dropCache(f, inode)).toBe(3);
    expect(readPages(f, fd, 0, 3)).toEqual(tokens);
    expect(f.disk.reads).toBe(6);
    expect(check_invariants(f.k)).toEqual([]);
  });

  it('finds zeros in a hole, without I/O', () => {
    const fd = open(f, '/data/sparse');
    syscall(f.k, f.task, 'ftruncate', fd, 2 * PAGE);
    expect(readPages(f, fd, 0, 2)).toEqual([0, 0]);
    expect(f.disk.reads).toBe(0);
  });

  it('ends where the file ends, and moves the position by what it read', () => {
    oldFile('/data/short', PAGE + 100);
    const fd = open(f, '/data/short');
    expect(syscall(f.k, f.task, 'lseek', fd, PAGE - 50)).toBe(PAGE - 50);
    expect(syscall(f.k, f.task, 'read', fd, 10 * PAGE)).toBe(150);
    expect(syscall(f.k, f.task, 'read', fd, 10)).toBe(0);
    expect(syscall(f.k, f.task, 'lseek', fd, 0, 1)).toBe(PAGE + 100);
  });

  it('refuses descriptors that are closed or write-only, and copies nothing to a bad address', () => {
    oldFile('/data/old', PAGE);
    const wronly = open(f, '/data/old', O_WRONLY);
    const fd = open(f, '/data/old', O_RDONLY);
    expect(syscall(f.k, f.task, 'read', wronly, 1)).toBe(-EBADF);
    expect(syscall(f.k, f.task, 'read', 99, 1)).toBe(-EBADF);
    expect(syscall(f.k, f.task, 'read', fd, -1)).toBe(-EINVAL);
    expect(syscall(f.k, f.task, 'read', fd, PAGE, BAD_POINTER)).toBe(-EFAULT);
    expect(syscall(f.k, f.task, 'lseek', fd, 0, 1)).toBe(0);
  });

  it('reports a read error, and tries again when it is called again', () => {
    const inode = oldFile('/data/old', PAGE);
    const fd = open(f, '/data/old');
    f.disk.fail_reads = true;
    expect(syscall(f.k, f.task, 'read', fd, PAGE)).toBe(-EIO);
    const page = cachedPage(f, inode, 0);
    expect([PageUptodate(mem(), page), PageError(mem(), page), PageLocked(mem(), page)]).toEqual([false, true, false]);
    f.disk.fail_reads = false;
    expect(readPages(f, fd, 0, 1)).toHaveLength(1);
    expect(cachedPage(f, inode, 0)).toBe(page);
    expect(check_invariants(f.k)).toEqual([]);
  });

  it('gives what it has when an error comes later', () => {
    oldFile('/data/old', 2 * PAGE);
    const fd = open(f, '/data/old');
    readPages(f, fd, 0, 1);
    f.disk.fail_reads = true;
    syscall(f.k, f.task, 'lseek', fd, 0);
    expect(syscall(f.k, f.task, 'read', fd, 2 * PAGE)).toBe(PAGE);
    expect(syscall(f.k, f.task, 'read', fd, PAGE)).toBe(-EIO);
  });

  it('waits for a page that somebody else is reading instead of reading it again', () => {
    oldFile('/data/old', PAGE);
    const first = newPath(f.task, f.k.sys_read(open(f, '/data/old'), PAGE));
    stepPath(f.k, first);
    expect(first.state).toBe('running');
    const other = spawn(f.k, { comm: 'other' });
    const fd = syscall(f.k, other, 'open', '/data/old', O_RDONLY, 0);
    expect(syscall(f.k, other, 'read', fd, PAGE)).toBe(PAGE);
    settle(f.k);
    expect(first.value).toBe(PAGE);
    expect(f.disk.reads).toBe(1);
  });

  it('places pages by the policy of the task that reads', () => {
    const inode = oldFile('/data/old', 2 * PAGE);
    const fd = open(f, '/data/old');
    readPages(f, fd, 0, 1);
    expect(syscall(f.k, f.task, 'set_mempolicy', 2, new Uint32Array([0b10]), 64)).toBe(0);
    readPages(f, fd, 1, 1);
    expect([0, 1].map(index => page_to_nid(f.k.m, cachedPage(f, inode, index)))).toEqual([0, 1]);
  });
});

describe('the use of pages', () => {
  it('counts once when a page is read in pieces, and a second time when it is read again', () => {
    const inode = oldFile('/data/old', PAGE);
    const fd = open(f, '/data/old');
    expect(syscall(f.k, f.task, 'read', fd, PAGE / 4)).toBe(PAGE / 4);
    drain();
    for (let i = 1; i < 4; i++) expect(syscall(f.k, f.task, 'read', fd, PAGE / 4)).toBe(PAGE / 4);
    const page = cachedPage(f, inode, 0);
    expect([PageReferenced(mem(), page), PageActive(mem(), page)]).toEqual([true, false]);
    readPages(f, open(f, '/data/old'), 0, 1);
    expect(PageActive(mem(), page)).toBe(true);
  });

  it('leaves read pages in the pagevec of the CPU until it holds 14, but puts written ones on the LRU at once', () => {
    const old = oldFile('/data/old', 14 * PAGE);
    const fd = open(f, '/data/old');
    const onLru = (inode: typeof old): number => Array.from({ length: 14 }, (_, i) => cachedPage(f, inode, i)).filter(page => page !== 0 && PageLRU(mem(), page)).length;
    readPages(f, fd, 0, 13);
    expect(onLru(old)).toBe(0);
    readPages(f, fd, 13, 1);
    expect(onLru(old)).toBe(14);
    writeAt(f, open(f, '/data/new'), 0, 3 * PAGE);
    expect(onLru(inodeOf(f, '/data/new'))).toBe(3);
  });
});

describe('write()', () => {
  it('gives every page written to fresh contents, and what it writes over stays as long', () => {
    const fd = open(f, '/data/new');
    expect(writeAt(f, fd, 0, 2 * PAGE)).toBe(2 * PAGE);
    const before = readPages(f, fd, 0, 2);
    expect(writeAt(f, fd, PAGE + 10, 20)).toBe(20);
    const after = readPages(f, fd, 0, 2);
    expect(after[0]).toBe(before[0]);
    expect(after[1]).not.toBe(before[1]);
    expect(inodeOf(f, '/data/new').i_size).toBe(2 * PAGE);
  });

  it('fills whole pages of an existing file without reading them, and reads a page it changes in part', () => {
    oldFile('/data/old', 2 * PAGE);
    const fd = open(f, '/data/old');
    writeAt(f, fd, 0, PAGE);
    expect(f.disk.reads).toBe(0);
    writeAt(f, fd, PAGE, 100);
    expect(f.disk.reads).toBe(1);
  });

  it('leaves a hole behind the end of the file where nobody has written', () => {
    const fd = open(f, '/data/new');
    writeAt(f, fd, 2 * PAGE, 1);
    expect(inodeOf(f, '/data/new').i_size).toBe(2 * PAGE + 1);
    expect(readPages(f, fd, 0, 2)).toEqual([0, 0]);
  });

  it('goes to the end of the file with O_APPEND, wherever the position is', () => {
    writeAt(f, open(f, '/data/log'), 0, 10);
    const fd = open(f, '/data/log', O_RDWR | O_APPEND);
    expect(syscall(f.k, f.task, 'write', fd, 5)).toBe(5);
    expect(inodeOf(f, '/data/log').i_size).toBe(15);
    expect(syscall(f.k, f.task, 'lseek', fd, 0, 1)).toBe(15);
  });

  it('refuses what no page index can reach, and a write of nothing changes nothing', () => {
    const fd = open(f, '/data/new');
    expect(writeAt(f, fd, 2 ** 32 * PAGE, 1)).toBe(-EFBIG);
    expect(writeAt(f, fd, 5 * PAGE, 0)).toBe(0);
    expect(inodeOf(f, '/data/new').i_size).toBe(0);
    expect(syscall(f.k, f.task, 'write', open(f, '/data/new', O_RDONLY), 1)).toBe(-EBADF);
  });

  it('stops at a block that cannot be read, and reports the error only when nothing was written', () => {
    oldFile('/data/old', 2 * PAGE);
    const fd = open(f, '/data/old');
    f.disk.fail_reads = true;
    expect(writeAt(f, fd, 0, PAGE + 100)).toBe(PAGE);
    expect(writeAt(f, fd, PAGE, 100)).toBe(-EIO);
    expect(check_invariants(f.k)).toEqual([]);
  });
});

describe('references to a cached page', () => {
  it('are one for the cache, one for buffers and one a pte', () => {
    const inode = oldFile('/data/old', PAGE);
    const fd = open(f, '/data/old');
    readPages(f, fd, 0, 1);
    drain();
    const page = cachedPage(f, inode, 0);
    expect(refs(page)).toBe(1);
    const address = syscall(f.k, f.task, 'mmap', 0, PAGE, PROT_RW, MAP_SHARED, fd, 0);
    touch(f.k, f.task, address, 1, 'read');
    expect(refs(page)).toBe(2);
    const child = f.k.m.tasks.get(syscall(f.k, f.task, 'fork'))!;
    expect(child.pid).toBeGreaterThan(0);
    expect([refs(page), mem()._mapcount[page]]).toEqual([3, 2]);
    writeAt(f, fd, 0, PAGE);
    expect([refs(page), PagePrivate(mem(), page)]).toEqual([4, true]);
    expect(check_invariants(f.k)).toEqual([]);
  });

  it('are taken by find_get_page() and not by find_trylock_page()', () => {
    const inode = oldFile('/data/old', PAGE);
    readPages(f, open(f, '/data/old'), 0, 1);
    drain();
    const { i_mapping } = inode;
    const page = f.k.find_get_page(i_mapping, 0);
    expect(refs(page)).toBe(2);
    f.k.put_page(page);
    expect(f.k.find_trylock_page(i_mapping, 0)).toBe(page);
    expect(refs(page)).toBe(1);
    expect(f.k.find_trylock_page(i_mapping, 0)).toBe(0);
    f.k.unlock_page(page);
    expect([f.k.find_get_page(i_mapping, 1), f.k.find_trylock_page(i_mapping, 1)]).toEqual([0, 0]);
  });

  it('come in ascending order of the index from a gang lookup, over holes, and go back with __pagevec_release()', () => {
    const inode = oldFile('/data/old', 80 * PAGE);
    const fd = open(f, '/data/old');
    for (const index of [70, 3, 64, 9]) readPages(f, fd, index, 1);
    const pages: number[] = [];
    expect(f.k.find_get_pages(inode.i_mapping, 4, 2, pages)).toBe(2);
    expect(pages.map(page => mem().index[page])).toEqual([9, 64]);
    f.k.__pagevec_release(pages, 2, 0);
    expect(check_invariants(f.k)).toEqual([]);
  });
});

describe('adding and removing', () => {
  it('refuses an index that is taken and leaves the page to the caller', () => {
    const inode = oldFile('/data/old', PAGE);
    readPages(f, open(f, '/data/old'), 0, 1);
    const page = runKernel(f.k, f.task, f.k.page_cache_alloc(inode.i_mapping));
    expect(f.k.add_to_page_cache(page, inode.i_mapping, 0, 0)).toBe(-EEXIST);
    expect([refs(page), PageLocked(mem(), page), mem().mapping[page], inode.i_mapping.nrpages]).toEqual([1, false, 0, 1]);
    f.k.put_page(page);
    expect(check_invariants(f.k)).toEqual([]);
  });

  it('hands the cache\'s reference to who removes the page', () => {
    const inode = oldFile('/data/old', PAGE);
    readPages(f, open(f, '/data/old'), 0, 1);
    drain();
    const page = f.k.find_trylock_page(inode.i_mapping, 0);
    f.k.remove_from_page_cache(page);
    expect([refs(page), mem().mapping[page], inode.i_mapping.nrpages, f.k.m.radix.used]).toEqual([1, 0, 0, 0]);
    f.k.unlock_page(page);
    f.k.put_page(page);
    expect(check_invariants(f.k)).toEqual([]);
  });

  it('is a bug for a page that is not locked, and so is unlocking one', () => {
    const inode = oldFile('/data/old', PAGE);
    readPages(f, open(f, '/data/old'), 0, 1);
    const page = cachedPage(f, inode, 0);
    function* remove() { f.k.remove_from_page_cache(page); }
    expect(run(f.k, f.task, remove()).kind).toBe('died');
    expect(f.k.m.log.map(line => line.text)).toContain('kernel BUG at mm/filemap.c:remove_from_page_cache()!');
    function* unlock() { f.k.unlock_page(page); }
    expect(run(f.k, spawn(f.k), unlock()).kind).toBe('died');
    expect(f.k.m.log.map(line => line.text)).toContain('kernel BUG at mm/filemap.c:unlock_page()!');
  });
});

describe('find_lock_page()', () => {
  /** A task that waits for the lock of the page at index 0, which somebody holds. */
  const waiter = () => {
    const inode = oldFile('/data/old', PAGE);
    readPages(f, open(f, '/data/old'), 0, 1);
    drain();
    const page = f.k.find_trylock_page(inode.i_mapping, 0);
    const path = newPath(f.task, f.k.find_lock_page(inode.i_mapping, 0));
    stepPath(f.k, path);
    expect(path.wait).toEqual({ kind: 'page-lock', page });
    expect(refs(page)).toBe(2);
    return { inode, page, path };
  };

  it('waits for the lock and returns the page with it', () => {
    const { page, path } = waiter();
    f.k.unlock_page(page);
    settle(f.k);
    expect(path.value).toBe(page);
    expect([PageLocked(mem(), page), refs(page)]).toEqual([true, 2]);
  });

  it('looks again when the page has left the mapping meanwhile', () => {
    const { inode, page, path } = waiter();
    f.k.truncate_complete_page(inode.i_mapping, page);
    f.k.unlock_page(page);
    settle(f.k);
    expect(path.value).toBe(0);
    expect(check_invariants(f.k)).toEqual([]);
  });

  it('does not take a page that was moved to another index for the one it wants', () => {
    const { inode, page, path } = waiter();
    f.k.remove_from_page_cache(page);
    expect(f.k.add_to_page_cache(page, inode.i_mapping, 5, 0)).toBe(0);
    f.k.put_page(page);
    clear_page_flag(mem(), page, PG_locked);
    settle(f.k);
    expect(path.value).toBe(0);
    expect([PageLocked(mem(), page), refs(page)]).toEqual([false, 1]);
  });
});

describe('find_or_create_page()', () => {
  it('adds a locked page, not up to date, to cache and LRU where there is none', () => {
    const inode = oldFile('/data/old', PAGE);
    const page = runKernel(f.k, f.task, f.k.find_or_create_page(inode.i_mapping, 7, mapping_gfp_mask(inode.i_mapping)));
    drain();
    expect([mem().index[page], refs(page), PageLocked(mem(), page), PageUptodate(mem(), page), PageLRU(mem(), page)]).toEqual([7, 2, true, false, true]);
    f.k.unlock_page(page);
    expect(runKernel(f.k, f.task, f.k.find_or_create_page(inode.i_mapping, 7, mapping_gfp_mask(inode.i_mapping)))).toBe(page);
  });
});

describe('a fault on a file', () => {
  const map = (flags: number, pages: number, path = '/data/old'): number => syscall(f.k, f.task, 'mmap', 0, pages * PAGE, PROT_RW, flags, open(f, path), 0);

  it('is major when the page must be read and minor when it is there', () => {
    const inode = oldFile('/data/old', 2 * PAGE);
    const address = map(MAP_SHARED, 2);
    const { maj_flt, min_flt } = f.task;
    touch(f.k, f.task, address, 1, 'read');
    expect([f.task.maj_flt - maj_flt, f.k.m.page_state.pgmajfault]).toEqual([1, 1]);
    readPages(f, open(f, '/data/old'), 1, 1);
    touch(f.k, f.task, address + PAGE, 1, 'read');
    expect([f.task.maj_flt - maj_flt, f.task.min_flt - min_flt, f.k.m.page_state.pgmajfault]).toEqual([1, 1, 1]);
    expect(residentPage(f.k.m, f.task, address)).toBe(cachedPage(f, inode, 0));
  });

  it('brings the one page and no neighbour', () => {
    const inode = oldFile('/data/old', 10 * PAGE);
    touch(f.k, f.task, map(MAP_SHARED, 10) + 4 * PAGE, 1, 'read');
    expect([inode.i_mapping.nrpages, f.disk.reads]).toEqual([1, 1]);
    expect(cachedPage(f, inode, 4)).not.toBe(0);
  });

  it('sees what write() has written, and read() sees what was stored', () => {
    oldFile('/data/old', PAGE);
    const fd = open(f, '/data/old');
    const address = map(MAP_SHARED, 1);
    writeAt(f, fd, 0, PAGE);
    expect(load(f.k, f.task, address)).toBe(readPages(f, fd, 0, 1)[0]);
    const token = store(f.k, f.task, address);
    expect(readPages(f, fd, 0, 1)).toEqual([token]);
  });

  it('that stores into a private mapping copies the page, in one fault, and the file keeps its own', () => {
    const inode = oldFile('/data/old', PAGE);
    const fd = open(f, '/data/old');
    const before = readPages(f, fd, 0, 1);
    const address = map(MAP_PRIVATE, 1);
    const { pgfault } = f.k.m.page_state;
    const token = store(f.k, f.task, address);
    expect(f.k.m.page_state.pgfault - pgfault).toBe(1);
    expect(readPages(f, fd, 0, 1)).toEqual(before);
    expect(load(f.k, f.task, address)).toBe(token);
    expect(residentPage(f.k.m, f.task, address)).not.toBe(cachedPage(f, inode, 0));
    expect(check_invariants(f.k)).toEqual([]);
  });

  it('that stores into a private page already mapped copies it too', () => {
    const inode = oldFile('/data/old', PAGE);
    const address = map(MAP_PRIVATE, 1);
    const before = load(f.k, f.task, address);
    expect(residentPage(f.k.m, f.task, address)).toBe(cachedPage(f, inode, 0));
    const token = store(f.k, f.task, address);
    expect(readPages(f, open(f, '/data/old'), 0, 1)).toEqual([before]);
    expect(load(f.k, f.task, address)).toBe(token);
    syscall(f.k, f.task, 'munmap', address, PAGE);
    expect(readPages(f, open(f, '/data/old'), 0, 1)).toEqual([before]);
    expect(check_invariants(f.k)).toEqual([]);
  });

  it('behind the last page of the file is a SIGBUS; the rest of the last page is not', () => {
    oldFile('/data/old', PAGE + 1);
    const address = map(MAP_SHARED, 3);
    expect(touch(f.k, f.task, address, 3, 'read')).toBe(2);
    expect(f.task.exit_code).toBe(7);
  });

  it('that cannot read the page is a SIGBUS after the third attempt', () => {
    oldFile('/data/old', PAGE);
    const address = map(MAP_SHARED, 1);
    f.disk.fail_reads = true;
    expect(touch(f.k, f.task, address, 1, 'read')).toBe(0);
    expect([f.disk.reads, f.task.exit_code]).toEqual([3, 7]);
    settle(f.k);
    expect(check_invariants(f.k)).toEqual([]);
  });

  it('forgets an earlier read error when the page can be read now', () => {
    const inode = oldFile('/data/old', PAGE);
    const fd = open(f, '/data/old');
    f.disk.fail_reads = true;
    syscall(f.k, f.task, 'read', fd, PAGE);
    f.disk.fail_reads = false;
    expect(touch(f.k, f.task, map(MAP_SHARED, 1), 1, 'read')).toBe(1);
    expect(PageUptodate(mem(), cachedPage(f, inode, 0))).toBe(true);
  });
});

describe('mapping->flags', () => {
  it('keeps error bits apart from the gfp mask', () => {
    const { i_mapping } = oldFile('/data/old', PAGE);
    const gfp = mapping_gfp_mask(i_mapping);
    mapping_set_error(i_mapping, -EIO);
    expect(i_mapping.flags & ~__GFP_BITS_MASK).toBe(AS_EIO);
    expect(mapping_gfp_mask(i_mapping)).toBe(gfp);
  });
});

describe('waiting for a page', () => {
  it('wait_on_page_locked() returns when the lock is free and does not take it', () => {
    const inode = oldFile('/data/old', PAGE);
    readPages(f, open(f, '/data/old'), 0, 1);
    const page = cachedPage(f, inode, 0);
    set_page_flag(mem(), page, PG_locked);
    const path = newPath(f.task, f.k.wait_on_page_locked(page));
    stepPath(f.k, path);
    expect(path.state).toBe('running');
    f.k.unlock_page(page);
    settle(f.k);
    expect([path.state, PageLocked(mem(), page)]).toEqual(['returned', false]);
  });
});
