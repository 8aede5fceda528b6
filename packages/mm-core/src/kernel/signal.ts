/**
 * kernel/signal.c: sending signals, and the default action when the receiver returns to user mode.
 *
 * Modelled: no task blocks anything (but kernel threads block everything, as daemonize() leaves them), none dumps core
 * (RLIMIT_CORE 0), and a process group is a session. So a signal's whole life is: dropped when it is ignored, or its default is to do nothing; else put
 * into a thread's `pending`; the thread acts on it in get_signal_to_deliver() on its way to user mode: the default action, or the
 * signal is noted in `caught` for its handler. A stopped task gets there only by SIGCONT or SIGKILL, which act when they are sent.
 *
 * A handler blocks its own signal while it runs; here from its delivery until the driver takes it out of `caught`. One that is
 * sent meanwhile is lost, where 2.6.12 delivers it once more afterwards; real-time signals do not queue.
 *
 * What ends or stops a process ends or stops all its threads. 2.6.12 keeps signals to a process in a queue that its threads share until
 * one of them takes it; here the thread that will take it gets it at once.
 */
import { EINVAL, EPERM, ESRCH } from '../include/linux/errno.js';
import {
  CAP_KILL, CLD_CONTINUED, CLD_STOPPED, SIGBUS, SIGCONT, SIGKILL, SIGNAL_GROUP_EXIT, SIGNAL_STOP_STOPPED, SIGSEGV, SIGSTOP, SIGTSTP, type Task,
} from '../include/linux/sched.js';
import { _NSIG, SA_ONESHOT, SIG_DFL, SIG_IGN } from '../include/linux/signal.js';
import type { MaySleep } from '../include/linux/wait.js';
import type { K } from '../kernel-table.js';
import type { Machine } from '../machine.js';
import { actionOf } from '../model/objects.js';
import { ignoredByDefault } from '../model/signals.js';
import { isExiting, threads } from '../model/threads.js';

const SIGTTIN = 21;
const SIGTTOU = 22;
/** SIGQUIT, ILL, TRAP, ABRT, BUS, FPE, SEGV, XCPU, XFSZ, SYS. */
const SIG_KERNEL_COREDUMP = new Set([3, 4, 5, 6, SIGBUS, 8, SIGSEGV, 24, 25, 31]);

const sig_kernel_stop = (sig: number): boolean => sig === SIGSTOP || sig === SIGTSTP || sig === SIGTTIN || sig === SIGTTOU;

const isKernelThread = (m: Machine, t: Task): boolean => m.kthreads.some(thread => thread.task === t);

/** sig_ignored(): whether the signal need not be sent at all. */
function isIgnored({ sighand }: Task, sig: number): boolean {
  const { sa_handler } = actionOf(sighand, sig);
  return sa_handler === SIG_IGN || (sa_handler === SIG_DFL && ignoredByDefault(sig));
}

/**
 * May m.current send `sig` to t: one of its real and effective uid is one of t's saved and real uid, or SIGCONT within the
 * session, or CAP_KILL. (The security module's hook has no say here.)
 */
export function check_kill_permission(this: K<'capable'>, sig: number, t: Task): number {
  const { current } = this.m;
  if (!(sig >= 0 && sig <= _NSIG)) return -EINVAL;
  const sameUser = current.euid === t.suid || current.euid === t.uid || current.uid === t.suid || current.uid === t.uid;
  if (!sameUser && !(sig === SIGCONT && current.session === t.session) && !this.capable(CAP_KILL)) return -EPERM;
  return 0;
}

/** Tells a task that it has a signal to act on; with `resume` (SIGKILL) a stopped one too. */
export function signal_wake_up(this: K, t: Task, resume: number): void {
  const { m } = this;
  if (isKernelThread(m, t)) return;
  if (resume !== 0) wakeStopped(t);
  m.sigpending.add(t);
}
function wakeStopped(t: Task): void {
  if (t.state !== 'T') return;
  t.state = 'R';
  t.exit_code = 0;
}

/** Sends a signal to one thread, permission being settled: the kernel's SIGKILL. */
export function send_sig(this: K<'signal_wake_up'>, sig: number, t: Task): void {
  if (isExiting(t) || isIgnored(t, sig)) return;
  t.pending.add(sig);
  this.signal_wake_up(t, sig === SIGKILL ? 1 : 0);
}

