/** N1.1 changes how a page gets on the list, and nothing that can be seen from outside. */
import { describe, expect, it } from 'vitest';
import { declareSymbols, link, Series, type Calls } from '@pmkit/linker';
import { base, createMachine, newListHead, residentPage, runKernel, spawn, start, type Machine, type Page } from '@pmkit/mm-core';
import { EBUSY } from '@pmkit/mm-core/include/linux/errno';
import { list_del, list_empty, list_first } from '@pmkit/mm-core/include/linux/list';
import { get_page, page_zone } from '@pmkit/mm-core/include/linux/mm';
import { PageLRU, set_page_flag } from '@pmkit/mm-core/include/linux/page-flags';
import { addSwap, anonymous, check_invariants, FOUR_NODES, nodesOf, scheduler, stateHash } from '@pmkit/mm-core/testing';
import { patch as n10, type KernelN10 } from '@pmkit/n10-memsection-migrate';
import { PG_capture } from '@pmkit/n10-memsection-migrate/include/linux/page-flags';
import { patch as n11 } from '../src/index.js';

const before = Series.of(base).push(n10);
const after = before.push(n11);
declareSymbols(after.definitions.keys());
const boot = {
  before: () => start(link(before, { m: createMachine(FOUR_NODES) })),
  after: () => start(link(after, { m: createMachine(FOUR_NODES) })),
};
/** What both have, as a caller sees it. */
type Kernel = Calls<KernelN10, Exclude<keyof KernelN10, 'steal_page'>, { readonly m: Machine }>;

/** A job on node 1 with 8 pages on the LRU. */
function prepare(k: Kernel) {
  addSwap(k);
  const job = spawn(k, { comm: 'job', cpu: 2 });
  const address = anonymous(k, job, 8);
  k.lru_drain_cache(2);
  return { job, address, page: (i: number): Page => residentPage(k.m, job, address + i * k.m.PAGE_SIZE) };
}

describe('steal_page()', () => {
  it('before: takes the page off the LRU, and leaves the list to the caller', () => {
    const k = boot.before();
    const page = prepare(k).page(0);
    const list = newListHead(k.m);
    expect(k.steal_page(page_zone(k.m, page), page)).toBe(1);
    expect(PageLRU(k.m.mem_map, page)).toBe(false);
    expect(list_empty(k.m.mem_map, list)).toBe(true);
  });
  it('after: puts it on the list that it is given', () => {
    const k = boot.after();
    const page = prepare(k).page(0);
    const list = newListHead(k.m);
    expect(k.steal_page(page_zone(k.m, page), page, list)).toBe(1);
    expect(PageLRU(k.m.mem_map, page)).toBe(false);
    expect(list_first(k.m.mem_map, list)).toBe(page);
  });
});

describe.each(['before', 'after'] as const)('grab_capturing_pages(), %s', level => {
  it('takes what is marked and on the LRU, and counts what is marked and not', () => {
    const k: Kernel = boot[level]();
    const { page } = prepare(k);
    const mem = k.m.mem_map;
    const marked = [0, 1, 2].map(page);
    for (const one of marked) set_page_flag(mem, one, PG_capture);
    // somebody else has this one
    const elsewhere = newListHead(k.m);
    k.steal_page_from_lru(page_zone(k.m, page(1)), page(1), elsewhere);
    const list = newListHead(k.m);
    expect(k.grab_capturing_pages(list, 512, 512)).toBe(1);
    const grabbed: Page[] = [];
    while (!list_empty(mem, list)) {
      const first = list_first(mem, list);
      list_del(mem, first);
      grabbed.push(first);
    }
    expect(grabbed.sort((a, b) => a - b)).toEqual([page(0), page(2)].sort((a, b) => a - b));
  });
});

describe('a capture', () => {
  it('ends in the same state, to the last bit, before and after', () => {
    const capture = (k: Kernel): string => {
      const { job, address, page } = prepare(k);
      get_page(k.m.mem_map, page(3));
      expect(runKernel(k, scheduler(k), k.capture_page_range(512, 9))).toBe(-EBUSY);
      expect(nodesOf(k.m, job, address, 8)).toEqual([0, 0, 0, 1, 0, 0, 0, 0]);
      expect(check_invariants(k, { pins: new Map([[page(3) as number, 1]]) })).toEqual([]);
      return stateHash(k);
    };
    expect(capture(boot.after())).toBe(capture(boot.before()));
  });
});
