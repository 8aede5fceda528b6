/** Patch 4: what is seen of a process and its pages when migrate_pages() is through. */
import { pte_dirty, pte_offset, pte_write } from '@pmkit/mm-core/include/asm-ia64/pgtable';
import { page_mapcount } from '@pmkit/mm-core/include/linux/mm';
import { PageDirty, PageLRU } from '@pmkit/mm-core/include/linux/page-flags';
import type { Pte } from '@pmkit/mm-core/include/linux/types';
import type { Behaviour, Source } from '../behaviour.js';
import { MAP_SHARED, PROT_READ, PROT_WRITE, type Lab, type Mapping } from '../lab.js';
import { countOf, drain, fate, move } from './common.js';

const steps: Source = { from: 'deduced', at: 'the steps of migrate_onepage() and generic_migrate_page() (2.6.12-rc5-mhp1)' };
const slow: Source = { from: 'mail', at: 'Ray Bryant and others, "question on page-migration code", April 2005' };

/** A job of four written pages that has been moved from node 1 to node 2. */
function moved(lab: Lab): Mapping & { readonly seen: string } {
  const job = lab.job();
  const memory = lab.anonymous(job, 4);
  return { ...memory, seen: move(lab, job, [1], [2], memory) };
}
const pteOf = (lab: Lab, { task, address }: Mapping): Pte => lab.k.m.ptes[pte_offset(lab.k.m, task.mm!, address)] as Pte;

