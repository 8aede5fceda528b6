import { describe, expect, it } from 'vitest';
import { declareSymbols, link, Series } from '@pmkit/linker';
import { base, createMachine, newListHead, residentPage, runKernel, spawn, start, syscall, touch, type MachineConfig } from '@pmkit/mm-core';
import { list_empty } from '@pmkit/mm-core/include/linux/list';
import { page_to_nid, page_zone } from '@pmkit/mm-core/include/linux/mm';
import { PageDirty, PageLocked, PagePrivate } from '@pmkit/mm-core/include/linux/page-flags';
import type { Page } from '@pmkit/mm-core/include/linux/types';
import { patch as p01 } from '@pmkit/p01-steal-page-from-lru';
import { patch } from '../src/index.js';

const CONFIG: MachineConfig = { nodes: [0, 1].map(id => ({ id, pages: 512, cpus: [id] })), poison: true };
const level1 = Series.of(base).push(p01);
const level2 = level1.push(patch);
declareSymbols(level2.definitions.keys());
const boot = {
  before: () => start(link(level1, { m: createMachine(CONFIG) })),
  after: () => start(link(level2, { m: createMachine(CONFIG) })),
};
type Level = keyof typeof boot;

/** A page of a file that a process on node 1 has written through a shared mapping, with its buffers; migrated by a caller on node 0. */
function migrateFilePage(level: Level, fstype: 'xfs' | 'ext3', dirty = true) {
  const k = boot[level]();
  const sb = k.new_super_block(fstype, '/fs', k.add_disk('sdb', 8, 16, 1), 4096);
  const inode = k.new_inode(sb, '/fs/file', k.m.PAGE_SIZE, 0o666);
  const task = spawn(k, { comm: 'writer', cpu: 1 });
  const fd = syscall(k, task, 'open', '/fs/file', 2, 0);
  const address = syscall(k, task, 'mmap', 0, k.m.PAGE_SIZE, 3, 1, fd, 0);
  // a write() gives the page its buffers, a store through the mapping makes the pte dirty
  syscall(k, task, 'write', fd, k.m.PAGE_SIZE);
  if (!dirty) syscall(k, task, 'fsync', fd);
  touch(k, task, address, 1, dirty ? 'write' : 'read');
  const page = residentPage(k.m, task, address);
  expect(PagePrivate(k.m.mem_map, page)).toBe(true);
  const caller = spawn(k, { comm: 'caller', cpu: 0 });
  k.lru_drain_cache(1);
  const list = newListHead(k.m);
  expect(k.steal_page_from_lru(page_zone(k.m, page), page, list)).toBe(1);
  const writes = sb.bdev!.writes;
  const { now } = k.m;
  const { pgpgout } = k.m.page_state;
  const busy = runKernel(k, caller, k.try_to_migrate_pages(list));
  const moved = k.find_get_page(inode.i_mapping, 0);
  return { k, busy, page, moved, written: sb.bdev!.writes - writes, pgpgout: k.m.page_state.pgpgout - pgpgout, time: k.m.now - now };
}

describe('a dirty XFS file page with buffers', () => {
  it('before: is written out and loses its buffers, and time passes', () => {
    const { k, busy, moved, page, written, pgpgout, time } = migrateFilePage('before', 'xfs');
    expect(busy).toBe(0);
    expect(moved).not.toBe(page);
    expect(page_to_nid(k.m, moved)).toBe(0);
    expect(PagePrivate(k.m.mem_map, moved)).toBe(false);
    expect(written).toBeGreaterThan(0);
    expect(pgpgout).toBeGreaterThan(0);
    expect(time).toBeGreaterThan(0);
  });
  it('after: moves with its buffers, still dirty, without I/O', () => {
    const { k, busy, moved, page, written, time } = migrateFilePage('after', 'xfs');
    expect(busy).toBe(0);
    expect(moved).not.toBe(page);
    expect(page_to_nid(k.m, moved)).toBe(0);
    expect(PagePrivate(k.m.mem_map, moved)).toBe(true);
    expect(PageDirty(k.m.mem_map, moved)).toBe(true);
    expect([written, time]).toEqual([0, 0]);
  });
});

describe('a clean XFS file page with buffers', () => {
  it('before: loses its buffers; after: keeps them', () => {
    const before = migrateFilePage('before', 'xfs', false);
    expect(PagePrivate(before.k.m.mem_map, before.moved)).toBe(false);
    const after = migrateFilePage('after', 'xfs', false);
    expect(PagePrivate(after.k.m.mem_map, after.moved)).toBe(true);
    expect([before.busy, after.busy]).toEqual([0, 0]);
  });
});

describe('a dirty ext3 file page', () => {
  it.each(['before', 'after'] as const)('moves with its buffers and without I/O, %s the patch', level => {
    const { k, moved, written, busy } = migrateFilePage(level, 'ext3');
    expect(busy).toBe(0);
    expect(PagePrivate(k.m.mem_map, moved)).toBe(true);
    expect(written).toBe(0);
  });
});

describe('an XFS metadata page', () => {
  const migrateMetadata = (level: Level, k = boot[level]()) => {
    const sb = k.new_super_block('xfs', '/fs', k.add_disk('sdb', 8, 16, 1), 4096);
    const caller = spawn(k, { comm: 'caller', cpu: 0 });
    const page = runKernel(k, caller, k.pagebuf_get(sb, 7 * 4)) as Page;
    k.lru_drain_cache(0);
    const list = newListHead(k.m);
    expect(k.steal_page_from_lru(page_zone(k.m, page), page, list)).toBe(1);
    const { now } = k.m;
    const busy = runKernel(k, caller, k.try_to_migrate_pages(list));
    return { k, busy, page, list, still: k.find_get_page(sb.bt_mapping!, 7), time: k.m.now - now };
  };
  it('after: is refused at once, stays, and counts as busy', () => {
    const { k, busy, page, still, list, time } = migrateMetadata('after');
    expect(busy).toBe(1);
    expect(still).toBe(page);
    expect(list_empty(k.m.mem_map, list)).toBe(false);
    expect(PageLocked(k.m.mem_map, page)).toBe(false);
    expect(time).toBe(0);
  });
  it('after: is left locked, and the second pass waits for it for ever, if migrate_onepage() was like its copy of June 2005', () => {
    const k = start(link(level2, { m: createMachine({ ...CONFIG, reconstruction: { unlock_refused_page: false } }) }));
    expect(() => migrateMetadata('after', k)).toThrow(/deadlock/i);
    const sleeper = [...k.m.paths.values()].find(path => path.task.comm === 'caller');
    expect(sleeper?.wait).toMatchObject({ kind: 'page-lock' });
  });
  it('before: is tried for five seconds by the default path', () => {
    const { busy, time } = migrateMetadata('before');
    expect(busy).toBe(1);
    expect(time).toBeGreaterThanOrEqual(5000);
  });
});
