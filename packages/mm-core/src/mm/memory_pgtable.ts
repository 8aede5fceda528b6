/**
 * Page tables (mm/memory.c of 2.6.12 and include/asm-ia64/pgalloc.h): making and freeing them, copying a range of ptes for
 * fork(), dropping the pages of a range.
 *
 * mm->page_table_lock guards every table of the mm. Allocating a table may sleep, so it drops the lock and looks again
 * afterwards. Tables go away only in free_pgtables() and pgd_free(), which run with mmap_sem held for writing or after the last
 * user: whoever holds mmap_sem may keep an index into the store across a sleep.
 *
 * Not modelled: the per-CPU quicklists of table pages (a freed table's frame goes straight back to the allocator) and struct
 * mmu_gather (there is no TLB, so a page that is unmapped is released at once, in the order the gather would have had).
 */
import {
  next_pte_table, pgd_addr_end, pgd_offset, PGDIR_SIZE, pmd_addr_end, pmd_offset, PMD_SIZE, pte_dirty, pte_file, pte_index,
  pte_mkclean, pte_mkold, pte_none, pte_offset, pte_page, pte_present, pte_to_swp_entry, pte_wrprotect, pte_young, rgn_page,
} from '../include/asm-ia64/pgtable.js';
import { ENOMEM } from '../include/linux/errno.js';
import { __GFP_ZERO, GFP_KERNEL } from '../include/linux/gfp.js';
import { BUG_ON } from '../include/linux/kernel.js';
import { get_page, PageAnon } from '../include/linux/mm.js';
import { VM_MAYWRITE, VM_SHARED, type Mm, type Vma } from '../include/linux/mm_types.js';
import { PageReserved } from '../include/linux/page-flags.js';
import { spin_lock, spin_unlock } from '../include/linux/spinlock.js';
import type { Address, Pte, PtePtr } from '../include/linux/types.js';
import { NULL_PTE } from '../include/linux/types.js';
import { PREEMPT, type MaySleep } from '../include/linux/wait.js';
import type { K } from '../kernel-table.js';

/**
 * A table of zeros with a frame under it. The number of tables is fixed when the machine is made (see createMachine()).
 * @returns its number; 0 when there is no memory.
 */
export function* pgtable_quicklist_alloc(this: K<'alloc_pages_current'>): MaySleep<number> {
  const { m } = this;
  const page = yield* this.alloc_pages_current(GFP_KERNEL | __GFP_ZERO, 0);
  if (page === 0) return 0;
  const table = m.table_free.pop() ?? m.table_high++;
  if (table >= m.table_page.length) throw new RangeError(`the simulated machine has room for ${m.table_page.length - 1} page tables`);
  m.table_page[table] = page;
  return table;
}

/** Gives a table and its frame back. The store must hold zeros for the next owner, whatever a dead task left in it. */
export function pgtable_quicklist_free(this: K<'__free_pages'>, table: number): void {
  const { m } = this;
  const page = m.table_page[table]!;
  m.ptes.fill(0, table * m.PTRS, (table + 1) * m.PTRS);
  m.table_page[table] = 0;
  m.table_free.push(table);
  this.__free_pages(page as Parameters<typeof this.__free_pages>[0], 0);
}

/** @returns the number of a new top table; 0 when there is no memory. */
export function* pgd_alloc(this: K<'pgtable_quicklist_alloc'>, _mm: Mm): MaySleep<number> {
  return yield* this.pgtable_quicklist_alloc();
}

export function pgd_free(this: K<'pgtable_quicklist_free'>, mm: Mm): void {
  this.pgtable_quicklist_free(mm.pgd);
  mm.pgd = 0;
}

/**
 * The middle table for an address, made if missing. page_table_lock is held at both ends but may be dropped between.
 * @returns its number; 0 when there is no memory.
 */
export function* pmd_alloc(this: K<'pgtable_quicklist_alloc' | 'pgtable_quicklist_free'>, mm: Mm, address: Address): MaySleep<number> {
  const { m } = this;
  const pgd = pgd_offset(m, mm, address);
  if (m.ptes[pgd] === 0) {
    spin_unlock(m, mm.page_table_lock);
    const table = yield* this.pgtable_quicklist_alloc();
    spin_lock(m, mm.page_table_lock);
    if (table === 0) return 0;
    if (m.ptes[pgd] !== 0) this.pgtable_quicklist_free(table); // somebody else was faster
    else m.ptes[pgd] = table;
  }
  return m.ptes[pgd]!;
}

/**
 * The pte of an address, its tables made if missing; lock as for pmd_alloc(). Only tables of ptes are counted in nr_ptes and
 * nr_page_table_pages, as in 2.6.12.
 * @returns NULL_PTE when there is no memory.
 */
