/** Page cache and swap cache (radix trees), buffer heads, swap maps. */
import { PAGECACHE_TAG_DIRTY, PAGECACHE_TAG_WRITEBACK, type AddressSpace } from '../../include/linux/fs.js';
import { PageAnon } from '../../include/linux/mm.js';
import { PageLocked, PagePrivate, PageSwapCache, PageWriteback } from '../../include/linux/page-flags.js';
import { RADIX_TREE_MAP_SHIFT, RADIX_TREE_MAP_SIZE, RADIX_TREE_TAGS } from '../../include/linux/radix-tree.js';
import { SWAP_MAP_BAD, SWAP_MAP_MAX, SWP_USED, SWP_WRITEOK, swp_entry } from '../../include/linux/swap.js';
import type { BufferHead, Page, SwpEntry } from '../../include/linux/types.js';
import { BUDDY, HELD_BY_BUFFERS, HELD_BY_CACHE, holdBy, isFrame, noFrame, PCP, type Census } from './census.js';
import { checkTags } from './files.js';
import { countSwap } from './tables.js';

export function censusOfCaches(census: Census): void {
  const { m, violations } = census;
  let nodes = 0;
  for (const mapping of m.mappings) {
    if (mapping === null) continue;
    const { page_tree } = mapping;
    let pages = 0;
    if (page_tree.rnode !== 0) {
      const found = walkNode(census, mapping, page_tree.rnode, page_tree.height, 0);
      nodes += found.nodes;
      pages = found.pages;
    }
    if (mapping.nrpages !== pages) violations.push(`mapping ${mapping.id}: nrpages is ${mapping.nrpages}, expected ${pages}`);
    for (const entry of mapping.host?.shmem?.swp.values() ?? []) countSwap(census, entry, () => `by shared memory, mapping ${mapping.id}`);
  }
  if (m.radix.used !== nodes) violations.push(`radix-tree nodes: ${m.radix.used} in use, expected ${nodes}`);
}

/** A node and what hangs from it: the count of its slots, its tags against those below, the pages against their records. */
function walkNode(census: Census, mapping: AddressSpace, node: number, height: number, first: number): { nodes: number; pages: number } {
  const { m, violations } = census;
  const { slots, tags, count } = m.radix;
  const name = (): string => `radix-tree node ${node} of mapping ${mapping.id}`;
  let nodes = 1;
  let pages = 0;
  let taken = 0;
  const span = 2 ** (RADIX_TREE_MAP_SHIFT * (height - 1));
  for (let slot = 0; slot < RADIX_TREE_MAP_SIZE; slot++) {
    const item = slots[node * RADIX_TREE_MAP_SIZE + slot]!;
    if (item === 0) {
      for (let tag = 0; tag < RADIX_TREE_TAGS; tag++) if (isTagged(tags, node, tag, slot)) violations.push(`${name()}: empty slot ${slot} has tag ${tag}`);
      continue;
    }
    taken++;
    if (height === 1) {
      pages++;
      checkCached(census, mapping, item, first + slot);
      checkTags(census, mapping, item, first + slot, isTagged(tags, node, PAGECACHE_TAG_DIRTY, slot), isTagged(tags, node, PAGECACHE_TAG_WRITEBACK, slot));
      continue;
    }
    for (let tag = 0; tag < RADIX_TREE_TAGS; tag++) {
      const below = anyTagged(tags, item, tag);
      if (isTagged(tags, node, tag, slot) !== below) violations.push(`${name()}: tag ${tag} of slot ${slot} is ${below ? 'clear' : 'set'}, expected as in the node below`);
    }
    const below = walkNode(census, mapping, item, height - 1, first + slot * span);
    nodes += below.nodes;
    pages += below.pages;
  }
  if (count[node] !== taken || taken === 0) violations.push(`${name()}: count is ${count[node]!}, expected ${taken}${taken === 0 ? ' and no such node' : ''}`);
  return { nodes, pages };
}
const TAG_WORDS = 2 * RADIX_TREE_TAGS;
const isTagged = (tags: Uint32Array, node: number, tag: number, slot: number): boolean => ((tags[node * TAG_WORDS + 2 * tag + (slot >> 5)]! >>> (slot & 31)) & 1) !== 0;
const anyTagged = (tags: Uint32Array, node: number, tag: number): boolean => (tags[node * TAG_WORDS + 2 * tag]! | tags[node * TAG_WORDS + 2 * tag + 1]!) !== 0;

/** A page in a tree must say so itself. */
function checkCached(census: Census, mapping: AddressSpace, page: number, index: number): void {
  const { m, violations } = census;
  const { mem_map: mem } = m;
  if (!isFrame(m, page)) {
    noFrame(census, page, `in mapping ${mapping.id} at index ${index}`);
    return;
  }
  holdBy(census, page, HELD_BY_CACHE);
  if (mapping === m.swapper_space) {
    countSwap(census, index as SwpEntry, () => `by the swap cache, page ${page}`);
    if (!PageSwapCache(mem, page as Page) || mem.private[page] !== index) {
      violations.push(`page ${page}: in the swap cache at entry ${index}, but its flags are 0x${mem.flags[page]!.toString(16)} and private ${mem.private[page]!}`);
    }
  } else if (mem.mapping[page] !== mapping.id << 1 || mem.index[page] !== index) {
    violations.push(`page ${page}: in mapping ${mapping.id} at index ${index}, but it says mapping ${mem.mapping[page]! >>> 1}, index ${mem.index[page]!}`);
  }
}

