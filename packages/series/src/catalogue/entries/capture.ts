/**
 * The tree with the hotplug patches N1.0 and N1.1, the other caller of try_to_migrate_pages(): a range of frames is captured. There is such a
 * tree below patch 3 and again with patch 10. What N1.0 is made of is mostly reconstructed; its README says which parts.
 */
import type { Page, Task } from '@pmkit/mm-core';
import { get_page, page_count, page_to_nid, page_zone } from '@pmkit/mm-core/include/linux/mm';
import { MPOL_PREFERRED } from '@pmkit/mm-core/include/linux/mempolicy';
import { NO_BUILD, type Behaviour, type Kind, type Source } from '../behaviour.js';
import { MAP_SHARED, PROT_READ, PROT_WRITE, type Lab, type Mapping } from '../lab.js';
import { beforeCall, drain, fate } from './common.js';
import { setPolicy } from './policy-scenes.js';

const NO_FUNCTION = 'no such function';
const BLOCK_ORDER = 3;
const BLOCK = 2 ** BLOCK_ORDER;

const tenth: Source = { from: 'changelog', at: '10/10, by -rc4 11/11: capture_page_range() passes NULL, so that pages go to any node' };
const overview: Source = { from: 'overview', at: 'description of patch 10: the call from capture_page_range(), which N1.0 brings' };
const context: Source = { from: 'code', at: '10/10, by -rc4 11/11, the lines around the call: drain, rest, remains, retry' };
const grab: Source = { from: 'mail', at: 'Marcelo Tosatti, 26 October 2004: grab_capturing_pages()' };
const rollUp: Source = { from: 'mail', at: 'Dave Hansen, 17 February 2005, roll-up of memory hotplug: the caller of capture_page_range()' };
const rebuilt: Source = { from: 'deduced', at: 'N1.0 as it is reconstructed here: the mark PG_capture and what a caller is told' };

/** What is seen where there is capture_page_range(); with what differs below patch 2, which is about XFS. */
function entry(id: string, sentence: string, sources: readonly Source[], seen: string, scenario: Behaviour['scenario'], kind: Kind = 'claim', before = seen): Behaviour {
  return {
    id, kind, sentence, sources, patch: 10,
    scenario: lab => (lab.hasSymbol('capture_page_range') ? scenario(lab) : lab.note(lab.batchd, 'capture_page_range()', NO_FUNCTION)),
    expect: { 0: NO_FUNCTION, 10: seen },
    hotplug: { 0: before, 2: seen, 3: NO_BUILD, 10: seen },
  };
}

/** A job on node 1 with more pages than fit into a pagevec. */
const bigJob = (lab: Lab): Mapping => lab.anonymous(lab.job(), 24);
/** The first frame of an aligned block all of whose frames are the mapping's. */
function blockOf(lab: Lab, mapping: Mapping): Page {
  const frames = Array.from({ length: mapping.pages }, (_, i) => lab.frame(mapping, i));
  const first = frames.find(frame => frame % BLOCK === 0 && Array.from({ length: BLOCK }, (_, i) => frame + i).every(frame => frames.includes(frame as Page)));
  if (first === undefined) throw new Error(`no ${BLOCK} frames in a row: ${frames.join(' ')}`);
  return first;
}
/** capture_page_range() by root, the batch scheduler if nobody else. */
const capture = (lab: Lab, first: Page, order = BLOCK_ORDER, by: Task = lab.batchd): string => fate(lab, by, lab.enter(by, 'capture_page_range', first, order));
/** What kept the last range from being captured: `1 not migrated`. */
function left(lab: Lab): string {
  const reasons = lab.k.m.capture_left.map(({ why }) => why);
  return [...new Set(reasons)].map(why => `${reasons.filter(reason => reason === why).length} ${why}`).join(', ') || 'nothing left';
}
/** Frames of a mapping that lie in a block. */
const inBlock = (lab: Lab, mapping: Mapping, first: Page): number =>
  Array.from({ length: mapping.pages }, (_, i) => lab.frame(mapping, i)).filter(frame => frame >= first && frame < first + BLOCK).length;

