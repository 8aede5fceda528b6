import { beforeEach, describe, expect, it } from 'vitest';
import { IA64_ISR_R, IA64_ISR_W, IA64_ISR_X } from '../src/include/asm-ia64/kregs.js';
import { MAP_GROWSDOWN, MAP_PRIVATE, MAP_SHARED, PROT_EXEC, PROT_NONE, PROT_READ, PROT_WRITE } from '../src/include/asm-ia64/mman.js';
import { EFAULT, ENOMEM } from '../src/include/linux/errno.js';
import { GFP_HIGHUSER } from '../src/include/linux/gfp.js';
import { KERN_CRIT } from '../src/include/linux/kernel.js';
import { get_page, page_count, page_mapcount, page_to_nid, PageAnon, VM_FAULT_MINOR } from '../src/include/linux/mm.js';
import type { Inode } from '../src/include/linux/fs.js';
import { VM_IO, type Vma } from '../src/include/linux/mm_types.js';
import { PageActive, PageDirty, PageLRU, PageReserved, PageSwapCache, PG_arch_1, PG_dirty, PG_locked, PG_referenced, PG_uptodate } from '../src/include/linux/page-flags.js';
import { RLIMIT_AS, RLIMIT_STACK } from '../src/include/linux/resource.js';
import { CLONE_VM, SIGBUS, SIGCHLD, SIGKILL, SIGSEGV } from '../src/include/linux/sched.js';
import { NULL_PAGE, type Page, type SwpEntry } from '../src/include/linux/types.js';
import { load, newPath, NO_RESULT, runKernel, settle, spawn, stepPath, store, syscall, touch, type Kernel, type Task } from '../src/index.js';
import type { KernelPath } from '../src/machine.js';
import { diskToken } from '../src/model/block-map.js';
import {
  addSwap, ANON, asTask, bitsAt, bootSpace, call, consistent, forkOf, from, inKernel, k, map, mapFile, must, newFile, PAGE, pageAt, pteOf, release,
  s, SHARED_ANON, task, unmap, unmapToSwap, useSpace, vmaAt, type Space,
} from './memory.js';

beforeEach(() => useSpace(bootSpace()));

const mem = (): Kernel['m']['mem_map'] => k.m.mem_map;
/** A page fault of the task, without the access that follows it. */
const fault = (address: number, isr: number, kernel: Kernel = k, of: Task = task): number => runKernel(kernel, of, kernel.ia64_do_page_fault(address, isr));
/** Another task with the same memory. */
const sharerOf = (parent: Task): Task => k.m.tasks.get(runKernel(k, parent, k.do_fork(CLONE_VM | SIGCHLD)))!;
/** unmapToSwap(), and writes the page to the device and frees it. */
function swapOut(address: number): void {
  const page = unmapToSwap(address);
  inKernel(s, kernel => kernel.swap_writepage(page));
  settle(k);
  mem().flags[page]! |= PG_locked;
  mem().flags[page]! &= ~PG_dirty;
  asTask(s, () => {
    k.delete_from_swap_cache(page);
    k.unlock_page(page);
    k.put_page(page);
  });
}

