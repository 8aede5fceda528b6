/** Swap: slots and their users, pages that go out and come back, areas that come and go. Reclaim is not asked: the tests do what it does. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { injectError } from '@pmkit/linker';
import { pte_dirty, pte_offset, pte_present, pte_to_swp_entry, pte_write, pte_young } from '../src/include/asm-ia64/pgtable.js';
import type { BlockDevice } from '../src/include/linux/fs.js';
import { get_page, page_count, page_mapped } from '../src/include/linux/mm.js';
import {
  PageActive, PageDirty, PageError, PageSwapCache, PageUptodate, PageWriteback, PG_locked, PG_reclaim, set_page_flag, TestSetPageLocked,
} from '../src/include/linux/page-flags.js';
import { SIGKILL, SIGTERM, type Task } from '../src/include/linux/sched.js';
import { SWAP_MAP_MAX, swp_entry, swp_offset, swp_type } from '../src/include/linux/swap.js';
import type { Page, Pte, SwpEntry } from '../src/include/linux/types.js';
import {
  boot, finishPath, load, newPath, NO_RESULT, residentPage, runKernel, settle, spawn, stepPath, store, syscall, touch, type Kernel,
  type MachineConfig,
} from '../src/index.js';
import { check_invariants } from '../src/testing.js';

const EPERM = -1;
const EINTR = -4;
const ENOMEM = -12;
const EBUSY = -16;
const EINVAL = -22;
const RW = 3;
const SHARED_ANONYMOUS = 0x21;
const PRIVATE_ANONYMOUS = 0x22;

const bootKernel = (config: Partial<MachineConfig> = {}): Kernel => boot({ nodes: [{ id: 0, pages: 2048, cpus: [0] }], poison: true, ...config });
let disks = 0;
const newDisk = (k: Kernel): BlockDevice => k.add_disk(`swap${++disks}`, 8, 16 * disks, 1);
/** Adds an area of so many usable slots. */
function addSwap(k: Kernel, slots = 1024, prio = -1): BlockDevice {
  const disk = newDisk(k);
  expect(syscall(k, k.m.init_task, 'swapon', disk, slots + 1, prio)).toBe(0);
  return disk;
}
const swapoff = (k: Kernel, disk: BlockDevice): number => syscall(k, k.m.init_task, 'swapoff', disk);
/** Takes slots; their numbers. */
const take = (k: Kernel, slots: number): number[] => Array.from({ length: slots }, () => swp_offset(k.get_swap_page()));
const takeTyped = (k: Kernel, slots: number): string =>
  Array.from({ length: slots }, () => k.get_swap_page()).map(entry => `${swp_type(entry)}:${swp_offset(entry)}`).join(' ');
const logOf = (k: Kernel): string[] => k.m.log.map(line => line.text);

interface Job { readonly k: Kernel; readonly task: Task; readonly address: number; readonly disk: BlockDevice }
/** A task with private memory that it has written, on a machine with swap. */
function startJob(pages = 8, slots = 1024): Job {
  const k = bootKernel();
  const disk = addSwap(k, slots);
  const task = spawn(k, { comm: 'job' });
  return { k, task, disk, address: mapMemory(k, task, pages, PRIVATE_ANONYMOUS) };
}
function mapMemory(k: Kernel, task: Task, pages: number, flags: number): number {
  const address = syscall(k, task, 'mmap', 0, pages * k.m.PAGE_SIZE, RW, flags, -1, 0);
  expect(touch(k, task, address, pages, 'write')).toBe(pages);
  return address;
}
const at = ({ k, address }: Job, page: number): number => address + page * k.m.PAGE_SIZE;
const tokens = (k: Kernel, task: Task, address: number, pages: number): number[] =>
  Array.from({ length: pages }, (_, i) => load(k, task, address + i * k.m.PAGE_SIZE));
const pteAt = (k: Kernel, task: Task, address: number): Pte => k.m.ptes[pte_offset(k.m, task.mm!, address)]! as Pte;
const entryAt = (k: Kernel, task: Task, address: number): SwpEntry => {
  const pte = pteAt(k, task, address);
  return (pte_present(pte) ? 0 : pte_to_swp_entry(pte)) as SwpEntry;
};
const uses = (k: Kernel, entry: SwpEntry): number => k.m.swap_info[swp_type(entry)]!.swap_map[swp_offset(entry)]!;
const fork = (k: Kernel, task: Task): Task => k.m.tasks.get(runKernel(k, task, k.do_fork(17)))!;
const kill = (k: Kernel, task: Task): number => syscall(k, k.m.init_task, 'kill', task.pid, SIGKILL);

