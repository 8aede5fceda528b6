/** Where pages come from and how they are counted: faults, fork, fallback, and what happens when a node is full. */
import { page_mapcount } from '@pmkit/mm-core/include/linux/mm';
import { VM_SHARED } from '@pmkit/mm-core/include/linux/mm_types';
import { actorOf, before, framesAt, ourErr, theirErr, vmasAt, type Case, type Rule } from '../case.js';
import type { Difference } from '../difference.js';

/** The page came into being with this operation, on both machines. */
const isNew = (d: Difference, c: Case): boolean => {
  const was = before(c, d);
  return d.aspect === 'page' && /^[-z]$/.test(was.theirs ?? '-') && /^[-z]$/.test(was.ours ?? '-') && /^\d+$/.test(d.theirs) && /^\d+$/.test(d.ours);
};
/** The order in which a node's own zonelist tries the nodes. */
const fallbackOf = (c: Case, node: number): number[] => [...new Set((c.world.k.m.node_data[node]?.node_zonelists[0] ?? []).map(zone => zone.node))];
const localNode = (c: Case, d: Difference): number => {
  const task = c.world.procs.get(d.task)?.task;
  return task === undefined ? -1 : (c.world.k.m.cpu_to_node[task.cpu] ?? -1);
};
/** Whether an allocation would pass over the node: it is below the mark of the first pass. */
const isLow = (c: Case, node: number): boolean => c.world.k.m.zones.some(zone => zone !== undefined && zone.node === node && zone.present_pages > 0 && zone.free_pages <= zone.pages_high);
const overcommitted = (c: Case): boolean => c.history.some(op => op.kind === 'write' && /oom_kill_allocating_task$/.test(op.path) && op.value !== '0');

export const MEMORY_RULES: readonly Rule[] = [
  {
    id: 'watermarks', since: '2.6.13 (2005-08)', source: 'e310fd43256b: Fix NUMA node sizing in nr_free_zone_pages',
    sentence: 'What a node keeps in reserve: 2.6.12 adds up the memory of all nodes once for each node, so min_free_kbytes and the marks of every zone come out too high, and allocations leave a node earlier.',
    applies: (d, c) => isNew(d, c) && isLow(c, Number(d.theirs)) && fallbackOf(c, Number(d.theirs))[1] === Number(d.ours),
  },
  {
    id: 'fallback-order', since: '2.6.16 (2006-03), 5.16 (2022-01)', source: '4cf808eb4d53: Handle holes in node mask in node fallback list setup; 54d032ced983: use accumulated load when building node fallback list',
    sentence: 'Of nodes at the same distance 2.6.12 prefers those without CPUs and those that are not yet first in another node\'s list; later the next higher number comes first.',
    applies: (d, c) => isNew(d, c) && isLow(c, localNode(c, d)) && fallbackOf(c, localNode(c, d))[1] === Number(d.ours) && c.world.fallback(localNode(c, d))[1] === Number(d.theirs),
  },
  {
    id: 'lazy-fork', since: '2.6.14 (2005-10)', source: 'd992895ba2b2: Lazy page table copies in fork()',
    sentence: 'fork() leaves it to faults to map what a file or shared memory holds; 2.6.12 copies all page tables.',
    applies: (d, c) => c.op.kind === 'fork' && d.aspect === 'page' && d.task === c.op.child && d.theirs === '-' && /^p?\d+$/.test(d.ours) && vmasAt(c, d).every(vma => vma.vm_file !== null),
  },
  {
    id: 'lazy-fork-count', since: '2.6.14 (2005-10)', source: 'd992895ba2b2: Lazy page table copies in fork()',
    sentence: 'Pages that the child has not mapped yet are mapped once less.',
    applies: (d, c) => c.op.kind === 'fork' && (d.aspect === 'mapmax' || d.aspect === 'dirty' || d.aspect === 'anon') && vmasAt(c, d).every(vma => vma.vm_file !== null) && Number(d.theirs) < Number(d.ours),
  },
  {
    id: 'fault-around', since: '3.15 (2014-06)', source: '8c6e50b0290c: mm: introduce vm_ops->map_pages()',
    sentence: 'A read fault on a file maps the pages around it too that are in the page cache.',
    applies: (d, c) => c.op.kind === 'touch' && !c.op.write && d.aspect === 'page' && d.task === c.op.actor && d.place === c.op.range.region && d.ours === '-' && /^\d+$/.test(d.theirs)
      && vmasAt(c, d).every(vma => vma.vm_file !== null) && c.op.range.count !== null && (d.page < c.op.range.first || d.page >= c.op.range.first + c.op.range.count),
  },
  {
    id: 'dirty-tracking', since: '2.6.19 (2006-11)', source: 'd08b3851da41: mm: tracking shared dirty pages',
    sentence: 'A write through a shared mapping marks the page at once; in 2.6.12 only the writer\'s pte knows until it is unmapped or synced, so others see it clean and sync() leaves it dirty.',
    applies: (d, c) => d.aspect === 'dirty' && !d.image && vmasAt(c, d).some(vma => (vma.vm_flags & VM_SHARED) !== 0)
      && (Number(d.theirs) > Number(d.ours) ? isMappedTwice(d, c) : c.history.some(({ kind }) => kind === 'sync')),
  },
  {
    id: 'memlock-limit', since: '5.16 (2022-01)', source: '9dcc38e2813e: Increase default MLOCK_LIMIT to 8 MiB; include/linux/resource.h of 2.6.12',
    sentence: 'An unprivileged process may lock 32 KB in 2.6.12, and more later.',
    applies: (d, c) => (c.op.kind === 'mlock' || c.op.kind === 'mmap') && theirErr(c) === null && ['ENOMEM', 'EPERM', 'EAGAIN'].includes(ourErr(c) ?? '') && (actorOf(c)?.task.uid ?? 0) !== 0 && d.aspect === 'result',
  },
  {
    id: 'oom-allocating', since: '2.6.24 (2008-01)', source: 'fe071d7e8aae: oom: add oom_kill_allocating_task sysctl',
    sentence: 'The OOM killer was told to take whoever asked; here it takes the process with the most points.',
    applies: (d, c) => overcommitted(c) && oomKilled(c) && (d.aspect === 'life' || d.aspect === 'result'),
  },
  {
    id: 'oom-badness', since: '2.6.36 (2010-10)', source: 'a63d83f427fb: oom: badness heuristic rewrite',
    sentence: 'The OOM killer chooses by resident memory; 2.6.12 by address space, children, age and privileges.',
    applies: (d, c) => !overcommitted(c) && oomKilled(c) && (d.aspect === 'life' || (d.aspect === 'result' && (theirErr(c) === 'ECHILD') !== (ourErr(c) === 'ECHILD'))),
  },
];
/** A page of the region is mapped by another process too. */
function isMappedTwice(d: Difference, c: Case): boolean {
  return framesAt(c, d).some(page => page_mapcount(c.world.k.m.mem_map, page) > 1);
}
/** Somebody was killed for want of memory, in both. */
const oomKilled = (c: Case): boolean => (c.step.vm.get('oom_kill') ?? 0) > 0 && (c.performed.vm.get('oom_kill') ?? 0) > 0;
