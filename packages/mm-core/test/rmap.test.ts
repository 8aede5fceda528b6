import { beforeEach, describe, expect, it } from 'vitest';
import { MAP_PRIVATE, MAP_SHARED, PROT_NONE, PROT_READ } from '../src/include/asm-ia64/mman.js';
import { EFAULT } from '../src/include/linux/errno.js';
import { KernelBug } from '../src/include/linux/kernel.js';
import { MPOL_PREFERRED } from '../src/include/linux/mempolicy.js';
import { get_page, page_count, page_mapcount, PageAnon } from '../src/include/linux/mm.js';
import { VM_RESERVED, type Mm, type UnmapList, type Vma } from '../src/include/linux/mm_types.js';
import { nodemask_of } from '../src/include/linux/nodemask.js';
import { PageDirty, PageLocked, PageSwapCache, PG_locked, PG_referenced } from '../src/include/linux/page-flags.js';
import { SWAP_AGAIN, SWAP_FAIL, SWAP_SUCCESS } from '../src/include/linux/rmap.js';
import { CLONE_VM, SIGCHLD } from '../src/include/linux/sched.js';
import { swp_offset, swp_type } from '../src/include/linux/swap.js';
import type { Page, SwpEntry } from '../src/include/linux/types.js';
import { load, newPath, runKernel, settle, spawn, stepPath, store, syscall, touch, type Kernel, type Task } from '../src/index.js';
import {
  addSwap, ANON, asTask, bitsAt, bootSpace, call, consistent, forkOf, from, inKernel, isolate, k, map, mapFile, must, newFile, PAGE, pageAt,
  REGION1, release, RW, s, task, unmap, useSpace, vmaAt,
} from './memory.js';

beforeEach(() => useSpace(bootSpace()));

const mem = (): Kernel['m']['mem_map'] => k.m.mem_map;
const spacesOf = (...tasks: Task[]): Mm[] => tasks.map(of => of.mm!);
/** The vmas of an anon_vma in the order of its list. */
function listOf(vma: Vma): Vma[] {
  const list: Vma[] = [];
  for (let at = vma.anon_vma!.head; at !== null; at = at.anon_next) list.push(at);
  return list;
}
/** Makes all ptes of a page old, as page_referenced() does. */
const age = (page: Page): number => asTask(s, () => k.page_referenced(page, 1, 0));
const unmapPage = (page: Page, list: UnmapList | null = null): number => asTask(s, () => k.try_to_unmap(page, list));
const newList = (): UnmapList => ({ mms: [], addresses: [], length: 0 });
const touchAgain = (list: UnmapList, by: Task = task): number => runKernel(k, by, k.touch_unmapped_address(list));
const bug = (action: () => unknown): void => expect(() => asTask(s, action)).toThrow(KernelBug);

