/**
 * mm/oom_kill.c: whom to kill when memory has run out. __alloc_pages() calls when reclaim has freed nothing for it.
 *
 *     out_of_memory ── select_bad_process ── badness()   the largest, by address space, age and privileges
 *          └────────── oom_kill_process                  its first child with memory of its own, else itself; and all that share the mm
 *
 * The victim gets SIGKILL and, so that it can get as far as do_exit(), access to the last reserves (TIF_MEMDIE, here PF_MEMDIE). While
 * it has not died nobody else is killed.
 *
 * Lock: tasklist_lock. Source: 2.6.12. Left out: time slices and nice levels, which tasks here do not have, and the CPU time they
 * used, which would make old workers less bad.
 */
import { KERN_EMERG, KERN_ERR, KERN_WARNING, KernelLockup, printk, WARN_ON } from '../include/linux/kernel.js';
import type { Mm } from '../include/linux/mm_types.js';
import {
  CAP_SYS_ADMIN, CAP_SYS_RAWIO, OOM_DISABLE, PF_DEAD, PF_EXITING, PF_MEMDIE, PF_SWAPOFF, SIGKILL, type Task,
} from '../include/linux/sched.js';
import { spin_lock, spin_unlock } from '../include/linux/spinlock.js';
import type { K } from '../kernel-table.js';
import type { Machine } from '../machine.js';

const has = (p: Task, cap: number): boolean => (p.cap_effective & (1 << cap)) !== 0;

/** Divides by the fourth root, as an integer, of the task's age in units of 1024 seconds: for four and a half hours nothing changes. */
function ageDiscount(m: Machine, p: Task, points: number): number {
  const run_time = Math.max(0, Math.floor(m.now / 1000) - Math.floor(p.start_time / 1000)) >> 10;
  const s = Math.floor(Math.sqrt(Math.floor(Math.sqrt(run_time))));
  return s === 0 ? points : Math.floor(points / s);
}

/**
 * How much good it does to kill a task, and how little harm. 2.6.12 is told the uptime; here it is the machine's.
 * @returns points; their unit is a page of address space. 0 for a task without one.
 */
export function badness(this: K, p: Task): number {
  const { m } = this;
  const { mm } = p;
  if (mm === null) return 0;
  let points = mm.total_vm;
  // a server that forks without end
  for (const child of p.children) if (child.mm !== null && child.mm !== mm) points += child.mm.total_vm;
  points = ageDiscount(m, p, points);
  if (has(p, CAP_SYS_ADMIN) || p.uid === 0 || p.euid === 0) points = Math.floor(points / 4);
  if (has(p, CAP_SYS_RAWIO)) points = Math.floor(points / 4);
  return Math.floor(points * 2 ** p.oomkilladj);
}

/**
 * select_bad_process(): the task with most points; a task in swapoff before all others, since it is what uses the memory up.
 * @returns null when none may be killed; 'dying' when somebody is on the way out and his memory with him.
 */
function selectBadProcess(k: K<'badness'>): Task | 'dying' | null {
  let maxpoints = 0;
  let chosen: Task | null = null;
  for (const p of k.m.tasks.values()) {
    if (p.pid <= 1 || p.oomkilladj === OOM_DISABLE) continue;
    if ((p.flags & (PF_MEMDIE | PF_EXITING)) !== 0 && (p.flags & PF_DEAD) === 0) return 'dying';
    if ((p.flags & PF_SWAPOFF) !== 0) return p;
    const points = k.badness(p);
    if (points <= maxpoints && chosen !== null) continue;
    chosen = p;
    maxpoints = points;
  }
  return chosen;
}

/** __oom_kill_task() */
function killOne(k: K<'send_sig'>, p: Task): void {
  const { m } = k;
  if (p.pid === 1 || p.mm === null) {
    WARN_ON(m, true, 'mm/oom_kill.c:__oom_kill_task()');
    printk(m, KERN_WARNING, p.pid === 1 ? 'tried to kill init!' : 'tried to kill an mm-less task!');
    return;
  }
  printk(m, KERN_ERR, `Out of Memory: Killed process ${p.pid} (${p.comm}).`);
  p.flags |= PF_MEMDIE;
  k.send_sig(SIGKILL, p);
}

/** oom_kill_task(): also those of other thread groups that share the memory. @returns the mm with a reference, null when there is none. */
function killTask(k: K<'get_task_mm' | 'send_sig'>, p: Task): Mm | null {
  const mm = k.get_task_mm(p);
  if (mm === null) return null;
  killOne(k, p);
  for (const q of k.m.tasks.values()) if (q.mm === mm && q.tgid !== p.tgid) killOne(k, q);
  return mm;
}

/** oom_kill_process(): a child with memory of its own dies for its parent. */
function killProcess(k: K<'get_task_mm' | 'send_sig'>, p: Task): Mm | null {
  for (const child of p.children) {
    const mm = child.mm === p.mm ? null : killTask(k, child);
    if (mm !== null) return mm;
  }
  return killTask(k, p);
}

function panic(m: Machine, text: string): never {
  printk(m, KERN_EMERG, `Kernel panic - not syncing: ${text}`);
  m.panicked = true;
  throw new KernelLockup(text);
}

/** 2.6.12 goes back to `retry` with the same tasks and so to the same choice, and has tasklist_lock all the time. */
function retryForEver(m: Machine, p: Task): never {
  printk(m, KERN_EMERG, `pmkit: ${m.current.comm}[${m.current.pid}] selects ${p.comm}[${p.pid}], which has no memory, for ever`);
  throw new KernelLockup('out_of_memory');
}

/**
 * Kills a task, or nobody when one is dying already. What it frees is not free yet when this returns: 2.6.12 sleeps for a tick at the
 * end, which here the caller does.
 * @param gfp_mask of the allocation, for the log
 */
export function out_of_memory(this: K<'badness' | 'get_task_mm' | 'send_sig' | 'show_free_areas' | 'mmput'>, gfp_mask: number): void {
  const { m } = this;
  spin_lock(m, m.tasklist_lock);
  const p = selectBadProcess(this);
  if (p === 'dying') {
    spin_unlock(m, m.tasklist_lock);
    return;
  }
  if (p === null) {
    spin_unlock(m, m.tasklist_lock);
    this.show_free_areas();
    panic(m, 'Out of memory and no killable processes...');
  }
  printk(m, KERN_WARNING, `oom-killer: gfp_mask=0x${gfp_mask.toString(16)}`);
  this.show_free_areas();
  const mm = killProcess(this, p) ?? retryForEver(m, p);
  spin_unlock(m, m.tasklist_lock);
  this.mmput(mm);
}
