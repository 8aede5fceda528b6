/** The address space of a process, vma by vma, and its pages one by one. */
import { _PAGE_FILE, _PAGE_P, pte_dirty, pte_file, pte_offset, pte_page, pte_present } from '@pmkit/mm-core/include/asm-ia64/pgtable';
import { page_to_nid } from '@pmkit/mm-core/include/linux/mm';
import { VM_EXEC, VM_LOCKED, VM_MAYSHARE, VM_READ, VM_WRITE } from '@pmkit/mm-core/include/linux/mm_types';
import { PG_dirty, PG_locked, PG_reserved } from '@pmkit/mm-core/include/linux/page-flags';
import type { Page, Pte } from '@pmkit/mm-core/include/linux/types';
import type { Machine, Task, Vma } from '@pmkit/mm-core';
import { eachPteRun, mappedName, policyText, vmaPlacement, vmaPolicy } from '@pmkit/machine/views';
import type { AnyKernel } from '@pmkit/series/levels';
import { MAX_PAGE_ROW, type AddressSpace, type PageRow, type VmaSummary } from '../../protocol.js';
import { Misuse } from '../errors.js';
import { addNodes } from './tasks.js';

/** @throws {Misuse} when there is no such process. */
function taskOf({ m }: AnyKernel, pid: number): Task {
  const task = m.tasks.get(pid);
  if (task === undefined || pid === 0) throw new Misuse(`there is no process ${pid}`);
  return task;
}

export function addressSpaceOf(k: AnyKernel, pid: number): AddressSpace {
  const task = taskOf(k, pid);
  const vmas: VmaSummary[] = [];
  for (let vma = task.mm?.mmap ?? null; vma !== null; vma = vma.vm_next) vmas.push(summaryOf(k, task, vma));
  return { pid, comm: task.comm, vmas };
}

function summaryOf(k: AnyKernel, task: Task, vma: Vma): VmaSummary {
  const { m } = k;
  const bit = (flag: number, letter: string, none = '-'): string => ((vma.vm_flags & flag) === 0 ? none : letter);
  const { pages, dirty, nodes } = vmaPlacement(m, vma);
  const byNode: Record<number, number> = {};
  addNodes(byNode, nodes);
  return {
    start: vma.vm_start, end: vma.vm_end, pages: (vma.vm_end - vma.vm_start) / m.PAGE_SIZE,
    permissions: bit(VM_READ, 'r') + bit(VM_WRITE, 'w') + bit(VM_EXEC, 'x') + bit(VM_MAYSHARE, 's', 'p'),
    name: mappedName(vma), isLocked: (vma.vm_flags & VM_LOCKED) !== 0, policy: policyText(vmaPolicy(k, task, vma)), present: pages, swapped: swappedPages(m, vma), dirty, byNode,
  };
}

/** A pte that is in use, and neither a page nor a place in a file. */
const isSwapped = (pte: Pte): boolean => pte !== 0 && (pte & (_PAGE_P | _PAGE_FILE)) === 0 && !pte_file(pte);

function swappedPages(m: Machine, vma: Vma): number {
  let swapped = 0;
  eachPteRun(m, vma, (first, end) => {
    for (let i = first; i < end; i++) if (isSwapped(m.ptes[i]! as Pte)) swapped++;
  });
  return swapped;
}

const SWAPPED = 1;
const ZERO_PAGE = 2;
const DIRTY = 4;
const LOCKED = 8;

/** Pages from `start` (bytes) on. @throws {Misuse} for a process that there is not, or too many pages. */
export function pageRow(k: AnyKernel, pid: number, start: number, count: number): PageRow {
  const { m } = k;
  const { mm } = taskOf(k, pid);
  if (!Number.isInteger(count) || count < 0 || count > MAX_PAGE_ROW) throw new Misuse(`count: expected 0 to ${MAX_PAGE_ROW} pages, found ${count}`);
  if (!(start >= 0) || start % m.PAGE_SIZE !== 0) throw new Misuse(`start: expected the address of a page, found ${start}`);
  const row = { start, nodes: new Uint16Array(count), states: new Uint8Array(count), pfns: new Uint32Array(count) };
  if (mm === null || mm.pgd === 0) return row;
  const { flags } = m.mem_map;
  for (let i = 0; i < count; i++) {
    const ptep = pte_offset(m, mm, start + i * m.PAGE_SIZE);
    const pte = (ptep === 0 ? 0 : m.ptes[ptep]!) as Pte;
    if (!pte_present(pte)) {
      row.states[i] = isSwapped(pte) ? SWAPPED : 0;
      continue;
    }
    const page: Page = pte_page(pte);
    const bits = flags[page]!;
    row.pfns[i] = page;
    row.states[i] = ((bits & PG_reserved) === 0 ? 0 : ZERO_PAGE) | (pte_dirty(pte) || (bits & PG_dirty) !== 0 ? DIRTY : 0) | ((bits & PG_locked) === 0 ? 0 : LOCKED);
    row.nodes[i] = (bits & PG_reserved) === 0 ? page_to_nid(m, page) + 1 : 0;
  }
  return row;
}
