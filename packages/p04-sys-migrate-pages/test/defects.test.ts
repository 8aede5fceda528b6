/** The defects of rc3 4/10, each provoked. They are facts of the series: a change that makes one go away makes the kit wrong. */
import { describe, expect, it } from 'vitest';
import { replaceSymbol } from '@pmkit/linker';
import { load, newPath, NO_RESULT, residentPage, stepPath, syscall, syscallOutcome, touch, type Machine, type Task } from '@pmkit/mm-core';
import { get_page, page_count, page_zone } from '@pmkit/mm-core/include/linux/mm';
import { PageLRU, PageSwapCache } from '@pmkit/mm-core/include/linux/page-flags';
import { SIGKILL, SIGSTOP } from '@pmkit/mm-core/include/linux/sched';
import { addSwap, anonymous, check_invariants, FOUR_NODES, logOf, mapFile, newFile, nodes, nodesOf, READ, scheduler, SHARED, startJob, WRITE } from '@pmkit/mm-core/testing';
import type { MaySleep } from '@pmkit/mm-core/include/linux/wait';
import { newListHead } from '@pmkit/mm-core';
import { bootLevel4, type Kernel4 } from './rig.js';

const EAGAIN = -11;
const ENOSPC = -28;
const migrate = (k: Kernel4, batchd: Task, task: Task): number => syscall(k, batchd, 1279, task.pid, 1, nodes(1), nodes(2));
const counts = (m: Machine, task: Task, address: number, pages: number): number[] =>
  Array.from({ length: pages }, (_, i) => page_count(m.mem_map, residentPage(m, task, address + i * m.PAGE_SIZE)));

describe('a: BUG() when a mapped page is off the LRU (Takahashi, 25 June 2005: use continue)', () => {
  const provoke = () => {
    const k = bootLevel4();
    addSwap(k);
    const batchd = scheduler(k);
    const { task, address } = startJob(k, 1, 4);
    const untouched = syscall(k, task, 'mmap', 0, k.m.PAGE_SIZE, READ | WRITE, 0x22, -1, 0);
    k.lru_drain_cache(task.cpu);
    // what vmscan does when it looks at a page
    const page = residentPage(k.m, task, address + k.m.PAGE_SIZE);
    expect(k.steal_page_from_lru(page_zone(k.m, page), page, newListHead(k.m))).toBe(1);
    return { k, batchd, task, address, untouched, result: migrate(k, batchd, task) };
  };
  it('kills the caller and says so in the log', () => {
    const { k, batchd, result } = provoke();
    expect(result).toBe(NO_RESULT);
    expect(['Z', 'X']).toContain(batchd.state);
    expect(logOf(k.m).some(line => line.includes('kernel BUG at mm/mmigrate.c'))).toBe(true);
  });
  it('also for a page that waits in a pagevec, because the target has touched it since the pagevecs were drained', () => {
    const k = bootLevel4();
    addSwap(k);
    const batchd = scheduler(k);
    const { task } = startJob(k, 1, 4);
    const fresh = syscall(k, task, 'mmap', 0, k.m.PAGE_SIZE, READ | WRITE, 0x22, -1, 0);
    const real = k.migrate_vma;
    let vmas = 0;
    const restore = replaceSymbol(k, 'migrate_vma', function* (target: Task, mm: never, vma: never, map: never): MaySleep<number> {
      if (vmas++ === 0) touch(k, task, fresh, 1, 'write');
      return yield* real.call(k, target, mm, vma, map);
    });
    expect(migrate(k, batchd, task)).toBe(NO_RESULT);
    restore();
    expect(PageLRU(k.m.mem_map, residentPage(k.m, task, fresh))).toBe(false);
    expect(logOf(k.m).some(line => line.includes('kernel BUG at mm/mmigrate.c:migrate_vma()'))).toBe(true);
  });
  it('leaves the page table lock of the target held: the next fault spins for ever', () => {
    const { k, task, untouched } = provoke();
    expect(task.mm?.page_table_lock.held).toBe(true);
    expect(touch(k, task, untouched, 1, 'write')).toBe(0);
    expect(task.state).toBe('H');
  });
  it('leaves mmap_sem of the target held for reading: its next mmap() sleeps for ever', () => {
    const { k, task } = provoke();
    expect(syscallOutcome(k, task, 'mmap', 0, k.m.PAGE_SIZE, READ | WRITE, 0x22, -1, 0)).toMatchObject({ kind: 'blocked', deadlock: true });
  });
  it('leaves the pages collected before it on a list that nobody knows', () => {
    const { k, task, address } = provoke();
    const page = residentPage(k.m, task, address);
    expect(PageLRU(k.m.mem_map, page)).toBe(false);
    expect(k.m.dead_list_heads.length).toBe(1);
  });
});