describe('anon_vma_prepare()', () => {
  const base = REGION1 + 100 * PAGE;
  const write = (at: number): Vma => {
    store(k, task, at);
    return vmaAt(task, at);
  };

  it('gives a vma an anon_vma before its first page, and never another one', () => {
    const at = map(s, 2);
    expect(vmaAt(task, at).anon_vma).toBeNull();
    const { anon_vma } = write(at);
    expect(listOf(vmaAt(task, at))).toEqual([vmaAt(task, at)]);
    expect(write(at + PAGE).anon_vma).toBe(anon_vma);
  });
  it('takes that of the neighbour behind, with whom mprotect() may merge it one day', () => {
    map(s, 1, { at: base });
    map(s, 1, { at: base + PAGE, prot: PROT_READ });
    must(s, 'mprotect', base, PAGE, PROT_NONE);
    must(s, 'mprotect', base + PAGE, PAGE, RW);
    const behind = write(base + PAGE);
    must(s, 'mprotect', base + PAGE, PAGE, PROT_READ);
    must(s, 'mprotect', base, PAGE, RW);
    const before = write(base);
    expect(before.anon_vma).toBe(behind.anon_vma);
    expect(listOf(before)).toEqual([before, behind]);
    consistent();
  });
  it('takes that of the neighbour before, when there is none behind', () => {
    const at = map(s, 2);
    must(s, 'mprotect', at + PAGE, PAGE, PROT_READ);
    const before = write(at);
    must(s, 'mprotect', at, PAGE, PROT_NONE);
    must(s, 'mprotect', at + PAGE, PAGE, RW);
    const behind = write(at + PAGE);
    expect(listOf(behind)).toEqual([behind, before]);
    must(s, 'mprotect', at, PAGE, RW);
    expect(listOf(vmaAt(task, at))).toHaveLength(1);
    consistent();
  });
  it.each([
    ['has a gap before it', (): void => void map(s, 1, { at: base + 2 * PAGE })],
    ['is locked', (): void => { map(s, 1, { at: base + PAGE, prot: PROT_READ }); must(s, 'mlock', base + PAGE, PAGE); must(s, 'mprotect', base + PAGE, PAGE, RW); }],
    ['maps a file', (): void => { const file = newFile(s, '/data/file', 1); mapFile(s, file, MAP_PRIVATE); must(s, 'munmap', vmaAt(task, REGION1).vm_start, PAGE); map(s, 1, { at: base + PAGE, flags: MAP_PRIVATE, fd: must(s, 'open', '/data/file', 2, 0) }); }],
    ['has another policy', (): void => { map(s, 1, { at: base + PAGE, prot: PROT_READ }); must(s, 'mbind', base + PAGE, PAGE, MPOL_PREFERRED, nodemask_of(0), 257, 0); must(s, 'mprotect', base + PAGE, PAGE, RW); }],
  ])('does not take that of a neighbour that %s', (_what, mapNeighbour) => {
    map(s, 1, { at: base });
    mapNeighbour();
    const neighbour = [base + PAGE, base + 2 * PAGE].map(at => vmaAt(task, at)).find(Boolean)!;
    write(neighbour.vm_start);
    expect(write(base).anon_vma).not.toBe(neighbour.anon_vma);
    consistent();
  });
});

describe('the list of an anon_vma', () => {
  it('has the vma linked last first, at fork() and at a split', () => {
    const at = map(s, 3);
    touch(k, task, at, 3, 'write');
    const a = forkOf();
    const b = forkOf();
    must(s, 'mprotect', at + PAGE, PAGE, PROT_READ);
    expect(listOf(vmaAt(task, at)).map(vma => [vma.vm_mm, (vma.vm_start - at) / PAGE])).toEqual([
      [task.mm, 2], [task.mm, 0], [b.mm, 0], [a.mm, 0], [task.mm, 1],
    ]);
    consistent();
  });
  it('loses the vma that is merged into another', () => {
    const at = map(s, 2);
    touch(k, task, at, 2, 'write');
    must(s, 'mprotect', at, PAGE, PROT_READ);
    expect(listOf(vmaAt(task, at))).toHaveLength(2);
    must(s, 'mprotect', at, PAGE, RW);
    expect(listOf(vmaAt(task, at))).toEqual([vmaAt(task, at)]);
    consistent();
  });
  it('ends with its last vma, and the number is given out again', () => {
    const at = map(s, 2);
    touch(k, task, at, 2, 'write');
    const { id } = vmaAt(task, at).anon_vma!;
    must(s, 'mprotect', at, PAGE, PROT_READ);
    unmap(s, at, 1);
    expect(k.m.anon_vmas[id]).not.toBeNull();
    unmap(s, at + PAGE, 1);
    expect([k.m.anon_vmas[id], k.m.anon_vma_free]).toEqual([null, [id]]);
    const again = map(s, 1);
    store(k, task, again);
    expect(vmaAt(task, again).anon_vma!.id).toBe(id);
    consistent();
  });
  it('may not be merged with another\'s', () => {
    const [a, b] = [map(s, 1, { at: REGION1 + 10 * PAGE }), map(s, 1, { at: REGION1 + 20 * PAGE })];
    for (const at of [a, b]) store(k, task, at);
    bug(() => k.__anon_vma_merge(vmaAt(task, a), vmaAt(task, b)));
  });
});

