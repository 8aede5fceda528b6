/**
 * Where the swap ptes of an area are: a guess for swapoff, which looks for the users of every slot in turn. 2.6.12 walks page tables for
 * each; here they are walked once, and again only where the guess has missed one.
 */
import { next_pte_table, pmd_addr_end, pte_file, pte_none, pte_offset, pte_present, pte_to_swp_entry } from '../include/asm-ia64/pgtable.js';
import type { Mm, Vma } from '../include/linux/mm_types.js';
import { swp_offset, swp_type, type SwapInfo } from '../include/linux/swap.js';
import type { Address, Pte } from '../include/linux/types.js';
import type { Machine } from '../machine.js';

/** Places are numbered from 1; those of one slot form a chain that ends with 0. */
export interface SwapPlaces { readonly first: Uint32Array; readonly next: number[]; readonly mm: (Mm | null)[]; readonly address: Address[] }

/** Looks at the page tables of all address spaces. Nobody's lock is taken: whoever uses a place must look again. */
export function findSwapPlaces(m: Machine, area: SwapInfo): SwapPlaces {
  const places: SwapPlaces = { first: new Uint32Array(area.max), next: [0], mm: [null], address: [0] };
  if (area.inuse_pages === 0) return places;
  for (const mm of m.mms.values()) {
    for (let vma = mm.mmap; vma !== null; vma = vma.vm_next) if (vma.anon_vma !== null) addPlaces(m, places, area, vma);
  }
  return places;
}

function addPlaces(m: Machine, places: SwapPlaces, area: SwapInfo, vma: Vma): void {
  const { ptes, PAGE_SIZE } = m;
  const { first, next, mm, address } = places;
  const { vm_mm, vm_end } = vma;
  for (let at = next_pte_table(m, vm_mm, vma.vm_start, vm_end); at < vm_end; at = next_pte_table(m, vm_mm, at, vm_end)) {
    const end = pmd_addr_end(m, at, vm_end);
    for (let ptep = pte_offset(m, vm_mm, at) as number; at < end; ptep++, at += PAGE_SIZE) {
      const pte = ptes[ptep]! as Pte;
      if (pte_none(pte) || pte_present(pte) || pte_file(pte)) continue;
      const entry = pte_to_swp_entry(pte);
      const offset = swp_offset(entry);
      if (swp_type(entry) !== area.type || offset >= area.max) continue;
      next.push(first[offset]!);
      mm.push(vm_mm);
      address.push(at);
      first[offset] = next.length - 1;
    }
  }
}

/** The vma an address lies in, or null: find_vma() without its memory of the last one found. */
export function vmaAt(mm: Mm, address: Address): Vma | null {
  let vma = mm.mm_rb;
  while (vma !== null && !(vma.vm_start <= address && address < vma.vm_end)) vma = address < vma.vm_start ? vma.rb_left : vma.rb_right;
  return vma;
}