/** A page in hand as shrink_list() has it: with a reference, locked. */
function isolate(k: Kernel, page: Page): void {
  k.lru_drain_cache(0);
  get_page(k.m.mem_map, page);
  expect(TestSetPageLocked(k.m.mem_map, page)).toBe(false);
}
function release(k: Kernel, page: Page): void {
  k.unlock_page(page);
  k.put_page(page);
}
/** Puts a page in hand into the swap cache and takes its ptes away, as reclaim does with one that nobody has used for a while. */
function unmap(k: Kernel, page: Page): SwpEntry {
  const mem = k.m.mem_map;
  if (!PageSwapCache(mem, page)) expect(k.add_to_swap(page)).toBe(1);
  // a young pte is only made old by the first try
  for (let tries = 0; tries < 8 && page_mapped(mem, page); tries++) k.try_to_unmap(page, null);
  expect(page_mapped(mem, page)).toBe(false);
  return mem.private[page]! as SwpEntry;
}
/** Writes a page in hand to its slot and waits; it is not locked afterwards. */
function write(k: Kernel, page: Page): void {
  k.clear_page_dirty_for_io(page);
  runKernel(k, k.m.init_task, k.swap_writepage(page));
  settle(k);
}
/** Swaps out the page at an address: the frame is free afterwards. */
function swapOut(k: Kernel, task: Task, address: number): SwpEntry {
  const page = residentPage(k.m, task, address);
  isolate(k, page);
  const entry = unmap(k, page);
  write(k, page);
  set_page_flag(k.m.mem_map, page, PG_locked);
  k.delete_from_swap_cache(page);
  release(k, page);
  expect(page_count(k.m.mem_map, page)).toBe(0);
  return entry;
}
/** Leaves the page at an address in the swap cache, written, without ptes. */
function leaveInCache(k: Kernel, task: Task, address: number): SwpEntry {
  const page = residentPage(k.m, task, address);
  isolate(k, page);
  const entry = unmap(k, page);
  write(k, page);
  k.put_page(page);
  return entry;
}
/** Swaps out a page of shared memory: from the file to the swap cache, and then like any other. */
function swapOutShared(k: Kernel, task: Task, address: number): void {
  const { m } = k;
  const page = residentPage(m, task, address);
  isolate(k, page);
  for (let tries = 0; tries < 8 && page_mapped(m.mem_map, page); tries++) k.try_to_unmap(page, null);
  k.clear_page_dirty_for_io(page);
  expect(runKernel(k, m.init_task, k.shmem_writepage(page))).toBe(0);
  set_page_flag(m.mem_map, page, PG_locked);
  write(k, page);
  set_page_flag(m.mem_map, page, PG_locked);
  k.delete_from_swap_cache(page);
  release(k, page);
}

