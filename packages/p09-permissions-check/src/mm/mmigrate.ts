/**
 * mm/mmigrate.c as patch 9 leaves it: the system call asks whether the caller may migrate the target.
 *
 * Source: sys_migrate_pages-permissions-check-rc3.patch (12 insertions in this file; include/linux/capability.h gets a comment of 2 lines with
 * CAP_SYS_ADMIN).
 */
import { EINVAL, ENOMEM, EPERM, ESRCH } from '@pmkit/mm-core/include/linux/errno';
import { GFP_KERNEL } from '@pmkit/mm-core/include/linux/gfp';
import { MAX_NUMNODES, nodes_subset } from '@pmkit/mm-core/include/linux/nodemask';
import { CAP_SYS_ADMIN, get_task_struct, put_task_struct } from '@pmkit/mm-core/include/linux/sched';
import { down_read, down_read_trylock, spin_lock, spin_unlock, up_read } from '@pmkit/mm-core/include/linux/spinlock';
import { PREEMPT } from '@pmkit/mm-core/include/linux/wait';
import type { Calls, Machine, MaySleep, Task, UserU32Array } from '@pmkit/mm-core';
import { nodeMapOf, nodePairsFromUser } from '@pmkit/p04-sys-migrate-pages/model/node-pairs';
import type { Kernel9 } from '../index.js';

type K9<S extends keyof Kernel9 = never> = Calls<Kernel9, S, { readonly m: Machine }>;

/** The four comparisons of check_kill_permission(): effective and real user of the caller, saved and real user of the target. */
function isOwn(current: Task, task: Task): boolean {
  return current.euid === task.suid || current.euid === task.uid || current.uid === task.suid || current.uid === task.uid;
}

/**
 * migrate_pages(pid, count, old_nodes, new_nodes), see patches 4, 5 and 8. New with this patch: -EPERM when the caller is neither of the target's user nor
 * CAP_SYS_ADMIN. It comes right after the task is found, before its mm is looked at: a stranger gets -EPERM for a kernel thread, not -EINVAL.
 *
 * Unlike for a signal there is no hook for security modules, CAP_KILL does not help and the session does not matter.
 */
export function* sys_migrate_pages(
  this: K9<
    | 'kmalloc' | 'find_task_by_pid' | 'capable' | 'cpuset_mems_allowed' | 'smp_call_function' | 'lru_add_drain_per_cpu' | 'lru_add_drain'
    | 'migrate_process_policy' | 'migrate_vma_policy' | 'migrate_vma' | 'mmput'
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
  const refused = task !== null && !isOwn(m.current, task) && !this.capable(CAP_SYS_ADMIN);
  const mm = task === null || refused ? null : task.mm;
  if (task !== null && mm !== null) {
    mm.mm_users++;
    get_task_struct(task);
  }
  spin_unlock(m, m.tasklist_lock);
  if (task === null) return -ESRCH;
  if (refused) return -EPERM;
  if (mm === null) return -EINVAL;

  const { new_node_mask } = pairs;
  const target_nodes_allowed = this.cpuset_mems_allowed(task);
  // the new pages are allocated by the caller, so it too must be allowed to
  const current_nodes_allowed = this.cpuset_mems_allowed(m.current);
  const allowed = nodes_subset(new_node_mask, target_nodes_allowed) && nodes_subset(new_node_mask, current_nodes_allowed);
  let ret = allowed ? 0 : -EINVAL;
  if (allowed) {
    const node_map = nodeMapOf(pairs);
    const unsigned_map = new Uint32Array(node_map.buffer);
    if (m.preemptible) yield PREEMPT;
    this.smp_call_function('lru_add_drain_per_cpu', null, 0, 1);
    this.lru_add_drain();
    if (m.preemptible) yield PREEMPT;

    ret = this.migrate_process_policy(task, unsigned_map);
    if (ret >= 0) {
      if (!down_read_trylock(m, mm.mmap_sem)) yield* down_read(m, mm.mmap_sem);
      for (let vma = mm.mmap; vma !== null && ret >= 0; vma = vma.vm_next) {
        let migrated = this.migrate_vma_policy(vma, unsigned_map);
        if (migrated >= 0) migrated = yield* this.migrate_vma(task, mm, vma, node_map);
        ret = migrated < 0 ? migrated : ret + migrated;
      }
      up_read(m, mm.mmap_sem);
    }
  }
  this.mmput(mm);
  put_task_struct(task);
  return ret;
}
