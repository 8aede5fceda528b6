/**
 * mm/mmigrate.c as patch 7 leaves it: migrate_vma() first decides whether the vma is migrated at all.
 *
 * "Anonymous" is a vma without a file. Shared anonymous memory and SysV segments have one, and go by VM_WRITE like any mapped file. The override
 * bits of patch 6 win over VM_WRITE in both directions, but never over VM_LOCKED and VM_IO.
 *
 * Source: sys_migrate_pages-migration-selection-rc3.patch (20 insertions, 9 deletions). The rule is of Ray Bryant's mail to Christoph Hellwig, 28 May 2005, who
 * did not want such policy in the kernel.
 */
import { EAGAIN } from '@pmkit/mm-core/include/linux/errno';
import { BUG } from '@pmkit/mm-core/include/linux/kernel';
import { list_del, list_empty, list_first } from '@pmkit/mm-core/include/linux/list';
import { VM_IO, VM_LOCKED, VM_WRITE } from '@pmkit/mm-core/include/linux/mm_types';
import { page_mapped, page_to_nid, page_zone } from '@pmkit/mm-core/include/linux/mm';
import { spin_lock, spin_unlock } from '@pmkit/mm-core/include/linux/spinlock';
import { NULL_PAGE, newListHead, releaseListHead, type Calls, type Machine, type MaySleep, type Mm, type Task, type Vma } from '@pmkit/mm-core';
import type { NodeMap } from '@pmkit/p03-node-map-argument';
import { AS_DO_MMIGRATE, AS_DO_NOT_MMIGRATE } from '@pmkit/p06-mbind-control/include/linux/pagemap';
import type { Kernel7 } from '../index.js';

type K7<S extends keyof Kernel7 = never> = Calls<Kernel7, S, { readonly m: Machine }>;

/** The order is the original's. */
function isSelected(vma: Vma): boolean {
  if ((vma.vm_flags & VM_LOCKED) !== 0 || (vma.vm_flags & VM_IO) !== 0) return false;
  if (vma.vm_file === null) return true;
  const as = vma.vm_file.f_mapping;
  if ((as.flags & AS_DO_MMIGRATE) !== 0) return true;
  if ((as.flags & AS_DO_NOT_MMIGRATE) !== 0) return false;
  return (vma.vm_flags & VM_WRITE) !== 0;
}

/**
 * Moves the mapped pages of one vma, if it is selected, that are on a node with an entry in `node_map`. The caller holds mmap_sem for read. All below
 * the selection is patch 4's, with its defects a, b and c.
 * @returns the number of pages taken for migration, 0 when the vma is not selected; -EAGAIN when some stayed behind; what
 *   try_to_migrate_pages() returned when that is negative.
 */
export function* migrate_vma(
  this: K7<'follow_page' | 'steal_page_from_lru' | 'try_to_migrate_pages' | 'putback_page_to_lru'>,
  _task: Task, mm: Mm, vma: Vma, node_map: NodeMap,
): MaySleep<number> {
  const { m } = this;
  const mem = m.mem_map;
  if (!isSelected(vma)) return 0;

  const page_list = newListHead(m);
  let count = 0;
  spin_lock(m, mm.page_table_lock);
  for (let vaddr = vma.vm_start; vaddr < vma.vm_end; vaddr += m.PAGE_SIZE) {
    const page = this.follow_page(mm, vaddr, 0);
    // the zero page is mapped without being counted
    if (page === NULL_PAGE || !page_mapped(mem, page)) continue;
    if (node_map[page_to_nid(m, page)]! < 0) continue;
    if (this.steal_page_from_lru(page_zone(m, page), page, page_list) !== 0) count++;
    else {
      releaseListHead(m, page_list);
      BUG(m, 'mm/mmigrate.c:migrate_vma()'); // defect a
    }
  }
  spin_unlock(m, mm.page_table_lock);

  if (count === 0) {
    releaseListHead(m, page_list);
    return 0;
  }
  const nr_busy = yield* this.try_to_migrate_pages(page_list, node_map);
  // defect c: what is on the list when this is negative is lost
  if (nr_busy > 0) {
    while (!list_empty(mem, page_list)) {
      const page = list_first(mem, page_list);
      list_del(mem, page);
      this.putback_page_to_lru(page_zone(m, page), page); // defect b: the reference stays
    }
  }
  releaseListHead(m, page_list);
  return nr_busy < 0 ? nr_busy : nr_busy > 0 ? -EAGAIN : count;
}