describe('slots of one area', () => {
  it('are given out one after the other, behind the header', () => {
    const k = bootKernel();
    addSwap(k);
    expect(take(k, 5)).toEqual([1, 2, 3, 4, 5]);
    expect(k.m.nr_swap_pages).toBe(1019);
  });
  it('a slot that is freed behind the cluster is not taken again at once', () => {
    const k = bootKernel();
    addSwap(k);
    take(k, 10);
    k.swap_free(swp_entry(0, 3));
    expect(take(k, 2)).toEqual([11, 12]);
  });
  it('after a cluster the first place with 256 free slots is next', () => {
    const k = bootKernel();
    addSwap(k);
    take(k, 257);
    for (let slot = 2; slot < 258; slot++) k.swap_free(swp_entry(0, slot));
    expect(take(k, 2)).toEqual([2, 3]);
  });
  it('where no 256 are free in a row, the first free one is', () => {
    const k = bootKernel();
    addSwap(k, 300);
    take(k, 257);
    k.swap_free(swp_entry(0, 7));
    k.swap_free(swp_entry(0, 9));
    expect(take(k, 3)).toEqual([7, 9, 258]);
  });
  it('a full area gives none, and the one that is freed then', () => {
    const k = bootKernel();
    addSwap(k, 4);
    take(k, 4);
    expect(k.get_swap_page()).toBe(0);
    k.swap_free(swp_entry(0, 2));
    expect(take(k, 2)).toEqual([2, 0]);
  });
  it('a search that found nothing has used the cluster up: the next one starts at the lowest slot', () => {
    const k = bootKernel();
    addSwap(k, 300);
    take(k, 300);
    k.swap_free(swp_entry(0, 250));
    k.swap_free(swp_entry(0, 100));
    expect(take(k, 2)).toEqual([100, 250]);
    k.swap_free(swp_entry(0, 50));
    expect(take(k, 1)).toEqual([50]);
    // asked although it is full, as when another area still has room
    expect(k.scan_swap_map(k.m.swap_info[0]!)).toBe(0);
    k.swap_free(swp_entry(0, 240));
    k.swap_free(swp_entry(0, 20));
    expect(take(k, 2)).toEqual([20, 240]);
  });
  it('whatever is taken and freed: no slot is given out twice, and one as long as any is free', () => {
    fc.assert(fc.property(fc.integer({ min: 1, max: 600 }), fc.array(fc.nat({ max: 999 }), { maxLength: 1500 }), (slots, steps) => {
      const k = bootKernel({ nodes: [{ id: 0, pages: 64, cpus: [0] }] });
      addSwap(k, slots);
      const taken: SwpEntry[] = [];
      for (const step of steps) {
        if (step % 5 < 3) {
          const entry = k.get_swap_page();
          expect(entry !== 0).toBe(taken.length < slots);
          if (entry === 0) continue;
          expect(swp_offset(entry)).toBeLessThanOrEqual(slots);
          expect(taken).not.toContain(entry);
          taken.push(entry);
        } else if (taken.length > 0) k.swap_free(taken.splice(step % taken.length, 1)[0]!);
      }
      expect(k.m.nr_swap_pages).toBe(slots - taken.length);
      expect(k.m.swap_info[0]!.inuse_pages).toBe(taken.length);
      for (const entry of taken) k.swap_free(entry);
      expect(check_invariants(k)).toEqual([]);
    }), { numRuns: 30 });
  });
  it('an area may have 33 million of them', () => {
    const k = bootKernel();
    addSwap(k, 2 ** 25 - 3);
    expect(take(k, 2)).toEqual([1, 2]);
    expect(() => syscall(k, k.m.init_task, 'swapon', newDisk(k), 2 ** 25, 0)).toThrow('swapon: expected 0 to 33554430 pages, found 33554432');
  });
});

describe('several areas', () => {
  it('of one priority take turns, the last one added first', () => {
    const k = bootKernel();
    addSwap(k, 8, 5);
    addSwap(k, 8, 5);
    expect(takeTyped(k, 5)).toBe('1:1 0:1 1:2 0:2 1:3');
  });
  it('of different priorities are used one after the other', () => {
    const k = bootKernel();
    addSwap(k, 2, 1);
    addSwap(k, 2, 7);
    expect(takeTyped(k, 5)).toBe('1:1 1:2 0:1 0:2 0:0');
  });
  it('a slot that becomes free in a better area is taken before any in a worse one', () => {
    const k = bootKernel();
    addSwap(k, 4, 1);
    addSwap(k, 2, 7);
    takeTyped(k, 3);
    k.swap_free(swp_entry(1, 2));
    expect(takeTyped(k, 2)).toBe('1:2 0:2');
  });
  it('without a priority the first one added is the best, and below all that have one', () => {
    const k = bootKernel();
    addSwap(k, 2);
    addSwap(k, 2);
    addSwap(k, 2, 0);
    expect(k.m.swap_info.map(area => area!.prio)).toEqual([-1, -2, 0]);
    expect(takeTyped(k, 6)).toBe('2:1 2:2 0:1 0:2 1:1 1:2');
  });
});

