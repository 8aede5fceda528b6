/** Patch 2: pages of XFS. The other file systems with buffers are there to compare. */
import type { Page } from '@pmkit/mm-core';
import { page_count, page_to_nid } from '@pmkit/mm-core/include/linux/mm';
import { PageDirty, PagePrivate } from '@pmkit/mm-core/include/linux/page-flags';
import type { BufferHead } from '@pmkit/mm-core/include/linux/types';
import type { Behaviour, Source } from '../behaviour.js';
import { MAP_SHARED, PROT_READ, PROT_WRITE, type Lab, type Mapping } from '../lab.js';
import { migrateList, stealMapping, stealPages } from './common.js';

const changelog: Source = { from: 'changelog', at: '2/10, Nathan Scott: linvfs_migrate_page() moves buffers, metadata pages are refused' };
const overview: Source = { from: 'overview', at: 'patch 2: XFS gets a method, ext2 and ext3 have one' };
const slow: Source = { from: 'mail', at: 'Ray Bryant and others, "question on page-migration code", April 2005' };

/** A file that a job has written with write() and then through a mapping: dirty, with buffers. */
function writtenFile(lab: Lab, path: string, pages = 1): Mapping {
  const file = lab.mapFile(lab.job(), lab.file(path, pages), pages, PROT_READ | PROT_WRITE, MAP_SHARED, 'none');
  const fd = lab.must(file.task, 'open', path, 2, 0);
  lab.must(file.task, 'write', fd, pages * lab.k.m.PAGE_SIZE);
  lab.touch(file);
  return file;
}
function buffersOf(lab: Lab, page: Page): number {
  const { mem_map: mem, bh } = lab.k.m;
  if (!PagePrivate(mem, page)) return 0;
  const head = mem.private[page]! as BufferHead;
  let buffers = 1;
  for (let each = bh.b_this_page[head]!; each !== head; each = bh.b_this_page[each]!) buffers++;
  return buffers;
}
const stateOfPage = (lab: Lab, page: Page): string =>
  `${PageDirty(lab.k.m.mem_map, page) ? 'dirty' : 'clean'}, ${buffersOf(lab, page)} buffers, count ${page_count(lab.k.m.mem_map, page)}`;
/** KB written to disk by what `action` does. */
function written(lab: Lab, action: () => unknown): number {
  const { page_state } = lab.k.m;
  const before = page_state.pgpgout;
  action();
  // counted in sectors; /proc/vmstat prints KB
  return (page_state.pgpgout - before) / 2;
}
function moveDirty(lab: Lab, file: Mapping): string {
  const list = stealMapping(lab, file);
  const kb = written(lab, () => migrateList(lab, list));
  return `${lab.pages(file)}, ${kb} KB written`;
}
/** A file on another file system than those that a Lab mounts. */
function ext2File(lab: Lab): string {
  const { k } = lab;
  k.new_inode(k.new_super_block('ext2', '/ext2', k.add_disk('sdc', 8, 48, 1), 4096), '/ext2/file', k.m.PAGE_SIZE, 0o666);
  return '/ext2/file';
}
/** Mounts /data and reads a block of its metadata; the buffer is held. @returns the page, and the page that is there at any later time. */
function metadata(lab: Lab): { page: Page; now: () => Page } {
  const { k } = lab;
  lab.file('/data/file', 1);
  const sb = k.m.super_blocks.find(candidate => candidate.s_type === 'xfs')!;
  const perPage = k.m.PAGE_SIZE / sb.s_blocksize;
  // read by a job on node 1, so that it is on node 1
  const page = lab.enter(lab.job(), 'pagebuf_get', sb, 7 * perPage) as Page;
  return { page, now: () => k.radix_tree_lookup(sb.bt_mapping!.page_tree, 7) as Page };
}

