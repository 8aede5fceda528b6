/** Patch 4: which pages migrate_pages() moves, and which it leaves. */
import type { Page } from '@pmkit/mm-core';
import { GFP_KERNEL } from '@pmkit/mm-core/include/linux/gfp';
import type { ScanControl } from '@pmkit/mm-core/include/linux/misc';
import { get_page, page_mapped, page_zone } from '@pmkit/mm-core/include/linux/mm';
import type { Behaviour, Source } from '../behaviour.js';
import { MAP_PRIVATE, MAP_SHARED, PROT_EXEC, PROT_READ, PROT_WRITE, type BootOptions, type Lab, type Mapping } from '../lab.js';
import { drain, fate, move } from './common.js';

const overview: Source = { from: 'overview', at: 'patch 4: a simple version that moves all pages of a process' };
const takahashi: Source = { from: 'mail', at: 'Hirokazu Takahashi, 25 June 2005, review of 4/10: quotes all of migrate_vma()' };
const rc4: Source = { from: 'code', at: '4/10, reconstructed from the reviews and from -rc2 and -rc4 of the same patch' };

/** A file of the root file system, mapped shared and written by a job. */
const sharedFile = (lab: Lab, job = lab.job()): Mapping => lab.mapFile(job, lab.file('/file', 4), 4, PROT_READ | PROT_WRITE, MAP_SHARED, 'write');

/** Reclaim looks at the pages of a node in need, until the mapping is swapped out. */
function swapOut(lab: Lab, mapping: Mapping): void {
  const { k, batchd } = lab;
  drain(lab);
  const zone = page_zone(k.m, lab.frame(mapping));
  for (let round = 0; round < 6; round++) {
    const sc: ScanControl = {
      nr_to_scan: 32, nr_scanned: 0, nr_reclaimed: 0, nr_mapped: k.m.page_state.nr_mapped, nr_to_reclaim: 32, priority: 0, gfp_mask: GFP_KERNEL,
      may_writepage: true,
    };
    zone.prev_priority = 0;
    lab.enter(batchd, 'refill_inactive_zone', zone, sc);
    lab.enter(batchd, 'shrink_cache', zone, sc);
    lab.enter(batchd, 'msleep', 100);
  }
}
/** What reclaim does to a page first: a swap entry in place of the pte. The page stays in the swap cache, on the LRU. */
function unmapToSwap(lab: Lab, page: Page): void {
  const { k, batchd } = lab;
  const mem = k.m.mem_map;
  get_page(mem, page);
  lab.enter(batchd, '__lock_page', page);
  lab.enter(batchd, 'add_to_swap', page);
  // the first try only makes the pte old
  while (page_mapped(mem, page)) lab.enter(batchd, 'try_to_unmap', page, null);
  lab.enter(batchd, 'unlock_page', page);
  lab.enter(batchd, 'put_page', page);
}
/** A machine whose node 2 is small; the next node is node 3. */
const smallNode: BootOptions = {
  machine: {
    nodes: [0, 1, 2, 3].map(id => ({ id, pages: id === 2 ? 32 : 256, cpus: [2 * id, 2 * id + 1] })),
    distances: [[10, 20, 30, 40], [20, 10, 30, 40], [30, 40, 10, 20], [40, 30, 20, 10]],
  },
};