describe('the first touch of anonymous memory', () => {
  it('by a load maps the zero page, which is neither counted nor owned', () => {
    const at = map(s, 2);
    expect(load(k, task, at)).toBe(0);
    expect(pageAt(s, at)).toBe(k.m.zero_page);
    expect([task.mm!.rss, task.mm!.anon_rss, page_mapcount(mem(), k.m.zero_page)]).toEqual([0, 0, 0]);
    expect(bitsAt(s, at)).toBe('young');
    expect(vmaAt(task, at).anon_vma).toBeNull();
    consistent();
  });
  it('by a store gives it a page of its own, dirty, referenced, and bound for the active list', () => {
    const at = map(s, 1);
    const token = store(k, task, at);
    const page = pageAt(s, at);
    expect(load(k, task, at)).toBe(token);
    expect([task.mm!.rss, task.mm!.anon_rss, page_count(mem(), page), page_mapcount(mem(), page)]).toEqual([1, 1, 2, 1]);
    expect(mem().flags[page]! & PG_referenced).not.toBe(0);
    expect(bitsAt(s, at)).toBe('young dirty writable');
    asTask(s, () => k.lru_add_drain());
    expect([PageLRU(mem(), page), PageActive(mem(), page), page_count(mem(), page)]).toEqual([true, true, 1]);
    consistent();
  });
  it('by a load and then a store replaces the zero page by a zeroed one', () => {
    const at = map(s, 1);
    load(k, task, at);
    fault(at, IA64_ISR_W);
    const page = pageAt(s, at);
    expect(page).not.toBe(k.m.zero_page);
    expect(mem().content[page]).toBe(0);
    expect([task.mm!.rss, task.mm!.anon_rss, PageReserved(mem(), k.m.zero_page)]).toEqual([1, 1, true]);
    consistent();
  });
  it('lands on the node of the CPU that touches', () => {
    const at = map(s, 2);
    store(k, task, at);
    k.set_cpus_allowed(task, [1]);
    store(k, task, at + PAGE);
    expect([page_to_nid(k.m, pageAt(s, at)), page_to_nid(k.m, pageAt(s, at + PAGE))]).toEqual([0, 1]);
  });
  it('is a minor fault', () => {
    touch(k, task, map(s, 3), 3, 'write');
    expect([task.min_flt, task.maj_flt, k.m.page_state.pgfault]).toEqual([3, 0, 3]);
  });
});

describe('an access that the vma does not allow', () => {
  it.each([
    ['a load without PROT_READ', PROT_NONE, IA64_ISR_R],
    ['a store without PROT_WRITE', PROT_READ, IA64_ISR_W],
    ['an instruction without PROT_EXEC', PROT_READ | PROT_WRITE, IA64_ISR_X],
    ['a load from memory that can only be written', PROT_WRITE, IA64_ISR_R],
  ])('%s is SIGSEGV', (_what, prot, isr) => {
    const at = map(s, 1, { prot });
    expect(() => fault(at, isr)).toThrow(/did not return from the kernel: died/);
    expect([task.state, task.exit_code]).toEqual(['Z', SIGSEGV]);
    consistent();
  });
  it('and one where nothing is mapped is SIGSEGV', () => {
    expect(load(k, task, map(s, 1) + PAGE)).toBe(NO_RESULT);
    expect(task.exit_code).toBe(SIGSEGV);
  });
  it('an instruction fetch marks the page as coherent with the instruction cache', () => {
    const at = mapFile(s, newFile(s, '/data/prog', 1), MAP_PRIVATE, PROT_READ | PROT_EXEC);
    expect(fault(at, IA64_ISR_X)).toBe(0);
    expect(mem().flags[pageAt(s, at)]! & PG_arch_1).not.toBe(0);
  });
});

describe('a file', () => {
  it('is read in by a major fault the first time, by a minor one the second', () => {
    const inode = newFile(s, '/data/file', 1);
    const at = mapFile(s, inode, MAP_SHARED, PROT_READ);
    expect(load(k, task, at)).toBe(diskToken(inode, 0));
    expect([task.maj_flt, task.min_flt, task.mm!.rss, task.mm!.anon_rss]).toEqual([1, 0, 1, 0]);
    const other = from(s, spawn(k));
    load(k, other.task, mapFile(other, inode, MAP_SHARED, PROT_READ));
    expect([other.task.maj_flt, other.task.min_flt, page_mapcount(mem(), pageAt(s, at))]).toEqual([0, 1, 2]);
    consistent();
  });
  it('mapped shared is written in place, dirty at once', () => {
    const inode = newFile(s, '/data/file', 1);
    const at = mapFile(s, inode);
    fault(at, IA64_ISR_W);
    expect(bitsAt(s, at)).toBe('young dirty writable');
    expect(pageAt(s, at)).toBe(k.radix_tree_lookup(inode.i_mapping.page_tree, 0));
  });
  it('mapped shared is writable already when it was only read', () => {
    const at = mapFile(s, newFile(s, '/data/file', 1));
    load(k, task, at);
    expect(bitsAt(s, at)).toBe('young writable');
  });
  it('mapped private is copied by the first store, without being mapped before', () => {
    const inode = newFile(s, '/data/file', 1);
    const at = mapFile(s, inode, MAP_PRIVATE);
    fault(at, IA64_ISR_W);
    const page = pageAt(s, at);
    const cached = k.radix_tree_lookup(inode.i_mapping.page_tree, 0) as Page;
    expect([PageAnon(mem(), page), mem().content[page], page_mapcount(mem(), cached)]).toEqual([true, diskToken(inode, 0), 0]);
    expect([task.mm!.rss, task.mm!.anon_rss]).toEqual([1, 1]);
    consistent();
  });
  it('mapped private and read is copied by a later store: the file keeps its page and its contents', () => {
    const inode = newFile(s, '/data/file', 1);
    const at = mapFile(s, inode, MAP_PRIVATE);
    load(k, task, at);
    const cached = pageAt(s, at);
    expect([page_mapcount(mem(), cached), task.mm!.rss, task.mm!.anon_rss, bitsAt(s, at)]).toEqual([1, 1, 0, 'young']);
    store(k, task, at);
    expect([page_mapcount(mem(), cached), task.mm!.rss, task.mm!.anon_rss]).toEqual([0, 1, 1]);
    expect(mem().content[cached]).toBe(diskToken(inode, 0));
    consistent();
  });
  it('is SIGBUS behind its end', () => {
    const inode = newFile(s, '/data/file', 2);
    const at = mapFile(s, inode);
    inode.i_size = PAGE;
    expect(load(k, task, at + PAGE)).toBe(NO_RESULT);
    expect(task.exit_code).toBe(SIGBUS);
  });
  it('is SIGBUS when it cannot be read', () => {
    const at = mapFile(s, newFile(s, '/data/file', 1));
    s.disk.fail_reads = true;
    expect(load(k, task, at)).toBe(NO_RESULT);
    expect(task.exit_code).toBe(SIGBUS);
    settle(k);
    consistent();
  });
});