const filePages: readonly Behaviour[] = [
  {
    id: 'xfs-dirty-page',
    kind: 'claim',
    sentence: 'A dirty XFS page with buffers moves, with its contents, without being written; before the patch it was written to disk first.',
    sources: [overview, changelog, slow],
    patch: 2,
    scenario: lab => {
      const file = writtenFile(lab, '/data/file');
      const before = lab.contents(file);
      return `${moveDirty(lab, file)}, ${lab.contents(file) === before ? 'same' : 'other'} contents`;
    },
    expect: { 0: 'N0=1, 16 KB written, same contents', 2: 'N0=1, 0 KB written, same contents' },
  },
  {
    id: 'xfs-dirty-page-state',
    kind: 'claim',
    sentence: 'Buffers and dirty state of an XFS page come along; before the patch it arrived clean, its buffers freed.',
    sources: [changelog],
    patch: 2,
    scenario: lab => {
      const file = writtenFile(lab, '/data/file');
      const before = buffersOf(lab, lab.frame(file));
      migrateList(lab, stealMapping(lab, file));
      return `${before} buffers: ${stateOfPage(lab, lab.frame(file))}`;
    },
    expect: { 0: '4 buffers: clean, 0 buffers, count 2', 2: '4 buffers: dirty, 4 buffers, count 3' },
  },
  {
    id: 'xfs-clean-page',
    kind: 'claim',
    sentence: 'A clean XFS page keeps its buffers; before the patch they were freed, though nothing was to be written.',
    sources: [changelog, slow],
    patch: 2,
    scenario: lab => {
      const file = writtenFile(lab, '/data/file');
      const fd = lab.must(file.task, 'open', '/data/file', 2, 0);
      lab.must(file.task, 'msync', file.address, lab.k.m.PAGE_SIZE, 4);
      lab.must(file.task, 'fsync', fd);
      const list = stealMapping(lab, file);
      const kb = written(lab, () => migrateList(lab, list));
      return `${buffersOf(lab, lab.frame(file))} buffers, ${kb} KB written`;
    },
    expect: { 0: '0 buffers, 0 KB written', 2: '4 buffers, 0 KB written' },
  },
  {
    id: 'xfs-waits-for-disk',
    kind: 'claim',
    sentence: 'Moving a dirty XFS page with buffers takes no time on the disk any more.',
    sources: [changelog, slow],
    patch: 2,
    scenario: lab => {
      const list = stealMapping(lab, writtenFile(lab, '/data/file'));
      const { now } = lab.k.m;
      migrateList(lab, list);
      return lab.k.m.now > now ? 'waits' : 'does not wait';
    },
    expect: { 0: 'waits', 2: 'does not wait' },
  },
  {
    id: 'xfs-fast-slow',
    kind: 'claim',
    sentence: 'Moves of a job that writes to an XFS file were fast and slow in turn: after one the page was dirty and got buffers, which the next had to get rid of.',
    sources: [slow, { from: 'deduced', at: 'that it is writeback between the moves that makes the buffers' }],
    patch: 2,
    scenario: lab => {
      const file = lab.mapFile(lab.job(), lab.file('/data/file', 1), 1, PROT_READ | PROT_WRITE, MAP_SHARED);
      const rounds = Array.from({ length: 4 }, () => {
        lab.touch(file);
        const list = stealMapping(lab, file);
        const { now } = lab.k.m;
        migrateList(lab, list);
        const pace = lab.k.m.now > now ? 'slow' : 'fast';
        lab.must(lab.batchd, 'sync');
        return pace;
      });
      return rounds.join(' ');
    },
    expect: { 0: 'fast slow fast slow', 2: 'fast fast fast fast' },
  },
  {
    id: 'xfs-writeback-before-passes',
    kind: 'claim',
    sentence: 'Before its first pass try_to_migrate_pages() starts to write the dirty unmapped pages with buffers whose file system cannot move them: XFS, until it can.',
    sources: [
      { from: 'mail', at: '7 October 2004, the prologue of try_to_migrate_pages(); that it passes over XFS from patch 2 on is deduced' },
      { from: 'code', at: '2.6.12 mm/vmscan.c: pageout() leaves a mapped page alone' },
    ],
    patch: 2,
    scenario: lab => {
      const job = lab.job();
      const fd = lab.must(job, 'open', lab.file('/data/file', 4), 2, 0);
      lab.must(job, 'write', fd, 4 * lab.k.m.PAGE_SIZE);
      const { page_tree } = job.files.get(fd)!.f_mapping;
      const list = stealPages(lab, [0, 1, 2, 3].map(index => lab.k.radix_tree_lookup(page_tree, index) as Page));
      // the kit's name for the prologue, which is part of its caller in the original
      lab.enter(lab.batchd, 'prepare_migration', list);
      return `${lab.k.m.page_state.nr_writeback} of 4 under writeback`;
    },
    expect: { 0: '4 of 4 under writeback', 2: '0 of 4 under writeback' },
  },
  {
    id: 'ext3-dirty-page',
    kind: 'claim',
    sentence: 'A dirty ext3 page moves with its buffers and without I/O, at every level: ext3 of the hotplug tree has the method.',
    sources: [overview],
    patch: 2,
    scenario: lab => {
      const file = writtenFile(lab, '/file');
      return `${moveDirty(lab, file)}, ${buffersOf(lab, lab.frame(file))} buffers`;
    },
    expect: { 0: 'N0=1, 0 KB written, 4 buffers' },
  },
  {
    id: 'ext2-dirty-page',
    kind: 'claim',
    sentence: 'So does a dirty ext2 page.',
    sources: [overview],
    patch: 2,
    scenario: lab => {
      const path = ext2File(lab);
      const file = lab.mapFile(lab.job(), path, 1, PROT_READ | PROT_WRITE, MAP_SHARED, 'none');
      lab.must(file.task, 'write', lab.must(file.task, 'open', path, 2, 0), lab.k.m.PAGE_SIZE);
      lab.touch(file);
      return `${moveDirty(lab, file)}, ${buffersOf(lab, lab.frame(file))} buffers`;
    },
    expect: { 0: 'N0=1, 0 KB written, 4 buffers' },
  },
];

