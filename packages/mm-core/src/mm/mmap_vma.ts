/**
 * The set of vmas of an address space (mm/mmap.c of 2.6.12): linking, merging, splitting, moving boundaries.
 *
 * Each vma is in three or four places: the list mm->mmap in address order, the tree mm->mm_rb by address, the list of its
 * anon_vma once it has one, and mapping->i_mmap of its file. vma_adjust() is the only function that changes the borders of a vma
 * that is linked, and keeps all of them right while rmap walks the last two under their own locks. The callers hold mmap_sem for
 * writing.
 */
import { ENOMEM } from '../include/linux/errno.js';
import type { AddressSpace, File } from '../include/linux/fs.js';
import { BUG_ON } from '../include/linux/kernel.js';
import type { Mempolicy } from '../include/linux/mempolicy.js';
import { copy_vma_fields, DEFAULT_MAX_MAP_COUNT } from '../include/linux/mm.js';
import {
  VM_DONTCOPY, VM_DONTEXPAND, VM_EXEC, VM_IO, VM_READ, VM_RESERVED, VM_SHARED, VM_WRITE, type AnonVma, type Mm, type Vma,
} from '../include/linux/mm_types.js';
import { vma_pages } from '../include/asm-ia64/page.js';
import { vmop } from '../model/ops.js';
import { vma_prio_tree_insert, vma_prio_tree_remove } from '../include/linux/prio_tree.js';
import { spin_lock, spin_unlock } from '../include/linux/spinlock.js';
import type { Address } from '../include/linux/types.js';
import { rb_erase, rb_insert } from '../lib/rbtree.js';
import type { Machine } from '../machine.js';
import type { K } from '../kernel-table.js';

/** Vmas with one of these are never merged. */
const VM_SPECIAL = VM_IO | VM_DONTCOPY | VM_DONTEXPAND | VM_RESERVED;
const PROTECTION = VM_READ | VM_WRITE | VM_EXEC;

/** Into mm->mm_rb; the borders are already those the vma is to have. */
function __vma_link_rb(mm: Mm, vma: Vma): void {
  let parent: Vma | null = null;
  let left = false;
  for (let node = mm.mm_rb; node !== null; node = left ? node.rb_left : node.rb_right) {
    parent = node;
    left = vma.vm_start < node.vm_start;
  }
  mm.mm_rb = rb_insert(mm.mm_rb, vma, parent, left);
}
/** Into list and tree, behind `prev` (null: as the first). */
function __vma_link(mm: Mm, vma: Vma, prev: Vma | null): void {
  if (prev !== null) {
    vma.vm_next = prev.vm_next;
    prev.vm_next = vma;
  } else {
    vma.vm_next = mm.mmap;
    mm.mmap = vma;
  }
  __vma_link_rb(mm, vma);
}
function __vma_unlink(mm: Mm, vma: Vma, prev: Vma): void {
  prev.vm_next = vma.vm_next;
  mm.mm_rb = rb_erase(mm.mm_rb, vma);
  if (mm.mmap_cache === vma) mm.mmap_cache = prev;
}
function __vma_link_file(vma: Vma, mapping: AddressSpace): void {
  if ((vma.vm_flags & VM_SHARED) !== 0) mapping.i_mmap_writable++;
  vma_prio_tree_insert(vma, mapping);
}
function __remove_shared_vm_struct(vma: Vma, mapping: AddressSpace): void {
  if ((vma.vm_flags & VM_SHARED) !== 0) mapping.i_mmap_writable--;
  vma_prio_tree_remove(vma, mapping);
}

