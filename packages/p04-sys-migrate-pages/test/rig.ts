/** Small machines at the level of patch 4 and at the level below. */
import { declareSymbols, link, Series } from '@pmkit/linker';
import { base, createMachine, residentPage, start, type MachineConfig, type Page, type Task } from '@pmkit/mm-core';
import { get_page, page_mapped } from '@pmkit/mm-core/include/linux/mm';
import { TestSetPageLocked } from '@pmkit/mm-core/include/linux/page-flags';
import { FOUR_NODES } from '@pmkit/mm-core/testing';
import { patch as p01 } from '@pmkit/p01-steal-page-from-lru';
import { patch as p02 } from '@pmkit/p02-xfs-migrate-page';
import { patch as p03 } from '@pmkit/p03-node-map-argument';
import { patch as p04 } from '../src/index.js';

const level3 = Series.of(base).push(p01).push(p02).push(p03);
const level4 = level3.push(p04);
declareSymbols(level4.definitions.keys());

export const bootLevel3 = (config: MachineConfig = FOUR_NODES) => start(link(level3, { m: createMachine(config) }));
export const bootLevel4 = (config: MachineConfig = FOUR_NODES) => start(link(level4, { m: createMachine(config) }));
export type Kernel4 = ReturnType<typeof bootLevel4>;

/** What reclaim does first to a page: a swap entry instead of the pte. The page stays in the swap cache, on the LRU. */
export function unmapToSwap(k: Kernel4, task: Task, address: number): Page {
  const page = residentPage(k.m, task, address);
  const mem = k.m.mem_map;
  k.lru_drain_cache(task.cpu);
  get_page(mem, page);
  if (TestSetPageLocked(mem, page) || k.add_to_swap(page) === 0) throw new Error('the page is locked, or there is no swap');
  // the first try only makes the pte old
  while (page_mapped(mem, page)) k.try_to_unmap(page, null);
  k.unlock_page(page);
  k.put_page(page);
  return page;
}
