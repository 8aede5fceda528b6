import { beforeEach, describe, expect, it } from 'vitest';
import { BH_Async_Write, BH_Delay, BH_Dirty, BH_Lock, BH_Mapped, BH_New, BH_Uptodate } from '../src/include/linux/buffer_head.js';
import { EIO } from '../src/include/linux/errno.js';
import { PAGECACHE_TAG_DIRTY as DIRTY, type FsType, type Inode } from '../src/include/linux/fs.js';
import { GFP_KERNEL, GFP_NOFS } from '../src/include/linux/gfp.js';
import { list_empty } from '../src/include/linux/list.js';
import { page_zone } from '../src/include/linux/mm.js';
import { mapping_gfp_mask } from '../src/include/linux/pagemap.js';
import { PageDirty, PageLocked, PagePrivate, PageUptodate, TestSetPageLocked } from '../src/include/linux/page-flags.js';
import type { Page } from '../src/include/linux/types.js';
import { newListHead, newPath, runKernel, settle, stepPath, store, syscall, touch } from '../src/index.js';
import { check_invariants } from '../src/testing.js';
import { bootWith, buffersOf, cachedPage, dropCache, inodeOf, MAP_SHARED, open, PAGE, PROT_RW, readPages, tagged, writeAt, type Fixture } from './files.js';

const BLOCK = PAGE / 4;
const DELALLOC = BH_Uptodate | BH_Mapped | BH_Delay | BH_Dirty;
let f: Fixture;
beforeEach(() => {
  f = bootWith('xfs', BLOCK);
});
const mem = () => f.k.m.mem_map;
const oldFile = (path: string, bytes: number): Inode => f.k.new_inode(f.sb, path, bytes, 0o666);
const pageOf = (path: string, index = 0): Page => cachedPage(f, inodeOf(f, path), index);
const states = (page: Page, mask: number): number[] => buffersOf(f, page).map(state => state & mask);
const ALL = [0, 1, 2, 3];

/** A new file of which blocks have been written, and its first page. */
function written(blocks: number): { fd: number; inode: Inode; page: Page } {
  const fd = open(f, '/data/a');
  writeAt(f, fd, 0, blocks * BLOCK);
  return { fd, inode: inodeOf(f, '/data/a'), page: pageOf('/data/a') };
}

describe('delayed allocation', () => {
  it('reserves blocks at write() and finds them a place only when they are written back', () => {
    const { fd, inode, page } = written(4);
    expect([states(page, DELALLOC | BH_New), inode.blocks.size]).toEqual([ALL.map(() => DELALLOC), 0]);
    expect(syscall(f.k, f.task, 'fsync', fd)).toBe(0);
    expect([states(page, DELALLOC), inode.blocks.size, f.disk.writes]).toEqual([ALL.map(() => BH_Uptodate | BH_Mapped), 1, 1]);
    expect(check_invariants(f.k)).toEqual([]);
  });

  it('never happens for a file that is gone before', () => {
    const { fd, inode } = written(4);
    syscall(f.k, f.task, 'unlink', '/data/a');
    syscall(f.k, f.task, 'close', fd);
    settle(f.k);
    expect([inode.blocks.size, f.disk.writes, f.k.m.bh.used]).toEqual([0, 0, 0]);
  });

  it('does not apply to what has a block already', () => {
    const inode = oldFile('/data/old', PAGE);
    writeAt(f, open(f, '/data/old'), 0, PAGE);
    expect(states(pageOf('/data/old'), DELALLOC)).toEqual(ALL.map(() => BH_Uptodate | BH_Mapped | BH_Dirty));
    expect(inode.blocks.size).toBe(1);
  });

  it('a hole is read as zeros and gets no block by that', () => {
    const fd = open(f, '/data/a');
    syscall(f.k, f.task, 'ftruncate', fd, PAGE);
    expect(readPages(f, fd, 0, 1)).toEqual([0]);
    expect([inodeOf(f, '/data/a').blocks.size, f.disk.reads]).toEqual([0, 0]);
  });
});

