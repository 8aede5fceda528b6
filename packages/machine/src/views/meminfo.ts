/**
 * /proc/meminfo (fs/proc/proc_misc.c, 2.6.12) and the meminfo of a node (drivers/base/node.c).
 *
 * No block device is cached as such, so there are no buffers; slab objects take no frames (mm/slab.ts). There are no rows of huge pages: the
 * kernel is built without CONFIG_HUGETLB_PAGE, which sn2_defconfig has. Modelled: Committed_AS is counted anew from the mappings, since overcommit is not accounted; nothing is vmalloc()ed.
 */
import { VM_ACCOUNT } from '@pmkit/mm-core/include/linux/mm_types';
import { SWP_USED, SWP_WRITEOK } from '@pmkit/mm-core/include/linux/swap';
import type { Machine, Zone } from '@pmkit/mm-core';
import { kB, type View } from './view.js';

/** sysctl_overcommit_ratio. */
const OVERCOMMIT_RATIO = 50;

/** Bytes of VMALLOC_START…VMALLOC_END (asm-ia64/pgtable.h); where the virtual mem_map, which ends it earlier, would be is not modelled. */
const vmallocTotal = (m: Machine): number => 2 ** (4 * m.PAGE_SHIFT - 9) - 0x2_0000_0000;

/** totalram_pages of 2.6.12: what the kernel image does not keep. */
const totalRam = (m: Machine): number => m.totalram_pages - m.reserved_pages;

/** get_page_cache_size() without the swap cache: pages of all files, file system metadata and shared memory. */
function cachedPages(m: Machine): number {
  let pages = 0;
  for (const mapping of m.mappings) if (mapping !== null && mapping !== m.swapper_space) pages += mapping.nrpages;
  return pages;
}

/** si_swapinfo(): an area that is being switched off counts with what is still in it. */
function swapInfo(m: Machine): { readonly total: number; readonly free: number } {
  let leaving = 0;
  for (const area of m.swap_info) if (area !== null && (area.flags & (SWP_USED | SWP_WRITEOK)) === SWP_USED) leaving += area.inuse_pages;
  return { total: m.total_swap_pages + leaving, free: m.nr_swap_pages + leaving };
}

/** vm_committed_space: private writable memory, shared memory objects by size, and pages of tmpfs files. */
function committedPages(m: Machine): number {
  let pages = 0;
  for (const mm of m.mms.values()) {
    for (let vma = mm.mmap; vma !== null; vma = vma.vm_next) if ((vma.vm_flags & VM_ACCOUNT) !== 0) pages += (vma.vm_end - vma.vm_start) / m.PAGE_SIZE;
  }
  for (const mapping of m.mappings) {
    const inode = mapping?.host ?? null;
    if (inode === null || inode.shmem === null) continue;
    pages += inode.i_sb === m.shm_mnt ? Math.ceil(inode.i_size / m.PAGE_SIZE) : inode.shmem.alloced;
  }
  return pages;
}

/** Sum of a field over zones. */
function sum(zones: readonly (Zone | undefined)[], field: 'free_pages' | 'nr_active' | 'nr_inactive'): number {
  let pages = 0;
  for (const zone of zones) pages += zone?.[field] ?? 0;
  return pages;
}

const row = (name: string, kilobytes: number): string => `${`${name}:`.padEnd(14)}${String(kilobytes).padStart(8)} kB\n`;

export const meminfo: View = {
  summary: 'memory and swap of the machine: how much there is and what it is used for',
  text({ m }) {
    const { page_state: ps, swapper_space, zones } = m;
    const pages = (name: string, count: number): string => row(name, kB(m, count));
    const total = totalRam(m);
    const free = sum(zones, 'free_pages');
    const swap = swapInfo(m);
    return pages('MemTotal', total) + pages('MemFree', free) + pages('Buffers', 0) + pages('Cached', cachedPages(m)) + pages('SwapCached', swapper_space.nrpages)
      + pages('Active', sum(zones, 'nr_active')) + pages('Inactive', sum(zones, 'nr_inactive')) + pages('HighTotal', 0) + pages('HighFree', 0)
      + pages('LowTotal', total) + pages('LowFree', free) + pages('SwapTotal', swap.total) + pages('SwapFree', swap.free) + pages('Dirty', ps.nr_dirty)
      + pages('Writeback', ps.nr_writeback) + pages('Mapped', ps.nr_mapped) + pages('Slab', ps.nr_slab)
      + pages('CommitLimit', Math.floor((total * OVERCOMMIT_RATIO) / 100) + m.total_swap_pages) + pages('Committed_AS', committedPages(m))
      + pages('PageTables', ps.nr_page_table_pages) + row('VmallocTotal', vmallocTotal(m) / 1024) + row('VmallocUsed', 0)
      + row('VmallocChunk', vmallocTotal(m) / 1024);
  },
};

export const nodeMeminfo: View<number> = {
  summary: 'memory of the node: total, free, active, inactive',
  text({ m }, nid) {
    const { node_present_pages: total, node_zones } = m.node_data[nid]!;
    const free = sum(node_zones, 'free_pages');
    const pages = (name: string, count: number): string => `Node ${nid} ${row(name, kB(m, count))}`;
    return `\n${pages('MemTotal', total)}${pages('MemFree', free)}${pages('MemUsed', total - free)}${pages('Active', sum(node_zones, 'nr_active'))}`
      + `${pages('Inactive', sum(node_zones, 'nr_inactive'))}${pages('HighTotal', 0)}${pages('HighFree', 0)}${pages('LowTotal', total)}${pages('LowFree', free)}`;
  },
};