/** Adds a vma to the address space; `prev` is the vma before it. */
export function vma_link(this: K<'__anon_vma_link'>, mm: Mm, vma: Vma, prev: Vma | null): void {
  const { m } = this;
  const mapping = vma.vm_file === null ? null : vma.vm_file.f_mapping;
  if (mapping !== null) spin_lock(m, mapping.i_mmap_lock);
  if (vma.anon_vma !== null) spin_lock(m, vma.anon_vma.lock);
  __vma_link(mm, vma, prev);
  this.__anon_vma_link(vma);
  if (mapping !== null) __vma_link_file(vma, mapping);
  if (vma.anon_vma !== null) spin_unlock(m, vma.anon_vma.lock);
  if (mapping !== null) spin_unlock(m, mapping.i_mmap_lock);
  mm.map_count++;
}

/**
 * Adds a vma where nothing is mapped. @returns 0, or -ENOMEM when something is. An anonymous vma's vm_pgoff becomes its address
 * in pages, so that merging can treat it like an offset in a file.
 */
export function insert_vm_struct(this: K<'find_vma_prev' | 'vma_link'>, mm: Mm, vma: Vma): number {
  const { m } = this;
  if (vma.vm_file === null) {
    BUG_ON(m, vma.anon_vma !== null, 'mm/mmap.c:insert_vm_struct()');
    vma.vm_pgoff = vma.vm_start / m.PAGE_SIZE;
  }
  const prev = this.find_vma_prev(mm, vma.vm_start);
  const next = prev === null ? mm.mmap : prev.vm_next;
  if (next !== null && next.vm_start < vma.vm_end) return -ENOMEM;
  this.vma_link(mm, vma, prev);
  return 0;
}

/** The end of a vma that is in neither list nor tree any more. */
export function remove_vm_struct(this: K<'fput' | 'anon_vma_unlink' | 'mpol_free'>, vma: Vma): void {
  const { m } = this;
  const file = vma.vm_file;
  if (file !== null) {
    spin_lock(m, file.f_mapping.i_mmap_lock);
    __remove_shared_vm_struct(vma, file.f_mapping);
    spin_unlock(m, file.f_mapping.i_mmap_lock);
  }
  vmop(this, vma, 'close')?.call(this, vma);
  if (file !== null) this.fput(file);
  this.anon_vma_unlink(vma);
  this.mpol_free(vma.vm_policy);
}

/**
 * Gives `vma` new borders. What happens to the vma behind it depends on where the new end falls:
 *
 *     end beyond next         next goes (and, mprotect's case 6, the one after it too)
 *     end inside next         next gives up its beginning
 *     end before the old end  next takes over the rest, unless split_vma() has an `insert` for it
 *
 * The vma that takes over pages must have the anon_vma of the one that had them, or rmap would not find them.
 */
export function vma_adjust(
  this: K<'__anon_vma_link' | '__anon_vma_merge' | 'fput' | 'mpol_free'>, vma: Vma, start: Address, end: Address, pgoff: number, insert: Vma | null,
): void {
  while (adjustOnce(this, vma, start, end, pgoff, insert) === 2);
}