describe('copy on write', () => {
  it('copies for the first of two owners and lets the last one keep the page', () => {
    const at = map(s, 1);
    const token = store(k, task, at);
    const shared = pageAt(s, at);
    asTask(s, () => k.lru_add_drain());
    const child = forkOf(task);
    store(k, task, at);
    expect(pageAt(s, at)).not.toBe(shared);
    expect(load(k, child, at)).toBe(token);
    expect(page_mapcount(mem(), shared)).toBe(1);
    store(k, child, at);
    expect(pageAt(from(s, child), at)).toBe(shared);
    expect([task.mm!.anon_rss, child.mm!.anon_rss]).toEqual([1, 1]);
    consistent();
  });
  it('copies a page that is locked, without waiting, though nobody shares it', () => {
    const at = map(s, 1);
    store(k, task, at);
    const page = pageAt(s, at);
    must(s, 'mprotect', at, PAGE, PROT_READ);
    must(s, 'mprotect', at, PAGE, PROT_READ | PROT_WRITE);
    mem().flags[page]! |= PG_locked;
    const token = store(k, task, at);
    mem().flags[page]! &= ~PG_locked;
    expect(pageAt(s, at)).not.toBe(page);
    expect(load(k, task, at)).toBe(token);
    consistent();
  });
  it('copies a page that has any other reference: a pin, or a place in a pagevec', () => {
    const at = map(s, 2);
    touch(k, task, at, 2, 'write');
    const [pinned, fresh] = [pageAt(s, at), pageAt(s, at + PAGE)];
    const child = forkOf(task);
    asTask(s, () => k.lru_add_drain());
    get_page(mem(), pinned);
    syscall(k, child, 'exit', 0);
    store(k, task, at);
    store(k, task, at + PAGE);
    expect([pageAt(s, at) === pinned, pageAt(s, at + PAGE) === fresh]).toEqual([false, true]);
    forkOf(task);
    store(k, task, at);
    expect(pageAt(s, at)).not.toBe(pinned);
    consistent(pinned);
  });
});

