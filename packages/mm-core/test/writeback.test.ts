import { beforeEach, describe, expect, it } from 'vitest';
import { MS_ASYNC, MS_INVALIDATE, MS_SYNC } from '../src/include/asm-ia64/mman.js';
import { O_CREAT, O_RDWR, O_SYNC } from '../src/include/asm-ia64/fcntl.js';
import { EBADF, EBUSY, EINVAL, EIO, ENOMEM } from '../src/include/linux/errno.js';
import { PAGECACHE_TAG_DIRTY as DIRTY, PAGECACHE_TAG_WRITEBACK as WRITEBACK, type Inode } from '../src/include/linux/fs.js';
import {
  PageDirty, PageError, PageLocked, PageReclaim, PageUptodate, PageWriteback, PG_active, PG_reclaim, set_page_flag, TestSetPageLocked,
} from '../src/include/linux/page-flags.js';
import type { Page } from '../src/include/linux/types.js';
import { WB_SYNC_ALL, WB_SYNC_NONE } from '../src/include/linux/writeback.js';
import { newPath, run, runKernel, runWoken, settle, spawn, stepPath, store, syscall, touch, type MachineConfig } from '../src/index.js';
import { writebackControl } from '../src/model/objects.js';
import { check_invariants } from '../src/testing.js';
import {
  bootWith, cachedPage, inodeOf, MAP_ANONYMOUS, MAP_PRIVATE, MAP_SHARED, open, PAGE, PROT_RW, readPages, tagged, writeAt, type Fixture,
} from './files.js';

let f: Fixture;
beforeEach(() => {
  f = bootWith('ext2');
});
const mem = () => f.k.m.mem_map;
const state = () => f.k.m.page_state;
const oldFile = (path: string, bytes: number): Inode => f.k.new_inode(f.sb, path, bytes, 0o666);
const mapShared = (fd: number, pages: number): number => syscall(f.k, f.task, 'mmap', 0, pages * PAGE, PROT_RW, MAP_SHARED, fd, 0);
/** What is on the disk of a file, by page: tokens, undefined where nobody has written. */
const onDisk = (inode: Inode, pages: number): (number | undefined)[] => Array.from({ length: pages }, (_, i) => f.disk.data.get(inode.blocks.get(i) ?? -1));
const isDirty = (inode: Inode, index: number): boolean => PageDirty(mem(), cachedPage(f, inode, index));
/** A file of `pages` dirty pages, and its descriptor. */
function dirtyFile(path: string, pages: number): { fd: number; inode: Inode } {
  const fd = open(f, path);
  writeAt(f, fd, 0, pages * PAGE);
  return { fd, inode: inodeOf(f, path) };
}

