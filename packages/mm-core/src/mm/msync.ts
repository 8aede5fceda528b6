/**
 * msync() (mm/msync.c of 2.6.12): what programs have stored through shared mappings becomes known to the page cache, and with
 * MS_SYNC goes to disk.
 *
 * A store sets the dirty bit of a pte and nothing else. Only when the bit is looked at, here, at unmap or in try_to_unmap(), is the
 * page dirty; until then fsync() does not see it. mmap_sem is held for reading throughout, I/O included.
 */
import { MS_ASYNC, MS_INVALIDATE, MS_SYNC } from '../include/asm-ia64/mman.js';
import { offset_in_page, PAGE_ALIGN } from '../include/asm-ia64/page.js';
import { next_pte_table, pmd_addr_end, pte_dirty, pte_mkclean, pte_offset, pte_page, pte_present } from '../include/asm-ia64/pgtable.js';
import { EBUSY, EINVAL, ENOMEM } from '../include/linux/errno.js';
import { BUG_ON } from '../include/linux/kernel.js';
import { VM_HUGETLB, VM_LOCKED, VM_SHARED, type Vma } from '../include/linux/mm_types.js';
import { PageReserved } from '../include/linux/page-flags.js';
import { down_read, down_read_trylock, spin_lock, spin_unlock, up_read } from '../include/linux/spinlock.js';
import type { Address, Pte } from '../include/linux/types.js';
import type { MaySleep } from '../include/linux/wait.js';
import type { K } from '../kernel-table.js';

/** Moves the dirty bits of a range's ptes to the pages. The ptes stay writable: the next store sets the bit again, without a fault. */
export function filemap_sync(this: K<'set_page_dirty'>, vma: Vma, addr: Address, end: Address): void {
  const { m } = this;
  const { ptes, mem_map: mem } = m;
  const mm = vma.vm_mm;
  if ((vma.vm_flags & VM_HUGETLB) !== 0) return;
  BUG_ON(m, addr >= end, 'mm/msync.c:sync_page_range()');
  spin_lock(m, mm.page_table_lock);
  for (let at = next_pte_table(m, mm, addr, end); at < end; ) {
    const next = pmd_addr_end(m, at, end);
    let ptep: number = pte_offset(m, mm, at);
    for (let left = (next - at) / m.PAGE_SIZE; left > 0; left--, ptep++) {
      const pte = ptes[ptep]! as Pte;
      if (!pte_present(pte) || !pte_dirty(pte) || PageReserved(mem, pte_page(pte))) continue;
      ptes[ptep] = pte_mkclean(pte);
      this.set_page_dirty(pte_page(pte));
    }
    at = next_pte_table(m, mm, next, end);
  }
  spin_unlock(m, mm.page_table_lock);
}

/**
 * One vma's part. MS_SYNC writes the whole file, not just the range, and hands out the errors of earlier writeback; MS_ASYNC starts
 * no I/O. Private and anonymous memory has nothing to write. -EBUSY for MS_INVALIDATE of locked memory.
 */
export function* msync_interval(
  this: K<'filemap_sync' | 'filemap_fdatawrite' | 'filemap_fdatawait'>, vma: Vma, addr: Address, end: Address, flags: number,
): MaySleep<number> {
  if ((flags & MS_INVALIDATE) !== 0 && (vma.vm_flags & VM_LOCKED) !== 0) return -EBUSY;
  const file = vma.vm_file;
  if (file === null || (vma.vm_flags & VM_SHARED) === 0) return 0;
  this.filemap_sync(vma, addr, end);
  if ((flags & MS_SYNC) === 0) return 0;
  const error = yield* this.filemap_fdatawrite(file.f_mapping);
  /* The file system's fsync() method, without i_sem: mmap_sem is taken inside it elsewhere. It writes the inode, see sys_fsync(). */
  file.f_inode.i_dirty = false;
  const waited = yield* this.filemap_fdatawait(file.f_mapping);
  return error === 0 ? waited : error;
}

/** 0 or an errno. Holes in the range are passed over, and -ENOMEM returned when the rest is done. */
export function* sys_msync(this: K<'find_vma' | 'msync_interval'>, start: Address, len: number, flags: number): MaySleep<number> {
  const { m } = this;
  const mm = m.current.mm!;
  if (!down_read_trylock(m, mm.mmap_sem)) yield* down_read(m, mm.mmap_sem);
  const error = yield* syncRange(this, start, len, flags);
  up_read(m, mm.mmap_sem);
  return error;
}

function* syncRange(k: K<'find_vma' | 'msync_interval'>, start: Address, len: number, flags: number): MaySleep<number> {
  const { m } = k;
  if ((flags & ~(MS_ASYNC | MS_INVALIDATE | MS_SYNC)) !== 0) return -EINVAL;
  if (offset_in_page(m, start) !== 0) return -EINVAL;
  if ((flags & MS_ASYNC) !== 0 && (flags & MS_SYNC) !== 0) return -EINVAL;
  const end = start + PAGE_ALIGN(m, len);
  if (end < start) return -ENOMEM;
  let unmapped_error = 0;
  let vma = k.find_vma(m.current.mm!, start);
  for (let at = start; at < end; ) {
    if (vma === null) return -ENOMEM;
    if (at < vma.vm_start) {
      unmapped_error = -ENOMEM;
      at = vma.vm_start;
      if (at >= end) break;
    }
    const stop = Math.min(end, vma.vm_end);
    const error = yield* k.msync_interval(vma, at, stop, flags);
    if (error !== 0) return error;
    at = stop;
    vma = vma.vm_next;
  }
  return unmapped_error;
}
