/** kernel/sys_ni.c: what an empty slot of the system call table points to, and the calls that a configuration can leave out. */
import { ENOSYS } from '../include/linux/errno.js';
import type { MaySleep } from '../include/linux/wait.js';
import type { K } from '../kernel-table.js';

/**
 * cond_syscall(): weak system calls, function → the option of the configuration that brings a real one; without it the call is
 * sys_ni_syscall(). A system call's entry looks here.
 */
export const cond_syscalls: Readonly<Record<string, string>> = { sys_swapon: 'CONFIG_SWAP', sys_swapoff: 'CONFIG_SWAP' };

/** @returns always -ENOSYS. */
 
export function* sys_ni_syscall(this: K): MaySleep<number> {
  return -ENOSYS;
}