describe('the tags of the page cache', () => {
  it('follow a page from dirty through writeback to clean, and the counters with them', () => {
    const { fd, inode } = dirtyFile('/data/a', 2);
    expect([tagged(f, inode, DIRTY), tagged(f, inode, WRITEBACK), state().nr_dirty, state().nr_writeback]).toEqual([[0, 1], [], 2, 0]);
    expect(runKernel(f.k, f.task, f.k.filemap_flush(inode.i_mapping))).toBe(0);
    expect([tagged(f, inode, DIRTY), tagged(f, inode, WRITEBACK), state().nr_dirty, state().nr_writeback]).toEqual([[], [0, 1], 0, 2]);
    expect(f.k.mapping_tagged(inode.i_mapping, WRITEBACK)).toBe(true);
    settle(f.k);
    expect([tagged(f, inode, WRITEBACK), state().nr_writeback]).toEqual([[], 0]);
    expect(onDisk(inode, 2)).toEqual(readPages(f, fd, 0, 2));
    expect(check_invariants(f.k)).toEqual([]);
  });

  it('the dirty tag outlives the flag until writeback begins, so that a sync in between finds the page', () => {
    const { inode } = dirtyFile('/data/a', 1);
    const page = cachedPage(f, inode, 0);
    TestSetPageLocked(mem(), page);
    expect(f.k.clear_page_dirty_for_io(page)).toBe(1);
    expect([isDirty(inode, 0), tagged(f, inode, DIRTY), state().nr_dirty]).toEqual([false, [0], 0]);
    expect(f.k.test_set_page_writeback(page)).toBe(0);
    expect(tagged(f, inode, DIRTY)).toEqual([]);
    expect(f.k.test_set_page_writeback(page)).toBe(1);
    expect(f.k.test_clear_page_writeback(page)).toBe(1);
    expect(f.k.test_clear_page_writeback(page)).toBe(0);
    expect(state().nr_writeback).toBe(0);
  });

  it('a page can have both: what is dirtied during its writeback is written again', () => {
    const { fd, inode } = dirtyFile('/data/a', 1);
    runKernel(f.k, f.task, f.k.filemap_flush(inode.i_mapping));
    const [first] = readPages(f, fd, 0, 1);
    const address = mapShared(fd, 1);
    const second = store(f.k, f.task, address);
    syscall(f.k, f.task, 'msync', address, PAGE, MS_ASYNC);
    expect([tagged(f, inode, DIRTY), tagged(f, inode, WRITEBACK)]).toEqual([[0], [0]]);
    expect(syscall(f.k, f.task, 'fsync', fd)).toBe(0);
    expect(second).not.toBe(first);
    expect([onDisk(inode, 1), f.disk.writes]).toEqual([[second], 2]);
    expect([tagged(f, inode, DIRTY), tagged(f, inode, WRITEBACK)]).toEqual([[], []]);
  });

  it('test_clear_page_dirty() takes flag, tag and count away at once', () => {
    const { inode } = dirtyFile('/data/a', 1);
    const page = cachedPage(f, inode, 0);
    expect(f.k.test_clear_page_dirty(page)).toBe(1);
    expect([isDirty(inode, 0), tagged(f, inode, DIRTY), state().nr_dirty]).toEqual([false, [], 0]);
    expect(f.k.test_clear_page_dirty(page)).toBe(0);
  });

  it('dirtying twice counts once', () => {
    const { inode } = dirtyFile('/data/a', 1);
    const page = cachedPage(f, inode, 0);
    f.k.set_page_dirty(page);
    f.k.set_page_dirty(page);
    expect(state().nr_dirty).toBe(1);
  });
});

describe('the end of writeback', () => {
  const underWriteback = (): Page => {
    const { inode } = dirtyFile('/data/a', 1);
    runKernel(f.k, f.task, f.k.filemap_flush(inode.i_mapping));
    return cachedPage(f, inode, 0);
  };

  it('puts a page that reclaim wants at the tail of the inactive list, where it is looked at first', () => {
    const page = underWriteback();
    dirtyFile('/data/b', 3);
    set_page_flag(mem(), page, PG_reclaim);
    settle(f.k);
    const zone = f.k.m.zones[0]!;
    expect(mem().lru_prev[zone.inactive_list]).toBe(page);
    expect([PageReclaim(mem(), page), PageWriteback(mem(), page), state().pgrotated]).toEqual([false, false, 1]);
  });

  it('leaves a page where it is that has become active', () => {
    const page = underWriteback();
    f.k.activate_page(page);
    expect(mem().flags[page]! & PG_active).not.toBe(0);
    set_page_flag(mem(), page, PG_reclaim);
    settle(f.k);
    expect([PageReclaim(mem(), page), PageWriteback(mem(), page), state().pgrotated]).toEqual([false, false, 0]);
  });

  it('is a bug when the page is not under writeback', () => {
    const { inode } = dirtyFile('/data/a', 1);
    const page = cachedPage(f, inode, 0);
    function* end() { f.k.end_page_writeback(page); }
    expect(run(f.k, f.task, end()).kind).toBe('died');
    expect(f.k.m.log.map(line => line.text)).toContain('kernel BUG at mm/filemap.c:end_page_writeback()!');
  });
});