describe('b: on -EAGAIN the isolation reference is not dropped', () => {
  const provoke = () => {
    const k = bootLevel4();
    addSwap(k);
    const batchd = scheduler(k);
    const { task, address } = startJob(k, 1, 3);
    const busy = residentPage(k.m, task, address + k.m.PAGE_SIZE);
    // somebody holds the page for a moment, as direct I/O does
    get_page(k.m.mem_map, busy);
    const result = migrate(k, batchd, task);
    k.put_page(busy);
    return { k, batchd, task, address, busy, result };
  };
  it('returns -EAGAIN; the other pages have moved, the busy one stayed', () => {
    const { k, task, address, result } = provoke();
    expect(result).toBe(EAGAIN);
    expect(nodesOf(k.m, task, address, 3)).toEqual([2, 1, 2]);
  });
  it('leaves the busy page on the LRU with one reference too many', () => {
    const { k, task, address, busy } = provoke();
    expect(PageLRU(k.m.mem_map, busy)).toBe(true);
    // its pte, the swap cache, which would not let go of a page in use, and the reference that nobody drops
    expect(PageSwapCache(k.m.mem_map, busy)).toBe(true);
    expect(counts(k.m, task, address, 3)).toEqual([1, 3, 1]);
  });
  it('makes every later call fail although nobody holds the page any more', () => {
    const { k, batchd, task, address } = provoke();
    expect(migrate(k, batchd, task)).toBe(EAGAIN);
    expect(migrate(k, batchd, task)).toBe(EAGAIN);
    expect(counts(k.m, task, address, 3)[1]).toBe(5);
  });
  it('never frees the page, not even when the process is gone', () => {
    const { k, batchd, task, busy } = provoke();
    syscall(k, batchd, 'kill', task.pid, SIGKILL);
    expect(task.mm).toBeNull();
    expect(page_count(k.m.mem_map, busy)).toBeGreaterThan(0);
    expect(check_invariants(k)).toEqual([expect.stringMatching(new RegExp(`page ${busy}\\b.*_count`)) as string]);
  });
});

describe('c: on -ENOSPC the pages are not put back', () => {
  it('they are off the LRU with a reference too many, and stay so', () => {
    const k = bootLevel4();
    const batchd = scheduler(k);
    const { task, address } = startJob(k, 1, 3);
    expect(migrate(k, batchd, task)).toBe(ENOSPC);
    expect(nodesOf(k.m, task, address, 3)).toEqual([1, 1, 1]);
    expect(counts(k.m, task, address, 3)).toEqual([2, 2, 2]);
    for (let i = 0; i < 3; i++) expect(PageLRU(k.m.mem_map, residentPage(k.m, task, address + i * k.m.PAGE_SIZE))).toBe(false);
    expect(k.m.dead_list_heads.length).toBe(1);
  });
  it('so the next call runs into defect a', () => {
    const k = bootLevel4();
    const batchd = scheduler(k);
    const { task } = startJob(k, 1, 3);
    migrate(k, batchd, task);
    expect(migrate(k, batchd, task)).toBe(NO_RESULT);
    expect(logOf(k.m).some(line => line.includes('kernel BUG at mm/mmigrate.c'))).toBe(true);
  });
});

