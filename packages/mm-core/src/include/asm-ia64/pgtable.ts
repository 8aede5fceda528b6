/**
 * Page table entries and tables (include/asm-ia64/pgtable.h, page.h).
 *
 * Three levels of one page each with PTRS = page size / 8 entries, as on ia64 with 16 KB pages: 2048. All tables of the
 * machine live in one array of 32-bit entries; a table is a number, and entry i of table t is at `t * ptrs + i`. Table 0 is
 * never used, so index 0 is NULL. Each table occupies one simulated frame (accounted as nr_page_table_pages). The top
 * three bits of an address are the region, kept as the top three bits of the pgd index.
 *
 * A present pte: bit 0 present, 1 accessed, 2 dirty, 3 writable, 4 no access (PROT_NONE); frame number from bit 5.
 * A swap pte: bit 0 clear, bit 1 clear, swap entry from bit 2. A file pte (non-linear): bit 0 clear, bit 1 set, page offset from bit 2.
 */
import type { Machine } from '../../machine.js';
import type { Mm } from '../linux/mm_types.js';
import type { Address, Page, Pte, PtePtr, SwpEntry } from '../linux/types.js';

export const _PAGE_P = 1 << 0;
export const _PAGE_A = 1 << 1;
export const _PAGE_D = 1 << 2;
export const _PAGE_AR_W = 1 << 3;
export const _PAGE_PROTNONE = 1 << 4;
export const _PAGE_FILE = 1 << 1;
const PFN_SHIFT = 5;
const PROT_MASK = _PAGE_AR_W | _PAGE_PROTNONE;
/** Frame numbers are below it. */
export const MAX_PFN = 1 << (32 - PFN_SHIFT);

export const pte_none = (pte: Pte): boolean => pte === 0;
export const pte_present = (pte: Pte): boolean => (pte & _PAGE_P) !== 0;
export const pte_young = (pte: Pte): boolean => (pte & _PAGE_A) !== 0;
export const pte_dirty = (pte: Pte): boolean => (pte & _PAGE_D) !== 0;
export const pte_write = (pte: Pte): boolean => (pte & _PAGE_AR_W) !== 0;
export const pte_file = (pte: Pte): boolean => (pte & (_PAGE_P | _PAGE_FILE)) === _PAGE_FILE;
export const pte_page = (pte: Pte): Page => (pte >>> PFN_SHIFT) as Page;
export const mk_pte = (page: Page, prot: number): Pte => (((page << PFN_SHIFT) | _PAGE_P | _PAGE_A | (prot & PROT_MASK)) >>> 0) as Pte;
export const pte_mkyoung = (pte: Pte): Pte => ((pte | _PAGE_A) >>> 0) as Pte;
export const pte_mkold = (pte: Pte): Pte => ((pte & ~_PAGE_A) >>> 0) as Pte;
export const pte_mkdirty = (pte: Pte): Pte => ((pte | _PAGE_D) >>> 0) as Pte;
export const pte_mkclean = (pte: Pte): Pte => ((pte & ~_PAGE_D) >>> 0) as Pte;
export const pte_mkwrite = (pte: Pte): Pte => ((pte | _PAGE_AR_W) >>> 0) as Pte;
export const pte_wrprotect = (pte: Pte): Pte => ((pte & ~_PAGE_AR_W) >>> 0) as Pte;
/** pte_modify(): new protection, everything else kept. */
export const pte_modify = (pte: Pte, prot: number): Pte => (((pte & ~PROT_MASK) | (prot & PROT_MASK)) >>> 0) as Pte;
export const swp_entry_to_pte = (entry: SwpEntry): Pte => ((entry << 2) >>> 0) as Pte;
export const pte_to_swp_entry = (pte: Pte): SwpEntry => (pte >>> 2) as SwpEntry;
export const pgoff_to_pte = (pgoff: number): Pte => (((pgoff << 2) | _PAGE_FILE) >>> 0) as Pte;
export const pte_to_pgoff = (pte: Pte): number => pte >>> 2;

/** The protection that vm_flags give a pte; private writable memory starts read-only so that a write faults (COW). */
export function protection_map(vm_flags: number): number {
  if ((vm_flags & 0x7) === 0) return _PAGE_PROTNONE;
  return (vm_flags & 0xa) === 0xa ? _PAGE_AR_W : 0;
}