describe('uses of a slot', () => {
  it('are the ptes that have it, over fork() and exit, and the swap cache', () => {
    const job = startJob();
    const { k, task } = job;
    const entry = swapOut(k, task, job.address);
    expect(uses(k, entry)).toBe(1);
    const child = fork(k, task);
    const grandchild = fork(k, child);
    expect(uses(k, entry)).toBe(3);
    kill(k, child);
    expect(uses(k, entry)).toBe(2);
    load(k, task, job.address);
    expect(uses(k, entry)).toBe(2); // the grandchild and the swap cache
    kill(k, grandchild);
    kill(k, task);
    expect(uses(k, entry)).toBe(0);
    expect(check_invariants(k)).toEqual([]);
  });
  it('from 32767 on are not counted any more, until swapoff', () => {
    const { k, task, address, disk } = startJob();
    const entry = swapOut(k, task, address);
    const before = k.m.swap_info[0]!;
    before.swap_map[swp_offset(entry)] = SWAP_MAP_MAX - 2;
    expect([k.swap_duplicate(entry), uses(k, entry)]).toEqual([1, SWAP_MAP_MAX - 1]);
    expect([k.swap_duplicate(entry), uses(k, entry)]).toEqual([1, SWAP_MAP_MAX]);
    k.swap_free(entry);
    expect(uses(k, entry)).toBe(SWAP_MAP_MAX);
    expect(logOf(k).filter(line => line.includes('overflow'))).toEqual(['swap_dup: swap entry overflow']);
    const token = before.content[swp_offset(entry)]!;
    expect(swapoff(k, disk)).toBe(0);
    expect(logOf(k).at(-1)).toBe('swapoff: cleared swap entry overflow');
    expect(load(k, task, address)).toBe(token);
    expect(check_invariants(k)).toEqual([]);
  });
  it('of a slot that is not there or free are refused', () => {
    const k = bootKernel();
    const disk = addSwap(k, 4);
    const before = k.m.log.length;
    expect([swp_entry(0, 2), swp_entry(0, 9), swp_entry(3, 1), swp_entry(0, 0)].map(entry => k.swap_duplicate(entry))).toEqual([0, 0, 0, 0]);
    for (const entry of [swp_entry(0, 2), swp_entry(0, 9), swp_entry(3, 1), swp_entry(0, 0)]) k.swap_free(entry);
    swapoff(k, disk);
    k.swap_free(swp_entry(0, 2));
    expect(logOf(k).slice(before)).toEqual([
      'swap_dup: Bad swap file entry 06000001', 'swap_free: Unused swap offset entry 00000002', 'swap_free: Bad swap offset entry 00000009',
      'swap_free: Bad swap file entry 06000001', 'swap_free: Unused swap file entry 00000002',
    ]);
  });
});

