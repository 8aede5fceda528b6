/** Where the pages of a vma are and in what state: what numa_maps prints, as numbers. */
import { pte_dirty, pte_page, pte_present } from '@pmkit/mm-core/include/asm-ia64/pgtable';
import { page_mapcount, page_to_nid, PageAnon } from '@pmkit/mm-core/include/linux/mm';
import { PageActive, PageDirty, PageReserved, PageSwapCache, PageWriteback } from '@pmkit/mm-core/include/linux/page-flags';
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

/** gather_stats() of mm/mempolicy.c (2.6.18) for every pte of the vma. Reserved pages are passed over, as check_pte_range() there does. */
export function vmaPlacement(m: Machine, vma: Vma): Placement {
  const { ptes, mem_map: mem } = m;
  const nodes = new Uint32Array(m.node_ids.at(-1)! + 1);
  const result: Placement = { pages: 0, anon: 0, dirty: 0, swapcache: 0, active: 0, writeback: 0, mapmax: 0, nodes };
  eachPteRun(m, vma, (first, end) => {
    for (let i = first; i < end; i++) {
      const pte = ptes[i] as Pte;
      if (!pte_present(pte)) continue;
      const page = pte_page(pte);
      if (PageReserved(mem, page)) continue;
      result.pages++;
      nodes[page_to_nid(m, page)]!++;
      if (PageAnon(mem, page)) result.anon++;
      if (pte_dirty(pte) || PageDirty(mem, page)) result.dirty++;
      if (PageSwapCache(mem, page)) result.swapcache++;
      if (PageActive(mem, page)) result.active++;
      if (PageWriteback(mem, page)) result.writeback++;
      const mapcount = page_mapcount(mem, page);
      if (mapcount > result.mapmax) result.mapmax = mapcount;
    }
  });
  return result;
}
