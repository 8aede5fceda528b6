/**
 * kernel/sched.c, arch/ia64/kernel/smp.c and kernel/timer.c, as far as memory management looks at them: which CPU, and so
 * which node, a task runs on; sleeping for a time; calling a function on the other CPUs. Run queues are the driver's.
 */
import { EFAULT, EINVAL, EPERM, ESRCH } from '../include/linux/errno.js';
import { BAD_POINTER, type UserMask } from '../include/linux/misc.js';
import { CAP_SYS_NICE, type Task } from '../include/linux/sched.js';
import { cpumask_bytes } from '../include/linux/threads.js';
import type { MaySleep } from '../include/linux/wait.js';
import { crossCall } from '../model/ops.js';
import type { K } from '../kernel-table.js';

/**
 * Restricts a task to some CPUs; it moves at once to the lowest of them when it is on another one. Memory stays where it
 * is: from now on it is remote.
 * @returns -EINVAL when none of the CPUs is online.
 */
export function set_cpus_allowed(this: K, p: Task, cpus: readonly number[]): number {
  const { m } = this;
  const mask = [...new Set(cpus)].sort((a, b) => a - b);
  const target = mask.find(cpu => m.cpu_to_node[cpu] !== undefined);
  if (target === undefined) return -EINVAL;
  p.cpus_allowed = mask;
  if (!mask.includes(p.cpu)) p.cpu = target;
  return 0;
}

/** sched_setaffinity(); pid 0 is the caller. The mask is a list of CPU numbers: its form in user memory is not modelled. */
export function* sys_sched_setaffinity(
  this: K<'find_task_by_pid' | 'capable' | 'cpuset_cpus_allowed' | 'set_cpus_allowed'>, pid: number, cpus: readonly number[],
): MaySleep<number> {
  const { current } = this.m;
  const p = pid === 0 ? current : this.find_task_by_pid(pid);
  if (p === null) return -ESRCH;
  if (current.euid !== p.euid && current.euid !== p.uid && !this.capable(CAP_SYS_NICE)) return -EPERM;
  const allowed = this.cpuset_cpus_allowed(p);
  return this.set_cpus_allowed(p, cpus.filter(cpu => allowed.includes(cpu)));
}

/**
 * sched_getaffinity(): the CPUs a task may run on, of those that can exist. Anybody may ask; pid 0 is the caller.
 * @param len bytes of the mask in user memory.
 * @returns the bytes written, sizeof(cpumask_t); -EINVAL when they do not fit, then -ESRCH, then -EFAULT.
 */
export function* sys_sched_getaffinity(this: K<'find_task_by_pid'>, pid: number, len: number, user_mask_ptr: UserMask | null): MaySleep<number> {
  const { m } = this;
  const bytes = cpumask_bytes(m.cpus);
  if (len >>> 0 < bytes) return -EINVAL;
  const p = pid === 0 ? m.current : this.find_task_by_pid(pid);
  if (p === null) return -ESRCH;
  if (user_mask_ptr === null || user_mask_ptr === BAD_POINTER || user_mask_ptr.length * 4 < bytes) return -EFAULT;
  user_mask_ptr.fill(0, 0, bytes / 4);
  /* A task that nobody has restricted may run on all of them. */
  for (const cpu of p.cpus_allowed.length === 0 ? m.cpus : p.cpus_allowed) {
    if (m.cpu_to_node[cpu] !== undefined) user_mask_ptr[cpu >> 5]! |= 1 << (cpu & 31);
  }
  return bytes;
}

/** Sleeps uninterruptibly. Simulated time has no jiffies: what 2.6.12 adds by rounding up to them is left out. */
export function* msleep(this: K, ms: number): MaySleep<void> {
  const { m } = this;
  const until = m.now + ms;
  while (m.now < until) yield { kind: 'timeout', until };
}

/**
 * Runs func(info) on every other online CPU, in the interprocessor interrupt, and busy-waits until they have begun (with
 * `wait`: have done it). The model runs it at once, in the order of the CPU numbers, and moves the caller there for it: what such a
 * function works on is the data of the CPU it finds itself on.
 * @param func the name of a kernel function that does not sleep.
 * @returns 0, always.
 */
export function smp_call_function(this: K, func: string, info: unknown, nonatomic: number, wait: number): number {
  const { m } = this;
  const { current } = m;
  const here = current.cpu;
  const call = crossCall(this, func);
  try {
    for (const cpu of m.cpus) {
      if (cpu === here) continue;
      current.cpu = cpu;
      call.call(this, info);
    }
  } finally {
    current.cpu = here;
  }
  return 0;
}
