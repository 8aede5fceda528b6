import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { BAD_POINTER } from '../src/include/linux/misc.js';
import { EFAULT, EIO, ENOSPC } from '../src/include/linux/errno.js';
import { PAGECACHE_TAG_DIRTY as DIRTY, type Inode } from '../src/include/linux/fs.js';
import { page_to_nid } from '../src/include/linux/mm.js';
import { PageDirty, PageLocked, PageReferenced, PageSwapCache, PageUptodate, TestSetPageLocked } from '../src/include/linux/page-flags.js';
import { SIGBUS } from '../src/include/linux/sched.js';
import { SGP_CACHE, SGP_READ, SGP_WRITE } from '../src/include/linux/shmem_fs.js';
import type { Page } from '../src/include/linux/types.js';
import { WRITEPAGE_ACTIVATE } from '../src/include/linux/writeback.js';
import { load, residentPage, run, runKernel, settle, spawn, store, syscall, touch } from '../src/index.js';
import { check_invariants } from '../src/testing.js';
import { bootWith, cachedPage, inodeOf, MAP_ANONYMOUS, MAP_SHARED, open, PAGE, PROT_RW, readPages, tagged, writeAt, type Fixture } from './files.js';
import { addSwap, bootSmall, reclaimAll } from './reclaim.js';

let f: Fixture;
beforeEach(() => {
  f = bootWith('tmpfs');
});
const mem = () => f.k.m.mem_map;
const map = (fd: number, pages: number): number => syscall(f.k, f.task, 'mmap', 0, pages * PAGE, PROT_RW, MAP_SHARED, fd, 0);
function written(pages: number, path = '/data/a'): { fd: number; inode: Inode } {
  const fd = open(f, path);
  writeAt(f, fd, 0, pages * PAGE);
  return { fd, inode: inodeOf(f, path) };
}
const getPage = (inode: Inode, index: number, sgp: number): number => runKernel(f.k, f.task, f.k.shmem_getpage(inode, index, sgp));

describe('a tmpfs file', () => {
  it('is read as zeros where nobody has written, and stays a hole there', () => {
    const fd = open(f, '/data/a');
    syscall(f.k, f.task, 'ftruncate', fd, 3 * PAGE);
    expect(readPages(f, fd, 0, 3)).toEqual([0, 0, 0]);
    const inode = inodeOf(f, '/data/a');
    expect([inode.i_mapping.nrpages, inode.shmem!.alloced]).toEqual([0, 0]);
    writeAt(f, fd, PAGE, 1);
    expect(readPages(f, fd, 0, 3).map(token => token !== 0)).toEqual([false, true, false]);
  });

  it('takes no I/O, and its dirty pages count in no limit', () => {
    const { fd, inode } = written(5);
    syscall(f.k, f.task, 'fsync', fd);
    syscall(f.k, f.task, 'sync');
    expect([f.k.m.page_state.pgpgout, f.k.m.page_state.nr_dirty, tagged(f, inode, DIRTY)]).toEqual([0, 0, [0, 1, 2, 3, 4]]);
    expect(check_invariants(f.k)).toEqual([]);
  });

  it('read from its beginning counts as used, read from the middle of a page does not', () => {
    const fd = open(f, '/data/a');
    touch(f.k, f.task, (syscall(f.k, f.task, 'ftruncate', fd, PAGE), map(fd, 1)), 1, 'read');
    const page = cachedPage(f, inodeOf(f, '/data/a'), 0);
    mem().flags[page]! &= ~(1 << 2);
    syscall(f.k, f.task, 'lseek', fd, 100);
    syscall(f.k, f.task, 'read', fd, 10);
    expect(PageReferenced(mem(), page)).toBe(false);
    syscall(f.k, f.task, 'lseek', fd, 0);
    syscall(f.k, f.task, 'read', fd, 10);
    expect(PageReferenced(mem(), page)).toBe(true);
  });

  it('copies nothing to a bad address and says so, of a hole too', () => {
    const { fd } = written(1);
    syscall(f.k, f.task, 'ftruncate', fd, 2 * PAGE);
    for (const at of [0, PAGE]) {
      syscall(f.k, f.task, 'lseek', fd, at);
      expect(syscall(f.k, f.task, 'read', fd, 10, BAD_POINTER)).toBe(-EFAULT);
    }
  });

  it('mapped shows what is written, written shows what is stored, in every process', () => {
    const { fd, inode } = written(2);
    const address = map(fd, 2);
    expect(load(f.k, f.task, address)).toBe(readPages(f, fd, 0, 1)[0]);
    const child = f.k.m.tasks.get(syscall(f.k, f.task, 'fork'))!;
    const token = store(f.k, child, address + PAGE);
    expect([readPages(f, fd, 1, 1)[0], load(f.k, f.task, address + PAGE)]).toEqual([token, token]);
    expect(residentPage(f.k.m, child, address + PAGE)).toBe(cachedPage(f, inode, 1));
    expect(check_invariants(f.k)).toEqual([]);
  });

  it('fills a hole with a zeroed clean page for a fault, and SIGBUS lies behind its end', () => {
    const fd = open(f, '/data/a');
    syscall(f.k, f.task, 'ftruncate', fd, PAGE);
    const address = map(fd, 2);
    expect(load(f.k, f.task, address)).toBe(0);
    const page = cachedPage(f, inodeOf(f, '/data/a'), 0);
    expect([PageDirty(mem(), page), PageUptodate(mem(), page)]).toEqual([false, true]);
    expect(touch(f.k, f.task, address + PAGE, 1, 'read')).toBe(0);
    expect(f.task.exit_code).toBe(SIGBUS);
  });
});

