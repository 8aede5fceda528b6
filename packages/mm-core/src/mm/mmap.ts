/**
 * Finding and removing memory of an address space (mm/mmap.c of 2.6.12, arch/ia64/kernel/sys_ia64.c). The list and tree of vmas
 * are in mmap_vma.ts, mmap() and brk() in mmap_map.ts.
 *
 * mmap_sem is held: for reading by the find functions, for writing by the others.
 */
import { offset_in_page, page_start, PAGE_ALIGN, vma_pages } from '../include/asm-ia64/page.js';
import { MAP_FIXED, MAP_SHARED, MMAP_SHARED_ALIGN } from '../include/asm-ia64/mman.js';
import { RGN_MAP_LIMIT } from '../include/asm-ia64/pgtable.js';
import { TASK_SIZE, TASK_UNMAPPED_BASE } from '../include/asm-ia64/processor.js';
import { EINVAL, ENOMEM } from '../include/linux/errno.js';
import type { File } from '../include/linux/fs.js';
import { BUG_ON } from '../include/linux/kernel.js';
import { __vm_stat_account, may_expand_vm } from '../include/linux/mm.js';
import { VM_LOCKED, type Mm, type Vma } from '../include/linux/mm_types.js';
import { RLIMIT_MEMLOCK, RLIMIT_STACK } from '../include/linux/resource.js';
import { CAP_IPC_LOCK } from '../include/linux/sched.js';
import { down_write, down_write_trylock, spin_lock, spin_unlock, up_write } from '../include/linux/spinlock.js';
import type { Address } from '../include/linux/types.js';
import { PREEMPT, type MaySleep } from '../include/linux/wait.js';
import { rb_erase } from '../lib/rbtree.js';
import type { K } from '../kernel-table.js';

/** The first vma that ends above addr; addr may lie below it. The last answer is tried first. */
export function find_vma(this: K, mm: Mm, addr: Address): Vma | null {
  const cached = mm.mmap_cache;
  if (cached !== null && cached.vm_end > addr && cached.vm_start <= addr) return cached;
  let vma: Vma | null = null;
  for (let node = mm.mm_rb; node !== null; ) {
    if (node.vm_end > addr) {
      vma = node;
      if (node.vm_start <= addr) break;
      node = node.rb_left;
    } else node = node.rb_right;
  }
  if (vma !== null) mm.mmap_cache = vma;
  return vma;
}

/**
 * The last vma that ends at or below addr, null when there is none: the one before what find_vma() returns. 2.6.12 returns both,
 * the vma itself and, through a pointer, this one; here the vma is `prev === null ? mm.mmap : prev.vm_next`.
 */
export function find_vma_prev(this: K, mm: Mm, addr: Address): Vma | null {
  let prev: Vma | null = null;
  for (let node = mm.mm_rb; node !== null; ) {
    if (addr < node.vm_end) node = node.rb_left;
    else {
      prev = node;
      node = node.rb_right;
    }
  }
  return prev;
}

/** The first vma that has an address in [start_addr, end_addr). */
export function find_vma_intersection(this: K<'find_vma'>, mm: Mm, start_addr: Address, end_addr: Address): Vma | null {
  const vma = this.find_vma(mm, start_addr);
  return vma !== null && end_addr <= vma.vm_start ? null : vma;
}

/** REGION_OFFSET(). */
const region_offset = (address: Address): number => address % 2 ** 61;

/**
 * ia64's search for a hole of `len` bytes: upwards from the hint, or from where the last search ended; once more from the bottom of
 * region 1 before it gives up. Shared mappings are aligned to 1 MB.
 */
