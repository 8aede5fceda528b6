/**
 * The state of the simulated machine in the words of the recordings, which are those of numa_maps: counts as views/placement.ts has them, page for page where each is, a vma without a
 * policy of its own with the task's.
 */
import { _PAGE_PROTNONE, pte_file, pte_page, pte_present } from '@pmkit/mm-core/include/asm-ia64/pgtable';
import { page_to_nid } from '@pmkit/mm-core/include/linux/mm';
import { VM_EXEC, VM_MAYSHARE, VM_READ, VM_WRITE } from '@pmkit/mm-core/include/linux/mm_types';
import { formatList } from '@pmkit/mm-core/model/number-list';
import { nodeList } from '@pmkit/mm-core/model/objects';
import type { Vma } from '@pmkit/mm-core';
import { vmaPlacement } from '../views/placement.js';
import { policyText, vmaPolicy } from '../views/policy.js';
import type { RegionRecord, TaskRecord, VmaRecord } from './recording.js';
import { PAGE, type Area, type Proc, type World } from './world.js';

/** The policy that a vma's pages are allocated by. Shared memory of no policy follows the task's, though 2.6.14 would print `default` for it. */
export const vmaPolicyText = (world: World, { task }: Proc, vma: Vma): string => policyText(vmaPolicy(world.k, task, vma) ?? task.mempolicy);

const permText = ({ vm_flags }: Vma): string =>
  `${(vm_flags & VM_READ) === 0 ? '-' : 'r'}${(vm_flags & VM_WRITE) === 0 ? '-' : 'w'}${(vm_flags & VM_EXEC) === 0 ? '-' : 'x'}${(vm_flags & VM_MAYSHARE) === 0 ? 'p' : 's'}`;

/** What one page of a range is: `-` nothing, `x` not mapped, `z` the zero page, `s` swapped out, else its node, with a `p` in front where access is forbidden. */
function pageText(world: World, proc: Proc, address: number): string {
  const pte = world.pte(proc.task, address);
  if (pte === 0) return '-';
  if (!pte_present(pte)) return pte_file(pte) ? '-' : 's';
  const { m } = world.k;
  const page = pte_page(pte);
  if (page === m.zero_page) return 'z';
  return `${(pte & _PAGE_PROTNONE) === 0 ? '' : 'p'}${page_to_nid(m, page)}`;
}

/** The vmas of a process that overlap a range, ascending. */
export function vmasOf(world: World, proc: Proc, { address, pages }: Area): Vma[] {
  const { mm } = proc.task;
  const vmas: Vma[] = [];
  for (let vma = mm === null ? null : world.k.find_vma(mm, address); vma !== null && vma.vm_start < address + pages * PAGE; vma = vma.vm_next) vmas.push(vma);
  return vmas;
}

/** The part of a vma from `from` to `to` (bytes); the region begins at `origin`. */
function vmaRecord(world: World, proc: Proc, vma: Vma, from: number, to: number, origin: number): VmaRecord {
  const { pages, anon, dirty, mapmax, nodes } = vmaPlacement(world.k.m, { ...vma, vm_start: from, vm_end: to });
  return {
    at: `${(from - origin) / PAGE}+${(to - from) / PAGE}`, perm: permText(vma), pol: vmaPolicyText(world, proc, vma), anon, dirty,
    mapped: pages !== anon && pages !== dirty ? pages : 0, mapmax: Math.max(1, mapmax),
    nodes: new Map([...nodes].map((count, node) => [node, count] as const).filter(([, count]) => count > 0)),
  };
}

/** A range of a process as the recordings show it. */
function observeArea(world: World, proc: Proc, area: Area): RegionRecord {
  const end = area.address + area.pages * PAGE;
  const pages = Array.from({ length: area.pages }, () => 'x');
  const vmas = vmasOf(world, proc, area).map(vma => {
    const [from, to] = [Math.max(vma.vm_start, area.address), Math.min(vma.vm_end, end)];
    for (let address = from; address < to; address += PAGE) pages[(address - area.address) / PAGE] = pageText(world, proc, address);
    return vmaRecord(world, proc, vma, from, to, area.address);
  });
  return { pages, vmas };
}

/** What the program itself has there, taken together: vmas that were one in the recording may have been split. Null when no page is there. */
function observeImage(world: World, proc: Proc, area: Area): Omit<VmaRecord, 'at' | 'perm'> | null {
  const { vmas } = observeArea(world, proc, area);
  const nodes = new Map<number, number>();
  for (const vma of vmas) for (const [node, pages] of vma.nodes) nodes.set(node, (nodes.get(node) ?? 0) + pages);
  if (nodes.size === 0) return null;
  const sum = (count: (vma: VmaRecord) => number): number => vmas.reduce((total, vma) => total + count(vma), 0);
  return { pol: vmas[0]!.pol, anon: sum(vma => vma.anon), dirty: sum(vma => vma.dirty), mapped: sum(vma => vma.mapped), mapmax: Math.max(...vmas.map(vma => vma.mapmax)), nodes };
}

/** A process as the recordings show it. */
export function observe(world: World, proc: Proc): TaskRecord | 'dead' {
  if (!world.alive(proc)) return 'dead';
  const { task } = proc;
  const mems = formatList(nodeList(task.cpuset === null ? task.mems_allowed : world.k.guarantee_online_mems(task.cpuset)));
  if (proc.thread) return { mems, policy: policyText(task.mempolicy), thread: true, regions: new Map(), other: new Map() };
  const other = new Map<string, Omit<VmaRecord, 'at' | 'perm'>>();
  for (const [name, area] of proc.image) {
    const seen = observeImage(world, proc, area);
    if (seen !== null) other.set(name, seen);
  }
  const regions = new Map([...proc.regions].map(([name, area]) => [name, observeArea(world, proc, area)]));
  return { mems, policy: policyText(task.mempolicy), thread: false, regions, other };
}
