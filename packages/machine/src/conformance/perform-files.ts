/** Operations on files, the page cache and the files of /proc and /sys. */
import { O_CREAT, O_RDWR } from '@pmkit/mm-core/include/asm-ia64/fcntl';
import { ENOENT } from '@pmkit/mm-core/include/linux/errno';
import { page_mapped } from '@pmkit/mm-core/include/linux/mm';
import { PageDirty, TestSetPageLocked } from '@pmkit/mm-core/include/linux/page-flags';
import { errnoName } from '@pmkit/mm-core/model/errno-name';
import type { Page, Task } from '@pmkit/mm-core';
import { fillFile } from './image.js';
import type { Operation } from './operation.js';
import { ofResult, performed, resultFields, type Performed, type Situation } from './performed.js';
import { PAGE, type World } from './world.js';

type FileOperation = Extract<Operation, { kind: 'mkfile' | 'cp' | 'rm' | 'read' | 'write' | 'sync' | 'drop_caches' | 'free' }>;

/** A new file whose pages the task writes, one after the other; they are of tag 1, as the recorded program's. @returns its pages, or an errno */
function mkfile(world: World, task: Task, path: string, pages: number, fsync: boolean): number {
  const fd = world.call(task, 'open', path, O_CREAT | O_RDWR, 0o666);
  if (fd < 0) return fd;
  for (let index = 0; index < pages; index++) {
    const result = world.call(task, 'write', fd, PAGE);
    if (result < 0) return result;
  }
  if (fsync) world.must(task, 'fsync', fd);
  world.must(task, 'close', fd);
  const { k } = world;
  const { i_mapping } = k.path_lookup(path)!;
  for (let index = 0; index < pages; index++) {
    const page = k.find_get_page(i_mapping, index);
    if (page === 0) continue;
    world.written.set(k.m.mem_map.content[page]!, { index, tag: 1 });
    k.put_page(page);
  }
  return pages;
}

/**
 * Drops the clean pages of all files that nobody has mapped. 2.6.12 has no drop_caches (it came with 2.6.16); this is what unmounting and mounting again, or
 * BLKFLSBUF, did there: invalidate_complete_page() on every page.
 */
function dropCaches(world: World): void {
  const { k, runner } = world;
  const { m } = k;
  world.enter(runner, () => k.sys_sync());
  for (const sb of m.super_blocks) {
    if (sb.s_type === 'tmpfs') continue;
    for (const { i_mapping, i_size } of sb.inodes.values()) {
      for (let index = 0; index * PAGE < i_size; index++) dropPage(world, k.find_get_page(i_mapping, index));
    }
  }
}
function dropPage(world: World, page: Page): void {
  if (page === 0) return;
  const { k } = world;
  const mem = k.m.mem_map;
  if (!page_mapped(mem, page) && !PageDirty(mem, page) && !TestSetPageLocked(mem, page)) {
    const mapping = k.m.mappings[mem.mapping[page]! >>> 1];
    if (mapping !== null && mapping !== undefined) k.invalidate_complete_page(mapping, page);
    k.unlock_page(page);
  }
  k.put_page(page);
}

/** What can be written to under /proc/sys in this tree and in 2.6.12; anything else is not there. */
function writeSysctl(world: World, path: string, value: string): number {
  const { m } = world.k;
  if (path !== '/proc/sys/vm/swappiness' || !/^\d+$/.test(value)) return -ENOENT;
  m.swappiness = Number(value);
  return value.length;
}

export function performOnFiles(world: World, op: FileOperation, { step }: Situation): Performed {
  switch (op.kind) {
    case 'mkfile': return ofResult(mkfile(world, world.proc(op.actor).task, op.path, op.pages, op.fsync));
    case 'cp': {
      // how long the program is is not in the operation; that all of it is written is what is compared
      const bytes = Number(step.fields.get('ret') ?? 0);
      const pages = Math.max(1, Math.ceil(bytes / PAGE));
      fillFile(world, op.to, 0, Array.from({ length: pages }, () => op.node));
      if (op.fsync) world.enter(world.runner, () => world.k.sys_sync());
      return performed(resultFields(world.k.path_lookup(op.to)!.i_size >= bytes ? bytes : 0));
    }
    case 'rm': return ofResult(world.call(world.runner, 'unlink', op.path));
    case 'sync': return ofResult(world.call(world.runner, 'sync'));
    case 'drop_caches': {
      const result = writeSysctl(world, '/proc/sys/vm/drop_caches', '3');
      dropCaches(world);
      return ofResult(result);
    }
    case 'free': return performed(new Map());
    // the trees of /proc and /sys that the recordings read and write are all younger
    case 'read': return performed(resultFields(-ENOENT), [errnoName(-ENOENT)]);
    case 'write': return ofResult(writeSysctl(world, op.path, op.value));
  }
}
