/**
 * mm/mmigrate.c as patch 3 leaves it: try_to_migrate_pages() has a second argument, which both passes give to node_migrate_onepage().
 *
 * Source: add-node_map-arg-to-try_to_migrate_pages-rc3.patch, by the text of -rc4 3/11, which is called unchanged.
 */
import { EBUSY, ENOSPC } from '@pmkit/mm-core/include/linux/errno';
import { list_add, list_del, list_empty, list_first, list_splice_init } from '@pmkit/mm-core/include/linux/list';
import { IS_ERR } from '@pmkit/mm-core/include/linux/misc';
import { asPage } from '@pmkit/mm-core/model/objects';
import { page_count, page_zone } from '@pmkit/mm-core/include/linux/mm';
import { PageLocked, PageWriteback } from '@pmkit/mm-core/include/linux/page-flags';
import { PF_KSWAPD } from '@pmkit/mm-core/include/linux/sched';
import { newListHead, releaseListHead, type Calls, type ListHead, type Machine, type MaySleep, type PageOrErr } from '@pmkit/mm-core';
import type { NodeMap } from '../include/linux/mmigrate.js';
import type { Kernel3 } from '../index.js';

type K3<S extends keyof Kernel3 = never> = Calls<Kernel3, S, { readonly m: Machine }>;

/**
 * Migrates the pages of a list, each stolen from the LRU with a reference, to the node that `node_map` names for
 * the node it is on; with no map to wherever the caller's policy allocates. Pages that were moved, or are not used any more, are back
 * on the LRU without that reference; the others are on `page_list` again.
 *
 * Pass 1 passes over what is locked or under writeback, or fails; pass 2 waits for it.
 * @returns pages left on the list, or -ENOSPC when one of them found no room in swap.
 */
export function* try_to_migrate_pages(
  this: K3<'prepare_migration' | 'node_migrate_onepage' | 'putback_page_to_lru' | 'put_page'>, page_list: ListHead, node_map: NodeMap | null,
): MaySleep<number> {
  const { m } = this;
  const mem = m.mem_map;
  const pass1_list = newListHead(m);
  const pass2_list = newListHead(m);
  let nr_busy = 0;
  let nr_noswap = 0;

  // so that pageout() may write to a congested queue
  m.current.flags |= PF_KSWAPD;
  yield* this.prepare_migration(page_list);

  list_splice_init(mem, page_list, pass1_list);
  while (!list_empty(mem, pass1_list)) {
    const page = list_first(mem, pass1_list);
    list_del(mem, page);
    let newpage: PageOrErr = -EBUSY;
    if (!PageLocked(mem, page) && !PageWriteback(mem, page)) newpage = yield* this.node_migrate_onepage(page, node_map);
    if (!IS_ERR(newpage)) {
      this.putback_page_to_lru(page_zone(m, asPage(newpage)), asPage(newpage));
      this.put_page(asPage(newpage));
    } else if (page_count(mem, page) === 1) {
      // nobody uses it any more: this frees it
      this.putback_page_to_lru(page_zone(m, page), page);
      this.put_page(page);
    } else list_add(mem, page, pass2_list);
  }

  while (!list_empty(mem, pass2_list)) {
    const page = list_first(mem, pass2_list);
    list_del(mem, page);
    const newpage = yield* this.node_migrate_onepage(page, node_map);
    if (!IS_ERR(newpage)) {
      this.putback_page_to_lru(page_zone(m, asPage(newpage)), asPage(newpage));
      this.put_page(asPage(newpage));
    } else if (page_count(mem, page) === 1) {
      this.putback_page_to_lru(page_zone(m, page), page);
      this.put_page(page);
    } else {
      nr_busy++;
      if (newpage === -ENOSPC) nr_noswap++;
      list_add(mem, page, page_list);
    }
  }

  m.current.flags &= ~PF_KSWAPD;
  releaseListHead(m, pass1_list);
  releaseListHead(m, pass2_list);
  return nr_noswap > 0 ? -ENOSPC : nr_busy;
}
