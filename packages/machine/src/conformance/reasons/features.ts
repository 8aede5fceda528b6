/** Calls, files and whole features that are younger than the tree, or no part of it. */
import { onlyTheirsChanged, ourErr, theirErr, before, type Case, type Rule } from '../case.js';
import type { Difference } from '../difference.js';

/** Files of /proc and /sys by how their path begins, and what brought them. */
const FILES: readonly { readonly path: RegExp; readonly id: string; readonly since: string; readonly source: string; readonly what: string }[] = [
  { path: /^\/sys\/devices\/system\/node\/(possible|online|has_\w+)$/, id: 'node-states', since: '2.6.24 (2008-01)', source: 'bde631a51876: node state attributes', what: 'the lists of possible and online nodes and of nodes with memory' },
  { path: /^\/sys\/devices\/system\/memory\//, id: 'memory-online', since: '2.6.14 (2005-10)', source: '3947be1969a9: memory hotplug: sysfs and add/remove functions; online_movable 3.8', what: 'bringing memory sections online and offline' },
  { path: /^\/sys\/kernel\/mm\/ksm\//, id: 'ksm', since: '2.6.32 (2009-12)', source: 'f8af4da3b4c1: ksm', what: 'the control of KSM' },
  { path: /^\/sys\/kernel\/mm\/transparent_hugepage\//, id: 'thp', since: '2.6.38 (2011-03)', source: '71e3aac0724f: transparent hugepage core', what: 'the control of transparent huge pages' },
  { path: /^\/(sys\/kernel\/mm\/hugepages|proc\/sys\/vm\/(nr_)?(hugepages|overcommit_hugepages)|sys\/devices\/system\/node\/node\d+\/hugepages)/, id: 'hugetlb', since: 'not part of the kit', source: 'CONFIG_HUGETLB_PAGE is off; per-node pools 2.6.31', what: 'pools of huge pages' },
  { path: /^\/proc\/sys\/vm\/drop_caches$/, id: 'drop-caches', since: '2.6.16 (2006-03)', source: '9d0243bca345: drop-pagecache', what: 'dropping clean caches at will' },
  { path: /^\/proc\/sys\/vm\/oom_kill_allocating_task$/, id: 'oom-allocating', since: '2.6.24 (2008-01)', source: 'fe071d7e8aae: oom: add oom_kill_allocating_task sysctl', what: 'having the OOM killer take who asked' },
  { path: /^\/proc\/sys\/vm\/zone_reclaim_mode$/, id: 'zone-reclaim', since: '2.6.16 (2006-03)', source: '9eeff2395e3c: Zone reclaim: Reclaim logic', what: 'the choice of reclaiming on the local node first' },
  { path: /^\/proc\/sys\/kernel\/numa_balancing/, id: 'auto-balancing', since: '3.8 (2013-02)', source: '1a687c2e9a99: mm: sched: numa: Control enabling and disabling of NUMA balancing', what: 'automatic NUMA balancing' },
  { path: /^\/proc\/sys\/vm\/compact_memory$/, id: 'compaction', since: '2.6.35 (2010-08)', source: '76ab0f530e4a: mm: compaction', what: 'compaction at will' },
];

const fileRules: readonly Rule[] = FILES.map(({ path, id, since, source, what }) => ({
  id: `file-${id}`, since, source, sentence: `The kernel had no file for ${what}.`,
  applies: (d, c) => d.aspect === 'result' && ourErr(c) === 'ENOENT' && theirErr(c) === null && (c.op.kind === 'read' || c.op.kind === 'write' ? path.test(c.op.path) : c.op.kind === 'drop_caches' && path.test('/proc/sys/vm/drop_caches')),
}));

const wrote = (c: Case, path: RegExp, value: RegExp): boolean => c.history.some(op => op.kind === 'write' && path.test(op.path) && value.test(op.value));
const thpOn = (c: Case): boolean => wrote(c, /transparent_hugepage\/enabled$/, /^(always|madvise)$/);
/** KSM has run, and the process has offered it this region. */
const mayBeMerged = (d: Difference, c: Case): boolean =>
  wrote(c, /\/ksm\/run$/, /^1$/) && c.history.some(op => op.kind === 'madvise' && op.advice === 'mergeable' && op.actor === d.task && (d.place === '' || op.range.region === d.place));
/** The huge page that a page of a region lies in was touched, or some of it was there before. */
const ofHugePage = (d: Difference, c: Case): boolean => {
  if (c.op.kind !== 'touch' || c.op.actor !== d.task || c.op.range.region !== d.place) return false;
  const { first, count } = c.op.range;
  return Math.floor(d.page / 512) >= Math.floor(first / 512) && (count === null || Math.floor(d.page / 512) <= Math.floor((first + count - 1) / 512));
};

/** Nodes that got their memory after boot in the recording, and so have none here. */
const isMemoryless = (c: Case, node: number): boolean => (c.world.k.m.node_data[node]?.node_present_pages ?? 0) === 0;
const nodesIn = (text: string): number[] => (/(\d+(?:[-,]\d+)*)$/.exec(text)?.[1] ?? '').split(',').filter(part => part !== '').flatMap(part => {
  const [from, to] = part.split('-').map(Number) as [number, number | undefined];
  return Array.from({ length: (to ?? from) - from + 1 }, (_, i) => from + i);
});
const named = (c: Case): readonly number[] => {
  if ((c.op.kind === 'setpol' || c.op.kind === 'mbind') && Array.isArray(c.op.nodes)) return c.op.nodes as readonly number[];
  return c.op.kind === 'migrate' && Array.isArray(c.op.new) ? (c.op.new as readonly number[]) : [];
};
const hotplugged = (c: Case): boolean => wrote(c, /^\/sys\/devices\/system\/memory\//, /./);

const cpusetFile = (c: Case, name: string): boolean =>
  c.op.kind === 'cpuset-create' ? c.op.files.some(([file]) => file === name) : c.op.kind === 'cpuset-write' && c.op.file === name;
/** Pages, or their number, that went somewhere else there and stayed here. */
const isMoved = (d: Difference, c: Case): boolean => (d.aspect === 'page' || d.aspect === 'nodes' ? onlyTheirsChanged(d, c) : d.aspect === 'vm' && /^pgmigrate_/.test(d.place) && d.ours === '0');

/** The page is one that move_pages() was called for, or of a huge page with such a one. */
function wasNamed(d: Difference, c: Case): boolean {
  if (c.op.kind !== 'movepages' || c.op.range.region !== d.place) return false;
  const { first, count } = c.op.range;
  const unit = thpOn(c) ? 512 : 1;
  return Math.floor(d.page / unit) >= Math.floor(first / unit) && (count === null || Math.floor(d.page / unit) <= Math.floor((first + count - 1) / unit));
}

/** Files of a cpuset that the operation writes. */
const cpusetLists = (c: Case): readonly (readonly [file: string, value: string])[] =>
  c.op.kind === 'cpuset-create' ? c.op.files : c.op.kind === 'cpuset-write' ? [[c.op.file, c.op.value]] : [];
const namesAbsent = (c: Case, file: string, value: string): boolean =>
  nodesIn(value).some(number => (file === 'cpus' ? c.world.k.m.cpu_to_node[number] === undefined : isMemoryless(c, number)));

/** The page is on the node of a CPU that was written to the cpuset of the process. */
const isNodeOfNewCpus = (d: Difference, c: Case): boolean => c.history.some(op => op.kind === 'cpuset-write' && op.file === 'cpus'
  && c.world.procs.get(d.task)?.task.cpuset?.name === op.name && nodesIn(op.value).some(cpu => String(c.world.k.m.cpu_to_node[cpu]) === d.theirs));

/** The cpuset that the operation is about moves memory along. */
function migratesMemory(c: Case): boolean {
  if (c.op.kind !== 'cpuset-attach' && c.op.kind !== 'cpuset-write') return false;
  const { name } = c.op;
  return c.history.some(op => (op.kind === 'cpuset-create' && op.name === name && op.files.some(([file, value]) => file === 'memory_migrate' && value === '1'))
    || (op.kind === 'cpuset-write' && op.name === name && op.file === 'memory_migrate' && op.value === '1'));
}
const OLD_CPUSET_FILES = new Set(['cpus', 'mems', 'cpu_exclusive', 'mem_exclusive', 'notify_on_release', 'tasks']);

export const FEATURE_RULES: readonly Rule[] = [
  ...fileRules,
  {
    id: 'move-pages', since: '2.6.18 (2006-09)', source: '742755a1d8ce: page migration: sys_move_pages()', sentence: 'There is no move_pages(2).',
    applies: (d, c) => c.op.kind === 'movepages' && ourErr(c) === 'ENOSYS' && (d.aspect === 'result' || (isMoved(d, c) && (d.aspect !== 'page' || wasNamed(d, c)))),
  },
  {
    id: 'memory-migrate', since: '2.6.16 (2006-03)', source: '45b07ef31d11: cpusets: swap migration interface', sentence: 'A cpuset cannot take the memory of its tasks along; moving a task, or changing the nodes, leaves the pages where they are.',
    applies: (d, c) => (d.aspect === 'result' && cpusetFile(c, 'memory_migrate') && ourErr(c) === 'ENOENT' && theirErr(c) === null)
      || (migratesMemory(c) && isMoved(d, c)),
  },
  {
    id: 'cpuset-files', since: '2.6.16 (2006-03) and later', source: 'Documentation/cpusets.txt by version: memory_pressure 2.6.16, memory_spread_* 2.6.17, mem_hardwall 2.6.26, sched_* 2.6.24', sentence: 'A cpuset has six files in 2.6.12: cpus, mems, cpu_exclusive, mem_exclusive, notify_on_release and tasks.',
    applies: (d, c) => d.aspect === 'result' && ourErr(c) === 'ENOENT' && theirErr(c) === null && (c.op.kind === 'cpuset-write' ? !OLD_CPUSET_FILES.has(c.op.file) : c.op.kind === 'cpuset-create' && c.op.files.some(([file]) => !OLD_CPUSET_FILES.has(file))),
  },
  {
    id: 'cpuset-nowhere', since: '2.6.24 (2008-01)', source: '0e1e7c7a7395: update_nodemask() wants a subset of the nodes with memory; 2.6.12 takes the part of the list that is online',
    sentence: 'Nodes and CPUs that are not there are refused in a cpuset\'s lists with EINVAL; 2.6.12 leaves them out, and says ENOSPC when none remains.',
    applies: (d, c) => d.aspect === 'result' && theirErr(c) === 'EINVAL' && [null, 'ENOSPC'].includes(ourErr(c)) && cpusetLists(c).some(([file, value]) => (file === 'mems' || file === 'cpus') && namesAbsent(c, file, value)),
  },
  {
    id: 'cpuset-empty-list', since: '2.6.25 (2008-04)', source: 'kernel/cpuset.c: update_cpumask() and update_nodemask() look for an empty list before they parse',
    sentence: 'An empty list of CPUs or nodes is taken when no task is in the cpuset, and is ENOSPC otherwise; in 2.6.12 it is no list.',
    applies: (d, c) => d.aspect === 'result' && ourErr(c) === 'EINVAL' && [null, 'ENOSPC'].includes(theirErr(c)) && cpusetLists(c).some(([file, value]) => (file === 'mems' || file === 'cpus') && value === ''),
  },
  {
    id: 'cpuset-rebind', since: '2.6.15 (2006-01), vmas 2.6.16 (2006-03)', source: '68860ec10bcc: cpusets: automatic numa mempolicy rebinding; 4225399a66b3: cpuset: rebind vma mempolicies fix', sentence: 'Policies follow when the nodes of a task\'s cpuset change; in 2.6.12 they stay, and BIND outside the cpuset becomes the default.',
    applies: (d, c) => (d.aspect === 'policy' || d.aspect === 'page policy') && onlyTheirsChanged(d, c)
      && (c.op.kind === 'cpuset-attach' || (c.op.kind === 'cpuset-write' && c.op.file === 'mems') || (c.op.kind === 'write' && hotplugged(c))),
  },
  {
    id: 'cpuset-live', since: '2.6.24 (2008-01)', source: '8707d8b8c0cb: Fix cpusets update_cpumask', sentence: 'Writing cpus of a cpuset moves its tasks at once; in 2.6.12 they notice when they are attached again.',
    applies: (d, c) => c.op.kind === 'touch' && d.aspect === 'page' && before(c, d).ours === '-' && before(c, d).theirs === '-' && isNodeOfNewCpus(d, c),
  },
  {
    id: 'thp', since: '2.6.38 (2011-03)', source: '71e3aac0724f: transparent hugepage core', sentence: 'A touch brings 2 MB at once where transparent huge pages are on, and those move and are counted as one.',
    applies: (d, c) => d.place.startsWith('thp_') || (thpOn(c) && (d.aspect === 'page' ? d.ours === '-' && before(c, d).theirs === '-' && ofHugePage(d, c) : d.aspect === 'mapmax' && !d.image && d.ours !== d.theirs && before(c, d).theirs !== d.theirs && c.op.kind === 'touch')),
  },
  {
    id: 'ksm', since: '2.6.32 (2009-12)', source: 'f8af4da3b4c1: ksm', sentence: 'Pages of equal contents are merged where a process has offered them (MADV_MERGEABLE), and are then shared pages.',
    applies: (d, c) => (d.aspect === 'result' && c.op.kind === 'madvise' && /mergeable$/.test(c.op.advice) && ourErr(c) === 'EINVAL')
      || (d.aspect === 'mapmax' && !d.image && mayBeMerged(d, c) && Number(d.theirs) > Number(d.ours))
      || (d.aspect === 'page' && c.op.kind === 'migrate' && mayBeMerged(d, c) && d.theirs === before(c, d).theirs)
      || (d.aspect === 'vm' && c.op.kind === 'migrate' && d.place === 'pgmigrate_success' && c.history.some(op => op.kind === 'madvise' && op.advice === 'mergeable') && wrote(c, /\/ksm\/run$/, /^1$/) && Number(d.theirs) < Number(d.ours)),
  },
  {
    id: 'madvise-later', since: '2.6.16 (2006-03) and later', source: 'MADV_REMOVE and MADV_DONTFORK 2.6.16, HUGEPAGE 2.6.38, FREE 4.5, COLD and PAGEOUT 5.4, POPULATE 5.14', sentence: 'madvise() knows five kinds of advice in 2.6.12.',
    applies: (d, c) => c.op.kind === 'madvise' && ourErr(c) === 'EINVAL' && !/^(normal|random|sequential|willneed|dontneed)$/.test(c.op.advice) && (d.aspect === 'result' || (d.task === c.op.actor && d.place === c.op.range.region && onlyTheirsChanged(d, c))),
  },
  {
    id: 'willneed-anonymous', since: '3.9 (2013-04)', source: '1998cc048901: mm: make madvise(MADV_WILLNEED) support swap file prefetch', sentence: 'MADV_WILLNEED of anonymous memory reads swap ahead; before, it is refused with EBADF.',
    applies: (d, c) => c.op.kind === 'madvise' && c.op.advice === 'willneed' && ourErr(c) === 'EBADF' && d.aspect === 'result',
  },
  {
    id: 'memoryless-node', since: '2.6.24 (2008-01)', source: '0e1e7c7a7395: Memoryless nodes: Use N_HIGH_MEMORY for cpusets', sentence: 'A node without memory is none that one may allocate on; in 2.6.12 it is one as long as it is online, and pages sent there go elsewhere.',
    applies: (d, c) => (d.aspect === 'mems' && nodesIn(d.ours).filter(node => !nodesIn(d.theirs).includes(node)).every(node => isMemoryless(c, node)) && nodesIn(d.theirs).every(node => nodesIn(d.ours).includes(node)))
      || (d.aspect === 'result' && ['EINVAL', 'EPERM'].includes(theirErr(c) ?? '') && ourErr(c) === null && named(c).length > 0 && named(c).some(node => isMemoryless(c, node))),
  },
  {
    id: 'memory-online', since: '2.6.14 (2005-10)', source: '3947be1969a9; the tree here has the page migration part of the hotplug patches, and N1.0/N1.1, which take memory away', sentence: 'Memory of a node was brought online, or taken offline, while the system ran; here the node never has any.',
    applies: (d, c) => hotplugged(c) && (
      (c.op.kind === 'write' && ourErr(c) === 'ENOENT' && /^\/sys\/devices\/system\/memory\//.test(c.op.path) && (d.aspect === 'mems' ? onlyTheirsChanged(d, c) : isMoved(d, c)))
      || ((d.aspect === 'page' || d.aspect === 'policy' || d.aspect === 'page policy' || d.aspect === 'nodes') && mentionsLateNode(d, c))),
  },
  {
    id: 'map-hugetlb', since: '2.6.32 (2009-12)', source: '4e52780d41a7: hugetlb: add MAP_HUGETLB for mmaping pseudo-anonymous huge page regions; hugetlbfs is not part of the kit',
    sentence: 'Huge pages come without a file where MAP_HUGETLB is given; 2.6.12 does not look at the bit, and maps ordinary pages.',
    applies: (d, c) => c.history.some(op => op.kind === 'mmap' && /huge/.test(op.type) && (d.aspect === 'result' ? 'range' in c.op && c.op.range.region === op.region : d.task === op.actor && d.place === op.region && d.aspect !== 'page policy')),
  },
];
/** A node that has memory in the recording only is where the page is there, or in the policy there. */
function mentionsLateNode(d: Difference, c: Case): boolean {
  const there = d.aspect === 'nodes' ? d.theirs.split(' ').map(word => Number(word.split('=')[0])) : nodesIn(d.theirs);
  const was = before(c, d).theirs ?? '';
  const earlier = d.aspect === 'nodes' ? [] : nodesIn(was);
  return [...there, ...earlier].some(node => isMemoryless(c, node));
}
