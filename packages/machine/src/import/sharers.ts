/** Other processes that map the same pages: mapmax of numa_maps. */
import { vma_pages } from '@pmkit/mm-core/include/asm-ia64/page';
import { SIGCHLD } from '@pmkit/mm-core/include/linux/sched';
import { VM_DONTCOPY } from '@pmkit/mm-core/include/linux/mm_types';
import { errnoName } from '@pmkit/mm-core/model/errno-name';
import { runKernel, type Task, type Vma } from '@pmkit/mm-core';
import type { AnyKernel } from '@pmkit/series/levels';
import { ImportError } from './error.js';
import { MAX_SHARERS } from './limits.js';
import { pagesOf, type ImportedProcess } from './process.js';

/**
 * Children by fork(), each with the vmas that have so many sharers; the others are left out as madvise(MADV_DONTFORK) of 2.6.16 has it.
 * Every page of a vma gets the mapcount that numa_maps gives for the one most mapped.
 */
export function shareWithOthers(k: AnyKernel, task: Task, process: ImportedProcess, vmas: readonly Vma[]): Task[] {
  const others = othersOf(process);
  const most = Math.min(MAX_SHARERS, others.reduce((max, count) => Math.max(max, count), 0));
  const sharers: Task[] = [];
  for (let nr = 1; nr <= most; nr++) {
    vmas.forEach((vma, index) => {
      if (others[index]! < nr) vma.vm_flags |= VM_DONTCOPY;
    });
    const pid = runKernel(k, task, k.do_fork(SIGCHLD));
    const child = k.m.tasks.get(pid);
    if (child === undefined) throw new ImportError({ file: k.m.name, field: `process ${nr} that shares pages`, found: `fork() = ${errnoName(pid)}`, expected: 'memory for its page tables' });
    // 2.6.12's dup_mmap() goes on counting what it leaves out; later kernels, that have the call, do not
    for (const vma of vmas) if ((vma.vm_flags & VM_DONTCOPY) !== 0) child.mm!.total_vm -= vma_pages(k.m, vma);
    for (const vma of vmas) vma.vm_flags &= ~VM_DONTCOPY;
    sharers.push(child);
  }
  return sharers;
}

/** How many other processes map each vma: those that are not explained by other vmas of this one that map the same part of the object. */
function othersOf({ vmas, objects, pageSize }: ImportedProcess): number[] {
  const others = vmas.map((vma) => (pagesOf(vma) === 0 ? 0 : vma.mapmax - 1));
  const ofObjects: { index: number; from: number; to: number }[][] = objects.map(() => []);
  vmas.forEach(({ object, offset, start, end }, index) => {
    if (object !== null) ofObjects[object]!.push({ index, from: offset, to: offset + (end - start) / pageSize });
  });
  for (const ranges of ofObjects) {
    const begins = ranges.map(({ from }) => from).sort((a, b) => a - b);
    const ends = ranges.map(({ to }) => to).sort((a, b) => a - b);
    const mappersOf = (page: number): number => countUpTo(begins, page) - countUpTo(ends, page);
    for (const { index, from, to } of ranges) {
      // segments of a program often have a page in common where they meet: that is not the rule for the others
      const own = Math.min(mappersOf(from), mappersOf(to - 1));
      others[index] = Math.min(others[index]!, Math.ceil(vmas[index]!.mapmax / own) - 1);
    }
  }
  return others;
}

/** How many of the ascending numbers are at most `limit`. */
function countUpTo(ascending: readonly number[], limit: number): number {
  let low = 0;
  let high = ascending.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (ascending[middle]! <= limit) low = middle + 1;
    else high = middle;
  }
  return low;
}
