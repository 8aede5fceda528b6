import { beforeEach, describe, expect, it } from 'vitest';
import { BH_Dirty } from '../src/include/linux/buffer_head.js';
import { ENOSPC, EIO } from '../src/include/linux/errno.js';
import { AS_EIO, AS_ENOSPC } from '../src/include/linux/fs.js';
import { GFP_NOFS } from '../src/include/linux/gfp.js';
import { get_page, page_count, page_mapcount } from '../src/include/linux/mm.js';
import {
  PageActive, PageDirty, PageLocked, PageLRU, PagePrivate, PageReclaim, PageReferenced, PageWriteback, PG_locked, set_page_flag,
} from '../src/include/linux/page-flags.js';
import { PAGE_ACTIVATE, PAGE_CLEAN, PAGE_KEEP, PAGE_SUCCESS } from '../src/include/linux/swap.js';
import type { Page } from '../src/include/linux/types.js';
import { WRITEPAGE_ACTIVATE } from '../src/include/linux/writeback.js';
import { load, newListHead, releaseListHead, residentPage, runKernel, settle, store, syscall, touch } from '../src/index.js';
import { check_invariants } from '../src/testing.js';
import { cachedPage, inodeOf, PAGE, readPages, tagged, type Fixture } from './files.js';
import {
  bootSmall, inactivePages, mapFile, newFile, reclaimAll, refillInactive, scan, shrinkCache, writtenMemory, zoneOf, cachedFile, dirtyFile,
} from './reclaim.js';

let f: Fixture;
const flagsOf = (page: Page) => ({ locked: PageLocked(f.k.m.mem_map, page), dirty: PageDirty(f.k.m.mem_map, page), active: PageActive(f.k.m.mem_map, page), lru: PageLRU(f.k.m.mem_map, page) });

describe('pageout()', () => {
  let page: Page;
  beforeEach(() => {
    f = bootSmall();
    page = dirtyFile(f, 1).page(0);
    // as isolate_lru_pages() and the trylock leave it
    get_page(f.k.m.mem_map, page);
    set_page_flag(f.k.m.mem_map, page, PG_locked);
  });
  const pageout = (k = f.k): number => runKernel(k, f.task, k.pageout(page, inodeOf(f, '/data/file').i_mapping));

  it('starts to write a dirty page and marks it for the end of the inactive list', () => {
    expect(pageout()).toBe(PAGE_SUCCESS);
    expect(PageWriteback(f.k.m.mem_map, page)).toBe(true);
    expect(PageReclaim(f.k.m.mem_map, page)).toBe(true);
    expect(flagsOf(page)).toMatchObject({ locked: false, dirty: false });
    expect(f.k.m.page_state.nr_dirty).toBe(0);
  });

  it('has the page at the end of the inactive list when it is written', () => {
    cachedFile(f, 3, '/data/older');
    pageout();
    settle(f.k);
    expect(inactivePages(f.k)[0]).toBe(page);
    expect(f.k.m.page_state.pgrotated).toBe(1);
    expect(f.disk.writes).toBe(1);
    expect(PageReclaim(f.k.m.mem_map, page)).toBe(false);
  });

  it('keeps a page that somebody else holds', () => {
    get_page(f.k.m.mem_map, page);
    expect(pageout()).toBe(PAGE_KEEP);
    expect(flagsOf(page)).toMatchObject({ locked: true, dirty: true });
  });

  it('finds nothing to write in a clean page', () => {
    f.k.clear_page_dirty_for_io(page);
    expect(pageout()).toBe(PAGE_CLEAN);
    expect(flagsOf(page).locked).toBe(true);
  });

  it('keeps a page without a mapping', () => {
    expect(runKernel(f.k, f.task, f.k.pageout(page, null))).toBe(PAGE_KEEP);
  });

  it('remembers in the mapping that the file system could not write, and which way', () => {
    const mapping = inodeOf(f, '/data/file').i_mapping;
    for (const [error, bit] of [[ENOSPC, AS_ENOSPC], [EIO, AS_EIO]] as const) {
      const failing = { ...f.k, ext2_writepage: function* (target: Page) { f.k.unlock_page(target); return -error; } };
      expect(pageout(failing)).toBe(PAGE_SUCCESS);
      expect(mapping.flags & (AS_EIO | AS_ENOSPC)).toBe(bit);
      expect(PageReclaim(f.k.m.mem_map, page)).toBe(false);
      mapping.flags &= ~bit;
      set_page_flag(f.k.m.mem_map, page, PG_locked);
      f.k.set_page_dirty(page);
    }
  });

  it('leaves the page locked when the file system wants to keep it', () => {
    const keeping = { ...f.k, ext2_writepage: function* (target: Page) { f.k.set_page_dirty(target); return WRITEPAGE_ACTIVATE; } };
    expect(pageout(keeping)).toBe(PAGE_ACTIVATE);
    expect(flagsOf(page)).toMatchObject({ locked: true, dirty: true });
    expect(PageReclaim(f.k.m.mem_map, page)).toBe(false);
  });
});