describe('d: anonymous memory needs swap slots to move', () => {
  it('fails without swap although nothing would be written', () => {
    const k = bootLevel4();
    const { task } = startJob(k, 1, 3);
    expect(migrate(k, scheduler(k), task)).toBe(ENOSPC);
    expect(k.m.page_state.pswpout).toBe(0);
  });
  it('moves file pages without swap', () => {
    const k = bootLevel4();
    newFile(k, '/data', 3);
    const { task } = startJob(k, 1, 0 + 1);
    syscall(k, task, 'munmap', task.mm?.mmap?.vm_start, k.m.PAGE_SIZE);
    const address = mapFile(k, task, '/data', 3, READ | WRITE, SHARED);
    touch(k, task, address, 3, 'write');
    expect(migrate(k, scheduler(k), task)).toBe(3);
    expect(nodesOf(k.m, task, address, 3)).toEqual([2, 2, 2]);
  });
  it('writes nothing to swap when there is some', () => {
    const k = bootLevel4();
    addSwap(k, 1);
    const { task } = startJob(k, 1, 3);
    // one slot is enough: it is given back after each page
    expect(migrate(k, scheduler(k), task)).toBe(3);
    expect(k.m.page_state.pswpout).toBe(0);
  });
});

describe('the first vma that fails ends the call', () => {
  it('earlier vmas stay moved, later ones are not touched, and the count is lost', () => {
    const k = bootLevel4();
    addSwap(k);
    const { task, address: first } = startJob(k, 1, 2);
    syscall(k, task, 'mmap', 0, k.m.PAGE_SIZE, 0, 0x22, -1, 0);
    const second = anonymous(k, task, 2);
    syscall(k, task, 'mmap', 0, k.m.PAGE_SIZE, 0, 0x22, -1, 0);
    const third = anonymous(k, task, 2);
    get_page(k.m.mem_map, residentPage(k.m, task, second));
    expect(migrate(k, scheduler(k), task)).toBe(EAGAIN);
    expect(nodesOf(k.m, task, first, 2)).toEqual([2, 2]);
    expect(nodesOf(k.m, task, second, 2)).toEqual([1, 2]);
    expect(nodesOf(k.m, task, third, 2)).toEqual([1, 1]);
  });
});

describe('e: the task is used without a reference (mended by patch 8)', () => {
  it('a target that is killed and reaped in the middle is still passed on', () => {
    const k = bootLevel4();
    addSwap(k);
    const batchd = scheduler(k);
    const { task } = startJob(k, 1, 2);
    syscall(k, task, 'mmap', 0, k.m.PAGE_SIZE, 0, 0x22, -1, 0);
    anonymous(k, task, 2);
    const real = k.migrate_vma;
    const seen: boolean[] = [];
    const restore = replaceSymbol(k, 'migrate_vma', function* (target: Task, mm: never, vma: never, map: never): MaySleep<number> {
      seen.push(k.m.tasks.has(target.pid));
      const result = yield* real.call(k, target, mm, vma, map);
      // between two vmas the target dies and its parent collects it
      if (seen.length === 1) {
        k.m.current = target;
        k.do_exit(SIGKILL);
        k.m.current = batchd;
        if (k.m.tasks.has(target.pid)) k.release_task(target);
      }
      return result;
    });
    migrate(k, batchd, task);
    restore();
    expect(seen.length).toBeGreaterThan(1);
    expect(seen[0]).toBe(true);
    expect(seen.at(-1)).toBe(false);
  });
});