const metadataPages: readonly Behaviour[] = [
  {
    id: 'xfs-metadata-refused',
    kind: 'claim',
    sentence: 'A metadata page that XFS uses is refused at once, with -EBUSY; before the patch it was tried for 5 seconds, in both passes.',
    sources: [changelog, { from: 'deduced', at: 'before: the default path, and a buffer\'s reference that does not go away' }],
    patch: 2,
    scenario: lab => {
      const { page } = metadata(lab);
      const list = stealPages(lab, [page]);
      const { now } = lab.k.m;
      const busy = migrateList(lab, list);
      return `${busy} busy after ${lab.k.m.now - now} ms`;
    },
    expect: { 0: '1 busy after 10000 ms', 2: '1 busy after 0 ms' },
  },
  {
    id: 'xfs-metadata-unused',
    kind: 'claim',
    sentence: 'A metadata page stays where it is even when no buffer uses it; before the patch the default path moved it.',
    sources: [changelog, { from: 'mail', at: 'Joel Schopp and Nathan Scott on 2/10: to move metadata, freeze, flush and drop it' }],
    patch: 2,
    scenario: lab => {
      const { page, now } = metadata(lab);
      lab.enter(lab.batchd, 'pagebuf_rele', page);
      migrateList(lab, stealPages(lab, [page]));
      return now() === page ? 'stays' : `moves to node ${page_to_nid(lab.k.m, now())}`;
    },
    expect: { 0: 'moves to node 0', 2: 'stays' },
  },
  {
    id: 'xfs-metadata-bitmap',
    kind: 'claim',
    sentence: 'What XFS keeps at page->private of a metadata page, which parts of it were read, survives; the default path lost it.',
    sources: [{ from: 'deduced', at: '2.6.12 fs/xfs/linux-2.6/xfs_buf.c: a bitmap, without PG_private, so nobody moves it' }],
    patch: 2,
    scenario: lab => {
      const { page, now } = metadata(lab);
      const { mem_map: mem } = lab.k.m;
      const before = mem.private[page];
      lab.enter(lab.batchd, 'pagebuf_rele', page);
      migrateList(lab, stealPages(lab, [page]));
      return mem.private[now()] === before ? 'bitmap kept' : 'bitmap lost';
    },
    expect: { 0: 'bitmap lost', 2: 'bitmap kept' },
  },
  {
    id: 'xfs-metadata-error',
    kind: 'claim',
    sentence: 'The method of the metadata mapping does nothing but return -EBUSY.',
    sources: [changelog, { from: 'code', at: 'mainline 2.6.16 has -EIO, a failure for good, in its place' }],
    patch: 2,
    scenario: lab => {
      const { page } = metadata(lab);
      return lab.row('xfs_skip_migrate_page') === undefined ? 'no such method' : lab.result(lab.enter(lab.batchd, 'xfs_skip_migrate_page', page, page));
    },
    expect: { 0: 'no such method', 2: '-EBUSY' },
  },
];

export const xfs: readonly Behaviour[] = [...filePages, ...metadataPages];