it('pageout() leaves what nobody can write, XFS metadata, to its owner', () => {
  f = bootSmall('xfs');
  const page = runKernel(f.k, f.task, f.k.pagebuf_get(f.sb, 5)) as Page;
  set_page_flag(f.k.m.mem_map, page, PG_locked);
  expect(page_count(f.k.m.mem_map, page)).toBe(3);
  f.k.m.mem_map._count[page]!--; // the pagevec's is gone, the buffer's stands for the isolation
  expect(runKernel(f.k, f.task, f.k.pageout(page, f.sb.bt_mapping))).toBe(PAGE_ACTIVATE);
});

describe('isolate_lru_pages()', () => {
  it('takes the oldest pages, oldest last, off the LRU with a reference', () => {
    f = bootSmall();
    const { page } = cachedFile(f, 5);
    const { m } = f.k;
    const list = newListHead(m);
    expect(inactivePages(f.k)).toEqual([0, 1, 2, 3, 4].map(page));
    expect(f.k.isolate_lru_pages(3, zoneOf(f.k).inactive_list, list)).toBe(3);
    expect(inactivePages(f.k)).toEqual([3, 4].map(page));
    expect(m.mem_map.lru_prev[list]).toBe(page(0));
    expect([0, 1, 2, 3].map(index => [PageLRU(m.mem_map, page(index)), page_count(m.mem_map, page(index))])).toEqual([[false, 2], [false, 2], [false, 2], [true, 1]]);
    expect(f.k.isolate_lru_pages(9, zoneOf(f.k).inactive_list, list)).toBe(2);
    releaseListHead(m, list);
  });
});

