/**
 * kernel/cpuset.c and include/linux/cpuset.h as patch 8 extends them: the nodes that a task's cpuset allows, asked from outside.
 *
 * Source: sys_migrate_pages-cpuset-support-rc3.patch (23 and 7 insertions). It takes cpuset_sem and the task's lock itself, as cpuset_cpus_allowed() does; Paul
 * Jackson had asked for that in his review of -rc2, where it was called with spinlocks held.
 */
import { nodes_new, type NodeMask } from '@pmkit/mm-core/include/linux/nodemask';
import { up } from '@pmkit/mm-core/include/linux/spinlock';
import { downCpusetSem } from '@pmkit/mm-core/model/cpuset-sem';
import type { Calls, Machine, Task } from '@pmkit/mm-core';
import type { Kernel8 } from '../index.js';

/**
 * The online nodes of the nearest cpuset upwards that has any; for an exiting task all that are online. It is what the cpuset says now, not the copy
 * that the task allocates by.
 *
 * Without CONFIG_CPUSETS the stub of the header: every node that is possible, here all MAX_NUMNODES. The changelog calls both tests noops then; they are, as
 * a new node is online and what is online is possible.
 */
export function cpuset_mems_allowed(this: Calls<Kernel8, 'guarantee_online_mems', { readonly m: Machine }>, tsk: Task): NodeMask {
  const { m } = this;
  if (!m.config.CONFIG_CPUSETS) return nodes_new().fill(0xffff_ffff);
  downCpusetSem(m);
  const mask = this.guarantee_online_mems(tsk.cpuset);
  up(m, m.cpuset_sem);
  return mask;
}
