/** The per-CPU lists of a zone, for the files of mm/page_alloc.c. */
import type { PerCpuPages, PerCpuPageset, Zone } from '../include/linux/mmzone.js';
import { newListHead, type Machine } from '../machine.js';

/**
 * Pages that one of a zone's per-CPU lists takes from the buddy system at once (part of free_area_init_core() in 2.6.12): a thousandth of
 * the zone, at most 256 KB, a quarter of it, made one less than a power of two.
 */
export function zoneBatch(m: Machine, zone: Zone): number {
  let batch = Math.floor(zone.present_pages / 1024);
  if (batch * m.PAGE_SIZE > 256 * 1024) batch = (256 * 1024) / m.PAGE_SIZE;
  batch = Math.max(1, Math.floor(batch / 4));
  return (1 << (32 - Math.clz32(batch + (batch >> 1)))) - 1;
}

/** The per-CPU lists of a zone; made when a CPU first needs them, where 2.6.12 has them for NR_CPUS from the start. */
export function pagesetOf(m: Machine, zone: Zone, cpu: number): PerCpuPageset {
  const known = zone.pageset[cpu];
  if (known !== undefined) return known;
  const batch = zoneBatch(m, zone);
  const hot: PerCpuPages = { count: 0, low: 2 * batch, high: 6 * batch, batch, list: newListHead(m) };
  const cold: PerCpuPages = { count: 0, low: 0, high: 2 * batch, batch, list: newListHead(m) };
  const pageset: PerCpuPageset = { pcp: [hot, cold], numa_hit: 0, numa_miss: 0, numa_foreign: 0, interleave_hit: 0, local_node: 0, other_node: 0 };
  zone.pageset[cpu] = pageset;
  return pageset;
}
