/**
 * Where things are in an ia64 address space (include/asm-ia64/processor.h, ustack.h, system.h, pgtable.h of 2.6.12).
 *
 *     region 0  page 0: NaT page          region 1  mmap: libraries, anonymous memory, from TASK_UNMAPPED_BASE up
 *     region 2  text of the program       region 3  its data, the heap upwards; register and memory stack at the top
 *     region 5  gate page (kernel)
 */
import type { Machine } from '../../machine.js';
import type { Address } from '../linux/types.js';
import { RGN_MAP_LIMIT } from './pgtable.js';

/** End of user addresses: the start of region 5. Only the low RGN_MAP_LIMIT bytes of each region can be mapped. */
export const TASK_SIZE: Address = 0xa000_0000_0000_0000;
export const TASK_UNMAPPED_BASE: Address = 0x2000_0000_0000_0000;
/** Where the linker puts the text and the data of a program that is not position independent. */
export const TEXT_BASE: Address = 0x4000_0000_0000_0000;
export const DATA_BASE: Address = 0x6000_0000_0000_0000;
export const STACK_TOP = (m: Machine): Address => 0x6000_0000_0000_0000 + RGN_MAP_LIMIT(m);
/** Hard limit of RLIMIT_STACK, and with it the distance of the register backing store from STACK_TOP. */
export const DEFAULT_USER_STACK_SIZE = 2 ** 31;
export const MAX_USER_STACK_SIZE = (m: Machine): number => RGN_MAP_LIMIT(m) / 2;
/** Gate page: system call entry and signal trampolines, in kernel space but readable by users. */
export const GATE_ADDR: Address = 0xa000_0000_0000_0000;
export const PERCPU_PAGE_SIZE = 65_536;
/** FIXADDR_USER_END: what /proc/PID/maps shows behind the last vma. */
export const FIXADDR_USER_END: Address = GATE_ADDR + 2 * PERCPU_PAGE_SIZE;
