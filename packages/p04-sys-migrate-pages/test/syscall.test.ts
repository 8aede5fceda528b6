import { describe, expect, it } from 'vitest';
import { injectError } from '@pmkit/linker';
import { load, residentPage, spawn, syscall, touch } from '@pmkit/mm-core';
import { BAD_POINTER } from '@pmkit/mm-core/include/linux/misc';
import { page_count, page_mapcount } from '@pmkit/mm-core/include/linux/mm';
import { pte_dirty, pte_offset, pte_write } from '@pmkit/mm-core/include/asm-ia64/pgtable';
import { PageDirty } from '@pmkit/mm-core/include/linux/page-flags';
import { SIGSTOP } from '@pmkit/mm-core/include/linux/sched';
import type { Pte } from '@pmkit/mm-core/include/linux/types';
import { addSwap, anonymous, mapFile, newFile, nodes, nodesOf, PRIVATE, READ, scheduler, SHARED, startJob, WRITE } from '@pmkit/mm-core/testing';
import { bootLevel3, bootLevel4, unmapToSwap } from './rig.js';

const EPERM_TO = { EFAULT: -14, EINVAL: -22, ESRCH: -3, ENOMEM: -12, ENOSYS: -38 } as const;
const { EFAULT, EINVAL, ESRCH, ENOMEM, ENOSYS } = EPERM_TO;

describe('system call 1279', () => {
  it('is not there before the patch', () => {
    const k = bootLevel3();
    const { task } = startJob(k);
    expect(syscall(k, scheduler(k), 1279, task.pid, 1, nodes(1), nodes(2))).toBe(ENOSYS);
  });
  it('is not there without CONFIG_MEMORY_MIGRATE', () => {
    const k = bootLevel4({ nodes: [{ id: 0, pages: 256, cpus: [0, 1, 2] }], config: { CONFIG_MEMORY_MIGRATE: false } });
    expect(syscall(k, k.m.init_task, 1279, 1, 1, nodes(0), nodes(0))).toBe(ENOSYS);
  });
});

describe('the checks, in their order', () => {
  const call = (pid: number, count: number, old: unknown, fresh: unknown): number => {
    const k = bootLevel4();
    return syscall(k, scheduler(k), 1279, pid, count, old, fresh);
  };
  it('count 0 or above 256 is EINVAL, before anything is read', () => {
    expect(call(9999, 0, BAD_POINTER, BAD_POINTER)).toBe(EINVAL);
    expect(call(9999, 257, BAD_POINTER, BAD_POINTER)).toBe(EINVAL);
    expect(call(9999, -1, BAD_POINTER, BAD_POINTER)).toBe(EINVAL);
  });
  it('a bad count is EINVAL even without memory', () => {
    const k = bootLevel4();
    const stop = injectError(k, 'kmalloc', 0);
    expect(syscall(k, k.m.init_task, 1279, 9999, 0, nodes(1), nodes(2))).toBe(EINVAL);
    stop();
  });
  it('count 256 is legal', () => {
    expect(call(9999, 256, new Uint32Array(256).fill(1), new Uint32Array(256).fill(2))).toBe(ESRCH);
  });
  it('no memory for the arrays is ENOMEM, before they are read', () => {
    for (const after of [0, 1, 2]) {
      const k = bootLevel4();
      const batchd = scheduler(k);
      const stop = injectError(k, 'kmalloc', 0, { after });
      expect(syscall(k, batchd, 1279, 9999, 1, BAD_POINTER, BAD_POINTER)).toBe(ENOMEM);
      stop();
    }
  });
  it('an array that cannot be read is EFAULT, before its nodes are looked at', () => {
    expect(call(9999, 1, BAD_POINTER, nodes(300))).toBe(EFAULT);
    expect(call(9999, 1, nodes(300), BAD_POINTER)).toBe(EFAULT);
    expect(call(9999, 2, nodes(1), nodes(2, 3))).toBe(EFAULT);
    expect(call(9999, 1, null, nodes(2))).toBe(EFAULT);
  });
  it('a node out of range is EINVAL, a huge one is negative', () => {
    expect(call(9999, 1, nodes(256), nodes(2))).toBe(EINVAL);
    expect(call(9999, 1, nodes(1), nodes(256))).toBe(EINVAL);
    expect(call(9999, 1, nodes(0x8000_0000), nodes(2))).toBe(EINVAL);
    expect(call(9999, 1, nodes(1), nodes(0xffff_ffff))).toBe(EINVAL);
  });
  it('a new node must be online, an old one need not be', () => {
    expect(call(9999, 1, nodes(1), nodes(200))).toBe(EINVAL);
    expect(call(9999, 1, nodes(200), nodes(1))).toBe(ESRCH);
  });
  it('a node on both sides is EINVAL, whatever the process', () => {
    expect(call(9999, 2, nodes(1, 2), nodes(2, 3))).toBe(EINVAL);
  });
  it('no such process is ESRCH; pid 0 is nobody', () => {
    expect(call(9999, 1, nodes(1), nodes(2))).toBe(ESRCH);
    expect(call(0, 1, nodes(1), nodes(2))).toBe(ESRCH);
  });
  it('a kernel thread has no memory to move: EINVAL', () => {
    const k = bootLevel4();
    const kthread = [...k.m.tasks.values()].find(task => task.mm === null && task.pid !== 0);
    expect(kthread).toBeDefined();
    expect(syscall(k, scheduler(k), 1279, kthread?.pid, 1, nodes(1), nodes(2))).toBe(EINVAL);
  });
});