describe('linvfs_writepage()', () => {
  it('writes the whole page, clean buffers too: a mapping may have changed any of them', () => {
    const { fd, page } = written(4);
    syscall(f.k, f.task, 'fsync', fd);
    writeAt(f, fd, 0, BLOCK);
    expect(states(page, BH_Dirty)).toEqual([BH_Dirty, 0, 0, 0]);
    TestSetPageLocked(mem(), page);
    f.k.clear_page_dirty_for_io(page);
    const path = newPath(f.task, f.k.linvfs_writepage(page));
    stepPath(f.k, path);
    expect(states(page, BH_Async_Write | BH_Lock)).toEqual(ALL.map(() => BH_Async_Write | BH_Lock));
    settle(f.k);
    expect([path.value, PageLocked(mem(), page), states(page, BH_Async_Write | BH_Lock | BH_Dirty)]).toEqual([0, false, [0, 0, 0, 0]]);
  });

  it('gives a page without buffers some, and blocks where there are none', () => {
    const fd = open(f, '/data/sparse');
    syscall(f.k, f.task, 'ftruncate', fd, PAGE);
    const address = syscall(f.k, f.task, 'mmap', 0, PAGE, PROT_RW, MAP_SHARED, fd, 0);
    const token = store(f.k, f.task, address);
    syscall(f.k, f.task, 'msync', address, PAGE, 4);
    const inode = inodeOf(f, '/data/sparse');
    expect([PagePrivate(mem(), pageOf('/data/sparse')), f.disk.data.get(inode.blocks.get(0)!)]).toEqual([true, token]);
    expect(check_invariants(f.k)).toEqual([]);
  });

  it('leaves what lies behind the end of the file', () => {
    const { fd, page } = written(2);
    f.k.set_page_dirty(page);
    syscall(f.k, f.task, 'fsync', fd);
    expect(states(page, BH_Mapped | BH_Dirty)).toEqual([BH_Mapped, BH_Mapped, BH_Dirty, BH_Dirty]);
  });

  it('of a page outside the file is an error, and the page is not up to date any more', () => {
    const { inode, page } = written(4);
    inode.i_size = 0;
    TestSetPageLocked(mem(), page);
    f.k.clear_page_dirty_for_io(page);
    expect(runKernel(f.k, f.task, f.k.linvfs_writepage(page))).toBe(-EIO);
    expect([PageUptodate(mem(), page), PageLocked(mem(), page), PagePrivate(mem(), page)]).toEqual([false, false, false]);
  });

  it('reports a disk error through fsync()', () => {
    const { fd } = written(4);
    f.disk.fail_writes = true;
    expect(syscall(f.k, f.task, 'fsync', fd)).toBe(-EIO);
    expect(syscall(f.k, f.task, 'fsync', fd)).toBe(0);
    expect(check_invariants(f.k)).toEqual([]);
  });
});

describe('linvfs_release_page()', () => {
  const locked = (page: Page): Page => {
    expect(TestSetPageLocked(mem(), page)).toBe(false);
    return page;
  };

  it('frees clean buffers', () => {
    const { fd, page } = written(4);
    syscall(f.k, f.task, 'fsync', fd);
    expect(f.k.try_to_release_page(locked(page), 0)).toBe(1);
    expect([PagePrivate(mem(), page), f.k.m.bh.used]).toEqual([false, 0]);
  });

  it('refuses where blocks are still to be allocated and the file system may not be entered', () => {
    const { inode, page } = written(4);
    expect(f.k.try_to_release_page(locked(page), GFP_NOFS)).toBe(0);
    expect([states(page, BH_Delay), inode.blocks.size]).toEqual([ALL.map(() => BH_Delay), 0]);
  });

  it('allocates them where it may, and leaves the buffers dirty for writeback', () => {
    const { fd, inode, page } = written(4);
    expect(f.k.try_to_release_page(locked(page), GFP_KERNEL)).toBe(0);
    expect([states(page, BH_Delay | BH_Dirty), inode.blocks.size, f.disk.writes]).toEqual([ALL.map(() => BH_Dirty), 1, 0]);
    f.k.unlock_page(page);
    syscall(f.k, f.task, 'fsync', fd);
    expect([dropCache(f, inode), f.disk.writes]).toEqual([1, 1]);
    expect(check_invariants(f.k)).toEqual([]);
  });

  it('dirties the buffers of a page that is clean, but not the page: nothing will write them', () => {
    const { inode, page } = written(4);
    f.k.test_clear_page_dirty(page);
    const { b_state, b_this_page } = f.k.m.bh;
    let bh = mem().private[page]!;
    for (let block = 0; block < 4; block++, bh = b_this_page[bh]!) b_state[bh]! &= ~BH_Dirty;
    expect(f.k.try_to_release_page(locked(page), GFP_KERNEL)).toBe(0);
    expect([states(page, BH_Dirty | BH_Lock | BH_Async_Write), PageDirty(mem(), page), tagged(f, inode, DIRTY)]).toEqual([ALL.map(() => BH_Dirty), false, []]);
  });

  it('counts the blocks behind the end of the file among those that are not clean', () => {
    const { page } = written(2);
    locked(page);
    expect(f.k.xfs_page_state_convert(page, 0, 0)).toBe(2);
  });
});

