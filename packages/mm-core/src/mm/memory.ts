/**
 * Looking at other people's memory, and taking file pages out of every address space (mm/memory.c of 2.6.12). The faults are
 * in memory_fault.ts, tables and ranges in memory_pgtable.ts.
 */
import { page_start } from '../include/asm-ia64/page.js';
import { pgd_offset, pmd_offset, pte_dirty, pte_offset, pte_page, pte_present, pte_write } from '../include/asm-ia64/pgtable.js';
import { EFAULT, EFBIG, ENOMEM } from '../include/linux/errno.js';
import type { AddressSpace, Inode } from '../include/linux/fs.js';
import { BUG } from '../include/linux/kernel.js';
import { file_mapping, get_page, VM_FAULT_MAJOR, VM_FAULT_MINOR, VM_FAULT_OOM, VM_FAULT_SIGBUS } from '../include/linux/mm.js';
import {
  VM_GROWSDOWN, VM_HUGETLB, VM_IO, VM_LOCKED, VM_MAYREAD, VM_MAYWRITE, VM_READ, VM_WRITE, type Mm, type Vma,
} from '../include/linux/mm_types.js';
import { maxBytes } from '../model/file.js';
import { vmop } from '../model/ops.js';
import { PageDirty, PageReserved } from '../include/linux/page-flags.js';
import type { Task } from '../include/linux/sched.js';
import { spin_lock, spin_unlock } from '../include/linux/spinlock.js';
import { SWAP_MAP_BAD, swp_entry, swp_offset, swp_type } from '../include/linux/swap.js';
import { NULL_PAGE, type Address, type Page, type Pte, type SwpEntry } from '../include/linux/types.js';
import { need_resched, PREEMPT, type MaySleep } from '../include/linux/wait.js';
import type { Machine } from '../machine.js';
import type { K } from '../kernel-table.js';
import type { ZapDetails } from './memory_pgtable.js';

/** Swap read-ahead reads aligned groups of 1 << page_cluster slots (mm/swap.c: 3 where there are 16 MB or more). */
const page_cluster = 3;

/**
 * The page a present pte maps, marked as accessed; NULL for anything else, and for a read-only pte when `write` is asked.
 * The caller holds page_table_lock.
 */
export function follow_page(this: K<'set_page_dirty' | 'mark_page_accessed'>, mm: Mm, address: Address, write: number): Page {
  const { m } = this;
  const ptep = pte_offset(m, mm, address);
  if (ptep === 0) return NULL_PAGE;
  const pte = m.ptes[ptep]! as Pte;
  if (!pte_present(pte)) return NULL_PAGE;
  if (write !== 0 && !pte_write(pte)) return NULL_PAGE;
  const page = pte_page(pte);
  if (write !== 0 && !pte_dirty(pte) && !PageDirty(m.mem_map, page)) this.set_page_dirty(page);
  this.mark_page_accessed(page);
  return page;
}

/** Anonymous memory that has no table of ptes yet: nothing to find there, and no reason to make tables for it. */
function untouched_anonymous_page(m: Machine, mm: Mm, address: Address): boolean {
  const pmd = m.ptes[pgd_offset(m, mm, address)]!;
  return pmd === 0 || m.ptes[pmd_offset(m, pmd, address)] === 0;
}

/** find_vma() for an address that may lie below a stack: extends it. @returns null where nothing can be. */
export function* find_extend_vma(this: K<'find_vma' | 'expand_stack' | 'make_pages_present'>, mm: Mm, addr: Address): MaySleep<Vma | null> {
  const at = page_start(this.m, addr);
  const vma = this.find_vma(mm, at);
  if (vma === null || vma.vm_start <= at) return vma;
  if ((vma.vm_flags & VM_GROWSDOWN) === 0) return null;
  const start = vma.vm_start;
  if (this.expand_stack(vma, at) !== 0) return null;
  if ((vma.vm_flags & VM_LOCKED) !== 0) yield* this.make_pages_present(at, start);
  return vma;
}

