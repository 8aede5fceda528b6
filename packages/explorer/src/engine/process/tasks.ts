/** The processes of a machine, and where their memory is. */
import { vmaPlacement, policyText } from '@pmkit/machine/views';
import type { Machine, Task } from '@pmkit/mm-core';
import type { TaskSummary } from '../../protocol.js';

/** Tasks by pid; the swapper is not one of them. */
export function tasksOf(m: Machine): TaskSummary[] {
  const threads = new Set(m.kthreads.map(({ task }) => task));
  return [...m.tasks.values()].filter(({ pid }) => pid !== 0).sort((a, b) => a.pid - b.pid).map(task => summaryOf(m, task, threads.has(task)));
}

function summaryOf(m: Machine, task: Task, isKernelThread: boolean): TaskSummary {
  const { pid, comm, state, cpu, uid, mempolicy, cpuset } = task;
  const { pages, byNode } = placementOf(m, task);
  return { pid, comm, state, cpu, node: m.cpu_to_node[cpu]!, uid, policy: policyText(mempolicy), cpuset: cpuset?.name ?? '/', pages, byNode, isKernelThread };
}

function placementOf(m: Machine, { mm }: Task): { readonly pages: number; readonly byNode: Readonly<Record<number, number>> } {
  let pages = 0;
  const byNode: Record<number, number> = {};
  for (let vma = mm?.mmap ?? null; vma !== null; vma = vma.vm_next) {
    const placement = vmaPlacement(m, vma);
    pages += placement.pages;
    addNodes(byNode, placement.nodes);
  }
  return { pages, byNode };
}

/** Adds pages by node id. */
export function addNodes(sums: Record<number, number>, nodes: Uint32Array): void {
  nodes.forEach((count, node) => {
    if (count > 0) sums[node] = (sums[node] ?? 0) + count;
  });
}