describe('a zombie', () => {
  it('has no memory to move either: EINVAL', () => {
    const k = bootLevel4();
    const batchd = scheduler(k);
    const child = spawn(k, { comm: 'child', parent: batchd });
    syscall(k, child, 'exit', 0);
    expect(child.state).toBe('Z');
    expect(syscall(k, batchd, 1279, child.pid, 1, nodes(1), nodes(2))).toBe(EINVAL);
  });
});

describe('pages that are not on the LRU yet', () => {
  it('are drained from the pagevecs of every CPU first', () => {
    const k = bootLevel4();
    addSwap(k);
    // one page in the pagevec of each CPU of node 1
    const { task, address } = startJob(k, 1, 1);
    k.set_cpus_allowed(task, [3]);
    const more = anonymous(k, task, 1);
    expect(syscall(k, scheduler(k), 1279, task.pid, 1, nodes(1), nodes(2))).toBe(2);
    expect([...nodesOf(k.m, task, address, 1), ...nodesOf(k.m, task, more, 1)]).toEqual([2, 2]);
  });
});

describe('moving a stopped process', () => {
  const moved = (pages = 16) => {
    const k = bootLevel4();
    addSwap(k);
    const batchd = scheduler(k);
    const { task, address } = startJob(k, 1, pages);
    const before = Array.from({ length: pages }, (_, i) => load(k, task, address + i * k.m.PAGE_SIZE));
    syscall(k, batchd, 'kill', task.pid, SIGSTOP);
    const result = syscall(k, batchd, 1279, task.pid, 1, nodes(1), nodes(2));
    return { k, batchd, task, address, before, result, pages };
  };
  it('moves its pages and says how many', () => {
    const { k, task, address, result, pages } = moved();
    expect(result).toBe(pages);
    expect(new Set(nodesOf(k.m, task, address, pages))).toEqual(new Set([2]));
  });
  it('keeps contents, reference and map counts', () => {
    const { k, batchd, task, address, before, pages } = moved();
    for (let i = 0; i < pages; i++) {
      const page = residentPage(k.m, task, address + i * k.m.PAGE_SIZE);
      expect([page_count(k.m.mem_map, page), page_mapcount(k.m.mem_map, page)]).toEqual([1, 1]);
    }
    syscall(k, batchd, 'kill', task.pid, 18);
    expect(before.map((_, i) => load(k, task, address + i * k.m.PAGE_SIZE))).toEqual(before);
  });
  it('leaves ptes clean and read-only and the pages dirty, and no swap in use', () => {
    const { k, task, address } = moved();
    const pte = k.m.ptes[pte_offset(k.m, task.mm!, address)] as Pte;
    expect([pte_dirty(pte), pte_write(pte)]).toEqual([false, false]);
    expect(PageDirty(k.m.mem_map, residentPage(k.m, task, address))).toBe(true);
    expect(k.m.swapper_space.nrpages).toBe(0);
    expect(k.m.nr_swap_pages).toBe(k.m.total_swap_pages);
  });
  it('moves nothing the second time', () => {
    const { k, batchd, task } = moved();
    expect(syscall(k, batchd, 1279, task.pid, 1, nodes(1), nodes(2))).toBe(0);
  });
});

describe('what is not moved', () => {
  it('pages on other nodes, pages not there, mlocked memory', () => {
    const k = bootLevel4();
    addSwap(k);
    const { task, address } = startJob(k, 1, 4);
    const locked = anonymous(k, task, 3);
    expect(syscall(k, task, 'mlock', locked, 3 * k.m.PAGE_SIZE)).toBe(0);
    const sparse = syscall(k, task, 'mmap', 0, 8 * k.m.PAGE_SIZE, READ | WRITE, 0x22, -1, 0);
    touch(k, task, sparse, 2, 'read');
    k.set_cpus_allowed(task, [6]);
    const elsewhere = anonymous(k, task, 2);
    expect(syscall(k, scheduler(k), 1279, task.pid, 1, nodes(1), nodes(2))).toBe(4);
    expect(nodesOf(k.m, task, address, 4)).toEqual([2, 2, 2, 2]);
    expect(nodesOf(k.m, task, locked, 3)).toEqual([1, 1, 1]);
    expect(nodesOf(k.m, task, elsewhere, 2)).toEqual([3, 3]);
    expect(nodesOf(k.m, task, sparse, 8).slice(2)).toEqual(Array(6).fill(-1));
  });
});