describe('two tasks that fault on the same page of one address space', () => {
  /** Starts a fault of each, lets both go as far as they come, then all go on. */
  function race(a: Task, b: Task, address: number, isr: number): void {
    const paths = [a, b].map((of): KernelPath => newPath(of, k.ia64_do_page_fault(address, isr)));
    for (const path of paths) stepPath(k, path);
    settle(k);
    expect(paths.map(path => [path.state, path.value])).toEqual([['returned', 0], ['returned', 0]]);
  }
  it('map a file page once', () => {
    const at = mapFile(s, newFile(s, '/data/file', 1), MAP_SHARED, PROT_READ);
    race(task, sharerOf(task), at, IA64_ISR_R);
    expect([page_mapcount(mem(), pageAt(s, at)), task.mm!.rss]).toEqual([1, 1]);
    consistent();
  });
  it('make one private copy of it', () => {
    const at = mapFile(s, newFile(s, '/data/file', 1), MAP_PRIVATE);
    race(task, sharerOf(task), at, IA64_ISR_W);
    expect([task.mm!.rss, task.mm!.anon_rss]).toEqual([1, 1]);
    consistent();
  });
  it('bring in one page from swap', () => {
    addSwap(s);
    const at = map(s, 1);
    const token = store(k, task, at);
    swapOut(at);
    expect(bitsAt(s, at)).toBe('swap entry');
    race(task, sharerOf(task), at, IA64_ISR_W);
    expect([mem().content[pageAt(s, at)], task.mm!.rss, task.mm!.anon_rss]).toEqual([token, 1, 1]);
    consistent();
  });
});

describe('a file that is truncated', () => {
  let inode: Inode;
  let at: number;
  let cutter: Space;
  /** ftruncate() to so many pages, by another task, which has the file open. */
  const truncate = (pages: number): unknown => must(cutter, 'ftruncate', 0, pages * PAGE);
  beforeEach(() => {
    inode = newFile(s, '/data/file', 6);
    at = mapFile(s, inode);
    cutter = from(s, spawn(k));
    must(cutter, 'open', '/data/file', 2, 0);
  });

  it('loses its pages from every mapping, what is before the new end stays', () => {
    touch(k, task, at, 6, 'read');
    const other = from(s, spawn(k));
    const elsewhere = map(other, 3, { flags: MAP_SHARED, fd: must(other, 'open', '/data/file', 2, 0), offset: 1 });
    touch(k, other.task, elsewhere, 3, 'read');
    truncate(3);
    expect([0, 1, 2, 3, 4, 5].map(i => pteOf(s, at + i * PAGE) !== null)).toEqual([true, true, true, false, false, false]);
    expect([0, 1, 2].map(i => pteOf(other, elsewhere + i * PAGE) !== null)).toEqual([true, true, false]);
    expect([task.mm!.rss, other.task.mm!.rss, inode.i_mapping.nrpages]).toEqual([3, 2, 3]);
    consistent();
  });
  it('takes private copies along; dropping clean pages from the cache does not', () => {
    const copy = mapFile(s, inode, MAP_PRIVATE);
    touch(k, task, copy, 6, 'write');
    touch(k, task, at, 6, 'read');
    k.unmap_mapping_range(inode.i_mapping, PAGE, 2 * PAGE, 0);
    expect([0, 1, 2, 3].map(i => pteOf(s, at + i * PAGE) !== null)).toEqual([true, false, false, true]);
    expect(pteOf(s, copy + PAGE)).not.toBeNull();
    truncate(0);
    expect([task.mm!.rss, task.mm!.anon_rss]).toEqual([0, 0]);
    consistent();
  });
  it('keeps the page that its new end lies in', () => {
    touch(k, task, at, 6, 'read');
    truncate(2.5);
    expect([2, 3].map(i => pteOf(s, at + i * PAGE) !== null)).toEqual([true, false]);
  });
  it('while a fault waits for the disk is SIGBUS', () => {
    const path = newPath(task, k.ia64_do_page_fault(at, IA64_ISR_R));
    stepPath(k, path);
    truncate(0);
    settle(k);
    expect([path.value, task.exit_code]).toEqual([SIGBUS, SIGBUS]);
    consistent();
  });
  it('while a fault has the page in its hands, about to map it, is SIGBUS too', () => {
    const reader = from(s, spawn(k));
    load(k, reader.task, mapFile(reader, inode, MAP_SHARED, PROT_READ));
    const page = k.radix_tree_lookup(inode.i_mapping.page_tree, 0) as Page;
    const held = page_count(mem(), page);
    const path = newPath(task, k.ia64_do_page_fault(at, IA64_ISR_R));
    k.m.preemptible = true;
    while (page_count(mem(), page) === held) stepPath(k, path);
    k.m.preemptible = false;
    expect([path.state, path.wait?.kind]).toEqual(['running', 'preempt']);
    truncate(0);
    settle(k);
    expect([path.value, task.exit_code, page_count(mem(), page)]).toEqual([SIGBUS, SIGBUS, 0]);
    consistent();
  });
});

