/**
 * mm/mmigrate.c as patch 4 extends it: the system call, the function that moves one vma, and what the other CPUs are sent.
 *
 *   sys_migrate_pages ─ checks ─ drains the pagevecs ─ for each vma: migrate_vma ─ try_to_migrate_pages(list, node_map)
 *
 * Locks: the target's mmap_sem for read over all vmas, its page_table_lock while a vma's pages are collected.
 *
 * Source: the mail of -rc3 4/10 is not in the public archives read for this kit. migrate_vma() is known from Hirokazu Takahashi's
 * review of 25 June 2005, which quotes all of it; the prototype, the checks and the tail from Dave Hansen's review of 22 June; the rest
 * from the context lines of the later patches and from -rc2 and -rc4 on both sides. Where the three allocations stand among the other
 * statements is not certain. Of the defects in README.md a, b, c and e are in the code of this file, and named where they happen.
 */
import { BUG } from '@pmkit/mm-core/include/linux/kernel';
import { EAGAIN, EINVAL, ENOMEM, ESRCH } from '@pmkit/mm-core/include/linux/errno';
import { GFP_KERNEL } from '@pmkit/mm-core/include/linux/gfp';
import { list_del, list_empty, list_first } from '@pmkit/mm-core/include/linux/list';
import { VM_LOCKED } from '@pmkit/mm-core/include/linux/mm_types';
import { page_mapped, page_to_nid, page_zone } from '@pmkit/mm-core/include/linux/mm';
import { MAX_NUMNODES } from '@pmkit/mm-core/include/linux/nodemask';
import { down_read, down_read_trylock, spin_lock, spin_unlock, up_read } from '@pmkit/mm-core/include/linux/spinlock';
import { PREEMPT } from '@pmkit/mm-core/include/linux/wait';
import {
  NULL_PAGE, newListHead, releaseListHead, type Calls, type Machine, type MaySleep, type Mm, type Task, type UserU32Array, type Vma,
} from '@pmkit/mm-core';
import type { NodeMap } from '@pmkit/p03-node-map-argument';
import { nodeMapOf, nodePairsFromUser } from '../model/node-pairs.js';
import type { Kernel4 } from '../index.js';

type K4<S extends keyof Kernel4 = never> = Calls<Kernel4, S, { readonly m: Machine }>;

/**
 * Moves all mapped pages of one vma that are on a node with an entry in `node_map`. The caller holds mmap_sem for read.
 *
 * `task` is not used yet; the next patches need it.
 * @returns the number of pages taken for migration; -EAGAIN when some stayed behind; what try_to_migrate_pages() returned when
 *   that is negative.
 */
export function* migrate_vma(
  this: K4<'follow_page' | 'steal_page_from_lru' | 'try_to_migrate_pages' | 'putback_page_to_lru'>,
  _task: Task, mm: Mm, vma: Vma, node_map: NodeMap,
): MaySleep<number> {
  const { m } = this;
  const mem = m.mem_map;
  // mlocked memory is never moved
  if ((vma.vm_flags & VM_LOCKED) !== 0) return 0;

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
      /*
       * Defect a: a mapped page may be off the LRU for good reasons: vmscan has it, it waits in a pagevec, or it was met a moment ago
       * because a non-linear vma (not modelled) maps it twice. Hirokazu Takahashi asked for `continue` (25 June 2005); -rc4 still has
       * the BUG().
       */
      releaseListHead(m, page_list);
      BUG(m, 'mm/mmigrate.c:migrate_vma()');
    }
  }
  spin_unlock(m, mm.page_table_lock);

  if (count === 0) {
    releaseListHead(m, page_list);
    return 0;
  }
  const nr_busy = yield* this.try_to_migrate_pages(page_list, node_map);
  /*
   * Defect c: on a negative result (-ENOSPC: swap full, or none) the pages are not put back. They are off the LRU with a reference too
   * many, on a list whose head was on the stack frame that is left here. Same in -rc4.
   */
  if (nr_busy > 0) {
    /*
     * Defect b: the pages go back on the LRU, but the reference that steal_page_from_lru() took is not dropped; every other caller of
     * putback_page_to_lru() follows it with page_cache_release(). So the page can never be freed or migrated again. Same in -rc4.
     */
    while (!list_empty(mem, page_list)) {
      const page = list_first(mem, page_list);
      list_del(mem, page);
      this.putback_page_to_lru(page_zone(m, page), page);
    }
  }
  releaseListHead(m, page_list);
  return nr_busy < 0 ? nr_busy : nr_busy > 0 ? -EAGAIN : count;
}

