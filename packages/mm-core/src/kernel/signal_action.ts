/** kernel/signal.c: what a process does on a signal, and word to a parent of its children, who may have said that it does not care. */
import { EFAULT, EINVAL } from '../include/linux/errno.js';
import { BAD_POINTER } from '../include/linux/misc.js';
import { SIGCHLD, SIGKILL, SIGSTOP, type Task } from '../include/linux/sched.js';
import { _NSIG, SA_NOCLDSTOP, SA_NOCLDWAIT, SIG_DFL, SIG_IGN, type Sigaction } from '../include/linux/signal.js';
import type { MaySleep } from '../include/linux/wait.js';
import type { K } from '../kernel-table.js';
import { actionOf } from '../model/objects.js';
import { ignoredByDefault } from '../model/signals.js';
import { threads } from '../model/threads.js';

/** struct sigaction in user memory, to be read, or to be written. */
type UserSigaction = Readonly<Partial<Sigaction>> | typeof BAD_POINTER | null;
type UserOldSigaction = { sa_handler: number; sa_flags: number } | typeof BAD_POINTER | null;

/** sizeof(sigset_t). */
const SIGSET_BYTES = 8;

/**
 * Sets the action of a signal, gives the old one, or both. A signal that waits and that the new action is to ignore is dropped. 2.6.12 restarts
 * the call when a signal waits for the caller; here the caller acts on that afterwards.
 * @returns 0; -EINVAL for a number that is none, and for a new action of SIGKILL or SIGSTOP.
 */
export function do_sigaction(this: K, sig: number, act: Sigaction | null, oact: UserOldSigaction): number {
  const { m } = this;
  const { current } = m;
  if (!(sig >= 1 && sig <= _NSIG) || (act !== null && (sig === SIGKILL || sig === SIGSTOP))) return -EINVAL;
  const old = actionOf(current.sighand, sig);
  if (act !== null) {
    current.sighand.action.set(sig, { sa_handler: act.sa_handler, sa_flags: act.sa_flags >>> 0 });
    if (act.sa_handler === SIG_IGN || (act.sa_handler === SIG_DFL && ignoredByDefault(sig))) {
      for (const t of threads(m, current)) {
        t.pending.delete(sig);
        if (t.pending.size === 0 && t.signal.group_stop_count === 0) m.sigpending.delete(t); // recalc_sigpending_tsk()
      }
    }
  }
  if (oact === BAD_POINTER) return -EFAULT; // the new action is in force nevertheless
  if (oact !== null) Object.assign(oact, old);
  return 0;
}

/**
 * rt_sigaction(). sa_handler is 0 (SIG_DFL), 1 (SIG_IGN), or the address of a handler: any other number, since the driver runs the
 * handlers (sim/handlers.ts). Fields left out are 0. The mask of further signals to block is not modelled.
 * @returns 0, -EINVAL (signal, sigsetsize other than 8), -EFAULT.
 */
export function* sys_rt_sigaction(this: K<'do_sigaction'>, sig: number, act: UserSigaction, oact: UserOldSigaction, sigsetsize: number): MaySleep<number> {
  if (sigsetsize !== SIGSET_BYTES) return -EINVAL;
  if (act === BAD_POINTER) return -EFAULT;
  return this.do_sigaction(sig, act === null ? null : { sa_handler: SIG_DFL, sa_flags: 0, ...act }, oact);
}

/** execve(): handlers are gone with the old program, and so are those that had not begun; what is ignored stays ignored, unless `force_default`. */
export function flush_signal_handlers(this: K, t: Task, force_default: number): void {
  const { action } = t.sighand;
  for (const [sig, { sa_handler }] of action) {
    if (force_default !== 0 || sa_handler !== SIG_IGN) action.delete(sig);
    else action.set(sig, { sa_handler, sa_flags: 0 });
  }
  t.caught.clear();
}

/**
 * Tells the parent of the end of a child. One that ignores SIGCHLD, or has SA_NOCLDWAIT, need not wait for it: the child's exit_signal
 * becomes -1, and whoever calls this releases it.
 */
export function do_notify_parent(this: K<'__group_send_sig_info'>, tsk: Task, sig: number): void {
  const { parent } = tsk;
  if (parent === null) return;
  const { sa_handler, sa_flags } = actionOf(parent.sighand, SIGCHLD);
  const ignores = sig === SIGCHLD && sa_handler === SIG_IGN;
  if (ignores || (sig === SIGCHLD && (sa_flags & SA_NOCLDWAIT) !== 0)) tsk.exit_signal = -1;
  if (sig > 0 && !ignores) this.__group_send_sig_info(sig, parent);
}

/** Tells a parent that a child has stopped or goes on. @param why CLD_STOPPED or CLD_CONTINUED, what the handler's siginfo would say. */
export function do_notify_parent_cldstop(this: K<'__group_send_sig_info'>, tsk: Task, parent: Task | null, why: number): void {
  if (parent === null) return;
  const { sa_handler, sa_flags } = actionOf(parent.sighand, SIGCHLD);
  if (sa_handler !== SIG_IGN && (sa_flags & SA_NOCLDSTOP) === 0) this.__group_send_sig_info(SIGCHLD, parent);
}
