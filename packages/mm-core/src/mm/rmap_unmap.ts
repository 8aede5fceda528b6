/**
 * mm/rmap.c, continued: taking a page out of every address space, and what the hotplug tree adds to it: a list of what was unmapped, and
 * a function that maps it again.
 *
 * Source: 2.6.12 for the walk and the tests of a pte. The hotplug change: the memory hotremoval patches of July 2004 (mail 3/16), Ray
 * Bryant's report on touch_unmapped_address() of 28 February 2005, and a 2.6.12 tree for set-top boxes that carries this code
 * (mm/rmap.c of github.com/xtreamerdev/linux-xtr): how the list holds an address space, its order, and that every address is recorded.
 * *Reconstruction*: that 2.6.12-rc5-mhp1 had the same. VM_RESERVED protects against migration in the 2004 patches, not in that tree.
 */
import { pte_dirty, pte_mkold, pte_offset, pte_page, pte_present, pte_young, swp_entry_to_pte } from '../include/asm-ia64/pgtable.js';
import type { K } from '../kernel-table.js';
import { EFAULT } from '../include/linux/errno.js';
import { BUG_ON } from '../include/linux/kernel.js';
import { page_count, page_mapcount, page_mapped, PageAnon } from '../include/linux/mm.js';
import { VM_LOCKED, VM_RESERVED, type AnonVma, type Mm, type UnmapList, type Vma } from '../include/linux/mm_types.js';
import { PageLocked, PageReserved, PageSwapCache } from '../include/linux/page-flags.js';
import { SWAP_AGAIN, SWAP_FAIL, SWAP_SUCCESS } from '../include/linux/rmap.js';
import { down_read, down_read_trylock, spin_lock, spin_unlock, up_read } from '../include/linux/spinlock.js';
import { NULL_PTE, type Address, type Page, type Pte, type PtePtr, type SwpEntry } from '../include/linux/types.js';
import type { MaySleep } from '../include/linux/wait.js';

/** The anon_vma of a mapped anonymous page, locked; null when the page is not anonymous or not mapped (any more). */
export function page_lock_anon_vma(this: K, page: Page): AnonVma | null {
  const { m } = this;
  const mem = m.mem_map;
  if (!PageAnon(mem, page) || !page_mapped(mem, page)) return null;
  const anon_vma = m.anon_vmas[mem.mapping[page]! >>> 1]!;
  spin_lock(m, anon_vma.lock);
  return anon_vma;
}

/** Where a vma maps the page, if it does: a virtual address, or -EFAULT when the page's index lies outside. */
export function vma_address(this: K, page: Page, vma: Vma): Address {
  const { m } = this;
  // page->index is kept modulo 2^32
  const address = vma.vm_start + ((m.mem_map.index[page]! - vma.vm_pgoff) >>> 0) * m.PAGE_SIZE;
  return address < vma.vm_end ? address : -EFAULT;
}

/** The pte at an address if it maps the page, with page_table_lock held; NULL, and the lock not held, if it does not. */
export function page_check_address(this: K, page: Page, mm: Mm, address: Address): PtePtr {
  const { m } = this;
  spin_lock(m, mm.page_table_lock);
  const ptep = pte_offset(m, mm, address);
  const pte = m.ptes[ptep]! as Pte;
  if (ptep !== 0 && pte_present(pte) && pte_page(pte) === page) return ptep;
  spin_unlock(m, mm.page_table_lock);
  return NULL_PTE;
}

/** record_unmapped_address(): notes that the page was mapped here and becomes a user of the address space, unless it is going away. */
function recordUnmapped(vlist: UnmapList, mm: Mm, address: Address): void {
  if (mm.mm_users === 0) return;
  mm.mm_users++;
  vlist.mms[vlist.length] = mm;
  vlist.addresses[vlist.length++] = address;
}

/**
 * Whether the pte may be cleared. Reclaim (no list) leaves locked and recently used memory alone; migration, which maps the page again,
 * does not ask. A reference more than ptes, swap cache and caller have is a get_user_pages(): the page must stay where it is.
 */
function mayUnmap(k: K, page: Page, vma: Vma, ptep: PtePtr, vlist: UnmapList | null): boolean {
  const { m } = k;
  const mem = m.mem_map;
  if ((vma.vm_flags & VM_RESERVED) !== 0) return false;
  if (vlist === null) {
    if ((vma.vm_flags & VM_LOCKED) !== 0) return false;
    const pte = m.ptes[ptep]! as Pte;
    if (pte_young(pte)) {
      m.ptes[ptep] = pte_mkold(pte);
      return false;
    }
  }
  return !PageSwapCache(mem, page) || page_count(mem, page) === page_mapcount(mem, page) + 2;
}

/**
 * Clears the pte that maps the page in a vma. The pte's dirty bit moves to the page; an anonymous page leaves its swap entry in the pte.
 * @returns SWAP_FAIL when it may not be cleared, SWAP_AGAIN otherwise: the caller looks at page_mapped().
 */
