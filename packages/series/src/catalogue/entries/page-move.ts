/** The tree below the series: how one page, or a list of pages, is moved. What can be seen of it is the same at every level, but for file systems. */
import { injectError } from '@pmkit/linker';
import type { ListHead, Page } from '@pmkit/mm-core';
import { list_empty } from '@pmkit/mm-core/include/linux/list';
import { get_page, page_count, page_mapcount, page_to_nid } from '@pmkit/mm-core/include/linux/mm';
import { MIGRATE_NODE_ANY } from '@pmkit/mm-core/include/linux/mmigrate';
import { MPOL_PREFERRED } from '@pmkit/mm-core/include/linux/mempolicy';
import { clear_page_flag, PageActive, PG_active } from '@pmkit/mm-core/include/linux/page-flags';
import type { Behaviour, Source } from '../behaviour.js';
import { MAP_SHARED, PROT_READ, PROT_WRITE, type Lab, type Mapping } from '../lab.js';
import { drain, migrateList, offLru, stealMapping, stealPages } from './common.js';

const copy: Source = { from: 'mail', at: 'Marcelo Tosatti, 4 June 2005: non-blocking copies of migrate_onepage() and generic_migrate_page()' };
const nodeid: Source = { from: 'mail', at: 'Ray Bryant, 4 January 2005: migrate_onepage() gets a node id' };
const passes: Source = { from: 'code', at: '3/10, by the context lines of -rc4 3/11: the two passes of try_to_migrate_pages()' };
const noSwap: Source = { from: 'mail', at: 'Hirokazu Takahashi and Marcelo Tosatti, October 2004: add_to_swap() comes first, nothing is written' };

/** A file of the root file system that a job has read through a mapping it may write to; its pages are clean and without buffers. */
function mappedFile(lab: Lab, pages: number, access: 'read' | 'write' = 'read'): Mapping {
  return lab.mapFile(lab.job(), lab.file('/file', pages), pages, PROT_READ | PROT_WRITE, MAP_SHARED, access);
}
/** migrate_onepage() of the first page of a mapping, stolen. */
function onePage(lab: Lab, mapping: Mapping, node: number): string {
  const page = lab.frame(mapping);
  stealPages(lab, [page]);
  const result = lab.enter(lab.batchd, 'migrate_onepage', page, node);
  return result < 0 ? lab.result(result) : `moved to node ${lab.nodeOf(mapping)}`;
}
/** migrate_onepage() of a page that somebody else holds all the time, and how long it takes. */
function waitForBusy(lab: Lab, mapping: Mapping): string {
  const { m } = lab.k;
  get_page(m.mem_map, lab.frame(mapping));
  const { now } = m;
  const result = onePage(lab, mapping, 2);
  return `${result.startsWith('-E') ? 'given up' : result} after ${m.now - now} ms`;
}
/** What every disk of the machine has done. */
const io = (lab: Lab): string => {
  const { pgpgin, pgpgout } = lab.k.m.page_state;
  return `${pgpgin}/${pgpgout}`;
};
const isEmpty = (lab: Lab, list: ListHead): boolean => list_empty(lab.k.m.mem_map, list);

const onePageErrors: readonly Behaviour[] = [
  {
    id: 'onepage-no-swap',
    kind: 'claim',
    sentence: 'migrate_onepage() of an anonymous page is -ENOSPC when there is no swap slot for it.',
    sources: [noSwap, copy],
    patch: 0,
    scenario: lab => {
      lab.boot({ swap: 0 });
      return onePage(lab, lab.anonymous(lab.job(), 1), 2);
    },
    expect: { 0: '-ENOSPC' },
  },
  {
    id: 'onepage-truncated',
    kind: 'claim',
    sentence: 'migrate_onepage() of a page that was truncated from its file in the meantime is -ENOENT.',
    sources: [copy],
    patch: 0,
    scenario: lab => {
      const file = mappedFile(lab, 1);
      const page = lab.frame(file);
      stealPages(lab, [page]);
      const fd = lab.must(file.task, 'open', '/file', 2, 0);
      lab.must(file.task, 'ftruncate', fd, 0);
      return lab.result(lab.enter(lab.batchd, 'migrate_onepage', page, 2));
    },
    expect: { 0: '-ENOENT' },
  },
  {
    id: 'onepage-no-memory',
    kind: 'claim',
    sentence: 'migrate_onepage() is -ENOMEM when no page can be had.',
    sources: [nodeid],
    patch: 0,
    scenario: lab => {
      const file = mappedFile(lab, 1);
      injectError(lab.k, 'alloc_pages_node', 0);
      return onePage(lab, file, 2);
    },
    expect: { 0: '-ENOMEM' },
  },
  {
    id: 'onepage-swap-before-memory',
    kind: 'claim',
    sentence: 'The swap slot comes before the new page: with neither, migrate_onepage() is -ENOSPC.',
    sources: [copy],
    patch: 0,
    scenario: lab => {
      lab.boot({ swap: 0 });
      injectError(lab.k, 'alloc_pages_node', 0);
      return onePage(lab, lab.anonymous(lab.job(), 1), 2);
    },
    expect: { 0: '-ENOSPC' },
  },
  {
    id: 'onepage-any-node',
    kind: 'claim',
    sentence: 'Without a node the new page is allocated by the policy of the caller, not of the page\'s owner.',
    sources: [nodeid],
    patch: 0,
    scenario: lab => {
      const file = mappedFile(lab, 1);
      lab.must(lab.batchd, 'set_mempolicy', MPOL_PREFERRED, Uint32Array.of(1 << 3, 0), 5);
      return onePage(lab, file, MIGRATE_NODE_ANY);
    },
    expect: { 0: 'moved to node 3' },
  },
  {
    id: 'busy-file-page-waited-for',
    kind: 'claim',
    sentence: 'A page of a file that somebody else uses is tried again every 10 ms, and given up after 5 seconds.',
    sources: [copy, { from: 'mail', at: 'Hirokazu Takahashi, October 2004: the loop of migrate_page_common()' }],
    patch: 0,
    scenario: lab => waitForBusy(lab, mappedFile(lab, 1)),
    expect: { 0: 'given up after 5000 ms' },
  },
  {
    id: 'pinned-anonymous-page',
    kind: 'claim',
    sentence: 'An anonymous page with a reference too many, as of direct I/O, cannot be unmapped: it is given up at once.',
    sources: [{ from: 'code', at: '2.6.12 mm/rmap.c: try_to_unmap() compares count and mapcount of a page in the swap cache' }],
    patch: 0,
    scenario: lab => waitForBusy(lab, lab.anonymous(lab.job(), 1)),
    expect: { 0: 'given up after 0 ms' },
  },
];

