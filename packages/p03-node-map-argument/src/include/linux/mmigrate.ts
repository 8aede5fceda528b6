/**
 * include/linux/mmigrate.h as patch 3 leaves it: one inline function more, and another prototype for try_to_migrate_pages().
 *
 * Source: add-node_map-arg-to-try_to_migrate_pages-rc3.patch (10 insertions, 1 deletion in this file); the text is that of -rc4 3/11,
 * which its author calls unchanged from -rc3 and which carries the -rc3 tree's path and date.
 */
import { handsOnSleep } from '@pmkit/linker';
import { MIGRATE_NODE_ANY } from '@pmkit/mm-core/include/linux/mmigrate';
import { page_to_nid } from '@pmkit/mm-core/include/linux/mm';
import type { K, MaySleep, Page, PageOrErr } from '@pmkit/mm-core';

/**
 * Where pages go, by the node they are on: MAX_NUMNODES entries, each a node id or -1. The changelog still calls it an
 * array of shorts; it was one in -rc1 and -rc2.
 */
export type NodeMap = Int32Array;

/**
 * Migrates a page to the node that `node_map` names for the node it is on; anywhere when there is no map.
 *
 * The changelog says that pages on a node whose entry is -1 are left where they are. The code does not do that:
 * MIGRATE_NODE_ANY is -1 as well, so such a page is migrated to any node. Only a caller that filters its list first, as
 * migrate_vma() does, gets what the text promises.
 * @returns the new page, or -errno as migrate_onepage().
 */
export function node_migrate_onepage(this: K<'migrate_onepage'>, page: Page, node_map: NodeMap | null): MaySleep<PageOrErr> {
  return this.migrate_onepage(page, node_map === null ? MIGRATE_NODE_ANY : node_map[page_to_nid(this.m, page)]!);
}
handsOnSleep(node_migrate_onepage);
