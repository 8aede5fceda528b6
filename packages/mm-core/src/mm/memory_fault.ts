/**
 * Page faults (mm/memory.c of 2.6.12, with the hotplug tree's change to do_swap_page()).
 *
 *     handle_mm_fault()   finds or makes the pte, takes page_table_lock
 *     handle_pte_fault()  looks at it:
 *         none            do_no_page(): anonymous memory, or a page from ->nopage()
 *         swap entry      do_swap_page()
 *         write-protected do_wp_page(): share or copy
 *         else            young, and dirty for a store
 *
 * The caller holds mmap_sem for reading. Everything from handle_pte_fault() on is entered with page_table_lock held and leaves
 * with it released; each function that lets go of it for an allocation or for I/O compares the pte with the value it started
 * from before it changes anything. The index of the pte stays good across that (see memory_pgtable.ts).
 */
import { handsOnSleep } from '@pmkit/linker';
import { page_start } from '../include/asm-ia64/page.js';
import {
  mk_pte, protection_map, pte_file, pte_mkdirty, pte_mkwrite, pte_mkyoung, pte_none, pte_offset, pte_page, pte_present, pte_to_swp_entry,
  pte_write, pte_wrprotect,
} from '../include/asm-ia64/pgtable.js';
import { __GFP_ZERO, GFP_HIGHUSER } from '../include/linux/gfp.js';
import { asPage } from '../model/objects.js';
import {
  get_page, NOPAGE_SIGBUS, PageAnon, VM_FAULT_MAJOR, VM_FAULT_MINOR, VM_FAULT_OOM, VM_FAULT_SIGBUS,
} from '../include/linux/mm.js';
import { VM_EXEC, VM_HUGETLB, VM_SHARED, VM_WRITE, type Mm, type Vma } from '../include/linux/mm_types.js';
import { vmop } from '../model/ops.js';
import {
  PageLocked, PageReserved, PageSwapCache, PageUptodate, PG_arch_1, PG_referenced, set_page_flag, TestSetPageLocked,
} from '../include/linux/page-flags.js';
import { spin_lock, spin_unlock } from '../include/linux/spinlock.js';
import { vm_swap_full } from '../include/linux/swap.js';
import { NULL_PAGE, NULL_PTE, type Address, type Page, type Pte, type PtePtr } from '../include/linux/types.js';
import { PREEMPT, type MaySleep, type MaySleepOr } from '../include/linux/wait.js';
import type { Machine } from '../machine.js';
import type { K } from '../kernel-table.js';

/** Writable only where the vma is: get_user_pages() can force a store into memory that its owner may not write. */
const maybe_mkwrite = (pte: Pte, vma: Vma): Pte => ((vma.vm_flags & VM_WRITE) === 0 ? pte : pte_mkwrite(pte));

/** Sets the pte; lazy_mmu_prot_update() marks an executable page as coherent with the instruction cache. */
function set_pte(m: Machine, vma: Vma, page_table: PtePtr, pte: Pte): void {
  m.ptes[page_table] = pte;
  if ((vma.vm_flags & VM_EXEC) !== 0) set_page_flag(m.mem_map, pte_page(pte), PG_arch_1);
}

type FaultAt = K<'pte_alloc_map' | 'handle_pte_fault'>;

/** Makes the page at `addr` present, and writable for write_access. @returns VM_FAULT_*. */
export function handle_mm_fault(this: FaultAt, mm: Mm, vma: Vma, addr: Address, write_access: number): MaySleepOr<number> {
  const { m } = this;
  const address = page_start(m, addr); // the functions below count pages by it
  m.page_state.pgfault++;
  if ((vma.vm_flags & VM_HUGETLB) !== 0) return VM_FAULT_SIGBUS;
  if (m.preemptible) return faultWithoutTable(this, mm, vma, address, write_access);
  spin_lock(m, mm.page_table_lock);
  const pte = pte_offset(m, mm, address);
  if (pte !== NULL_PTE) return this.handle_pte_fault(mm, vma, address, write_access, pte);
  spin_unlock(m, mm.page_table_lock);
  return faultWithoutTable(this, mm, vma, address, write_access);
}
handsOnSleep(handle_mm_fault);