/** The way back: a page that says it is in a cache must be there. Its buffers must say they are the page's. */
export function checkBackPointers(census: Census): void {
  const { m, violations, holds, place } = census;
  const { mem_map: mem } = m;
  let buffers = 0;
  for (const frame of census.seen) {
    const page = frame as Page;
    if (place[page] === BUDDY || place[page] === PCP) continue;
    const mapping = mem.mapping[page]!;
    if ((holds[page]! & HELD_BY_CACHE) === 0) {
      if (PageSwapCache(mem, page)) violations.push(`page ${page}: PG_swapcache is set, but the swap cache does not have it at entry ${mem.private[page]!}`);
      else if (mapping !== 0 && !PageAnon(mem, page)) violations.push(`page ${page}: says mapping ${mapping >>> 1}, index ${mem.index[page]!}, but is not there`);
    }
    if (census.maps[page]! > 0 && PageAnon(mem, page) && (m.anon_vmas[mapping >>> 1] ?? null) === null) {
      violations.push(`page ${page}: mapped, anon_vma ${mapping >>> 1} does not exist`);
    }
    if (PagePrivate(mem, page)) buffers += checkBuffers(census, page);
    if (census.atRest && PageLocked(mem, page)) violations.push(`page ${page}: locked, though nobody is in the kernel`);
    if (census.atRest && PageWriteback(mem, page)) violations.push(`page ${page}: under writeback, though no I/O is`);
  }
  if (census.atRest && m.bh.used !== buffers) violations.push(`buffer heads: ${m.bh.used} in use, expected ${buffers}`);
}

/** The ring of a page's buffers; returns how many there are. Called before references are compared. */
function checkBuffers(census: Census, page: Page): number {
  const { m, violations } = census;
  const { b_page, b_this_page, high } = m.bh;
  const head = m.mem_map.private[page]! as BufferHead;
  const most = m.PAGE_SIZE / 512;
  let count = 0;
  let bh: number = head;
  do {
    if (bh === 0 || bh >= high || b_page[bh] !== page || count === most) {
      violations.push(`page ${page}: buffer ${bh} is number ${count + 1} of its ring from ${head}, but is ${bh === 0 || bh >= high ? 'no buffer' : `of page ${b_page[bh]!}`}`);
      return count;
    }
    count++;
    bh = b_this_page[bh]!;
  } while (bh !== head);
  return count;
}
export function censusOfBuffers(census: Census): void {
  const { mem_map: mem } = census.m;
  // whoever is held now has been met: nobody is added
  for (const page of census.seen) {
    if (census.place[page] !== BUDDY && census.place[page] !== PCP && PagePrivate(mem, page as Page)) holdBy(census, page, HELD_BY_BUFFERS);
  }
}

/** swap_map against the uses that were counted. Uses by those who are in the kernel make it larger, never smaller. */
export function checkSwap(census: Census): void {
  const { m, violations } = census;
  let free = 0;
  let total = 0;
  m.swap_info.forEach((area, type) => {
    const expected = census.swap[type];
    if (area === null || expected === null || expected === undefined || (area.flags & SWP_USED) === 0) return;
    let inuse = 0;
    for (let offset = 1; offset < area.max; offset++) {
      const count = area.swap_map[offset]!;
      if (count === SWAP_MAP_BAD) continue;
      if (count !== 0) inuse++;
      else if (offset < area.lowest_bit || offset > area.highest_bit) {
        violations.push(`swap entry ${type}:${offset}: free, but outside lowest_bit ${area.lowest_bit} to highest_bit ${area.highest_bit}`);
      }
      const uses = expected[offset]!;
      if (count === uses || count === SWAP_MAP_MAX || (!census.atRest && count > uses)) continue;
      violations.push(`swap entry ${type}:${offset} (${swp_entry(type, offset)}): swap_map is ${count}, expected ${uses}`);
    }
    if (area.inuse_pages !== inuse) violations.push(`swap area ${type}: inuse_pages is ${area.inuse_pages}, expected ${inuse}`);
    if ((area.flags & SWP_WRITEOK) === SWP_WRITEOK) {
      free += area.pages - inuse;
      total += area.pages;
    } else free -= inuse; // being switched off: each slot that is freed counts one up
  });
  if (m.nr_swap_pages !== free) violations.push(`nr_swap_pages is ${m.nr_swap_pages}, expected ${free}`);
  if (m.total_swap_pages !== total) violations.push(`total_swap_pages is ${m.total_swap_pages}, expected ${total}`);
}
