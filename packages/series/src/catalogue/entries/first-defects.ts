/** Patch 4: the defects of migrate_vma() and of the system call. -rc4 still has those that are marked so. */
import { NO_RESULT, type Task } from '@pmkit/mm-core';
import { get_page, page_count } from '@pmkit/mm-core/include/linux/mm';
import { SIGKILL } from '@pmkit/mm-core/include/linux/sched';
import type { Behaviour, Source } from '../behaviour.js';
import { MAP_ANONYMOUS, MAP_PRIVATE, PROT_READ, type Lab, type Mapping } from '../lab.js';
import { beforeCall, countOf, fate, offLru, sideBySide, stealPages } from './common.js';

const stillThere: Source = { from: 'code', at: '-rc4 4/11 is the same here' };
const useContinue: Source = { from: 'mail', at: 'Hirokazu Takahashi, 25 June 2005, review of 4/10: use continue in place of BUG()' };
const notTaken: Source = { from: 'code', at: '-rc4 0/11 says the suggestion is incorporated, -rc4 4/11 has the BUG() still' };
const tail: Source = { from: 'mail', at: 'Dave Hansen, 22 June 2005, and Hirokazu Takahashi, 25 June 2005, reviews of 4/10: the end of migrate_vma()' };
const conventions: Source = { from: 'deduced', at: 'all other callers of putback_page_to_lru() drop the reference of the steal' };

const keptInSwapCache: Source = { from: 'deduced', at: 'a page with a reference too many is not taken out of the swap cache, even by force (seen in the code of 2004 only)' };

const call = (lab: Lab, job: Task): string => fate(lab, lab.batchd, lab.migrate(job, [1], [2]));

/** A job on node 1 one of whose four pages vmscan is just looking at: it is off the LRU. */
function withPageOffLru(lab: Lab): { memory: Mapping; untouched: Mapping } {
  const job = lab.job();
  const memory = lab.anonymous(job, 4);
  const untouched = lab.anonymous(job, 1, 'none');
  stealPages(lab, [lab.frame(memory, 1)]);
  return { memory, untouched };
}
/** Three areas of a job, two pages each, with something between them so that they are not one vma. */
function threeAreas(lab: Lab, job: Task): Mapping[] {
  return [0, 1, 2].map(() => {
    const area = lab.anonymous(job, 2);
    lab.anonymous(job, 1, 'none', 0);
    return area;
  });
}

