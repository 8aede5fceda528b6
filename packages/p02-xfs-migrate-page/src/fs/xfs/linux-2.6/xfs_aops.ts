/**
 * fs/xfs/linux-2.6/xfs_aops.c as patch 2 leaves it: file pages of XFS migrate with their buffers, without being written out.
 *
 * Source: rc3 2/10, xfs-migrate-page-rc3.patch by Nathan Scott (10 insertions in this file). ext2 and ext3 of the hotplug tree
 * had such a method already.
 */
import { linvfs_aops as linvfs_aops_before } from '@pmkit/mm-core/fs/xfs/linux-2.6/xfs_aops';
import type { AddressSpaceOperations, K, MaySleep, Page } from '@pmkit/mm-core';

/** struct address_space_operations linvfs_aops, with the method. */
export const linvfs_aops: AddressSpaceOperations = { ...linvfs_aops_before, migrate_page: 'linvfs_migrate_page' };

/**
 * Moves `from` to `to`, buffer heads included. May sleep.
 * @returns 0 or -errno, see generic_migrate_page().
 */
export function* linvfs_migrate_page(this: K<'generic_migrate_page'>, from: Page, to: Page): MaySleep<number> {
  return yield* this.generic_migrate_page(from, to, 'migrate_page_buffer');
}
