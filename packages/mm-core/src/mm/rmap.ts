/**
 * mm/rmap.c: from a page to the ptes that map it.
 *
 *   anonymous   page->mapping ─► anon_vma ─► vmas that may map it, by vm_pgoff and page->index
 *   file        page->mapping ─► address_space.i_mmap ─► vmas, the same way
 *
 * Locks: anon_vma->lock or i_mmap_lock protects the list, page_table_lock inside it the pte. Unmapping is in rmap_unmap.ts.
 * Source: 2.6.12. Left out: the swap token, which 2.6.12 switches off (SWAP_TOKEN_TIMEOUT is 0), and i_mmap_nonlinear.
 */
import { pte_mkold, pte_young } from '../include/asm-ia64/pgtable.js';
import type { K } from '../kernel-table.js';
import { BUG_ON } from '../include/linux/kernel.js';
import { anon_mapping, page_mapcount, page_mapped, PageAnon } from '../include/linux/mm.js';
import { VM_LOCKED, VM_MAYSHARE, type AnonVma, type Vma } from '../include/linux/mm_types.js';
import { PageLocked, PageReserved, PG_referenced, test_and_clear_page_flag, TestSetPageLocked } from '../include/linux/page-flags.js';
import { spin_lock, SPIN_LOCK_UNLOCKED, spin_unlock } from '../include/linux/spinlock.js';
import type { Address, Page, Pte } from '../include/linux/types.js';
import type { Machine } from '../machine.js';

/* The list of an anon_vma: the vma linked last comes first, as list_add() has it. */

function addToList(anon_vma: AnonVma, vma: Vma): void {
  vma.anon_prev = null;
  vma.anon_next = anon_vma.head;
  if (anon_vma.head === null) anon_vma.tail = vma;
  else anon_vma.head.anon_prev = vma;
  anon_vma.head = vma;
}
function removeFromList(anon_vma: AnonVma, vma: Vma): void {
  if (vma.anon_prev === null) anon_vma.head = vma.anon_next;
  else vma.anon_prev.anon_next = vma.anon_next;
  if (vma.anon_next === null) anon_vma.tail = vma.anon_prev;
  else vma.anon_next.anon_prev = vma.anon_prev;
  vma.anon_next = null;
  vma.anon_prev = null;
}

/* anon_vma_alloc(), anon_vma_free(): ids are reused, as the slab cache with SLAB_DESTROY_BY_RCU reuses its objects. */

function newAnonVma(m: Machine): AnonVma {
  const id = m.anon_vma_free.pop() ?? m.anon_vmas.length;
  const anon_vma: AnonVma = { id, lock: SPIN_LOCK_UNLOCKED('anon_vma->lock'), head: null, tail: null };
  m.anon_vmas[id] = anon_vma;
  return anon_vma;
}
function freeAnonVma(m: Machine, anon_vma: AnonVma): void {
  m.anon_vmas[anon_vma.id] = null;
  m.anon_vma_free.push(anon_vma.id);
}

/**
 * Sees to it that a vma has an anon_vma before its first anonymous page: a neighbour's, if the two might be merged one day, else a new
 * one. @returns 0; memory for it is not accounted, so it never fails.
 */
export function anon_vma_prepare(this: K<'find_mergeable_anon_vma'>, vma: Vma): number {
  if (vma.anon_vma !== null) return 0;
  const { m } = this;
  const mergeable = this.find_mergeable_anon_vma(vma);
  const anon_vma = mergeable ?? newAnonVma(m);
  if (mergeable !== null) spin_lock(m, anon_vma.lock);
  spin_lock(m, vma.vm_mm.page_table_lock);
  vma.anon_vma = anon_vma;
  addToList(anon_vma, vma);
  spin_unlock(m, vma.vm_mm.page_table_lock);
  if (mergeable !== null) spin_unlock(m, anon_vma.lock);
  return 0;
}

/** vma_adjust() swallows `next`: its pages are found through `vma` from now on. The caller holds the anon_vma's lock. */
export function __anon_vma_merge(this: K, vma: Vma, next: Vma): void {
  BUG_ON(this.m, vma.anon_vma !== next.anon_vma, 'mm/rmap.c:__anon_vma_merge()');
  removeFromList(next.anon_vma!, next);
}
/** Puts a vma on the list of the anon_vma it names, if any; the caller holds the lock. */
export function __anon_vma_link(this: K, vma: Vma): void {
  if (vma.anon_vma !== null) addToList(vma.anon_vma, vma);
}
/** The same with the lock taken: fork(). */
export function anon_vma_link(this: K<'__anon_vma_link'>, vma: Vma): void {
  if (vma.anon_vma === null) return;
  spin_lock(this.m, vma.anon_vma.lock);
  this.__anon_vma_link(vma);
  spin_unlock(this.m, vma.anon_vma.lock);
}
/** The end of a vma; the last one takes the anon_vma along. */
export function anon_vma_unlink(this: K, vma: Vma): void {
  const { m } = this;
  const { anon_vma } = vma;
  if (anon_vma === null) return;
  spin_lock(m, anon_vma.lock);
  removeFromList(anon_vma, vma);
  spin_unlock(m, anon_vma.lock);
  if (anon_vma.head === null) freeAnonVma(m, anon_vma);
}

