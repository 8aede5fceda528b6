/**
 * The end of a task, and waiting for it (kernel/exit.c of 2.6.12).
 *
 *     running ── do_exit() ──► zombie 'Z' ── parent's wait4(): release_task() ──► gone 'X'
 *                    └── a thread that is not waited for: gone at once
 *
 * Modelled here: children go to another thread of the process, else to init (pid 1); a process group is its session, so no group can
 * become orphaned by an exit and nobody gets SIGHUP for that. init executes no program here: its zombies stay until somebody calls
 * wait4() for it.
 */
import { ECHILD, EFAULT, EINVAL } from '../include/linux/errno.js';
import { KERN_EMERG, KERN_INFO, KernelLockup, printk } from '../include/linux/kernel.js';
import { BAD_POINTER, type UserInt } from '../include/linux/misc.js';
import {
  __WALL, __WCLONE, __WNOTHREAD, PF_DEAD, PF_EXITING, SIGCHLD, SIGNAL_GROUP_EXIT, WCONTINUED, WNOHANG, WUNTRACED, put_task_struct, type Task,
} from '../include/linux/sched.js';
import { searchChildren } from '../model/children.js';
import { newFiles } from '../model/objects.js';
import { spin_lock, spin_unlock } from '../include/linux/spinlock.js';
import type { MaySleep } from '../include/linux/wait.js';
import type { Machine } from '../machine.js';
import type { K } from '../kernel-table.js';

/** The task leaves its address space; the last one destroys it. */
export function exit_mm(this: K<'mmput'>, tsk: Task): void {
  const { mm } = tsk;
  if (mm === null) return;
  tsk.mm = null;
  this.mmput(mm);
}

/** Leaves the descriptor table; the last user closes the files. */
export function exit_files(this: K<'fput'>, tsk: Task): void {
  const { files } = tsk;
  tsk.files = newFiles();
  if (--files.count === 0) for (const file of files.values()) this.fput(file);
}

function panic(m: Machine, text: string): never {
  printk(m, KERN_EMERG, `Kernel panic - not syncing: ${text}`);
  m.panicked = true;
  throw new KernelLockup(text);
}

/** Who inherits the children of a dying task. */
function reaper(m: Machine, father: Task): Task {
  if (father.signal.live > 0) {
    for (const task of m.tasks.values()) if (task.signal === father.signal && task !== father && isAlive(task)) return task;
  }
  return m.tasks.get(1) ?? m.init_task;
}
const isAlive = (task: Task): boolean => task.state !== 'Z' && task.state !== 'X';
const isThread = (task: Task): boolean => task.exit_signal === -1;

/** forget_original_parent() and the rest of exit_notify(): new parents for the children, word to the own parent. */
export function exit_notify(this: K<'do_notify_parent' | 'release_task'>, tsk: Task): void {
  const { m } = this;
  spin_lock(m, m.tasklist_lock);
  const heir = tsk.children.size === 0 ? null : reaper(m, tsk);
  for (const child of tsk.children) {
    child.parent = heir;
    heir!.children.add(child);
    if (isThread(child)) continue;
    child.exit_signal = SIGCHLD; // whatever it was to be: nobody slays init
    if (child.state === 'Z' && child.signal.count === 1) this.do_notify_parent(child, child.exit_signal);
  }
  tsk.children.clear();
  if (!isThread(tsk) && tsk.signal.count === 1) this.do_notify_parent(tsk, tsk.exit_signal);
  tsk.state = 'Z';
  spin_unlock(m, m.tasklist_lock);
  if (isThread(tsk)) this.release_task(tsk);
  tsk.flags |= PF_DEAD;
}

/**
 * Ends the current task; `code` is what wait4() reports. Other threads of the process go on: whoever means the process sends
 * SIGKILL to them. The caller must return to the driver without touching the task's memory.
 */
