/**
 * System V shared memory: making, finding, controlling and destroying segments (ipc/shm.c, ipc/util.c of 2.6.12). Attaching
 * is in shm_attach.ts.
 *
 * A segment is an unlinked tmpfs file of the kernel's own mount, held open by the segment. It lives until IPC_RMID, and
 * then until the last process that has it attached lets go. shm_nattch counts vmas, not processes.
 *
 * There are no huge pages: the kernel is built without CONFIG_HUGETLBFS. Left out: IPC_INFO and SHM_STAT. shm_ids.sem is not needed: nothing here sleeps half-way.
 */
import { EACCES, EEXIST, EFAULT, EIDRM, EINVAL, ENOENT, ENOSPC, ENOSYS, EPERM } from '../include/linux/errno.js';
import type { File } from '../include/linux/fs.js';
import { BUG } from '../include/linux/kernel.js';
import { BAD_POINTER } from '../include/linux/misc.js';
import { VM_ACCOUNT } from '../include/linux/mm_types.js';
import { RLIMIT_MEMLOCK } from '../include/linux/resource.js';
import { CAP_IPC_LOCK, CAP_IPC_OWNER, CAP_SYS_ADMIN } from '../include/linux/sched.js';
import {
  IPC_CREAT, IPC_EXCL, IPC_PRIVATE, IPC_RMID, IPC_SET, IPC_STAT, S_IRUGO, S_IRWXUGO, SEQ_MULTIPLIER, SHM_DEST, SHM_HUGETLB, SHM_INFO, SHM_LOCK, SHM_LOCKED, SHM_UNLOCK, SHMMIN, SHMMNI,
  type ShmidDs, type ShmInfo,
} from '../include/linux/shm.js';
import type { MaySleep } from '../include/linux/wait.js';
import type { Machine, ShmSegment } from '../machine.js';
import type { K } from '../kernel-table.js';

/** An id is the slot in the table plus a sequence number that makes the ids of later segments in it differ. */
const slot = (id: number): number => id % SEQ_MULTIPLIER;

/** shm_lock() and shm_checkid(): the segment of an id; -EINVAL when the slot is empty, -EIDRM when it holds a later segment. */
export function shm_checkid(this: K, shmid: number): ShmSegment | number {
  const { shm } = this.m;
  const found = shm.get(shmid);
  if (found !== undefined) return found;
  if (shmid < 0) return -EINVAL;
  for (const id of shm.keys()) if (slot(id) === slot(shmid)) return -EIDRM;
  return -EINVAL;
}

/** Whether the current task may do to a segment what `flag` (S_IRUGO, S_IWUGO…) says. 0 or -EACCES. */
export function ipcperms(this: K<'capable' | 'in_group_p'>, shp: ShmSegment, flag: number): number {
  const { current } = this.m;
  const requested = (flag >> 6) | (flag >> 3) | flag;
  let granted = shp.mode;
  if (current.euid === shp.cuid || current.euid === shp.uid) granted >>= 6;
  else if (this.in_group_p(shp.cgid) || this.in_group_p(shp.gid)) granted >>= 3;
  return (requested & ~granted & 0o7) !== 0 && !this.capable(CAP_IPC_OWNER) ? -EACCES : 0;
}

/** ipc_addid(): the lowest free slot and the next sequence number; -1 when the table is full. */
function shm_addid(m: Machine): number {
  const taken = new Set([...m.shm.keys()].map(slot));
  let free = 0;
  while (taken.has(free)) free++;
  if (free >= SHMMNI) return -1;
  const seq = m.next_shm_id;
  m.next_shm_id = seq + 1 > Math.floor(0x7fff_ffff / SEQ_MULTIPLIER) ? 0 : seq + 1;
  return SEQ_MULTIPLIER * seq + free;
}

