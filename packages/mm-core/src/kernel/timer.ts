/** kernel/timer.c: sleeping for a time of one's own choice. Simulated time has no jiffies, so nothing is rounded up to them. */
import { EFAULT, EINVAL } from '../include/linux/errno.js';
import { BAD_POINTER } from '../include/linux/misc.js';
import type { MaySleep } from '../include/linux/wait.js';
import type { K } from '../kernel-table.js';

/** struct timespec in user memory. */
interface UserTimespec { readonly tv_sec: number; readonly tv_nsec: number }

/**
 * nanosleep(): sleeps until the time is over or a signal has been acted on. 2.6.12 restarts the call after a signal without a handler and returns -EINTR
 * after one with a handler; here who steps the task sees that it was given up, and calls again for the rest.
 * @returns 0; -EFAULT, or -EINVAL for a time that is none.
 */
export function* sys_nanosleep(this: K, rqtp: UserTimespec | typeof BAD_POINTER): MaySleep<number> {
  const { m } = this;
  if (rqtp === BAD_POINTER) return -EFAULT;
  const { tv_sec, tv_nsec } = rqtp;
  if (!(tv_nsec >= 0 && tv_nsec < 1_000_000_000) || tv_sec < 0) return -EINVAL;
  const until = m.now + tv_sec * 1000 + tv_nsec / 1_000_000;
  while (m.now < until) yield { kind: 'timeout', until, interruptible: true };
  return 0;
}