/**
 * What the other CPUs are sent by smp_call_function(): each empties its own pagevecs. An interrupt handler must not enable interrupts,
 * but lru_add_drain() does, on its way out of zone->lru_lock. Mainline has lru_add_drain_all(). Source of the name and the call: the context
 * lines of -rc3 5/10.
 */
export function lru_add_drain_per_cpu(this: K4<'lru_add_drain'>, _info: null): void {
  this.lru_add_drain();
}

/**
 * migrate_pages(pid, count, old_nodes, new_nodes): moves every mapped page that process `pid` has on old_nodes[i] to new_nodes[i].
 *
 * @param pid process id; 0 is nobody (-ESRCH).
 * @param count entries of both arrays, 1…MAX_NUMNODES; read as __u32.
 * @param old_nodes,new_nodes arrays of __u32 node ids in user memory.
 * @returns the number of pages taken for migration, or, in this order, -EINVAL (count), -ENOMEM, -EFAULT, -EINVAL (nodes, overlap),
 *   -ESRCH, -EINVAL (no memory: a kernel thread or a zombie), and what migrate_vma() returned for the first vma that failed.
 */
export function* sys_migrate_pages(
  this: K4<'kmalloc' | 'find_task_by_pid' | 'smp_call_function' | 'lru_add_drain_per_cpu' | 'lru_add_drain' | 'migrate_vma' | 'mmput'>,
  pid: number, count: number, old_nodes: UserU32Array, new_nodes: UserU32Array,
): MaySleep<number> {
  const { m } = this;
  const nr = count >>> 0;
  if (nr < 1 || nr > MAX_NUMNODES) return -EINVAL;

  // the three arrays of the original, which its exit label frees; here they cost nothing (see mm/slab.ts)
  const bytes = nr * 4;
  if (this.kmalloc(bytes, GFP_KERNEL) === 0 || this.kmalloc(bytes, GFP_KERNEL) === 0) return -ENOMEM;
  if (this.kmalloc(MAX_NUMNODES * 4, GFP_KERNEL) === 0) return -ENOMEM;
  const pairs = nodePairsFromUser(m, old_nodes, new_nodes, nr);
  if (typeof pairs === 'number') return pairs;

  spin_lock(m, m.tasklist_lock);
  const task = this.find_task_by_pid(pid);
  // Defect e: no reference is taken on the task, and the pointer is used after the lock is dropped (mended by patch 8).
  const mm = task?.mm ?? null;
  if (mm !== null) mm.mm_users++;
  spin_unlock(m, m.tasklist_lock);
  if (task === null) return -ESRCH;
  if (mm === null) return -EINVAL;

  const node_map = nodeMapOf(pairs);

  if (m.preemptible) yield PREEMPT;
  // every CPU's pagevecs, so that the pages get PG_lru
  this.smp_call_function('lru_add_drain_per_cpu', null, 0, 1);
  this.lru_add_drain();
  if (m.preemptible) yield PREEMPT;

  let ret = 0;
  if (!down_read_trylock(m, mm.mmap_sem)) yield* down_read(m, mm.mmap_sem);
  for (let vma = mm.mmap; vma !== null; vma = vma.vm_next) {
    const migrated = yield* this.migrate_vma(task, mm, vma, node_map);
    // the first failure ends it: what earlier vmas moved stays moved, and their count is lost
    if (migrated < 0) {
      ret = migrated;
      break;
    }
    ret += migrated;
  }
  up_read(m, mm.mmap_sem);
  this.mmput(mm);
  return ret;
}
