/** kernel/sys.c: resource limits. */
import { EFAULT, EINVAL, EPERM } from '../include/linux/errno.js';
import { BAD_POINTER } from '../include/linux/misc.js';
import { RLIM_NLIMITS, RLIMIT_NOFILE, type Rlimit } from '../include/linux/resource.js';
import { CAP_SYS_RESOURCE } from '../include/linux/sched.js';
import type { MaySleep } from '../include/linux/wait.js';
import type { K } from '../kernel-table.js';

/** include/linux/fs.h: as many descriptors as a limit may allow. */
const NR_OPEN = 1024 * 1024;

const exists = (resource: number): boolean => resource >= 0 && resource < RLIM_NLIMITS;

/** Reads a limit of the caller's process, in bytes or counts. @returns 0, -EINVAL or -EFAULT. */
export function* sys_getrlimit(this: K, resource: number, rlim: Rlimit | typeof BAD_POINTER): MaySleep<number> {
  if (!exists(resource)) return -EINVAL;
  if (rlim === BAD_POINTER) return -EFAULT;
  Object.assign(rlim, this.m.current.signal.rlim[resource]);
  return 0;
}

/** Sets one. Raising the hard limit takes CAP_SYS_RESOURCE. @returns 0, -EINVAL, -EFAULT or -EPERM. */
export function* sys_setrlimit(this: K<'capable'>, resource: number, rlim: Readonly<Rlimit> | typeof BAD_POINTER): MaySleep<number> {
  if (!exists(resource)) return -EINVAL;
  if (rlim === BAD_POINTER) return -EFAULT;
  const { rlim_cur, rlim_max } = rlim;
  if (rlim_cur > rlim_max) return -EINVAL;
  const old = this.m.current.signal.rlim[resource]!;
  if (rlim_max > old.rlim_max && !this.capable(CAP_SYS_RESOURCE)) return -EPERM;
  if (resource === RLIMIT_NOFILE && rlim_max > NR_OPEN) return -EPERM;
  Object.assign(old, { rlim_cur, rlim_max });
  return 0;
}
