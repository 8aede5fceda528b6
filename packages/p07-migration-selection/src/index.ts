/** Patch 7 of 10: which vmas are migrated. */
import { definePatch, type Over, type SymbolsOfPatch } from '@pmkit/linker';
import type { Kernel6 } from '@pmkit/p06-mbind-control';
import * as mmigrate from './mm/mmigrate.js';

export const patch = definePatch({
  name: 'sys_migrate_pages-migration-selection-rc3.patch',
  package: '@pmkit/p07-migration-selection',
  after: 'add-mempolicy-control-rc3.patch',
  replaces: { 'mm/mmigrate.c': mmigrate },
});

/** The kernel with patches 1 to 7. */
export type Kernel7 = Over<Kernel6, SymbolsOfPatch<typeof patch>>;