describe('counting maps', () => {
  it('an anonymous page is given its place by the first pte and keeps it when the last one goes', () => {
    const at = map(s, 1, { at: 0x6000_0000_0010_0000 });
    store(k, task, at);
    const page = pageAt(s, at);
    expect([mem().index[page], mem().mapping[page]! >>> 1]).toEqual([(at / PAGE) % 2 ** 32, vmaAt(task, at).anon_vma!.id]);
    expect(k.m.page_state.nr_mapped).toBe(1);
    forkOf();
    expect([page_mapcount(mem(), page), k.m.page_state.nr_mapped]).toEqual([2, 1]);
    asTask(s, () => {
      k.page_remove_rmap(page);
      k.page_remove_rmap(page);
    });
    expect([page_mapcount(mem(), page), k.m.page_state.nr_mapped, PageAnon(mem(), page)]).toEqual([0, 0, true]);
    bug(() => k.page_remove_rmap(page));
  });
  it('reserved pages are not counted as file pages, and must not come as anonymous ones', () => {
    const at = map(s, 1);
    store(k, task, at);
    k.page_add_file_rmap(k.m.zero_page);
    expect(page_mapcount(mem(), k.m.zero_page)).toBe(0);
    bug(() => k.page_remove_rmap(k.m.zero_page));
    bug(() => k.page_add_anon_rmap(k.m.zero_page, vmaAt(task, at), at));
    bug(() => k.page_add_file_rmap(pageAt(s, at)));
  });
  it('an anonymous page needs a vma that has an anon_vma', () => {
    const at = map(s, 1);
    bug(() => k.page_add_anon_rmap(pageAt(s, at), vmaAt(task, at), at));
  });
});

describe('from a page to its ptes', () => {
  it('vma_address() is where the index says, in whatever part of a split vma; -EFAULT elsewhere', () => {
    const at = map(s, 6, { at: 0x6000_0000_0010_0000 });
    touch(k, task, at, 6, 'write');
    const page = pageAt(s, at + 3 * PAGE);
    must(s, 'mprotect', at + 2 * PAGE, 2 * PAGE, PROT_READ);
    expect([0, 2, 4].map(i => asTask(s, () => k.vma_address(page, vmaAt(task, at + i * PAGE))))).toEqual([-EFAULT, at + 3 * PAGE, -EFAULT]);
  });
  it('vma_address() of a file page follows the offset of the mapping', () => {
    newFile(s, '/data/file', 8);
    const fd = must(s, 'open', '/data/file', 2, 0);
    const at = map(s, 2, { flags: MAP_SHARED, fd, offset: 5 });
    load(k, task, at + PAGE);
    const page = pageAt(s, at + PAGE);
    const other = map(s, 2, { flags: MAP_SHARED, fd, offset: 6 });
    expect([at, other].map(start => k.vma_address(page, vmaAt(task, start)))).toEqual([at + PAGE, other]);
  });
  it('page_check_address() comes back with page_table_lock when the pte maps the page, without when it does not', () => {
    const at = map(s, 2);
    touch(k, task, at, 2, 'write');
    const mm = task.mm!;
    asTask(s, () => {
      for (const [address, page] of [[at + PAGE, pageAt(s, at)], [at + 2 ** 35, pageAt(s, at)]] as const) {
        expect([k.page_check_address(page, mm, address), mm.page_table_lock.held]).toEqual([0, false]);
      }
      expect([k.page_check_address(pageAt(s, at), mm, at) > 0, mm.page_table_lock.held]).toEqual([true, true]);
      mm.page_table_lock.held = false;
      k.m.preempt_count = 0;
    });
  });
  it('page_lock_anon_vma() has none for a file page, nor for one that nobody maps', () => {
    const file = mapFile(s, newFile(s, '/data/file', 1));
    load(k, task, file);
    expect(k.page_lock_anon_vma(pageAt(s, file))).toBeNull();
    addSwap(s);
    const at = map(s, 1);
    store(k, task, at);
    const page = isolate(pageAt(s, at));
    age(page);
    unmapPage(page);
    expect([PageAnon(mem(), page), k.page_lock_anon_vma(page)]).toEqual([true, null]);
  });
});

