/** Patch 4 of 10: the system call migrate_pages(). */
import { definePatch, type Over, type SymbolsOfPatch } from '@pmkit/linker';
import type { Kernel3 } from '@pmkit/p03-node-map-argument';
import { sys_call_table } from './arch/ia64/kernel/entry.js';
import { cond_syscalls } from './kernel/sys_ni.js';
import * as mmigrate from './mm/mmigrate.js';

export const patch = definePatch({
  name: 'add-sys_migrate_pages-rc3.patch',
  package: '@pmkit/p04-sys-migrate-pages',
  after: 'add-node_map-arg-to-try_to_migrate_pages-rc3.patch',
  replaces: { 'arch/ia64/kernel/entry.S': { sys_call_table }, 'kernel/sys_ni.c': { cond_syscalls } },
  adds: { 'mm/mmigrate.c': mmigrate },
});

/** The kernel with patches 1 to 4. */
export type Kernel4 = Over<Kernel3, SymbolsOfPatch<typeof patch>>;
export { __NR_migrate_pages } from './arch/ia64/kernel/entry.js';