/** A new segment; its id or an errno. */
export function newseg(this: K<'shmem_file_setup' | 'fput'>, key: number, shmflg: number, size: number): number {
  const { m } = this;
  const numpages = Math.ceil(size / m.PAGE_SIZE);
  if (size < SHMMIN || size > m.shm_ctlmax) return -EINVAL;
  if (m.shm_tot + numpages >= m.shm_ctlall) return -ENOSPC;
  if ((shmflg & SHM_HUGETLB) !== 0) return -ENOSYS; // hugetlb_zero_setup() without CONFIG_HUGETLBFS
  const set_up = this.shmem_file_setup(`SYSV${(key >>> 0).toString(16).padStart(8, '0')}`, size, VM_ACCOUNT);
  if (typeof set_up === 'number') return set_up;
  const file: File = { ...set_up, f_vm_ops: 'shm_vm_ops' };
  const id = shm_addid(m);
  if (id === -1) {
    this.fput(file);
    return -ENOSPC;
  }
  /* The inode number shown in /proc/PID/maps is the id of the segment. */
  const { f_inode } = file;
  f_inode.i_sb.inodes.delete(f_inode.i_ino);
  f_inode.i_ino = id;
  if (!f_inode.i_sb.inodes.has(id)) f_inode.i_sb.inodes.set(id, f_inode);
  const { tgid, euid, egid } = m.current;
  m.shm.set(id, {
    id, key, size, inode: f_inode, file, nattch: 0, cpid: tgid, lpid: 0, uid: euid, gid: egid, cuid: euid, cgid: egid, mode: shmflg & S_IRWXUGO, destroyed: false,
    locked: false, mlock_user: -1,
  });
  m.shm_tot += numpages;
  return id;
}

/** The id of the segment with a key, made if need be; or an errno. */
export function* sys_shmget(this: K<'newseg' | 'ipcperms'>, key: number, size: number, shmflg: number): MaySleep<number> {
  if (key === IPC_PRIVATE) return this.newseg(key, shmflg, size);
  for (const shp of this.m.shm.values()) {
    if (shp.key !== key) continue;
    if ((shmflg & IPC_CREAT) !== 0 && (shmflg & IPC_EXCL) !== 0) return -EEXIST;
    if (shp.size < size) return -EINVAL;
    return this.ipcperms(shp, shmflg) !== 0 ? -EACCES : shp.id;
  }
  return (shmflg & IPC_CREAT) === 0 ? -ENOENT : this.newseg(key, shmflg, size);
}

/** Nobody uses the segment any more: it goes, and its memory with it. */
export function shm_destroy(this: K<'shmem_lock' | 'fput'>, shp: ShmSegment): void {
  const { m } = this;
  m.shm_tot -= Math.ceil(shp.size / m.PAGE_SIZE);
  m.shm.delete(shp.id);
  if (shp.locked) this.shmem_lock(shp.file, 0, shp.mlock_user);
  this.fput(shp.file);
}

/** One attachment more, by a vma that was copied, split or made. */
export function shm_inc(this: K, id: number): void {
  const { m } = this;
  const shp = m.shm.get(id);
  if (shp === undefined) BUG(m, 'ipc/shm.c:shm_inc()');
  shp.lpid = m.current.tgid;
  shp.nattch++;
}

/** Whether the current task owns or made the segment. */
const owns = (m: Machine, shp: ShmSegment): boolean => m.current.euid === shp.uid || m.current.euid === shp.cuid;

/** SHM_INFO: what all segments together take. @returns the highest slot in use. */
function shmInfo(m: Machine, buf: ShmInfo | ShmidDs | typeof BAD_POINTER | undefined): number {
  if (typeof buf !== 'object') return -EFAULT;
  const info: ShmInfo = { used_ids: m.shm.size, shm_tot: m.shm_tot, shm_rss: 0, shm_swp: 0, swap_attempts: 0, swap_successes: 0 };
  let max_id = 0;
  for (const { id, inode } of m.shm.values()) {
    info.shm_rss += inode.i_mapping.nrpages;
    info.shm_swp += inode.shmem?.swapped ?? 0;
    max_id = Math.max(max_id, slot(id));
  }
  Object.assign(buf, info);
  return max_id;
}

