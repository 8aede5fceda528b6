/**
 * What capture_page_range() does around its call to try_to_migrate_pages(). The function itself is in two patches, N1.0 and patch 10 of the series,
 * which differ in that call only; the loop is here once.
 *
 * Seen (context lines of patch 10, -rc4 11/11): a label `retry`; on_each_cpu(lru_drain_schedule, NULL, 1, 1); `rest`, what grab_capturing_pages() could
 * not take; `remains`, what try_to_migrate_pages() returned; if there is a rest or the list is not empty, -ENOSPC means that a swap device should be added.
 * *Reconstruction*: what becomes of -ENOSPC (it is returned) and of the pages on the list (they go back on the LRU), and that the range is given up then.
 * *Modelled*: the retries end. How the original ended them is not known; here there are CAPTURE_TRIES of them, RETRY_MS apart, and then it is -EBUSY.
 */
import { EBUSY, EINVAL, ENOSPC } from '@pmkit/mm-core/include/linux/errno';
import { list_del, list_empty, list_first } from '@pmkit/mm-core/include/linux/list';
import { page_zone } from '@pmkit/mm-core/include/linux/mm';
import { newListHead, releaseListHead, type Calls, type ListHead, type Machine, type MaySleep, type Page } from '@pmkit/mm-core';
import type { KernelN10 } from '../index.js';
import { beginCapture, giveUp, mayCapture } from './capture.js';

/** Passes over a range before it is given up. */
const CAPTURE_TRIES = 10;
/** Simulated ms between two passes. */
const RETRY_MS = 10;

type Emptier = Calls<
  KernelN10,
  | 'smp_call_function' | 'drain_local_pages' | '__free_pages_bulk' | 'lru_drain_schedule' | 'lru_drain_cache' | 'grab_capturing_pages' | 'msleep'
  | 'putback_page_to_lru' | 'put_page',
  { readonly m: Machine }
>;

/**
 * Captures 2^order frames from `start_pfn` on.
 * @param migrate the call to try_to_migrate_pages(), as the patch has it.
 * @returns 0: all are captured; -ENOSPC, -EBUSY: the range was given up, and `capture_left` of the machine says which frames stayed; -EINVAL: the
 *   frames are not of one zone, or some are captured already.
 */
export function* emptyRange(k: Emptier, start_pfn: number, order: number, migrate: (page_list: ListHead) => MaySleep<number>): MaySleep<number> {
  const { m } = k;
  const nr_pages = 2 ** order;
  if (!mayCapture(m, start_pfn, nr_pages)) return -EINVAL;
  const capture = beginCapture(k, start_pfn, nr_pages);
  const page_list = newListHead(m);
  let ret = -EBUSY;
  for (let tries = CAPTURE_TRIES; tries > 0; tries--) {
    const scheduled: number[] = [];
    k.smp_call_function('lru_drain_schedule', scheduled, 1, 1);
    k.lru_drain_schedule(scheduled);
    const rest = k.grab_capturing_pages(page_list, start_pfn, nr_pages);
    const remains = yield* migrate(page_list);
    if (rest === 0 && list_empty(m.mem_map, page_list)) {
      ret = 0;
      break;
    }
    if (remains === -ENOSPC) {
      ret = remains;
      break;
    }
    yield* k.msleep(RETRY_MS);
    // now that the caller has slept keventd has had its turn
    for (const cpu of scheduled) k.lru_drain_cache(cpu);
  }
  const notMigrated = putBack(k, page_list);
  releaseListHead(m, page_list);
  if (ret !== 0) giveUp(k, capture, notMigrated);
  return ret;
}

/** The pages of the list go back on the LRU, and lose the reference of the steal. @returns which they were. */
function putBack(k: Emptier, page_list: ListHead): ReadonlySet<Page> {
  const { m } = k;
  const pages = new Set<Page>();
  while (!list_empty(m.mem_map, page_list)) {
    const page = list_first(m.mem_map, page_list);
    list_del(m.mem_map, page);
    pages.add(page);
    k.putback_page_to_lru(page_zone(m, page), page);
    k.put_page(page);
  }
  return pages;
}
