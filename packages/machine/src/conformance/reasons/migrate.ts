/** migrate_pages(): what rc3's call does otherwise than the one that Linux got half a year later. */
import { pte_page, pte_present } from '@pmkit/mm-core/include/asm-ia64/pgtable';
import { page_count, page_mapcount } from '@pmkit/mm-core/include/linux/mm';
import { PagePrivate, PageSwapCache } from '@pmkit/mm-core/include/linux/page-flags';
import { VM_IO, VM_LOCKED, VM_WRITE } from '@pmkit/mm-core/include/linux/mm_types';
import { CAP_SYS_ADMIN } from '@pmkit/mm-core/include/linux/sched';
import type { Page, Task } from '@pmkit/mm-core';
import { actorOf, before, framesAt, mayMoveShared, onlyOursChanged, onlyTheirsChanged, ourErr, theirErr, vmasAt, type Case, type Rule } from '../case.js';
import { parseNodesText, type Difference } from '../difference.js';
import type { Operation } from '../operation.js';
import { PAGE } from '../world.js';

type Migrate = Extract<Operation, { kind: 'migrate' }>;
const migrateOf = (c: Case): Migrate | null => (c.op.kind === 'migrate' ? c.op : null);
const isPlace = (d: Difference): boolean => d.aspect === 'page' || d.aspect === 'nodes';
const isPolicy = (d: Difference): boolean => d.aspect === 'policy' || d.aspect === 'page policy';

/** The task that is to be moved, as rc3 finds it. */
function targetOf(c: Case): Task | null {
  const op = migrateOf(c);
  if (op === null) return null;
  if (op.pid === 'self') return actorOf(c)?.task ?? null;
  return (/^\d+$/.test(op.pid) ? c.world.k.m.tasks.get(Number(op.pid)) : c.world.procs.get(op.pid)?.task) ?? null;
}
/** The four comparisons of rc3 9/10. */
function isOwn(c: Case): boolean {
  const [caller, target] = [actorOf(c)?.task, targetOf(c)];
  if (caller === undefined || target === null) return false;
  return caller.euid === target.suid || caller.euid === target.uid || caller.uid === target.suid || caller.uid === target.uid;
}
const isAdmin = (c: Case): boolean => ((actorOf(c)?.task.cap_effective ?? 0) & (1 << CAP_SYS_ADMIN)) !== 0;

/** New nodes that the target may not allocate on: outside its cpuset, without memory, or not there at all. */
function newNodesOutside(c: Case): number[] {
  const op = migrateOf(c);
  const target = targetOf(c);
  if (op === null || !Array.isArray(op.new)) return [];
  const { m } = c.world.k;
  const cpuset = target?.cpuset ?? null;
  const allowed = cpuset === null ? null : c.world.k.guarantee_online_mems(cpuset);
  return (op.new as readonly number[]).filter(node => node >= 256 || (m.node_data[node]?.node_present_pages ?? 0) === 0 || (allowed !== null && (allowed[node >> 5]! & (1 << (node & 31))) === 0));
}

/**
 * References that nobody accounts for: more than the ptes, the cache and the buffers. Pages on their way to the LRU have one more, so those ways are cleared first, as migrate_pages()
 * does itself.
 */
function hasStrayReference(c: Case, page: Page): boolean {
  const { m } = c.world.k;
  const mem = m.mem_map;
  for (const cpu of m.cpus) c.world.k.lru_drain_cache(cpu);
  const cached = PageSwapCache(mem, page) || (mem.mapping[page]! & 1) === 0 ? 1 : 0;
  return page_count(mem, page) > page_mapcount(mem, page) + cached + (PagePrivate(mem, page) ? 1 : 0);
}