const lists: readonly Behaviour[] = [
  {
    id: 'list-one-busy',
    kind: 'claim',
    sentence: 'try_to_migrate_pages() returns how many pages were busy, and has put those, and only those, on the list again.',
    sources: [passes, { from: 'mail', at: 'Dave Hansen, 22 June 2005, and Hirokazu Takahashi, 25 June 2005, reviews of 4/10: the caller\'s loop' }],
    patch: 0,
    scenario: lab => {
      const job = lab.anonymous(lab.job(), 4);
      const list = stealMapping(lab, job);
      get_page(lab.k.m.mem_map, lab.frame(job, 1));
      return `${lab.result(migrateList(lab, list))}, ${lab.pages(job)}, list ${isEmpty(lab, list) ? 'empty' : 'not empty'}`;
    },
    expect: { 0: '1, N0=3 N1=1, list not empty' },
  },
  {
    id: 'list-no-swap',
    kind: 'claim',
    sentence: 'When one page found no room in swap the result is -ENOSPC instead of a number, although the file\'s page was moved.',
    sources: [{ from: 'code', at: '10/10, context, by -rc4 11/11: the caller tests for -ENOSPC and asks for a swap device' },
      { from: 'deduced', at: 'that one such page among others is enough' }],
    patch: 0,
    scenario: lab => {
      lab.boot({ swap: 0 });
      const file = mappedFile(lab, 1);
      const job = lab.anonymous(file.task, 1);
      const list = stealPages(lab, [lab.frame(file), lab.frame(job)]);
      return `${lab.result(migrateList(lab, list))}, file ${lab.pages(file)}, rest ${lab.pages(job)}`;
    },
    expect: { 0: '-ENOSPC, file N0=1, rest N1=1' },
  },
  {
    id: 'list-no-memory',
    kind: 'claim',
    sentence: 'A page for which there is no memory is nothing special: it counts as busy.',
    sources: [{ from: 'deduced', at: 'the context of -rc4 3/11 and of the patch of 4 January 2005: no errno but -ENOSPC is looked at' }],
    patch: 0,
    scenario: lab => {
      const file = mappedFile(lab, 2);
      const list = stealMapping(lab, file);
      injectError(lab.k, 'page_cache_alloc', 0);
      return `${lab.result(migrateList(lab, list))}, ${lab.pages(file)}`;
    },
    expect: { 0: '2, N1=2' },
  },
  {
    id: 'list-unused-page',
    kind: 'claim',
    sentence: 'A page of the list that nobody uses any more is freed, and is not busy.',
    sources: [passes],
    patch: 0,
    scenario: lab => {
      const file = mappedFile(lab, 1);
      const page = lab.frame(file);
      const list = stealPages(lab, [page]);
      const fd = lab.must(file.task, 'open', '/file', 2, 0);
      lab.must(file.task, 'ftruncate', fd, 0);
      const before = page_count(lab.k.m.mem_map, page);
      return `count ${before}, ${lab.result(migrateList(lab, list))} busy, count ${page_count(lab.k.m.mem_map, page)}`;
    },
    expect: { 0: 'count 1, 0 busy, count 0' },
  },
  {
    id: 'inactive-page-released',
    kind: 'claim',
    sentence: 'An inactive clean page may be released instead of moved (shown on a machine where the kernel does it; the code is lost).',
    sources: [{ from: 'code', at: 'header comment of try_to_migrate_pages(), in the context of -rc4 3/11; how it is done is reconstructed' }],
    patch: 0,
    scenario: lab => {
      lab.boot({ machine: { reconstruction: { release_inactive: true } } });
      const job = lab.job();
      const fd = lab.must(job, 'open', lab.file('/file', 2), 0, 0);
      lab.must(job, 'read', fd, 2 * lab.k.m.PAGE_SIZE);
      drain(lab);
      // a page that is read twice is active
      lab.must(job, 'lseek', fd, 0, 0);
      lab.must(job, 'read', fd, lab.k.m.PAGE_SIZE);
      const cached = (index: number): Page => lab.k.radix_tree_lookup(job.files.get(fd)!.f_mapping.page_tree, index) as Page;
      migrateList(lab, stealPages(lab, [cached(0), cached(1)]));
      const where = [0, 1].map(i => (cached(i) === 0 ? 'gone' : `on node ${page_to_nid(lab.k.m, cached(i))}`));
      return `active ${where[0]}, inactive ${where[1]}`;
    },
    expect: { 0: 'active on node 0, inactive gone' },
  },
];

