/** Arguments of mmap(), mprotect(), mlockall() and madvise() (include/asm-ia64/mman.h of 2.6.12). */
export const PROT_NONE = 0x0;
export const PROT_READ = 0x1;
export const PROT_WRITE = 0x2;
export const PROT_EXEC = 0x4;
export const PROT_SEM = 0x8;
export const PROT_GROWSDOWN = 0x0100_0000;
export const PROT_GROWSUP = 0x0200_0000;

export const MAP_SHARED = 0x01;
export const MAP_PRIVATE = 0x02;
export const MAP_TYPE = 0x0f;
export const MAP_FIXED = 0x10;
export const MAP_ANONYMOUS = 0x20;
export const MAP_GROWSDOWN = 0x00100;
export const MAP_GROWSUP = 0x00200;
export const MAP_DENYWRITE = 0x00800;
export const MAP_EXECUTABLE = 0x01000;
export const MAP_LOCKED = 0x02000;
export const MAP_NORESERVE = 0x04000;
export const MAP_POPULATE = 0x08000;
export const MAP_NONBLOCK = 0x10000;

/* msync() */
export const MS_ASYNC = 1;
export const MS_INVALIDATE = 2;
export const MS_SYNC = 4;

export const MCL_CURRENT = 1;
export const MCL_FUTURE = 2;

/** SHMLBA: shared mappings are put at multiples of 1 MB against virtual aliases (asm-ia64/shmparam.h). */
export const MMAP_SHARED_ALIGN = 1024 * 1024;

/* madvise() */
export const MADV_NORMAL = 0x0;
export const MADV_RANDOM = 0x1;
export const MADV_SEQUENTIAL = 0x2;
export const MADV_WILLNEED = 0x3;
export const MADV_DONTNEED = 0x4;