/** Whether the pages that came out otherwise here are exactly those whose number differs. */
function countFollows(d: Difference, c: Case): boolean {
  return Number(d.theirs) - Number(d.ours) === movedPages(c, 'theirs') - movedPages(c, 'ours');
}
/** How many pages of the target are on another node than before, by its own page tables. */
function movedPages(c: Case, side: 'theirs' | 'ours'): number {
  const op = migrateOf(c);
  const name = op === null ? '' : op.pid === 'self' ? op.actor : op.pid;
  const now = (side === 'theirs' ? c.step.state : c.after)?.get(mmOwner(c, name));
  const was = c.before[side]?.get(mmOwner(c, name));
  if (now === undefined || was === undefined || now === 'dead' || was === 'dead') return 0;
  let moved = 0;
  for (const [place, region] of now.regions) {
    if (isAlias(c, mmOwner(c, name), place)) continue; // counted as the program's own
    region.pages.forEach((page, i) => {
      const old = was.regions.get(place)?.pages[i];
      if (old !== page && /^p?\d+$/.test(page) && old !== undefined && /^p?\d+$/.test(old)) moved++;
    });
  }
  for (const [place, vma] of now.other) {
    for (const [node, pages] of was.other.get(place)?.nodes ?? []) moved += Math.max(0, pages - (vma.nodes.get(node) ?? 0));
  }
  return moved;
}
const isAlias = (c: Case, task: string, region: string): boolean => {
  const proc = c.world.procs.get(task);
  const area = proc?.regions.get(region);
  return [...(proc?.image.values() ?? [])].some(({ address }) => address === area?.address);
};
/** The process whose memory a thread has. */
function mmOwner(c: Case, name: string): string {
  const proc = c.world.procs.get(name);
  if (proc?.thread !== true) return name;
  return [...c.world.procs.values()].find(other => !other.thread && other.task.tgid === proc.task.tgid)?.name ?? name;
}