describe('a page that goes to swap', () => {
  it('comes back with its contents, by a major fault', () => {
    const job = startJob();
    const { k, task, disk } = job;
    const token = store(k, task, at(job, 1));
    const entry = swapOut(k, task, at(job, 1));
    expect(entryAt(k, task, at(job, 1))).toBe(entry);
    expect(k.m.swap_info[0]!.content[swp_offset(entry)]).toBe(token);
    expect(disk.data.get(swp_offset(entry))).toBe(token);
    const majors = task.maj_flt;
    expect(load(k, task, at(job, 1))).toBe(token);
    expect(task.maj_flt).toBe(majors + 1);
    expect([k.m.page_state.pswpout, k.m.page_state.pswpin]).toEqual([1, 1]);
    expect(check_invariants(k)).toEqual([]);
  });
  it('is found in the swap cache as long as it is there, without I/O', () => {
    const { k, task, address, disk } = startJob();
    const token = store(k, task, address);
    const page = residentPage(k.m, task, address);
    leaveInCache(k, task, address);
    expect(load(k, task, address)).toBe(token);
    expect(residentPage(k.m, task, address)).toBe(page);
    expect(disk.reads).toBe(0);
    expect(check_invariants(k)).toEqual([]);
  });
  it('is under writeback, unlocked and clean while it is written', () => {
    const { k, task, address } = startJob();
    const mem = k.m.mem_map;
    const page = residentPage(k.m, task, address);
    isolate(k, page);
    unmap(k, page);
    expect([PageDirty(mem, page), PageUptodate(mem, page)]).toEqual([true, true]);
    k.clear_page_dirty_for_io(page);
    runKernel(k, k.m.init_task, k.swap_writepage(page));
    expect([PageWriteback(mem, page), PageDirty(mem, page), k.m.page_state.nr_writeback, k.m.page_state.nr_dirty]).toEqual([true, false, 1, 0]);
    expect(check_invariants(k)).toEqual([]);
    settle(k);
    expect([PageWriteback(mem, page), k.m.page_state.nr_writeback]).toEqual([false, 0]);
    k.put_page(page);
  });
  it('goes to the tail of the inactive list when reclaim waits for it', () => {
    const { k, task, address } = startJob();
    const page = residentPage(k.m, task, address);
    isolate(k, page);
    unmap(k, page);
    // deactivated, as refill_inactive_zone() does
    const zone = k.m.zones.find(candidate => candidate !== undefined && candidate.nr_active > 0)!;
    k.del_page_from_lru(zone, page);
    k.add_page_to_inactive_list(zone, page);
    set_page_flag(k.m.mem_map, page, PG_reclaim);
    write(k, page);
    expect(k.m.page_state.pgrotated).toBe(1);
    k.put_page(page);
  });
  it('is not written when nobody uses it any more: it leaves the swap cache instead', () => {
    const { k, task, address, disk } = startJob();
    const page = residentPage(k.m, task, address);
    isolate(k, page);
    const entry = unmap(k, page);
    syscall(k, task, 'munmap', address, k.m.PAGE_SIZE);
    expect(uses(k, entry)).toBe(1);
    runKernel(k, k.m.init_task, k.swap_writepage(page));
    expect([uses(k, entry), PageSwapCache(k.m.mem_map, page), PageDirty(k.m.mem_map, page), disk.writes]).toEqual([0, false, true, 0]);
    k.put_page(page);
    expect(check_invariants(k)).toEqual([]);
  });
  it('shared memory goes through the swap cache and back into its file', () => {
    const k = bootKernel();
    addSwap(k);
    const task = spawn(k, { comm: 'job' });
    const address = mapMemory(k, task, 4, SHARED_ANONYMOUS);
    const child = fork(k, task);
    const before = tokens(k, task, address, 4);
    for (let i = 0; i < 4; i++) swapOutShared(k, task, address + i * k.m.PAGE_SIZE);
    expect(k.m.swap_info[0]!.inuse_pages).toBe(4);
    expect(tokens(k, child, address, 4)).toEqual(before);
    expect(tokens(k, task, address, 4)).toEqual(before);
    expect(k.m.swap_info[0]!.inuse_pages).toBe(0);
    expect(check_invariants(k)).toEqual([]);
  });
  it('has no slot to go to when swap is full', () => {
    const job = startJob(3, 1);
    const { k, task } = job;
    swapOut(k, task, job.address);
    const page = residentPage(k.m, task, at(job, 1));
    isolate(k, page);
    expect(k.add_to_swap(page)).toBe(0);
    expect(PageSwapCache(k.m.mem_map, page)).toBe(false);
    release(k, page);
    expect(k.si_swapinfo()).toEqual({ totalswap: 1, freeswap: 0 });
  });
  it('gets another slot when a read-ahead was faster with the first one, and none without memory for the tree', () => {
    const { k, task, address } = startJob();
    const page = residentPage(k.m, task, address);
    isolate(k, page);
    let stop = injectError(k, '__add_to_swap_cache', -17, { times: 1 });
    expect(k.add_to_swap(page)).toBe(1);
    stop();
    expect(k.m.mem_map.private[page]).toBe(swp_entry(0, 2));
    k.remove_exclusive_swap_page(page);
    k.__remove_exclusive_swap_page(page, 1);
    stop = injectError(k, '__add_to_swap_cache', ENOMEM);
    expect(k.add_to_swap(page)).toBe(0);
    stop();
    release(k, page);
    expect(k.m.nr_swap_pages).toBe(k.m.total_swap_pages);
    expect(check_invariants(k)).toEqual([]);
  });
});

describe('who may have a page of the swap cache to himself', () => {
  it('a store by the only user goes to the page itself', () => {
    const { k, task, address } = startJob();
    leaveInCache(k, task, address);
    load(k, task, address);
    const page = residentPage(k.m, task, address);
    store(k, task, address);
    expect(residentPage(k.m, task, address)).toBe(page);
    expect(check_invariants(k)).toEqual([]);
  });
  it('a store by one of two goes to a copy, and the other keeps the old contents', () => {
    const { k, task, address } = startJob();
    const token = store(k, task, address);
    const child = fork(k, task);
    swapOut(k, task, address);
    const written = store(k, task, address);
    expect([load(k, task, address), load(k, child, address)]).toEqual([written, token]);
    expect(residentPage(k.m, task, address)).not.toBe(residentPage(k.m, child, address));
    expect(check_invariants(k)).toEqual([]);
  });
  it('munmap frees the slot and the page in the swap cache', () => {
    const { k, task, address } = startJob();
    leaveInCache(k, task, address);
    const free = k.m.nr_swap_pages;
    syscall(k, task, 'munmap', address, k.m.PAGE_SIZE);
    expect([k.m.nr_swap_pages, k.m.swapper_space.nrpages]).toEqual([free + 1, 0]);
    expect(check_invariants(k)).toEqual([]);
  });
  it('a page that is mapped again keeps its slot, unless swap is more than half full', () => {
    for (const [slots, kept] of [[8, true], [3, false]] as const) {
      const job = startJob(8, slots);
      const { k, task, address } = job;
      swapOut(k, task, at(job, 1));
      swapOut(k, task, address);
      load(k, task, address);
      const page = residentPage(k.m, task, address);
      expect(PageSwapCache(k.m.mem_map, page)).toBe(kept);
      expect(check_invariants(k)).toEqual([]);
    }
  });
});