describe.each(['fsync', 'fdatasync'])('%s()', name => {
  it('returns when the file is on disk, and time has passed', () => {
    const { fd, inode } = dirtyFile('/data/a', 3);
    const { now } = f.k.m;
    expect(syscall(f.k, f.task, name, fd)).toBe(0);
    expect(onDisk(inode, 3)).toEqual(readPages(f, fd, 0, 3));
    expect([f.k.m.now - now, state().nr_dirty, state().nr_writeback]).toEqual([3, 0, 0]);
    expect(syscall(f.k, f.task, name, fd)).toBe(0);
    expect(f.disk.writes).toBe(3);
  });

  it('leaves other files alone and refuses a descriptor that is not open', () => {
    const { fd } = dirtyFile('/data/a', 1);
    const other = dirtyFile('/data/b', 1).inode;
    syscall(f.k, f.task, name, fd);
    expect(tagged(f, other, DIRTY)).toEqual([0]);
    expect(syscall(f.k, f.task, name, 99)).toBe(-EBADF);
  });
});

describe('sync()', () => {
  it('writes all files of all file systems and waits for them', () => {
    const a = dirtyFile('/data/a', 2);
    const b = dirtyFile('/home', 1);
    syscall(f.k, f.task, 'close', a.fd);
    expect(syscall(f.k, f.task, 'sync')).toBe(0);
    expect([tagged(f, a.inode, DIRTY), tagged(f, b.inode, DIRTY), state().nr_dirty, state().nr_writeback]).toEqual([[], [], 0, 0]);
    expect(onDisk(a.inode, 2)).not.toContain(undefined);
    expect(f.k.m.bdevs.get('sda')!.writes).toBe(1);
    expect(f.k.m.super_blocks.map(sb => sb.s_dirty.size)).toEqual([0, 0, 0]);
    expect(check_invariants(f.k)).toEqual([]);
  });

  it('has nothing to do on tmpfs, whose dirty pages are tagged but not counted', () => {
    const { inode } = dirtyFile('/dev/shm/a', 2);
    expect([tagged(f, inode, DIRTY), state().nr_dirty, inode.i_sb.s_dirty.size]).toEqual([[0, 1], 0, 0]);
    syscall(f.k, f.task, 'sync');
    expect([tagged(f, inode, DIRTY), isDirty(inode, 0)]).toEqual([[0, 1], true]);
  });

  it('reports no errors: they are kept for fsync()', () => {
    const { fd } = dirtyFile('/data/a', 1);
    f.disk.fail_writes = true;
    runKernel(f.k, f.task, f.k.filemap_flush(inodeOf(f, '/data/a').i_mapping));
    settle(f.k);
    expect(syscall(f.k, f.task, 'fsync', fd)).toBe(-EIO);
    writeAt(f, fd, 0, PAGE);
    expect(syscall(f.k, f.task, 'sync')).toBe(0);
  });
});

describe('write() with O_SYNC', () => {
  it('returns when its range is on disk, and leaves what was dirty elsewhere in the file', () => {
    const { inode } = dirtyFile('/data/a', 4);
    const fd = open(f, '/data/a', O_RDWR | O_SYNC);
    expect(writeAt(f, fd, 2 * PAGE, PAGE)).toBe(PAGE);
    expect(tagged(f, inode, DIRTY)).toEqual([0, 1, 3]);
    expect(onDisk(inode, 3)[2]).toBe(readPages(f, fd, 2, 1)[0]);
  });

  it('returns the write error', () => {
    const fd = open(f, '/data/new', O_RDWR | O_CREAT | O_SYNC);
    f.disk.fail_writes = true;
    expect(writeAt(f, fd, 0, PAGE)).toBe(-EIO);
  });
});