/** One round of vma_adjust(). @returns 2 when `end` swallows one more vma after the one that went in this round. */
function adjustOnce(
  k: K<'__anon_vma_link' | '__anon_vma_merge' | 'fput' | 'mpol_free'>, vma: Vma, start: Address, end: Address, pgoff: number, insert: Vma | null,
): number {
  const { m } = k;
  const mm = vma.vm_mm;
  const next = vma.vm_next;
  let importer: Vma | null = null;
  let remove_next = 0;
  let adjust_next = 0; // pages by which next's beginning moves up
  let new_end = end;
  if (next !== null && insert === null) {
    if (end >= next.vm_end) {
      remove_next = end > next.vm_end ? 2 : 1;
      new_end = next.vm_end;
      importer = vma;
    } else if (end > next.vm_start) {
      adjust_next = (end - next.vm_start) / m.PAGE_SIZE;
      importer = vma;
    } else if (end < vma.vm_end) {
      adjust_next = (end - vma.vm_end) / m.PAGE_SIZE;
      importer = next;
    }
  }
  const mapping = vma.vm_file === null ? null : vma.vm_file.f_mapping;
  if (mapping !== null) {
    spin_lock(m, mapping.i_mmap_lock);
    if (insert !== null) __vma_link_file(insert, mapping);
  }
  const anon_vma = vma.anon_vma ?? (importer !== null && next !== null ? next.anon_vma : null);
  if (anon_vma !== null) {
    spin_lock(m, anon_vma.lock);
    if (importer !== null && importer.anon_vma === null) {
      importer.anon_vma = anon_vma;
      k.__anon_vma_link(importer);
    }
  }
  vma.vm_start = start;
  vma.vm_end = new_end;
  vma.vm_pgoff = pgoff;
  if (adjust_next !== 0 && next !== null) {
    next.vm_start += adjust_next * m.PAGE_SIZE;
    next.vm_pgoff += adjust_next;
  }
  if (remove_next !== 0 && next !== null) {
    __vma_unlink(mm, next, vma);
    if (mapping !== null) __remove_shared_vm_struct(next, mapping);
    if (next.anon_vma !== null) k.__anon_vma_merge(vma, next);
  } else if (insert !== null) {
    __vma_link(mm, insert, insert.vm_start < vma.vm_start ? previous(mm, insert) : vma);
    k.__anon_vma_link(insert);
    mm.map_count++;
  }
  if (anon_vma !== null) spin_unlock(m, anon_vma.lock);
  if (mapping !== null) spin_unlock(m, mapping.i_mmap_lock);
  if (remove_next !== 0 && next !== null) {
    if (next.vm_file !== null) k.fput(next.vm_file);
    mm.map_count--;
    k.mpol_free(next.vm_policy);
  }
  return remove_next;
}

/** The vma before the place where `vma` belongs; find_vma_prev() is a symbol and this runs under spinlocks. */
function previous(mm: Mm, vma: Vma): Vma | null {
  let prev: Vma | null = null;
  for (let node = mm.mm_rb; node !== null; ) {
    if (node.vm_start < vma.vm_start) {
      prev = node;
      node = node.rb_right;
    } else node = node.rb_left;
  }
  return prev;
}

function is_mergeable_vma(kernel: object, vma: Vma, file: File | null, vm_flags: number): boolean {
  return vma.vm_flags === vm_flags && vma.vm_file === file && vmop(kernel, vma, 'close') === undefined;
}
const is_mergeable_anon_vma = (a: AnonVma | null, b: AnonVma | null): boolean => a === null || b === null || a === b;

/** Whether memory with this description can become the beginning of `vma`. */
const can_vma_merge_before = (kernel: object, vma: Vma, vm_flags: number, anon_vma: AnonVma | null, file: File | null, vm_pgoff: number): boolean =>
  is_mergeable_vma(kernel, vma, file, vm_flags) && is_mergeable_anon_vma(anon_vma, vma.anon_vma) && vma.vm_pgoff === vm_pgoff;
/** Whether memory with this description can become the end of `vma`. */
const can_vma_merge_after = (kernel: object, m: Machine, vma: Vma, vm_flags: number, anon_vma: AnonVma | null, file: File | null, vm_pgoff: number): boolean =>
  is_mergeable_vma(kernel, vma, file, vm_flags) && is_mergeable_anon_vma(anon_vma, vma.anon_vma) && vma.vm_pgoff + vma_pages(m, vma) === vm_pgoff;

/**
 * Tries to describe [addr, end) by a neighbour instead of a vma of its own: the vma `prev` before it, the one after it, or both.
 * mmap() and brk() call it for a hole; mprotect(), mlock() and mbind() for a part of a vma whose flags or policy are about to
 * change, at the end of prev or the start of the next vma. They must also agree in policy.
 * @returns the vma that has [addr, end) now, or null. Its vm_flags are the caller's business.
 */
