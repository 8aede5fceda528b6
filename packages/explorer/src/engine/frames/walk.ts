/** Which frames are free, from the buddy allocator's own lists: what is in a free block is not looked at. */
import type { Machine, Zone } from '@pmkit/mm-core';
import type { Pyramid, Span } from './pyramid.js';

/** The frames that nodes have, by node id ascending; one with none has a span of none. */
export const nodeSpans = (m: Machine): Map<number, Span> =>
  new Map(m.node_ids.map(id => [id, { first: m.node_data[id]?.node_start_pfn ?? 0, frames: m.node_data[id]?.node_present_pages ?? 0 }]));

/** By pfn, the order of the free block that begins there + 1; kept between walks, all zero in between. */
let orders = new Uint8Array(0);

/** Sets the class of every frame that is in no free block by `classify`, and makes the others free. */
export function walkFrames(m: Machine, pyramid: Pyramid, classify: (pfn: number) => number): void {
  if (orders.length < m.mem_map.max_mapnr) orders = new Uint8Array(m.mem_map.max_mapnr);
  for (const zone of m.zones) {
    if (zone === undefined || zone.present_pages === 0) continue;
    eachFreeBlock(m, zone, (pfn, order) => { orders[pfn] = order + 1; });
    const end = zone.zone_start_pfn + zone.present_pages;
    for (let pfn = zone.zone_start_pfn; pfn < end; ) {
      const order = orders[pfn]! - 1;
      if (order < 0) {
        pyramid.set(pfn, classify(pfn));
        pfn++;
        continue;
      }
      orders[pfn] = 0;
      pyramid.free(pfn, 2 ** order);
      pfn += 2 ** order;
    }
  }
}

function eachFreeBlock({ mem_map: { lru_next, max_mapnr } }: Machine, zone: Zone, visit: (pfn: number, order: number) => void): void {
  zone.free_area.forEach(({ free_list }, order) => {
    for (let pfn = lru_next[free_list]!; pfn < max_mapnr; pfn = lru_next[pfn]!) visit(pfn, order);
  });
}