/** The same where a table of ptes may have to be allocated. */
function* faultWithoutTable(k: FaultAt, mm: Mm, vma: Vma, address: Address, write_access: number): MaySleep<number> {
  const { m } = k;
  if (m.preemptible) yield PREEMPT;
  spin_lock(m, mm.page_table_lock);
  let pte = pte_offset(m, mm, address);
  if (pte === NULL_PTE) pte = yield* k.pte_alloc_map(mm, address);
  if (pte === NULL_PTE) {
    spin_unlock(m, mm.page_table_lock);
    return VM_FAULT_OOM;
  }
  const fault = k.handle_pte_fault(mm, vma, address, write_access, pte);
  return typeof fault === 'number' ? fault : yield* fault;
}

export function handle_pte_fault(this: K<'do_anonymous_page' | 'do_no_page' | 'do_swap_page' | 'do_wp_page'>, mm: Mm, vma: Vma, address: Address, write_access: number, pte: PtePtr): MaySleepOr<number> {
  const { m } = this;
  let entry = m.ptes[pte]! as Pte;
  if (!pte_present(entry)) {
    // memory without vm_ops cannot have ->nopage(): one call less for the first touch, which is the hot path
    if (pte_none(entry)) return vma.vm_ops === null
      ? this.do_anonymous_page(mm, vma, pte, write_access, address)
      : this.do_no_page(mm, vma, address, write_access, pte);
    if (!pte_file(entry)) return this.do_swap_page(mm, vma, address, pte, entry, write_access);
    m.ptes[pte] = 0; // do_file_page(): no file system here has ->populate(), so a non-linear pte falls back to the linear page
    return this.do_no_page(mm, vma, address, write_access, pte);
  }
  if (write_access !== 0) {
    if (!pte_write(entry)) return this.do_wp_page(mm, vma, address, pte, entry);
    entry = pte_mkdirty(entry);
  }
  set_pte(m, vma, pte, pte_mkyoung(entry));
  spin_unlock(m, mm.page_table_lock);
  return VM_FAULT_MINOR;
}
handsOnSleep(handle_pte_fault);

/** First touch of anonymous memory: the zero page for a load, a page of its own for a store. */
export function* do_anonymous_page(this: K<'anon_vma_prepare' | 'alloc_page_vma' | 'put_page' | 'lru_cache_add_active' | 'page_add_anon_rmap'>, mm: Mm, vma: Vma, page_table: PtePtr, write_access: number, addr: Address): MaySleep<number> {
  const { m } = this;
  if (write_access === 0) {
    set_pte(m, vma, page_table, pte_wrprotect(mk_pte(m.zero_page, protection_map(vma.vm_flags))));
    spin_unlock(m, mm.page_table_lock);
    return VM_FAULT_MINOR;
  }
  spin_unlock(m, mm.page_table_lock);
  if (this.anon_vma_prepare(vma) !== 0) return VM_FAULT_OOM;
  const page = yield* this.alloc_page_vma(GFP_HIGHUSER | __GFP_ZERO, vma, addr);
  if (page === 0) return VM_FAULT_OOM;
  spin_lock(m, mm.page_table_lock);
  if (m.ptes[page_table] !== 0) { // another thread touched it meanwhile
    this.put_page(page);
    spin_unlock(m, mm.page_table_lock);
    return VM_FAULT_MINOR;
  }
  mm.rss++;
  this.lru_cache_add_active(page);
  set_page_flag(m.mem_map, page, PG_referenced);
  this.page_add_anon_rmap(page, vma, addr);
  set_pte(m, vma, page_table, maybe_mkwrite(pte_mkdirty(mk_pte(page, protection_map(vma.vm_flags))), vma));
  spin_unlock(m, mm.page_table_lock);
  return VM_FAULT_MINOR;
}