export function do_exit(this: K<'exit_mm' | 'exit_files' | 'cpuset_exit' | 'exit_notify' | 'mpol_free'>, code: number): void {
  const { m } = this;
  const tsk = m.current;
  if (tsk.pid === 0) panic(m, 'Attempted to kill the idle task!');
  if (tsk.pid === 1) panic(m, 'Attempted to kill init!');
  tsk.flags |= PF_EXITING;
  if (m.preempt_count !== 0) printk(m, KERN_INFO, `note: ${tsk.comm}[${tsk.pid}] exited with preempt_count ${m.preempt_count}`);
  tsk.signal.live--;
  this.exit_mm(tsk);
  this.exit_files(tsk);
  this.cpuset_exit(tsk);
  tsk.exit_code = code;
  this.exit_notify(tsk);
  this.mpol_free(tsk.mempolicy);
  tsk.mempolicy = null;
  put_task_struct(tsk); // schedule()'s, once it has switched away for good
}

/** Takes a dead task out of the tables: its pid is free. The last thread to go lets the parent know of the leader, and takes it along if the parent does not care. */
export function release_task(this: K<'do_notify_parent' | 'release_task'>, p: Task): void {
  const { m } = this;
  spin_lock(m, m.tasklist_lock);
  m.tasks.delete(p.pid);
  p.parent?.children.delete(p);
  p.state = 'X';
  p.signal.count--;
  p.sighand.count--;
  const leader = p.pid === p.tgid ? undefined : m.tasks.get(p.tgid);
  let zap_leader = false;
  if (leader?.signal === p.signal && leader.state === 'Z' && leader.signal.count === 1) {
    this.do_notify_parent(leader, leader.exit_signal);
    zap_leader = leader.exit_signal === -1;
  }
  spin_unlock(m, m.tasklist_lock);
  put_task_struct(p);
  if (zap_leader) this.release_task(leader!);
}

/** exit(): this thread only. */
export function* sys_exit(this: K<'do_exit'>, code: number): MaySleep<number> {
  this.do_exit((code & 0xff) << 8);
  return 0;
}

/** The end of the whole process: the other threads die of SIGKILL on their way back to user mode. What ended it first is what counts. */
export function do_group_exit(this: K<'do_exit' | 'zap_other_threads'>, exit_code: number): void {
  const { current } = this.m;
  const { signal } = current;
  let code = exit_code;
  if ((signal.flags & SIGNAL_GROUP_EXIT) !== 0) code = signal.group_exit_code;
  else if (signal.count > 1) {
    signal.group_exit_code = exit_code;
    this.zap_other_threads(current);
  }
  this.do_exit(code);
}

/** exit_group(). */
export function* sys_exit_group(this: K<'do_group_exit'>, code: number): MaySleep<number> {
  this.do_group_exit((code & 0xff) << 8);
  return 0;
}

/**
 * wait4(): takes a dead child off the tables. Stopped and continued children are not reported (WUNTRACED and WCONTINUED are ignored),
 * resource usage is not kept.
 * @param stat_addr gets the exit code; null or left out: not wanted.
 * @returns its pid, 0 (WNOHANG and none is dead), -EINVAL (options), -ECHILD, or -EFAULT.
 */
export function* sys_wait4(this: K<'release_task'>, pid: number, stat_addr?: UserInt | null, options?: number): MaySleep<number> {
  const { m } = this;
  const flags = (options ?? 0) >>> 0;
  if ((flags & ~(WNOHANG | WUNTRACED | WCONTINUED | __WNOTHREAD | __WALL | __WCLONE)) !== 0) return -EINVAL;
  for (;;) {
    const { zombie, any } = searchChildren(m, m.current, pid, flags);
    if (zombie !== null) {
      if (stat_addr === BAD_POINTER) return -EFAULT;
      const { signal } = zombie;
      if (stat_addr !== null && stat_addr !== undefined) {
        stat_addr.value = (signal.flags & SIGNAL_GROUP_EXIT) === 0 ? zombie.exit_code : signal.group_exit_code;
      }
      this.release_task(zombie);
      return zombie.pid;
    }
    if (!any) return -ECHILD;
    if ((flags & WNOHANG) !== 0) return 0;
    yield { kind: 'child', pid, options: flags };
  }
}
