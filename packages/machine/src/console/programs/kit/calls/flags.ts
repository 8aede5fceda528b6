/** Names of the numbers that system calls take, as strace(1) prints them; the values are those of ia64 2.6.12 and of the series. */
import * as fcntl from '@pmkit/mm-core/include/asm-ia64/fcntl';
import * as mman from '@pmkit/mm-core/include/asm-ia64/mman';
import * as resource from '@pmkit/mm-core/include/linux/resource';
import { CONSTANTS } from '@pmkit/series/scenario';

/** Value → name, in the order in which they are printed. */
export type Names = readonly (readonly [value: number, name: string])[];

/** By value, as strace's tables are: the exports of a module come in the order of the alphabet. */
const pick = (from: Readonly<Record<string, unknown>>, prefix: string, leaveOut: readonly string[] = []): Names =>
  Object.entries(from)
    .filter((entry): entry is [string, number] => entry[0].startsWith(prefix) && typeof entry[1] === 'number' && !leaveOut.includes(entry[0]))
    .map(([name, value]) => [value, name] as const).sort(([one], [other]) => one - other);

/** Sets of bits. The name of 0, if there is one, is for a value without any bit. */
export const FLAGS = {
  prot: pick(mman, 'PROT_'),
  mmapflags: pick(mman, 'MAP_', ['MAP_TYPE']),
  mlockall: pick(mman, 'MCL_'),
  msync: pick(mman, 'MS_'),
  mbindflags: pick(CONSTANTS, 'MPOL_MF_'),
  policyflags: pick(CONSTANTS, 'MPOL_F_'),
  waitoptions: [[1, 'WNOHANG'], [2, 'WUNTRACED'], [8, 'WCONTINUED'], [0x20000000, '__WNOTHREAD'], [0x40000000, '__WALL'], [0x80000000, '__WCLONE']],
  shmatflags: [[0o10000, 'SHM_RDONLY'], [0o20000, 'SHM_RND'], [0o40000, 'SHM_REMAP'], [0o100000, 'SHM_EXEC']],
  shmgetflags: [[0o1000, 'IPC_CREAT'], [0o2000, 'IPC_EXCL']],
  openflags: [...pick(fcntl, 'O_', ['O_ACCMODE', 'O_RDONLY', 'O_WRONLY', 'O_RDWR'])],
  cloneflags: [
    [0x100, 'CLONE_VM'], [0x200, 'CLONE_FS'], [0x400, 'CLONE_FILES'], [0x800, 'CLONE_SIGHAND'], [0x4000, 'CLONE_VFORK'], [0x8000, 'CLONE_PARENT'], [0x10000, 'CLONE_THREAD'],
    [0x20000, 'CLONE_NEWNS'], [0x2000000, 'CLONE_STOPPED'],
  ],
  actionflags: [[1, 'SA_NOCLDSTOP'], [2, 'SA_NOCLDWAIT'], [0x10000000, 'SA_RESTART'], [0x80000000, 'SA_RESETHAND']],
} as const satisfies Readonly<Record<string, Names>>;

/** One of several. */
export const CHOICES = {
  policy: [[0, 'MPOL_DEFAULT'], [1, 'MPOL_PREFERRED'], [2, 'MPOL_BIND'], [3, 'MPOL_INTERLEAVE']],
  whence: pick(fcntl, 'SEEK_'),
  access: [[0, 'O_RDONLY'], [1, 'O_WRONLY'], [2, 'O_RDWR'], [3, 'O_ACCMODE']],
  shmcmd: [[0, 'IPC_RMID'], [1, 'IPC_SET'], [2, 'IPC_STAT'], [11, 'SHM_LOCK'], [12, 'SHM_UNLOCK']],
  advice: [[0, 'MADV_NORMAL'], [1, 'MADV_RANDOM'], [2, 'MADV_SEQUENTIAL'], [3, 'MADV_WILLNEED'], [4, 'MADV_DONTNEED']],
  which: [[0, 'PRIO_PROCESS'], [1, 'PRIO_PGRP'], [2, 'PRIO_USER']],
  resource: pick(resource, 'RLIMIT_'),
} as const satisfies Readonly<Record<string, Names>>;

const hex = (value: number): string => `0x${(value >>> 0).toString(16)}`;

/** strace's printflags(): names joined by `|`, what is left of the value in hexadecimal; nothing known: `0x40 /* MPOL_??? *\/`. */
export function flagsText(names: Names, value: number): string {
  if (value === 0) return names.find(([bit]) => bit === 0)?.[1] ?? '0';
  let rest = value >>> 0;
  const texts: string[] = [];
  for (const [bit, name] of names) {
    if (bit === 0 || (rest & bit) >>> 0 !== bit) continue;
    texts.push(name);
    rest = (rest & ~bit) >>> 0;
  }
  if (texts.length === 0) return `${hex(rest)} /* ${prefixOf(names)}??? */`;
  return rest === 0 ? texts.join('|') : `${texts.join('|')}|${hex(rest)}`;
}

/** strace's printxval(): the name, or the number with what it should have been. */
export function choiceText(names: Names, value: number): string {
  return names.find(([number]) => number === value)?.[1] ?? `${hex(value)} /* ${prefixOf(names)}??? */`;
}

const prefixOf = (names: Names): string => /^_*[A-Z]+_/.exec(names[0]![1])![0];
