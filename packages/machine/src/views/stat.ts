/**
 * /proc/PID/stat and statm (fs/proc/array.c, fs/proc/task_mmu.c of 2.6.12).
 *
 * Modelled, since the kernel of the kit does not keep it: no time is spent on a CPU; no terminal; the process group is the session; the
 * priority follows from the nice value alone; no registers and no place to sleep at are known (0).
 */
import { HZ, MAX_RT_PRIO, PRIO_TO_NICE, type Task } from '@pmkit/mm-core/include/linux/sched';
import { RLIMIT_RSS } from '@pmkit/mm-core/include/linux/resource';
import type { Machine, Mm } from '@pmkit/mm-core';
import { caught, ignored, ownPending, parentOf, stateLetter, textBytes } from './status.js';
import { lu, type View } from './view.js';

/** Simulated ms in ticks of USER_HZ, 1024 a second on ia64. */
export const clockTicks = (ms: number): number => Math.floor((ms * HZ) / 1000);

/** Sum of a counter over the living threads of a process. */
function overThreads(m: Machine, task: Task, counter: 'min_flt' | 'maj_flt'): number {
  if (task.signal.count === 1) return task[counter];
  let sum = 0;
  for (const thread of m.tasks.values()) if (thread.tgid === task.tgid) sum += thread[counter];
  return sum;
}

/** Address fields of an mm; zeros without one. */
const NO_MM = { start_code: 0, end_code: 0, start_stack: 0, total_vm: 0, rss: 0 } satisfies Partial<Mm>;

export const stat: View<Task> = {
  summary: 'the same and more in one line, for ps',
  text({ m }, task) {
    const mm = task.mm ?? NO_MM;
    const { rlim, count } = task.signal;
    // of a process of several threads 2.6.12 does not say where it sleeps: ~0
    const wchan = count < 2 ? '0' : lu(Infinity);
    const old = (bits: bigint): bigint => bits & 0x7fff_ffffn;
    const nice = PRIO_TO_NICE(task.static_prio);
    const fields = [
      task.pid, `(${task.comm})`, stateLetter(m, task), parentOf(task), task.session, task.session, 0, -1, lu(task.flags),
      overThreads(m, task, 'min_flt'), 0, overThreads(m, task, 'maj_flt'), 0, 0, 0, 0, 0, task.static_prio - MAX_RT_PRIO, nice, count, 0, clockTicks(task.start_time),
      lu(mm.total_vm * m.PAGE_SIZE), mm.rss, lu(rlim[RLIMIT_RSS]!.rlim_cur), lu(mm.start_code), lu(mm.end_code), lu(mm.start_stack), 0, 0,
      old(ownPending(task)), 0, old(ignored(task)), old(caught(task)), wchan, 0, 0, task.exit_signal, task.cpu, 0, 0,
    ];
    return `${fields.join(' ')}\n`;
  },
};

export const statm: View<Task> = {
  summary: 'sizes in pages: all, resident, shared, text, 0, data and stack, 0',
  text({ m }, { mm }) {
    if (mm === null) return '0 0 0 0 0 0 0\n';
    return `${[mm.total_vm, mm.rss, mm.rss - mm.anon_rss, textBytes(m, mm) / m.PAGE_SIZE, 0, mm.total_vm - mm.shared_vm, 0].join(' ')}\n`;
  },
};