const moved: readonly Behaviour[] = [
  {
    id: 'anonymous-memory-moves',
    kind: 'claim',
    sentence: 'migrate_pages() moves the anonymous memory of a stopped process from the old nodes to the new ones, and returns the number of pages.',
    sources: [overview],
    patch: 4,
    scenario: lab => {
      const job = lab.job();
      return move(lab, job, [1], [2], lab.anonymous(job, 16));
    },
    expect: { 0: '-ENOSYS, N1=16', 4: '16, N2=16' },
  },
  {
    id: 'scheduler-moves-job-back',
    kind: 'claim',
    sentence: 'A stopped job that has memory on two nodes is moved to two others in one call, each old node to the new one at the same place.',
    sources: [{ from: 'overview', at: 'background: nodes 5-8 are wanted for a job of higher priority' }],
    patch: 4,
    scenario: lab => {
      const job = lab.job({ node: 0 });
      const first = lab.anonymous(job, 4);
      lab.k.set_cpus_allowed(job, [2]);
      const second = lab.anonymous(job, 4);
      return move(lab, job, [0, 1], [2, 3], first, second);
    },
    expect: { 0: '-ENOSYS, N0=4, N1=4', 4: '8, N2=4, N3=4' },
  },
  {
    id: 'duplicate-old-node',
    kind: 'claim',
    sentence: 'When an old node is named twice the last pair counts.',
    sources: [{ from: 'deduced', at: '4/10: the node map is filled in the order of the arrays' }],
    patch: 4,
    scenario: lab => {
      const job = lab.job();
      return move(lab, job, [1, 1], [2, 3], lab.anonymous(job, 4));
    },
    expect: { 0: '-ENOSYS, N1=4', 4: '4, N3=4' },
  },
  {
    id: 'nodes-merged',
    kind: 'claim',
    sentence: 'Two old nodes may share a new one.',
    sources: [rc4, { from: 'deduced', at: '4/10: only old against new nodes are compared' }],
    patch: 4,
    scenario: lab => {
      const job = lab.job();
      const first = lab.anonymous(job, 4);
      lab.k.set_cpus_allowed(job, [4]);
      return move(lab, job, [1, 2], [3, 3], first, lab.anonymous(job, 4));
    },
    expect: { 0: '-ENOSYS, N1=4, N2=4', 4: '8, N3=4, N3=4' },
  },
  {
    id: 'library-text-of-any-process',
    kind: 'claim',
    sentence: 'In its first version the call moves the shared library of a process too, so it is of use for statically linked programs only; that ends with patch 7.',
    sources: [overview, { from: 'overview', at: 'background: pages of shared libraries should not be moved' }],
    patch: 4,
    scenario: lab => {
      const job = lab.job();
      return move(lab, job, [1], [2], lab.mapFile(job, lab.file('/lib/libc.so', 4), 4, PROT_READ | PROT_EXEC, MAP_PRIVATE));
    },
    expect: { 0: '-ENOSYS, N1=4', 4: '4, N2=4', 7: '0, N1=4' },
  },
  {
    id: 'library-text-of-others',
    kind: 'defect',
    sentence: 'Until patch 7 all processes that use a library lose its pages to another node because one of them is moved.',
    sources: [overview, { from: 'overview', at: 'background: merely because a few processes using them have been migrated' }],
    patch: 4,
    breaks: 4,
    scenario: lab => {
      const text = lab.mapFile(lab.job({ comm: 'other' }), lab.file('/lib/libc.so', 4), 4, PROT_READ | PROT_EXEC, MAP_PRIVATE);
      const job = lab.job();
      lab.mapFile(job, '/lib/libc.so', 4, PROT_READ | PROT_EXEC, MAP_PRIVATE);
      move(lab, job, [1], [2]);
      return `the other's ${lab.pages(text)}`;
    },
    expect: { 0: 'the other\'s N1=4', 4: 'the other\'s N2=4', 7: 'the other\'s N1=4' },
  },
  {
    id: 'shared-file-moves-for-all',
    kind: 'claim',
    sentence: 'A page that two processes share moves for both of them.',
    sources: [takahashi, { from: 'deduced', at: 'the unmapping and mapping again of every address (2.6.12-rc5-mhp1)' }],
    patch: 4,
    scenario: lab => {
      const file = sharedFile(lab);
      const other = lab.mapFile(lab.job({ comm: 'other' }), '/file', 4, PROT_READ, MAP_SHARED);
      return `${move(lab, file.task, [1], [2], file)}, other ${lab.pages(other)}`;
    },
    expect: { 0: '-ENOSYS, N1=4, other N1=4', 4: '4, N2=4, other N2=4' },
  },
  {
    id: 'page-mapped-twice-counts-once',
    kind: 'claim',
    sentence: 'A page that a process maps in two places is counted once: it is on a new node already when the second one is looked at.',
    sources: [{ from: 'deduced', at: '4/10: migrate_vma() goes by the node that a page is on' }],
    patch: 4,
    scenario: lab => {
      const file = sharedFile(lab);
      return move(lab, file.task, [1], [2], file, lab.mapFile(file.task, '/file', 4, PROT_READ | PROT_WRITE, MAP_SHARED));
    },
    expect: { 0: '-ENOSYS, N1=4, N1=4', 4: '4, N2=4, N2=4' },
  },
  {
    id: 'pages-shared-by-fork',
    kind: 'claim',
    sentence: 'Pages that parent and child share until one writes move with the first of the two calls; the second finds nothing to do.',
    sources: [{ from: 'deduced', at: '4/10: shared anonymous pages are mapped pages like any other' }],
    patch: 4,
    scenario: lab => {
      const job = lab.job();
      const memory = lab.anonymous(job, 4);
      const child = lab.k.m.tasks.get(lab.must(job, 'fork'))!;
      return `${move(lab, child, [1], [2], { ...memory, task: child })}; ${move(lab, job, [1], [2], memory)}`;
    },
    expect: { 0: '-ENOSYS, N1=4; -ENOSYS, N1=4', 4: '4, N2=4; 0, N2=4' },
  },
  {
    id: 'pagevecs-drained',
    kind: 'claim',
    sentence: 'Pages that still wait in the pagevecs of any CPU are moved too: the call has them drained first.',
    sources: [{ from: 'code', at: '5/10, context: smp_call_function() of lru_add_drain_per_cpu(), then lru_add_drain()' }],
    patch: 4,
    scenario: lab => {
      const job = lab.job();
      const first = lab.anonymous(job, 1);
      lab.k.set_cpus_allowed(job, [3]);
      return move(lab, job, [1], [2], first, lab.anonymous(job, 1));
    },
    expect: { 0: '-ENOSYS, N1=1, N1=1', 4: '2, N2=1, N2=1' },
  },
  {
    id: 'second-call-moves-nothing',
    kind: 'claim',
    sentence: 'The same call a second time finds nothing on the old nodes.',
    sources: [takahashi],
    patch: 4,
    scenario: lab => {
      const job = lab.job();
      const memory = lab.anonymous(job, 4);
      return `${move(lab, job, [1], [2])}, then ${move(lab, job, [1], [2], memory)}`;
    },
    expect: { 0: '-ENOSYS, then -ENOSYS, N1=4', 4: '4, then 0, N2=4' },
  },
];

