/** Resource limits (include/asm-generic/resource.h, linux/resource.h, asm-ia64/resource.h of 2.6.12). */
import { DEFAULT_USER_STACK_SIZE } from '../asm-ia64/processor.js';

export const RLIMIT_CPU = 0;
export const RLIMIT_FSIZE = 1;
export const RLIMIT_DATA = 2;
export const RLIMIT_STACK = 3;
export const RLIMIT_CORE = 4;
export const RLIMIT_RSS = 5;
export const RLIMIT_NPROC = 6;
export const RLIMIT_NOFILE = 7;
export const RLIMIT_MEMLOCK = 8;
export const RLIMIT_AS = 9;
export const RLIMIT_SIGPENDING = 11;
/** 19 - the lowest nice value that may be had without CAP_SYS_NICE. */
export const RLIMIT_NICE = 13;
export const RLIM_NLIMITS = 15;
export const RLIM_INFINITY = Infinity;
const _STK_LIM = 8 * 1024 * 1024;

/** struct rlimit, in bytes (RLIMIT_NPROC: processes). */
export interface Rlimit { rlim_cur: number; rlim_max: number }

/**
 * INIT_RLIMITS: 8 pages of locked memory, 8 MB of stack (2 GB at most), 1024 files. Left open, although 2.6.12 derives them from the
 * size of memory: RLIMIT_NPROC and RLIMIT_SIGPENDING.
 */
export function init_rlimits(pageSize: number): Rlimit[] {
  const limits = Array.from({ length: RLIM_NLIMITS }, () => ({ rlim_cur: RLIM_INFINITY, rlim_max: RLIM_INFINITY }));
  limits[RLIMIT_STACK] = { rlim_cur: _STK_LIM, rlim_max: DEFAULT_USER_STACK_SIZE };
  limits[RLIMIT_CORE] = { rlim_cur: 0, rlim_max: RLIM_INFINITY };
  limits[RLIMIT_NOFILE] = { rlim_cur: 1024, rlim_max: 1024 };
  limits[RLIMIT_MEMLOCK] = { rlim_cur: 8 * pageSize, rlim_max: 8 * pageSize };
  limits[RLIMIT_NICE] = { rlim_cur: 0, rlim_max: 0 };
  return limits;
}
