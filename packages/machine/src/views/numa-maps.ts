/**
 * /proc/PID/numa_maps. 2.6.12 had none; 2.6.14 brought it, reworked from a patch of Ray Bryant's, in a form of its own. Here it is as show_numa_map()
 * has printed it since 2.6.16 (mm/mempolicy.c, seen in 2.6.18), in the spelling that today's tools read:
 *
 * - policies with a colon (see policy.ts);
 * - kernelpagesize_kB at the end of each line that has pages (fs/proc/task_mmu.c, 3.18);
 * - the heap is any vma that touches start_brk…brk, so all parts of a heap that was split are, unlike in maps.
 *
 * `huge` is never there, since there are no huge pages.
 */
import type { Mm, Task, Vma } from '@pmkit/mm-core';
import type { AnyKernel } from '@pmkit/series/levels';
import { pathOf } from './maps.js';
import { vmaPlacement } from './placement.js';
import { policyText, vmaPolicy } from './policy.js';
import { escapePath, hex, type View } from './view.js';

function kindOf(mm: Mm, { vm_start, vm_end, vm_file }: Vma): string {
  if (vm_file !== null) return ` file=${escapePath(pathOf(vm_file), '\n\t= ')}`;
  if (vm_start <= mm.brk && vm_end >= mm.start_brk) return ' heap';
  return vm_start <= mm.start_stack && vm_end >= mm.start_stack ? ' stack' : '';
}

/** The line of a vma as `task` sees it: a vma without a policy has the task's. */
export function numaMapsLine(k: AnyKernel, task: Task, vma: Vma): string {
  const { m } = k;
  const { pages, anon, dirty, mapmax, swapcache, active, writeback, nodes } = vmaPlacement(m, vma);
  let line = `${hex(vma.vm_start)} ${policyText(vmaPolicy(k, task, vma))}${kindOf(vma.vm_mm, vma)}`;
  if (pages === 0) return `${line}\n`;
  if (anon > 0) line += ` anon=${anon}`;
  if (dirty > 0) line += ` dirty=${dirty}`;
  if (pages !== anon && pages !== dirty) line += ` mapped=${pages}`;
  if (mapmax > 1) line += ` mapmax=${mapmax}`;
  if (swapcache > 0) line += ` swapcache=${swapcache}`;
  if (active < pages) line += ` active=${active}`;
  if (writeback > 0) line += ` writeback=${writeback}`;
  for (const node of m.node_ids) if (nodes[node]! > 0) line += ` N${node}=${nodes[node]!}`;
  return `${line} kernelpagesize_kB=${m.PAGE_SIZE / 1024}\n`;
}

export const numaMaps: View<Task> = {
  summary: 'the memory policy of each vma, and on which nodes its pages are',
  since: '2.6.14',
  text(k, task) {
    let text = '';
    for (let vma = task.mm?.mmap ?? null; vma !== null; vma = vma.vm_next) text += numaMapsLine(k, task, vma);
    return text;
  },
};