describe('a swapped page', () => {
  beforeEach(() => addSwap(s));

  it('comes back by a major fault with what it had', () => {
    const at = map(s, 1);
    const token = store(k, task, at);
    swapOut(at);
    expect([task.mm!.rss, task.mm!.anon_rss, bitsAt(s, at)]).toEqual([0, 0, 'swap entry']);
    const { min_flt } = task;
    expect(load(k, task, at)).toBe(token);
    expect([task.mm!.rss, task.mm!.anon_rss, task.maj_flt, task.min_flt - min_flt]).toEqual([1, 1, 1, 0]);
    expect(bitsAt(s, at)).toBe('young');
    consistent();
  });
  it('is writable at once when a store brings it back and nobody else has the entry', () => {
    const at = map(s, 1);
    store(k, task, at);
    swapOut(at);
    const token = store(k, task, at);
    expect(bitsAt(s, at)).toBe('young dirty writable');
    expect(load(k, task, at)).toBe(token);
    consistent();
  });
  it('is copied by a store when a child has the entry too', () => {
    const at = map(s, 1);
    const token = store(k, task, at);
    swapOut(at);
    const child = forkOf(task);
    store(k, task, at);
    expect(load(k, child, at)).toBe(token);
    expect(pageAt(s, at)).not.toBe(pageAt(from(s, child), at));
    settle(k);
    consistent();
  });
  it('that another thread brings in first is no failure of the fault that found nothing', () => {
    const at = map(s, 1);
    const token = store(k, task, at);
    swapOut(at);
    const late: Kernel = {
      ...k,
      *read_swap_cache_async(_entry, vma, addr) {
        const fault = k.handle_mm_fault(task.mm!, vma!, addr, 0);
        if (typeof fault !== 'number') yield* fault;
        return NULL_PAGE;
      },
    };
    expect([load(late, task, at), task.state]).toEqual([token, 'R']);
    consistent();
  });
  it('is a minor fault while it is still in the swap cache', () => {
    const at = map(s, 1);
    const token = store(k, task, at);
    const page = unmapToSwap(at);
    release(page);
    expect(load(k, task, at)).toBe(token);
    expect([pageAt(s, at), task.maj_flt]).toEqual([page, 0]);
    consistent();
  });
  it('whose entry means nothing any more kills the task that touches it, in the words of 2005', () => {
    const at = map(s, 1);
    store(k, task, at);
    swapOut(at);
    const pte = pteOf(s, at);
    asTask(s, () => k.swap_free((pte as { swap: SwpEntry }).swap));
    expect(load(k, task, at)).toBe(NO_RESULT);
    expect([task.state, task.exit_code]).toEqual(['Z', SIGKILL]);
    expect(k.m.log.filter(line => line.level === KERN_CRIT).map(line => line.text)).toEqual(['VM: killing process test']);
  });
  it('that is replaced in the swap cache while a fault waits for its lock is looked up again', () => {
    const at = map(s, 1);
    const token = store(k, task, at);
    const page = unmapToSwap(at);
    const path = newPath(task, k.ia64_do_page_fault(at, IA64_ISR_R));
    stepPath(k, path);
    expect(path.wait).toEqual({ kind: 'page-lock', page });
    // what a migration does with the two pages
    const other = from(s, spawn(k));
    const newpage = inKernel(other, kernel => kernel.alloc_pages_current(GFP_HIGHUSER, 0));
    const entry = mem().private[page]! as SwpEntry;
    mem().content[newpage] = mem().content[page]!;
    mem().flags[newpage]! |= PG_uptodate;
    k.__delete_from_swap_cache(page);
    other.k.__add_to_swap_cache(newpage, entry, GFP_HIGHUSER);
    asTask(other, () => {
      k.lru_cache_add_active(newpage);
      k.unlock_page(newpage);
      k.unlock_page(page);
      for (const held of [page, page, newpage]) k.put_page(held);
    });
    settle(k);
    expect([path.value, pageAt(s, at), mem().content[newpage]]).toEqual([0, newpage, token]);
    consistent();
  });
});

