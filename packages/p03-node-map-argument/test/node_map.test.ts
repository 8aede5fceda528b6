import { describe, expect, it } from 'vitest';
import { declareSymbols, link, replaceSymbol, Series } from '@pmkit/linker';
import { base, createMachine, newListHead, residentPage, runKernel, spawn, start, syscall, touch, type MachineConfig, type MaySleep, type Page, type Task } from '@pmkit/mm-core';
import { PF_KSWAPD } from '@pmkit/mm-core/include/linux/sched';
import { page_to_nid, page_zone } from '@pmkit/mm-core/include/linux/mm';
import { patch as p01 } from '@pmkit/p01-steal-page-from-lru';
import { patch as p02 } from '@pmkit/p02-xfs-migrate-page';
import { patch, type NodeMap } from '../src/index.js';

const CONFIG: MachineConfig = {
  nodes: [0, 1, 2, 3].map(id => ({ id, pages: 512, cpus: [id] })),
  distances: [[10, 20, 30, 40], [20, 10, 30, 40], [30, 30, 10, 20], [40, 40, 20, 10]], poison: true,
};
const level2 = Series.of(base).push(p01).push(p02);
const level3 = level2.push(patch);
declareSymbols(level3.definitions.keys());

type Kernel2 = ReturnType<typeof boot2>;
const boot2 = (config = CONFIG) => start(link(level2, { m: createMachine(config) }));
const boot3 = (config = CONFIG) => start(link(level3, { m: createMachine(config) }));
type AnyKernel = Omit<Kernel2, 'try_to_migrate_pages'>;

const map = (...pairs: readonly (readonly [number, number])[]): NodeMap => {
  const node_map = new Int32Array(256).fill(-1);
  for (const [from, to] of pairs) node_map[from] = to;
  return node_map;
};

/** Pages of a process on node 1, stolen from the LRU, and a caller on node 0. */
function prepare(k: AnyKernel, pages: number) {
  syscall(k, k.m.init_task, 'swapon', k.add_disk('swap', 8, 32, 1), 512, 0);
  const task = spawn(k, { comm: 'job', cpu: 1 });
  const address = syscall(k, task, 'mmap', 0, pages * k.m.PAGE_SIZE, 3, 0x22, -1, 0);
  touch(k, task, address, pages, 'write');
  k.lru_drain_cache(1);
  const list = newListHead(k.m);
  const page = (i: number) => residentPage(k.m, task, address + i * k.m.PAGE_SIZE);
  for (let i = 0; i < pages; i++) k.steal_page_from_lru(page_zone(k.m, page(i)), page(i), list);
  const where = (): number[] => Array.from({ length: pages }, (_, i) => page_to_nid(k.m, page(i)));
  return { list, where, caller: spawn(k, { comm: 'caller', cpu: 0 }) };
}

describe('without a map', () => {
  it("pages go where the caller's policy puts them, before and after the patch", () => {
    const k2 = boot2();
    const before = prepare(k2, 4);
    expect(runKernel(k2, before.caller, k2.try_to_migrate_pages(before.list))).toBe(0);
    const k3 = boot3();
    const after = prepare(k3, 4);
    expect(runKernel(k3, after.caller, k3.try_to_migrate_pages(after.list, null))).toBe(0);
    expect(before.where()).toEqual([0, 0, 0, 0]);
    expect(after.where()).toEqual(before.where());
  });
});

describe('the caller', () => {
  it('looks like kswapd as long as the pages are moved, so that it may write to a congested disk, before and after the patch', () => {
    for (const migrate of [
      (): readonly number[] => { const k = boot2(); const { list, caller } = prepare(k, 2); return flagsOf(k, caller, () => k.try_to_migrate_pages(list)); },
      (): readonly number[] => { const k = boot3(); const { list, caller } = prepare(k, 2); return flagsOf(k, caller, () => k.try_to_migrate_pages(list, map([1, 2]))); },
    ]) expect(migrate()).toEqual([PF_KSWAPD, 0]);
  });

  /** PF_KSWAPD of the caller while a page is moved, and afterwards. */
  function flagsOf(k: AnyKernel, caller: Task, migrate: () => MaySleep<number>): readonly number[] {
    const { migrate_onepage: real } = k;
    let during = 0;
    const stop = replaceSymbol(k, 'migrate_onepage', function* (page: Page, node: number) {
      during = k.m.current.flags & PF_KSWAPD;
      return yield* real.call(k, page, node);
    });
    runKernel(k, caller, migrate());
    stop();
    return [during, caller.flags & PF_KSWAPD];
  }
});

describe('with a map', () => {
  it('pages go to the node that is named for theirs', () => {
    const k = boot3();
    const { list, where, caller } = prepare(k, 4);
    expect(runKernel(k, caller, k.try_to_migrate_pages(list, map([1, 3], [0, 2])))).toBe(0);
    expect(where()).toEqual([3, 3, 3, 3]);
  });
  it('a full node spills over to the nearest with room: the call is not strict', () => {
    const k = boot3({ ...CONFIG, nodes: [0, 1, 2, 3].map(id => ({ id, pages: id === 3 ? 64 : 512, cpus: [id] })) });
    const { list, where, caller } = prepare(k, 100);
    expect(runKernel(k, caller, k.try_to_migrate_pages(list, map([1, 3])))).toBe(0);
    expect(new Set(where())).toEqual(new Set([2, 3]));
    // what was stolen last is first on the list, and found room
    expect(where().at(-1)).toBe(3);
    expect(where()[0]).toBe(2);
  });
});

describe('an entry of -1 (text against code: the changelog says such pages are left where they are)', () => {
  it('sends the page to any node, because MIGRATE_NODE_ANY is -1 too', () => {
    const k = boot3();
    const { list, where, caller } = prepare(k, 4);
    expect(runKernel(k, caller, k.try_to_migrate_pages(list, map()))).toBe(0);
    expect(where()).toEqual([0, 0, 0, 0]);
  });
});