describe('__remove_exclusive_swap_page()', () => {
  /** A page in the swap cache that is mapped again, in hand. */
  const mappedAgain = () => {
    const job = startJob();
    const { k, task, address } = job;
    leaveInCache(k, task, address);
    load(k, task, address);
    const page = residentPage(k.m, task, address);
    isolate(k, page);
    return { ...job, page };
  };
  it('refuses while a pte maps the page; by force the ptes do not count', () => {
    const { k, page } = mappedAgain();
    expect(k.remove_exclusive_swap_page(page)).toBe(0);
    expect(k.__remove_exclusive_swap_page(page, 1)).toBe(1);
    expect([PageSwapCache(k.m.mem_map, page), PageDirty(k.m.mem_map, page), k.m.nr_swap_pages]).toEqual([false, true, k.m.total_swap_pages]);
    release(k, page);
    expect(check_invariants(k)).toEqual([]);
  });
  it('even by force leaves a page to a fault that has found it', () => {
    const { k, page } = mappedAgain();
    get_page(k.m.mem_map, page);
    expect(k.__remove_exclusive_swap_page(page, 1)).toBe(0);
    k.put_page(page);
    release(k, page);
  });
  it('even by force leaves a slot to a pte that has it', () => {
    const { k, task, address } = startJob();
    const child = fork(k, task);
    const token = load(k, task, address);
    leaveInCache(k, task, address);
    load(k, task, address);
    const page = residentPage(k.m, task, address);
    isolate(k, page);
    expect(k.__remove_exclusive_swap_page(page, 1)).toBe(0);
    release(k, page);
    expect(load(k, child, address)).toBe(token);
    expect(check_invariants(k)).toEqual([]);
  });
  it('refuses during writeback', () => {
    const { k, task, address } = startJob();
    const page = residentPage(k.m, task, address);
    isolate(k, page);
    unmap(k, page);
    runKernel(k, k.m.init_task, k.swap_writepage(page));
    set_page_flag(k.m.mem_map, page, PG_locked);
    expect(k.__remove_exclusive_swap_page(page, 1)).toBe(0);
    release(k, page);
    settle(k);
  });
});

describe('I/O errors', () => {
  it('a page that could not be written has PG_error, and is clean as if it had been', () => {
    const { k, task, address, disk } = startJob();
    const mem = k.m.mem_map;
    const page = residentPage(k.m, task, address);
    isolate(k, page);
    const entry = unmap(k, page);
    disk.fail_writes = true;
    write(k, page);
    expect([PageError(mem, page), PageDirty(mem, page), PageWriteback(mem, page), PageSwapCache(mem, page)]).toEqual([true, false, false, true]);
    expect(k.m.swap_info[0]!.content[swp_offset(entry)]).toBe(0);
    k.put_page(page);
  });
  it('a task that touches a page that cannot be read is killed by SIGBUS', () => {
    const { k, task, address, disk } = startJob();
    swapOut(k, task, address);
    disk.fail_reads = true;
    expect(load(k, task, address)).toBe(NO_RESULT);
    expect(task.exit_code & 0x7f).toBe(7);
    expect(check_invariants(k)).toEqual([]);
  });
});