describe('page_referenced()', () => {
  it('counts the accessed bits of all ptes and the flag, and clears them', () => {
    const at = map(s, 1);
    store(k, task, at);
    const page = pageAt(s, at);
    const child = forkOf();
    load(k, child, at);
    mem().flags[page]! |= PG_referenced;
    expect([age(page), age(page)]).toEqual([3, 0]);
    expect([bitsAt(s, at), bitsAt(from(s, child), at)]).toEqual(['dirty', 'dirty']);
    load(k, child, at);
    expect(age(page)).toBe(1);
  });
  it('of a file page needs its lock: it counts as used when somebody else has it', () => {
    const at = mapFile(s, newFile(s, '/data/file', 1));
    load(k, task, at);
    const page = pageAt(s, at);
    mem().flags[page]! &= ~PG_referenced;
    mem().flags[page]! |= PG_locked;
    expect([asTask(s, () => k.page_referenced(page, 0, 0)), bitsAt(s, at)]).toEqual([1, 'young writable']);
    mem().flags[page]! &= ~PG_locked;
    expect([asTask(s, () => k.page_referenced(page, 0, 0)), bitsAt(s, at), PageLocked(mem(), page)]).toEqual([1, 'writable', false]);
    expect(asTask(s, () => k.page_referenced(page, 0, 0))).toBe(0);
  });
  it('of a file page takes shared memory that is locked for used; private memory not', () => {
    const inode = newFile(s, '/data/file', 1);
    const at = mapFile(s, inode);
    must(s, 'mlock', at, PAGE);
    const page = pageAt(s, at);
    mem().flags[page]! |= PG_locked;
    expect([age(page) > 0, age(page), age(page)]).toEqual([true, 1, 1]);
    must(s, 'munlock', at, PAGE);
    age(page);
    expect(age(page)).toBe(0);
    unmap(s, at, 1);
    must(s, 'mlock', mapFile(s, inode, MAP_PRIVATE, PROT_READ), PAGE);
    age(page);
    expect([page_mapcount(mem(), page), age(page)]).toEqual([1, 0]);
  });
  it('of a page that nobody maps is only the flag', () => {
    const at = mapFile(s, newFile(s, '/data/file', 1));
    load(k, task, at);
    const page = pageAt(s, at);
    unmap(s, at, 1);
    mem().flags[page]! |= PG_referenced;
    expect([asTask(s, () => k.page_referenced(page, 0, 0)), asTask(s, () => k.page_referenced(page, 0, 0))]).toEqual([1, 0]);
  });
});