export function arch_get_unmapped_area(this: K<'find_vma'>, _file: File | null, hint: Address, len: number, _pgoff: number, flags: number): Address {
  const { m } = this;
  const mm = m.current.mm!;
  const limit = RGN_MAP_LIMIT(m);
  if (len > limit) return -ENOMEM;
  const align = (flags & MAP_SHARED) !== 0 ? Math.max(MMAP_SHARED_ALIGN, m.PAGE_SIZE) : m.PAGE_SIZE;
  const aligned = (address: Address): Address => Math.ceil(address / align) * align;
  let addr = aligned(hint === 0 ? mm.free_area_cache : hint);
  let start_addr = addr;
  let vma = this.find_vma(mm, addr);
  for (;;) {
    if (TASK_SIZE - len < addr || limit - len < region_offset(addr)) {
      if (start_addr === TASK_UNMAPPED_BASE) return -ENOMEM;
      start_addr = addr = TASK_UNMAPPED_BASE;
      vma = this.find_vma(mm, addr);
    } else if (vma === null || addr + len <= vma.vm_start) {
      mm.free_area_cache = addr + len;
      return addr;
    } else {
      addr = aligned(vma.vm_end);
      vma = vma.vm_next;
    }
  }
}

/** Where to put a mapping. @returns the address or a negative errno. */
export function get_unmapped_area(this: K<'arch_get_unmapped_area'>, file: File | null, addr: Address, len: number, pgoff: number, flags: number): Address {
  let at = addr;
  if ((flags & MAP_FIXED) === 0) {
    at = this.arch_get_unmapped_area(file, addr, len, pgoff, flags);
    if (at < 0) return at;
  }
  if (at > TASK_SIZE - len) return -ENOMEM;
  return offset_in_page(this.m, at) !== 0 ? -EINVAL : at;
}

/** Whether the stack may grow by `grow` pages to `size` bytes; counts them. @returns 0 or -ENOMEM. */
function acct_stack_growth(this: K<'capable'>, vma: Vma, size: number, grow: number): number {
  const { m } = this;
  const mm = vma.vm_mm;
  const { rlim } = m.current.signal;
  if (!may_expand_vm(m, mm, grow)) return -ENOMEM;
  if (size > rlim[RLIMIT_STACK]!.rlim_cur) return -ENOMEM;
  if ((vma.vm_flags & VM_LOCKED) !== 0) {
    if ((mm.locked_vm + grow) * m.PAGE_SIZE > rlim[RLIMIT_MEMLOCK]!.rlim_cur && !this.capable(CAP_IPC_LOCK)) return -ENOMEM;
    mm.locked_vm += grow;
  }
  mm.total_vm += grow;
  __vm_stat_account(mm, vma.vm_flags, vma.vm_file, grow);
  return 0;
}

/**
 * Grows a stack downwards to `address`. mmap_sem is held only for reading: the anon_vma's lock keeps rmap and other faults from
 * seeing half of it. @returns 0 or -ENOMEM.
 */
export function expand_stack(this: K<'anon_vma_prepare' | 'capable'>, vma: Vma, address: Address): number {
  const { m } = this;
  if (this.anon_vma_prepare(vma) !== 0) return -ENOMEM;
  const { lock } = vma.anon_vma!;
  const start = page_start(m, address);
  let error = 0;
  spin_lock(m, lock);
  if (start < vma.vm_start) {
    const grow = (vma.vm_start - start) / m.PAGE_SIZE;
    error = acct_stack_growth.call(this, vma, vma.vm_end - start, grow);
    if (error === 0) {
      vma.vm_start = start;
      vma.vm_pgoff -= grow;
    }
  }
  spin_unlock(m, lock);
  return error;
}

/** Drops pages and tables of [start, end); `vma` is the list of detached vmas there, `prev` the vma before the hole. */
export function unmap_region(this: K<'lru_add_drain' | 'unmap_vmas' | 'free_pgtables'>, mm: Mm, vma: Vma | null, prev: Vma | null, start: Address, end: Address): void {
  const { m } = this;
  const next = prev === null ? mm.mmap : prev.vm_next;
  this.lru_add_drain();
  spin_lock(m, mm.page_table_lock);
  this.unmap_vmas(mm, vma, start, end);
  this.free_pgtables(mm, vma, prev === null ? 0 : prev.vm_end, next === null ? 0 : next.vm_start);
  spin_unlock(m, mm.page_table_lock);
}