export function* pte_alloc_map(this: K<'pmd_alloc' | 'pgtable_quicklist_alloc' | 'pgtable_quicklist_free'>, mm: Mm, address: Address): MaySleep<PtePtr> {
  const { m } = this;
  const middle = yield* this.pmd_alloc(mm, address);
  if (middle === 0) return NULL_PTE;
  const pmd = pmd_offset(m, middle, address);
  if (m.ptes[pmd] === 0) {
    spin_unlock(m, mm.page_table_lock);
    const table = yield* this.pgtable_quicklist_alloc();
    spin_lock(m, mm.page_table_lock);
    if (table === 0) return NULL_PTE;
    if (m.ptes[pmd] !== 0) this.pgtable_quicklist_free(table);
    else {
      mm.nr_ptes++;
      m.page_state.nr_page_table_pages++;
      m.ptes[pmd] = table;
    }
  }
  return (m.ptes[pmd]! * m.PTRS + pte_index(m, Math.floor(rgn_page(m, address)))) as PtePtr;
}

/** Frees the tables of ptes in [addr, end) of one middle table, and that one too when nothing outside the range can need it. */
export function free_pmd_range(this: K<'pgtable_quicklist_free'>, mm: Mm, addr: Address, end: Address, floor: Address, ceiling: Address): void {
  const { m } = this;
  const pgd = pgd_offset(m, mm, addr);
  const middle = m.ptes[pgd]!;
  for (let at = addr; at < end; at = pmd_addr_end(m, at, end)) {
    const pmd = pmd_offset(m, middle, at);
    const table = m.ptes[pmd]!;
    if (table === 0) continue;
    m.ptes[pmd] = 0;
    this.pgtable_quicklist_free(table);
    m.page_state.nr_page_table_pages--;
    mm.nr_ptes--;
  }
  const size = PGDIR_SIZE(m);
  if (Math.floor(addr / size) * size < floor) return;
  if (end > Math.floor(ceiling / size) * size) return;
  m.ptes[pgd] = 0;
  this.pgtable_quicklist_free(middle);
}

/**
 * Frees the tables that only addresses between floor and ceiling can use, looking at [addr, end). A ceiling of 0 stands for the
 * top of the address space.
 */
export function free_pgd_range(this: K<'free_pmd_range'>, mm: Mm, addr: Address, end: Address, floor: Address, ceiling: Address): void {
  const { m } = this;
  const size = PMD_SIZE(m);
  let start = Math.floor(addr / size) * size;
  let stop = end;
  if (start < floor) start += size;
  const top = ceiling === 0 ? Infinity : Math.floor(ceiling / size) * size;
  if (stop > top) stop -= size;
  for (let at = start; at < stop; ) {
    const next = pgd_addr_end(m, at, stop);
    if (m.ptes[pgd_offset(m, mm, at)] !== 0) this.free_pmd_range(mm, at, next, floor, top);
    at = next;
  }
}

/**
 * Frees the tables of the vmas on the list `vma`, which no longer have any page. `floor` and `ceiling` are the ends of the
 * neighbours that stay; page_table_lock is held. Vmas close together go down in one call.
 */
export function free_pgtables(this: K<'free_pgd_range'>, mm: Mm, vma: Vma | null, floor: Address, ceiling: Address): void {
  const size = PMD_SIZE(this.m);
  for (let first = vma; first !== null; ) {
    let last = first;
    let next = last.vm_next;
    while (next !== null && next.vm_start <= last.vm_end + size) {
      last = next;
      next = last.vm_next;
    }
    this.free_pgd_range(mm, first.vm_start, last.vm_end, floor, next === null ? ceiling : next.vm_start);
    first = next;
  }
}

/** One pte for the child. Both page_table_locks are held. */
export function copy_one_pte(this: K<'swap_duplicate'>, dst_mm: Mm, dst: number, src: number, vm_flags: number): void {
  const { m } = this;
  const { ptes, mem_map: mem } = m;
  let pte = ptes[src]! as Pte;
  if (!pte_present(pte)) {
    if (!pte_file(pte)) this.swap_duplicate(pte_to_swp_entry(pte));
    ptes[dst] = pte;
    return;
  }
  const page = pte_page(pte);
  if (PageReserved(mem, page)) { // the zero page is mapped without a count
    ptes[dst] = pte;
    return;
  }
  if ((vm_flags & (VM_SHARED | VM_MAYWRITE)) === VM_MAYWRITE) { // copy on write: neither may store any more
    pte = pte_wrprotect(pte);
    ptes[src] = pte;
  }
  if ((vm_flags & VM_SHARED) !== 0) pte = pte_mkclean(pte); // the parent's pte still says dirty
  get_page(mem, page);
  dst_mm.rss++;
  if (PageAnon(mem, page)) dst_mm.anon_rss++;
  ptes[dst] = pte_mkold(pte);
  mem._mapcount[page]!++; // page_dup_rmap()
}

/**
 * fork(): gives dst_mm the ptes of a vma that both address spaces have. 2.6.12 copies every kind of vma, shared file mappings
 * too. dst_mm.page_table_lock is held at both ends and dropped to allocate tables.
 * @returns 0 or -ENOMEM, with part of the range copied.
 */
