import { beforeEach, describe, expect, it } from 'vitest';
import { BH_Async_Write, BH_Delay, BH_Dirty, BH_Lock, BH_Mapped, BH_New, BH_Req, BH_Uptodate } from '../src/include/linux/buffer_head.js';
import { EIO } from '../src/include/linux/errno.js';
import type { FsType } from '../src/include/linux/fs.js';
import { GFP_KERNEL } from '../src/include/linux/gfp.js';
import {
  clear_page_flag, PageChecked, PageDirty, PageError, PageLocked, PageMappedToDisk, PagePrivate, PageUptodate, PageWriteback, PG_checked, PG_dirty, PG_locked,
  PG_writeback, set_page_flag, TestSetPageLocked,
} from '../src/include/linux/page-flags.js';
import type { BufferHead, Page } from '../src/include/linux/types.js';
import { newPath, run, settle, stepPath, store, syscall } from '../src/index.js';
import { check_invariants } from '../src/testing.js';
import { bootWith, buffersOf, cachedPage, dropCache, inodeOf, MAP_SHARED, open, PAGE, PROT_RW, readPages, writeAt, type Fixture } from './files.js';

/** Four blocks a page. */
const BLOCK = PAGE / 4;
let f: Fixture;
let booted = 0;
const mount = (fstype: FsType): void => {
  f = bootWith(fstype, BLOCK);
  booted = f.k.m.log.length;
};
beforeEach(() => mount('ext3'));
const mem = () => f.k.m.mem_map;
/** What the kernel has said since it was up. */
const log = (): string[] => f.k.m.log.slice(booted).map(line => line.text);
const oldFile = (path: string, bytes: number) => f.k.new_inode(f.sb, path, bytes, 0o666);
/** Of a page's buffers, the state reduced to the bits that matter to the test. */
const states = (page: Page, mask: number): number[] => buffersOf(f, page).map(state => state & mask);
const lock = (page: Page): void => {
  expect(TestSetPageLocked(mem(), page)).toBe(false);
};

/** A new file with one page of which the blocks from…to have been written. */
function written(from: number, to: number): { fd: number; page: Page } {
  const fd = open(f, '/data/new');
  writeAt(f, fd, from * BLOCK, (to - from) * BLOCK);
  return { fd, page: cachedPage(f, inodeOf(f, '/data/new'), 0) };
}

describe('write() through buffers', () => {
  it('dirties the blocks it writes to; the page is up to date only when all of its blocks are', () => {
    const { fd, page } = written(1, 3);
    expect(states(page, BH_Uptodate | BH_Dirty | BH_Mapped)).toEqual([0, BH_Uptodate | BH_Dirty | BH_Mapped, BH_Uptodate | BH_Dirty | BH_Mapped, 0]);
    expect([PageUptodate(mem(), page), PageDirty(mem(), page)]).toEqual([false, true]);
    writeAt(f, fd, 0, BLOCK);
    writeAt(f, fd, 3 * BLOCK, BLOCK);
    expect(PageUptodate(mem(), page)).toBe(true);
    expect(f.disk.reads).toBe(0);
  });

  it('reads blocks that it changes in part, the first and the last, and no others', () => {
    oldFile('/data/old', PAGE);
    writeAt(f, open(f, '/data/old'), 100, 3 * BLOCK);
    expect(f.disk.reads).toBe(2);
    expect(states(cachedPage(f, inodeOf(f, '/data/old'), 0), BH_Uptodate | BH_Dirty)).toEqual(new Array(4).fill(BH_Uptodate | BH_Dirty));
  });

  it('reads nothing of a block that it allocates, nor of what lies behind the end of the file', () => {
    const fd = open(f, '/data/new');
    writeAt(f, fd, 100, 10);
    oldFile('/data/old', BLOCK);
    writeAt(f, open(f, '/data/old'), BLOCK + 100, 10);
    expect(f.disk.reads).toBe(0);
  });

  it('keeps its contents when the rest of the page is read later', () => {
    oldFile('/data/old', PAGE);
    const fd = open(f, '/data/old');
    writeAt(f, fd, BLOCK, BLOCK);
    const page = cachedPage(f, inodeOf(f, '/data/old'), 0);
    const token = mem().content[page];
    expect(PageUptodate(mem(), page)).toBe(false);
    expect(readPages(f, fd, 0, 1)).toEqual([token]);
    expect([f.disk.reads, PageUptodate(mem(), page)]).toEqual([1, true]);
  });

  it('fails with the first block that cannot be read, and the page is not up to date', () => {
    oldFile('/data/old', PAGE);
    const fd = open(f, '/data/old');
    f.disk.fail_reads = true;
    expect(writeAt(f, fd, 10, 10)).toBe(-EIO);
    const page = cachedPage(f, inodeOf(f, '/data/old'), 0);
    expect([PageUptodate(mem(), page), PageDirty(mem(), page), PageLocked(mem(), page)]).toEqual([false, false, false]);
    expect(check_invariants(f.k)).toEqual([]);
  });
});