const offTheLru: readonly Behaviour[] = [
  {
    id: 'page-under-reclaim-bug',
    kind: 'defect',
    sentence: 'A mapped page that is off the LRU, as vmscan is looking at it, is a BUG() that kills the caller.',
    sources: [useContinue, notTaken],
    patch: 4,
    breaks: 4,
    scenario: lab => call(lab, withPageOffLru(lab).memory.task),
    expect: { 0: '-ENOSYS', 4: 'BUG, batchd dies' },
  },
  {
    id: 'page-in-pagevec-bug',
    kind: 'defect',
    sentence: 'So is a page that the target has touched after the pagevecs were drained: it waits in a new one.',
    sources: [useContinue, { from: 'deduced', at: '4/10: the pagevecs are drained once, before the first vma' }],
    patch: 4,
    breaks: 4,
    scenario: lab => {
      const job = lab.job();
      lab.anonymous(job, 4);
      const fresh = lab.anonymous(job, 1, 'none');
      beforeCall(lab, 'migrate_vma', () => lab.touch(fresh));
      return call(lab, job);
    },
    expect: { 0: '-ENOSYS', 4: 'BUG, batchd dies' },
  },
  {
    id: 'bug-keeps-page-table-lock',
    kind: 'defect',
    sentence: 'The BUG() leaves the page table lock of the target held: its next fault spins for ever.',
    sources: [{ from: 'deduced', at: '4/10: the BUG() is between spin_lock() and spin_unlock() of the page table lock' }],
    patch: 4,
    breaks: 4,
    scenario: lab => {
      const { memory, untouched } = withPageOffLru(lab);
      const result = call(lab, memory.task);
      return `${result}; ${lab.touch(untouched) === 1 ? 'job goes on' : fate(lab, memory.task, NO_RESULT).replace('BUG, ', '')}`;
    },
    expect: { 0: '-ENOSYS; job goes on', 4: 'BUG, batchd dies; job spins' },
  },
  {
    id: 'bug-keeps-mmap-sem',
    kind: 'defect',
    sentence: 'It leaves mmap_sem of the target held for reading as well: its next mmap() sleeps for ever.',
    sources: [{ from: 'deduced', at: '4/10: migrate_vma() is called with mmap_sem held' }],
    patch: 4,
    breaks: 4,
    scenario: lab => {
      const { memory } = withPageOffLru(lab);
      const result = call(lab, memory.task);
      const mapped = lab.call(memory.task, 'mmap', 0, lab.k.m.PAGE_SIZE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
      return `${result}; ${mapped > 0 ? 'job goes on' : fate(lab, memory.task, mapped).replace('BUG, ', '')}`;
    },
    expect: { 0: '-ENOSYS; job goes on', 4: 'BUG, batchd dies; job sleeps' },
  },
  {
    id: 'bug-loses-collected-pages',
    kind: 'defect',
    sentence: 'The pages that were collected before it stay off the LRU, on a list that nobody knows.',
    sources: [{ from: 'deduced', at: '4/10: the list is a local variable of migrate_vma()' }],
    patch: 4,
    breaks: 4,
    scenario: lab => {
      const { memory } = withPageOffLru(lab);
      const before = offLru(lab, memory);
      const result = call(lab, memory.task);
      return `${result}; ${offLru(lab, memory) - before} more off the LRU`;
    },
    expect: { 0: '-ENOSYS; 0 more off the LRU', 4: 'BUG, batchd dies; 1 more off the LRU' },
  },
];

const busyPages: readonly Behaviour[] = [
  {
    id: 'busy-page-stays',
    kind: 'claim',
    sentence: 'When a page cannot be moved because somebody uses it, the others are, and the call returns -EAGAIN.',
    sources: [tail],
    patch: 4,
    scenario: lab => {
      const job = lab.job();
      const memory = lab.anonymous(job, 4);
      get_page(lab.k.m.mem_map, lab.frame(memory, 1));
      return `${call(lab, job)}, ${lab.pages(memory)}`;
    },
    expect: { 0: '-ENOSYS, N1=4', 4: '-EAGAIN, N1=1 N2=3' },
  },
  {
    id: 'busy-page-keeps-reference',
    kind: 'defect',
    sentence: 'A busy page goes back on the LRU with the reference of the steal, which nobody drops any more; so the swap cache keeps it as well.',
    sources: [tail, conventions, stillThere, keptInSwapCache],
    patch: 4,
    breaks: 4,
    scenario: lab => {
      const job = lab.job();
      const memory = lab.anonymous(job, 4);
      const page = lab.frame(memory, 1);
      const { mem_map: mem } = lab.k.m;
      lab.k.lru_drain_cache(job.cpu);
      const before = page_count(mem, page);
      get_page(mem, page);
      const result = call(lab, job);
      lab.k.put_page(page);
      // neither does the swap cache let go of a page in use
      return `${result}, count ${before} then ${page_count(mem, page)}`;
    },
    expect: { 0: '-ENOSYS, count 1 then 1', 4: '-EAGAIN, count 1 then 3' },
  },
  {
    id: 'busy-page-for-ever',
    kind: 'defect',
    sentence: 'So every later call fails as well, though nobody uses the page any more, and adds another reference.',
    sources: [tail, conventions, stillThere, keptInSwapCache],
    patch: 4,
    breaks: 4,
    scenario: lab => {
      const job = lab.job();
      const page = lab.frame(lab.anonymous(job, 2));
      lab.k.lru_drain_cache(job.cpu);
      get_page(lab.k.m.mem_map, page);
      const results = [call(lab, job)];
      lab.k.put_page(page);
      results.push(call(lab, job), call(lab, job));
      return `3 times ${sideBySide(results)}, count ${page_count(lab.k.m.mem_map, page)}`;
    },
    // pte, swap cache, and one of each call
    expect: { 0: '3 times -ENOSYS, count 1', 4: '3 times -EAGAIN, count 5' },
  },
  {
    id: 'busy-page-never-freed',
    kind: 'defect',
    sentence: 'Such a page is not freed even when its process is gone.',
    sources: [tail, conventions, stillThere],
    patch: 4,
    breaks: 4,
    scenario: lab => {
      const job = lab.job();
      const memory = lab.anonymous(job, 2);
      const page = lab.frame(memory, 1);
      get_page(lab.k.m.mem_map, page);
      const result = call(lab, job);
      lab.k.put_page(page);
      lab.must(lab.batchd, 'kill', job.pid, SIGKILL);
      return `${result}, ${page_count(lab.k.m.mem_map, page) === 0 ? 'freed' : 'never freed'}`;
    },
    expect: { 0: '-ENOSYS, freed', 4: '-EAGAIN, never freed' },
  },
  {
    id: 'first-failing-vma-ends-call',
    kind: 'claim',
    sentence: 'The first area that fails ends the call: what was moved before stays moved, what comes later is not looked at, and the count is lost.',
    sources: [{ from: 'code', at: '5/10, context, and -rc4 4/11: the loop over the vmas' }],
    patch: 4,
    scenario: lab => {
      const job = lab.job();
      const areas = threeAreas(lab, job);
      get_page(lab.k.m.mem_map, lab.frame(areas[1]!));
      return `${call(lab, job)}: ${areas.map(area => lab.pages(area)).join(', ')}`;
    },
    expect: { 0: '-ENOSYS: N1=2, N1=2, N1=2', 4: '-EAGAIN: N2=2, N1=1 N2=1, N1=2' },
  },
];

const noSwap: readonly Behaviour[] = [
  {
    id: 'anonymous-memory-needs-swap',
    kind: 'defect',
    sentence: 'Anonymous memory cannot be moved without swap, though nothing would be written to it.',
    sources: [{ from: 'mail', at: 'Hirokazu Takahashi and Marcelo Tosatti, October 2004: the migration cache is to mend it' }],
    patch: 4,
    breaks: 4,
    scenario: lab => {
      lab.boot({ swap: 0 });
      const job = lab.job();
      const memory = lab.anonymous(job, 4);
      return `${call(lab, job)}, ${lab.pages(memory)}, pswpout ${lab.k.m.page_state.pswpout}`;
    },
    expect: { 0: '-ENOSYS, N1=4, pswpout 0', 4: '-ENOSPC, N1=4, pswpout 0' },
  },
  {
    id: 'swap-full',
    kind: 'defect',
    sentence: 'Nor while all swap is in use by others.',
    sources: [{ from: 'mail', at: 'Hirokazu Takahashi and Marcelo Tosatti, October 2004: the migration cache is to mend it' }],
    patch: 4,
    breaks: 4,
    scenario: lab => {
      lab.boot({ swap: 2 });
      const job = lab.job();
      const memory = lab.anonymous(job, 4);
      while (lab.enter(lab.batchd, 'get_swap_page') !== 0);
      return `${call(lab, job)}, ${lab.pages(memory)}`;
    },
    expect: { 0: '-ENOSYS, N1=4', 4: '-ENOSPC, N1=4' },
  },
  {
    id: 'no-swap-loses-pages',
    kind: 'defect',
    sentence: 'When there is no swap slot the pages are not put back: they stay off the LRU, with a reference too many.',
    sources: [tail, { from: 'deduced', at: '4/10: a negative result is returned before the loop that puts pages back' }, stillThere],
    patch: 4,
    breaks: 4,
    scenario: lab => {
      lab.boot({ swap: 0 });
      const job = lab.job();
      const memory = lab.anonymous(job, 4);
      lab.k.lru_drain_cache(job.cpu);
      return `${call(lab, job)}, ${offLru(lab, memory)} off the LRU, count ${countOf(lab, memory)}`;
    },
    expect: { 0: '-ENOSYS, 0 off the LRU, count 1', 4: '-ENOSPC, 4 off the LRU, count 2' },
  },
  {
    id: 'no-swap-then-bug',
    kind: 'defect',
    sentence: 'The next call for that process meets them off the LRU, which is a BUG().',
    sources: [{ from: 'deduced', at: 'the two defects before it' }, stillThere],
    patch: 4,
    breaks: 4,
    scenario: lab => {
      lab.boot({ swap: 0 });
      const job = lab.job();
      lab.anonymous(job, 4);
      return sideBySide([call(lab, job), call(lab, job)], ', then ');
    },
    expect: { 0: '-ENOSYS', 4: '-ENOSPC, then BUG, batchd dies' },
  },
];

const unheld: readonly Behaviour[] = [
  {
    id: 'task-not-held',
    kind: 'defect',
    sentence: 'The call holds no reference to the target: when that dies and is reaped between two areas, freed memory is passed on, until patch 8.',
    sources: [{ from: 'deduced', at: '4/10 and 5/10; 8/10 takes the reference' }],
    patch: 4,
    breaks: 4,
    scenario: lab => {
      const shell = lab.job({ comm: 'shell', node: 3 });
      const job = lab.job({ parent: shell });
      threeAreas(lab, job);
      let seen = '';
      beforeCall(lab, 'migrate_vma', () => {
        lab.must(shell, 'kill', job.pid, SIGKILL);
        lab.must(shell, 'wait4', job.pid, null, 0);
        seen = `${job.usage === 0 ? 'freed' : 'held'}, usage ${job.usage}`;
      }, 1);
      const result = call(lab, job);
      return seen === '' ? result : seen;
    },
    expect: { 0: '-ENOSYS', 4: 'freed, usage 0', 8: 'held, usage 1' },
  },
];

export const firstDefects: readonly Behaviour[] = [...offTheLru, ...busyPages, ...noSwap, ...unheld];