export const afterwards: readonly Behaviour[] = [
  {
    id: 'contents-kept',
    kind: 'claim',
    sentence: 'What the process has written it reads again, at the same addresses.',
    sources: [steps],
    patch: 4,
    scenario: lab => {
      const job = lab.job();
      const memory = lab.anonymous(job, 4);
      const before = lab.contents(memory);
      const seen = move(lab, job, [1], [2], memory);
      return `${seen}, ${lab.contents(memory) === before ? 'same' : 'other'} contents`;
    },
    expect: { 0: '-ENOSYS, N1=4, same contents', 4: '4, N2=4, same contents' },
  },
  {
    id: 'counts-kept',
    kind: 'claim',
    sentence: 'A moved anonymous page has one mapping and one reference, like its predecessor, and is on the LRU.',
    sources: [steps],
    patch: 4,
    scenario: lab => {
      const memory = moved(lab);
      const { mem_map: mem } = lab.k.m;
      drain(lab);
      const page = lab.frame(memory);
      return `${lab.pages(memory)}, mapcount ${page_mapcount(mem, page)}, count ${countOf(lab, memory)}, ${PageLRU(mem, page) ? 'on' : 'off'} the LRU`;
    },
    expect: { 0: 'N1=4, mapcount 1, count 1, on the LRU', 4: 'N2=4, mapcount 1, count 1, on the LRU' },
  },
  {
    id: 'rss-kept',
    kind: 'claim',
    sentence: 'The process has as many resident and anonymous pages as before.',
    sources: [steps],
    patch: 4,
    scenario: lab => {
      const memory = moved(lab);
      const { rss, anon_rss } = memory.task.mm!;
      return `${memory.seen}, rss ${rss}, anonymous ${anon_rss}`;
    },
    expect: { 0: '-ENOSYS, N1=4, rss 4, anonymous 4', 4: '4, N2=4, rss 4, anonymous 4' },
  },
  {
    id: 'ptes-clean-and-read-only',
    kind: 'claim',
    sentence: 'A moved page is mapped clean and read-only, and is dirty itself: the pte\'s dirty bit went to PG_dirty when it was unmapped.',
    sources: [slow],
    patch: 4,
    scenario: lab => {
      const memory = moved(lab);
      const pte = pteOf(lab, memory);
      const dirty = (is: boolean): string => (is ? 'dirty' : 'clean');
      return `pte ${dirty(pte_dirty(pte))}, ${pte_write(pte) ? 'writable' : 'read-only'}, page ${dirty(PageDirty(lab.k.m.mem_map, lab.frame(memory)))}`;
    },
    expect: { 0: 'pte dirty, writable, page clean', 4: 'pte clean, read-only, page dirty' },
  },
  {
    id: 'write-after-move-copies-nothing',
    kind: 'claim',
    sentence: 'The first write to a moved page faults, and finds that the page is its own: nothing is copied back to the old node.',
    sources: [slow, { from: 'code', at: '2.6.12 mm/memory.c: do_wp_page()' }],
    patch: 4,
    scenario: lab => {
      const memory = moved(lab);
      const before = memory.task.min_flt;
      lab.touch(memory);
      return `${memory.seen}, ${memory.task.min_flt - before} faults, ${lab.pages(memory)}`;
    },
    expect: { 0: '-ENOSYS, N1=4, 0 faults, N1=4', 4: '4, N2=4, 4 faults, N2=4' },
  },
  {
    id: 'file-stays-dirty',
    kind: 'claim',
    sentence: 'What was written to a file through a mapping is still to be written to disk after the move, and is.',
    sources: [slow, steps],
    patch: 4,
    scenario: lab => {
      const job = lab.job();
      const file = lab.mapFile(job, lab.file('/file', 2), 2, PROT_READ | PROT_WRITE, MAP_SHARED, 'write');
      const { page_state } = lab.k.m;
      const seen = move(lab, job, [1], [2]);
      const before = page_state.pgpgout;
      lab.must(job, 'fsync', lab.must(job, 'open', '/file', 2, 0));
      return `${seen}, ${lab.pages(file)}, ${(page_state.pgpgout - before) / 2} KB written`;
    },
    // without the move only the ptes know, and fsync() does not look at them
    expect: { 0: '-ENOSYS, N1=2, 0 KB written', 4: '2, N2=2, 32 KB written' },
  },
  {
    id: 'no-swap-in-use-afterwards',
    kind: 'claim',
    sentence: 'The swap entries that led to the pages meanwhile are gone, and nothing was written to swap.',
    sources: [{ from: 'mail', at: 'Hirokazu Takahashi and Marcelo Tosatti, October 2004, and the migration cache of 8 December 2004' }],
    patch: 4,
    scenario: lab => {
      const { seen } = moved(lab);
      const { m } = lab.k;
      return `${seen}, ${m.total_swap_pages - m.nr_swap_pages} slots used, pswpout ${m.page_state.pswpout}`;
    },
    expect: { 0: '-ENOSYS, N1=4, 0 slots used, pswpout 0', 4: '4, N2=4, 0 slots used, pswpout 0' },
  },
  {
    id: 'default-policy-stays-with-cpu',
    kind: 'claim',
    sentence: 'A process that is moved but not its CPU goes on to allocate on the old node: that, too, is the scheduler\'s business.',
    sources: [{ from: 'mail', at: 'Ray Bryant, overview of -rc1, 5 April 2005: move such a task to a CPU of the new nodes first' }],
    patch: 4,
    scenario: lab => {
      const { task, seen } = moved(lab);
      return `${seen}, new memory ${lab.pages(lab.anonymous(task, 2))}`;
    },
    expect: { 0: '-ENOSYS, N1=4, new memory N1=2', 4: '4, N2=4, new memory N1=2' },
  },
  {
    id: 'moved-there-and-back',
    kind: 'claim',
    sentence: 'A job can be moved away and back again; nothing of it is left behind.',
    sources: [{ from: 'overview', at: 'background: at some point other nodes become available' }],
    patch: 4,
    scenario: lab => {
      const { task, address, pages } = moved(lab);
      const away = lab.pages({ task, address, pages });
      lab.stop(task);
      const back = fate(lab, lab.batchd, lab.migrate(task, [2], [1]));
      return `${away}, ${back}, ${lab.pages({ task, address, pages })}`;
    },
    expect: { 0: 'N1=4, -ENOSYS, N1=4', 4: 'N2=4, 4, N1=4' },
  },
];