describe('reading through buffers', () => {
  it('is what happens to a page that has some; one without gets none', () => {
    const inode = oldFile('/data/old', 2 * PAGE);
    const fd = open(f, '/data/old');
    writeAt(f, fd, 0, BLOCK);
    readPages(f, fd, 0, 2);
    expect([0, 1].map(index => PagePrivate(mem(), cachedPage(f, inode, index)))).toEqual([true, false]);
    expect(PageMappedToDisk(mem(), cachedPage(f, inode, 1))).toBe(true);
  });

  it('takes a hole for zeros, and a hole in front of data needs buffers', () => {
    const fd = open(f, '/data/sparse');
    writeAt(f, fd, 3 * BLOCK, BLOCK);
    syscall(f.k, f.task, 'fsync', fd);
    const inode = inodeOf(f, '/data/sparse');
    const [token] = readPages(f, fd, 0, 1);
    expect(dropCache(f, inode)).toBe(1);
    expect(readPages(f, fd, 0, 1)).toEqual([token]);
    const page = cachedPage(f, inode, 0);
    expect(states(page, BH_Mapped | BH_Uptodate)).toEqual([BH_Uptodate, BH_Uptodate, BH_Uptodate, BH_Mapped | BH_Uptodate]);
    expect(PageMappedToDisk(mem(), page)).toBe(false);
  });

  it('reports errors block by block, and the page keeps no lock', () => {
    oldFile('/data/old', PAGE);
    const fd = open(f, '/data/old');
    writeAt(f, fd, 0, 2 * BLOCK);
    f.disk.fail_reads = true;
    expect(syscall(f.k, f.task, 'read', fd, 1)).toBe(-EIO);
    const page = cachedPage(f, inodeOf(f, '/data/old'), 0);
    const block = f.k.m.bh.b_blocknr[mem().private[page]!]!;
    expect(log()).toEqual([2, 3].map(n => `Buffer I/O error on device sdb, logical block ${block + n}`));
    expect([PageError(mem(), page), PageUptodate(mem(), page), PageLocked(mem(), page)]).toEqual([true, false, false]);
    expect(states(page, BH_Lock | BH_Uptodate)).toEqual([BH_Uptodate, BH_Uptodate, 0, 0]);
  });
});

describe('dirty buffers and dirty pages', () => {
  it('a page dirtied as a whole dirties all of its buffers', () => {
    const { fd, page } = written(0, 4);
    syscall(f.k, f.task, 'fsync', fd);
    expect(states(page, BH_Dirty)).toEqual([0, 0, 0, 0]);
    f.k.set_page_dirty(page);
    expect(states(page, BH_Dirty)).toEqual(new Array(4).fill(BH_Dirty));
    expect(f.k.m.page_state.nr_dirty).toBe(1);
  });

  it('one dirty buffer makes the page dirty and leaves the other buffers alone', () => {
    const { fd, page } = written(0, 4);
    syscall(f.k, f.task, 'fsync', fd);
    f.k.mark_buffer_dirty(mem().private[page]! as BufferHead);
    expect(states(page, BH_Dirty)).toEqual([BH_Dirty, 0, 0, 0]);
    expect(PageDirty(mem(), page)).toBe(true);
  });

  it('new buffers take over the state of their page', () => {
    const inode = oldFile('/data/old', PAGE);
    readPages(f, open(f, '/data/old'), 0, 1);
    const page = cachedPage(f, inode, 0);
    f.k.set_page_dirty(page);
    lock(page);
    const count = mem()._count[page]!;
    f.k.create_empty_buffers(page, BLOCK, BH_New);
    expect(buffersOf(f, page)).toEqual(new Array(4).fill(BH_New | BH_Dirty | BH_Uptodate));
    expect([mem()._count[page]! - count, PagePrivate(mem(), page)]).toEqual([1, true]);
    f.k.unlock_page(page);
    expect(check_invariants(f.k)).toEqual([]);
  });
});