describe('metadata buffers', () => {
  const get = (block: number): number => runKernel(f.k, f.task, f.k.pagebuf_get(f.sb, block));

  it('live in an address space of the device, read once, and stay when they are given up', () => {
    const page = get(9) as Page;
    const mapping = f.sb.bt_mapping!;
    expect([mem().index[page], mapping.nrpages, PageUptodate(mem(), page), PageLocked(mem(), page), PagePrivate(mem(), page)]).toEqual([2, 1, true, false, false]);
    expect(get(8)).toBe(page);
    expect(f.disk.reads).toBe(1);
    expect(check_invariants(f.k, { pins: new Map([[page, 2]]) })).toEqual([]);
    f.k.pagebuf_rele(page);
    f.k.pagebuf_rele(page);
    expect(mapping.nrpages).toBe(1);
    expect(check_invariants(f.k)).toEqual([]);
  });

  it('keep a bitmap of what has been read in page->private, where blocks are smaller than pages', () => {
    expect(mem().private[get(0)]).toBe(0xffff_ffff);
    f = bootWith('xfs', PAGE);
    expect(mem().private[get(0)]).toBe(0);
  });

  it('that cannot be read are an error, until they can', () => {
    f.disk.fail_reads = true;
    expect(get(3)).toBe(-EIO);
    expect(check_invariants(f.k)).toEqual([]);
    f.disk.fail_reads = false;
    expect(get(3)).toBeGreaterThan(0);
  });

  it('are allocated without entering a file system, and nobody can write them: the table has no writepage', () => {
    expect(mapping_gfp_mask(f.sb.bt_mapping!)).toBe(GFP_NOFS);
    expect(Object.keys(f.k.mapping_aops)).toEqual(['sync_page']);
  });

  it('belong to XFS alone', () => {
    f = bootWith('ext3', BLOCK);
    expect(() => get(0)).toThrow(/pagebuf_get\(\): ext3 on \/data has no metadata buffers/);
  });
});

describe('which file systems can move a page with its buffers, before the series', () => {
  it('ext2 and ext3, but not XFS', () => {
    const { ext2_aops, ext3_ordered_aops, linvfs_aops, mapping_aops, shmem_aops } = f.k;
    expect([ext2_aops, ext3_ordered_aops].map(aops => aops.migrate_page)).toEqual(['ext2_migrate_page', 'ext3_migrate_page']);
    expect([linvfs_aops, mapping_aops, shmem_aops].map(aops => aops.migrate_page)).toEqual([undefined, undefined, undefined]);
  });

  /** A dirty page of a file, written with write() or stored through a mapping that is gone, migrated. */
  function migrate(fstype: FsType, how: 'write' | 'store') {
    f = bootWith(fstype, BLOCK);
    const inode = oldFile('/data/old', PAGE);
    const fd = open(f, '/data/old');
    readPages(f, fd, 0, 1);
    if (how === 'write') writeAt(f, fd, 0, PAGE);
    else {
      const address = syscall(f.k, f.task, 'mmap', 0, PAGE, PROT_RW, MAP_SHARED, fd, 0);
      touch(f.k, f.task, address, 1, 'write');
      syscall(f.k, f.task, 'munmap', address, PAGE);
    }
    for (const cpu of f.k.m.cpus) f.k.lru_drain_cache(cpu);
    const page = cachedPage(f, inode, 0);
    const content = mem().content[page]!;
    const list = newListHead(f.k.m);
    expect(f.k.steal_page_from_lru(page_zone(f.k.m, page), page, list)).toBe(1);
    const { writes } = f.disk;
    const { pgpgout } = f.k.m.page_state;
    expect(runKernel(f.k, f.task, f.k.try_to_migrate_pages(list))).toBe(0);
    expect(list_empty(mem(), list)).toBe(true);
    const moved = cachedPage(f, inode, 0);
    expect([moved !== page, mem().content[moved]]).toEqual([true, content]);
    expect(check_invariants(f.k)).toEqual([]);
    return { moved, writes: f.disk.writes - writes, pgpgout: f.k.m.page_state.pgpgout - pgpgout };
  }

  it.each(['ext2', 'ext3'] as const)('%s: a dirty page moves as it is, without I/O', fstype => {
    const { moved, writes, pgpgout } = migrate(fstype, 'write');
    expect([writes, pgpgout, PagePrivate(mem(), moved), PageDirty(mem(), moved), states(moved, BH_Dirty)]).toEqual([0, 0, true, true, ALL.map(() => BH_Dirty)]);
    expect(tagged(f, inodeOf(f, '/data/old'), DIRTY)).toEqual([0]);
  });

  it('xfs: a dirty page with buffers is written first, and loses them', () => {
    const { moved, writes, pgpgout } = migrate('xfs', 'write');
    expect([writes, pgpgout, PagePrivate(mem(), moved), PageDirty(mem(), moved)]).toEqual([1, PAGE / 512, false, false]);
  });

  it('xfs: a dirty page without buffers moves without I/O', () => {
    const { moved, writes } = migrate('xfs', 'store');
    expect([writes, PagePrivate(mem(), moved), PageDirty(mem(), moved)]).toEqual([0, false, true]);
    expect(tagged(f, inodeOf(f, '/data/old'), DIRTY)).toEqual([0]);
  });

  it.each(['ext2', 'ext3', 'xfs'] as const)('%s: what was moved dirty is on disk after a sync, and nothing of it is lost', fstype => {
    const { moved } = migrate(fstype, 'write');
    const token = mem().content[moved];
    const inode = inodeOf(f, '/data/old');
    syscall(f.k, f.task, 'sync');
    expect(f.disk.data.get(inode.blocks.get(0)!)).toBe(token);
    expect(dropCache(f, inode)).toBe(1);
    expect(readPages(f, open(f, '/data/old'), 0, 1)).toEqual([token]);
    expect(check_invariants(f.k)).toEqual([]);
  });
});