describe('try_to_unmap() for reclaim', () => {
  let at: number;
  let page: Page;
  beforeEach(() => {
    addSwap(s);
    at = map(s, 1);
    store(k, task, at);
    page = pageAt(s, at);
  });
  const uses = (): number => {
    const entry = mem().private[page]! as SwpEntry;
    return k.m.swap_info[swp_type(entry)]!.swap_map[swp_offset(entry)]!;
  };

  it('replaces every pte of an anonymous page by its swap entry', () => {
    const child = forkOf();
    isolate(page);
    age(page);
    expect(unmapPage(page)).toBe(SWAP_SUCCESS);
    expect([bitsAt(s, at), bitsAt(from(s, child), at), uses()]).toEqual(['swap entry', 'swap entry', 3]);
    expect([page_mapcount(mem(), page), page_count(mem(), page)]).toEqual([0, 2]); // the swap cache and us
    expect(spacesOf(task, child).map(mm => [mm.rss, mm.anon_rss])).toEqual([[0, 0], [0, 0]]);
    release(page);
    consistent();
  });
  it('moves the dirty bit to a file page and leaves no pte', () => {
    const inode = newFile(s, '/data/file', 1);
    const file = mapFile(s, inode);
    store(k, task, file);
    const cached = isolate(pageAt(s, file));
    mem().flags[cached]! &= ~(1 << 4);
    age(cached);
    expect([unmapPage(cached), bitsAt(s, file), PageDirty(mem(), cached)]).toEqual([SWAP_SUCCESS, 'none', true]);
    release(cached);
    consistent();
  });
  it('fails on a pte that was used, which is old then: the next try succeeds', () => {
    isolate(page);
    expect([unmapPage(page), bitsAt(s, at)]).toEqual([SWAP_FAIL, 'dirty writable']);
    expect(unmapPage(page)).toBe(SWAP_SUCCESS);
    release(page);
    consistent();
  });
  it.each([
    ['locked memory', (): void => { must(s, 'mlock', at, PAGE); }],
    ['reserved memory', (): void => { vmaAt(task, at).vm_flags |= VM_RESERVED; }],
  ])('fails on %s', (_what, prepare) => {
    prepare();
    isolate(page);
    age(page);
    expect([unmapPage(page), bitsAt(s, at), page_mapcount(mem(), page)]).toEqual([SWAP_FAIL, 'dirty writable', 1]);
  });
  it('fails on a page that get_user_pages() has pinned, or it would be copied from under its user', () => {
    const pages: Page[] = [];
    inKernel(s, kernel => kernel.get_user_pages(task, task.mm!, at, 1, 1, 0, pages, null));
    isolate(page);
    age(page);
    expect([page_count(mem(), page), page_mapcount(mem(), page), unmapPage(page)]).toEqual([4, 1, SWAP_FAIL]);
    asTask(s, () => k.put_page(page));
    expect(unmapPage(page)).toBe(SWAP_SUCCESS);
    release(page);
    consistent();
  });
  it('does not ask who else has a file page', () => {
    const file = mapFile(s, newFile(s, '/data/file', 1));
    load(k, task, file);
    const cached = isolate(pageAt(s, file));
    get_page(mem(), cached);
    age(cached);
    expect(unmapPage(cached)).toBe(SWAP_SUCCESS);
    asTask(s, () => k.put_page(cached));
    release(cached);
    consistent();
  });
  it('stops where it fails: the vmas before that on the list have lost the page', () => {
    const older = forkOf();
    const newer = forkOf();
    isolate(page);
    age(page);
    load(k, older, at);
    expect(unmapPage(page)).toBe(SWAP_FAIL);
    expect([newer, older, task].map(of => bitsAt(from(s, of), at))).toEqual(['swap entry', 'dirty', 'dirty']);
    expect([page_mapcount(mem(), page), uses()]).toEqual([2, 2]);
    release(page);
    consistent();
    expect(load(k, newer, at)).toBe(load(k, task, at));
  });
  it('walks the mappings of a file in the order in which they were made', () => {
    const inode = newFile(s, '/data/file', 1);
    const spaces = [1, 2, 3].map(() => from(s, spawn(k)));
    const places = spaces.map(space => mapFile(space, inode));
    const read = (i: number): number => load(k, spaces[i]!.task, places[i]!);
    for (const i of [2, 1, 0]) read(i);
    const cached = isolate(pageAt(spaces[0]!, places[0]!));
    age(cached);
    read(1);
    expect([unmapPage(cached), ...spaces.map((space, i) => bitsAt(space, places[i]!))]).toEqual([SWAP_FAIL, 'none', 'writable', 'writable']);
    release(cached);
    consistent();
  });
  it('does not look at address spaces without pages', () => {
    const child = forkOf();
    isolate(page);
    age(page);
    const { rss } = child.mm!;
    child.mm!.rss = 0;
    expect(unmapPage(page)).toBe(SWAP_AGAIN);
    child.mm!.rss = rss;
    expect([bitsAt(s, at), bitsAt(from(s, child), at)]).toEqual(['swap entry', 'dirty']);
    release(page);
    consistent();
  });
  it('of a page that nobody maps has succeeded already', () => {
    isolate(page);
    age(page);
    unmapPage(page);
    expect(unmapPage(page)).toBe(SWAP_SUCCESS);
  });
  it('finds the page in memory that was moved to another vma by mprotect()', () => {
    const two = map(s, 2);
    touch(k, task, two, 2, 'write');
    must(s, 'mprotect', two, PAGE, PROT_NONE);
    const moved = isolate(pageAt(s, two + PAGE));
    age(moved);
    expect([unmapPage(moved), bitsAt(s, two + PAGE), bitsAt(s, two)]).toEqual([SWAP_SUCCESS, 'swap entry', 'young dirty']);
    release(moved);
    consistent();
  });
  it('is a bug without the lock, of a reserved page, and of an anonymous one that has no swap entry', () => {
    bug(() => k.try_to_unmap(page, null));
    bug(() => k.try_to_unmap(k.m.zero_page, null));
    mem().flags[page]! |= PG_locked;
    age(page);
    bug(() => k.try_to_unmap(page, null));
    expect(k.m.log.at(-1)!.text).toBe('kernel BUG at mm/rmap.c:try_to_unmap_one()!');
  });
});

