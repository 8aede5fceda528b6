/** The file systems, programs and libraries of the story's machine, as a batch system of 2005 would have them. */
import { elfProgram, type ElfProgram } from '@pmkit/mm-core/model/elf';
import type { SuperBlock } from '@pmkit/mm-core/include/linux/fs';
import type { AnyKernel } from '@pmkit/series/levels';
import type { Plan } from './plan.js';

export const PROGRAMS = { solver: '/data/bin/solver', analysis: '/data/bin/analysis', urgent: '/data/bin/urgent', daemon: '/usr/sbin/daemon' } as const;
const LIBC = '/lib/tls/libc-2.3.4.so';
const LIBM = '/lib/tls/libm-2.3.4.so';
const LIBMPI = '/usr/lib/libmpi.so';
const LD_SO = '/lib/ld-linux-ia64.so.2';
const LOCALE = '/usr/lib/locale/locale-archive';
const LIBRARIES: Readonly<Record<string, ElfProgram>> = {
  [LD_SO]: elfProgram({ e_type: 'ET_DYN', text: 11, data: 2, bss: 1, gap: 3, startup: 8 }),
  [LIBC]: elfProgram({ e_type: 'ET_DYN', text: 148, data: 4, bss: 2, gap: 3, relocated: 2, startup: 30 }),
  [LIBM]: elfProgram({ e_type: 'ET_DYN', text: 46, data: 1, gap: 3, startup: 4 }),
  [LIBMPI]: elfProgram({ e_type: 'ET_DYN', text: 72, data: 6, bss: 8, gap: 3, relocated: 3, startup: 24 }),
};
/** Read-only input every process maps. */
export const TABLE_FILE = '/data/tables/opacity';
/** Mapped shared and writable by all: the job's result. */
export const RESULT_FILE = '/data/run/result';
/** Mapped private and writable by each: a template that it changes for itself. */
export const STATE_FILE = '/data/run/state';

function install(k: AnyKernel, sb: SuperBlock, path: string, program: ElfProgram): void {
  const inode = k.new_inode(sb, path, (program.text + program.data) * k.m.PAGE_SIZE, 0o755);
  inode.program = program;
}

/** Mounts /data (xfs), adds swap, and puts the programs, libraries and data files in place. */
export function prepareFiles(k: AnyKernel, plan: Plan): void {
  const { PAGE_SIZE } = k.m;
  const root = k.m.super_blocks.find(sb => sb.s_root === '/')!;
  const data = k.new_super_block('xfs', '/data', k.add_disk('sdb', 8, 16, 1), Math.min(4096, PAGE_SIZE));
  for (const [path, library] of Object.entries(LIBRARIES)) install(k, root, path, library);
  k.new_inode(root, LOCALE, 24 * PAGE_SIZE, 0o644);
  const dynamic = { interp: LD_SO, locale: [LOCALE] };
  install(k, root, PROGRAMS.daemon, elfProgram({ ...dynamic, text: 6, data: 1, bss: 1, needed: [LIBC] }));
  install(k, data, PROGRAMS.solver, elfProgram({ text: 64, data: 4, bss: 16, startup: 8 }));
  install(k, data, PROGRAMS.analysis, elfProgram({ ...dynamic, text: 40, data: 3, bss: 8, startup: 6, needed: [LIBMPI, LIBM, LIBC] }));
  install(k, data, PROGRAMS.urgent, elfProgram({ text: 32, data: 2, bss: 4 }));
  for (const path of [TABLE_FILE, RESULT_FILE, STATE_FILE]) k.new_inode(data, path, plan.file * PAGE_SIZE, path === TABLE_FILE ? 0o644 : 0o666);
}