export const MIGRATE_RULES: readonly Rule[] = [
  {
    id: 'new-nodes-ignored', since: '4.16 (2018-04)', source: '0486a38bcc47, mm/mempolicy.c:kernel_migrate_pages()',
    sentence: 'New nodes that do not exist or may not be used are left out of the mask as long as one remains; rc3 refuses the whole call.',
    applies: (d, c) => d.aspect === 'result' && c.op.kind === 'migrate' && theirErr(c) === null && ourErr(c) === 'EINVAL' && newNodesOutside(c).length > 0 && newNodesOutside(c).length < c.op.new.length,
  },
  {
    id: 'cpuset-einval', since: '2.6.16 (2006-03); rc3 8/10', source: '39743889aaf7; sys_migrate_pages-cpuset-support-rc3.patch',
    sentence: 'rc3 asks that target and caller may use every new node, with EINVAL; later only an unprivileged caller is held to the target\'s nodes, with EPERM.',
    applies: (d, c) => d.aspect === 'result' && c.op.kind === 'migrate' && ourErr(c) === 'EINVAL' && (theirErr(c) === 'EPERM' ? !mayMoveShared(actorOf(c)) : theirErr(c) === null) && newNodesOutside(c).length > 0,
  },
  {
    id: 'new-nodes-eperm', since: '2.6.16 (2006-03)', source: '39743889aaf7, mm/mempolicy.c',
    sentence: 'A caller without CAP_SYS_NICE who names a new node that the target may not use gets EPERM, also for a node that no page would go to.',
    applies: (d, c) => d.aspect === 'result' && c.op.kind === 'migrate' && theirErr(c) === 'EPERM' && ourErr(c) === null && !mayMoveShared(actorOf(c)) && newNodesOutside(c).length > 0,
  },
  {
    id: 'ptrace-check', since: '4.15 (2018-01)', source: '313674661925, Unify migrate_pages and move_pages access checks; 197e7e521384 (4.13) for move_pages',
    sentence: 'Whoever may not trace a process may not migrate it: capabilities that the caller lacks, a dumpable flag that is off. rc3 compares user ids as kill() does, or takes CAP_SYS_ADMIN.',
    applies: (d, c) => d.aspect === 'result' && c.op.kind === 'migrate' && theirErr(c) === 'EPERM' && ourErr(c) === null && newNodesOutside(c).length === 0 && (isOwn(c) || isAdmin(c)),
  },
  {
    id: 'permission-check', since: 'rc3 9/10', source: 'sys_migrate_pages-permissions-check-rc3.patch',
    sentence: 'Below patch 9 nobody asks whether the caller may migrate the process.',
    applies: (d, c) => d.aspect === 'result' && c.op.kind === 'migrate' && theirErr(c) === 'EPERM' && ourErr(c) !== 'EPERM' && !isOwn(c) && !isAdmin(c) && newNodesOutside(c).length === 0,
  },
  {
    id: 'cap-sys-admin', since: 'rc3 9/10; CAP_SYS_NICE since 2.6.16 (2006-03)', source: 'sys_migrate_pages-permissions-check-rc3.patch; 39743889aaf7',
    sentence: 'For a process of somebody else rc3 wants CAP_SYS_ADMIN.',
    applies: (d, c) => d.aspect === 'result' && c.op.kind === 'migrate' && theirErr(c) !== 'EPERM' && ourErr(c) === 'EPERM' && !isOwn(c) && !isAdmin(c),
  },
  {
    id: 'pid-zero', since: '2.6.16 (2006-03)', source: '39743889aaf7',
    sentence: 'Process 0 is the caller; rc3 looks it up and finds nobody.',
    applies: (d, c) => d.aspect === 'result' && migrateOf(c)?.pid === '0' && ourErr(c) === 'ESRCH' && theirErr(c) === null,
  },
  {
    id: 'nodes-before-process', since: '2.6.16 (2006-03)', source: '39743889aaf7; migrate_pages() of rc3 as patches 4 and 9 leave it',
    sentence: 'Whether the process is there, and may be migrated, is looked at before the nodes; rc3 looks at the nodes first.',
    applies: (d, c) => d.aspect === 'result' && c.op.kind === 'migrate' && ['ESRCH', 'EPERM'].includes(theirErr(c) ?? '') && ourErr(c) === 'EINVAL' && newNodesOutside(c).length > 0,
  },
  {
    id: 'null-nodes', since: '2.6.16 (2006-03)', source: '39743889aaf7: get_nodes() takes NULL for the empty set',
    sentence: 'A mask that is NULL is empty; rc3 copies arrays, and NULL cannot be copied from.',
    applies: (d, c) => d.aspect === 'result' && c.op.kind === 'migrate' && (c.op.old === 'NULL' || c.op.new === 'NULL') && ourErr(c) === 'EFAULT' && [null, 'EINVAL'].includes(theirErr(c)),
  },
  {
    id: 'nothing-to-call', since: 'rc3; masks since 2.6.16 (2006-03)', source: 'rc1 0/3: overlapping moves are split by the user library',
    sentence: 'Nothing is to be moved, so a library that makes disjoint steps makes no call, and nobody looks at the process.',
    applies: (d, c) => d.aspect === 'result' && c.op.kind === 'migrate' && c.performed.calls.length === 0 && theirErr(c) !== null && ourErr(c) === null,
  },
  {
    id: 'strict-target', since: '4.1 (2015-06)', source: 'b360edb43f8e, mm, mempolicy: migrate_to_node should only migrate to node',
    sentence: 'Pages move to the node they were sent to or the call ends with ENOMEM; rc3 allocates from that node\'s zonelist, so when it is full they go to the next one.',
    applies: (d, c) => c.op.kind === 'migrate' && theirErr(c) === 'ENOMEM' && (d.aspect === 'result' ? ourErr(c) === null : isPlace(d) ? onlyOursChanged(d, c) || d.ours !== before(c, d).ours : d.aspect === 'vm'),
  },
  {
    id: 'leaked-reference', since: 'rc3 4/10', source: 'defect b: putback_page_to_lru() without page_cache_release(), migrate_vma() as quoted in the review of 25 June 2005',
    sentence: 'A page that was busy once keeps the reference that isolating it took, and can never be migrated again.',
    applies: (d, c) => (c.op.kind === 'migrate' && isPlace(d) && onlyTheirsChanged(d, c) && framesAt(c, d).some(page => hasStrayReference(c, page)))
      || (d.aspect === 'result' && c.op.kind === 'migrate' && ourErr(c) === 'EAGAIN' && c.step.fields.get('ret') === 0 && hasLeaked(c)),
  },
  {
    id: 'busy-eagain', since: '2.6.16 (2006-03)', source: '39743889aaf7; migrate_vma() as quoted in the review of 25 June 2005',
    sentence: 'Pages that stay behind are counted; rc3 gives EAGAIN for the first vma with such a page, loses count of the others, and leaves the vmas behind it alone.',
    applies: (d, c) => c.op.kind === 'migrate' && ourErr(c) === 'EAGAIN' && theirErr(c) === null && (
      d.aspect === 'result' ? Number(c.step.fields.get('ret')) > 0 : d.aspect === 'vm' ? Number(d.theirs) >= Number(d.ours) : isPlace(d) && onlyTheirsChanged(d, c) && behindBusy(d, c)),
  },
  {
    id: 'policy-migrated', since: 'rc3 5/10', source: 'sys_migrate_pages-mempolicy-migration-rc3.patch; 39743889aaf7 leaves policies alone',
    sentence: 'rc3 rewrites the policies of the process and of all its vmas to the new nodes; its node map is unsigned there, so nodes that do not move are dropped, or PREFERRED becomes local.',
    applies: (d, c) => c.op.kind === 'migrate' && isPolicy(d) && onlyOursChanged(d, c),
  },
  {
    id: 'vm-write', since: 'rc3 7/10', source: 'sys_migrate_pages-migration-selection-rc3.patch; never in mainline',
    sentence: 'rc3 moves file mappings only where the process may write: text, libraries and read-only data stay.',
    applies: (d, c) => c.op.kind === 'migrate' && isPlace(d) && onlyTheirsChanged(d, c) && movesSharedText(d, c),
  },
  {
    id: 'mlocked', since: '2.6.18 (2006-09)', source: '0697212a411c, 04e62a29bf15: migration entries',
    sentence: 'Locked memory can be moved without being paged in again; rc3 leaves it alone.',
    applies: (d, c) => c.op.kind === 'migrate' && isPlace(d) && onlyTheirsChanged(d, c) && vmasAt(c, d).some(vma => (vma.vm_flags & (VM_LOCKED | VM_IO)) !== 0),
  },
  {
    id: 'shared-pages', since: '2.6.16 (2006-03)', source: 'dc9aa5b9d65f, 39743889aaf7: MPOL_MF_MOVE and MPOL_MF_MOVE_ALL',
    sentence: 'A caller without CAP_SYS_NICE moves only pages that no other process maps; rc3 does not ask.',
    applies: (d, c) => c.op.kind === 'migrate' && isPlace(d) && onlyOursChanged(d, c) && !mayMoveShared(actorOf(c)) && framesAt(c, d).some(page => page_mapcount(c.world.k.m.mem_map, page) > 1),
  },
  {
    id: 'count', since: '2.6.16 (2006-03)', source: '39743889aaf7; pgmigrate_success 2.6.37/3.8',
    sentence: 'The number of pages moved differs by the pages that came out differently.',
    applies: (d, c) => c.op.kind === 'migrate' && d.aspect === 'vm' && d.place === 'pgmigrate_success' && countFollows(d, c),
  },
  {
    id: 'count-unlisted', since: 'the recording', source: 'relro and read-only data of a program lie at the same offset of its file',
    sentence: 'The recorded kernel moved pages that the recording does not list: it names vmas by file and offset.',
    applies: (d, c) => c.op.kind === 'migrate' && d.aspect === 'vm' && d.place === 'pgmigrate_success' && unlisted(d, c),
  },
];

