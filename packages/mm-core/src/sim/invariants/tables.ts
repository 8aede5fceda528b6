/** Page tables of every address space: which frames they map, which swap entries they hold, and what the mm counts of it. */
import {
  PGDIR_SIZE, PMD_SIZE, pte_file, pte_page, pte_present, pte_to_swp_entry, pte_write, RGN_BASE,
} from '../../include/asm-ia64/pgtable.js';
import { PageAnon } from '../../include/linux/mm.js';
import { VM_LOCKED, VM_NONLINEAR, VM_WRITE, type Mm, type Vma } from '../../include/linux/mm_types.js';
import { PageReserved } from '../../include/linux/page-flags.js';
import { swp_offset, swp_type } from '../../include/linux/swap.js';
import type { Address, Page, Pte, SwpEntry } from '../../include/linux/types.js';
import type { Machine } from '../../machine.js';
import { HELD_AS_TABLE, holdBy, isFrame, mapOnce, noFrame, putAt, TABLE, type Census } from './census.js';

/** Counters of one address space, and the vma that the walk has come to. */
interface MmCensus { readonly mm: Mm; rss: number; anon_rss: number; nr_ptes: number; vma: Vma | null }

/* What is known of a table. */
const UNUSED = 0;
const USED = 1;
const FREE = 2;

export function censusOfTables(census: Census): void {
  const { m, violations, tables } = census;
  for (const table of m.table_free) tables[table] = FREE;
  let nr_ptes = 0;
  for (const mm of m.mms.values()) {
    if (mm.pgd === 0) continue;
    const counts: MmCensus = { mm, rss: 0, anon_rss: 0, nr_ptes: 0, vma: mm.mmap };
    walkTop(census, counts);
    nr_ptes += counts.nr_ptes;
    for (const field of ['rss', 'anon_rss', 'nr_ptes'] as const) {
      if (mm[field] !== counts[field]) violations.push(`mm ${mm.id}: ${field} is ${mm[field]}, expected ${counts[field]}`);
    }
  }
  if (m.page_state.nr_page_table_pages !== nr_ptes) {
    violations.push(`nr_page_table_pages is ${m.page_state.nr_page_table_pages}, expected ${nr_ptes}`);
  }
  if (census.atRest) {
    for (let table = 1; table < m.table_high; table++) if (tables[table] === UNUSED) violations.push(`page table ${table}: in no address space, expected free`);
  }
}

/** A table is in one place of one tree, and its frame with it. */
function useTable(census: Census, table: number, mm: Mm): boolean {
  const { m, violations, tables } = census;
  if (table >= m.table_high || tables[table] !== UNUSED) {
    violations.push(`page table ${table}: used by mm ${mm.id}, ${table >= m.table_high ? 'but there is no such table' : tables[table] === FREE ? 'but free' : 'and once more'}`);
    return false;
  }
  tables[table] = USED;
  const page = m.table_page[table]!;
  if (!isFrame(m, page)) {
    noFrame(census, page, `under page table ${table}`);
    return true;
  }
  putAt(census, page, TABLE);
  holdBy(census, page, HELD_AS_TABLE);
  return true;
}

/** The number of the next entry of a table from `i` on that is not empty; PTRS when there is none. Tables are hardly filled: it looks at eight at a time. */
function nextEntry({ ptes, PTRS }: Machine, table: number, i: number): number {
  const end = (table + 1) * PTRS;
  let at = table * PTRS + i;
  while (at < end) {
    if (ptes[at] !== 0) return at - table * PTRS;
    at++;
    while ((at & 7) === 0 && at < end && (ptes[at]! | ptes[at + 1]! | ptes[at + 2]! | ptes[at + 3]! | ptes[at + 4]! | ptes[at + 5]! | ptes[at + 6]! | ptes[at + 7]!) === 0) at += 8;
  }
  return PTRS;
}

