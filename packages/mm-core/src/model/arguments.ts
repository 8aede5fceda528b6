/** Arguments of system calls as C sees them, and their caller's memory. */
import { BUG } from '../include/linux/kernel.js';
import type { Mm } from '../include/linux/mm_types.js';
import type { Machine } from '../machine.js';

const ULONG = 2 ** 64;
/** An argument as C's unsigned long: wraps at 2^64. */
export const ulong = (value: number): number => (value < 0 ? value + ULONG : value >= ULONG ? value - ULONG : value);

/** The mm of a system call's caller. A kernel thread has none: 2.6.12 follows a NULL pointer there. */
export function callersMm(m: Machine, where: string): Mm {
  return m.current.mm ?? BUG(m, where);
}