/** More pages counted than the recording shows to have moved: two vmas of a file at one offset have one name in it. */
function unlisted(d: Difference, c: Case): boolean {
  const excess = Number(d.theirs) - movedPages(c, 'theirs');
  const target = migrateOf(c)?.pid ?? '';
  const owner = c.step.state?.get(mmOwner(c, target === 'self' ? (migrateOf(c)?.actor ?? '') : target));
  const relro = owner === undefined || owner === 'dead' ? [] : [...owner.other].filter(([name, vma]) => / r--p$/.test(name) && vma.anon > 0);
  return excess > 0 && excess <= relro.length && Number(d.ours) === movedPages(c, 'ours');
}

/** A page of the target still has the reference of an earlier EAGAIN: nobody pins it now. */
function hasLeaked(c: Case): boolean {
  const op = migrateOf(c);
  const proc = c.world.procs.get(mmOwner(c, op?.pid === 'self' ? op.actor : (op?.pid ?? '')));
  return proc?.pinned.length === 0 && [...proc.regions.values()].some(({ address, pages }) => holdsBusy(c, proc.task, address, pages));
}
/** The vma has, or lies behind one that has, pages which somebody holds. */
function behindBusy(d: Difference, c: Case): boolean {
  const proc = c.world.procs.get(d.task);
  if (proc === undefined) return false;
  const area = d.image ? proc.image.get(d.place) : proc.regions.get(d.place);
  return [...proc.regions.values()].some(region => region.address <= (area?.address ?? 0) && holdsBusy(c, proc.task, region.address, region.pages));
}
function holdsBusy(c: Case, task: Task, address: number, pages: number): boolean {
  for (let i = 0; i < pages; i++) {
    const pte = c.world.pte(task, address + i * PAGE);
    if (pte_present(pte) && page_mapcount(c.world.k.m.mem_map, pte_page(pte)) > 0 && hasStrayReference(c, pte_page(pte))) return true;
  }
  return false;
}

/** Pages of a mapping that may not be written to, in the target or, being shared, in another process too. */
function movesSharedText(d: Difference, c: Case): boolean {
  const vmas = vmasAt(c, d);
  if (d.aspect === 'nodes' && d.image && vmas.length > 0) {
    const theirs = parseNodesText(d.theirs);
    if (theirs.size === 0) return false;
  }
  return vmas.length > 0 && vmas.every(vma => vma.vm_file !== null && (vma.vm_flags & VM_WRITE) === 0);
}
