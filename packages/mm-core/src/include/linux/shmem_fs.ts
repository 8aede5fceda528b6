/** enum sgp_type of mm/shmem.c: what shmem_getpage() is called for. */

/** Do not go behind the end of the file, do not allocate. */
export const SGP_READ = 1;
/** Do not go behind the end of the file, may allocate: a fault. */
export const SGP_CACHE = 2;
/** May go behind the end of the file, may allocate: write(). */
export const SGP_WRITE = 3;