describe('try_to_unmap() for migration', () => {
  let at: number;
  let page: Page;
  let list: UnmapList;
  function prepare(): void {
    addSwap(s);
    at = map(s, 1);
    store(k, task, at);
    page = pageAt(s, at);
    list = newList();
  }
  beforeEach(prepare);
  const recorded = (): unknown[] => Array.from({ length: list.length }, (_, i) => [list.mms[i]!.id, list.addresses[i]]);

  it('unmaps memory that is used, and becomes a user of every address space that has it, the latest child\'s first', () => {
    const older = forkOf();
    const newer = forkOf();
    isolate(page);
    load(k, older, at);
    expect(unmapPage(page, list)).toBe(SWAP_SUCCESS);
    expect(recorded()).toEqual([[newer.mm!.id, at], [older.mm!.id, at], [task.mm!.id, at]]);
    expect(spacesOf(task, older, newer).map(mm => mm.mm_users)).toEqual([2, 2, 2]);
  });
  it('unmaps locked memory', () => {
    must(s, 'mlock', at, PAGE);
    isolate(page);
    expect([unmapPage(page, list), list.length, bitsAt(s, at)]).toEqual([SWAP_SUCCESS, 1, 'swap entry']);
  });
  it('can be told to remember only what was used or locked', () => {
    useSpace(bootSpace({ reconstruction: { record_all_unmapped: false } }));
    prepare();
    const [idle, reader] = [forkOf(), forkOf()];
    isolate(page);
    age(page);
    load(k, reader, at);
    expect([unmapPage(page, list), recorded()]).toEqual([SWAP_SUCCESS, [[reader.mm!.id, at]]]);
    release(page);
    touchAgain(list);
    expect([idle, reader, task].map(of => bitsAt(from(s, of), at))).toEqual(['swap entry', 'young', 'swap entry']);
    consistent();
  });
  it('fails on reserved memory and on a pinned page, though it has noted where they are: touching them again does no harm', () => {
    isolate(page);
    get_page(mem(), page);
    expect([unmapPage(page, list), recorded(), bitsAt(s, at)]).toEqual([SWAP_FAIL, [[task.mm!.id, at]], 'young dirty writable']);
    asTask(s, () => k.put_page(page));
    vmaAt(task, at).vm_flags |= VM_RESERVED;
    expect([unmapPage(page, list), list.length, task.mm!.mm_users]).toEqual([SWAP_FAIL, 2, 3]);
    release(page);
    touchAgain(list);
    expect([bitsAt(s, at), task.mm!.mm_users, task.mm!.rss]).toEqual(['young dirty writable', 1, 1]);
    consistent();
  });
  it('that fails half way has unmapped what came before on the list', () => {
    const child = forkOf();
    vmaAt(task, at).vm_flags |= VM_RESERVED;
    isolate(page);
    expect([unmapPage(page, list), page_mapcount(mem(), page), bitsAt(from(s, child), at)]).toEqual([SWAP_FAIL, 1, 'swap entry']);
    release(page);
    touchAgain(list);
    expect([bitsAt(from(s, child), at), pageAt(from(s, child), at), page_mapcount(mem(), page)]).toEqual(['young', page, 2]);
    consistent();
  });
  it('does not hold on to an address space that is going away', () => {
    isolate(page);
    task.mm!.mm_users = 0;
    expect([unmapPage(page, list), list.length, task.mm!.mm_users]).toEqual([SWAP_SUCCESS, 0, 0]);
  });
  it('adds to a list that has entries', () => {
    const other = map(s, 1, { at: at + 8 * PAGE });
    store(k, task, other);
    const second = isolate(pageAt(s, other));
    isolate(page);
    unmapPage(page, list);
    unmapPage(second, list);
    expect(recorded()).toEqual([[task.mm!.id, at], [task.mm!.id, other]]);
  });
});

