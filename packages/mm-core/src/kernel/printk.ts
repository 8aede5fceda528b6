/**
 * kernel/printk.c: what programs can do with the log. printk() itself is in include/linux/kernel.ts.
 *
 * The log of the model has no end; it says that it holds what CONFIG_LOG_BUF_SHIFT of ia64's sn2_defconfig gives it. There is no console
 * that messages are printed on, and no reader who waits for more (type 2).
 */
import { EFAULT, EINVAL, EPERM } from '../include/linux/errno.js';
import { BAD_POINTER } from '../include/linux/misc.js';
import { CAP_SYS_ADMIN } from '../include/linux/sched.js';
import type { MaySleep } from '../include/linux/wait.js';
import type { K } from '../kernel-table.js';
import type { Machine } from '../machine.js';

/** Text in user memory, to be written. */
type UserText = { value: string } | typeof BAD_POINTER | null;

const LOG_BUF_LEN = 1 << 20;

const logText = (m: Machine, from: number): string => m.log.slice(from).map(({ level, text }) => `<${level}>${text}\n`).join('');

/**
 * syslog(): 0 and 1 do nothing; 3 gives the last `len` bytes of what was logged since the log was cleared, 4 does that and clears it, 5
 * clears it; 6, 7 and 8 (`len` 1 to 8) are about a console and accepted; 9 tells the bytes that are in the log, 10 its size.
 * @returns bytes, or 0; -EPERM without CAP_SYS_ADMIN (3 and 10 are for everybody), -EINVAL, -EFAULT.
 */
export function* sys_syslog(this: K<'capable'>, type: number, buf: UserText, len: number): MaySleep<number> {
  const { m } = this;
  if (type !== 3 && type !== 10 && !this.capable(CAP_SYS_ADMIN)) return -EPERM;
  switch (type) {
    case 0: case 1: case 6: case 7: return 0;
    case 3: case 4: {
      if (buf === null || len < 0) return -EINVAL;
      if (len === 0) return 0;
      if (buf === BAD_POINTER) return -EFAULT;
      buf.value = logText(m, m.logged_from).slice(-Math.min(len, LOG_BUF_LEN));
      if (type === 4) m.logged_from = m.log.length;
      return buf.value.length;
    }
    case 5:
      m.logged_from = m.log.length;
      return 0;
    case 8: return len >= 1 && len <= 8 ? 0 : -EINVAL;
    case 9: return Math.min(logText(m, 0).length, LOG_BUF_LEN);
    case 10: return LOG_BUF_LEN;
    default: return -EINVAL;
  }
}
