/** Somebody has a page for a while: locked, under writeback, or just in use. What he does with it is not simulated; he has a reference to it all the time. */
import type { Page } from '@pmkit/mm-core';
import { get_page, page_mapping } from '@pmkit/mm-core/include/linux/mm';
import { PageLocked, PageWriteback, TestSetPageLocked } from '@pmkit/mm-core/include/linux/page-flags';
import type { AnyKernel } from '@pmkit/series/levels';
import type { Armed } from '../world/actor.js';
import { pageAt, taskOf, type Arm } from './site.js';

/** What he does with it when he has taken it, and before he gives it back. */
interface Use { readonly free: (k: AnyKernel, page: Page) => boolean; readonly take: (k: AnyKernel, page: Page) => void; readonly leave: (k: AnyKernel, page: Page) => void }

function inUse({ free, take, leave }: Use): Arm {
  return site => {
    const { k, fault } = site;
    const [task, address] = fault.parameters;
    const find = pageAt(site, taskOf(site, task!), address!);
    const armed: Armed = {
      pages: [], left: 0,
      can: () => {
        const found = find();
        return found !== 0 && free(k, found);
      },
      begin: () => {
        const page = find();
        get_page(k.m.mem_map, page);
        armed.pages.push(page);
        take(k, page);
        return undefined;
      },
      end: () => {
        const page = armed.pages.pop()!;
        leave(k, page);
        k.put_page(page);
      },
    };
    return armed;
  };
}

const nothing = (): void => undefined;

export const pageLocked = inUse({
  free: ({ m }, page) => !PageLocked(m.mem_map, page),
  take: ({ m }, page) => void TestSetPageLocked(m.mem_map, page),
  leave: (k, page) => k.unlock_page(page),
});
/** Only what belongs to a file or to the swap cache is written. */
export const pageWriteback = inUse({
  free: ({ m }, page) => !PageLocked(m.mem_map, page) && !PageWriteback(m.mem_map, page) && page_mapping(m, page) !== null,
  take: (k, page) => void k.test_set_page_writeback(page),
  leave: (k, page) => k.end_page_writeback(page),
});
export const pageHeld = inUse({ free: () => true, take: nothing, leave: nothing });