describe('what is not moved although it is on an old node', () => {
  it('the zero page', () => {
    const k = bootLevel4();
    addSwap(k);
    const task = spawn(k, { comm: 'reader', cpu: 2 });
    const address = syscall(k, task, 'mmap', 0, k.m.PAGE_SIZE, READ | WRITE, 0x22, -1, 0);
    touch(k, task, address, 1, 'read');
    expect(nodesOf(k.m, task, address, 1)).toEqual([0]);
    expect(syscall(k, scheduler(k), 1279, task.pid, 1, nodes(0), nodes(2))).toBe(0);
    expect(residentPage(k.m, task, address)).toBe(k.m.zero_page);
  });
  it('a swapped page, even while it is in the swap cache', () => {
    const k = bootLevel4();
    addSwap(k);
    const { task, address } = startJob(k, 1, 2);
    const token = load(k, task, address);
    const page = unmapToSwap(k, task, address);
    expect(syscall(k, scheduler(k), 1279, task.pid, 1, nodes(1), nodes(2))).toBe(1);
    expect(nodesOf(k.m, task, address, 2)).toEqual([-1, 2]);
    expect(load(k, task, address)).toBe(token);
    expect(residentPage(k.m, task, address)).toBe(page);
  });
});

describe('pairs of nodes', () => {
  it('a node named twice goes where its last pair says', () => {
    const k = bootLevel4();
    addSwap(k);
    const { task, address } = startJob(k, 1, 4);
    expect(syscall(k, scheduler(k), 1279, task.pid, 2, nodes(1, 1), nodes(2, 3))).toBe(4);
    expect(nodesOf(k.m, task, address, 4)).toEqual([3, 3, 3, 3]);
  });
  it('two nodes may be merged into one', () => {
    const k = bootLevel4();
    addSwap(k);
    const { task, address } = startJob(k, 1, 4);
    k.set_cpus_allowed(task, [4]);
    const more = anonymous(k, task, 4);
    expect(syscall(k, scheduler(k), 1279, task.pid, 2, nodes(1, 2), nodes(3, 3))).toBe(8);
    expect([...nodesOf(k.m, task, address, 4), ...nodesOf(k.m, task, more, 4)]).toEqual(Array(8).fill(3));
  });
});

describe('shared memory', () => {
  it('a file page that two processes map moves for both and is counted once', () => {
    const k = bootLevel4();
    addSwap(k);
    newFile(k, '/shared', 4);
    const { task } = startJob(k, 1, 2);
    const other = spawn(k, { comm: 'other', cpu: 2 });
    const a = mapFile(k, task, '/shared', 4, READ | WRITE, SHARED);
    touch(k, task, a, 4, 'write');
    const b = mapFile(k, other, '/shared', 4, READ | WRITE, SHARED);
    touch(k, other, b, 4, 'read');
    expect(syscall(k, scheduler(k), 1279, task.pid, 1, nodes(1), nodes(2))).toBe(6);
    expect(nodesOf(k.m, task, a, 4)).toEqual([2, 2, 2, 2]);
    expect(load(k, other, b)).toBe(load(k, task, a));
    expect(nodesOf(k.m, other, b, 1)).toEqual([2]);
  });
  it('a file page that the process maps twice is counted once', () => {
    const k = bootLevel4();
    addSwap(k);
    newFile(k, '/shared', 4);
    const { task } = startJob(k, 1, 1);
    const places = [1, 2].map(() => mapFile(k, task, '/shared', 4, READ | WRITE, SHARED));
    for (const place of places) touch(k, task, place, 4, 'read');
    expect(syscall(k, scheduler(k), 1279, task.pid, 1, nodes(1), nodes(2))).toBe(5);
    for (const place of places) expect(nodesOf(k.m, task, place, 4)).toEqual([2, 2, 2, 2]);
  });
  it('pages shared by fork move for both, and only a second scan finds none', () => {
    const k = bootLevel4();
    addSwap(k);
    const { task, address } = startJob(k, 1, 4);
    const child = k.m.tasks.get(syscall(k, task, 'fork', 0))!;
    expect(syscall(k, scheduler(k), 1279, child.pid, 1, nodes(1), nodes(2))).toBe(4);
    expect(nodesOf(k.m, child, address, 4)).toEqual([2, 2, 2, 2]);
    expect(load(k, task, address)).toBe(load(k, child, address));
    expect(syscall(k, scheduler(k), 1279, task.pid, 1, nodes(1), nodes(2))).toBe(0);
  });
  it('a read-only library moves too, until patch 7', () => {
    const k = bootLevel4();
    addSwap(k);
    newFile(k, '/lib/libc.so', 4);
    const { task } = startJob(k, 1, 1);
    const text = mapFile(k, task, '/lib/libc.so', 4, READ, PRIVATE);
    touch(k, task, text, 4, 'read');
    expect(syscall(k, scheduler(k), 1279, task.pid, 1, nodes(1), nodes(2))).toBe(5);
    expect(nodesOf(k.m, task, text, 4)).toEqual([2, 2, 2, 2]);
  });
});