const left: readonly Behaviour[] = [
  {
    id: 'other-nodes-left',
    kind: 'claim',
    sentence: 'Pages on nodes that are not named stay where they are.',
    sources: [takahashi],
    patch: 4,
    scenario: lab => {
      const job = lab.job();
      const first = lab.anonymous(job, 4);
      lab.k.set_cpus_allowed(job, [6]);
      return move(lab, job, [1], [2], first, lab.anonymous(job, 2));
    },
    expect: { 0: '-ENOSYS, N1=4, N3=2', 4: '4, N2=4, N3=2' },
  },
  {
    id: 'untouched-memory-left',
    kind: 'claim',
    sentence: 'Pages that are not there are not made for the move.',
    sources: [takahashi],
    patch: 4,
    scenario: lab => {
      const job = lab.job();
      const memory = lab.anonymous(job, 8, 'none');
      lab.touch({ ...memory, pages: 2 });
      return move(lab, job, [1], [2], memory);
    },
    expect: { 0: '-ENOSYS, N1=2', 4: '2, N2=2' },
  },
  {
    id: 'zero-page-left',
    kind: 'claim',
    sentence: 'The zero page, which memory that was only read shows, is not moved: its mapcount is 0.',
    sources: [takahashi],
    patch: 4,
    scenario: lab => {
      const job = lab.job();
      const memory = lab.anonymous(job, 4, 'read');
      const result = move(lab, job, [0], [2]);
      return `${result}, ${lab.frame(memory) === lab.k.m.zero_page ? 'zero page' : 'another page'} on node ${lab.nodeOf(memory)}`;
    },
    expect: { 0: '-ENOSYS, zero page on node 0', 4: '0, zero page on node 0' },
  },
  {
    id: 'swapped-page-left',
    kind: 'claim',
    sentence: 'Swapped pages stay in swap; they come back wherever they are faulted in.',
    sources: [{ from: 'code', at: '2.6.12 mm/memory.c: follow_page() finds nothing in a swap pte' }],
    patch: 4,
    scenario: lab => {
      const job = lab.job();
      const memory = lab.anonymous(job, 4);
      swapOut(lab, memory);
      const seen = move(lab, job, [1], [2], memory);
      lab.touch(memory, 'read');
      return `${seen}, then ${lab.pages(memory)}`;
    },
    expect: { 0: '-ENOSYS, swap=4, then N1=4', 4: '0, swap=4, then N1=4' },
  },
  {
    id: 'swap-cache-left',
    kind: 'claim',
    sentence: 'A page in the swap cache that no pte leads to is not found, and stays.',
    sources: [{ from: 'code', at: '2.6.12 mm/memory.c: follow_page(); a page without a pte is not looked for' }],
    patch: 4,
    scenario: lab => {
      const job = lab.job();
      const memory = lab.anonymous(job, 2);
      const page = lab.frame(memory);
      drain(lab);
      unmapToSwap(lab, page);
      const result = move(lab, job, [1], [2], memory);
      lab.touch(memory, 'read');
      return `${result}, then ${lab.pages(memory)}`;
    },
    expect: { 0: '-ENOSYS, N1=1 swap=1, then N1=2', 4: '1, N2=1 swap=1, then N1=1 N2=1' },
  },
  {
    id: 'mlocked-memory-left',
    kind: 'claim',
    sentence: 'mlocked memory is never moved.',
    sources: [takahashi],
    patch: 4,
    scenario: lab => {
      const job = lab.job();
      const locked = lab.anonymous(job, 4);
      lab.must(job, 'mlock', locked.address, 4 * lab.k.m.PAGE_SIZE);
      return move(lab, job, [1], [2], lab.anonymous(job, 2), locked);
    },
    expect: { 0: '-ENOSYS, N1=2, N1=4', 4: '2, N2=2, N1=4' },
  },
  {
    id: 'unmapped-page-cache-left',
    kind: 'defect',
    sentence: 'Pages of a mapped file that are in the page cache but that the process has not touched stay on the old node.',
    sources: [{ from: 'mail', at: 'Hirokazu Takahashi, May 2005, review of -rc2; Ray Bryant: sync and drop the clean cache first, later: punt' }],
    patch: 4,
    scenario: lab => {
      const job = lab.job();
      const file = lab.mapFile(job, lab.file('/file', 4), 4, PROT_READ | PROT_WRITE, MAP_SHARED, 'none');
      lab.must(job, 'read', lab.must(job, 'open', '/file', 0, 0), 4 * lab.k.m.PAGE_SIZE);
      lab.touch({ ...file, pages: 2 }, 'read');
      const result = move(lab, job, [1], [2]);
      lab.touch(file, 'read');
      return `${result}, ${lab.pages(file)}`;
    },
    expect: { 0: '-ENOSYS, N1=4', 4: '2, N1=2 N2=2' },
  },
];

