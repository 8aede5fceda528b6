/** What a scenario did and what came of it, as text that can be compared between two levels. */
import { pte_file, pte_offset, pte_page, pte_present, PMD_SIZE } from '@pmkit/mm-core/include/asm-ia64/pgtable';
import { page_mapcount, page_to_nid } from '@pmkit/mm-core/include/linux/mm';
import { VM_EXEC, VM_LOCKED, VM_MAYSHARE, VM_READ, VM_WRITE } from '@pmkit/mm-core/include/linux/mm_types';
import { MPOL_BIND, MPOL_INTERLEAVE, MPOL_PREFERRED, type Mempolicy } from '@pmkit/mm-core/include/linux/mempolicy';
import type { Pte } from '@pmkit/mm-core/include/linux/types';
import { formatList } from '@pmkit/mm-core/model/number-list';
import { nodeList } from '@pmkit/mm-core/model/objects';
import type { Machine, Task, Vma } from '@pmkit/mm-core';

/** Something a task did: a system call, an access to its memory, or a kernel function that the scenario called for it. */
export interface Step {
  /** `job[7]` */
  readonly who: string;
  /** `migrate_pages(7, 1, {1}, {2})` */
  readonly call: string;
  /** What came back: a number, or an errno by name. */
  readonly result: string;
  /** What the step wrote to the kernel log. */
  readonly log: readonly string[];
  /** The machine after the step; only when it was asked for. */
  readonly state?: State;
}

/** A mapped range of a task. */
export interface VmaState {
  /** In bytes, hexadecimal: `2000000000000000-2000000000010000`. */
  readonly range: string;
  /** As /proc/PID/maps: `rw-p /data/run/state`, `r--s …`; `(anonymous)` without a file. An `l` is added for mlocked memory. */
  readonly what: string;
  /** As numa_maps prints it: `default`, `bind=1-2`, `prefer=3`, `interleave=0,2`. */
  readonly policy: string;
  /** `N1=4 N2=12`, with `swap=2` for pages that are swapped out; empty when nothing is there. */
  readonly pages: string;
}
export interface TaskState { readonly task: string; readonly state: string; readonly policy: string; readonly vmas: readonly VmaState[] }
export interface State { readonly tasks: readonly TaskState[] }

export interface Recording { readonly steps: readonly Step[]; readonly end: State; readonly seen: string }

export const taskName = (task: Pick<Task, 'comm' | 'pid'>): string => `${task.comm}[${task.pid}]`;

/** A policy as numa_maps prints it (a file of 2.6.14); BIND lists nodes in the order of its zonelist. */
export function policyText(policy: Mempolicy | null): string {
  switch (policy?.policy) {
    case MPOL_BIND:
      return `bind=${formatList([...new Set(policy.zonelist!.map(zone => zone.node))])}`;
    case MPOL_INTERLEAVE:
      return `interleave=${formatList(nodeList(policy.nodes!))}`;
    case MPOL_PREFERRED:
      return policy.preferred_node < 0 ? 'prefer=local' : `prefer=${policy.preferred_node}`;
    case undefined:
    case 0:
      return 'default';
    default:
      return `policy ${policy!.policy}`;
  }
}

/** Pages by node of a range, from the page tables: `N1=4 N2=12 swap=1`. The zero page counts nowhere. */
export function pagesText(m: Machine, mm: NonNullable<Task['mm']>, from: number, to: number): string {
  const perNode = new Map<number, number>();
  let swapped = 0;
  const step = PMD_SIZE(m);
  for (let start = from; start < to; ) {
    const end = Math.min((Math.floor(start / step) + 1) * step, to);
    const first = pte_offset(m, mm, start);
    for (let i = 0; first !== 0 && i < (end - start) / m.PAGE_SIZE; i++) {
      const pte = m.ptes[first + i] as Pte;
      if (pte === 0) continue;
      if (pte_present(pte)) {
        const page = pte_page(pte);
        if (page_mapcount(m.mem_map, page) > 0) perNode.set(page_to_nid(m, page), (perNode.get(page_to_nid(m, page)) ?? 0) + 1);
      } else if (!pte_file(pte)) swapped++;
    }
    start = end;
  }
  const nodes = [...perNode].sort(([a], [b]) => a - b).map(([node, pages]) => `N${node}=${pages}`);
  return [...nodes, ...(swapped > 0 ? [`swap=${swapped}`] : [])].join(' ');
}

/** A vma as a line of /proc/PID/maps has it, without the addresses: `rw-p /data/run/state`; with an `l` for mlocked memory. */
export function vmaText(vma: Vma): string {
  const flag = (bit: number, letter: string): string => ((vma.vm_flags & bit) === 0 ? '-' : letter);
  const shared = (vma.vm_flags & VM_MAYSHARE) !== 0 ? 's' : 'p';
  const perms = `${flag(VM_READ, 'r')}${flag(VM_WRITE, 'w')}${flag(VM_EXEC, 'x')}${shared}${(vma.vm_flags & VM_LOCKED) === 0 ? '' : 'l'}`;
  return `${perms} ${vma.vm_file?.f_path ?? '(anonymous)'}`;
}

function vmaState(m: Machine, mm: NonNullable<Task['mm']>, vma: Vma): VmaState {
  return {
    range: `${vma.vm_start.toString(16)}-${vma.vm_end.toString(16)}`, what: vmaText(vma), policy: policyText(vma.vm_policy),
    pages: pagesText(m, mm, vma.vm_start, vma.vm_end),
  };
}

/** The tasks that have memory, by pid, with what they map and where it is. */
export function stateOf(m: Machine): State {
  const tasks: TaskState[] = [];
  for (const task of [...m.tasks.values()].sort((a, b) => a.pid - b.pid)) {
    const { mm } = task;
    if (mm === null) continue;
    const vmas: VmaState[] = [];
    for (let vma = mm.mmap; vma !== null; vma = vma.vm_next) vmas.push(vmaState(m, mm, vma));
    const policy = task.mempolicy?.policy === MPOL_INTERLEAVE ? `${policyText(task.mempolicy)} next=${task.il_next}` : policyText(task.mempolicy);
    tasks.push({ task: taskName(task), state: task.state, policy, vmas });
  }
  return { tasks };
}
