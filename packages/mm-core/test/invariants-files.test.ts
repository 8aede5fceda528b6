/** check_invariants() against damage done by hand: the page cache's counters and tags, users of files and segments, lost pages. */
import { describe, expect, it } from 'vitest';
import { O_CREAT, O_RDWR } from '../src/include/asm-ia64/fcntl.js';
import { PAGECACHE_TAG_DIRTY } from '../src/include/linux/fs.js';
import { page_zone } from '../src/include/linux/mm.js';
import { PageLRU } from '../src/include/linux/page-flags.js';
import { IPC_CREAT, IPC_PRIVATE } from '../src/include/linux/shm.js';
import type { Page } from '../src/include/linux/types.js';
import { newListHead, releaseListHead, residentPage, settle, syscall, touch } from '../src/index.js';
import { check_invariants, modelObject, ReferenceModel } from '../src/testing.js';
import { bootWith, cachedPage, inodeOf, MAP_ANONYMOUS, MAP_PRIVATE, MAP_SHARED, open, PAGE, PROT_RW, writeAt, type Fixture } from './files.js';

/** A file with one dirty page, open once. */
function dirtyFile(): Fixture & { fd: number } {
  const fixture = bootWith('ext2');
  const fd = open(fixture, '/data/a', O_RDWR | O_CREAT);
  writeAt(fixture, fd, 0, PAGE);
  settle(fixture.k);
  expect(check_invariants(fixture.k)).toEqual([]);
  return { ...fixture, fd };
}

describe('the page cache', () => {
  it('a dirty page without its tag would never be written', () => {
    const fixture = dirtyFile();
    const { i_mapping } = inodeOf(fixture, '/data/a');
    fixture.k.radix_tree_tag_clear(i_mapping.page_tree, 0, PAGECACHE_TAG_DIRTY);
    expect(check_invariants(fixture.k)).toEqual([`page ${cachedPage(fixture, i_mapping.host!, 0)}: in mapping ${i_mapping.id} at index 0, dirty, but without tag 0: sync would not find it`]);
  });
  it('nr_dirty and nr_writeback are counted from the pages', () => {
    const { k } = dirtyFile();
    k.m.page_state.nr_dirty += 2;
    k.m.page_state.nr_writeback++;
    expect(check_invariants(k)).toEqual(['nr_writeback is 1, expected 0', 'nr_dirty is 3, expected 1']);
  });
});

describe('users', () => {
  it('of an open file are descriptors and mappings', () => {
    const { k, task, fd } = dirtyFile();
    const file = task.files.get(fd)!;
    expect(syscall(k, task, 'mmap', 0, PAGE, PROT_RW, MAP_SHARED, fd, 0)).toBeGreaterThan(0);
    expect(check_invariants(k)).toEqual([]);
    file.f_count++;
    expect(check_invariants(k)).toEqual(['open file /data/a: f_count is 3, expected 2']);
  });
  it('of an inode are its open files', () => {
    const fixture = dirtyFile();
    inodeOf(fixture, '/data/a').i_count++;
    expect(check_invariants(fixture.k)).toEqual(['inode /data/a: i_count is 2, expected 1']);
  });
  it('of a segment are the vmas that map it', () => {
    const { k, task } = dirtyFile();
    const id = syscall(k, task, 'shmget', IPC_PRIVATE, PAGE, 0o600 | IPC_CREAT);
    syscall(k, task, 'shmat', id, 0, 0);
    expect(check_invariants(k)).toEqual([]);
    k.m.shm.get(id)!.nattch++;
    expect(check_invariants(k)).toEqual([`shared memory segment ${id}: shm_nattch is 2, expected 1`]);
  });
});

describe('pages that are known to be lost', () => {
  /** What defect c of -rc3 4/10 does to a page. */
  function lose(): Fixture & { page: Page } {
    const fixture = dirtyFile();
    const { k, task } = fixture;
    const address = syscall(k, task, 'mmap', 0, PAGE, PROT_RW, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    touch(k, task, address, 1, 'write');
    k.lru_add_drain();
    const page = residentPage(k.m, task, address);
    const list = newListHead(k.m);
    expect(k.steal_page_from_lru(page_zone(k.m, page), page, list)).toBe(1);
    releaseListHead(k.m, list);
    return { ...fixture, page };
  }
  it('are reported, unless the caller knows of them', () => {
    const { k, page } = lose();
    expect(check_invariants(k)).toEqual([`page ${page}: lost on a list whose owner is gone, expected on the LRU`]);
    expect(check_invariants(k, { lost: new Set([page]) })).toEqual([]);
  });
  it('must be lost: one that is not is reported', () => {
    const fixture = dirtyFile();
    fixture.k.lru_add_drain();
    const page = cachedPage(fixture, inodeOf(fixture, '/data/a'), 0);
    expect(PageLRU(fixture.k.m.mem_map, page)).toBe(true);
    expect(check_invariants(fixture.k, { lost: new Set([page]) })).toEqual([expect.stringMatching(`^page ${page}: on an (in)?active list, expected lost on a list$`)]);
  });
});

describe('the reference model', () => {
  it('forgets what lies behind the new end of a file, private copies too, and keeps the rest', () => {
    const model = new ReferenceModel();
    const object = modelObject(index => 100 + index);
    model.create('a');
    model.map('a', 10, 4, { object, pgoff: 1, shared: false });
    model.store('a', 11, 1);
    model.store('a', 12, 2);
    object.pages.set(1, 3);
    object.pages.set(4, 4);
    model.truncate(object, 3);
    expect([...model.pages('a')]).toEqual([[10, 3], [11, 1], [12, 103], [13, 104]]);
  });
});
