/**
 * Views of the kernel: what a file of /proc or /sys says when it is read, as a pure function of the machine's state. Where the files
 * are mounted, who may open them and how they are read in pieces is the business of whoever mounts them.
 */
import type { Machine, Task } from '@pmkit/mm-core';
import type { AnyKernel } from '@pmkit/series/levels';

/** A file. `Subject` is what its directory stands for: a task (/proc/PID), a node id (/sys/devices/system/node/nodeN), or nothing. */
export interface View<Subject = void> {
  /** One line for lists of files. */
  readonly summary: string;
  /** Permission bits of the file, which belongs to root; default 0o444. */
  readonly mode?: number;
  /** The kernel that first had the file, for those that 2.6.12 had not. They are here because today's tools read them. */
  readonly since?: string;
  /** All of the file. Reading changes nothing. */
  text(k: AnyKernel, subject: Subject): string;
  /** Whether reading fails: 0, or a negative errno. Absent: it never does. */
  readError?(k: AnyKernel, subject: Subject): number;
  /** What `task` writes, as echo does it: all of the text, or up to the first error. @returns 0 or a negative errno. Absent: nobody can write. */
  write?(k: AnyKernel, task: Task, text: string): number;
}

/** Files of one directory, by path below it. */
export type Views<Subject = void> = Readonly<Record<string, View<Subject>>>;

/** The macro K() of the kernel's files: pages in kilobytes. */
export const kB = (m: Machine, pages: number): number => (pages * m.PAGE_SIZE) / 1024;

/** A whole number as C prints it with `%lu`: a negative one wraps around at 2^64, an infinite one is RLIM_INFINITY. */
export function lu(value: number): string {
  if (value >= 0 && value <= Number.MAX_SAFE_INTEGER) return String(value);
  return value === Infinity ? '18446744073709551615' : BigInt.asUintN(64, BigInt(value)).toString();
}

/** An address, or anything else that is printed with `%08lx`. Addresses of pages are exact, however high. */
export const hex = (value: number, digits = 8): string => value.toString(16).padStart(digits, '0');

/** seq_path(): a path in which each of the characters of `special` is written as a backslash and three octal digits. */
export function escapePath(path: string, special: string): string {
  let text = '';
  for (const character of path) text += special.includes(character) ? `\\${character.charCodeAt(0).toString(8).padStart(3, '0')}` : character;
  return text;
}