function walkTop(census: Census, counts: MmCensus): void {
  const { m } = census;
  const { ptes, PTRS } = m;
  const { mm } = counts;
  if (!useTable(census, mm.pgd, mm)) return;
  for (let i = nextEntry(m, mm.pgd, 0); i < PTRS; i = nextEntry(m, mm.pgd, i + 1)) {
    const middle = ptes[mm.pgd * PTRS + i]!;
    if (!useTable(census, middle, mm)) continue;
    const region = Math.floor(i / (PTRS / 8));
    const base = RGN_BASE(region) + (i % (PTRS / 8)) * PGDIR_SIZE(m);
    for (let j = nextEntry(m, middle, 0); j < PTRS; j = nextEntry(m, middle, j + 1)) {
      const table = ptes[middle * PTRS + j]!;
      if (!useTable(census, table, mm)) continue;
      counts.nr_ptes++;
      walkPtes(census, counts, table, base + j * PMD_SIZE(m));
    }
  }
}

function walkPtes(census: Census, counts: MmCensus, table: number, base: Address): void {
  const { m } = census;
  const { ptes, PTRS, PAGE_SIZE } = m;
  for (let i = nextEntry(m, table, 0); i < PTRS; i = nextEntry(m, table, i + 1)) {
    const pte = ptes[table * PTRS + i]! as Pte;
    const address = base + i * PAGE_SIZE;
    while (counts.vma !== null && counts.vma.vm_end <= address) counts.vma = counts.vma.vm_next;
    const vma = counts.vma !== null && counts.vma.vm_start <= address ? counts.vma : null;
    if (vma === null) census.violations.push(`pte ${placeOf(counts.mm, address)}: in no vma, expected none`);
    if (pte_present(pte)) presentPte(census, counts, pte, vma, address);
    else if (!pte_file(pte)) countSwap(census, pte_to_swp_entry(pte), () => `by the pte ${placeOf(counts.mm, address)}`);
    else if (vma !== null && (vma.vm_flags & VM_NONLINEAR) === 0) census.violations.push(`pte ${placeOf(counts.mm, address)}: a file pte in a linear vma`);
  }
}
const hex = (value: number): string => `0x${value.toString(16)}`;
const placeOf = (mm: Mm, address: Address): string => `at ${hex(address)} of mm ${mm.id}`;

function presentPte(census: Census, counts: MmCensus, pte: Pte, vma: Vma | null, address: Address): void {
  const { m } = census;
  const { mem_map: mem } = m;
  const { mm } = counts;
  const page = pte_page(pte);
  if (!isFrame(m, page)) {
    noFrame(census, page, `in the pte ${placeOf(mm, address)}`);
    return;
  }
  /* The zero page, and device memory: neither counted nor reverse-mapped. */
  if (PageReserved(mem, page)) return;
  mapOnce(census, page);
  counts.rss++;
  const anon = PageAnon(mem, page);
  if (anon) counts.anon_rss++;
  if (vma === null) return;
  if (pte_write(pte) && (vma.vm_flags & VM_WRITE) === 0) census.violations.push(`pte ${placeOf(mm, address)}: writable, in a vma that is not`);
  if (pte_write(pte) && anon && mem._mapcount[page]! > 1) {
    census.violations.push(`pte ${placeOf(mm, address)}: writable, though anonymous page ${page} is shared (page_mapcount ${mem._mapcount[page]!}), expected copy on write`);
  }
  checkRmap(census, page, anon, vma, mm, address);
}

/** The page's record must lead back from the page to this pte. */
function checkRmap(census: Census, page: Page, anon: boolean, vma: Vma, mm: Mm, address: Address): void {
  const { m } = census;
  const { mem_map: mem } = m;
  const mapping = mem.mapping[page]!;
  if (anon) {
    if (vma.anon_vma === null || mapping >>> 1 !== vma.anon_vma.id) {
      census.violations.push(`page ${page}: mapped ${placeOf(mm, address)}, anon_vma is ${mapping >>> 1}, expected the vma's, ${vma.anon_vma?.id ?? 'none'}`);
    }
  } else if (mapping !== 0 && (vma.vm_file === null || mapping >>> 1 !== vma.vm_file.f_mapping.id)) {
    census.violations.push(`page ${page}: mapped ${placeOf(mm, address)}, mapping is ${mapping >>> 1}, expected the file's, ${vma.vm_file?.f_mapping.id ?? 'none'}`);
  }
  if ((vma.vm_flags & VM_NONLINEAR) !== 0 || mapping === 0) return;
  let index = vma.vm_pgoff + (address - vma.vm_start) * m.PER_PAGE;
  if (index >= 2 ** 32) index %= 2 ** 32;
  if (mem.index[page] !== index) census.violations.push(`page ${page}: mapped ${placeOf(mm, address)}, index is ${mem.index[page]!}, expected ${index}`);
}