export function vma_merge(this: K<'mpol_equal' | 'vma_adjust'>, mm: Mm, prev: Vma | null, addr: Address, end: Address, vm_flags: number, anon_vma: AnonVma | null, file: File | null, pgoff: number, policy: Mempolicy | null): Vma | null {
  if ((vm_flags & VM_SPECIAL) !== 0) return null;
  const { m } = this;
  const pglen = (end - addr) / m.PAGE_SIZE;
  const area = prev === null ? mm.mmap : prev.vm_next;
  const next = area !== null && area.vm_end === end ? area.vm_next : area; // a whole vma is to change: look behind it
  const with_next = next !== null && end === next.vm_start && this.mpol_equal(policy, next.vm_policy)
    && can_vma_merge_before(this, next, vm_flags, anon_vma, file, pgoff + pglen);

  if (prev !== null && prev.vm_end === addr && this.mpol_equal(prev.vm_policy, policy) && can_vma_merge_after(this, m, prev, vm_flags, anon_vma, file, pgoff)) {
    const both = with_next && is_mergeable_anon_vma(prev.anon_vma, next.anon_vma);
    this.vma_adjust(prev, prev.vm_start, both ? next.vm_end : end, prev.vm_pgoff, null);
    return prev;
  }
  if (!with_next || area === null) return null;
  if (prev !== null && addr < prev.vm_end) this.vma_adjust(prev, prev.vm_start, addr, prev.vm_pgoff, null); // the tail of prev moves to next
  else this.vma_adjust(area, addr, next.vm_end, next.vm_pgoff - pglen, null);
  return area;
}

/**
 * anon_vma_prepare() asks before it makes a new anon_vma: a neighbour that mprotect() could one day merge with the vma shares
 * its own, else their different anon_vmas would forbid the merge for ever.
 */
export function find_mergeable_anon_vma(this: K<'mpol_equal' | 'find_vma_prev'>, vma: Vma): AnonVma | null {
  const { m } = this;
  const after = vma.vm_next;
  if (after !== null && after.anon_vma !== null && vma.vm_end === after.vm_start && this.mpol_equal(vma.vm_policy, after.vm_policy)) {
    const flags = (vma.vm_flags & ~PROTECTION) | (after.vm_flags & PROTECTION);
    if (can_vma_merge_before(this, after, flags, null, vma.vm_file, vma.vm_pgoff + vma_pages(m, vma))) return after.anon_vma;
  }
  const before = this.find_vma_prev(vma.vm_mm, vma.vm_start);
  if (before !== null && before.anon_vma !== null && before.vm_end === vma.vm_start && this.mpol_equal(before.vm_policy, vma.vm_policy)) {
    const flags = (vma.vm_flags & ~PROTECTION) | (before.vm_flags & PROTECTION);
    if (can_vma_merge_after(this, m, before, flags, null, vma.vm_file, vma.vm_pgoff)) return before.anon_vma;
  }
  return null;
}

/**
 * Cuts a vma in two at `addr`; the new vma is the lower part when new_below is not 0. Both have the policy (a copy each) and, if
 * there is one, the anon_vma. @returns 0 or -ENOMEM.
 */
export function split_vma(this: K<'mpol_copy' | 'get_file' | 'vma_adjust'>, mm: Mm, vma: Vma, addr: Address, new_below: number): number {
  const { m } = this;
  if (mm.map_count >= DEFAULT_MAX_MAP_COUNT) return -ENOMEM;
  const part = copy_vma_fields(vma, mm);
  const pages = (addr - vma.vm_start) / m.PAGE_SIZE;
  if (new_below !== 0) part.vm_end = addr;
  else {
    part.vm_start = addr;
    part.vm_pgoff += pages;
  }
  part.vm_policy = this.mpol_copy(vma.vm_policy);
  if (part.vm_file !== null) this.get_file(part.vm_file);
  vmop(this, part, 'open')?.call(this, part);
  if (new_below !== 0) this.vma_adjust(vma, addr, vma.vm_end, vma.vm_pgoff + pages, part);
  else this.vma_adjust(vma, vma.vm_start, addr, vma.vm_pgoff, part);
  return 0;
}
