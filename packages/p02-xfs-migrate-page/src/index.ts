/** Patch 2 of 10: a migrate_page method for XFS. */
import { definePatch, type Over, type SymbolsOfPatch } from '@pmkit/linker';
import type { Kernel1 } from '@pmkit/p01-steal-page-from-lru';
import { linvfs_aops, linvfs_migrate_page } from './fs/xfs/linux-2.6/xfs_aops.js';
import { mapping_aops, xfs_skip_migrate_page } from './fs/xfs/linux-2.6/xfs_buf.js';

export const patch = definePatch({
  name: 'xfs-migrate-page-rc3.patch',
  package: '@pmkit/p02-xfs-migrate-page',
  after: 'hirokazu-steal_page_from_lru.patch',
  replaces: {
    'fs/xfs/linux-2.6/xfs_aops.c': { linvfs_aops },
    'fs/xfs/linux-2.6/xfs_buf.c': { mapping_aops },
  },
  adds: {
    'fs/xfs/linux-2.6/xfs_aops.c': { linvfs_migrate_page },
    'fs/xfs/linux-2.6/xfs_buf.c': { xfs_skip_migrate_page },
  },
});

/** The kernel with patches 1 and 2. */
export type Kernel2 = Over<Kernel1, SymbolsOfPatch<typeof patch>>;