describe('a fault that waits for a page in the middle of its migration', () => {
  /** A fault of the task that has met such a page, which is then given free. */
  function raceWithMigration(space: Space): KernelPath {
    useSpace(space);
    addSwap(s);
    const at = map(s, 1);
    store(k, task, at);
    const page = unmapToSwap(at);
    k.m.migrating.push(page);
    const path = newPath(task, k.ia64_do_page_fault(at, IA64_ISR_R));
    stepPath(k, path);
    k.m.migrating.pop();
    asTask(from(s, spawn(k)), () => {
      k.unlock_page(page);
      k.put_page(page);
    });
    settle(k);
    return path;
  }
  it('kills its task, as the overview says that it may', () => {
    raceWithMigration(bootSpace());
    expect([task.state, task.exit_code, k.m.log.at(-1)!.text]).toEqual(['Z', SIGKILL, 'VM: killing process test']);
    consistent();
  });
  it('goes on afterwards, if the machine is built that way', () => {
    const path = raceWithMigration(bootSpace({ reconstruction: { racing_fault: 'wait' } }));
    expect([task.state, path.value]).toEqual(['R', 0]);
    consistent();
  });
});

describe('without memory for a fault', () => {
  /** A kernel whose next `failures` pages for users cannot be had. */
  function shortOfMemory(failures: number): Kernel {
    let left = failures;
    return { ...k, *alloc_page_vma(...args: Parameters<Kernel['alloc_page_vma']>) { return left-- > 0 ? NULL_PAGE : yield* k.alloc_page_vma(...args); } };
  }
  it.each([
    ['a store to new memory', (): number => map(s, 1)],
    ['a store to a private file', (): number => mapFile(s, newFile(s, '/data/file', 1), MAP_PRIVATE)],
    ['a store to the zero page', (): number => { const at = map(s, 1); load(k, task, at); return at; }],
    ['a store to a shared copy', (): number => { const at = map(s, 1); store(k, task, at); forkOf(task); return at; }],
  ])('%s ends the task, with a line in the log', (_what, prepare) => {
    const at = prepare();
    expect(store(shortOfMemory(1), task, at)).toBe(NO_RESULT);
    expect([task.state, task.exit_code]).toEqual(['Z', SIGKILL]);
    expect(k.m.log.at(-1)).toMatchObject({ level: KERN_CRIT, text: 'VM: killing process test' });
    consistent();
  });
  it('pid 1 is spared: it lets others run and tries again', () => {
    const init = k.m.tasks.get(1)!;
    const mm = k.mm_alloc();
    runKernel(k, init, k.mm_init(mm));
    init.mm = mm;
    const at = map(from(s, init), 1);
    const { now } = k.m;
    expect(fault(at, IA64_ISR_W, shortOfMemory(3), init)).toBe(0);
    expect([init.state, init.min_flt, k.m.now > now]).toEqual(['R', 1, true]);
    expect(k.m.log.filter(line => line.level === KERN_CRIT)).toEqual([]);
    consistent();
  });
  it('no page table is the same', () => {
    const at = map(s, 1);
    const broken: Kernel = { ...k, *pgtable_quicklist_alloc() { yield* []; return 0; } };
    expect(store(broken, task, at)).toBe(NO_RESULT);
    expect(k.m.log.at(-1)!.text).toBe('VM: killing process test');
    consistent();
  });
});

describe('a stack', () => {
  let top: number;
  let stack: Vma;
  beforeEach(() => {
    top = map(s, 2, { flags: ANON | MAP_GROWSDOWN, at: 0x2000_0001_0000_0000 }) + 2 * PAGE;
    stack = vmaAt(task, top - PAGE);
  });

  it('grows down to the page that is touched', () => {
    const { total_vm } = task.mm!;
    store(k, task, top - 10 * PAGE + 1024);
    expect([(top - stack.vm_start) / PAGE, task.mm!.total_vm - total_vm, stack.vm_pgoff]).toEqual([10, 8, stack.vm_start / PAGE]);
    consistent();
  });
  it('may not become larger than RLIMIT_STACK', () => {
    task.signal.rlim[RLIMIT_STACK]!.rlim_cur = 4 * PAGE;
    store(k, task, top - 4 * PAGE);
    expect(store(k, task, top - 4 * PAGE - 1024)).toBe(NO_RESULT);
    expect([task.exit_code, (top - stack.vm_start) / PAGE]).toEqual([SIGSEGV, 4]);
  });
  it('may not grow over RLIMIT_AS', () => {
    task.signal.rlim[RLIMIT_AS]!.rlim_cur = 3 * PAGE;
    expect(store(k, task, top - 4 * PAGE)).toBe(NO_RESULT);
    expect(task.exit_code).toBe(SIGSEGV);
  });
  it('that is locked counts what it grows as locked', () => {
    must(s, 'mlock', top - 2 * PAGE, 2 * PAGE);
    store(k, task, top - 5 * PAGE);
    expect(task.mm!.locked_vm).toBe(5);
    consistent();
  });
  it('does not grow out of its region', () => {
    expect(load(k, task, 0x1fff_ffff_ffff_c000)).toBe(NO_RESULT);
    expect(task.exit_code).toBe(SIGSEGV);
  });
});

