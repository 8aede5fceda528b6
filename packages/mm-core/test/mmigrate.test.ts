/** Migration below the system call (mm/mmigrate.c): when a page may be copied, and what its caller is meanwhile. */
import { replaceSymbol } from '@pmkit/linker';
import { beforeEach, describe, expect, it } from 'vitest';
import { EAGAIN, ENOENT } from '../src/include/linux/errno.js';
import { get_page, page_count, page_zone } from '../src/include/linux/mm.js';
import type { UnmapList } from '../src/include/linux/mm_types.js';
import { clear_page_flag, PG_writeback, set_page_flag } from '../src/include/linux/page-flags.js';
import { PF_KSWAPD } from '../src/include/linux/sched.js';
import { newListHead, runKernel, settle, syscall, type Page } from '../src/index.js';
import { bootWith, cachedPage, inodeOf, open, PAGE, readPages, writeAt, type Fixture } from './files.js';

/** A page of a file that is clean, mapped nowhere and held by the migrator; and the frame it is to be copied to. */
function fileInHand(f: Fixture): { fd: number; page: Page; newpage: Page } {
  const fd = open(f, '/data/file');
  writeAt(f, fd, 0, PAGE);
  syscall(f.k, f.task, 'fsync', fd);
  settle(f.k);
  readPages(f, fd, 0, 1);
  const page = cachedPage(f, inodeOf(f, '/data/file'), 0);
  f.k.lru_drain_cache(f.task.cpu);
  get_page(f.k.m.mem_map, page);
  return { fd, page, newpage: runKernel(f.k, f.task, f.k.alloc_pages_node(1, 0xd0, 0)) };
}

let f: Fixture;
beforeEach(() => {
  f = bootWith('tmpfs');
});

describe('page_migratable()', () => {
  const vlist = (): UnmapList => ({ mms: [], addresses: [], length: 0 });

  it('says yes to a page that only cache and migrator hold', () => {
    const { page, newpage } = fileInHand(f);
    expect(page_count(f.k.m.mem_map, page)).toBe(2);
    expect(f.k.page_migratable(page, newpage, 2, vlist())).toBe(0);
  });
  it('says not yet while somebody else holds it', () => {
    const { page, newpage } = fileInHand(f);
    get_page(f.k.m.mem_map, page);
    expect(f.k.page_migratable(page, newpage, 2, vlist())).toBe(-EAGAIN);
  });
  it('says not yet while it is under writeback', () => {
    const { page, newpage } = fileInHand(f);
    set_page_flag(f.k.m.mem_map, page, PG_writeback);
    expect(f.k.page_migratable(page, newpage, 2, vlist())).toBe(-EAGAIN);
    clear_page_flag(f.k.m.mem_map, page, PG_writeback);
    expect(f.k.page_migratable(page, newpage, 2, vlist())).toBe(0);
  });
  it('finds that it was truncated from its file meanwhile', () => {
    const { fd, page, newpage } = fileInHand(f);
    syscall(f.k, f.task, 'ftruncate', fd, 0);
    expect(f.k.page_migratable(page, newpage, 2, vlist())).toBe(-ENOENT);
  });
});

it('try_to_migrate_pages() makes its caller look like kswapd, so that it may write to a congested disk, and only as long as it works', () => {
  const { k, task } = f;
  const { page } = fileInHand(f);
  k.put_page(page);
  const list = newListHead(k.m);
  k.steal_page_from_lru(page_zone(k.m, page), page, list);
  const { migrate_onepage: real } = k;
  let during = 0;
  const stop = replaceSymbol(k, 'migrate_onepage', function* (one: Page, node: number) {
    during = k.m.current.flags & PF_KSWAPD;
    return yield* real.call(k, one, node);
  });
  expect(runKernel(k, task, k.try_to_migrate_pages(list))).toBe(0);
  stop();
  expect([during, task.flags & PF_KSWAPD]).toEqual([PF_KSWAPD, 0]);
});
