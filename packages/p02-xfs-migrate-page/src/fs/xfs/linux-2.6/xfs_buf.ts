/**
 * fs/xfs/linux-2.6/xfs_buf.c as patch 2 leaves it: XFS metadata pages refuse to migrate.
 *
 * Source: rc3 2/10, xfs-migrate-page-rc3.patch by Nathan Scott (7 insertions in this file). Asked what it would take to migrate
 * metadata, he answered: freeze the file system, flush, drop the cache pages, thaw (linux-mm, June 2005).
 */
import { mapping_aops as mapping_aops_before } from '@pmkit/mm-core/fs/xfs/linux-2.6/xfs_buf';
import { EBUSY } from '@pmkit/mm-core/include/linux/errno';
import type { AddressSpaceOperations, K, MaySleep, Page } from '@pmkit/mm-core';

/** The operations of the buftarg mapping, static in xfs_mapping_buftarg(), with the method. */
export const mapping_aops: AddressSpaceOperations = { ...mapping_aops_before, migrate_page: 'xfs_skip_migrate_page' };

/** @returns always -EBUSY: the page stays where it is and counts as busy. */
 
export function* xfs_skip_migrate_page(this: K, _from: Page, _to: Page): MaySleep<number> {
  return -EBUSY;
}