/** IPC_RMID, SHM_LOCK, SHM_UNLOCK, IPC_STAT and IPC_SET; 0 or an errno. `buf` is for the last two, and for SHM_INFO, which takes any id. */
export function* sys_shmctl(
  this: K<'shm_checkid' | 'shm_rmid' | 'shmem_lock' | 'ipcperms' | 'capable'>, shmid: number, cmd: number, buf?: ShmidDs | ShmInfo | typeof BAD_POINTER,
): MaySleep<number> {
  const { m } = this;
  if (cmd < 0 || shmid < 0) return -EINVAL;
  if (cmd === SHM_INFO) return shmInfo(m, buf);
  if (![IPC_RMID, IPC_SET, IPC_STAT, SHM_LOCK, SHM_UNLOCK].includes(cmd)) return -EINVAL;
  if (cmd === IPC_SET && (buf === undefined || buf === BAD_POINTER)) return -EFAULT;
  const shp = this.shm_checkid(shmid);
  if (typeof shp === 'number') return shp;
  if (cmd === IPC_RMID) return this.shm_rmid(shp);
  if (cmd === SHM_LOCK || cmd === SHM_UNLOCK) return setLocked(this, shp, cmd);
  if (cmd === IPC_STAT) {
    if (this.ipcperms(shp, S_IRUGO) !== 0) return -EACCES;
    if (buf === undefined || buf === BAD_POINTER) return -EFAULT;
    const { key, uid, gid, cuid, cgid, size, cpid, lpid, nattch } = shp;
    Object.assign(buf, { key, uid, gid, cuid, cgid, size, cpid, lpid, nattch, mode: shp.mode | (shp.destroyed ? SHM_DEST : 0) | (shp.locked ? SHM_LOCKED : 0) });
    return 0;
  }
  if (!owns(m, shp) && !this.capable(CAP_SYS_ADMIN)) return -EPERM;
  if (typeof buf !== 'object' || !('uid' in buf)) return -EFAULT;
  shp.uid = buf.uid;
  shp.gid = buf.gid;
  shp.mode = buf.mode & S_IRWXUGO;
  return 0;
}

/** Destroys a segment, now or when its last attachment goes; from now on no key finds it. Its id still does. */
export function shm_rmid(this: K<'capable' | 'shm_destroy'>, shp: ShmSegment): number {
  if (!owns(this.m, shp) && !this.capable(CAP_SYS_ADMIN)) return -EPERM;
  if (shp.nattch > 0) {
    shp.destroyed = true;
    shp.key = IPC_PRIVATE;
  } else this.shm_destroy(shp);
  return 0;
}

/**
 * Keeps a segment's pages out of swap, or lets them go there again. Pages are not faulted in by it. As in 2.6.12 a second
 * SHM_LOCK charges nobody, but makes its caller the one whose charge SHM_UNLOCK takes back.
 */
function setLocked(k: K<'capable' | 'shmem_lock'>, shp: ShmSegment, cmd: number): number {
  const { m } = k;
  if (!k.capable(CAP_IPC_LOCK)) {
    if (!owns(m, shp)) return -EPERM;
    if (cmd === SHM_LOCK && m.current.signal.rlim[RLIMIT_MEMLOCK]!.rlim_cur === 0) return -EPERM;
  }
  if (cmd === SHM_UNLOCK) {
    if (shp.locked) k.shmem_lock(shp.file, 0, shp.mlock_user);
    shp.locked = false;
    return 0;
  }
  const error = k.shmem_lock(shp.file, 1, m.current.uid);
  if (error !== 0) return error;
  shp.mlock_user = m.current.uid;
  shp.locked = true;
  return 0;
}