/** One more pte maps an anonymous page; the first one says where it belongs. The caller holds page_table_lock. */
export function page_add_anon_rmap(this: K, page: Page, vma: Vma, address: Address): void {
  const { m } = this;
  const mem = m.mem_map;
  BUG_ON(m, PageReserved(mem, page) || vma.anon_vma === null, 'mm/rmap.c:page_add_anon_rmap()');
  vma.vm_mm.anon_rss++;
  if (mem._mapcount[page]!++ !== 0) return;
  mem.index[page] = (address - vma.vm_start) / m.PAGE_SIZE + vma.vm_pgoff;
  mem.mapping[page] = anon_mapping(vma.anon_vma!);
  m.page_state.nr_mapped++;
}
/** One more pte maps a page of the page cache. Reserved pages are not counted. */
export function page_add_file_rmap(this: K, page: Page): void {
  const { m } = this;
  const mem = m.mem_map;
  BUG_ON(m, PageAnon(mem, page), 'mm/rmap.c:page_add_file_rmap()');
  if (PageReserved(mem, page)) return;
  if (mem._mapcount[page]!++ === 0) m.page_state.nr_mapped++;
}
/** One pte less. An anonymous page keeps its mapping until it is freed: a fault may map it again from the swap cache. */
export function page_remove_rmap(this: K, page: Page): void {
  const { m } = this;
  const mem = m.mem_map;
  BUG_ON(m, PageReserved(mem, page), 'mm/rmap.c:page_remove_rmap()');
  if (--mem._mapcount[page]! > 0) return;
  BUG_ON(m, page_mapcount(mem, page) < 0, 'mm/rmap.c:page_remove_rmap()');
  m.page_state.nr_mapped--;
}

type Referenced = K<'vma_address' | 'page_check_address' | 'page_lock_anon_vma' | 'unlock_page'>;

/** Clears the accessed bit of the pte that maps the page in a vma. @returns 1 it was set, 0 it was not, -1 no pte maps the page there. */
function referencedOne(k: Referenced, page: Page, vma: Vma): number {
  const { m } = k;
  const mm = vma.vm_mm;
  if (mm.rss === 0) return -1;
  const address = k.vma_address(page, vma);
  if (address < 0) return -1;
  const ptep = k.page_check_address(page, mm, address);
  if (ptep === 0) return -1;
  const pte = m.ptes[ptep]! as Pte;
  if (pte_young(pte)) m.ptes[ptep] = pte_mkold(pte);
  spin_unlock(m, mm.page_table_lock);
  return pte_young(pte) ? 1 : 0;
}

function referencedAnon(k: Referenced, page: Page): number {
  const { m } = k;
  const anon_vma = k.page_lock_anon_vma(page);
  if (anon_vma === null) return 0;
  let referenced = 0;
  let mapcount = page_mapcount(m.mem_map, page);
  for (let vma = anon_vma.head; vma !== null && mapcount > 0; vma = vma.anon_next) {
    const found = referencedOne(k, page, vma);
    if (found < 0) continue;
    referenced += found;
    mapcount--;
  }
  spin_unlock(m, anon_vma.lock);
  return referenced;
}

/** The page is locked, which keeps its mapping alive. Memory that is locked and may be shared counts as referenced. */
function referencedFile(k: Referenced, page: Page): number {
  const { m } = k;
  const mem = m.mem_map;
  BUG_ON(m, PageAnon(mem, page) || !PageLocked(mem, page), 'mm/rmap.c:page_referenced_file()');
  const mapping = m.mappings[mem.mapping[page]! >>> 1]!;
  spin_lock(m, mapping.i_mmap_lock);
  let referenced = 0;
  let mapcount = page_mapcount(mem, page);
  for (let vma = mapping.i_mmap; vma !== null && mapcount > 0; vma = vma.shared_next) {
    if (k.vma_address(page, vma) < 0) continue;
    if ((vma.vm_flags & (VM_LOCKED | VM_MAYSHARE)) === (VM_LOCKED | VM_MAYSHARE)) {
      referenced++;
      break;
    }
    const found = referencedOne(k, page, vma);
    if (found < 0) continue;
    referenced += found;
    mapcount--;
  }
  spin_unlock(m, mapping.i_mmap_lock);
  return referenced;
}

/**
 * Whether, and how often, a page was used since the last call: PG_referenced and the accessed bits of its ptes, which it clears.
 * @param is_locked 0: the page is not locked; a file page whose lock cannot be had at once counts as referenced.
 */
export function page_referenced(this: Referenced, page: Page, is_locked: number, _ignore_token: number): number {
  const mem = this.m.mem_map;
  let referenced = test_and_clear_page_flag(mem, page, PG_referenced) ? 1 : 0;
  if (!page_mapped(mem, page) || mem.mapping[page] === 0) return referenced;
  if (PageAnon(mem, page)) referenced += referencedAnon(this, page);
  else if (is_locked !== 0) referenced += referencedFile(this, page);
  else if (TestSetPageLocked(mem, page)) referenced++;
  else {
    if (mem.mapping[page] !== 0) referenced += referencedFile(this, page);
    this.unlock_page(page);
  }
  return referenced;
}
