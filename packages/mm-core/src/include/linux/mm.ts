/** The inline functions of include/linux/mm.h and pagemap.h: reading a page's fields. */
import type { Machine } from '../../machine.js';
import type { AddressSpace, File } from './fs.js';
import {
  PAGE_MAPPING_ANON, VM_EXEC, VM_GROWSDOWN, VM_GROWSUP, VM_MAYEXEC, VM_MAYREAD, VM_MAYWRITE, VM_READ, VM_WRITE, type AnonVma, type MemMap, type Mm,
  type Vma,
} from './mm_types.js';
import { MAX_NR_ZONES, ZONE_DMA, ZONE_NORMAL, type Zone } from './mmzone.js';
import { PageSwapCache } from './page-flags.js';
import { RLIMIT_AS } from './resource.js';
import type { Address, Page } from './types.js';

export const page_count = (mem: MemMap, page: Page): number => mem._count[page]!;
export const page_mapcount = (mem: MemMap, page: Page): number => mem._mapcount[page]!;
export const page_mapped = (mem: MemMap, page: Page): boolean => mem._mapcount[page]! > 0;
export const get_page = (mem: MemMap, page: Page): void => {
  mem._count[page]!++;
};
/** put_page_testzero(): drops a reference; whether it was the last one. Freeing is the caller's. */
export const put_page_testzero = (mem: MemMap, page: Page): boolean => --mem._count[page]! === 0;
/** get_page_testone(): takes a reference; whether the page had none, that is, is being freed. */
export const get_page_testone = (mem: MemMap, page: Page): boolean => mem._count[page]!++ === 0;

export const page_to_nid = (m: Machine, page: Page): number => m.granule_nid[page >>> m.granule_shift]!;
export function page_zone(m: Machine, page: Page): Zone {
  return m.zones[m.granule_nid[page >>> m.granule_shift]! * MAX_NR_ZONES + (page < m.max_dma_pfn ? ZONE_DMA : ZONE_NORMAL)]!;
}
export const PageAnon = (mem: MemMap, page: Page): boolean => (mem.mapping[page]! & PAGE_MAPPING_ANON) !== 0;

/** page_mapping(): the swap cache, the file's mapping, or null (anonymous, or truncated). */
export function page_mapping(m: Machine, page: Page): AddressSpace | null {
  const { mem_map } = m;
  if (PageSwapCache(mem_map, page)) return m.swapper_space;
  const mapping = mem_map.mapping[page]!;
  return mapping === 0 || (mapping & PAGE_MAPPING_ANON) !== 0 ? null : m.mappings[mapping >>> 1]!;
}
/** The anon_vma of an anonymous page. */
export const page_anon_vma = (m: Machine, page: Page): AnonVma => m.anon_vmas[m.mem_map.mapping[page]! >>> 1]!;
/** The value to store in page->mapping for a file's mapping. */
export const file_mapping = (mapping: AddressSpace): number => mapping.id << 1;
export const anon_mapping = (anon_vma: AnonVma): number => (anon_vma.id << 1) | PAGE_MAPPING_ANON;
/** page_index(): position in page_mapping(): the swap entry for swap-cache pages. */
export const page_index = (mem: MemMap, page: Page): number =>
  PageSwapCache(mem, page) ? mem.private[page]! : mem.index[page]!;

/** What handle_mm_fault() returns. */
export const VM_FAULT_OOM = -1;
export const VM_FAULT_SIGBUS = 0;
export const VM_FAULT_MINOR = 1;
export const VM_FAULT_MAJOR = 2;
/** What ->nopage() returns instead of a page: beyond the end of the file or unreadable; out of memory (any negative number). */
export const NOPAGE_SIGBUS = 0;
export const NOPAGE_OOM = -1;

/** sysctl_max_map_count: vmas of one address space. */
export const DEFAULT_MAX_MAP_COUNT = 65_536;
/** vm_flags of data, heap and stack (asm-ia64/page.h); the READ_IMPLIES_EXEC personality is not modelled. */
export const VM_DATA_DEFAULT_FLAGS = VM_READ | VM_WRITE | VM_MAYREAD | VM_MAYWRITE | VM_MAYEXEC;

/** A vm_area_struct that is in no tree and on no list. All come from here, so that they have one hidden class. */
export function alloc_vma(vm_mm: Mm, vm_start: Address, vm_end: Address, vm_flags: number, vm_pgoff: number): Vma {
  return {
    vm_mm, vm_start, vm_end, vm_next: null, rb_parent: null, rb_left: null, rb_right: null, rb_red: false, vm_flags, vm_pgoff, vm_file: null,
    vm_ops: null, anon_vma: null, anon_next: null, anon_prev: null, shared_next: null, shared_prev: null, vm_policy: null,
  };
}
/** A copy of a vma's description for mm `vm_mm`: what it maps, not where it is linked, and without its policy. */
export function copy_vma_fields(vma: Vma, vm_mm: Mm): Vma {
  const copy = alloc_vma(vm_mm, vma.vm_start, vma.vm_end, vma.vm_flags, vma.vm_pgoff);
  copy.vm_file = vma.vm_file;
  copy.vm_ops = vma.vm_ops;
  copy.anon_vma = vma.anon_vma;
  return copy;
}

/** may_expand_vm(): whether RLIMIT_AS of the current task leaves room. */
export const may_expand_vm = (m: Machine, mm: Mm, npages: number): boolean =>
  (mm.total_vm + npages) * m.PAGE_SIZE <= m.current.signal.rlim[RLIMIT_AS]!.rlim_cur;

/** __vm_stat_account(): the VmLib, VmExe and VmStk sums. `pages` is negative when memory goes. */
export function __vm_stat_account(mm: Mm, flags: number, file: File | null, pages: number): void {
  if (file !== null) {
    mm.shared_vm += pages;
    if ((flags & (VM_EXEC | VM_WRITE)) === VM_EXEC) mm.exec_vm += pages;
  } else if ((flags & (VM_GROWSDOWN | VM_GROWSUP)) !== 0) mm.stack_vm += pages;
}
