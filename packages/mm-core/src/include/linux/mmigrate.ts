/** include/linux/mmigrate.h of the hotplug tree: constants and the points of it that nobody can look up any more. */
import { EBUSY } from './errno.js';
import { GFP_HIGHUSER } from './gfp.js';

/** migrate_onepage(): allocate the new page wherever the caller's policy puts it. */
export const MIGRATE_NODE_ANY = -1;

/**
 * The text of 2.6.12-rc5-mhp1's mm/mmigrate.c is not to be found in full. What follows is what its callers, its copies in
 * later mails and its ancestors of 2004 leave open; each has the likely value as default and can be set per machine.
 */
export interface MigrationReconstruction {
  /** References a page may have left for migrate_page_common(): page cache and the migrator. Comparison seen, value recalled. */
  readonly freeable_page_count: number;
  /** The same where buffers stay attached (migrate_page_buffer()): one more. */
  readonly freeable_page_count_buffers: number;
  /** What migrate_page_common() returns when its 5000 ms are over. Not seen. */
  readonly timeout_errno: number;
  /** ms that one page is waited for: seen in the non-blocking copy of June 2005. */
  readonly timeout_ms: number;
  readonly sleep_ms: number;
  /** gfp mask of swapper_space: vanilla 2.6.12 has none; the migration-cache patches set GFP_HIGHUSER for theirs. */
  readonly swapper_space_gfp: number;
  /** Whether try_to_unmap() records every address it unmaps (later versions) or only young and locked ones (2004). */
  readonly record_all_unmapped: boolean;
  /**
   * Whether migrate_onepage() unlocks a page whose ->migrate_page() refused it and left it locked, as xfs_skip_migrate_page() of patch 2
   * does. Its non-blocking copy of 4 June 2005 does not, and the second pass would then wait for ever for a lock that the first one left;
   * by default the page is merely busy, which is what the method is for.
   */
  readonly unlock_refused_page: boolean;
  /**
   * What becomes of a fault that meets an anonymous page between its unmapping and its remapping by a migration. `oom`: VM_FAULT_OOM,
   * "VM: killing process". That such processes are sometimes killed is what the overview says (unresolved issue 1); that it is this fault
   * is deduced, and how it comes about is not known: the only trace of it (11 February 2005) is from a tree with the migration cache.
   * `wait`: it waits for the migration and goes on, which is what 2.6.12 and those pieces of the hotplug tree that can still be read
   * would do.
   */
  readonly racing_fault: 'oom' | 'wait';
  /** Whether inactive pages are released instead of migrated. The header comment of try_to_migrate_pages() allows it; the code is not seen. */
  readonly release_inactive: boolean;
}

export const RECONSTRUCTION: MigrationReconstruction = {
  freeable_page_count: 2,
  freeable_page_count_buffers: 3,
  timeout_errno: -EBUSY,
  timeout_ms: 5000,
  sleep_ms: 10,
  swapper_space_gfp: GFP_HIGHUSER,
  record_all_unmapped: true,
  unlock_refused_page: true,
  racing_fault: 'oom',
  release_inactive: false,
};
