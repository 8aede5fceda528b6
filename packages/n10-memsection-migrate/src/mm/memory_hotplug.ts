/**
 * mm/memory_hotplug.c, as far as it calls capture_page_range(). The hotplug tree has it before N1.0; it is here because the base of the kit has nothing of
 * hotplug. Seen: Dave Hansen's roll-up of 17 February 2005 ("[RFC][PATCH] Memory Hotplug"), whose remove_memory() of ia64 is -ENOSYS still. The section is not taken
 * off the memory map, and sysfs is not told: neither is modelled.
 */
import { EAGAIN, EINVAL } from '@pmkit/mm-core/include/linux/errno';
import { KERN_WARNING, printk } from '@pmkit/mm-core/include/linux/kernel';
import type { Calls, Machine, MaySleep, Zone } from '@pmkit/mm-core';
import type { KernelN10 } from '../index.js';

/**
 * Takes a section out of use.
 * @param nr_pages a power of two.
 * @returns 0; -EINVAL; -EAGAIN whatever capture_page_range() did not like, with a line in the log.
 */
export function* __remove_pages(
  this: Calls<KernelN10, 'capture_page_range', { readonly m: Machine }>, _zone: Zone, start_pfn: number, nr_pages: number, _attr: number,
): MaySleep<number> {
  const order = Math.max(0, Math.ceil(Math.log2(nr_pages)));
  if (nr_pages !== 2 ** order) return -EINVAL;
  if ((yield* this.capture_page_range(start_pfn, order)) !== 0) {
    printk(this.m, KERN_WARNING, `__remove_pages(): failed to capture page range: ${start_pfn} -> ${start_pfn + nr_pages}`);
    return -EAGAIN;
  }
  return 0;
}
