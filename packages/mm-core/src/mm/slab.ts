/**
 * mm/slab.c, modelled: object caches take no simulated frames, so an allocation always succeeds. The functions are symbols
 * so that a failure can be injected where the kernel checks for one.
 */
import type { K } from '../kernel-table.js';

/** kmalloc(): 1 stands for the pointer, 0 for NULL. `size` in bytes. */
export function kmalloc(this: K, _size: number, _gfp_mask: number): number {
  return 1;
}

/** kfree(): nothing to give back. */
export function kfree(this: K, _pointer: number): void {
  return;
}