describe('get_user_pages()', () => {
  const gup = (at: number, len: number, write = 0, force = 0, pages: Page[] | null = [], vmas: (Vma | null)[] | null = null, of: Task | null = task): number =>
    inKernel(s, kernel => kernel.get_user_pages(of, task.mm!, at, len, write, force, pages, vmas));

  it('faults pages in and hands them out with a reference and their vma', () => {
    const at = map(s, 3);
    const pages: Page[] = [];
    const vmas: (Vma | null)[] = [];
    expect(gup(at, 3, 1, 0, pages, vmas)).toBe(3);
    expect(pages).toEqual([0, 1, 2].map(i => pageAt(s, at + i * PAGE)));
    expect(vmas).toEqual(Array<Vma>(3).fill(vmaAt(task, at)));
    consistent(...pages);
    unmap(s, at, 3);
    expect(pages.map(page => page_count(mem(), page))).toEqual([1, 1, 1]);
    asTask(s, () => pages.forEach(page => k.put_page(page)));
    consistent();
  });
  it('charges the faults to the task that it is told, or to nobody', () => {
    const at = map(s, 4);
    const other = spawn(k);
    gup(at, 2, 1, 0, null, null, other);
    gup(at + 2 * PAGE, 2, 1, 0, null, null, null);
    expect([other.min_flt, task.min_flt, task.mm!.rss]).toEqual([2, 0, 4]);
  });
  it('answers with the zero page for memory that has no table yet, and makes none', () => {
    const at = map(s, 1);
    const pages: Page[] = [];
    const tables = task.mm!.nr_ptes;
    expect(gup(at, 1, 0, 0, pages)).toBe(1);
    expect([pages[0], task.mm!.nr_ptes - tables, pteOf(s, at)]).toEqual([k.m.zero_page, 0, null]);
  });
  it('maps the zero page where there is a table', () => {
    const at = map(s, 2);
    store(k, task, at);
    gup(at + PAGE, 1);
    expect(pageAt(s, at + PAGE)).toBe(k.m.zero_page);
  });
  it('is -EFAULT in a hole, but counts the pages before it', () => {
    const at = map(s, 2);
    expect(gup(at, 3, 1, 0, null)).toBe(2);
    expect(gup(at + 2 * PAGE, 1)).toBe(-EFAULT);
  });
  it('is -EFAULT where the vma does not allow it', () => {
    expect(gup(map(s, 1, { prot: PROT_READ }), 1, 1)).toBe(-EFAULT);
    expect(gup(map(s, 1, { prot: PROT_NONE }), 1)).toBe(-EFAULT);
    const device = map(s, 1, { at: 0x2000_0001_0000_0000 });
    vmaAt(task, device).vm_flags |= VM_IO;
    expect(gup(device, 1)).toBe(-EFAULT);
  });
  it('with force stores into memory that cannot be written, by a private copy whose pte stays read-only', () => {
    const inode = newFile(s, '/data/file', 1);
    const at = mapFile(s, inode, MAP_PRIVATE, PROT_READ);
    load(k, task, at);
    const pages: Page[] = [];
    expect(gup(at, 1, 1, 1, pages)).toBe(1);
    expect([pages[0], PageAnon(mem(), pages[0]!), bitsAt(s, at)]).toEqual([pageAt(s, at), true, 'young dirty']);
    asTask(s, () => k.put_page(pages[0]!));
    consistent();
  });
  it('with force does not store into a file that was opened for reading only', () => {
    newFile(s, '/data/file', 1);
    const at = map(s, 1, { prot: PROT_READ, flags: MAP_SHARED, fd: must(s, 'open', '/data/file', 0, 0) });
    expect(gup(at, 1, 1, 1)).toBe(-EFAULT);
  });
  it('breaks copy on write before it hands a page out for writing', () => {
    const at = map(s, 1);
    store(k, task, at);
    const shared = pageAt(s, at);
    const child = forkOf(task);
    gup(at, 1, 1, 0, null);
    expect([pageAt(s, at) === shared, pageAt(from(s, child), at)]).toEqual([false, shared]);
  });
  it('extends a stack', () => {
    const at = map(s, 1, { flags: ANON | MAP_GROWSDOWN, at: 0x2000_0001_0000_0000 });
    expect(gup(at - 3 * PAGE, 1, 1, 0, null)).toBe(1);
    expect(vmaAt(task, at).vm_start).toBe(at - 3 * PAGE);
  });
  it('faults in all that a locked stack has grown by', () => {
    const at = map(s, 1, { flags: ANON | MAP_GROWSDOWN, at: 0x2000_0001_0000_0000 });
    must(s, 'mlock', at, PAGE);
    gup(at - 3 * PAGE, 1, 0, 0, null);
    expect([0, 1, 2, 3].map(i => bitsAt(s, at - i * PAGE))).toEqual(Array(4).fill('young dirty writable'));
  });
  it('is -ENOMEM when the first page cannot be had', () => {
    const at = map(s, 1);
    const broken: Kernel = { ...k, *alloc_page_vma() { yield* []; return NULL_PAGE; } };
    expect(runKernel(broken, task, broken.get_user_pages(task, task.mm!, at, 1, 1, 0, null, null))).toBe(-ENOMEM);
  });
});

