/** Directions of block I/O. */

export const READ = 0;
export const WRITE = 1;
