/** Pages by node and by kind of vma, counted from the page tables: what the machine really holds, not what counters say. */
import { pte_file, pte_offset, pte_page, pte_present, PMD_SIZE } from '@pmkit/mm-core/include/asm-ia64/pgtable';
import { page_mapcount, page_to_nid } from '@pmkit/mm-core/include/linux/mm';
import type { Pte } from '@pmkit/mm-core/include/linux/types';
import type { Machine, Task } from '@pmkit/mm-core';
import { VMA_KINDS, vmaKind, type VmaKind } from './kinds.js';

/** Counts of pages: `byKind[kind][node id]`; a page that several vmas map is counted once, for the first that maps it. */
export interface Census {
  readonly byKind: Readonly<Record<VmaKind, Float64Array>>;
  /** Ptes that hold a swap entry. */
  readonly swapped: number;
}

/** The program a task runs, or null; the path of its executable mapping is what start_code lies in. */
export function programOf(task: Task): string | null {
  const mm = task.mm;
  if (mm === null) return null;
  for (let vma = mm.mmap; vma !== null; vma = vma.vm_next) {
    if (vma.vm_file !== null && vma.vm_start <= mm.start_code && mm.start_code < vma.vm_end) return vma.vm_file.f_path;
  }
  return null;
}

/** Counts the pages of some tasks together. Time: linear in their page tables. */
export function takeCensus(m: Machine, tasks: Iterable<Task>): Census {
  const nodes = (m.node_ids.at(-1) ?? 0) + 1;
  const byKind = Object.fromEntries(VMA_KINDS.map(kind => [kind, new Float64Array(nodes)])) as Record<VmaKind, Float64Array>;
  const seen = new Uint8Array(Math.ceil(m.mem_map.max_mapnr / 8));
  const counted = new Set<number>();
  let swapped = 0;
  for (const task of tasks) {
    const mm = task.mm;
    if (mm === null || counted.has(mm.id)) continue;
    counted.add(mm.id);
    const program = programOf(task);
    for (let vma = mm.mmap; vma !== null; vma = vma.vm_next) {
      const column = byKind[vmaKind(vma, program)];
      const step = PMD_SIZE(m);
      for (let start = vma.vm_start; start < vma.vm_end; ) {
        const end = Math.min((Math.floor(start / step) + 1) * step, vma.vm_end);
        swapped += countTable(m, pte_offset(m, mm, start), (end - start) / m.PAGE_SIZE, seen, column);
        start = end;
      }
    }
  }
  return { byKind, swapped };
}

/** Counts `pages` entries of one page table from `first` on; returns how many hold a swap entry. */
function countTable(m: Machine, first: number, pages: number, seen: Uint8Array, column: Float64Array): number {
  if (first === 0) return 0;
  const { ptes, mem_map } = m;
  let swapped = 0;
  for (let i = first; i < first + pages; i++) {
    const pte = ptes[i] as Pte;
    if (pte === 0) continue;
    if (!pte_present(pte)) {
      if (!pte_file(pte)) swapped++;
      continue;
    }
    const page = pte_page(pte);
    // the zero page is not the process's
    if (page_mapcount(mem_map, page) === 0) continue;
    const bit = 1 << (page & 7);
    if ((seen[page >>> 3]! & bit) !== 0) continue;
    seen[page >>> 3]! |= bit;
    column[page_to_nid(m, page)]!++;
  }
  return swapped;
}

/** Pages of all kinds by node id. */
export function totalByNode(census: Census): Float64Array {
  const total = new Float64Array(census.byKind.anonymous.length);
  for (const kind of VMA_KINDS) census.byKind[kind].forEach((pages, node) => (total[node]! += pages));
  return total;
}