/** The signal of a fault of its own, which a thread cannot ignore: from now on it has the default action then. */
export function force_sig(this: K<'send_sig'>, sig: number, p: Task): void {
  const action = actionOf(p.sighand, sig);
  if (action.sa_handler === SIG_IGN) p.sighand.action.set(sig, { ...action, sa_handler: SIG_DFL });
  this.send_sig(sig, p);
}

/**
 * handle_stop_signal(): what stop and continue signals do to a process when they are sent. SIGCONT wakes it, and no older stop counts; a stop
 * signal takes a SIGCONT back that waits for its handler to be called. 2.6.12 looks for SIGNAL_GROUP_EXIT in the flags of the task, where that bit is
 * PF_DEAD: nothing of this happens to a process whose first thread is a zombie, so that one that is stopped cannot be continued.
 */
function handleStopSignal(k: K<'do_notify_parent_cldstop'>, sig: number, p: Task): void {
  const { m } = k;
  const { signal } = p;
  if ((p.flags & SIGNAL_GROUP_EXIT) !== 0) return;
  if (sig_kernel_stop(sig)) for (const t of threads(m, p)) t.pending.delete(SIGCONT);
  if (sig === SIGKILL) signal.flags = 0;
  if (sig !== SIGCONT) return;
  const leader = m.tasks.get(p.tgid) ?? p;
  if (signal.group_stop_count > 0) { // as if the stop had come to its end before
    signal.group_stop_count = 0;
    k.do_notify_parent_cldstop(leader, leader.parent, CLD_STOPPED);
  }
  for (const t of threads(m, p)) {
    for (const stop of [SIGSTOP, SIGTSTP, SIGTTIN, SIGTTOU]) t.pending.delete(stop);
    wakeStopped(t);
    if (t.pending.size > 0) m.sigpending.add(t);
  }
  const wasStopped = (signal.flags & SIGNAL_STOP_STOPPED) !== 0;
  signal.flags = 0;
  if (wasStopped) k.do_notify_parent_cldstop(leader, leader.parent, CLD_CONTINUED);
}

/**
 * Sends a signal to a process, permission being settled. One that ends it without a core dump ends all threads at once; any other is for
 * the first thread that is not stopped to take.
 */
export function __group_send_sig_info(this: K<'signal_wake_up' | 'do_notify_parent_cldstop'>, sig: number, p: Task): void {
  const { m } = this;
  handleStopSignal(this, sig, p);
  if (isIgnored(p, sig)) return;
  const group = threads(m, p);
  const taker = group.find(t => sig === SIGKILL || t.state !== 'T');
  if (taker === undefined) {
    group[0]?.pending.add(sig); // all are stopped: when they go on
    return;
  }
  const fatal = actionOf(p.sighand, sig).sa_handler === SIG_DFL && !sig_kernel_stop(sig) && !SIG_KERNEL_COREDUMP.has(sig);
  if (!fatal || (p.signal.flags & SIGNAL_GROUP_EXIT) !== 0) {
    taker.pending.add(sig);
    this.signal_wake_up(taker, sig === SIGKILL ? 1 : 0);
    return;
  }
  p.signal.flags = SIGNAL_GROUP_EXIT;
  p.signal.group_exit_code = sig;
  p.signal.group_stop_count = 0;
  for (const t of group) {
    t.pending.add(SIGKILL);
    this.signal_wake_up(t, 1);
  }
}

/** exit_group() and execve(): the end of all threads of the process but p. */
export function zap_other_threads(this: K<'signal_wake_up'>, p: Task): void {
  const { m } = this;
  p.signal.flags = SIGNAL_GROUP_EXIT;
  p.signal.group_stop_count = 0;
  for (const t of threads(m, p)) {
    if (t === p) continue;
    if (t.pid !== t.tgid) t.exit_signal = -1;
    for (const stop of [SIGSTOP, SIGTSTP, SIGTTIN, SIGTTOU]) t.pending.delete(stop);
    t.pending.add(SIGKILL);
    this.signal_wake_up(t, 1);
  }
}

/**
 * The default actions of t's pending signals, lowest number first; t is m.current and about to return to user mode. What has a handler goes
 * to t.caught: 2.6.12 comes here again for each of them. init takes no signal that it has no handler for, not even one that a fault of
 * its own raises: it faults again, for ever.
 */