const afterwards: readonly Behaviour[] = [
  {
    id: 'anonymous-page-no-io',
    kind: 'claim',
    sentence: 'Anonymous pages go through the swap cache but are not written, and their slots are free again afterwards.',
    sources: [noSwap],
    patch: 0,
    scenario: lab => {
      const { m } = lab.k;
      const job = lab.anonymous(lab.job(), 4);
      const list = stealMapping(lab, job);
      migrateList(lab, list);
      return `${lab.pages(job)}, pswpout ${m.page_state.pswpout}, ${m.total_swap_pages - m.nr_swap_pages} slots used`;
    },
    expect: { 0: 'N0=4, pswpout 0, 0 slots used' },
  },
  {
    id: 'clean-file-page-no-io',
    kind: 'claim',
    sentence: 'A clean page of a file without buffers is moved without any I/O.',
    sources: [{ from: 'mail', at: 'Marcelo Tosatti, October 2004, and the thread "question on page-migration code", April 2005' }],
    patch: 0,
    scenario: lab => {
      const file = lab.mapFile(lab.job(), lab.file('/data/file', 4), 4, PROT_READ | PROT_WRITE, MAP_SHARED);
      const list = stealMapping(lab, file);
      const before = io(lab);
      migrateList(lab, list);
      return `${lab.pages(file)}, ${io(lab) === before ? 'no I/O' : 'I/O'}`;
    },
    expect: { 0: 'N0=4, no I/O' },
  },
  {
    id: 'mapped-again',
    kind: 'claim',
    sentence: 'After its move a page is mapped again where it was mapped before; none of its processes has to fault it in.',
    sources: [{ from: 'mail', at: 'Ray Bryant, 28 February 2005: touch_unmapped_address()' }, copy],
    patch: 0,
    scenario: lab => {
      const file = mappedFile(lab, 1);
      const other = lab.mapFile(lab.job({ comm: 'other' }), '/file', 1, PROT_READ, MAP_SHARED);
      const faultsOf = (): number => file.task.min_flt + other.task.min_flt;
      const before = faultsOf();
      migrateList(lab, stealMapping(lab, file));
      return `${lab.pages(file)} ${lab.pages(other)}, mapcount ${page_mapcount(lab.k.m.mem_map, lab.frame(file))}, ${faultsOf() - before} faults`;
    },
    expect: { 0: 'N0=1 N0=1, mapcount 2, 0 faults' },
  },
  {
    id: 'mapped-again-no-neighbours',
    kind: 'claim',
    sentence: 'Mapping it again does not fault its neighbours in; until February 2005 a wrong length had up to 16384 pages come along.',
    sources: [{ from: 'mail', at: 'Ray Bryant, 28 February 2005: touch_unmapped_address() passes PAGE_SIZE where 1 page is meant' }],
    patch: 0,
    scenario: lab => {
      const file = mappedFile(lab, 8);
      lab.must(file.task, 'munmap', file.address, 8 * lab.k.m.PAGE_SIZE);
      const again = lab.mapFile(file.task, '/file', 8, PROT_READ, MAP_SHARED, 'none');
      lab.touch({ ...again, pages: 1 }, 'read');
      migrateList(lab, stealPages(lab, [lab.frame(again)]));
      return lab.pages(again);
    },
    expect: { 0: 'N0=1' },
  },
  {
    id: 'list-keeps-active',
    kind: 'claim',
    sentence: 'A moved page is on the kind of LRU list that its predecessor was on.',
    sources: [copy],
    patch: 0,
    scenario: lab => {
      const job = lab.anonymous(lab.job(), 2);
      const list = stealMapping(lab, job);
      clear_page_flag(lab.k.m.mem_map, lab.frame(job, 1), PG_active);
      migrateList(lab, list);
      const kinds = [0, 1].map(i => (PageActive(lab.k.m.mem_map, lab.frame(job, i)) ? 'active' : 'inactive'));
      return `${kinds.join(', ')}, ${offLru(lab, job)} off the LRU`;
    },
    expect: { 0: 'active, inactive, 0 off the LRU' },
  },
];

export const pageMove: readonly Behaviour[] = [...onePageErrors, ...lists, ...afterwards];