/**
 * Faults in `len` pages of mm from `start` on and hands them out with a reference each; the caller holds mmap_sem for reading.
 * With `pages` null it only faults them in: what mlock() and touch_unmapped_address() want. Faults are charged to `tsk`.
 * The gate area is kernel memory, which has no simulated ptes: it counts as unmapped here.
 * @returns pages done, or the error when not even the first one could be done.
 */
export function* get_user_pages(this: K<'find_extend_vma' | 'find_vma' | 'follow_page' | 'handle_mm_fault'>, tsk: Task | null, mm: Mm, start: Address, len: number, write: number, force: number, pages: Page[] | null, vmas: (Vma | null)[] | null): MaySleep<number> {
  const { m } = this;
  const { mem_map: mem, PAGE_SIZE } = m;
  let need = write !== 0 ? VM_WRITE | VM_MAYWRITE : VM_READ | VM_MAYREAD;
  need &= force !== 0 ? VM_MAYREAD | VM_MAYWRITE : VM_READ | VM_WRITE;
  let i = 0;
  let at = start;
  while (i < len) {
    let vma = this.find_vma(mm, at);
    if (vma !== null && vma.vm_start > at) vma = yield* this.find_extend_vma(mm, at);
    if (vma === null || (vma.vm_flags & (VM_IO | VM_HUGETLB)) !== 0 || (need & vma.vm_flags) === 0) return i || -EFAULT;
    spin_lock(m, mm.page_table_lock);
    do {
      if (need_resched(m)) { // cond_resched_lock()
        spin_unlock(m, mm.page_table_lock);
        yield PREEMPT;
        spin_lock(m, mm.page_table_lock);
      }
      let lookup_write = write;
      let map = this.follow_page(mm, at, lookup_write);
      while (map === 0) {
        if (lookup_write === 0 && untouched_anonymous_page(m, mm, at) && vmop(this, vma, 'nopage') === undefined) {
          map = m.zero_page;
          break;
        }
        spin_unlock(m, mm.page_table_lock);
        const faulting = this.handle_mm_fault(mm, vma, at, write);
        const fault = typeof faulting === 'number' ? faulting : yield* faulting;
        if (fault === VM_FAULT_MINOR) {
          if (tsk !== null) tsk.min_flt++;
        } else if (fault === VM_FAULT_MAJOR) {
          if (tsk !== null) tsk.maj_flt++;
        } else if (fault === VM_FAULT_SIGBUS) return i || -EFAULT;
        else if (fault === VM_FAULT_OOM) return i || -ENOMEM;
        else BUG(m, 'mm/memory.c:get_user_pages()');
        // a forced store has its own copy by now, though the pte stays read-only
        lookup_write = write !== 0 && force === 0 ? 1 : 0;
        spin_lock(m, mm.page_table_lock);
        map = this.follow_page(mm, at, lookup_write);
      }
      if (pages !== null) {
        pages[i] = map;
        if (!PageReserved(mem, map)) get_page(mem, map);
      }
      if (vmas !== null) vmas[i] = vma;
      i++;
      at += PAGE_SIZE;
    } while (i < len && at < vma.vm_end);
    spin_unlock(m, mm.page_table_lock);
  }
  return i;
}

/** mlock(), stack growth: faults in a range of one vma of the current task. @returns 0, -1, or an error of get_user_pages(). */
export function* make_pages_present(this: K<'find_vma' | 'get_user_pages'>, addr: Address, end: Address): MaySleep<number> {
  const { m } = this;
  const mm = m.current.mm;
  const vma = mm === null ? null : this.find_vma(mm, addr);
  if (mm === null || vma === null) return -1;
  if (addr >= end || end > vma.vm_end) BUG(m, 'mm/memory.c:make_pages_present()');
  const len = Math.ceil(end / m.PAGE_SIZE) - Math.floor(addr / m.PAGE_SIZE);
  const ret = yield* this.get_user_pages(m.current, mm, addr, len, (vma.vm_flags & VM_WRITE) === 0 ? 0 : 1, 0, null, null);
  if (ret < 0) return ret;
  return ret === len ? 0 : -1;
}

/**
 * Unmaps a part of a file from every address space. A length of 0 reaches to the end of the file.
 * @param even_cows 1 when the file is truncated: private copies go too; 0 when only the cache is to be dropped.
 */
