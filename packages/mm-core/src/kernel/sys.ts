/** kernel/sys.c: user and group ids, sessions, the name of the machine; and the calls of kernel/timer.c that only tell ids. */
import { EFAULT, EINVAL, EPERM } from '../include/linux/errno.js';
import { BAD_POINTER } from '../include/linux/misc.js';
import { CAP_FULL_SET, CAP_SETGID, CAP_SETUID, CAP_SYS_ADMIN, NGROUPS_MAX, type Task } from '../include/linux/sched.js';
import type { MaySleep } from '../include/linux/wait.js';
import type { K } from '../kernel-table.js';
import { callersMm } from '../model/arguments.js';

/** `(uid_t) -1`: leave this id as it is. */
const isGiven = (id: number): boolean => id !== -1 && id !== 0xffff_ffff;

/**
 * Sets the real, effective and saved user id; -1 keeps one. Without CAP_SETUID each must be one of the three the caller has.
 * The file system id always follows the effective one, and the capabilities follow as cap_task_post_setuid() has it. Who changes his effective id is
 * not to be dumped any more; nor who changes the real one and does not name the effective one he has: set_user() is told that -1 is another.
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
  if (euid >>> 0 !== old_euid && (isGiven(euid) || (isGiven(ruid) && ruid !== old_ruid))) callersMm(this.m, 'kernel/sys.c:sys_setresuid()').dumpable = 0;
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

/** Sets the real, effective and saved group id, as setresuid() does for users; capabilities have nothing to do with groups. */
export function* sys_setresgid(this: K<'capable'>, rgid: number, egid: number, sgid: number): MaySleep<number> {
  const task = this.m.current;
  if (!this.capable(CAP_SETGID)) {
    for (const id of [rgid, egid, sgid]) {
      if (isGiven(id) && id !== task.gid && id !== task.egid && id !== task.sgid) return -EPERM;
    }
  }
  if (isGiven(egid)) {
    if (egid !== task.egid) callersMm(this.m, 'kernel/sys.c:sys_setresgid()').dumpable = 0;
    task.egid = egid;
  }
  if (isGiven(rgid)) task.gid = rgid;
  if (isGiven(sgid)) task.sgid = sgid;
  return 0;
}

/** A list of group ids in user memory. */
type UserGroups = number[] | typeof BAD_POINTER | null;

/** The supplementary groups of the caller and of whom it forks. @returns 0, -EPERM without CAP_SETGID, -EINVAL for too many, -EFAULT. */
export function* sys_setgroups(this: K<'capable'>, gidsetsize: number, grouplist: UserGroups): MaySleep<number> {
  if (!this.capable(CAP_SETGID)) return -EPERM;
  if (!(gidsetsize >= 0 && gidsetsize <= NGROUPS_MAX)) return -EINVAL;
  if (gidsetsize > 0 && (grouplist === BAD_POINTER || grouplist === null || grouplist.length < gidsetsize)) return -EFAULT;
  const groups = gidsetsize === 0 ? [] : (grouplist as readonly number[]).slice(0, gidsetsize);
  this.m.current.groups = groups.sort((a, b) => a - b);
  return 0;
}
/** Their number, and with room for them (gidsetsize > 0) the groups themselves. -EINVAL when there is too little room, -EFAULT. */
export function* sys_getgroups(this: K, gidsetsize: number, grouplist: UserGroups): MaySleep<number> {
  const { groups } = this.m.current;
  if (gidsetsize < 0 || (gidsetsize > 0 && groups.length > gidsetsize)) return -EINVAL;
  if (gidsetsize === 0 || groups.length === 0) return groups.length;
  if (grouplist === BAD_POINTER || grouplist === null) return -EFAULT;
  for (const [i, group] of groups.entries()) grouplist[i] = group;
  return groups.length;
}
/** Whether the current task's file accesses are those of a member of the group. */
export function in_group_p(this: K, grp: number): boolean {
  const { egid, groups } = this.m.current; // fsgid is the effective one: nothing sets it apart
  return grp === egid || groups.includes(grp);
}

/**
 * A session, and process group, of one's own. @returns its number, the caller's pid; -EPERM for who leads a group already, -EINVAL for a
 * thread that is not the first.
 */
export function* sys_setsid(this: K): MaySleep<number> {
  const { current, tasks } = this.m;
  if (current.pid !== current.tgid) return -EINVAL;
  for (const task of tasks.values()) if (task.session === current.pid) return -EPERM;
  current.session = current.pid;
  return current.pid;
}

/** A name for the machine. @param len bytes of it that count. @returns 0, -EPERM without CAP_SYS_ADMIN, -EINVAL beyond 64 bytes, -EFAULT. */
export function* sys_sethostname(this: K<'capable'>, name: string | typeof BAD_POINTER, len: number): MaySleep<number> {
  if (!this.capable(CAP_SYS_ADMIN)) return -EPERM;
  if (!(len >= 0 && len <= __NEW_UTS_LEN)) return -EINVAL;
  if (name === BAD_POINTER) return -EFAULT;
  this.m.nodename = name.slice(0, len);
  return 0;
}
const __NEW_UTS_LEN = 64;

export function* sys_getpid(this: K): MaySleep<number> {
  return this.m.current.tgid;
}
export function* sys_getppid(this: K): MaySleep<number> {
  return this.m.current.parent?.tgid ?? 0;
}
export function* sys_getuid(this: K): MaySleep<number> {
  return this.m.current.uid;
}
export function* sys_geteuid(this: K): MaySleep<number> {
  return this.m.current.euid;
}
export function* sys_getgid(this: K): MaySleep<number> {
  return this.m.current.gid;
}
export function* sys_getegid(this: K): MaySleep<number> {
  return this.m.current.egid;
}
