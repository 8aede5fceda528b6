/** System V shared memory: constants of include/linux/shm.h, ipc.h and stat.h. */
export const IPC_PRIVATE = 0;
export const IPC_CREAT = 0o1000;
export const IPC_EXCL = 0o2000;
export const IPC_RMID = 0;
export const IPC_SET = 1;
export const IPC_STAT = 2;
export const SHM_LOCK = 11;
export const SHM_UNLOCK = 12;
export const SHM_INFO = 14;

/** shmget(): the segment is of huge pages. */
export const SHM_HUGETLB = 0o4000;

/** shmat() flags. */
export const SHM_RDONLY = 0o10000;
export const SHM_RND = 0o20000;
export const SHM_REMAP = 0o40000;
export const SHM_EXEC = 0o100000;

/** Limits: bytes of a segment, segments, and kernel.shmall's factor. */
export const SHMMIN = 1;
export const SHMMAX = 0x200_0000;
export const SHMMNI = 4096;
/** IPCMNI: an id is the slot plus this many times the sequence number. */
export const SEQ_MULTIPLIER = 32768;
/** ia64: segments attach at multiples of 1 MB (asm-ia64/shmparam.h), in the kernel's view; not enforced without SHM_RND. */
export const SHMLBA = 1024 * 1024;

export const S_IRUGO = 0o444;
export const S_IWUGO = 0o222;
export const S_IXUGO = 0o111;
export const S_IRWXUGO = 0o777;

/** struct shmid_ds, what IPC_STAT tells and IPC_SET takes uid, gid and mode from; times are left out. */
export interface ShmidDs {
  key: number; uid: number; gid: number; cuid: number; cgid: number; mode: number; size: number; cpid: number; lpid: number; nattch: number;
}
/** struct shm_info, what SHM_INFO tells: segments, and pages reserved, in memory and swapped out; the last two are always 0. */
export interface ShmInfo { used_ids: number; shm_tot: number; shm_rss: number; shm_swp: number; swap_attempts: number; swap_successes: number }
/** In `mode` beside the permission bits. */
export const SHM_DEST = 0o1000;
export const SHM_LOCKED = 0o2000;