describe('follow_page()', () => {
  const follow = (at: number, write = 0): Page => asTask(s, () => k.follow_page(task.mm!, at, write));

  it('finds a present page and marks it as used', () => {
    const at = map(s, 1);
    store(k, task, at);
    const page = pageAt(s, at);
    mem().flags[page]! &= ~PG_referenced;
    expect(follow(at)).toBe(page);
    expect(mem().flags[page]! & PG_referenced).not.toBe(0);
  });
  it('finds memory that has lost all rights, since its pages are still there', () => {
    const at = map(s, 1);
    store(k, task, at);
    const page = pageAt(s, at);
    must(s, 'mprotect', at, PAGE, PROT_NONE);
    expect(follow(at)).toBe(page);
  });
  it('finds nothing where there is no table, no pte, or a swap entry', () => {
    addSwap(s);
    const at = map(s, 2);
    expect(follow(at)).toBe(NULL_PAGE);
    store(k, task, at);
    expect(follow(at + PAGE)).toBe(NULL_PAGE);
    swapOut(at);
    expect(follow(at)).toBe(NULL_PAGE);
  });
  it('for writing finds only what can be written, and dirties the page when its pte is clean', () => {
    const at = mapFile(s, newFile(s, '/data/file', 1));
    load(k, task, at);
    const page = pageAt(s, at);
    expect([follow(at, 1), PageDirty(mem(), page)]).toEqual([page, true]);
    must(s, 'mprotect', at, PAGE, PROT_READ);
    expect(follow(at, 1)).toBe(NULL_PAGE);
  });
});

it('shared anonymous memory is one object for parent and child', () => {
  const at = map(s, 1, { flags: SHARED_ANON });
  const child = forkOf(task);
  const token = store(k, task, at);
  expect(load(k, child, at)).toBe(token);
  expect(page_mapcount(mem(), pageAt(s, at))).toBe(2);
  consistent();
});

it('a second store to a page that is there is no fault at all', () => {
  const at = map(s, 1);
  store(k, task, at);
  const { pgfault } = k.m.page_state;
  store(k, task, at);
  expect(k.m.page_state.pgfault).toBe(pgfault);
  expect(k.handle_mm_fault(task.mm!, vmaAt(task, at), at, 1)).toBe(VM_FAULT_MINOR);
  expect([PageSwapCache(mem(), pageAt(s, at)), call(s, 'munmap', at, PAGE)]).toEqual([false, 0]);
});
