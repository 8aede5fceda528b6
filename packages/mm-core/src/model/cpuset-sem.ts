/** The lock of kernel/cpuset.c and its file system. */
import { KERN_EMERG, KernelLockup, printk } from '../include/linux/kernel.js';
import { down_trylock } from '../include/linux/spinlock.js';
import type { Machine } from '../machine.js';

/** down(&cpuset_sem) where the caller cannot sleep in this model: see kernel/cpuset.ts. */
export function downCpusetSem(m: Machine): void {
  if (down_trylock(m, m.cpuset_sem)) return;
  printk(m, KERN_EMERG, `pmkit: ${m.current.comm}[${m.current.pid}] waits for ever for cpuset_sem, held by pid ${m.cpuset_sem.owner}`);
  throw new KernelLockup('cpuset_sem');
}