describe('f: only a stopped process moves reliably (the overview, unresolved issue 1)', () => {
  interface Race {
    readonly stopped?: boolean;
    readonly racing_fault?: 'oom' | 'wait';
    /** The job waits until the page has been copied. */
    readonly late?: boolean;
    /** It is a file's page. */
    readonly file?: boolean;
  }
  /** Moves a job page by page; whenever one of its pages is mapped nowhere, the job, if it runs, reads it. */
  const moveUnder = ({ stopped = false, racing_fault = 'oom', late = false, file = false }: Race) => {
    const k = bootLevel4({ ...FOUR_NODES, reconstruction: { racing_fault } });
    addSwap(k);
    const batchd = scheduler(k);
    newFile(k, '/data', 3);
    const job = startJob(k, 1, 3);
    const { task } = job;
    const address = file ? mapFile(k, task, '/data', 3, READ | WRITE, SHARED) : job.address;
    touch(k, task, address, 3, 'read');
    if (stopped) syscall(k, batchd, 'kill', task.pid, SIGSTOP);
    k.m.preemptible = true;
    const path = newPath(batchd, k.sys_migrate_pages(task.pid, 1, nodes(1), nodes(2)));
    let touched = 0;
    while (path.state === 'running' && touched < 1000) {
      stepPath(k, path);
      const unmapped = [0, 1, 2].find(i => residentPage(k.m, task, address + i * k.m.PAGE_SIZE) === 0);
      if (unmapped === undefined || task.state !== 'R' || k.m.paths.has(task) || (late && k.m.migrating.length > 0)) continue;
      touched++;
      touch(k, task, address + unmapped * k.m.PAGE_SIZE, 1, 'read');
    }
    k.m.preemptible = false;
    return { k, task, address, touched, result: path.value };
  };
  it('a running one that touches a page between its unmapping and its remapping is killed', () => {
    const { k, task, touched } = moveUnder({});
    expect(touched).toBe(1);
    expect(task.exit_code).toBe(SIGKILL);
    expect(logOf(k.m)).toContain('VM: killing process job');
  });
  it('a stopped one is not, and all of it moves', () => {
    const { k, task, address, touched, result } = moveUnder({ stopped: true });
    expect({ touched, result, state: task.state }).toEqual({ touched: 0, result: 3, state: 'T' });
    expect(nodesOf(k.m, task, address, 3)).toEqual([2, 2, 2]);
    expect(logOf(k.m)).not.toContain('VM: killing process job');
  });
  it('the pieces of the hotplug tree that can be read would make the fault wait (option racing_fault)', () => {
    const { k, task, touched } = moveUnder({ racing_fault: 'wait' });
    expect(touched).toBeGreaterThan(0);
    expect(task.state).toBe('R');
    expect(logOf(k.m)).not.toContain('VM: killing process job');
  });
  it.each([
    ['that touches a page after it was copied maps the new one', { late: true }],
    ['that touches a file page waits for it', { file: true }],
  ])('one %s and lives', (_what, race: Race) => {
    const { k, task, address, touched, result } = moveUnder(race);
    expect(touched).toBeGreaterThan(0);
    expect({ state: task.state, result }).toEqual({ state: 'R', result: race.file === true ? 6 : 3 });
    expect(nodesOf(k.m, task, address, 3)).toEqual([2, 2, 2]);
    expect(check_invariants(k)).toEqual([]);
  });
  it('what a process allocates in a vma already scanned stays on the old node', () => {
    const k = bootLevel4();
    addSwap(k);
    const batchd = scheduler(k);
    const { task } = startJob(k, 1, 2);
    const fresh = syscall(k, task, 'mmap', 0, k.m.PAGE_SIZE, READ | WRITE, 0x22, -1, 0);
    syscall(k, task, 'mmap', 0, k.m.PAGE_SIZE, 0, 0x22, -1, 0);
    anonymous(k, task, 2);
    const real = k.migrate_vma;
    let vmas = 0;
    const restore = replaceSymbol(k, 'migrate_vma', function* (target: Task, mm: never, vma: never, map: never): MaySleep<number> {
      const result = yield* real.call(k, target, mm, vma, map);
      if (++vmas === 1) touch(k, task, fresh, 1, 'write');
      return result;
    });
    expect(migrate(k, batchd, task)).toBe(4);
    restore();
    expect(vmas).toBeGreaterThan(1);
    expect(nodesOf(k.m, task, fresh, 1)).toEqual([1]);
  });
});

describe('g: page cache without a pte in the target stays (Takahashi on -rc2; Ray Bryant: sync and drop the cache first)', () => {
  it('moves only the pages of the file that the process maps', () => {
    const k = bootLevel4();
    addSwap(k);
    newFile(k, '/data', 4);
    const { task } = startJob(k, 1, 1);
    const address = mapFile(k, task, '/data', 4, READ, SHARED);
    const fd = syscall(k, task, 'open', '/data', 0, 0);
    syscall(k, task, 'read', fd, 4 * k.m.PAGE_SIZE);
    touch(k, task, address, 2, 'read');
    expect(migrate(k, scheduler(k), task)).toBe(3);
    touch(k, task, address, 4, 'read');
    expect(nodesOf(k.m, task, address, 4)).toEqual([2, 2, 1, 1]);
    expect(load(k, task, address)).not.toBe(0);
  });
});