describe('a store through a shared mapping', () => {
  it('only sets the dirty bit of the pte: fsync() and sync() do not see it', () => {
    const inode = oldFile('/data/old', 1 * PAGE);
    const fd = open(f, '/data/old');
    store(f.k, f.task, mapShared(fd, 1));
    expect([isDirty(inode, 0), state().nr_dirty]).toEqual([false, 0]);
    syscall(f.k, f.task, 'fsync', fd);
    syscall(f.k, f.task, 'sync');
    expect(f.disk.writes).toBe(0);
  });

  it('makes the page dirty when it is unmapped', () => {
    const inode = oldFile('/data/old', 2 * PAGE);
    const fd = open(f, '/data/old');
    const address = mapShared(fd, 2);
    const token = store(f.k, f.task, address + PAGE);
    touch(f.k, f.task, address, 1, 'read');
    expect(syscall(f.k, f.task, 'munmap', address, 2 * PAGE)).toBe(0);
    expect([tagged(f, inode, DIRTY), state().nr_dirty]).toEqual([[1], 1]);
    syscall(f.k, f.task, 'fsync', fd);
    expect(onDisk(inode, 2)).toEqual([undefined, token]);
  });

  it('makes the page dirty when the process exits', () => {
    const inode = oldFile('/data/old', PAGE);
    store(f.k, f.task, mapShared(open(f, '/data/old'), 1));
    syscall(f.k, f.task, 'exit', 0);
    expect(tagged(f, inode, DIRTY)).toEqual([0]);
    expect(check_invariants(f.k)).toEqual([]);
  });

  it('is found again after msync(): the pte is clean then, and the next store sets the bit without a fault', () => {
    const inode = oldFile('/data/old', PAGE);
    const address = mapShared(open(f, '/data/old'), 1);
    store(f.k, f.task, address);
    expect(syscall(f.k, f.task, 'msync', address, PAGE, MS_SYNC)).toBe(0);
    expect(isDirty(inode, 0)).toBe(false);
    const { pgfault } = state();
    const token = store(f.k, f.task, address);
    expect(state().pgfault).toBe(pgfault);
    syscall(f.k, f.task, 'msync', address, PAGE, MS_SYNC);
    expect(onDisk(inode, 1)).toEqual([token]);
  });
});

