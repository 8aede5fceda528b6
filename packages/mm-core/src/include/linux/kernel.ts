/** printk levels and BUG(): a kernel that does wrong leaves a log line and a dead task, never a JavaScript error. */
import type { Machine } from '../../machine.js';

export const KERN_EMERG = 0;
export const KERN_ALERT = 1;
export const KERN_CRIT = 2;
export const KERN_ERR = 3;
export const KERN_WARNING = 4;
export const KERN_NOTICE = 5;
export const KERN_INFO = 6;
export const KERN_DEBUG = 7;

export interface LogLine { /** simulated ms */ readonly time: number; readonly level: number; readonly text: string }

/** Thrown by BUG() and caught where the kernel was entered, which kills the current task. Never leaves the package. */
export class KernelBug extends Error {
  override readonly name = 'KernelBug';
}
/** Thrown when a lock can never be had: the current task spins for ever. Caught where the kernel was entered. */
export class KernelLockup extends Error {
  override readonly name = 'KernelLockup';
}

export function printk(m: Machine, level: number, text: string): void {
  m.log.push({ time: m.now, level, text });
}

/**
 * BUG(): logs and abandons the kernel path of the current task; locks stay as they are.
 * @param where kernel file and function; 2.6.12 prints a line number, which the simulated kernel does not have.
 */
export function BUG(m: Machine, where: string): never {
  printk(m, KERN_EMERG, `kernel BUG at ${where}!`);
  throw new KernelBug(where);
}
export function BUG_ON(m: Machine, condition: boolean, where: string): void {
  if (condition) BUG(m, where);
}
/** WARN_ON(): a line in the log, nothing else. */
export function WARN_ON(m: Machine, condition: boolean, where: string): void {
  if (condition) printk(m, KERN_ERR, `Badness in ${where}`);
}
