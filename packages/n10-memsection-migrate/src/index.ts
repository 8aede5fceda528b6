/** N1.0 of the memory hotplug patches: capture_page_range() migrates. A host patch of the series: it applies on the base tree and on levels 1 to 9. */
import { definePatch, type Over, type SymbolsOfPatch } from '@pmkit/linker';
import type { Kernel0 } from '@pmkit/mm-core';
import { __remove_pages } from './mm/memory_hotplug.js';
import {
  __free_pages_ok, __pagevec_free, capture_page_range, free_cold_page, free_hot_page, grab_capturing_pages, lru_drain_schedule, steal_page,
} from './mm/page_alloc.js';

export const patch = definePatch({
  name: 'N1.0-memsection_migrate.patch',
  package: '@pmkit/n10-memsection-migrate',
  after: [
    'AA-PM-99-x86_64-IMMOVABLE.patch', 'hirokazu-steal_page_from_lru.patch', 'xfs-migrate-page-rc3.patch', 'add-node_map-arg-to-try_to_migrate_pages-rc3.patch',
    'add-sys_migrate_pages-rc3.patch', 'sys_migrate_pages-mempolicy-migration-rc3.patch', 'add-mempolicy-control-rc3.patch',
    'sys_migrate_pages-migration-selection-rc3.patch', 'sys_migrate_pages-cpuset-support.patch', 'sys_migrate_pages-permissions-check.patch',
  ],
  replaces: { 'mm/page_alloc.c': { __free_pages_ok, __pagevec_free, free_cold_page, free_hot_page } },
  adds: {
    'mm/page_alloc.c': { capture_page_range, grab_capturing_pages, lru_drain_schedule, steal_page },
    'mm/memory_hotplug.c': { __remove_pages },
  },
});

/** The base kernel with N1.0. */
export type KernelN10 = Over<Kernel0, SymbolsOfPatch<typeof patch>>;
