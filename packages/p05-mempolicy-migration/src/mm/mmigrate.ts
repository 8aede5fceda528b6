/**
 * mm/mmigrate.c as patch 5 leaves it: the system call rewrites the policy of the process, then of each vma before its pages are moved.
 *
 * Source: sys_migrate_pages-mempolicy-migration-rc3.patch (11 insertions, 1 deletion in this file).
 */
import { EINVAL, ENOMEM, ESRCH } from '@pmkit/mm-core/include/linux/errno';
import { GFP_KERNEL } from '@pmkit/mm-core/include/linux/gfp';
import { MAX_NUMNODES } from '@pmkit/mm-core/include/linux/nodemask';
import { down_read, down_read_trylock, spin_lock, spin_unlock, up_read } from '@pmkit/mm-core/include/linux/spinlock';
import { PREEMPT } from '@pmkit/mm-core/include/linux/wait';
import type { Calls, Machine, MaySleep, UserU32Array } from '@pmkit/mm-core';
import { nodeMapOf, nodePairsFromUser } from '@pmkit/p04-sys-migrate-pages/model/node-pairs';
import type { Kernel5 } from '../index.js';

type K5<S extends keyof Kernel5 = never> = Calls<Kernel5, S, { readonly m: Machine }>;

/**
 * migrate_pages(pid, count, old_nodes, new_nodes), see patch 4. New with this patch: after the pagevecs are drained the policy of the process is rewritten,
 * and each vma's before its pages are moved. An error there (-ENOMEM) ends the call like one of migrate_vma().
 *
 * Every vma's policy is rewritten, also where no page is moved: of mlocked memory, and from patch 7 on of what that does not select. Ray Bryant
 * found that wrong himself when he answered Andi Kleen's review (23 June 2005); -rc4 does it in migrate_vma(), for what is migrated only.
 */
export function* sys_migrate_pages(
  this: K5<
    | 'kmalloc' | 'find_task_by_pid' | 'smp_call_function' | 'lru_add_drain_per_cpu' | 'lru_add_drain' | 'migrate_process_policy' | 'migrate_vma_policy' | 'migrate_vma'
    | 'mmput'
  >,
  pid: number, count: number, old_nodes: UserU32Array, new_nodes: UserU32Array,
): MaySleep<number> {
  const { m } = this;
  const nr = count >>> 0;
  if (nr < 1 || nr > MAX_NUMNODES) return -EINVAL;

  const bytes = nr * 4;
  if (this.kmalloc(bytes, GFP_KERNEL) === 0 || this.kmalloc(bytes, GFP_KERNEL) === 0) return -ENOMEM;
  if (this.kmalloc(MAX_NUMNODES * 4, GFP_KERNEL) === 0) return -ENOMEM;
  const pairs = nodePairsFromUser(m, old_nodes, new_nodes, nr);
  if (typeof pairs === 'number') return pairs;

  spin_lock(m, m.tasklist_lock);
  const task = this.find_task_by_pid(pid);
  const mm = task?.mm ?? null;
  if (mm !== null) mm.mm_users++;
  spin_unlock(m, m.tasklist_lock);
  if (task === null) return -ESRCH;
  if (mm === null) return -EINVAL;

  const node_map = nodeMapOf(pairs);
  // the same array, as the two functions declare it
  const unsigned_map = new Uint32Array(node_map.buffer);

  if (m.preemptible) yield PREEMPT;
  this.smp_call_function('lru_add_drain_per_cpu', null, 0, 1);
  this.lru_add_drain();
  if (m.preemptible) yield PREEMPT;

  // defect e of patch 4: nothing keeps the task, which may be gone by now
  let ret = this.migrate_process_policy(task, unsigned_map);
  if (ret < 0) {
    this.mmput(mm);
    return ret;
  }

  if (!down_read_trylock(m, mm.mmap_sem)) yield* down_read(m, mm.mmap_sem);
  for (let vma = mm.mmap; vma !== null; vma = vma.vm_next) {
    // the policy first, then the pages; also of a vma whose pages are not going to move
    const error = this.migrate_vma_policy(vma, unsigned_map);
    if (error < 0) {
      ret = error;
      break;
    }
    const migrated = yield* this.migrate_vma(task, mm, vma, node_map);
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
