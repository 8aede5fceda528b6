/** Patch 9 of 10: who may migrate whom. */
import { definePatch, type Over, type SymbolsOfPatch } from '@pmkit/linker';
import type { Kernel8 } from '@pmkit/p08-cpuset-support';
import { sys_migrate_pages } from './mm/mmigrate.js';

export const patch = definePatch({
  name: 'sys_migrate_pages-permissions-check.patch',
  package: '@pmkit/p09-permissions-check',
  after: 'sys_migrate_pages-cpuset-support.patch',
  replaces: { 'mm/mmigrate.c': { sys_migrate_pages } },
});

/** The kernel with patches 1 to 9. */
export type Kernel9 = Over<Kernel8, SymbolsOfPatch<typeof patch>>;
