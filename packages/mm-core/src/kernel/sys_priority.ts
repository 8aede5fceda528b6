/** kernel/sys.c: nice values. Modelled: they are kept and told, but whoever is ready runs; the scheduler of the kit has no priorities. */
import { EACCES, EINVAL, EPERM, ESRCH } from '../include/linux/errno.js';
import { RLIMIT_NICE } from '../include/linux/resource.js';
import { CAP_SYS_NICE, NICE_TO_PRIO, PRIO_PGRP, PRIO_PROCESS, PRIO_TO_NICE, PRIO_USER, type Task } from '../include/linux/sched.js';
import type { MaySleep } from '../include/linux/wait.js';
import type { K } from '../kernel-table.js';

/**
 * The tasks that `which` and `who` mean; 0 is the caller, its group, its user. A process group is a session here; only
 * first threads are in it (copy_process() attaches no others to PIDTYPE_PGID), but all are their user's.
 */
function* targets(k: K<'find_task_by_pid'>, which: number, who: number): Generator<Task> {
  const { m } = k;
  const { current } = m;
  if (which === PRIO_PROCESS) {
    const task = who === 0 ? current : k.find_task_by_pid(who);
    if (task !== null) yield task;
    return;
  }
  const wanted = who !== 0 ? who : which === PRIO_PGRP ? current.session : current.uid;
  for (const task of m.tasks.values()) {
    if (which === PRIO_PGRP ? task.pid === task.tgid && task.session === wanted : task.uid === wanted) yield task;
  }
}

/** Whether the current task may make p's nice value that low: RLIMIT_NICE, or CAP_SYS_NICE. */
export function can_nice(this: K<'capable'>, p: Task, nice: number): boolean {
  return 19 - nice <= p.signal.rlim[RLIMIT_NICE]!.rlim_cur || this.capable(CAP_SYS_NICE);
}

/** @param error what came out of the tasks before: -ESRCH at first. @returns what comes out now. */
function setOnePrio(k: K<'capable' | 'can_nice'>, p: Task, niceval: number, error: number): number {
  const { current } = k.m;
  if (p.uid !== current.euid && p.euid !== current.euid && !k.capable(CAP_SYS_NICE)) return -EPERM;
  if (niceval < PRIO_TO_NICE(p.static_prio) && !k.can_nice(p, niceval)) return -EACCES;
  p.static_prio = NICE_TO_PRIO(niceval);
  return error === -ESRCH ? 0 : error;
}

/**
 * Sets the nice value of a task, a group's or a user's tasks; it is cut to -20 … 19. Of a group as many as may be are changed, and an
 * error of one is the result.
 * @returns 0, -EINVAL (which), -ESRCH, -EPERM (somebody else's), -EACCES (lower than it was, without the right to).
 */
export function* sys_setpriority(this: K<'find_task_by_pid' | 'capable' | 'can_nice'>, which: number, who: number, niceval: number): MaySleep<number> {
  if (which > PRIO_USER || which < PRIO_PROCESS) return -EINVAL;
  const nice = Math.max(-20, Math.min(19, niceval));
  let error = -ESRCH;
  for (const task of targets(this, which, who)) error = setOnePrio(this, task, nice, error);
  return error;
}

/**
 * The lowest nice value of those meant, as 20 - nice: 1 to 40. ia64 enters ia64_getpriority() instead, which makes the nice value of it
 * and says in a register of its own that a negative one is no errno; the model's system calls have no such register.
 * @returns that, -EINVAL (which) or -ESRCH.
 */
export function* sys_getpriority(this: K<'find_task_by_pid'>, which: number, who: number): MaySleep<number> {
  if (which > PRIO_USER || which < PRIO_PROCESS) return -EINVAL;
  let result = -ESRCH;
  for (const task of targets(this, which, who)) result = Math.max(result, 20 - PRIO_TO_NICE(task.static_prio));
  return result;
}
