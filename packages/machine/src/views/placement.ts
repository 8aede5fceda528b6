/** Where the pages of a vma are and in what state: what numa_maps prints, as numbers. */
import { pte_dirty, pte_page, pte_present } from '@pmkit/mm-core/include/asm-ia64/pgtable';
import { PAGE_MAPPING_ANON } from '@pmkit/mm-core/include/linux/mm_types';
import { PG_active, PG_dirty, PG_reserved, PG_swapcache, PG_writeback } from '@pmkit/mm-core/include/linux/page-flags';
import type { Pte } from '@pmkit/mm-core/include/linux/types';
import type { Machine, Vma } from '@pmkit/mm-core';
import { eachPteRun } from './ptes.js';

/** Counts of the pages that a vma maps; the zero page is not one of them. */
export interface Placement {
  pages: number;
  anon: number;
  /** Dirty in the pte or in the page. */
  dirty: number;
  swapcache: number;
  active: number;
  writeback: number;
  /** The most ptes that map one of them. */
  mapmax: number;
  /** By node id. */
  readonly nodes: Uint32Array;
}

/**
 * gather_stats() of mm/mempolicy.c (2.6.18) for every pte of the vma. Reserved pages are passed over, as check_pte_range() there does.
 *
 * A process may have a million pages: the columns of struct page are read once a page, and sums are kept in locals for a table of ptes.
 */
export function vmaPlacement(m: Machine, vma: Vma): Placement {
  const { ptes, granule_nid, granule_shift } = m;
  const { flags, mapping, _mapcount } = m.mem_map;
  const nodes = new Uint32Array(m.node_ids.at(-1)! + 1);
  const result: Placement = { pages: 0, anon: 0, dirty: 0, swapcache: 0, active: 0, writeback: 0, mapmax: 0, nodes };
  eachPteRun(m, vma, (first, end) => {
    let pages = 0, anon = 0, dirty = 0, swapcache = 0, active = 0, writeback = 0, mapmax = 0;
    for (let i = first; i < end; i++) {
      const pte = ptes[i]! as Pte;
      if (!pte_present(pte)) continue;
      const page = pte_page(pte);
      const bits = flags[page]!;
      if ((bits & PG_reserved) !== 0) continue;
      pages++;
      nodes[granule_nid[page >>> granule_shift]!]!++;
      if ((mapping[page]! & PAGE_MAPPING_ANON) !== 0) anon++;
      if (pte_dirty(pte) || (bits & PG_dirty) !== 0) dirty++;
      if ((bits & PG_swapcache) !== 0) swapcache++;
      if ((bits & PG_active) !== 0) active++;
      if ((bits & PG_writeback) !== 0) writeback++;
      if (_mapcount[page]! > mapmax) mapmax = _mapcount[page]!;
    }
    result.pages += pages;
    result.anon += anon;
    result.dirty += dirty;
    result.swapcache += swapcache;
    result.active += active;
    result.writeback += writeback;
    result.mapmax = Math.max(result.mapmax, mapmax);
  });
  return result;
}
