/** What check_invariants() says of captured frames: memory hotplug's, so that the base tree has none unless a test makes them. */
import { describe, expect, it } from 'vitest';
import { list_add, list_del } from '../src/include/linux/list.js';
import type { Page } from '../src/include/linux/types.js';
import { newListHead, type Capture } from '../src/machine.js';
import { check_invariants } from '../src/testing.js';
import { bootNodes, zoneOf } from './frames.js';

/** A machine whose allocator has lost `count` frames of node 1 to a range that begins at frame 64. */
function captured(count: number, nr_pages = count) {
  const k = bootNodes(2, 64);
  const capture: Capture = { start_pfn: 64, nr_pages, captured: newListHead(k.m) };
  k.m.captures.push(capture);
  const frames = Array.from({ length: count }, () => k.__rmqueue(zoneOf(k, 1), 0));
  for (const frame of frames) list_add(k.m.mem_map, frame, capture.captured);
  return { k, frames };
}
/** The frame that node 1 hands out first. */
const first = 64 as Page;

describe('captured frames', () => {
  it('are in their place: free, and on the list of their range', () => {
    const { k, frames } = captured(4);
    expect([...frames].sort((a, b) => a - b)).toEqual([64, 65, 66, 67]);
    expect(check_invariants(k)).toEqual([]);
  });
  it('must not be in use', () => {
    const { k } = captured(4);
    k.m.mem_map._count[first] = 1;
    expect(check_invariants(k)).toEqual([`page ${first}: free, but page_count is 1 and page_mapcount 0, expected 0`]);
  });
  it('must be of their range', () => {
    const { k } = captured(4, 3);
    expect(check_invariants(k)).toEqual(['page 67: captured, expected from 64 to 66']);
  });
  it('must not be lost: off the list of their range they are in no place', () => {
    const { k } = captured(4);
    list_del(k.m.mem_map, first);
    expect(check_invariants(k)).toEqual([expect.stringContaining(`page ${first}: in no place, expected free or in use`)]);
  });
  it('are lost when their range is forgotten', () => {
    const { k } = captured(1);
    k.m.captures.length = 0;
    expect(check_invariants(k)).toContain(`page ${first}: lost on a list whose owner is gone, expected on the LRU`);
  });
});
