/** Patch 6 of 10: mbind() and get_mempolicy() say, file by file, whether mapped pages are migrated. */
import { definePatch, type Over, type SymbolsOfPatch } from '@pmkit/linker';
import type { Kernel5 } from '@pmkit/p05-mempolicy-migration';
import { mbind_migration_policy, sys_get_mempolicy, sys_mbind } from './mm/mempolicy.js';

export const patch = definePatch({
  name: 'add-mempolicy-control-rc3.patch',
  package: '@pmkit/p06-mbind-control',
  after: 'sys_migrate_pages-mempolicy-migration-rc3.patch',
  replaces: { 'mm/mempolicy.c': { sys_mbind, sys_get_mempolicy } },
  adds: { 'mm/mempolicy.c': { mbind_migration_policy } },
});

/** The kernel with patches 1 to 6. */
export type Kernel6 = Over<Kernel5, SymbolsOfPatch<typeof patch>>;