export function try_to_unmap_one(
  this: K<'vma_address' | 'page_check_address' | 'set_page_dirty' | 'swap_duplicate' | 'page_remove_rmap' | 'put_page'>, page: Page, vma: Vma,
  vlist: UnmapList | null,
): number {
  const { m } = this;
  const mem = m.mem_map;
  const mm = vma.vm_mm;
  if (mm.rss === 0) return SWAP_AGAIN;
  const address = this.vma_address(page, vma);
  if (address < 0) return SWAP_AGAIN;
  const ptep = this.page_check_address(page, mm, address);
  if (ptep === 0) return SWAP_AGAIN;
  const pte = m.ptes[ptep]! as Pte;
  // before the tests: touching an address that stayed mapped does no harm
  if (vlist !== null && (m.reconstruction.record_all_unmapped || pte_young(pte) || (vma.vm_flags & VM_LOCKED) !== 0)) recordUnmapped(vlist, mm, address);
  if (!mayUnmap(this, page, vma, ptep, vlist)) {
    spin_unlock(m, mm.page_table_lock);
    return SWAP_FAIL;
  }
  m.ptes[ptep] = 0;
  if (pte_dirty(pte)) this.set_page_dirty(page);
  if (PageAnon(mem, page)) {
    BUG_ON(m, !PageSwapCache(mem, page), 'mm/rmap.c:try_to_unmap_one()');
    const entry = mem.private[page]! as SwpEntry;
    this.swap_duplicate(entry);
    m.ptes[ptep] = swp_entry_to_pte(entry);
    mm.anon_rss--;
  }
  mm.rss--;
  this.page_remove_rmap(page);
  this.put_page(page);
  spin_unlock(m, mm.page_table_lock);
  return SWAP_AGAIN;
}

type Unmap = K<'page_lock_anon_vma' | 'try_to_unmap_one'>;

function unmapAnon(k: Unmap, page: Page, vlist: UnmapList | null): number {
  const { m } = k;
  const anon_vma = k.page_lock_anon_vma(page);
  let ret = SWAP_AGAIN;
  if (anon_vma === null) return ret;
  for (let vma = anon_vma.head; vma !== null; vma = vma.anon_next) {
    ret = k.try_to_unmap_one(page, vma, vlist);
    if (ret === SWAP_FAIL || !page_mapped(m.mem_map, page)) break;
  }
  spin_unlock(m, anon_vma.lock);
  return ret;
}

function unmapFile(k: Unmap, page: Page, vlist: UnmapList | null): number {
  const { m } = k;
  const mem = m.mem_map;
  const mapping = m.mappings[mem.mapping[page]! >>> 1]!;
  let ret = SWAP_AGAIN;
  spin_lock(m, mapping.i_mmap_lock);
  for (let vma = mapping.i_mmap; vma !== null; vma = vma.shared_next) {
    ret = k.try_to_unmap_one(page, vma, vlist);
    if (ret === SWAP_FAIL || !page_mapped(mem, page)) break;
  }
  spin_unlock(m, mapping.i_mmap_lock);
  return ret;
}

/**
 * Clears every pte that maps a locked page.
 * @param vlist null: the ordinary unmapping of reclaim; else what was unmapped is added to it, and neither use nor VM_LOCKED protects.
 * @returns SWAP_SUCCESS, SWAP_AGAIN (a pte was not found), SWAP_FAIL (a pte may not be cleared; others may have been).
 */
export function try_to_unmap(this: Unmap, page: Page, vlist: UnmapList | null): number {
  const { m } = this;
  const mem = m.mem_map;
  BUG_ON(m, PageReserved(mem, page) || !PageLocked(mem, page), 'mm/rmap.c:try_to_unmap()');
  const ret = PageAnon(mem, page) ? unmapAnon(this, page, vlist) : unmapFile(this, page, vlist);
  return page_mapped(mem, page) ? ret : SWAP_SUCCESS;
}

/**
 * Faults in again what try_to_unmap() unmapped, what was recorded last first, by a read: the ptes come back clean and without write
 * access. Nothing is touched for an address space that has no other user left. Empties the list. Faults are charged to the caller, not to
 * the owner of the memory.
 * @returns 0; the last error of get_user_pages(), which nobody looks at.
 */
export function* touch_unmapped_address(this: K<'find_vma' | 'get_user_pages' | 'mmput'>, vlist: UnmapList): MaySleep<number> {
  const { m } = this;
  let error = 0;
  while (vlist.length > 0) {
    const mm = vlist.mms[--vlist.length]!;
    const address = vlist.addresses[vlist.length]!;
    vlist.mms[vlist.length] = null;
    if (!down_read_trylock(m, mm.mmap_sem)) yield* down_read(m, mm.mmap_sem);
    if (mm.mm_users > 1 && this.find_vma(mm, address) !== null) {
      const ret = yield* this.get_user_pages(m.current, mm, address, 1, 0, 0, null, null);
      if (ret < 0) error = ret;
    }
    up_read(m, mm.mmap_sem);
    this.mmput(mm);
  }
  return error;
}
