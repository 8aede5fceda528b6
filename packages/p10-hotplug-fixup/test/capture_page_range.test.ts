/** Patch 10: the hotplug tree with patches 1 to 9 builds again, and captures as the hotplug tree does without the series. */
import { describe, expect, it } from 'vitest';
import { declareSymbols, link, linkUnchecked, Series, type Calls } from '@pmkit/linker';
import { base, createMachine, runKernel, spawn, start, type Machine, type MachineConfig } from '@pmkit/mm-core';
import { addSwap, anonymous, check_invariants, nodesOf, scheduler } from '@pmkit/mm-core/testing';
import { patch as n10, type KernelN10 } from '@pmkit/n10-memsection-migrate';
import { patch as n11 } from '@pmkit/n11-pass-page-list';
import { patch as p01 } from '@pmkit/p01-steal-page-from-lru';
import { patch as p02 } from '@pmkit/p02-xfs-migrate-page';
import { patch as p03 } from '@pmkit/p03-node-map-argument';
import { patch as p04 } from '@pmkit/p04-sys-migrate-pages';
import { patch as p05 } from '@pmkit/p05-mempolicy-migration';
import { patch as p06 } from '@pmkit/p06-mbind-control';
import { patch as p07 } from '@pmkit/p07-migration-selection';
import { patch as p08 } from '@pmkit/p08-cpuset-support';
import { patch as p09 } from '@pmkit/p09-permissions-check';
import { patch } from '../src/index.js';

const level9 = Series.of(base).push(p01).push(p02).push(p03).push(p04).push(p05).push(p06).push(p07).push(p08).push(p09);
const hotplug9 = level9.push(n10).push(n11);
const level10 = hotplug9.push(patch);
const hotplug0 = Series.of(base).push(n10).push(n11);
declareSymbols(level10.definitions.keys());

/** What the hotplug tree has with and without the series, as a caller sees it. */
type Kernel = Calls<KernelN10, Exclude<keyof KernelN10, 'try_to_migrate_pages' | 'steal_page'>, { readonly m: Machine }>;

/** Node 0, where the administrator is, has little room. */
const CONFIG: MachineConfig = {
  nodes: [0, 1, 2].map(id => ({ id, pages: id === 0 ? 64 : 512, cpus: [id] })), distances: [[10, 20, 30], [20, 10, 40], [30, 40, 10]], poison: true,
};

describe('the hotplug tree over patches 1 to 9', () => {
  it("before: does not build, since capture_page_range() calls try_to_migrate_pages() without patch 3's argument", () => {
    expect(() => linkUnchecked(hotplug9, { m: createMachine(CONFIG) })).toThrow(
      "mm/page_alloc.c: In function `capture_page_range':\nmm/page_alloc.c: error: too few arguments to function `try_to_migrate_pages'",
    );
  });
  it('after: builds', () => {
    expect(link(level10, { m: createMachine(CONFIG) }).m.captures).toEqual([]);
  });
});

describe('the page-migration tree alone', () => {
  it('is no place for the patch: it goes behind N1.1', () => {
    expect(() => level9.pushUnchecked(patch)).toThrow("applies on top of 'N1.1-pass-page_list-to-steal_page.patch', but the top is 'sys_migrate_pages-permissions-check.patch'");
  });
  it('has nothing that it could change', () => {
    const astray = { ...patch, after: level9.top };
    expect(() => level9.pushUnchecked(astray)).toThrow('replaces capture_page_range(), which is not defined');
  });
});

describe('a captured range', () => {
  /** Captures the frames of a job of 96 pages on node 1. */
  function capture(kernel: 'without the series' | 'with it') {
    const m = createMachine(CONFIG);
    const k: Kernel = kernel === 'with it' ? start(link(level10, { m })) : start(link(hotplug0, { m }));
    addSwap(k);
    const job = spawn(k, { comm: 'job', cpu: 1 });
    const address = anonymous(k, job, 96);
    const admin = scheduler(k);
    // the whole node but the page tables at its beginning
    const rets = [4, 5, 6, 7, 8].map(order => runKernel(k, admin, k.capture_page_range(512 + 2 ** order, order)));
    expect(check_invariants(k)).toEqual([]);
    return { rets, nodes: nodesOf(k.m, job, address, 96), mem: k.m.mem_map, log: k.m.log.map(line => line.text) };
  }
  it('is emptied to any node, as by the hotplug tree without the series: the map is NULL', () => {
    const before = capture('without the series');
    const after = capture('with it');
    expect(before.rets).toEqual([0, 0, 0, 0, 0]);
    // node 1 has the 13 pages before the first range; node 0 takes what it has room for, the next node the rest
    expect([0, 1, 2].map(node => before.nodes.filter(at => at === node).length)).toEqual([expect.any(Number), 13, expect.any(Number)]);
    expect(new Set(before.nodes)).toEqual(new Set([0, 1, 2]));
    expect(after.rets).toEqual(before.rets);
    expect(after.nodes).toEqual(before.nodes);
    expect(after.log).toEqual(before.log);
  });
});
