/** kernel/sys.c: prctl(), as far as it concerns the address space: whether others may dump and trace it. */
import { EINVAL } from '../include/linux/errno.js';
import { callersMm } from '../model/arguments.js';
import type { MaySleep } from '../include/linux/wait.js';
import type { K } from '../kernel-table.js';

/* include/linux/prctl.h */
const PR_GET_DUMPABLE = 3;
const PR_SET_DUMPABLE = 4;

/**
 * Tells or sets mm->dumpable, 0 or 1 in 2.6.12; nothing that is modelled here looks at it, but it decides whose the files of /proc/PID are. The other
 * options (signal at the parent's death, unaligned accesses, floating point, timing, name) are not modelled and refused like one that does not exist.
 * @returns the value told, 0, or -EINVAL.
 */
export function* sys_prctl(this: K, option: number, arg2: number): MaySleep<number> {
  const mm = callersMm(this.m, 'kernel/sys.c:sys_prctl()');
  if (option === PR_GET_DUMPABLE) return mm.dumpable;
  if (option !== PR_SET_DUMPABLE || (arg2 !== 0 && arg2 !== 1)) return -EINVAL;
  mm.dumpable = arg2;
  return 0;
}