describe('reclaim of the page cache', () => {
  beforeEach(() => {
    f = bootSmall();
  });

  it('drops clean pages, oldest first, and the next read gets them from disk again', () => {
    const { fd, page, tokens } = cachedFile(f, 40);
    const reads = f.disk.reads;
    const sc = shrinkCache(f);
    expect(sc.nr_reclaimed).toBe(32);
    expect(Array.from({ length: 40 }, (_, index) => page(index) === 0)).toEqual(Array.from({ length: 40 }, (_, index) => index < 32));
    expect(readPages(f, fd, 0, 40)).toEqual(tokens);
    expect(f.disk.reads - reads).toBe(32);
    expect(check_invariants(f.k)).toEqual([]);
  });

  it('counts what it looked at and what it freed, kswapd and others apart', () => {
    cachedFile(f, 10);
    const state = f.k.m.page_state;
    shrinkCache(f);
    // one more than there was to look at: so 2.6.12 counts
    expect(state).toMatchObject({ pgscan_direct_dma: 11, pgscan_kswapd_dma: 0, pgsteal_dma: 10, kswapd_steal: 0 });
    expect(zoneOf(f.k).nr_inactive).toBe(0);
  });

  it('looks at the pages of a short list again and again, in vain: its own pagevec holds them', () => {
    const { page } = dirtyFile(f, 1);
    const sc = shrinkCache(f, { nr_to_scan: 5 });
    // each time counts as two, see above
    expect(sc.nr_scanned).toBe(3);
    expect(f.disk.writes).toBe(0);
    expect(flagsOf(page(0))).toMatchObject({ dirty: true, lru: true });
  });

  it('drops pages that were read once even if they are marked as used: nobody maps the file', () => {
    const { page } = cachedFile(f, 1);
    expect(PageReferenced(f.k.m.mem_map, page(0))).toBe(true);
    expect(shrinkCache(f).nr_reclaimed).toBe(1);
  });

  it('activates used pages of a file that somebody maps, though these are not mapped', () => {
    const { page } = cachedFile(f, 1);
    mapFile(f, '/data/file', 1);
    expect(shrinkCache(f).nr_reclaimed).toBe(0);
    expect(flagsOf(page(0))).toMatchObject({ active: true, lru: true, locked: false });
    expect(f.k.m.page_state.pgactivate).toBe(1);
  });

  it('looks at mapped pages twice over', () => {
    newFile(f, '/data/file', 4);
    touch(f.k, f.task, mapFile(f, '/data/file', 4), 3, 'read');
    f.k.lru_add_drain();
    expect(shrinkCache(f).nr_scanned).toBe(6);
  });

  it.each([['locked', PG_locked]])('passes by a page that is %s', (_state, flag) => {
    const { page } = cachedFile(f, 2);
    set_page_flag(f.k.m.mem_map, page(0), flag);
    const sc = shrinkCache(f);
    expect(sc.nr_reclaimed).toBe(1);
    expect(sc.nr_scanned).toBe(1);
    expect(flagsOf(page(0))).toMatchObject({ locked: true, lru: true, active: false });
  });

  it('keeps a page that somebody has looked up', () => {
    const { page } = cachedFile(f, 1);
    const held = page(0);
    get_page(f.k.m.mem_map, held);
    expect(shrinkCache(f).nr_reclaimed).toBe(0);
    expect(flagsOf(held)).toMatchObject({ lru: true, locked: false });
    expect(check_invariants(f.k, { pins: new Map([[held, 1]]) })).toEqual([]);
  });

  it('frees the clean buffers of a page with it', () => {
    const { page } = dirtyFile(f, 2);
    syscall(f.k, f.task, 'sync');
    settle(f.k);
    expect(PagePrivate(f.k.m.mem_map, page(0))).toBe(true);
    expect(shrinkCache(f).nr_reclaimed).toBe(2);
    expect(f.k.m.bh.used).toBe(0);
  });

  it('keeps a page that somebody dirtied, and let go of, after it was found clean', () => {
    const { page } = dirtyFile(f, 1);
    syscall(f.k, f.task, 'sync');
    settle(f.k);
    const racing = {
      ...f.k,
      try_to_release_page(target: Page, gfp_mask: number): number {
        const released = f.k.try_to_release_page(target, gfp_mask);
        f.k.set_page_dirty(target);
        return released;
      },
    };
    const sc = scan({ nr_to_scan: 1 });
    runKernel(racing, f.task, racing.shrink_cache(zoneOf(f.k), sc));
    expect(sc.nr_reclaimed).toBe(0);
    expect(flagsOf(page(0))).toMatchObject({ dirty: true, lru: true, locked: false });
  });

  it('writes dirty pages that were not used lately and frees them when it comes by again', () => {
    const { fd, page } = dirtyFile(f, 3);
    const written = [0, 1, 2].map(index => f.k.m.mem_map.content[page(index)]);
    expect(shrinkCache(f).nr_reclaimed).toBe(0); // used: a second chance, which a clean page would not get
    expect(f.disk.writes).toBe(0);
    shrinkCache(f);
    expect(f.disk.writes).toBe(3);
    expect(PageWriteback(f.k.m.mem_map, page(0))).toBe(true);
    expect(shrinkCache(f).nr_reclaimed).toBe(0);
    settle(f.k);
    expect(shrinkCache(f).nr_reclaimed).toBe(3);
    expect(page(0)).toBe(0);
    expect(readPages(f, fd, 0, 3)).toEqual(written);
    expect(tagged(f, inodeOf(f, '/data/file'), 0)).toEqual([]);
    expect(check_invariants(f.k)).toEqual([]);
  });

  it('does not write for a caller that may not wait for file systems', () => {
    const { page } = dirtyFile(f, 1);
    for (let i = 0; i < 3; i++) shrinkCache(f, { gfp_mask: GFP_NOFS });
    expect(f.disk.writes).toBe(0);
    expect(flagsOf(page(0))).toMatchObject({ dirty: true, lru: true });
  });

  it('frees a page at once that its file system has written at once', () => {
    dirtyFile(f, 1);
    shrinkCache(f);
    // a RAM disk: written when ->writepage() returns
    const ramdisk = { ...f.k, ext2_writepage: function* (page: Page) { cleanBuffers(page); f.k.unlock_page(page); return 0; } };
    const sc = scan();
    runKernel(ramdisk, f.task, ramdisk.shrink_cache(zoneOf(f.k), sc));
    expect(sc.nr_reclaimed).toBe(1);
  });

  it('keeps a page that was dirtied again while it was being written at once', () => {
    const { page } = dirtyFile(f, 1);
    shrinkCache(f);
    const racing = { ...f.k, ext2_writepage: function* (target: Page) { f.k.set_page_dirty(target); f.k.unlock_page(target); return 0; } };
    const sc = scan();
    runKernel(racing, f.task, racing.shrink_cache(zoneOf(f.k), sc));
    expect(sc.nr_reclaimed).toBe(0);
    expect(flagsOf(page(0))).toMatchObject({ dirty: true, lru: true, locked: false });
  });
});

