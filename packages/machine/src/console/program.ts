/**
 * Programs of the console: what stands in /bin on a real machine. A program is code of ours that runs as a process of the simulated
 * machine: everything it does to memory, files, policies and other processes it does by system calls of its own task.
 */
import type { Process } from './process.js';

export interface Program {
  /** Where it is installed, `/usr/bin/numactl`; the last component is the command. */
  readonly path: string;
  /** One line for lists: what it is for. */
  readonly summary: string;
  /**
   * The manual page that `man` prints: synopsis, options, what differs from the real program; files or behaviour that 2.6.12 did not have are marked as such.
   */
  readonly manual: string;
  /** Pages of text and data of its ELF file, and shared libraries besides libc it is linked to; default 6, 1, none. */
  readonly text?: number;
  readonly data?: number;
  readonly libraries?: readonly ('libnuma' | 'libm')[];
  /**
   * main(). What it prints goes where its descriptors lead before it next gives the CPU up, and at its end; see Process. @returns the exit code, 0 to 255.
   * Errors of use are printed with `p.err()` and are an exit code, never thrown.
   */
  run(p: Process): Promise<number> | number;
}

/** The command a program is started by. */
export const commandOf = (program: Program): string => program.path.slice(program.path.lastIndexOf('/') + 1);
