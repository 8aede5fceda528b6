/** Copies of processes, as `cp /proc/PID/{maps,numa_maps,smaps,status} DIRECTORY` makes them. */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Task } from '@pmkit/mm-core';
import type { AnyKernel } from '@pmkit/series/levels';
import { ImportError, planImport, readProcess, type ImportedProcess } from '../../src/import/index.js';
import { PROC_PID_FILES } from '../../src/views/index.js';
import { scratch } from '../topology/helpers.js';

/** A solver on two nodes of an x86_64: bound heap, interleaved table, locked buffer, a library, a shared result, a stack. */
export const SOLVER: Readonly<Record<string, string>> = {
  maps: `00400000-00404000 r-xp 00000000 fe:00 1201                               /opt/bin/solver
00603000-00605000 rw-p 00003000 fe:00 1201                               /opt/bin/solver
01a00000-01a20000 rw-p 00000000 00:00 0                                  [heap]
7f0000000000-7f0000010000 rw-p 00000000 00:00 0 
7f0000010000-7f0000018000 rw-p 00000000 00:00 0 
7f1000000000-7f1000004000 r--p 00000000 fe:00 77                         /usr/lib/libc.so.6
7f1000004000-7f1000014000 r-xp 00004000 fe:00 77                         /usr/lib/libc.so.6
7f1000014000-7f1000016000 r--p 00013000 fe:00 77                         /usr/lib/libc.so.6
7f2000000000-7f2000008000 rw-s 00000000 fe:00 900                        /data/result file
7f2000010000-7f2000018000 rw-s 00000000 00:05 3                          /SYSV0000beef (deleted)
7f2000020000-7f2000024000 rw-s 00000000 00:01 1040                       /memfd:ring (deleted)
7ffd00000000-7ffd00021000 rw-p 00000000 00:00 0                          [stack]
7ffd00040000-7ffd00044000 r--p 00000000 00:00 0                          [vvar]
ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0                  [vsyscall]
`,
  numa_maps: `00400000 default file=/opt/bin/solver mapped=4 active=0 N0=4 kernelpagesize_kB=4
00603000 default file=/opt/bin/solver anon=1 dirty=1 mapped=2 active=1 N0=1 N1=1 kernelpagesize_kB=4
01a00000 bind:0 heap anon=20 dirty=20 N0=20 kernelpagesize_kB=4
7f0000000000 interleave:0-1 anon=12 dirty=12 N0=6 N1=6 kernelpagesize_kB=4
7f0000010000 default anon=8 dirty=8 N1=8 kernelpagesize_kB=4
7f1000000000 default file=/usr/lib/libc.so.6 mapped=4 mapmax=3 N0=4 kernelpagesize_kB=4
7f1000004000 default file=/usr/lib/libc.so.6 mapped=16 mapmax=3 N0=15 N1=1 kernelpagesize_kB=4
7f1000014000 default file=/usr/lib/libc.so.6 anon=1 dirty=1 mapped=2 N0=1 N1=1 kernelpagesize_kB=4
7f2000000000 default file=/data/result\\040file dirty=2 mapped=5 N0=2 N1=3 kernelpagesize_kB=4
7f2000010000 prefer:1 file=/SYSV0000beef\\040(deleted) dirty=3 N1=3 kernelpagesize_kB=4
7f2000020000 default file=/memfd:ring\\040(deleted) dirty=1 N0=1 kernelpagesize_kB=4
7ffd00000000 default stack anon=3 dirty=3 N0=3 kernelpagesize_kB=4
7ffd00040000 default
`,
  smaps: `7f0000010000-7f0000018000 rw-p 00000000 00:00 0 
Size:                 32 kB
KernelPageSize:        4 kB
Swap:                  8 kB
VmFlags: rd wr mr mw me lo ac 
7ffd00040000-7ffd00044000 r--p 00000000 00:00 0                          [vvar]
KernelPageSize:        4 kB
Swap:                  0 kB
VmFlags: rd mr io de pf 
`,
  status: `Name:\tsolver
Pid:\t4711
Uid:\t1000\t1000\t1000\t1000
Gid:\t100\t100\t100\t100
VmLck:\t      32 kB
Threads:\t3
Cpus_allowed_list:\t0-3
Mems_allowed_list:\t0-1
`,
};

/** A directory with these files; a text of `undefined` leaves one out. */
export function saved(files: Readonly<Record<string, string | undefined>>): string {
  const directory = path.join(scratch(), 'p');
  mkdirSync(directory);
  for (const [name, text] of Object.entries(files)) if (text !== undefined) writeFileSync(path.join(directory, name), text);
  return directory;
}

export const imported = (files: Readonly<Record<string, string | undefined>> = SOLVER): ImportedProcess => planImport(readProcess(saved(files)));

/** What /proc/PID shows of a simulated process. */
export function filesOf(k: AnyKernel, task: Task): Record<string, string> {
  return Object.fromEntries((['maps', 'numa_maps', 'smaps', 'status'] as const).map((name) => [name, PROC_PID_FILES[name].text(k, task)]));
}

/** Per vma what an import must keep: start, policy and pages by node. */
export const placements = (numaMaps: string): string[] =>
  numaMaps.trim().split('\n').map((line) => [...line.split(' ').slice(0, 2), ...(line.match(/ N\d+=\d+/g) ?? [])].join(' ').replaceAll('  ', ' '));

/** The error of `action`; a test that wants one must fail when there is none or another. */
export function importError(action: () => unknown): ImportError {
  try {
    action();
  } catch (error) {
    if (error instanceof ImportError) return error;
    throw error;
  }
  throw new Error('expected an ImportError, but nothing was thrown');
}