/** One use of a swap entry. */
export function countSwap(census: Census, entry: SwpEntry, who: () => string): void {
  const area = census.swap[swp_type(entry)];
  const offset = swp_offset(entry);
  if (area === null || area === undefined || offset === 0 || offset >= area.length) {
    census.violations.push(`swap entry ${swp_type(entry)}:${offset}: used ${who()}, but there is no such slot`);
    return;
  }
  area[offset]!++;
}

/** vmas of an address space as list, as tree, and in its counters. */
export function checkVmas(census: Census): void {
  const { m, violations } = census;
  for (const mm of m.mms.values()) {
    let count = 0;
    let total_vm = 0;
    let locked_vm = 0;
    let end = 0;
    const onList = new Set<Vma>();
    for (let vma = mm.mmap; vma !== null && !onList.has(vma); vma = vma.vm_next) {
      onList.add(vma);
      count++;
      const pages = (vma.vm_end - vma.vm_start) * m.PER_PAGE;
      total_vm += pages;
      if ((vma.vm_flags & VM_LOCKED) !== 0) locked_vm += pages;
      if (vma.vm_mm !== mm) violations.push(`${nameIn(mm, vma)}: vm_mm is mm ${vma.vm_mm.id}`);
      if (!(vma.vm_start < vma.vm_end) || !Number.isInteger(vma.vm_start * m.PER_PAGE) || !Number.isInteger(vma.vm_end * m.PER_PAGE)) violations.push(`${nameIn(mm, vma)}: expected whole pages, at least one`);
      if (vma.vm_start < end) violations.push(`${nameIn(mm, vma)}: begins before the one before it ends, expected ascending`);
      end = vma.vm_end;
    }
    // a program's NaT page and the first page of its register stack are not counted in total_vm, but their end is
    if (mm.total_vm > total_vm || mm.total_vm < total_vm - 2) violations.push(`mm ${mm.id}: total_vm is ${mm.total_vm}, expected ${total_vm} or up to 2 less`);
    for (const [field, expected] of [['map_count', count], ['locked_vm', locked_vm]] as const) {
      if (mm[field] !== expected) violations.push(`mm ${mm.id}: ${field} is ${mm[field]}, expected ${expected}`);
    }
    if (mm.mmap_cache !== null && !onList.has(mm.mmap_cache)) violations.push(`mm ${mm.id}: mmap_cache is no vma of it`);
    checkTree(census, mm);
  }
}

const nameIn = (mm: Mm, vma: Vma): string => `vma ${hex(vma.vm_start)}-${hex(vma.vm_end)} of mm ${mm.id}`;

/** mm_rb holds the vmas of the list in its order, and is a red-black tree. */
function checkTree(census: Census, mm: Mm): void {
  const { violations } = census;
  let expected = mm.mmap;
  const fail = (vma: Vma, what: string): void => void violations.push(`mm ${mm.id}: the tree at vma ${hex(vma.vm_start)} ${what}`);
  const walkTree = (vma: Vma | null, parent: Vma | null): number => {
    if (vma === null) return 1;
    if (vma.rb_parent !== parent) {
      fail(vma, 'has another parent than it hangs from');
      return 1;
    }
    if (vma.rb_red && (parent === null || parent.rb_red)) fail(vma, parent === null ? 'has a red root' : 'has two red nodes in a row');
    const left = walkTree(vma.rb_left, vma);
    if (vma !== expected) fail(vma, `is not the list: expected vma ${expected === null ? 'none' : hex(expected.vm_start)}`);
    expected = vma.vm_next;
    const right = walkTree(vma.rb_right, vma);
    if (left !== right) fail(vma, `has ${left} black nodes on the left and ${right} on the right`);
    return left + (vma.rb_red ? 0 : 1);
  };
  walkTree(mm.mm_rb, null);
  if (expected !== null) violations.push(`mm ${mm.id}: the tree lacks vma ${hex(expected.vm_start)} of the list`);
}