describe('msync()', () => {
  it('with MS_ASYNC makes pages dirty and starts no I/O', () => {
    const inode = oldFile('/data/old', 3 * PAGE);
    const address = mapShared(open(f, '/data/old'), 3);
    touch(f.k, f.task, address, 3, 'write');
    expect(syscall(f.k, f.task, 'msync', address + PAGE, PAGE, MS_ASYNC)).toBe(0);
    expect([tagged(f, inode, DIRTY), f.disk.writes]).toEqual([[1], 0]);
  });

  it('with MS_SYNC looks at the range it is given and writes the whole file', () => {
    const inode = oldFile('/data/old', 3 * PAGE);
    const fd = open(f, '/data/old');
    writeAt(f, fd, 2 * PAGE, PAGE);
    const address = mapShared(fd, 3);
    touch(f.k, f.task, address, 2, 'write');
    expect(syscall(f.k, f.task, 'msync', address, 1, MS_SYNC)).toBe(0);
    expect(f.disk.writes).toBe(2);
    expect(onDisk(inode, 3).map(token => token !== undefined)).toEqual([true, false, true]);
    expect([tagged(f, inode, DIRTY), tagged(f, inode, WRITEBACK)]).toEqual([[], []]);
  });

  it('does nothing about private and anonymous memory, nor about the dirty pages of a file that is mapped privately', () => {
    oldFile('/data/old', PAGE);
    const fd = open(f, '/data/old');
    writeAt(f, fd, 0, PAGE);
    const privately = syscall(f.k, f.task, 'mmap', 0, PAGE, PROT_RW, MAP_PRIVATE, fd, 0);
    const anonymous = syscall(f.k, f.task, 'mmap', 0, PAGE, PROT_RW, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    for (const address of [privately, anonymous]) {
      store(f.k, f.task, address);
      expect(syscall(f.k, f.task, 'msync', address, PAGE, MS_SYNC)).toBe(0);
    }
    expect([f.disk.writes, state().nr_dirty]).toEqual([0, 1]);
  });

  it('hands out a write error, once', () => {
    oldFile('/data/old', PAGE);
    const address = mapShared(open(f, '/data/old'), 1);
    store(f.k, f.task, address);
    f.disk.fail_writes = true;
    expect(syscall(f.k, f.task, 'msync', address, PAGE, MS_SYNC)).toBe(-EIO);
    expect(syscall(f.k, f.task, 'msync', address, PAGE, MS_SYNC)).toBe(0);
  });

  it('checks its arguments; of a range with a hole it does what is there and says ENOMEM', () => {
    const inode = oldFile('/data/old', 3 * PAGE);
    const address = mapShared(open(f, '/data/old'), 3);
    touch(f.k, f.task, address, 3, 'write');
    syscall(f.k, f.task, 'munmap', address + PAGE, PAGE);
    const msync = (start: number, len: number, flags: number): number => syscall(f.k, f.task, 'msync', start, len, flags);
    expect(msync(address, PAGE, 8)).toBe(-EINVAL);
    expect(msync(address + PAGE / 2, PAGE, MS_SYNC)).toBe(-EINVAL);
    expect(msync(address, PAGE, MS_SYNC | MS_ASYNC)).toBe(-EINVAL);
    expect(msync(address, 0, MS_SYNC)).toBe(0);
    expect(tagged(f, inode, DIRTY)).toEqual([1]);
    expect(msync(address, 3 * PAGE, MS_ASYNC)).toBe(-ENOMEM);
    expect(tagged(f, inode, DIRTY)).toEqual([0, 1, 2]);
    expect(msync(address + 3 * PAGE, PAGE, MS_ASYNC)).toBe(-ENOMEM);
  });

  it('refuses to invalidate locked memory', () => {
    oldFile('/data/old', PAGE);
    const address = mapShared(open(f, '/data/old'), 1);
    expect(syscall(f.k, f.task, 'mlock', address, PAGE)).toBe(0);
    expect(syscall(f.k, f.task, 'msync', address, PAGE, MS_SYNC | MS_INVALIDATE)).toBe(-EBUSY);
    expect(syscall(f.k, f.task, 'msync', address, PAGE, MS_SYNC)).toBe(0);
  });
});

describe('a write error', () => {
  it('is reported by one fsync(); the page is clean, so the data is lost from disk but not from memory', () => {
    const { fd, inode } = dirtyFile('/data/a', 1);
    const tokens = readPages(f, fd, 0, 1);
    f.disk.fail_writes = true;
    expect(syscall(f.k, f.task, 'fsync', fd)).toBe(-EIO);
    const page = cachedPage(f, inode, 0);
    expect([PageError(mem(), page), PageDirty(mem(), page), PageUptodate(mem(), page)]).toEqual([true, false, true]);
    expect(syscall(f.k, f.task, 'fsync', fd)).toBe(0);
    expect([onDisk(inode, 1), readPages(f, fd, 0, 1)]).toEqual([[undefined], tokens]);
  });

  it('stays on the page: a later writeback that succeeds is an error too, for who waits for it', () => {
    const { fd, inode } = dirtyFile('/data/a', 1);
    f.disk.fail_writes = true;
    syscall(f.k, f.task, 'fsync', fd);
    f.disk.fail_writes = false;
    writeAt(f, fd, 0, PAGE);
    expect(syscall(f.k, f.task, 'fsync', fd)).toBe(-EIO);
    expect(onDisk(inode, 1)).toEqual(readPages(f, fd, 0, 1));
    expect(syscall(f.k, f.task, 'fsync', fd)).toBe(0);
  });

  it.each(['ext2', 'ext3', 'xfs'] as const)('of pdflush is reported by the next fsync() of anybody, and then forgotten: %s', fstype => {
    f = bootWith(fstype);
    const { inode } = dirtyFile('/data/a', 1);
    f.disk.fail_writes = true;
    f.k.wakeup_bdflush(0);
    settle(f.k);
    expect(tagged(f, inode, DIRTY)).toEqual([]);
    expect(syscall(f.k, f.task, 'fsync', open(f, '/data/a'))).toBe(-EIO);
    expect(syscall(f.k, f.task, 'fsync', open(f, '/data/a'))).toBe(0);
  });
});

describe('write_one_page()', () => {
  it('writes the page, unlocks it and waits if it is told to', () => {
    const { inode } = dirtyFile('/data/a', 2);
    const page = cachedPage(f, inode, 1);
    TestSetPageLocked(mem(), page);
    expect(runKernel(f.k, f.task, f.k.write_one_page(page, 1))).toBe(0);
    expect([PageLocked(mem(), page), PageWriteback(mem(), page), tagged(f, inode, DIRTY)]).toEqual([false, false, [0]]);
    TestSetPageLocked(mem(), page);
    expect(runKernel(f.k, f.task, f.k.write_one_page(page, 0))).toBe(0);
    expect([PageLocked(mem(), page), f.disk.writes]).toEqual([false, 1]);
  });
});

describe('the walk over dirty pages', () => {
  const writeback = (inode: Inode, mode: typeof WB_SYNC_NONE | typeof WB_SYNC_ALL, pages: number) => {
    const wbc = writebackControl(mode, pages);
    const path = newPath(f.task, f.k.do_writepages(inode.i_mapping, wbc));
    stepPath(f.k, path);
    return { wbc, path };
  };

  it('stops after the pages it may write and goes on there the next time; from the end it wraps to the start', () => {
    const { inode } = dirtyFile('/data/a', 40);
    expect(writeback(inode, WB_SYNC_NONE, 20).wbc.nr_to_write).toBeLessThanOrEqual(0);
    const first = tagged(f, inode, WRITEBACK);
    expect(first.at(0)).toBe(0);
    expect(first.length).toBeGreaterThanOrEqual(20);
    const cursor = inode.i_mapping.writeback_index;
    expect(cursor).toBe(first.at(-1)! + 1);
    settle(f.k);
    f.k.set_page_dirty(cachedPage(f, inode, 0));
    writeback(inode, WB_SYNC_NONE, 100);
    expect(tagged(f, inode, DIRTY)).toEqual([0]);
    writeback(inode, WB_SYNC_NONE, 100);
    expect(tagged(f, inode, DIRTY)).toEqual([]);
  });

  it('for memory cleaning passes over pages that are being written; for data integrity it waits for them', () => {
    const { inode } = dirtyFile('/data/a', 1);
    writeback(inode, WB_SYNC_NONE, 10);
    f.k.set_page_dirty(cachedPage(f, inode, 0));
    expect(writeback(inode, WB_SYNC_NONE, 10).path.state).toBe('returned');
    expect([tagged(f, inode, DIRTY), f.disk.writes]).toEqual([[0], 1]);
    const { path } = writeback(inode, WB_SYNC_ALL, 10);
    expect(path.wait).toMatchObject({ kind: 'page-writeback' });
    settle(f.k);
    expect([path.state, tagged(f, inode, DIRTY), f.disk.writes]).toEqual(['returned', [], 2]);
  });

  it('passes over a page that has been truncated while it waited for the lock', () => {
    const { inode } = dirtyFile('/data/a', 1);
    const page = cachedPage(f, inode, 0);
    TestSetPageLocked(mem(), page);
    const { path } = writeback(inode, WB_SYNC_ALL, 10);
    expect(path.wait).toEqual({ kind: 'page-lock', page });
    f.k.truncate_complete_page(inode.i_mapping, page);
    f.k.unlock_page(page);
    settle(f.k);
    expect([path.value, f.disk.writes]).toEqual([0, 0]);
    expect(check_invariants(f.k)).toEqual([]);
  });

  it('passes over a page that has become another file\'s while it waited for the lock', () => {
    const { inode } = dirtyFile('/data/a', 1);
    const other = oldFile('/data/other', PAGE);
    const page = cachedPage(f, inode, 0);
    TestSetPageLocked(mem(), page);
    writeback(inode, WB_SYNC_ALL, 10);
    f.k.test_clear_page_dirty(page);
    f.k.remove_from_page_cache(page);
    expect(f.k.add_to_page_cache(page, other.i_mapping, 0, 0)).toBe(0);
    f.k.put_page(page);
    f.k.set_page_dirty(page);
    f.k.unlock_page(page);
    settle(f.k);
    expect([tagged(f, other, DIRTY), isDirty(other, 0), f.disk.writes]).toEqual([[0], true, 0]);
  });
});

describe('the inodes of a file system that are dirty', () => {
  it('are written in the order in which they became dirty, whatever has been written to them since', () => {
    const a = dirtyFile('/data/a', 1);
    f.k.m.now += 10;
    const b = dirtyFile('/data/b', 1);
    writeAt(f, a.fd, PAGE, 19 * PAGE);
    expect([...f.sb.s_dirty]).toEqual([a.inode, b.inode]);
    /* One page was asked for; the fourteen that were looked up together are written together. */
    runKernel(f.k, f.task, f.k.writeback_inodes(writebackControl(WB_SYNC_NONE, 1)));
    expect([tagged(f, a.inode, DIRTY), tagged(f, b.inode, DIRTY)]).toEqual([[14, 15, 16, 17, 18, 19], [0]]);
    expect([...f.sb.s_dirty]).toEqual([b.inode, a.inode]);
  });

  it('are left for the next time when they became dirty after the call began', () => {
    const a = dirtyFile('/data/a', 1);
    const inode = oldFile('/data/b', PAGE);
    inode.dirtied_when = f.k.m.now + 1;
    f.sb.s_dirty.add(inode);
    runKernel(f.k, f.task, f.k.writeback_inodes(writebackControl(WB_SYNC_NONE, 100)));
    expect([...f.sb.s_dirty]).toEqual([inode]);
    expect(tagged(f, a.inode, DIRTY)).toEqual([]);
  });

  it('are gone from the list with the file', () => {
    const { fd } = dirtyFile('/data/a', 1);
    syscall(f.k, f.task, 'unlink', '/data/a');
    syscall(f.k, f.task, 'close', fd);
    expect([f.sb.s_dirty.size, state().nr_dirty]).toEqual([0, 0]);
    expect(check_invariants(f.k)).toEqual([]);
  });
});

describe('wb_kupdate()', () => {
  const kupdate = (): void => {
    runKernel(f.k, f.task, f.k.wb_kupdate());
    settle(f.k);
  };

  it('writes what has been dirty for thirty seconds, and nothing younger', () => {
    const a = dirtyFile('/data/a', 1);
    f.k.m.now += 20_000;
    const b = dirtyFile('/data/b', 1);
    f.k.m.now += 9_999;
    kupdate();
    expect([tagged(f, a.inode, DIRTY), tagged(f, b.inode, DIRTY)]).toEqual([[0], [0]]);
    f.k.m.now += 1;
    kupdate();
    expect([tagged(f, a.inode, DIRTY), tagged(f, b.inode, DIRTY)]).toEqual([[], [0]]);
  });

  it('writes a large old file to its end, though it takes 1024 pages at a time', () => {
    f.k.m.dirty_background_ratio = 100;
    const { inode } = dirtyFile('/data/a', 1200);
    expect(f.disk.writes).toBe(0);
    f.k.m.now += 30_000;
    kupdate();
    expect(tagged(f, inode, DIRTY)).toEqual([]);
    expect(f.disk.writes).toBe(1200);
  });

  it('cleans an old inode that has nothing but changed attributes', () => {
    const fd = open(f, '/data/a');
    syscall(f.k, f.task, 'ftruncate', fd, 2 * PAGE);
    expect([inodeOf(f, '/data/a').i_dirty, state().nr_dirty]).toEqual([true, 0]);
    f.k.m.now += 30_000;
    kupdate();
    expect([inodeOf(f, '/data/a').i_dirty, f.sb.s_dirty.size]).toEqual([false, 0]);
  });
});

describe('the limits of dirty memory', () => {
  const withNodes = (nodes: number, pages: number): void => {
    const config: Partial<MachineConfig> = { nodes: Array.from({ length: nodes }, (_, id) => ({ id, pages, cpus: [id] })) };
    f = bootWith('ext2', PAGE, config);
  };
  /** A write() until it sleeps, with pdflush kept from running: pages that it has started to write back itself. */
  const writesItself = (pages: number): number => {
    const path = newPath(f.task, f.k.sys_write(open(f, '/data/a'), pages * PAGE));
    stepPath(f.k, path);
    return f.disk.writes;
  };

  it('over ten percent of memory pdflush is woken, and writes until less is dirty', () => {
    withNodes(1, 2000);
    const { inode } = dirtyFile('/data/a', 150);
    expect([f.disk.writes, f.k.m.pdflush_list.length]).toEqual([0, 0]);
    writeAt(f, open(f, '/data/a'), 150 * PAGE, 150 * PAGE);
    settle(f.k);
    expect(f.disk.writes).toBeGreaterThan(0);
    expect(tagged(f, inode, DIRTY).length).toBeLessThan(200);
    expect(check_invariants(f.k)).toEqual([]);
  });

  it('over forty percent the writer writes back half as much again as it may dirty between two looks, and goes on', () => {
    withNodes(1, 2000);
    const path = newPath(f.task, f.k.sys_write(open(f, '/data/a'), 820 * PAGE));
    stepPath(f.k, path);
    expect([path.value, f.k.m.dirty_exceeded]).toEqual([820 * PAGE, true]);
    expect(f.disk.writes).toBeGreaterThanOrEqual(62 + 31);
    expect(f.disk.writes).toBeLessThan(62 + 31 + 14);
    settle(f.k);
    expect(check_invariants(f.k)).toEqual([]);
  });

  it('under forty percent the writer writes nothing back; far over it looks every eight pages', () => {
    withNodes(1, 2000);
    expect(writesItself(800)).toBe(0);
    withNodes(1, 2000);
    expect(writesItself(1000)).toBeGreaterThan(90);
    expect(f.k.m.dirty_exceeded).toBe(true);
    settle(f.k);
    expect(check_invariants(f.k)).toEqual([]);
  });

  it('a writer that finds too little to write back waits for the disk', () => {
    withNodes(1, 2000);
    state().nr_writeback = 1000;
    const path = newPath(f.task, f.k.sys_write(open(f, '/data/a'), 80 * PAGE));
    stepPath(f.k, path);
    expect([path.wait, f.disk.writes]).toEqual([{ kind: 'io', until: 100 }, 63]);
    state().nr_writeback -= 1000;
    settle(f.k);
    expect([path.value, f.k.m.dirty_exceeded]).toEqual([80 * PAGE, false]);
  });

  it('memory that is mapped lowers the limit to half of the rest', () => {
    const mapHalf = (): void => {
      withNodes(1, 2000);
      const address = syscall(f.k, f.task, 'mmap', 0, 1000 * PAGE, PROT_RW, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
      touch(f.k, f.task, address, 1000, 'write');
      expect(state().nr_mapped).toBe(1000);
    };
    mapHalf();
    expect(writesItself(500)).toBe(0);
    mapHalf();
    expect(writesItself(700)).toBeGreaterThan(90);
  });

  it('2.6.12 counts all memory once a node, so two nodes may dirty twice as much of it', () => {
    withNodes(2, 1000);
    expect(writesItself(1600)).toBe(0);
    withNodes(2, 1000);
    expect(writesItself(1750)).toBeGreaterThan(90);
  });

  it('reclaim waits while far more is under writeback than may be dirty', () => {
    withNodes(1, 2000);
    const throttled = (nr_writeback: number): boolean => {
      state().nr_writeback = nr_writeback;
      const path = newPath(spawn(f.k), f.k.throttle_vm_writeout());
      stepPath(f.k, path);
      return path.state === 'running';
    };
    expect([throttled(880), throttled(881)]).toEqual([false, true]);
    state().nr_writeback = 0;
    settle(f.k);
  });

  it('pdflush has each kind of work on its list once, the larger amount of it', () => {
    f.k.pdflush_operation({ fn: 'background_writeout', arg: 7 });
    f.k.pdflush_operation({ fn: 'background_writeout', arg: 3 });
    expect(f.k.m.pdflush_list).toEqual([{ fn: 'background_writeout', arg: 7 }]);
    runWoken(f.k);
    expect(f.k.m.pdflush_list).toEqual([]);
  });
});