/**
 * A page that was never there: from ->nopage(), or anonymous. A store to a private mapping copies the file's page at once
 * instead of mapping it and faulting again.
 */
export function* do_no_page(this: K<'do_anonymous_page' | 'anon_vma_prepare' | 'alloc_page_vma' | 'put_page' | 'lru_cache_add_active' | 'page_add_anon_rmap' | 'page_add_file_rmap'>, mm: Mm, vma: Vma, address: Address, write_access: number, page_table: PtePtr): MaySleep<number> {
  const { m } = this;
  const { mem_map: mem } = m;
  if (vmop(this, vma, 'nopage') === undefined) return yield* this.do_anonymous_page(mm, vma, page_table, write_access, address);
  spin_unlock(m, mm.page_table_lock);
  const mapping = vma.vm_file === null ? null : vma.vm_file.f_mapping;
  for (;;) {
    const sequence = mapping?.truncate_count ?? 0;
    const majors = m.page_state.pgmajfault;
    // looked up again each time: the kernel may have been linked anew while we slept
    const found = yield* vmop(this, vma, 'nopage')!.call(this, vma, address);
    if (found === NOPAGE_SIGBUS) return VM_FAULT_SIGBUS;
    if (found < 0) return VM_FAULT_OOM;
    let new_page = asPage(found);
    // ->nopage() counts a major fault itself; 2.6.12 also reports it through an argument that the model does not have
    const ret = m.page_state.pgmajfault === majors ? VM_FAULT_MINOR : VM_FAULT_MAJOR;
    let anon = false;
    if (write_access !== 0 && (vma.vm_flags & VM_SHARED) === 0) {
      const page = this.anon_vma_prepare(vma) === 0 ? yield* this.alloc_page_vma(GFP_HIGHUSER, vma, address) : asPage(0);
      if (page === 0) {
        this.put_page(new_page);
        return VM_FAULT_OOM;
      }
      mem.content[page] = mem.content[new_page]!;
      this.put_page(new_page);
      new_page = page;
      anon = true;
    }
    if (m.preemptible) yield PREEMPT;
    spin_lock(m, mm.page_table_lock);
    if (mapping !== null && mapping.truncate_count !== sequence) { // truncated behind our back: is there still a page?
      spin_unlock(m, mm.page_table_lock);
      this.put_page(new_page);
      continue;
    }
    if (m.ptes[page_table] !== 0) { // another thread was faster
      this.put_page(new_page);
      spin_unlock(m, mm.page_table_lock);
      return ret;
    }
    if (!PageReserved(mem, new_page)) mm.rss++;
    let entry = mk_pte(new_page, protection_map(vma.vm_flags));
    if (write_access !== 0) entry = maybe_mkwrite(pte_mkdirty(entry), vma);
    set_pte(m, vma, page_table, entry);
    if (anon) {
      this.lru_cache_add_active(new_page);
      this.page_add_anon_rmap(new_page, vma, address);
    } else this.page_add_file_rmap(new_page);
    spin_unlock(m, mm.page_table_lock);
    return ret;
  }
}

/**
 * The pte holds a swap entry. VM_FAULT_OOM means that the entry has neither a page in the swap cache nor contents on the
 * device although the pte still names it, or that memory for it was not to be had.
 *
 * *Model*, not simulation: a fault that meets a page in the middle of its migration ends in VM_FAULT_OOM as well, unless the
 * machine's option `racing_fault` says otherwise. See include/linux/mmigrate.ts for what is known of it.
 *
 * Hotplug tree (seen in the context of the migration-cache patches of October 2004, and later in mainline): a migrator may take
 * the page out of the swap cache while we wait for its lock; then it is no longer the page of this entry and the lookup
 * starts over. Without it (vanilla 2.6.12) the old page would be mapped.
 */