/** What a completed write does to the buffers of a page. */
function cleanBuffers(page: Page): void {
  const { b_state, b_this_page } = f.k.m.bh;
  const head = f.k.m.mem_map.private[page]!;
  for (let bh = head; ; ) {
    b_state[bh]! &= ~BH_Dirty;
    bh = b_this_page[bh]!;
    if (bh === head) return;
  }
}

describe('reclaim of mapped file pages', () => {
  let address: number;
  let page: Page;
  beforeEach(() => {
    f = bootSmall();
    newFile(f, '/data/file', 1);
    address = mapFile(f, '/data/file', 1);
    touch(f.k, f.task, address, 1, 'read');
    f.k.lru_add_drain();
    page = residentPage(f.k.m, f.task, address);
  });

  it('activates a page that was used since the last look', () => {
    expect(shrinkCache(f).nr_reclaimed).toBe(0);
    expect(flagsOf(page)).toMatchObject({ active: true, lru: true });
    expect(page_mapcount(f.k.m.mem_map, page)).toBe(1);
  });

  it('unmaps and drops it when it was not, and the next access faults it in again', () => {
    const token = f.k.m.mem_map.content[page]!;
    shrinkCache(f);
    refillInactive(f, true);
    expect(flagsOf(page).active).toBe(false);
    expect(shrinkCache(f).nr_reclaimed).toBe(1);
    expect(residentPage(f.k.m, f.task, address)).toBe(0);
    const { pgmajfault } = f.k.m.page_state;
    expect(load(f.k, f.task, address)).toBe(token);
    expect(f.k.m.page_state.pgmajfault).toBe(pgmajfault + 1);
    expect(check_invariants(f.k)).toEqual([]);
  });

  it('writes what a program has stored before it drops the page', () => {
    const token = store(f.k, f.task, address);
    reclaimAll(f);
    expect(residentPage(f.k.m, f.task, address)).toBe(0);
    expect(cachedPage(f, inodeOf(f, '/data/file'), 0)).toBe(0);
    expect([...f.disk.data.values()]).toEqual([token]);
    expect(load(f.k, f.task, address)).toBe(token);
  });

  it('leaves locked memory where it is', () => {
    expect(syscall(f.k, f.task, 'mlock', address, PAGE)).toBe(0);
    reclaimAll(f);
    expect(residentPage(f.k.m, f.task, address)).toBe(page);
    expect(check_invariants(f.k)).toEqual([]);
  });
});

