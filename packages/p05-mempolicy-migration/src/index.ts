/** Patch 5 of 10: the memory policies of the process and of its vmas are rewritten for the new nodes. */
import { definePatch, type Over, type SymbolsOfPatch } from '@pmkit/linker';
import type { Kernel4 } from '@pmkit/p04-sys-migrate-pages';
import * as mempolicy from './mm/mempolicy.js';
import * as mmigrate from './mm/mmigrate.js';

export const patch = definePatch({
  name: 'sys_migrate_pages-mempolicy-migration-rc3.patch',
  package: '@pmkit/p05-mempolicy-migration',
  after: 'add-sys_migrate_pages-rc3.patch',
  replaces: { 'mm/mmigrate.c': mmigrate },
  adds: { 'mm/mempolicy.c': mempolicy },
});

/** The kernel with patches 1 to 5. */
export type Kernel5 = Over<Kernel4, SymbolsOfPatch<typeof patch>>;