export function* copy_page_range(this: K<'pmd_alloc' | 'pte_alloc_map' | 'copy_one_pte'>, dst_mm: Mm, src_mm: Mm, vma: Vma): MaySleep<number> {
  const { m } = this;
  const end = vma.vm_end;
  for (let addr = vma.vm_start; addr < end; ) {
    const pmd = m.ptes[pgd_offset(m, src_mm, addr)]!;
    const block = pgd_addr_end(m, addr, end);
    if (pmd === 0) {
      addr = block;
      continue;
    }
    if ((yield* this.pmd_alloc(dst_mm, addr)) === 0) return -ENOMEM;
    while (addr < block) {
      const next = pmd_addr_end(m, addr, block);
      if (m.ptes[pmd_offset(m, pmd, addr)] !== 0) {
        let dst: number = yield* this.pte_alloc_map(dst_mm, addr);
        if (dst === 0) return -ENOMEM;
        spin_lock(m, src_mm.page_table_lock);
        let src: number = pte_offset(m, src_mm, addr);
        for (let left = (next - addr) / m.PAGE_SIZE; left > 0; left--, src++, dst++) {
          if (m.ptes[src] !== 0) this.copy_one_pte(dst_mm, dst, src, vma.vm_flags);
        }
        spin_unlock(m, src_mm.page_table_lock);
        if (m.preemptible) {
          spin_unlock(m, dst_mm.page_table_lock);
          yield PREEMPT;
          spin_lock(m, dst_mm.page_table_lock);
        }
      }
      addr = next;
    }
  }
  return 0;
}

/** struct zap_details, the linear part: unmap only pages whose page->mapping is this; private copies and swap entries stay. */
export interface ZapDetails { readonly check_mapping: number }

type Zap = K<'set_page_dirty' | 'mark_page_accessed' | 'page_remove_rmap' | 'free_page_and_swap_cache' | 'free_swap_and_cache'>;

/** Drops what the ptes from index `from` to before `to` map, and clears them. */
export function zap_pte_range(this: Zap, mm: Mm, from: number, to: number, details: ZapDetails | null): void {
  const { m } = this;
  const { ptes, mem_map: mem } = m;
  for (let i = from; i < to; i++) {
    const ptent = ptes[i]! as Pte;
    if (pte_none(ptent)) continue;
    if (pte_present(ptent)) {
      const page = pte_page(ptent);
      if (PageReserved(mem, page)) {
        ptes[i] = 0;
        continue;
      }
      if (details !== null && mem.mapping[page] !== details.check_mapping) continue;
      ptes[i] = 0;
      if (pte_dirty(ptent)) this.set_page_dirty(page);
      if (PageAnon(mem, page)) mm.anon_rss--;
      else if (pte_young(ptent)) this.mark_page_accessed(page);
      mm.rss--;
      this.page_remove_rmap(page);
      this.free_page_and_swap_cache(page);
      continue;
    }
    if (details !== null) continue;
    if (!pte_file(ptent)) this.free_swap_and_cache(pte_to_swp_entry(ptent));
    ptes[i] = 0;
  }
}

/** Unmaps [addr, end) of one vma; page_table_lock is held. */
export function unmap_page_range(this: K<'zap_pte_range'>, vma: Vma, addr: Address, end: Address, details: ZapDetails | null): void {
  const { m } = this;
  const mm = vma.vm_mm;
  BUG_ON(m, addr >= end, 'mm/memory.c:unmap_page_range()');
  for (let at = next_pte_table(m, mm, addr, end); at < end; ) {
    const next = pmd_addr_end(m, at, end);
    const pte = pte_offset(m, mm, at);
    this.zap_pte_range(mm, pte, pte + (next - at) / m.PAGE_SIZE, details);
    at = next_pte_table(m, mm, next, end);
  }
}

/**
 * Unmaps the part of each vma on the list that lies in [start_addr, end_addr); page_table_lock is held. 2.6.12 lets go of the
 * lock every 8 pages when somebody wants it; here the whole range is one critical section.
 */
export function unmap_vmas(this: K<'unmap_page_range'>, mm: Mm, vma: Vma | null, start_addr: Address, end_addr: Address): void {
  for (let at = vma; at !== null && at.vm_start < end_addr; at = at.vm_next) {
    const start = Math.max(at.vm_start, start_addr);
    const end = Math.min(at.vm_end, end_addr);
    if (start < at.vm_end && end > at.vm_start) this.unmap_page_range(at, start, end, null);
  }
}

/** Removes the pages of a range of one vma, the vma stays. Takes page_table_lock. */
export function zap_page_range(this: K<'lru_add_drain' | 'unmap_vmas'>, vma: Vma, address: Address, size: number): void {
  const { m } = this;
  const mm = vma.vm_mm;
  this.lru_add_drain();
  spin_lock(m, mm.page_table_lock);
  this.unmap_vmas(mm, vma, address, address + size);
  spin_unlock(m, mm.page_table_lock);
}
