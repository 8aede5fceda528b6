/** Patch 3 of 10: try_to_migrate_pages() takes a node map. */
import { definePatch, type Over, type SymbolsOfPatch } from '@pmkit/linker';
import type { Kernel2 } from '@pmkit/p02-xfs-migrate-page';
import * as mmigrate_h from './include/linux/mmigrate.js';
import * as mmigrate from './mm/mmigrate.js';

export const patch = definePatch({
  name: 'add-node_map-arg-to-try_to_migrate_pages-rc3.patch',
  package: '@pmkit/p03-node-map-argument',
  after: 'xfs-migrate-page-rc3.patch',
  reprototypes: { 'mm/mmigrate.c': mmigrate },
  adds: { 'include/linux/mmigrate.h': mmigrate_h },
});

/** The kernel with patches 1 to 3. */
export type Kernel3 = Over<Kernel2, SymbolsOfPatch<typeof patch>>;
export type { NodeMap } from './include/linux/mmigrate.js';