const emptied: readonly Behaviour[] = [
  entry('capture-empties-range', 'capture_page_range() moves what is in a range of frames to other ones; nothing is lost, and the frames are taken out of use.', [overview, grab],
    '0, N0=8 N1=16, same contents', lab => {
      const memory = bigJob(lab);
      const before = lab.contents(memory);
      const result = capture(lab, blockOf(lab, memory));
      return `${result}, ${lab.pages(memory)}, ${lab.contents(memory) === before ? 'same' : 'other'} contents`;
    }),
  entry('capture-goes-anywhere', 'Without a node map the pages go where the policy of the caller allocates, as they did before the series.', [tenth],
    '0, N1=16 N3=8', lab => {
      const memory = bigJob(lab);
      setPolicy(lab, lab.batchd, MPOL_PREFERRED, 3);
      return `${capture(lab, blockOf(lab, memory))}, ${lab.pages(memory)}`;
    }),
  entry('capture-same-node', 'The text says that without a map pages are moved away from their node; when the caller allocates on that node, they stay on it.', [tenth,
    { from: 'deduced', at: 'migrate_onepage() with MIGRATE_NODE_ANY allocates by the caller\'s policy' }],
    '0, N1=24, 0 in the range', lab => {
      const memory = bigJob(lab);
      const first = blockOf(lab, memory);
      const result = capture(lab, first, BLOCK_ORDER, lab.job({ comm: 'admin' }));
      return `${result}, ${lab.pages(memory)}, ${inBlock(lab, memory, first)} in the range`;
    }, 'discrepancy'),
  entry('capture-moves-mlocked', 'mlocked memory is moved, though migrate_pages() passes it over: that is migrate_vma()\'s rule, and try_to_unmap() with a list makes no exception.',
    [{ from: 'code', at: 'memory hotremoval for 2.6.7, 14 July 2004: with a list, VM_LOCKED does not keep a page from being unmapped' }],
    '0, N0=8 N1=16', lab => {
      const memory = bigJob(lab);
      lab.must(memory.task, 'mlock', memory.address, memory.pages * lab.k.m.PAGE_SIZE);
      return `${capture(lab, blockOf(lab, memory))}, ${lab.pages(memory)}`;
    }),
  entry('capture-moves-page-cache', 'Pages of a file that nobody maps, which migrate_pages() does not find, are moved as well.', [grab],
    '0, from node 1 to node 0', lab => {
      const { k } = lab;
      const job = lab.job();
      lab.must(job, 'read', lab.must(job, 'open', lab.file('/file', 1), 0, 0), k.m.PAGE_SIZE);
      const { page_tree } = k.m.super_blocks.find(sb => sb.s_names.has('/file'))!.s_names.get('/file')!.i_mapping;
      const cached = (): Page => k.radix_tree_lookup(page_tree, 0) as Page;
      const before = page_to_nid(k.m, cached());
      return `${capture(lab, cached(), 0)}, from node ${before} to node ${page_to_nid(k.m, cached())}`;
    }),
  entry('capture-xfs-dirty-page', 'A dirty XFS page in the range is written to disk before it is moved, until patch 2.',
    [{ from: 'overview', at: 'description of patch 2: a migrate_page method for XFS' }], '0, N0=1, 0 KB written', lab => {
      const { k } = lab;
      const job = lab.job();
      const fd = lab.must(job, 'open', lab.file('/data/result', 1), 2, 0);
      lab.must(job, 'write', fd, k.m.PAGE_SIZE);
      const file = lab.mapFile(job, '/data/result', 1, PROT_READ | PROT_WRITE, MAP_SHARED, 'write');
      const before = k.m.page_state.pgpgout;
      const result = capture(lab, lab.frame(file), 0);
      return `${result}, ${lab.pages(file)}, ${(k.m.page_state.pgpgout - before) / 2} KB written`;
    }, 'claim', '0, N0=1, 16 KB written'),
];

const kept: readonly Behaviour[] = [
  entry('capture-takes-freed-frames', 'What is freed while its range is under capture does not go back to the allocator; nobody is given these frames any more.', [rebuilt],
    '0, then 0 of 200 pages there', lab => {
      const memory = bigJob(lab);
      const first = blockOf(lab, memory);
      beforeCall(lab, 'try_to_migrate_pages', () => lab.call(memory.task, 'exit_group', 0));
      const result = capture(lab, first);
      return `${result}, then ${inBlock(lab, lab.anonymous(lab.job({ comm: 'next' }), 200), first)} of 200 pages there`;
    }),
  entry('capture-retries', 'A page that somebody uses is tried again in the next pass, and moved when he lets go.', [context],
    '0, N0=8 N1=16', lab => {
      const memory = bigJob(lab);
      const first = blockOf(lab, memory);
      drain(lab);
      get_page(lab.k.m.mem_map, first);
      // between the first pass and the second
      beforeCall(lab, 'msleep', () => {
        lab.k.put_page(first);
      });
      return `${capture(lab, first)}, ${lab.pages(memory)}`;
    }),
  entry('capture-twice', 'A range that is captured cannot be captured again.', [rebuilt],
    '0, then -EINVAL', lab => {
      const first = blockOf(lab, bigJob(lab));
      return `${capture(lab, first)}, then ${capture(lab, first)}`;
    }),
];