describe('swapon', () => {
  const swapon = (k: Kernel, task: Task, disk: BlockDevice, pages: number, prio = -1): number => syscall(k, task, 'swapon', disk, pages, prio);
  it('is for root', () => {
    const k = bootKernel();
    const disk = addSwap(k);
    expect(swapon(k, spawn(k, { uid: 500 }), disk, 0)).toBe(EPERM);
  });
  it('finds the disk in use before it looks at its size', () => {
    const k = bootKernel();
    const disk = addSwap(k);
    expect(swapon(k, k.m.init_task, disk, 1)).toBe(EBUSY);
    const mounted = newDisk(k);
    k.new_super_block('ext2', '/mnt', mounted, k.m.PAGE_SIZE);
    expect(swapon(k, k.m.init_task, mounted, 1)).toBe(EBUSY);
  });
  it('wants one slot at least', () => {
    const k = bootKernel();
    expect(swapon(k, k.m.init_task, newDisk(k), 0)).toBe(ENOMEM);
    expect(swapon(k, k.m.init_task, newDisk(k), 1)).toBe(EINVAL);
    expect(logOf(k).at(-1)).toBe('Empty swap-file');
    expect(k.get_swap_page()).toBe(0);
    expect(check_invariants(k)).toEqual([]);
  });
  it('has room for 32 areas, and asks for that first', () => {
    const k = bootKernel();
    const areas = Array.from({ length: 32 }, () => addSwap(k, 1));
    expect(swapon(k, k.m.init_task, areas[0]!, 1)).toBe(EPERM);
    expect(swapoff(k, areas[7]!)).toBe(0);
    expect(swapon(k, k.m.init_task, newDisk(k), 9)).toBe(0);
    expect(k.m.swap_info[7]!.pages).toBe(8);
    expect(check_invariants(k)).toEqual([]);
  });
  it('says what it added; a priority it gave is taken back when it fails', () => {
    const k = bootKernel();
    const name = addSwap(k, 4).name;
    expect(logOf(k).at(-1)).toBe(`Adding 64k swap on /dev/${name}.  Priority:-1 extents:1`);
    swapon(k, k.m.init_task, newDisk(k), 1);
    addSwap(k, 4);
    expect(logOf(k).at(-1)).toContain('Priority:-2 ');
  });
});

