/** What is installed on the console's machine: the C library and its linker, and an ELF file for every command. */
import { elfProgram, type ElfProgram } from '@pmkit/mm-core/model/elf';
import type { AnyKernel } from '@pmkit/series/levels';
import type { Program } from './program.js';

const LD_SO = '/lib/ld-linux-ia64.so.2';
const LIBC = '/lib/tls/libc-2.3.4.so';
/** Sizes in pages of 16 KB, as glibc 2.3.4 and libnuma of the time had on ia64, rounded. */
const LIBRARIES: Readonly<Record<string, ElfProgram>> = {
  [LD_SO]: elfProgram({ e_type: 'ET_DYN', text: 11, data: 2, bss: 1, gap: 3, startup: 4 }),
  [LIBC]: elfProgram({ e_type: 'ET_DYN', text: 148, data: 4, bss: 2, gap: 3, relocated: 2, startup: 8 }),
  '/lib/tls/libm-2.3.4.so': elfProgram({ e_type: 'ET_DYN', text: 46, data: 1, gap: 3, startup: 1 }),
  '/usr/lib/libnuma.so.1': elfProgram({ e_type: 'ET_DYN', text: 2, data: 1, bss: 1, gap: 3, startup: 1 }),
};
const LIBRARY_PATHS = { libm: '/lib/tls/libm-2.3.4.so', libnuma: '/usr/lib/libnuma.so.1' } as const;

function install(k: AnyKernel, path: string, program: ElfProgram): void {
  const root = k.m.super_blocks.find(sb => sb.s_root === '/')!;
  k.new_inode(root, path, (program.text + program.data) * k.m.PAGE_SIZE, 0o755).program = program;
}

/** The shell's own program. */
export const BASH_PATH = '/bin/bash';

/** What of a program is on the disk. */
export type Installed = Pick<Program, 'path' | 'text' | 'data' | 'libraries'>;

/** Puts libraries and programs on the root file system of a machine that was just booted. */
export function installSystem(k: AnyKernel, programs: Iterable<Installed>): void {
  for (const [path, library] of Object.entries(LIBRARIES)) install(k, path, library);
  for (const { path, text = 6, data = 1, libraries = [] } of programs) {
    install(k, path, elfProgram({ text, data, bss: 1, interp: LD_SO, needed: [...libraries.map(name => LIBRARY_PATHS[name]), LIBC] }));
  }
}