const failures: readonly Behaviour[] = [
  entry('capture-pinned-page', 'When a page stays in use the range is given up with -EBUSY, and the page is reported; what could move has moved.', [context, rebuilt],
    '-EBUSY, N0=7 N1=17, 1 not migrated', lab => {
      const memory = bigJob(lab);
      const first = blockOf(lab, memory);
      get_page(lab.k.m.mem_map, first);
      return `${capture(lab, first)}, ${lab.pages(memory)}, ${left(lab)}`;
    }),
  entry('capture-page-table', 'Page tables are not moved: a range with one is given up.', [{ from: 'deduced', at: 'a page table is not on the LRU, and nobody steals it' }],
    '-EBUSY, 1 page table', lab => {
      const { m } = lab.k;
      bigJob(lab);
      const table = [...m.table_page.subarray(1, m.table_high)].find(frame => page_to_nid(m, frame as Page) === 1)!;
      return `${capture(lab, table as Page, 0)}, ${left(lab)}`;
    }),
  entry('capture-without-swap', 'Without swap anonymous pages stay, back on the LRU with no reference too many, and the result is -ENOSPC: a swap device is to be added.', [context],
    '-ENOSPC, N1=24, 8 not migrated, count 1', lab => {
      lab.boot({ swap: 0 });
      const memory = bigJob(lab);
      drain(lab);
      const result = capture(lab, blockOf(lab, memory));
      return `${result}, ${lab.pages(memory)}, ${left(lab)}, count ${page_count(lab.k.m.mem_map, blockOf(lab, memory))}`;
    }),
  entry('capture-drain-not-waited', 'The pagevecs are drained by work that nobody waits for, so that a page in one is missed once, and costs a pass of 10 ms.',
    [{ from: 'code', at: '10/10, context, and memory hotremoval for 2.6.7, 14 July 2004: lru_drain_schedule()' },
      { from: 'mail', at: 'IWAMOTO Toshihiro, 12 August 2005: asks for lru_add_drain() before the call' }],
    'in a pagevec 10 ms, on the LRU 0 ms', lab => {
      const took = (waiting: boolean): string => {
        const page = lab.frame(lab.anonymous(lab.job(), 1));
        if (!waiting) drain(lab);
        const { now } = lab.k.m;
        const result = capture(lab, page, 0);
        return result === '0' ? `${lab.k.m.now - now} ms` : result;
      };
      return `in a pagevec ${took(true)}, on the LRU ${took(false)}`;
    }, 'defect'),
  entry('capture-keeps-watermarks', 'A zone that has lost half of its frames keeps the watermarks and the size that it had with them.',
    [{ from: 'mail', at: 'IWAMOTO Toshihiro, 12 August 2005: setup_per_zone_pages_min() is to be called after hotplug' }, { from: 'deduced', at: 'N1.0 of June 2005 lacks the call as well' }],
    '0, free 128 fewer, min and size 0 fewer', lab => {
      // the upper half of the last node, where nobody is
      const first = 896 as Page;
      const zone = page_zone(lab.k.m, first);
      const { free_pages, pages_min, present_pages } = zone;
      const result = capture(lab, first, 7);
      return `${result}, free ${free_pages - zone.free_pages} fewer, min and size ${pages_min - zone.pages_min + present_pages - zone.present_pages} fewer`;
    }, 'defect'),
  entry('remove-pages', '__remove_pages() refuses a number of frames that is no power of two, and logs what could not be captured.', [rollUp],
    '3: -EINVAL; 8: -EAGAIN, 1 line logged', lab => {
      const first = blockOf(lab, bigJob(lab));
      get_page(lab.k.m.mem_map, first);
      const before = lab.log().length;
      const remove = (nr: number): string => lab.result(lab.enter(lab.batchd, '__remove_pages', page_zone(lab.k.m, first), first, nr, 0));
      const [three, eight] = [remove(3), remove(BLOCK)];
      return `3: ${three}; 8: ${eight}, ${lab.log().length - before} line logged`;
    }),
  {
    ...entry('capture-meets-migrate-pages', 'While a range is captured migrate_pages() of a process with pages there finds them off the LRU, and BUG()s.',
      [{ from: 'mail', at: 'Hirokazu Takahashi, 25 June 2005, review of 4/10: any page may be off the LRU' },
        { from: 'deduced', at: 'capture_page_range() steals pages as vmscan does' }],
      'BUG, scheduler dies', lab => {
        const { task, ...memory } = bigJob(lab);
        const scheduler = lab.job({ comm: 'scheduler', node: 3 });
        let seen = 'not called';
        beforeCall(lab, 'try_to_migrate_pages', () => {
          seen = fate(lab, scheduler, lab.migrate(task, [1], [2], scheduler));
        });
        capture(lab, blockOf(lab, { task, ...memory }));
        return seen;
      }, 'defect', '-ENOSYS'),
    hotplug: { 0: '-ENOSYS', 3: NO_BUILD, 10: 'BUG, scheduler dies' },
  },
];

export const captures: readonly Behaviour[] = [...emptied, ...kept, ...failures];