export function get_signal_to_deliver(this: K<'do_signal_stop' | 'finish_stop' | 'do_group_exit'>, t: Task): void {
  const { m } = this;
  const { signal } = t;
  m.sigpending.delete(t);
  while (t.state === 'R') {
    if (signal.group_stop_count > 0 && (signal.flags & SIGNAL_GROUP_EXIT) === 0) { // another thread has taken the stop signal
      t.state = 'T';
      t.exit_code = signal.group_exit_code;
      this.finish_stop(--signal.group_stop_count);
      return;
    }
    if (t.pending.size === 0) return;
    const sig = Math.min(...t.pending);
    t.pending.delete(sig);
    const action = actionOf(t.sighand, sig);
    if (action.sa_handler === SIG_IGN) continue;
    if (action.sa_handler !== SIG_DFL) {
      t.caught.add(sig);
      if ((action.sa_flags & SA_ONESHOT) !== 0) t.sighand.action.set(sig, { ...action, sa_handler: SIG_DFL });
      continue;
    }
    if (ignoredByDefault(sig) || t.pid === 1) continue;
    if (sig_kernel_stop(sig)) this.do_signal_stop(sig);
    else this.do_group_exit(sig);
  }
}

/** Stops the current task, and the other threads of its process when they get to user mode. wait4() reports no stopped children. */
export function do_signal_stop(this: K<'signal_wake_up' | 'finish_stop'>, signr: number): void {
  const { m } = this;
  const { current } = m;
  const { signal } = current;
  signal.group_exit_code = signr;
  for (const t of threads(m, current)) {
    if (t === current || t.state === 'T') continue;
    signal.group_stop_count++;
    this.signal_wake_up(t, 0);
  }
  current.state = 'T';
  current.exit_code = signr;
  this.finish_stop(signal.group_stop_count);
}
/** The current task has stopped; @param stop_count of the threads that have not. The last one lets the parent know. */
export function finish_stop(this: K<'do_notify_parent_cldstop'>, stop_count: number): void {
  const { m } = this;
  const { current } = m;
  if (stop_count > 0) return;
  current.signal.flags = SIGNAL_STOP_STOPPED;
  const leader = m.tasks.get(current.tgid) ?? current;
  this.do_notify_parent_cldstop(leader, leader.parent, CLD_STOPPED);
}

/** Checks permission, then sends to the process that t is a thread of; signal 0 only checks. */
export function group_send_sig_info(this: K<'check_kill_permission' | '__group_send_sig_info'>, sig: number, t: Task): number {
  const error = this.check_kill_permission(sig, t);
  if (error === 0 && sig !== 0) this.__group_send_sig_info(sig, t);
  return error;
}

/**
 * kill(): pid > 0 that process, 0 the caller's group, -1 every process but init and the caller's own, < -1 that group. For a group the
 * result is success when one member could be signalled; for -1 it is the last result that was not -EPERM.
 */
export function* sys_kill(this: K<'group_send_sig_info' | 'find_task_by_pid'>, pid: number, sig: number): MaySleep<number> {
  const { m } = this;
  if (pid > 0) {
    const t = this.find_task_by_pid(pid);
    return t === null ? -ESRCH : this.group_send_sig_info(sig, t);
  }
  const leaders = [...m.tasks.values()].filter(t => t.pid === t.tgid);
  if (pid === -1) {
    let result = 0;
    let count = 0;
    for (const t of leaders) {
      if (t.pid <= 1 || t.tgid === m.current.tgid) continue;
      const error = this.group_send_sig_info(sig, t);
      count++;
      if (error !== -EPERM) result = error;
    }
    return count > 0 ? result : -ESRCH;
  }
  const group = pid === 0 ? m.current.session : -pid;
  if (group <= 0) return -EINVAL;
  let error = -ESRCH;
  let success = false;
  for (const t of leaders) {
    if (t.pid === 0 || t.session !== group) continue;
    error = this.group_send_sig_info(sig, t);
    if (error === 0) success = true;
  }
  return success ? 0 : error;
}

/** The task of that pid, zombies included; null when there is none. The swapper (0) is not hashed. */
export function find_task_by_pid(this: K, pid: number): Task | null {
  return pid === 0 ? null : (this.m.tasks.get(pid) ?? null);
}

/** Whether the current task has the capability in its effective set. */
export function capable(this: K, cap: number): boolean {
  return (this.m.current.cap_effective & (1 << cap)) !== 0;
}
