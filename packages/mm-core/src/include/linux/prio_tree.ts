/**
 * The vmas that map a file: mapping->i_mmap. 2.6.12 keeps them in a priority search tree by file offset; here they are a list, oldest
 * first, so a walk that wants an offset sees the others too. The caller holds mapping->i_mmap_lock.
 */
import type { AddressSpace } from './fs.js';
import type { Vma } from './mm_types.js';

export function vma_prio_tree_insert(vma: Vma, mapping: AddressSpace): void {
  vma.shared_prev = mapping.i_mmap_tail;
  vma.shared_next = null;
  if (mapping.i_mmap_tail === null) mapping.i_mmap = vma;
  else mapping.i_mmap_tail.shared_next = vma;
  mapping.i_mmap_tail = vma;
}
/** fork(): puts the child's vma right behind its parent's. */
export function vma_prio_tree_add(vma: Vma, old: Vma, mapping: AddressSpace): void {
  vma.shared_prev = old;
  vma.shared_next = old.shared_next;
  if (old.shared_next === null) mapping.i_mmap_tail = vma;
  else old.shared_next.shared_prev = vma;
  old.shared_next = vma;
}
export function vma_prio_tree_remove(vma: Vma, mapping: AddressSpace): void {
  if (vma.shared_prev === null) mapping.i_mmap = vma.shared_next;
  else vma.shared_prev.shared_next = vma.shared_next;
  if (vma.shared_next === null) mapping.i_mmap_tail = vma.shared_prev;
  else vma.shared_next.shared_prev = vma.shared_prev;
  vma.shared_prev = null;
  vma.shared_next = null;
}