describe('shmem_getpage()', () => {
  it('for SGP_READ allocates nothing, for SGP_CACHE nothing behind the end, for SGP_WRITE anywhere', () => {
    const fd = open(f, '/data/a');
    syscall(f.k, f.task, 'ftruncate', fd, PAGE);
    const inode = inodeOf(f, '/data/a');
    expect(getPage(inode, 0, SGP_READ)).toBe(0);
    expect([getPage(inode, 1, SGP_READ), getPage(inode, 1, SGP_CACHE)]).toEqual([-22, -22]);
    const cached = getPage(inode, 0, SGP_CACHE);
    const behind = getPage(inode, 5, SGP_WRITE);
    expect([cached, behind].map(page => [PageLocked(mem(), page as Page), mem().index[page]])).toEqual([[false, 0], [false, 5]]);
    expect([inode.shmem!.alloced, inode.shmem!.next_index, inode.i_size]).toEqual([2, 6, PAGE]);
  });
});

describe('the size limit of a mount', () => {
  const full = (left: number): void => {
    f.sb.free_blocks = left;
  };

  it('is half of the memory at first; pages are given back by truncation and with the file', () => {
    expect(f.sb.free_blocks).toBe(2048);
    const { fd } = written(10);
    expect(f.sb.free_blocks).toBe(2038);
    syscall(f.k, f.task, 'ftruncate', fd, 4 * PAGE + 1);
    expect(f.sb.free_blocks).toBe(2043);
    syscall(f.k, f.task, 'unlink', '/data/a');
    syscall(f.k, f.task, 'close', fd);
    expect(f.sb.free_blocks).toBe(2048);
    expect(check_invariants(f.k)).toEqual([]);
  });

  it('makes write() stop: what fits is written, then ENOSPC', () => {
    const fd = open(f, '/data/a');
    full(3);
    expect(writeAt(f, fd, 0, 5 * PAGE)).toBe(3 * PAGE);
    expect(writeAt(f, fd, 3 * PAGE, 1)).toBe(-ENOSPC);
    expect(writeAt(f, fd, 0, 3 * PAGE)).toBe(3 * PAGE);
  });

  it('makes a fault a SIGBUS, not an out-of-memory', () => {
    const fd = open(f, '/data/a');
    syscall(f.k, f.task, 'ftruncate', fd, PAGE);
    full(0);
    expect(touch(f.k, f.task, map(fd, 1), 1, 'write')).toBe(0);
    expect(f.task.exit_code).toBe(SIGBUS);
  });

  it('does not hold for the kernel\'s own mount', () => {
    full(0);
    const address = syscall(f.k, f.task, 'mmap', 0, 3 * PAGE, PROT_RW, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    expect(touch(f.k, f.task, address, 3, 'write')).toBe(3);
    expect(f.k.m.shm_mnt!.free_blocks).toBeNull();
  });
});

describe('shared anonymous memory', () => {
  it('is a file without a name: a child shares it, and it goes with the last mapping', () => {
    const address = syscall(f.k, f.task, 'mmap', 0, 2 * PAGE, PROT_RW, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    expect(f.k.find_vma(f.task.mm!, address)!.vm_file!.f_path).toBe('/dev/zero (deleted)');
    const child = f.k.m.tasks.get(syscall(f.k, f.task, 'fork'))!;
    const token = store(f.k, child, address);
    expect([load(f.k, f.task, address), load(f.k, f.task, address + PAGE)]).toEqual([token, 0]);
    syscall(f.k, child, 'exit', 0);
    expect(f.k.m.shm_mnt!.inodes.size).toBe(1);
    syscall(f.k, f.task, 'munmap', address, 2 * PAGE);
    expect(f.k.m.shm_mnt!.inodes.size).toBe(0);
    expect(check_invariants(f.k)).toEqual([]);
  });
});

describe('where the pages of a tmpfs file are', () => {
  it('says the policy of the object, which mbind() on any mapping of it sets, whoever touches them', () => {
    const fd = open(f, '/data/a');
    syscall(f.k, f.task, 'ftruncate', fd, 4 * PAGE);
    const address = map(fd, 4);
    expect(syscall(f.k, f.task, 'mbind', address + PAGE, 2 * PAGE, 2, new Uint32Array([0b10]), 64, 0)).toBe(0);
    const other = spawn(f.k, { cpu: 0 });
    const its = syscall(f.k, other, 'open', '/data/a', 2, 0);
    expect(syscall(f.k, other, 'write', its, 4 * PAGE)).toBe(4 * PAGE);
    const nodes = [0, 1, 2, 3].map(index => page_to_nid(f.k.m, cachedPage(f, inodeOf(f, '/data/a'), index)));
    expect(nodes).toEqual([0, 1, 1, 0]);
  });

  it('says the policy of the task where the object has none', () => {
    expect(syscall(f.k, f.task, 'set_mempolicy', 2, new Uint32Array([0b10]), 64)).toBe(0);
    const { inode } = written(1);
    expect(page_to_nid(f.k.m, cachedPage(f, inode, 0))).toBe(1);
  });
});

describe('a tmpfs page under memory pressure', () => {
  beforeEach(() => {
    f = bootSmall('tmpfs');
    addSwap(f.k, 64);
  });
  const slotsInUse = (): number => f.k.m.total_swap_pages - f.k.m.nr_swap_pages;

  it('goes to swap and comes back with its contents, dirty, its slot free again', () => {
    const { fd, inode } = written(5);
    const tokens = readPages(f, fd, 0, 5);
    reclaimAll(f);
    expect([inode.i_mapping.nrpages, inode.shmem!.swapped, slotsInUse(), f.k.m.swapper_space.nrpages]).toEqual([0, 5, 5, 0]);
    expect(f.k.m.shmem_swaplist.has(inode)).toBe(true);
    expect(check_invariants(f.k)).toEqual([]);
    expect(readPages(f, fd, 0, 5)).toEqual(tokens);
    expect([inode.i_mapping.nrpages, inode.shmem!.swapped, slotsInUse()]).toEqual([5, 0, 0]);
    expect(tagged(f, inode, DIRTY)).toEqual([0, 1, 2, 3, 4]);
    expect([f.k.m.page_state.pswpout, f.k.m.page_state.pswpin]).toEqual([5, 5]);
    expect(check_invariants(f.k)).toEqual([]);
  });

  it('comes back for a fault as a major one', () => {
    const { fd } = written(1);
    const [token] = readPages(f, fd, 0, 1);
    reclaimAll(f);
    const address = map(fd, 1);
    const { maj_flt } = f.task;
    expect(load(f.k, f.task, address)).toBe(token);
    expect([f.task.maj_flt - maj_flt, f.k.m.page_state.pgmajfault]).toEqual([1, 1]);
  });

  it('that cannot be read from swap is an error for read() and a SIGBUS for a fault', () => {
    const { fd } = written(1);
    reclaimAll(f);
    f.k.m.bdevs.get('swap')!.fail_reads = true;
    syscall(f.k, f.task, 'lseek', fd, 0);
    expect(syscall(f.k, f.task, 'read', fd, PAGE)).toBe(-EIO);
    expect(touch(f.k, f.task, map(fd, 1), 1, 'read')).toBe(0);
    expect(f.task.exit_code).toBe(SIGBUS);
  });

  it('that was only read is dropped, and its block given back: there is nothing in it', () => {
    const fd = open(f, '/data/a');
    syscall(f.k, f.task, 'ftruncate', fd, 3 * PAGE);
    const address = map(fd, 3);
    touch(f.k, f.task, address, 3, 'read');
    syscall(f.k, f.task, 'munmap', address, 3 * PAGE);
    const inode = inodeOf(f, '/data/a');
    const free = f.sb.free_blocks!;
    reclaimAll(f);
    expect([inode.i_mapping.nrpages, inode.shmem!.swapped, slotsInUse()]).toEqual([0, 0, 0]);
    expect(f.sb.free_blocks).toBe(free);
    writeAt(f, fd, 0, 1);
    expect([f.sb.free_blocks, inode.shmem!.alloced]).toEqual([free + 2, 1]);
  });

  it('stays when swap is full, and is written when there is room', () => {
    const { inode } = written(70);
    reclaimAll(f);
    expect([inode.shmem!.swapped, inode.i_mapping.nrpages, f.k.m.nr_swap_pages]).toEqual([64, 6, 0]);
    expect(check_invariants(f.k)).toEqual([]);
  });

  it('moves to the swap cache first, without I/O; there it is still the file\'s', () => {
    const { fd, inode } = written(1);
    for (const cpu of f.k.m.cpus) f.k.lru_drain_cache(cpu);
    const page = cachedPage(f, inode, 0);
    TestSetPageLocked(mem(), page);
    f.k.clear_page_dirty_for_io(page);
    const token = mem().content[page];
    expect(runKernel(f.k, f.task, f.k.shmem_writepage(page))).toBe(0);
    expect([PageSwapCache(mem(), page), PageDirty(mem(), page), PageLocked(mem(), page), inode.i_mapping.nrpages, inode.shmem!.swapped]).toEqual([true, true, false, 0, 1]);
    expect([f.k.m.page_state.pswpout, slotsInUse()]).toEqual([0, 1]);
    expect(check_invariants(f.k)).toEqual([]);
    expect(readPages(f, fd, 0, 1)).toEqual([token]);
    expect([cachedPage(f, inode, 0), f.k.m.page_state.pswpin, slotsInUse()]).toEqual([page, 0, 0]);
    expect(check_invariants(f.k)).toEqual([]);
  });

  it('is kept, dirty and active, without a swap area', () => {
    f = bootSmall('tmpfs');
    const { inode } = written(1);
    const page = cachedPage(f, inode, 0);
    TestSetPageLocked(mem(), page);
    f.k.clear_page_dirty_for_io(page);
    expect(runKernel(f.k, f.task, f.k.shmem_writepage(page))).toBe(WRITEPAGE_ACTIVATE);
    expect([PageLocked(mem(), page), PageDirty(mem(), page), tagged(f, inode, DIRTY)]).toEqual([true, true, [0]]);
  });

  it('is a bug when it is still mapped', () => {
    const { fd, inode } = written(1);
    touch(f.k, f.task, map(fd, 1), 1, 'read');
    const page = cachedPage(f, inode, 0);
    TestSetPageLocked(mem(), page);
    expect(run(f.k, f.task, f.k.shmem_writepage(page)).kind).toBe('died');
    expect(f.k.m.log.map(line => line.text)).toContain('kernel BUG at mm/shmem.c:shmem_writepage()!');
  });

  it('frees its slot when the file is cut in front of it, and when the file goes', () => {
    const { fd, inode } = written(6);
    reclaimAll(f);
    expect(slotsInUse()).toBe(6);
    const free = f.sb.free_blocks!;
    syscall(f.k, f.task, 'ftruncate', fd, 4 * PAGE);
    expect([slotsInUse(), inode.shmem!.swapped, inode.shmem!.next_index, inode.shmem!.truncating, f.sb.free_blocks]).toEqual([4, 4, 4, false, free + 2]);
    syscall(f.k, f.task, 'ftruncate', fd, 4 * PAGE - 10);
    expect(slotsInUse()).toBe(3);
    syscall(f.k, f.task, 'unlink', '/data/a');
    syscall(f.k, f.task, 'close', fd);
    expect([slotsInUse(), f.k.m.shmem_swaplist.size, f.sb.free_blocks]).toEqual([0, 0, free + 6]);
    settle(f.k);
    expect(check_invariants(f.k)).toEqual([]);
  });

  it('comes back when its swap area is switched off', () => {
    const { fd, inode } = written(4);
    const tokens = readPages(f, fd, 0, 4);
    reclaimAll(f);
    expect(inode.shmem!.swapped).toBe(4);
    expect(syscall(f.k, f.k.m.init_task, 'swapoff', f.k.m.bdevs.get('swap'))).toBe(0);
    expect([inode.shmem!.swapped, inode.i_mapping.nrpages, f.k.m.total_swap_pages]).toEqual([0, 4, 0]);
    expect(tagged(f, inode, DIRTY)).toEqual([0, 1, 2, 3]);
    expect(readPages(f, fd, 0, 4)).toEqual(tokens);
    expect(check_invariants(f.k)).toEqual([]);
  });
});

describe('a tmpfs file that swaps', () => {
  const PAGES = 8;
  const step = fc.oneof(
    fc.record({ op: fc.constant('write' as const), at: fc.nat(PAGES - 1) }),
    fc.record({ op: fc.constant('store' as const), at: fc.nat(PAGES - 1) }),
    fc.record({ op: fc.constant('truncate' as const), at: fc.nat(PAGES) }),
    fc.record({ op: fc.constantFrom('reclaim' as const, 'unmap' as const, 'swapoff' as const), at: fc.constant(0) }),
  );

  it('reads what a plain array of pages says', () => {
    fc.assert(fc.property(fc.array(step, { maxLength: 20 }), steps => {
      f = bootSmall('tmpfs', 96);
      addSwap(f.k, 16);
      const swap = f.k.m.bdevs.get('swap')!;
      const fd = open(f, '/data/file');
      const model: number[] = [];
      const grow = (pages: number): void => {
        while (model.length < pages) model.push(0);
      };
      let address = 0;
      for (const { op, at } of steps) {
        if (op === 'write') {
          expect(writeAt(f, fd, at * PAGE, PAGE)).toBe(PAGE);
          grow(at + 1);
          model[at] = f.k.m.content_token;
        } else if (op === 'store' && at < model.length) {
          if (address === 0) address = map(fd, PAGES);
          model[at] = store(f.k, f.task, address + at * PAGE);
        } else if (op === 'truncate') {
          syscall(f.k, f.task, 'ftruncate', fd, at * PAGE);
          model.length = Math.min(model.length, at);
          grow(at);
        } else if (op === 'reclaim') reclaimAll(f, 3);
        else if (op === 'swapoff') {
          expect(syscall(f.k, f.k.m.init_task, 'swapoff', swap)).toBe(0);
          expect(syscall(f.k, f.k.m.init_task, 'swapon', swap, 17, 0)).toBe(0);
        } else if (op === 'unmap' && address !== 0) {
          syscall(f.k, f.task, 'munmap', address, PAGES * PAGE);
          address = 0;
        }
        expect(check_invariants(f.k)).toEqual([]);
      }
      expect(readPages(f, fd, 0, PAGES)).toEqual(model);
      syscall(f.k, f.task, 'unlink', '/data/file');
      syscall(f.k, f.task, 'exit', 0);
      settle(f.k);
      expect(f.k.m.nr_swap_pages).toBe(f.k.m.total_swap_pages);
      expect(check_invariants(f.k)).toEqual([]);
    }), { numRuns: 40 });
  });
});