export function do_swap_page(this: SwapIn, mm: Mm, vma: Vma, address: Address, page_table: PtePtr, orig_pte: Pte, write_access: number): MaySleepOr<number> {
  const { m } = this;
  spin_unlock(m, mm.page_table_lock);
  if (m.preemptible) return waitForSwapPage(this, mm, vma, address, page_table, orig_pte, write_access, NULL_PAGE);
  const page = this.lookup_swap_cache(pte_to_swp_entry(orig_pte));
  if (page === NULL_PAGE || PageLocked(m.mem_map, page)) return waitForSwapPage(this, mm, vma, address, page_table, orig_pte, write_access, page);
  this.mark_page_accessed(page);
  TestSetPageLocked(m.mem_map, page);
  return mapSwapPage(this, mm, vma, address, page_table, orig_pte, write_access, page, VM_FAULT_MINOR);
}
handsOnSleep(do_swap_page);

type SwapIn = K<
  | 'lookup_swap_cache' | 'swapin_readahead' | 'read_swap_cache_async' | 'mark_page_accessed' | '__lock_page' | 'unlock_page' | 'put_page' | 'swap_free'
  | 'remove_exclusive_swap_page' | 'can_share_swap_page' | 'page_add_anon_rmap' | 'do_wp_page'
>;

/** Gets the page of the entry, from the device if need be, and its lock. `found`, if any, is in the swap cache and referenced. */
function* waitForSwapPage(
  k: SwapIn, mm: Mm, vma: Vma, address: Address, page_table: PtePtr, orig_pte: Pte, write_access: number, found: Page,
): MaySleep<number> {
  const { m } = k;
  const { mem_map: mem } = m;
  const entry = pte_to_swp_entry(orig_pte);
  let ret = VM_FAULT_MINOR;
  let page = found;
  for (;;) {
    if (page === NULL_PAGE) {
      if (m.preemptible) yield PREEMPT;
      page = k.lookup_swap_cache(entry);
    }
    if (page === NULL_PAGE) {
      yield* k.swapin_readahead(entry, address, vma);
      page = yield* k.read_swap_cache_async(entry, vma, address);
      if (page === NULL_PAGE) {
        spin_lock(m, mm.page_table_lock);
        ret = m.ptes[page_table] === (orig_pte as number) ? VM_FAULT_OOM : VM_FAULT_MINOR;
        spin_unlock(m, mm.page_table_lock);
        return ret;
      }
      ret = VM_FAULT_MAJOR;
      m.page_state.pgmajfault++; // grab_swap_token(): the swap token is not modelled
    }
    k.mark_page_accessed(page);
    if (TestSetPageLocked(mem, page)) {
      const races = m.migrating.includes(page) && m.reconstruction.racing_fault === 'oom';
      yield* k.__lock_page(page);
      if (races) {
        k.unlock_page(page);
        k.put_page(page);
        return VM_FAULT_OOM;
      }
    }
    if (PageSwapCache(mem, page)) break;
    k.unlock_page(page);
    k.put_page(page);
    page = NULL_PAGE;
  }
  const fault = mapSwapPage(k, mm, vma, address, page_table, orig_pte, write_access, page, ret);
  return typeof fault === 'number' ? fault : yield* fault;
}