describe('touch_unmapped_address()', () => {
  let list: UnmapList;
  beforeEach(() => {
    addSwap(s);
    list = newList();
  });
  /** Unmaps a page everywhere, as a migration does, and gives up its lock again. */
  function unmapAll(page: Page): void {
    isolate(page);
    expect(unmapPage(page, list)).toBe(SWAP_SUCCESS);
    asTask(s, () => k.unlock_page(page));
  }

  it('maps the page again everywhere, clean and without the right to write; the page keeps the dirt', () => {
    const at = map(s, 1);
    const token = store(k, task, at);
    const page = pageAt(s, at);
    const child = forkOf();
    unmapAll(page);
    expect(touchAgain(list)).toBe(0);
    expect([bitsAt(s, at), bitsAt(from(s, child), at), page_mapcount(mem(), page), PageDirty(mem(), page)]).toEqual(['young', 'young', 2, true]);
    expect([list.length, list.mms.every(mm => mm === null), task.mm!.mm_users, task.mm!.rss, task.mm!.anon_rss]).toEqual([0, true, 1, 1, 1]);
    expect(load(k, task, at)).toBe(token);
    consistent(page);
  });
  it('is charged to who calls it', () => {
    const at = map(s, 1);
    store(k, task, at);
    const batchd = spawn(k);
    const before = task.min_flt;
    unmapAll(pageAt(s, at));
    touchAgain(list, batchd);
    expect([batchd.min_flt, task.min_flt - before]).toEqual([1, 0]);
  });
  it('maps a file page again: the pte says clean, the page dirty', () => {
    const at = mapFile(s, newFile(s, '/data/file', 1));
    const token = store(k, task, at);
    const page = pageAt(s, at);
    unmapAll(page);
    expect(bitsAt(s, at)).toBe('none');
    touchAgain(list);
    expect([bitsAt(s, at), PageDirty(mem(), page), load(k, task, at)]).toEqual(['young writable', true, token]);
    consistent(page);
  });
  it('leaves alone what the process has unmapped meanwhile', () => {
    const at = map(s, 1);
    store(k, task, at);
    const page = pageAt(s, at);
    unmapAll(page);
    unmap(s, at, 1);
    expect(touchAgain(list)).toBe(0);
    expect([task.mm!.rss, task.mm!.mm_users, page_mapcount(mem(), page)]).toEqual([0, 1, 0]);
    asTask(s, () => k.put_page(page));
    consistent();
  });
  it('gives the error of memory that cannot be read any more, and goes on with the rest', () => {
    const [a, b] = [map(s, 1), map(s, 1, { at: REGION1 + 50 * PAGE })];
    const pages = [a, b].map(at => {
      store(k, task, at);
      return pageAt(s, at);
    });
    for (const page of pages) unmapAll(page);
    must(s, 'mprotect', a, PAGE, PROT_NONE);
    expect([touchAgain(list), bitsAt(s, a), bitsAt(s, b)]).toEqual([-EFAULT, 'swap entry', 'young']);
    consistent(...pages);
  });
  it('touches nothing for a process that has died meanwhile: what is left of its memory goes with the last user, the list', () => {
    const child = forkOf();
    const c = from(s, child);
    const at = map(c, 1);
    store(k, child, at);
    const page = pageAt(c, at);
    const mm = child.mm!;
    unmapAll(page);
    syscall(k, child, 'exit', 0);
    expect([k.m.mms.has(mm.id), mm.mm_users, mm.map_count]).toEqual([true, 1, 1]);
    const { pgfault } = k.m.page_state;
    expect([touchAgain(list), k.m.mms.has(mm.id), k.m.page_state.pgfault - pgfault]).toEqual([0, false, 0]);
    asTask(s, () => k.put_page(page));
    consistent();
  });
  it('begins with what was unmapped last', () => {
    const [a, b] = [map(s, 1), map(s, 1, { at: REGION1 + 50 * PAGE })];
    for (const at of [a, b]) {
      store(k, task, at);
      unmapAll(pageAt(s, at));
    }
    const order: number[] = [];
    const watched: Kernel = { ...k, *get_user_pages(...args: Parameters<Kernel['get_user_pages']>) { order.push(args[2]); return yield* k.get_user_pages(...args); } };
    runKernel(watched, task, watched.touch_unmapped_address(list));
    expect(order).toEqual([b, a]);
  });
  it('waits for who holds mmap_sem for writing', () => {
    const at = map(s, 1);
    store(k, task, at);
    const page = pageAt(s, at);
    unmapAll(page);
    const other = k.m.tasks.get(runKernel(k, task, k.do_fork(CLONE_VM | SIGCHLD)))!;
    task.mm!.mmap_sem.writer = other.pid;
    const path = newPath(spawn(k), k.touch_unmapped_address(list));
    stepPath(k, path);
    expect([path.state, path.wait?.kind]).toEqual(['running', 'rwsem']);
    task.mm!.mmap_sem.writer = 0;
    settle(k);
    expect([path.state, bitsAt(s, at)]).toEqual(['returned', 'young']);
    consistent(page);
  });
  it('reads in from swap what has lost its place in the cache', () => {
    const at = map(s, 1);
    const token = store(k, task, at);
    const page = pageAt(s, at);
    isolate(page);
    unmapPage(page, list);
    inKernel(s, kernel => kernel.swap_writepage(page));
    settle(k);
    mem().flags[page]! |= PG_locked;
    mem().flags[page]! &= ~(1 << 4);
    asTask(s, () => k.delete_from_swap_cache(page));
    release(page);
    expect([touchAgain(list), load(k, task, at), task.maj_flt]).toEqual([0, token, 1]);
    consistent();
  });
  it('of an empty list does nothing', () => {
    expect([touchAgain(list), call(s, 'getpid')]).toEqual([0, task.pid]);
  });
});

it('a private copy of a file page is found by its anon_vma, the page it was copied from by its file', () => {
  addSwap(s);
  const inode = newFile(s, '/data/file', 2);
  const at = mapFile(s, inode, MAP_PRIVATE);
  load(k, task, at + PAGE);
  store(k, task, at);
  const [copy, cached] = [pageAt(s, at), pageAt(s, at + PAGE)];
  expect([PageAnon(mem(), copy), PageAnon(mem(), cached)]).toEqual([true, false]);
  for (const page of [copy, cached]) {
    isolate(page);
    age(page);
    expect(unmapPage(page)).toBe(SWAP_SUCCESS);
    release(page);
  }
  expect([bitsAt(s, at), bitsAt(s, at + PAGE), PageSwapCache(mem(), copy)]).toEqual(['swap entry', 'none', true]);
  expect([vmaAt(task, at).vm_file!.f_inode, ANON]).toEqual([inode, 0x22]);
  consistent();
});