describe('freeing buffers', () => {
  /** A clean page with buffers, locked. */
  const clean = (): Page => {
    const { fd, page } = written(0, 4);
    syscall(f.k, f.task, 'fsync', fd);
    lock(page);
    return page;
  };
  const firstOf = (page: Page): number => mem().private[page]!;

  it('drops them with their reference; the page stays in the cache', () => {
    const page = clean();
    const count = mem()._count[page]!;
    expect(f.k.try_to_release_page(page, GFP_KERNEL)).toBe(1);
    expect([PagePrivate(mem(), page), mem().private[page], count - mem()._count[page]!, f.k.m.bh.used]).toEqual([false, 0, 1, 0]);
    f.k.unlock_page(page);
    expect(check_invariants(f.k)).toEqual([]);
  });

  it.each([
    ['dirty', (page: Page) => { f.k.m.bh.b_state[firstOf(page)]! |= BH_Dirty; }],
    ['locked', (page: Page) => { f.k.m.bh.b_state[firstOf(page)]! |= BH_Lock; }],
    ['held by somebody', (page: Page) => { f.k.m.bh.b_count[firstOf(page)]!++; }],
    ['of a page under writeback', (page: Page) => set_page_flag(mem(), page, PG_writeback)],
  ])('is refused when one is %s', (_, spoil) => {
    const page = clean();
    spoil(page);
    expect(f.k.try_to_free_buffers(page)).toBe(0);
    expect([PagePrivate(mem(), page), f.k.m.bh.used]).toEqual([true, 4]);
  });

  it('cleans a page that was dirty while its buffers were not', () => {
    const page = clean();
    f.k.__set_page_dirty_nobuffers(page);
    expect(f.k.m.page_state.nr_dirty).toBe(1);
    expect(f.k.try_to_free_buffers(page)).toBe(1);
    expect([PageDirty(mem(), page), f.k.m.page_state.nr_dirty]).toEqual([false, 0]);
    f.k.unlock_page(page);
    expect(check_invariants(f.k)).toEqual([]);
  });

  it('is a bug for a page that is not locked', () => {
    const page = clean();
    clear_page_flag(mem(), page, PG_locked);
    function* release() { f.k.try_to_release_page(page, 0); }
    expect(run(f.k, f.task, release()).kind).toBe('died');
    expect(log()).toContain('kernel BUG at fs/buffer.c:try_to_release_page()!');
  });

  it('in ext3 warns about a page that a journal would still want', () => {
    const page = clean();
    set_page_flag(mem(), page, PG_checked);
    expect(f.k.try_to_release_page(page, 0)).toBe(1);
    expect(log()).toContain('Badness in fs/ext3/inode.c:ext3_releasepage()');
  });

  it('gives the rows back for the next page', () => {
    const page = clean();
    const { high } = f.k.m.bh;
    f.k.try_to_free_buffers(page);
    f.k.unlock_page(page);
    written(0, 4);
    expect([f.k.m.bh.high, f.k.m.bh.used]).toEqual([high, 4]);
    expect(check_invariants(f.k)).toEqual([]);
  });
});

describe('writing through buffers', () => {
  it('submits the dirty ones as one request and leaves them attached and clean; one behind the end of the file counts as zeros', () => {
    const { fd, page } = written(1, 3);
    syscall(f.k, f.task, 'fsync', fd);
    expect(f.disk.writes).toBe(1);
    expect(states(page, BH_Dirty | BH_Lock | BH_Async_Write | BH_Uptodate | BH_Req)).toEqual([0, BH_Uptodate | BH_Req, BH_Uptodate | BH_Req, BH_Uptodate]);
    expect([PageDirty(mem(), page), PageWriteback(mem(), page), PagePrivate(mem(), page)]).toEqual([false, false, true]);
  });

  it('does no I/O for a page whose buffers have been written by hand, and still ends the writeback', () => {
    const { fd, page } = written(0, 4);
    syscall(f.k, f.task, 'fsync', fd);
    const { writes } = f.disk;
    f.k.__set_page_dirty_nobuffers(page);
    syscall(f.k, f.task, 'fsync', fd);
    expect([f.disk.writes - writes, PageDirty(mem(), page), PageWriteback(mem(), page), PageLocked(mem(), page)]).toEqual([0, false, false, false]);
    expect(check_invariants(f.k)).toEqual([]);
  });

  it('cleans buffers behind the end of the file and does not allocate them', () => {
    const inode = oldFile('/data/old', BLOCK + 10);
    const fd = open(f, '/data/old');
    readPages(f, fd, 0, 1);
    const page = cachedPage(f, inode, 0);
    f.k.set_page_dirty(page);
    syscall(f.k, f.task, 'fsync', fd);
    expect(states(page, BH_Mapped | BH_Dirty | BH_Uptodate)).toEqual([BH_Mapped | BH_Uptodate, BH_Mapped | BH_Uptodate, BH_Uptodate, BH_Uptodate]);
  });

  it('of a page that is outside the file by now frees the buffers instead', () => {
    const { page } = written(0, 4);
    inodeOf(f, '/data/new').i_size = 0;
    const { writes } = f.disk;
    lock(page);
    f.k.clear_page_dirty_for_io(page);
    const path = newPath(f.task, f.k.ext3_ordered_writepage(page));
    stepPath(f.k, path);
    expect([path.value, PagePrivate(mem(), page), PageLocked(mem(), page), f.disk.writes - writes]).toEqual([0, false, false, 0]);
  });

  it('logs the blocks that could not be written and remembers the error in page and mapping', () => {
    const { fd, page } = written(0, 2);
    f.disk.fail_writes = true;
    expect(syscall(f.k, f.task, 'fsync', fd)).toBe(-EIO);
    const block = f.k.m.bh.b_blocknr[mem().private[page]!]!;
    expect(log()).toEqual([
      `Buffer I/O error on device sdb, logical block ${block}`, 'lost page write due to I/O error on sdb',
      `Buffer I/O error on device sdb, logical block ${block + 1}`, 'lost page write due to I/O error on sdb',
    ]);
    expect([PageError(mem(), page), PageDirty(mem(), page), ...states(page, BH_Uptodate | BH_Dirty)]).toEqual([true, false, 0, 0, BH_Uptodate, BH_Uptodate]);
    expect(check_invariants(f.k)).toEqual([]);
  });
});