/** Maps a locked page of the swap cache, if the pte still names its entry. @returns `ret`, or what went wrong. */
function mapSwapPage(
  k: SwapIn, mm: Mm, vma: Vma, address: Address, page_table: PtePtr, orig_pte: Pte, write_access: number, page: Page, ret: number,
): MaySleepOr<number> {
  const { m } = k;
  const { mem_map: mem } = m;
  spin_lock(m, mm.page_table_lock);
  const unchanged = m.ptes[page_table] === (orig_pte as number);
  if (!unchanged || !PageUptodate(mem, page)) {
    spin_unlock(m, mm.page_table_lock);
    k.unlock_page(page);
    k.put_page(page);
    return unchanged ? VM_FAULT_SIGBUS : VM_FAULT_MINOR;
  }
  k.swap_free(pte_to_swp_entry(orig_pte));
  if (vm_swap_full(m)) k.remove_exclusive_swap_page(page);
  mm.rss++;
  let pte = mk_pte(page, protection_map(vma.vm_flags));
  let copy = write_access !== 0;
  if (copy && k.can_share_swap_page(page) !== 0) {
    pte = maybe_mkwrite(pte_mkdirty(pte), vma);
    copy = false;
  }
  k.unlock_page(page);
  set_pte(m, vma, page_table, pte);
  k.page_add_anon_rmap(page, vma, address);
  if (copy) return copySwapPage(k, mm, vma, address, page_table, pte, ret);
  spin_unlock(m, mm.page_table_lock);
  return ret;
}

/** A store to a page of the swap cache that others use as well. */
function* copySwapPage(k: SwapIn, mm: Mm, vma: Vma, address: Address, page_table: PtePtr, pte: Pte, ret: number): MaySleep<number> {
  return (yield* k.do_wp_page(mm, vma, address, page_table, pte)) === VM_FAULT_OOM ? VM_FAULT_OOM : ret;
}

/**
 * A store to a present page that is mapped read-only. When this is the last user of an anonymous page it simply becomes
 * writable, else the vma gets a copy. The pte is dirty at once, before the store itself.
 */
export function* do_wp_page(this: K<'can_share_swap_page' | 'unlock_page' | 'anon_vma_prepare' | 'alloc_page_vma' | 'page_remove_rmap' | 'lru_cache_add_active' | 'page_add_anon_rmap' | 'put_page'>, mm: Mm, vma: Vma, address: Address, page_table: PtePtr, orig_pte: Pte): MaySleep<number> {
  const { m } = this;
  const { mem_map: mem } = m;
  const old_page = pte_page(orig_pte);
  if (!TestSetPageLocked(mem, old_page)) { // a locked page is just copied: no waiting under a spinlock
    const reuse = this.can_share_swap_page(old_page);
    this.unlock_page(old_page);
    if (reuse !== 0) {
      set_pte(m, vma, page_table, maybe_mkwrite(pte_mkyoung(pte_mkdirty(orig_pte)), vma));
      spin_unlock(m, mm.page_table_lock);
      return VM_FAULT_MINOR;
    }
  }
  if (!PageReserved(mem, old_page)) get_page(mem, old_page);
  spin_unlock(m, mm.page_table_lock);

  const zero = old_page === m.zero_page;
  let new_page = this.anon_vma_prepare(vma) === 0 ? yield* this.alloc_page_vma(zero ? GFP_HIGHUSER | __GFP_ZERO : GFP_HIGHUSER, vma, address) : asPage(0);
  if (new_page === 0) {
    this.put_page(old_page);
    return VM_FAULT_OOM;
  }
  if (!zero) mem.content[new_page] = mem.content[old_page]!;

  spin_lock(m, mm.page_table_lock);
  if (m.ptes[page_table] === (orig_pte as number)) {
    if (PageAnon(mem, old_page)) mm.anon_rss--;
    if (PageReserved(mem, old_page)) mm.rss++;
    else this.page_remove_rmap(old_page);
    set_pte(m, vma, page_table, maybe_mkwrite(pte_mkdirty(mk_pte(new_page, protection_map(vma.vm_flags))), vma));
    this.lru_cache_add_active(new_page);
    this.page_add_anon_rmap(new_page, vma, address);
    new_page = old_page; // the pte's reference to the old page goes
  }
  this.put_page(new_page);
  this.put_page(old_page);
  spin_unlock(m, mm.page_table_lock);
  return VM_FAULT_MINOR;
}