describe('refill_inactive_zone()', () => {
  beforeEach(() => {
    f = bootSmall();
  });

  /** A mapped page that is active and was not used since. */
  function activeMapped(): Page {
    newFile(f, '/data/file', 1);
    const address = mapFile(f, '/data/file', 1);
    touch(f.k, f.task, address, 1, 'read');
    f.k.lru_add_drain();
    shrinkCache(f);
    return residentPage(f.k.m, f.task, address);
  }

  it('leaves mapped pages active as long as reclaim is in no trouble and little is mapped', () => {
    const page = activeMapped();
    refillInactive(f, false);
    expect(flagsOf(page)).toMatchObject({ active: true, lru: true });
  });

  it('takes them when reclaim gets into trouble', () => {
    const page = activeMapped();
    refillInactive(f, true);
    expect(flagsOf(page)).toMatchObject({ active: false, lru: true });
    expect(f.k.m.page_state).toMatchObject({ pgdeactivate: 1, pgrefill_dma: 2 });
  });

  it('takes them when most of memory is mapped', () => {
    const page = activeMapped();
    zoneOf(f.k).prev_priority = 12;
    const share = (percent: number): void => runKernel(f.k, f.task, f.k.refill_inactive_zone(zoneOf(f.k), scan({ nr_mapped: Math.ceil((f.k.m.total_memory * percent) / 100) })));
    share(79);
    expect(flagsOf(page).active).toBe(true);
    share(80);
    expect(flagsOf(page).active).toBe(false);
  });

  it('takes them always with a swappiness of 100', () => {
    const page = activeMapped();
    f.k.m.swappiness = 100;
    refillInactive(f, false);
    expect(flagsOf(page).active).toBe(false);
  });

  it('spares those that were used since the last look', () => {
    const page = activeMapped();
    f.k.mark_page_accessed(page);
    refillInactive(f, true);
    expect(flagsOf(page).active).toBe(true);
    refillInactive(f, true);
    expect(flagsOf(page).active).toBe(false);
  });

  it('takes pages that are not mapped whether they were used or not', () => {
    const { fd, page } = cachedFile(f, 1);
    readPages(f, fd, 0, 1);
    f.k.mark_page_accessed(page(0));
    expect(flagsOf(page(0)).active).toBe(true);
    refillInactive(f, false);
    expect(flagsOf(page(0))).toMatchObject({ active: false, lru: true });
  });

  it('leaves anonymous pages active while there is no swap', () => {
    const page = residentPage(f.k.m, f.task, writtenMemory(f.k, f.task, 1));
    for (let i = 0; i < 3; i++) refillInactive(f, true);
    expect(flagsOf(page)).toMatchObject({ active: true, lru: true });
  });
});

describe('shrink_zone()', () => {
  it('saves up shares that are too small for a turn', () => {
    f = bootSmall();
    cachedFile(f, 40);
    const zone = zoneOf(f.k);
    zone.nr_scan_inactive = 0;
    const shrink = (): number => {
      const sc = scan({ priority: 2 });
      runKernel(f.k, f.task, f.k.shrink_zone(zone, sc));
      return sc.nr_reclaimed;
    };
    // 40 >> 2 is 10, and one more each time
    expect([shrink(), shrink(), shrink()]).toEqual([0, 0, 32]);
    expect(zone.nr_scan_inactive).toBe(0);
  });

  it('stops when a turn has freed enough', () => {
    f = bootSmall();
    cachedFile(f, 100);
    const sc = scan({ priority: 0 });
    runKernel(f.k, f.task, f.k.shrink_zone(zoneOf(f.k), sc));
    expect(sc.nr_reclaimed).toBe(32);
    expect(zoneOf(f.k).nr_inactive).toBe(68);
  });
});
