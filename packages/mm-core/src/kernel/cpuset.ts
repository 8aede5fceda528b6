/**
 * Cpusets (kernel/cpuset.c): which CPUs a task may run on and which nodes it may get memory from. Here is what the rest of the
 * kernel calls; the file system is in cpuset_fs.ts.
 *
 * A task keeps a copy of its cpuset's nodes (task.mems_allowed), so that an allocation need not lock. Generations tell when
 * the copy is stale, and only the task itself refreshes it, when it next allocates: until then a changed cpuset has no effect.
 * Without CONFIG_CPUSETS everything is allowed.
 *
 * cpuset_sem guards the hierarchy. Nobody sleeps while holding it, so it is only ever found held by a task that died with it.
 */
import { BUG_ON } from '../include/linux/kernel.js';
import { type Cpuset } from '../include/linux/cpuset.js';
import type { Zone } from '../include/linux/mmzone.js';
import { node_isset, nodes_and, nodes_copy, nodes_intersects, nodes_new, type NodeMask } from '../include/linux/nodemask.js';
import type { Task } from '../include/linux/sched.js';
import { up } from '../include/linux/spinlock.js';
import { downCpusetSem } from '../model/cpuset-sem.js';
import type { K } from '../kernel-table.js';

/** cpuset_init() and cpuset_init_smp(): the top cpuset has all that is online; the boot task may use any node. */
export function cpuset_init(this: K): void {
  const { m } = this;
  m.top_cpuset.cpus_allowed = new Set(m.cpus);
  m.top_cpuset.mems_allowed = nodes_copy(m.node_online_map);
  m.top_cpuset.count = 0; // the boot task is not counted
  m.top_cpuset.mems_generation = ++m.cpuset_mems_generation;
  m.init_task.cpuset = m.top_cpuset;
  m.init_task.mems_allowed = nodes_new().fill(0xffff_ffff);
}

/** A forked task is in its parent's cpuset: fork copied the pointer, this counts it. */
export function cpuset_fork(this: K, tsk: Task): void {
  if (tsk.cpuset !== null) tsk.cpuset.count++;
}

/** An exiting task leaves its cpuset; from now on it may allocate anywhere it was last allowed to. */
export function cpuset_exit(this: K, tsk: Task): void {
  const cs = tsk.cpuset;
  tsk.cpuset = null;
  if (cs !== null) cs.count--;
}

/** Makes the current task's copy fresh. cpuset_sem is held, so it stays so until the semaphore is released. */
export function refresh_mems(this: K<'guarantee_online_mems'>): void {
  const { current } = this.m;
  const cs = current.cpuset;
  if (cs === null || current.cpuset_mems_generation === cs.mems_generation) return;
  current.mems_allowed = this.guarantee_online_mems(cs);
  current.cpuset_mems_generation = cs.mems_generation;
}

/** Refreshes the current task's copy when the cpuset has changed. Called before every allocation that can wait. */
export function cpuset_update_current_mems_allowed(this: K<'refresh_mems'>): void {
  const { m } = this;
  const { current } = m;
  const cs = current.cpuset;
  if (cs === null || current.cpuset_mems_generation === cs.mems_generation || !m.config.CONFIG_CPUSETS) return;
  downCpusetSem(m);
  this.refresh_mems();
  up(m, m.cpuset_sem);
}

/** Clears the nodes that the current task may not use, without a word. */
export function cpuset_restrict_to_mems_allowed(this: K, nodes: NodeMask): void {
  const { m } = this;
  if (m.config.CONFIG_CPUSETS) nodes.set(nodes_and(nodes, m.current.mems_allowed));
}

/** 1 when the current task may use at least one of the zones. */
export function cpuset_zonelist_valid_mems_allowed(this: K, zl: readonly Zone[]): number {
  const { m } = this;
  if (!m.config.CONFIG_CPUSETS) return 1;
  const { mems_allowed } = m.current;
  for (const zone of zl) if (node_isset(zone.node, mems_allowed)) return 1;
  return 0;
}

/** May the current task allocate from the zone? In an interrupt always; 2.6.12 knows no other exceptions. */
export function cpuset_zone_allowed(this: K, z: Zone): boolean {
  const { m } = this;
  return !m.config.CONFIG_CPUSETS || m.in_interrupt || node_isset(z.node, m.current.mems_allowed);
}

/** The online CPUs of the task's cpuset, ascending; never empty. */
export function cpuset_cpus_allowed(this: K<'guarantee_online_cpus'>, tsk: Task): number[] {
  const { m } = this;
  if (!m.config.CONFIG_CPUSETS) return [...m.cpus];
  downCpusetSem(m);
  const cpus = this.guarantee_online_cpus(tsk.cpuset);
  up(m, m.cpuset_sem);
  return cpus;
}

/** The online CPUs of the nearest cpuset upwards that has any; all that are online for an exiting task. cpuset_sem is held. */
export function guarantee_online_cpus(this: K, cs: Cpuset | null): number[] {
  const { m } = this;
  for (let at = cs; at !== null; at = at.parent) {
    const { cpus_allowed } = at;
    const online = m.cpus.filter(cpu => cpus_allowed.has(cpu));
    if (online.length > 0) return online;
  }
  return [...m.cpus];
}

/** The online nodes of the nearest cpuset upwards that has any; all that are online for an exiting task. cpuset_sem is held. */
export function guarantee_online_mems(this: K, cs: Cpuset | null): NodeMask {
  const { m } = this;
  let at = cs;
  while (at !== null && !nodes_intersects(at.mems_allowed, m.node_online_map)) at = at.parent;
  const mask = at === null ? nodes_copy(m.node_online_map) : nodes_and(at.mems_allowed, m.node_online_map);
  BUG_ON(m, !nodes_intersects(mask, m.node_online_map), 'kernel/cpuset.c:guarantee_online_mems()');
  return mask;
}