export function unmap_mapping_range(this: K<'lru_add_drain' | 'unmap_page_range'>, mapping: AddressSpace, holebegin: number, holelen: number, even_cows: number): void {
  const { m } = this;
  const first = Math.floor(holebegin / m.PAGE_SIZE);
  const stop = holelen === 0 ? Infinity : first + Math.ceil(holelen / m.PAGE_SIZE);
  const details: ZapDetails | null = even_cows !== 0 ? null : { check_mapping: file_mapping(mapping) };
  spin_lock(m, mapping.i_mmap_lock);
  mapping.truncate_count++; // tells do_no_page() to look again
  for (let vma = mapping.i_mmap; vma !== null; vma = vma.shared_next) {
    const begin = vma.vm_start + Math.max(0, first - vma.vm_pgoff) * m.PAGE_SIZE;
    const end = Math.min(vma.vm_end, vma.vm_start + (stop - vma.vm_pgoff) * m.PAGE_SIZE);
    if (begin >= end) continue;
    this.lru_add_drain(); // zap_page_range() of 2.6.12, with details
    spin_lock(m, vma.vm_mm.page_table_lock);
    this.unmap_page_range(vma, begin, end, details);
    spin_unlock(m, vma.vm_mm.page_table_lock);
  }
  spin_unlock(m, mapping.i_mmap_lock);
}

/**
 * ftruncate() below the file system: new size, then unmapping and dropping of what lies behind it. Freeing of blocks
 * (i_op->truncate) is the caller's. Growing is only a new size, up to s_maxbytes (-EFBIG); RLIMIT_FSIZE is not checked.
 */
export function* vmtruncate(this: K<'unmap_mapping_range' | 'truncate_inode_pages'>, inode: Inode, offset: number): MaySleep<number> {
  const { m } = this;
  if (inode.i_size < offset) {
    if (offset > maxBytes(m)) return -EFBIG;
    inode.i_size = offset;
    return 0;
  }
  inode.i_size = offset;
  this.unmap_mapping_range(inode.i_mapping, offset + m.PAGE_SIZE - 1, 0, 1);
  yield* this.truncate_inode_pages(inode.i_mapping, offset);
  return 0;
}

/** valid_swaphandles() (mm/swapfile.c): how many slots of the entry's aligned group, from its start, can be read ahead. */
function readaheadSlots(m: Machine, entry: SwpEntry): { first: number; count: number } {
  const area = m.swap_info[swp_type(entry)];
  const group = (swp_offset(entry) >> page_cluster) << page_cluster;
  const first = Math.max(1, group); // slot 0 is the header
  if (area === null || area === undefined) return { first, count: 0 };
  let slot = first;
  while (slot < group + (1 << page_cluster) && slot < area.max && area.swap_map[slot] !== 0 && area.swap_map[slot] !== SWAP_MAP_BAD) slot++;
  return { first, count: slot - first };
}

/** Starts reading the neighbours of a swap entry. Pages are allocated by the policy of the vma that would follow in address order. */
export function* swapin_readahead(this: K<'read_swap_cache_async' | 'put_page' | 'lru_add_drain'>, entry: SwpEntry, addr: Address, vma: Vma): MaySleep<void> {
  const { m } = this;
  const { first, count } = readaheadSlots(m, entry);
  let at = addr;
  let policy_vma: Vma | null = vma;
  let next_vma = vma.vm_next;
  for (let slot = first; slot < first + count; slot++) {
    const page = yield* this.read_swap_cache_async(swp_entry(swp_type(entry), slot), policy_vma, at);
    if (page === 0) break;
    this.put_page(page);
    at += m.PAGE_SIZE;
    if (policy_vma !== null && at >= policy_vma.vm_end) {
      policy_vma = next_vma;
      next_vma = policy_vma === null ? null : policy_vma.vm_next;
    }
    if (policy_vma !== null) {
      if (at < policy_vma.vm_start) policy_vma = null;
    } else if (next_vma !== null && at >= next_vma.vm_start) {
      policy_vma = next_vma;
      next_vma = policy_vma.vm_next;
    }
  }
  this.lru_add_drain();
}
