/** What the job's memory holds, before and after: a copy of every token, taken without disturbing a page, and compared by reading. */
import { pte_offset, pte_page, pte_present, pte_to_swp_entry } from '@pmkit/mm-core/include/asm-ia64/pgtable';
import { VM_READ, type Vma } from '@pmkit/mm-core/include/linux/mm_types';
import { swp_offset, swp_type } from '@pmkit/mm-core/include/linux/swap';
import type { Pte, SwpEntry } from '@pmkit/mm-core/include/linux/types';
import { load, type Task } from '@pmkit/mm-core';
import type { AnyKernel } from '@pmkit/series/levels';

/** Contents of one vma: a token a page, 0 where nothing is mapped; `present` says which those are. */
export interface VmaContents { readonly start: number; readonly tokens: Uint32Array; readonly present: Uint8Array }
export type Contents = ReadonlyMap<Task, readonly VmaContents[]>;

/** What a swap entry stands for: the page in the swap cache, which need not be written yet, or what is on the device. */
function swappedToken(k: AnyKernel, entry: SwpEntry): number {
  const { m } = k;
  const page = k.radix_tree_lookup(m.swapper_space.page_tree, entry);
  return page === 0 ? m.swap_info[swp_type(entry)]!.content[swp_offset(entry)]! : m.mem_map.content[page]!;
}

function readVma(k: AnyKernel, vma: Vma): VmaContents {
  const { m } = k;
  const pages = (vma.vm_end - vma.vm_start) / m.PAGE_SIZE;
  const tokens = new Uint32Array(pages);
  const present = new Uint8Array(pages);
  for (let i = 0; i < pages; i++) {
    const ptep = pte_offset(m, vma.vm_mm, vma.vm_start + i * m.PAGE_SIZE);
    const pte = m.ptes[ptep] as Pte;
    if (ptep === 0 || pte === 0) continue;
    present[i] = 1;
    if (pte_present(pte)) tokens[i] = m.mem_map.content[pte_page(pte)]!;
    else tokens[i] = swappedToken(k, pte_to_swp_entry(pte));
  }
  return { start: vma.vm_start, tokens, present };
}

/** Copies what the readable memory of some tasks holds. Nothing is faulted in. */
export function copyContents(k: AnyKernel, tasks: Iterable<Task>): Contents {
  const contents = new Map<Task, VmaContents[]>();
  for (const task of tasks) {
    const vmas: VmaContents[] = [];
    for (let vma = task.mm?.mmap ?? null; vma !== null; vma = vma.vm_next) {
      if ((vma.vm_flags & VM_READ) !== 0) vmas.push(readVma(k, vma));
    }
    contents.set(task, vmas);
  }
  return contents;
}

/** Reads every page that had contents, as the programs would, and counts those read and those that hold something else now. */
export function compareContents(k: AnyKernel, before: Contents): { readonly pages: number; readonly lost: number } {
  let pages = 0;
  let lost = 0;
  for (const [task, vmas] of before) {
    for (const { start, tokens, present } of vmas) {
      for (let i = 0; i < tokens.length; i++) {
        if (present[i] === 0) continue;
        pages++;
        if (task.state !== 'R' || load(k, task, start + i * k.m.PAGE_SIZE) !== tokens[i]) lost++;
      }
    }
  }
  return { pages, lost };
}
