/**
 * The series of the tree: the order in which the patches of the mail go into the broken-out memory hotplug patches of
 * 2.6.12-rc5-mhp1. Names, order and both places of insertion are those of the overview (rc3 0/10): patches 1 to 9 follow
 * AA-PM-99-x86_64-IMMOVABLE.patch, patch 10 follows N1.1-pass-page_list-to-steal_page.patch.
 */

export interface PatchEntry {
  /** File name in the series. */
  readonly name: string;
  /** 1 to 10 for the patches of the mail; none for the memory hotplug project's own, which the tenth is there to mend. */
  readonly number?: number;
  /** The npm package that holds it. */
  readonly package: string;
  readonly summary: string;
}

export interface SeriesTable {
  /** The last patch below the series. It is part of the base tree: level 0, never pushed or popped. */
  readonly base: string;
  readonly entries: readonly PatchEntry[];
}

export const BASE_PATCH = 'AA-PM-99-x86_64-IMMOVABLE.patch';

export const migrationSeries: SeriesTable = {
  base: BASE_PATCH,
  entries: [
    {
      name: 'hirokazu-steal_page_from_lru.patch',
      number: 1,
      package: '@pmkit/p01-steal-page-from-lru',
      summary: 'a simpler steal_page_from_lru()',
    },
    { name: 'xfs-migrate-page-rc3.patch', number: 2, package: '@pmkit/p02-xfs-migrate-page', summary: 'a migrate_page method for XFS' },
    {
      name: 'add-node_map-arg-to-try_to_migrate_pages-rc3.patch',
      number: 3,
      package: '@pmkit/p03-node-map-argument',
      summary: 'try_to_migrate_pages() is told which node goes where',
    },
    { name: 'add-sys_migrate_pages-rc3.patch', number: 4, package: '@pmkit/p04-sys-migrate-pages', summary: 'the system call migrate_pages()' },
    { name: 'sys_migrate_pages-mempolicy-migration-rc3.patch', number: 5, package: '@pmkit/p05-mempolicy-migration', summary: 'memory policies move along' },
    { name: 'add-mempolicy-control-rc3.patch', number: 6, package: '@pmkit/p06-mbind-control', summary: 'mbind() says what is to be migrated' },
    { name: 'sys_migrate_pages-migration-selection-rc3.patch', number: 7, package: '@pmkit/p07-migration-selection', summary: 'what is migrated: what can be written, or is marked' },
    { name: 'sys_migrate_pages-cpuset-support.patch', number: 8, package: '@pmkit/p08-cpuset-support', summary: 'cooperation with cpusets' },
    { name: 'sys_migrate_pages-permissions-check.patch', number: 9, package: '@pmkit/p09-permissions-check', summary: 'who may migrate whom' },
    { name: 'N1.0-memsection_migrate.patch', package: '@pmkit/n10-memsection-migrate', summary: 'memory hotplug: capture_page_range() migrates' },
    { name: 'N1.1-pass-page_list-to-steal_page.patch', package: '@pmkit/n11-pass-page-list', summary: 'memory hotplug: steal_page() gets the list' },
    {
      name: 'N1.2-add-nodemap-to-try_to_migrate_pages-call.patch',
      number: 10,
      package: '@pmkit/p10-hotplug-fixup',
      summary: 'capture_page_range() passes the argument of patch 3',
    },
  ],
};

/** The series file of the tree, with the two places of insertion marked. */
export function formatSeriesFile({ base, entries }: SeriesTable): string {
  const lines = [`# Up to here the memory hotplug patches 2.6.12-rc5-mhp1, in the base tree of the kit:`, `#   ${base}`];
  let inserted = false;
  for (const entry of entries) {
    const ours = entry.number !== undefined;
    if (ours !== inserted) lines.push(ours ? '# manual page migration -rc3, inserted here' : '# memory hotplug, continued');
    inserted = ours;
    lines.push(entry.name);
  }
  return `${lines.join('\n')}\n`;
}