/** Takes the vmas from `vma` to before `end` out of list and tree; they stay chained to each other. */
function detach_vmas_to_be_unmapped(mm: Mm, vma: Vma, prev: Vma | null, end: Address): void {
  let last = vma;
  for (;;) {
    mm.mm_rb = rb_erase(mm.mm_rb, last);
    mm.map_count--;
    if (last.vm_next === null || last.vm_next.vm_start >= end) break;
    last = last.vm_next;
  }
  if (prev === null) mm.mmap = last.vm_next;
  else prev.vm_next = last.vm_next;
  last.vm_next = null;
  mm.mmap_cache = null;
}

/** unmap_vma_list(): the accounting and the end of detached vmas. */
function unmap_vma_list(this: K<'remove_vm_struct'>, mm: Mm, first: Vma | null): void {
  for (let vma = first; vma !== null; ) {
    const next: Vma | null = vma.vm_next;
    const pages = vma_pages(this.m, vma);
    mm.total_vm -= pages;
    if ((vma.vm_flags & VM_LOCKED) !== 0) mm.locked_vm -= pages;
    __vm_stat_account(mm, vma.vm_flags, vma.vm_file, -pages);
    // arch_unmap_area(): a hole below the place where the next search would begin
    if (vma.vm_start >= TASK_UNMAPPED_BASE && vma.vm_start < mm.free_area_cache) mm.free_area_cache = vma.vm_start;
    this.remove_vm_struct(vma);
    vma = next;
  }
}

/** Unmaps a range; holes in it are fine. Vmas at the borders are split. @returns 0, -EINVAL or -ENOMEM (too many vmas). */
export function* do_munmap(this: K<'find_vma_prev' | 'find_vma' | 'split_vma' | 'unmap_region' | 'remove_vm_struct'>, mm: Mm, start: Address, len: number): MaySleep<number> {
  const { m } = this;
  if (offset_in_page(m, start) !== 0 || start > TASK_SIZE || len > TASK_SIZE - start) return -EINVAL;
  const length = PAGE_ALIGN(m, len);
  if (length <= 0) return -EINVAL;
  const end = start + length;
  let prev = this.find_vma_prev(mm, start);
  let vma = prev === null ? mm.mmap : prev.vm_next;
  if (vma === null || vma.vm_start >= end) return 0;
  if (start > vma.vm_start) {
    const error = this.split_vma(mm, vma, start, 0);
    if (error !== 0) return error;
    prev = vma;
  }
  const last = this.find_vma(mm, end);
  if (last !== null && end > last.vm_start) {
    const error = this.split_vma(mm, last, end, 1);
    if (error !== 0) return error;
  }
  if (m.preemptible) yield PREEMPT;
  vma = prev === null ? mm.mmap : prev.vm_next;
  detach_vmas_to_be_unmapped(mm, vma!, prev, end);
  this.unmap_region(mm, vma, prev, start, end);
  unmap_vma_list.call(this, mm, vma);
  return 0;
}

export function* sys_munmap(this: K<'do_munmap'>, addr: Address, len: number): MaySleep<number> {
  const { m } = this;
  const mm = m.current.mm!;
  if (!down_write_trylock(m, mm.mmap_sem)) yield* down_write(m, mm.mmap_sem);
  const ret = yield* this.do_munmap(mm, addr, len);
  up_write(m, mm.mmap_sem);
  return ret;
}

/** The end of an address space that nobody uses any more: pages, tables, vmas. */
export function exit_mmap(this: K<'lru_add_drain' | 'unmap_vmas' | 'free_pgtables' | 'remove_vm_struct'>, mm: Mm): void {
  const { m } = this;
  this.lru_add_drain();
  spin_lock(m, mm.page_table_lock);
  const first = mm.mmap;
  this.unmap_vmas(mm, first, 0, Infinity);
  this.free_pgtables(mm, first, 0, 0);
  mm.mmap = null;
  mm.mmap_cache = null;
  mm.mm_rb = null;
  mm.rss = 0;
  mm.total_vm = 0;
  mm.locked_vm = 0;
  spin_unlock(m, mm.page_table_lock);
  for (let vma = first; vma !== null; ) {
    const next: Vma | null = vma.vm_next;
    this.remove_vm_struct(vma);
    vma = next;
  }
  mm.map_count = 0;
  BUG_ON(m, mm.nr_ptes !== 0, 'mm/mmap.c:exit_mmap()');
}
