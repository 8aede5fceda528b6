/** Patch 8 of 10: both the target and the caller must be allowed to use the new nodes. */
import { definePatch, type Over, type SymbolsOfPatch } from '@pmkit/linker';
import type { Kernel7 } from '@pmkit/p07-migration-selection';
import * as cpuset from './kernel/cpuset.js';
import * as mmigrate from './mm/mmigrate.js';

export const patch = definePatch({
  name: 'sys_migrate_pages-cpuset-support.patch',
  package: '@pmkit/p08-cpuset-support',
  after: 'sys_migrate_pages-migration-selection-rc3.patch',
  replaces: { 'mm/mmigrate.c': mmigrate },
  adds: { 'kernel/cpuset.c': cpuset },
});

/** The kernel with patches 1 to 8. */
export type Kernel8 = Over<Kernel7, SymbolsOfPatch<typeof patch>>;