const placement: readonly Behaviour[] = [
  {
    id: 'full-node-spills-over',
    kind: 'claim',
    sentence: 'The call is not strict: what does not fit on the new node silently lands on the next one, and is counted.',
    sources: [{ from: 'code', at: '2.6.12: alloc_pages_node() uses the zonelist of the node, with all other nodes behind it' }],
    patch: 4,
    scenario: lab => {
      lab.boot(smallNode);
      const job = lab.job();
      return move(lab, job, [1], [2], lab.anonymous(job, 48)).replace(/N(\d)=\d+/g, 'N$1');
    },
    expect: { 0: '-ENOSYS, N1', 4: '48, N2 N3' },
  },
  {
    id: 'caller-is-charged',
    kind: 'claim',
    sentence: 'The new pages are allocated by the caller: nodes that only its cpuset forbids are silently avoided, until patch 8 refuses them.',
    sources: [
      { from: 'changelog', at: '8/10: pages are allocated by the task that makes the call' },
      { from: 'code', at: '2.6.12: __alloc_pages() asks cpuset_zone_allowed()' },
    ],
    patch: 4,
    scenario: lab => {
      const job = lab.job();
      const memory = lab.anonymous(job, 4);
      const admin = lab.job({ comm: 'admin', node: 3 });
      for (const [call, ...args] of [
        ['cpuset_mkdir', '/batch'], ['cpuset_write', '/batch', 'cpus', '0-1'], ['cpuset_write', '/batch', 'mems', '0'],
        ['cpuset_write', '/batch', 'tasks', `${lab.batchd.pid}\n`],
      ] as const) lab.enter(admin, call, ...args);
      // a task takes notice of its new cpuset when it allocates memory itself
      lab.anonymous(lab.batchd, 1);
      return fate(lab, lab.batchd, lab.migrate(job, [1], [2])).concat(', ', lab.pages(memory));
    },
    expect: { 0: '-ENOSYS, N1=4', 4: '4, N0=4', 8: '-EINVAL, N1=4' },
  },
  {
    id: 'file-pages-need-no-swap',
    kind: 'claim',
    sentence: 'Pages of files move without swap.',
    sources: [{ from: 'mail', at: 'Marcelo Tosatti, October 2004: only anonymous pages are put in the swap cache' }],
    patch: 4,
    scenario: lab => {
      lab.boot({ swap: 0 });
      const file = sharedFile(lab);
      return move(lab, file.task, [1], [2], file);
    },
    expect: { 0: '-ENOSYS, N1=4', 4: '4, N2=4' },
  },
  {
    id: 'one-swap-slot-is-enough',
    kind: 'claim',
    sentence: 'One free swap slot is enough for any number of pages: each gives it back before the next one takes it.',
    sources: [{ from: 'deduced', at: 'the steps of generic_migrate_page() (2.6.12-rc5-mhp1): the swap entry is removed by force at the end' }],
    patch: 4,
    scenario: lab => {
      lab.boot({ swap: 1 });
      const job = lab.job();
      return move(lab, job, [1], [2], lab.anonymous(job, 8));
    },
    expect: { 0: '-ENOSYS, N1=8', 4: '8, N2=8' },
  },
];

export const moving: readonly Behaviour[] = [...moved, ...left, ...placement];
