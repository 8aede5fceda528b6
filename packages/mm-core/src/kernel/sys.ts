/** kernel/sys.c: user ids. */
import { EPERM } from '../include/linux/errno.js';
import { CAP_FULL_SET, CAP_SETUID, type Task } from '../include/linux/sched.js';
import type { MaySleep } from '../include/linux/wait.js';
import type { K } from '../kernel-table.js';

/** `(uid_t) -1`: leave this id as it is. */
const isGiven = (id: number): boolean => id !== -1 && id !== 0xffff_ffff;

/**
 * Sets the real, effective and saved user id; -1 keeps one. Without CAP_SETUID each must be one of the three the caller has.
 * The file system id always follows the effective one, and the capabilities follow as cap_task_post_setuid() has it.
 */
export function* sys_setresuid(this: K<'capable'>, ruid: number, euid: number, suid: number): MaySleep<number> {
  const task = this.m.current;
  const old_ruid = task.uid;
  const old_euid = task.euid;
  const old_suid = task.suid;
  if (!this.capable(CAP_SETUID)) {
    for (const id of [ruid, euid, suid]) {
      if (isGiven(id) && id !== task.uid && id !== task.euid && id !== task.suid) return -EPERM;
    }
  }
  if (isGiven(ruid)) task.uid = ruid;
  if (isGiven(euid)) task.euid = euid;
  task.fsuid = task.euid;
  if (isGiven(suid)) task.suid = suid;
  emulateSetuid(task, old_ruid, old_euid, old_suid);
  return 0;
}

/**
 * cap_emulate_setxuid() (security/commoncap.c): the last of the three ids that was root's and no longer is takes all effective
 * capabilities away, and so does an effective id that leaves root; one that becomes root gets the permitted ones back. The
 * permitted set is not modelled apart: it is all or nothing by whether one of the three ids is still root's.
 */
function emulateSetuid(task: Task, old_ruid: number, old_euid: number, old_suid: number): void {
  const wasRoot = old_ruid === 0 || old_euid === 0 || old_suid === 0;
  const isRoot = task.uid === 0 || task.euid === 0 || task.suid === 0;
  if (wasRoot && !isRoot) task.cap_effective = 0;
  if (old_euid === 0 && task.euid !== 0) task.cap_effective = 0;
  if (old_euid !== 0 && task.euid === 0) task.cap_effective = CAP_FULL_SET;
}

export function* sys_getpid(this: K): MaySleep<number> {
  return this.m.current.tgid;
}
