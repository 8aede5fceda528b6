/** Faults of the page allocator: no memory, little memory, a node that is taken away. */
import { definitionsOf, replaceSymbol } from '@pmkit/linker';
import type { MaySleep, Page, Zone } from '@pmkit/mm-core';
import { __GFP_NOFAIL } from '@pmkit/mm-core/include/linux/gfp';
import { PageReserved } from '@pmkit/mm-core/include/linux/page-flags';
import { NULL_PAGE } from '@pmkit/mm-core/include/linux/types';
import type { HotplugKernel } from '@pmkit/series/levels';
import { treeName } from '@pmkit/series/catalogue';
import type { Armed } from '../world/actor.js';
import { nodeOf, refuse, somebody, type Arm, type Site } from './site.js';

/** As should_fail_alloc_page() of later kernels has it: who may not fail does not, and the log says nothing. */
export const allocFail: Arm = site => {
  const [which = '1'] = site.fault.parameters;
  const node = which.startsWith('node') ? nodeOf(site, which.slice('node'.length)) : null;
  const nth = node === null ? Number(which) : 1;
  const { k } = site;
  const real = k.__alloc_pages;
  const armed: Armed = {
    pages: [], left: 0,
    can: () => armed.left === 0,
    begin: () => {
      armed.left = nth;
      return undefined;
    },
  };
  replaceSymbol(k, '__alloc_pages', function* (gfp: number, order: number, zonelist: readonly Zone[]): MaySleep<Page> {
    const meant = armed.left > 0 && (gfp & __GFP_NOFAIL) === 0 && (node === null || zonelist[0]?.node === node);
    if (!meant) return yield* real.call(k, gfp, order, zonelist);
    armed.left--;
    return armed.left > 0 ? yield* real.call(k, gfp, order, zonelist) : NULL_PAGE;
  });
  return armed;
};

const zonesOf = ({ k: { m } }: Site, node: number | null): Zone[] =>
  m.zones.filter((zone): zone is Zone => zone !== undefined && zone.present_pages > 0 && (node === null || zone.node === node));

/** Frames are taken as interrupt handlers take them, until each zone is below its low mark; the next allocation would wake kswapd then, and this one does. */
export const memoryPressure: Arm = site => {
  const [node] = site.fault.parameters;
  const zones = zonesOf(site, node === undefined ? null : nodeOf(site, node));
  const { k } = site;
  const armed: Armed = {
    pages: [], left: 0,
    can: () => true,
    begin: () => {
      for (const zone of zones) {
        while (zone.free_pages > zone.pages_min && k.zone_watermark_ok(zone, 0, zone.pages_low, zone.type, 0, 0)) {
          const page = k.buffered_rmqueue(zone, 0, 0);
          if (page === NULL_PAGE) break;
          armed.pages.push(page);
        }
        k.wakeup_kswapd(zone, 0);
      }
      return undefined;
    },
    end: () => {
      for (const page of armed.pages) k.__free_pages(page, 0);
      armed.pages.length = 0;
    },
  };
  return armed;
};

/** The largest aligned block of frames at the end of a node, without the kernel's image: what can be removed of it in one piece. */
function lastBlock(site: Site, node: number): { zone: Zone; start: number; pages: number } {
  const zone = zonesOf(site, node).at(-1) ?? refuse(site, `node ${node} has no memory`);
  const end = zone.zone_start_pfn + zone.spanned_pages;
  let pages = 2 ** Math.floor(Math.log2(zone.spanned_pages));
  while (end % pages !== 0 || PageReserved(site.k.m.mem_map, (end - pages) as Page)) pages /= 2;
  return { zone, start: end - pages, pages };
}

export const nodeOffline: Arm = site => {
  const { k, tree } = site;
  if (!definitionsOf(k).has('capture_page_range')) {
    refuse(site, `the kernel of level ${treeName(tree)} has no capture_page_range(); it comes with the hotplug patches N1.0 and N1.1, which level 10 has`);
  }
  const { zone, start, pages } = lastBlock(site, nodeOf(site, site.fault.parameters[0]!));
  return { pages: [], left: 0, who: somebody(site), can: () => true, begin: () => (k as HotplugKernel).__remove_pages(zone, start, pages, 0) };
};