describe('which pages have buffers', () => {
  it.each([['ext2', false], ['ext3', true], ['xfs', true]] as const)('%s, page dirtied through a mapping, after writeback: %s', (fstype, expected) => {
    mount(fstype);
    const inode = oldFile('/data/old', PAGE);
    const fd = open(f, '/data/old');
    const address = syscall(f.k, f.task, 'mmap', 0, PAGE, PROT_RW, MAP_SHARED, fd, 0);
    const token = store(f.k, f.task, address);
    const page = cachedPage(f, inode, 0);
    expect(PagePrivate(mem(), page)).toBe(false);
    expect(syscall(f.k, f.task, 'msync', address, PAGE, 4)).toBe(0);
    expect(PagePrivate(mem(), page)).toBe(expected);
    expect([...f.disk.data.values()]).toContain(token);
    expect(check_invariants(f.k)).toEqual([]);
  });

  it.each(['ext2', 'ext3', 'xfs'] as const)('%s: a page written with write() has, before and after writeback', fstype => {
    mount(fstype);
    const { fd, page } = written(0, 4);
    expect(PagePrivate(mem(), page)).toBe(true);
    syscall(f.k, f.task, 'fsync', fd);
    expect(PagePrivate(mem(), page)).toBe(true);
  });
});

describe('invalidating part of a page', () => {
  it('takes the blocks behind the offset away and leaves those in front, dirty as they are', () => {
    mount('ext2');
    const { page } = written(0, 4);
    lock(page);
    f.k.do_invalidatepage(page, 2 * BLOCK);
    expect(states(page, BH_Mapped | BH_Dirty | BH_Delay | BH_New | BH_Req)).toEqual([BH_Mapped | BH_Dirty, BH_Mapped | BH_Dirty, 0, 0]);
    expect(PagePrivate(mem(), page)).toBe(true);
  });

  it('frees the buffers when it is the whole page, and ext3 forgets that it was checked', () => {
    const { page } = written(0, 4);
    lock(page);
    set_page_flag(mem(), page, PG_checked);
    f.k.do_invalidatepage(page, 0);
    expect([PagePrivate(mem(), page), PageChecked(mem(), page), f.k.m.bh.used]).toEqual([false, false, 0]);
    expect(log()).toEqual([]);
  });
});

describe('buffer locks', () => {
  it('__wait_on_buffer() and __lock_buffer() wait until the buffer is unlocked; only the second one takes it', () => {
    const { page } = written(0, 4);
    const bh = mem().private[page]! as BufferHead;
    f.k.m.bh.b_state[bh]! |= BH_Lock;
    const waiting = newPath(f.task, f.k.__wait_on_buffer(bh));
    stepPath(f.k, waiting);
    expect(waiting.wait).toEqual({ kind: 'buffer-lock', bh });
    f.k.unlock_buffer(bh);
    settle(f.k);
    expect([waiting.state, f.k.m.bh.b_state[bh]! & BH_Lock]).toEqual(['returned', 0]);
    const locking = newPath(f.task, f.k.__lock_buffer(bh));
    stepPath(f.k, locking);
    expect([locking.state, f.k.m.bh.b_state[bh]! & BH_Lock]).toEqual(['returned', BH_Lock]);
  });
});

describe('set_page_dirty()', () => {
  it('only flags a page that has left its mapping, and counts it nowhere', () => {
    const { page } = written(0, 4);
    const inode = inodeOf(f, '/data/new');
    lock(page);
    mem()._count[page]!++;
    f.k.truncate_complete_page(inode.i_mapping, page);
    f.k.unlock_page(page);
    expect(PageDirty(mem(), page)).toBe(false);
    f.k.set_page_dirty(page);
    expect([PageDirty(mem(), page), f.k.m.page_state.nr_dirty]).toEqual([true, 0]);
    clear_page_flag(mem(), page, PG_dirty);
    f.k.put_page(page);
    expect(check_invariants(f.k)).toEqual([]);
  });
});