describe('swapoff', () => {
  it('is for root, and for a disk that is swap', () => {
    const k = bootKernel();
    const disk = newDisk(k);
    expect(syscall(k, spawn(k, { uid: 500 }), 'swapoff', disk)).toBe(EPERM);
    expect(swapoff(k, disk)).toBe(EINVAL);
    addSwap(k);
    expect(swapoff(k, disk)).toBe(EINVAL);
  });
  it('is ENOMEM when the page cache, other swap and free memory are less than the area, and changes nothing', () => {
    const k = bootKernel({ nodes: [{ id: 0, pages: 512, cpus: [0] }] });
    const disk = addSwap(k, 4096);
    const entries = take(k, 4000);
    expect(swapoff(k, disk)).toBe(ENOMEM);
    expect(k.si_swapinfo()).toEqual({ totalswap: 4096, freeswap: 96 });
    for (const slot of entries) k.swap_free(swp_entry(0, slot));
    expect(swapoff(k, disk)).toBe(0);
    expect(k.si_swapinfo()).toEqual({ totalswap: 0, freeswap: 0 });
  });
  it('brings everything back with its contents: private, shared after fork(), shared memory, in the swap cache or not', () => {
    const job = startJob(24);
    const { k, task, address, disk } = job;
    const child = fork(k, task);
    store(k, child, at(job, 3));
    const shared = mapMemory(k, task, 6, SHARED_ANONYMOUS);
    const before = [tokens(k, task, address, 24), tokens(k, child, address, 24), tokens(k, task, shared, 6)];
    for (let i = 0; i < 20; i++) {
      if (i % 3 === 0) leaveInCache(k, task, at(job, i));
      else swapOut(k, task, at(job, i));
    }
    swapOut(k, child, at(job, 3));
    for (let i = 0; i < 5; i++) swapOutShared(k, task, shared + i * k.m.PAGE_SIZE);
    const { pswpin } = k.m.page_state;
    expect(k.m.swap_info[0]!.inuse_pages).toBe(26);
    expect(swapoff(k, disk)).toBe(0);
    expect([k.m.nr_swap_pages, k.m.total_swap_pages, k.m.swapper_space.nrpages]).toEqual([0, 0, 0]);
    expect(k.m.page_state.pswpin).toBe(pswpin + 19);
    for (let i = 0; i < 24; i++) expect(entryAt(k, task, at(job, i)) + entryAt(k, child, at(job, i))).toBe(0);
    expect(check_invariants(k)).toEqual([]);
    const reads = disk.reads;
    expect([tokens(k, task, address, 24), tokens(k, child, address, 24), tokens(k, task, shared, 6)]).toEqual(before);
    expect(disk.reads).toBe(reads);
  });
  it('maps a page back old and read-only, dirty, and on the active list', () => {
    const { k, task, address, disk } = startJob();
    swapOut(k, task, address);
    swapoff(k, disk);
    k.lru_drain_cache(0);
    const pte = pteAt(k, task, address);
    const page = residentPage(k.m, task, address);
    expect([pte_young(pte), pte_write(pte), pte_dirty(pte)]).toEqual([false, false, false]);
    expect([PageDirty(k.m.mem_map, page), PageActive(k.m.mem_map, page), page_count(k.m.mem_map, page)]).toEqual([true, true, 1]);
  });
  it('gives no slot of the area out any more while it is at work', () => {
    const { k, task, address, disk } = startJob();
    swapOut(k, task, address);
    const path = newPath(k.m.init_task, k.sys_swapoff(disk));
    stepPath(k, path);
    expect(path.wait?.kind).toBe('page-lock');
    expect(k.get_swap_page()).toBe(0);
    expect(k.si_swapinfo()).toEqual({ totalswap: 1, freeswap: 0 });
    expect(check_invariants(k)).toEqual([]);
    finishPath(k, path);
    expect(path.value).toBe(0);
  });
  it('finds the ptes of a child that is made while it is at work', () => {
    const job = startJob(3);
    const { k, task, address, disk } = job;
    const before = tokens(k, task, address, 3);
    for (let i = 0; i < 3; i++) swapOut(k, task, at(job, i));
    const path = newPath(k.m.init_task, k.sys_swapoff(disk));
    stepPath(k, path);
    // the child has three swap ptes that were not there when swapoff began
    const child = runChild(k, task);
    finishPath(k, path);
    expect(path.value).toBe(0);
    expect([tokens(k, task, address, 3), tokens(k, child, address, 3)]).toEqual([before, before]);
    expect(check_invariants(k)).toEqual([]);
  });
  it('passes over an address space that is gone by then', () => {
    const job = startJob(3);
    const { k, task, disk } = job;
    const killer = spawn(k, { comm: 'killer' });
    for (let i = 0; i < 3; i++) swapOut(k, task, at(job, i));
    const path = newPath(k.m.init_task, k.sys_swapoff(disk));
    stepPath(k, path);
    syscall(k, killer, 'kill', task.pid, SIGKILL);
    expect(task.mm).toBeNull();
    finishPath(k, path);
    expect(path.value).toBe(0);
    expect(check_invariants(k)).toEqual([]);
  });
  it('that gets no memory, or a signal, puts the area back to work', () => {
    const job = startJob(3);
    const { k, task, address, disk } = job;
    const before = tokens(k, task, address, 3);
    for (let i = 0; i < 3; i++) swapOut(k, task, at(job, i));
    const stop = injectError(k, 'alloc_page_vma', 0);
    expect(swapoff(k, disk)).toBe(ENOMEM);
    stop();
    const root = spawn(k, { comm: 'root' });
    const path = newPath(root, k.sys_swapoff(disk));
    stepPath(k, path);
    syscall(k, task, 'kill', root.pid, SIGTERM);
    finishPath(k, path);
    expect(path.value).toBe(EINTR);
    expect(k.si_swapinfo()).toEqual({ totalswap: 1024, freeswap: 1022 });
    expect(k.get_swap_page()).not.toBe(0);
    expect(tokens(k, task, address, 3)).toEqual(before);
  });
  it('of the better of two areas leaves the other in use', () => {
    const k = bootKernel();
    addSwap(k, 4, 1);
    const better = addSwap(k, 4, 2);
    expect(takeTyped(k, 1)).toBe('1:1');
    k.swap_free(swp_entry(1, 1));
    expect(swapoff(k, better)).toBe(0);
    expect(takeTyped(k, 5)).toBe('0:1 0:2 0:3 0:4 0:0');
  });
});

/** fork() by a task while others are asleep in the kernel; nobody else is stepped. */
function runChild(k: Kernel, task: Task): Task {
  const path = newPath(task, k.do_fork(17));
  stepPath(k, path);
  expect(path.state).toBe('returned');
  return k.m.tasks.get(path.value as number)!;
}
