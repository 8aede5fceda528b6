/**
 * mm/page_alloc.c as patch 10 leaves it: one argument more.
 *
 * Source: the mail of -rc4 11/11, which carries the path of the -rc3 tree and the date 21 June 2005.
 */
import { emptyRange } from '@pmkit/n10-memsection-migrate/model/empty-range';
import type { Calls, Machine, MaySleep } from '@pmkit/mm-core';
import type { Kernel10 } from '../index.js';

/**
 * As in N1.0; try_to_migrate_pages() gets no node map, so pages go to any node, as without the series.
 * @returns 0; -ENOSPC, -EBUSY, -EINVAL.
 */
export function* capture_page_range(
  this: Calls<
    Kernel10,
    | 'try_to_migrate_pages' | 'smp_call_function' | 'drain_local_pages' | '__free_pages_bulk' | 'lru_drain_schedule' | 'lru_drain_cache'
    | 'grab_capturing_pages' | 'msleep' | 'putback_page_to_lru' | 'put_page',
    { readonly m: Machine }
  >,
  start_pfn: number, order: number,
): MaySleep<number> {
  return yield* emptyRange(this, start_pfn, order, page_list => this.try_to_migrate_pages(page_list, null));
}