const REGION_SIZE = 2 ** 61;
const PER_REGION = 2 ** -61;
export const rgn_index = (address: Address): number => Math.floor(address / REGION_SIZE);

/** Page number within the region; below 2^33 for the mapped part of a region with 16 KB pages. */
export const rgn_page = (m: Machine, address: Address): number => (address % REGION_SIZE) / m.PAGE_SIZE;

/** pgd_index(): region in the top three bits of the index. */
export function pgd_index(m: Machine, address: Address): number {
  const region = Math.floor(address / REGION_SIZE);
  const page = (address - region * REGION_SIZE) / m.PAGE_SIZE;
  return region * (m.PTRS / 8) + Math.floor(page / (m.PTRS * m.PTRS));
}
/** Index of the pmd entry within its table; page = rgn_page(). */
export const pmd_index = (m: Machine, page: number): number => Math.floor(page / m.PTRS) & (m.PTRS - 1);
export const pte_index = (m: Machine, page: number): number => page & (m.PTRS - 1);

/** Walks to the pte of an address; NULL_PTE (0) where a table is missing. All sizes are powers of two, so multiplying by what divides is exact. */
export function pte_offset(m: Machine, mm: Mm, address: Address): PtePtr {
  const { ptes, PTRS } = m;
  const region = Math.floor(address * PER_REGION);
  const page = Math.floor((address - region * REGION_SIZE) * m.PER_PAGE);
  const table_number = Math.floor(page * m.PER_TABLE);
  const pmd = ptes[mm.pgd * PTRS + region * (PTRS >> 3) + Math.floor(table_number * m.PER_TABLE)]!;
  if (pmd === 0) return 0 as PtePtr;
  const table = ptes[pmd * PTRS + (table_number & (PTRS - 1))]!;
  return (table === 0 ? 0 : table * PTRS + (page & (PTRS - 1))) as PtePtr;
}
/** PMD_SIZE: bytes of address space that one table of ptes covers. */
export const PMD_SIZE = (m: Machine): number => m.PAGE_SIZE * m.PTRS;
/** Mapped bytes of one region: 8 bits less than a full pgd. */
export const RGN_MAP_LIMIT = (m: Machine): number => m.PAGE_SIZE * m.PTRS * m.PTRS * (m.PTRS / 8) - m.PAGE_SIZE;
export const RGN_BASE = (region: number): Address => region * REGION_SIZE;
/** PGDIR_SIZE: bytes of address space that one entry of the pgd covers. */
export const PGDIR_SIZE = (m: Machine): number => m.PAGE_SIZE * m.PTRS * m.PTRS;
/** Index of the pgd entry of an address in the page-table store. */
export const pgd_offset = (m: Machine, mm: Mm, address: Address): number => mm.pgd * m.PTRS + pgd_index(m, address);
/** Index of the pmd entry of an address within middle table `pmd`. */
export const pmd_offset = (m: Machine, pmd: number, address: Address): number =>
  pmd * m.PTRS + pmd_index(m, Math.floor((address % REGION_SIZE) / m.PAGE_SIZE));
/** pgd_addr_end(), pmd_addr_end(): where the next entry begins, or `end` before that. */
export const pgd_addr_end = (m: Machine, addr: Address, end: Address): Address => Math.min(end, (Math.floor(addr / PGDIR_SIZE(m)) + 1) * PGDIR_SIZE(m));
export const pmd_addr_end = (m: Machine, addr: Address, end: Address): Address => Math.min(end, (Math.floor(addr / PMD_SIZE(m)) + 1) * PMD_SIZE(m));

/**
 * First address at or after `addr` that has a table of ptes; `end` when there is none before it. Range walks use it to step
 * from table to table: a sparse mapping costs its tables, not its pages.
 */
export function next_pte_table(m: Machine, mm: Mm, addr: Address, end: Address): Address {
  for (let at = addr; at < end; ) {
    const pmd = m.ptes[pgd_offset(m, mm, at)]!;
    if (pmd === 0) at = pgd_addr_end(m, at, end);
    else if (m.ptes[pmd_offset(m, pmd, at)] !== 0) return at;
    else at = pmd_addr_end(m, at, end);
  }
  return end;
}
