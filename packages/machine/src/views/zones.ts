/** /proc/vmstat, buddyinfo and zoneinfo (the seq_files at the end of mm/page_alloc.c). */
import type { Machine, PageState, Zone } from '@pmkit/mm-core';
import type { View } from './view.js';

/** vmstat_text[] of 2.6.12, less nr_bounce at the end. */
const COUNTERS = [
  'nr_dirty', 'nr_writeback', 'nr_unstable', 'nr_page_table_pages', 'nr_mapped', 'nr_slab', 'pgpgin', 'pgpgout', 'pswpin', 'pswpout', 'pgalloc_high',
  'pgalloc_normal', 'pgalloc_dma', 'pgfree', 'pgactivate', 'pgdeactivate', 'pgfault', 'pgmajfault', 'pgrefill_high', 'pgrefill_normal', 'pgrefill_dma',
  'pgsteal_high', 'pgsteal_normal', 'pgsteal_dma', 'pgscan_kswapd_high', 'pgscan_kswapd_normal', 'pgscan_kswapd_dma', 'pgscan_direct_high',
  'pgscan_direct_normal', 'pgscan_direct_dma', 'pginodesteal', 'slabs_scanned', 'kswapd_steal', 'kswapd_inodesteal', 'pageoutrun', 'allocstall', 'pgrotated',
] as const satisfies readonly (keyof PageState)[];

export const vmstat: View = {
  summary: 'counters of the memory manager: pages by state, faults, allocations, reclaim',
  text({ m: { page_state } }) {
    // counted in sectors of 512 bytes, shown in kilobytes
    const value = (name: keyof PageState): number => (name === 'pgpgin' || name === 'pgpgout' ? Math.floor(page_state[name] / 2) : page_state[name]);
    // there is no memory that a device could not reach, so no bounce buffers
    return `${COUNTERS.map(name => `${name} ${value(name)}\n`).join('')}nr_bounce 0\n`;
  },
};

/** The zones that have memory, nodes ascending. */
const populated = (m: Machine): Zone[] => m.zones.filter((zone): zone is Zone => zone !== undefined && zone.present_pages > 0);
const heading = ({ node, name }: Zone): string => `Node ${node}, zone ${name.padStart(8)}`;

export const buddyinfo: View = {
  summary: 'free blocks of each zone by order',
  text: ({ m }) => populated(m).map(zone => `${heading(zone)} ${zone.free_area.map(({ nr_free }) => `${String(nr_free).padStart(6)} `).join('')}\n`).join(''),
};

/** A CPU's lists of free pages in a zone and its NUMA counters; CPUs whose lists are empty are left out. */
function pageset(zone: Zone, cpu: number): string {
  const set = zone.pageset[cpu];
  if (set === undefined || set.pcp.every(({ count }) => count === 0)) return '';
  const lists = set.pcp.map(({ count, low, high, batch }, pcp) =>
    `\n    cpu: ${cpu} pcp: ${pcp}\n              count: ${count}\n              low:   ${low}\n              high:  ${high}\n              batch: ${batch}`);
  return `${lists.join('')}\n            numa_hit:       ${set.numa_hit}\n            numa_miss:      ${set.numa_miss}\n            numa_foreign:   ${set.numa_foreign}`
    + `\n            interleave_hit: ${set.interleave_hit}\n            local_node:     ${set.local_node}\n            other_node:     ${set.other_node}`;
}

/** As the patch that brought it prints it (Nikita Danilov, 17 April 2005); later kernels dropped and added fields. */
export const zoneinfo: View = {
  summary: 'marks, lists and per-CPU lists of each zone',
  since: '2.6.13',
  text: ({ m }) => populated(m).map(zone => {
    const rows = [
      ['free', zone.free_pages], ['min', zone.pages_min], ['low', zone.pages_low], ['high', zone.pages_high], ['active', zone.nr_active], ['inactive', zone.nr_inactive],
      ['scanned', `${zone.pages_scanned} (a: ${zone.nr_scan_active} i: ${zone.nr_scan_inactive})`], ['spanned', zone.spanned_pages], ['present', zone.present_pages],
    ].map(([name, value], i) => `\n${i === 0 ? '  pages ' : '        '}${String(name).padEnd(8)} ${value!}`);
    return `${heading(zone)}${rows.join('')}\n        protection: (${zone.lowmem_reserve.join(', ')})\n  pagesets${m.cpus.map(cpu => pageset(zone, cpu)).join('')}`
      + `\n  all_unreclaimable: ${Number(zone.all_unreclaimable)}\n  prev_priority:     ${zone.prev_priority}\n  temp_priority:     ${zone.temp_priority}`
      + `\n  start_pfn:         ${zone.zone_start_pfn}\n`;
  }).join(''),
};
