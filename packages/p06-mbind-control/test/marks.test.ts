/** The mark itself: what it says, where it is kept, how long, and who looks at it. */
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { replaceSymbol } from '@pmkit/linker';
import { runKernel, settle, spawn, syscall, touch, type MaySleep, type Page, type Task } from '@pmkit/mm-core';
import { EFAULT, EINVAL } from '@pmkit/mm-core/include/linux/errno';
import { __GFP_BITS_MASK, GFP_HIGHUSER } from '@pmkit/mm-core/include/linux/gfp';
import { MPOL_F_ADDR, MPOL_F_NODE } from '@pmkit/mm-core/include/linux/mempolicy';
import { BAD_POINTER } from '@pmkit/mm-core/include/linux/misc';
import { SIGKILL } from '@pmkit/mm-core/include/linux/sched';
import {
  addSwap, attachSegment, check_invariants, mapFile, mapMemory, mask, MAXNODE, migrate, must, newFile, nodesOf, PRIVATE, READ, scheduler, SHARED, startJob, vmaAt, WRITE,
} from '@pmkit/mm-core/testing';
import { MPOL_F_MMIGRATE, MPOL_MF_DO_MMIGRATE, MPOL_MF_DO_NOT_MMIGRATE, MPOL_MF_MMIGRATE_DEFAULT } from '../src/include/linux/mempolicy.js';
import { AS_DO_MMIGRATE, AS_DO_NOT_MMIGRATE } from '../src/include/linux/pagemap.js';
import { bootLevel5, bootLevel6, mark, markAt } from './rig.js';

describe('get_mempolicy() with MPOL_F_MMIGRATE, before the patch', () => {
  it('is EINVAL', () => {
    const k = bootLevel5();
    const { task } = startJob(k, 1, 1);
    newFile(k, '/data', 1);
    expect(markAt(k, task, mapFile(k, task, '/data', 1, READ, PRIVATE))).toBe(-EINVAL);
    expect(check_invariants(k)).toEqual([]);
  });
});

describe('with the patch', () => {
  let k: ReturnType<typeof bootLevel6>;
  let task: Task;
  let memory: number;
  let file: number;
  beforeEach(() => {
    k = bootLevel6();
    ({ task, address: memory } = startJob(k, 1, 2));
    newFile(k, '/data', 4);
    file = mapFile(k, task, '/data', 4, READ, PRIVATE);
  });
  afterEach(() => {
    expect(check_invariants(k)).toEqual([]);
  });

  describe('get_mempolicy()', () => {
    const get = (policy: unknown, nmask: unknown, maxnode: number, address: number, flags: number): number =>
      syscall(k, task, 'get_mempolicy', policy, nmask, maxnode, address, flags);
    it.each([
      ['nothing', [], 0],
      ['DO_MMIGRATE', [MPOL_MF_DO_MMIGRATE], 4],
      ['DO_NOT_MMIGRATE', [MPOL_MF_DO_NOT_MMIGRATE], 8],
      ['DO_NOT after DO', [MPOL_MF_DO_MMIGRATE, MPOL_MF_DO_NOT_MMIGRATE], 8],
      ['DO after DO_NOT', [MPOL_MF_DO_NOT_MMIGRATE, MPOL_MF_DO_MMIGRATE], 4],
      ['MMIGRATE_DEFAULT after DO', [MPOL_MF_DO_MMIGRATE, MPOL_MF_MMIGRATE_DEFAULT], 0],
      ['MMIGRATE_DEFAULT after DO_NOT', [MPOL_MF_DO_NOT_MMIGRATE, MPOL_MF_MMIGRATE_DEFAULT], 0],
    ])('says of %s what the flag of mbind() was, 4 or 8', (_what, flags, said) => {
      for (const flag of flags) expect(mark(k, task, file, 4, flag)).toBe(0);
      expect(markAt(k, task, file)).toBe(said);
    });
    it('text against code: nothing comes in the bottom two bits', () => {
      for (const flag of [MPOL_MF_DO_MMIGRATE, MPOL_MF_DO_NOT_MMIGRATE]) {
        mark(k, task, file, 4, flag);
        expect(markAt(k, task, file) & 3).toBe(0);
      }
    });
    it('looks at any place of a mapping', () => {
      mark(k, task, file, 4, MPOL_MF_DO_MMIGRATE);
      expect(markAt(k, task, file + 3 * k.m.PAGE_SIZE + 4321)).toBe(4);
    });
    it('does not write the mask that it may be given', () => {
      const nmask = mask(5);
      expect(get({ value: -1 }, nmask, MAXNODE, file, MPOL_F_MMIGRATE)).toBe(0);
      expect(nmask).toEqual(mask(5));
      expect(get({ value: -1 }, BAD_POINTER, MAXNODE, file, MPOL_F_MMIGRATE)).toBe(0);
    });
    it('may be given nowhere to write', () => {
      expect(get(null, null, 0, file, MPOL_F_MMIGRATE)).toBe(0);
    });
    it('without the flag is what it was', () => {
      mark(k, task, file, 4, MPOL_MF_DO_MMIGRATE);
      const policy = { value: -1 };
      expect(get(policy, null, 0, file, MPOL_F_ADDR)).toBe(0);
      expect(policy.value).toBe(0);
      expect(get(policy, null, 0, file, 0), 'an address without a flag').toBe(-EINVAL);
    });

    describe('the checks, in their order', () => {
      const NOWHERE = 0x4000;
      it('an unknown flag, and one above bit 31, are EINVAL', () => {
        expect(get(BAD_POINTER, null, 0, NOWHERE, 8 | MPOL_F_MMIGRATE)).toBe(-EINVAL);
        expect(get(BAD_POINTER, null, 0, NOWHERE, 2 ** 32 + MPOL_F_MMIGRATE)).toBe(-EINVAL);
      });
      it.each([MPOL_F_NODE, MPOL_F_ADDR, MPOL_F_NODE | MPOL_F_ADDR])('together with the other flags (%i) it is EINVAL, where nothing is mapped too', flags => {
        expect(get({ value: -1 }, null, 0, file, flags | MPOL_F_MMIGRATE)).toBe(-EINVAL);
        expect(get({ value: -1 }, null, 0, NOWHERE, flags | MPOL_F_MMIGRATE)).toBe(-EINVAL);
      });
      it('a mask that is too short is EINVAL, before nothing mapped is EFAULT', () => {
        expect(get({ value: -1 }, mask(), 255, NOWHERE, MPOL_F_MMIGRATE)).toBe(-EINVAL);
        expect(get({ value: -1 }, mask(), 256, NOWHERE, MPOL_F_MMIGRATE)).toBe(-EFAULT);
      });
      it('nothing mapped is EFAULT, though mbind() takes a hole', () => {
        must(k, task, 'munmap', memory, 2 * k.m.PAGE_SIZE);
        expect(file).toBeGreaterThan(memory);
        expect(mark(k, task, memory, 2, MPOL_MF_DO_MMIGRATE)).toBe(0);
        expect(markAt(k, task, memory)).toBe(-EFAULT);
      });
      it('anonymous memory is EINVAL, before a bad pointer is EFAULT', () => {
        expect(get(BAD_POINTER, null, 0, memory, MPOL_F_MMIGRATE)).toBe(-EINVAL);
        expect(get(BAD_POINTER, null, 0, file, MPOL_F_MMIGRATE)).toBe(-EFAULT);
      });
    });
  });

  describe('the mark is the object\'s', () => {
    it('another process that maps the file sees it and can change it', () => {
      const other = spawn(k, { comm: 'other', cpu: 6 });
      const there = mapFile(k, other, '/data', 4, READ | WRITE, SHARED);
      mark(k, task, file, 1, MPOL_MF_DO_MMIGRATE);
      expect(markAt(k, other, there)).toBe(4);
      mark(k, other, there, 1, MPOL_MF_DO_NOT_MMIGRATE);
      expect(markAt(k, task, file)).toBe(8);
    });
    it('two vmas of one file cannot have different ones', () => {
      const again = mapFile(k, task, '/data', 4, READ | WRITE, SHARED);
      mark(k, task, file, 4, MPOL_MF_DO_MMIGRATE);
      mark(k, task, again, 4, MPOL_MF_DO_NOT_MMIGRATE);
      expect([markAt(k, task, file), markAt(k, task, again)]).toEqual([8, 8]);
    });
    it('another file has another one', () => {
      newFile(k, '/other', 1);
      mark(k, task, file, 4, MPOL_MF_DO_MMIGRATE);
      expect(markAt(k, task, mapFile(k, task, '/other', 1, READ, PRIVATE))).toBe(0);
    });
    it('is two bits of address_space.flags, above the gfp mask and the error bits', () => {
      const flags = (): number => k.path_lookup('/data')!.i_mapping.flags;
      const before = flags();
      mark(k, task, file, 4, MPOL_MF_DO_MMIGRATE);
      expect(flags()).toBe(before | 1 << 22);
      mark(k, task, file, 4, MPOL_MF_DO_NOT_MMIGRATE);
      expect(flags()).toBe(before | 1 << 23);
      mark(k, task, file, 4, MPOL_MF_MMIGRATE_DEFAULT);
      expect(flags()).toBe(before);
    });
    it('shared anonymous memory and SysV segments are objects too, private memory is none', () => {
      const shared = mapMemory(k, task, 2, READ | WRITE, SHARED);
      const { id, address: segment } = attachSegment(k, task, 2);
      for (const address of [shared, segment, memory]) expect(mark(k, task, address, 2, MPOL_MF_DO_NOT_MMIGRATE)).toBe(0);
      expect([shared, segment, memory].map(address => markAt(k, task, address))).toEqual([8, 8, -EINVAL]);
      const child = k.m.tasks.get(must(k, task, 'fork', 0))!;
      const other = spawn(k, { comm: 'other' });
      expect([markAt(k, child, shared), markAt(k, other, must(k, other, 'shmat', id, 0, 0))]).toEqual([8, 8]);
    });
  });

  describe('it sticks', () => {
    const remap = (who = task): number => markAt(k, who, mapFile(k, who, '/data', 4, READ, PRIVATE));
    beforeEach(() => {
      expect(mark(k, task, file, 4, MPOL_MF_DO_MMIGRATE)).toBe(0);
    });
    it('when the file is unmapped and closed, which is how the migration library does it', () => {
      must(k, task, 'munmap', file, 4 * k.m.PAGE_SIZE);
      expect(k.path_lookup('/data')!.i_count).toBe(0);
      expect(remap()).toBe(4);
    });
    it('when the process that set it is gone', () => {
      syscall(k, k.m.init_task, 'kill', task.pid, SIGKILL);
      expect(task.mm).toBeNull();
      expect(remap(spawn(k, { comm: 'other' }))).toBe(4);
    });
    it('when its pages are dropped from the page cache', () => {
      touch(k, task, file, 4, 'read');
      must(k, task, 'munmap', file, 4 * k.m.PAGE_SIZE);
      for (const cpu of k.m.cpus) k.lru_drain_cache(cpu);
      const { i_mapping } = k.path_lookup('/data')!;
      runKernel(k, task, k.invalidate_inode_pages(i_mapping));
      expect(i_mapping.nrpages).toBe(0);
      expect(remap()).toBe(4);
    });
    it('when the file has lost its name but is still mapped', () => {
      must(k, task, 'unlink', '/data');
      expect(markAt(k, task, file)).toBe(4);
    });
    it('until the inode goes: a new file of the same name has none', () => {
      const { i_mapping } = k.path_lookup('/data')!;
      must(k, task, 'unlink', '/data');
      must(k, task, 'munmap', file, 4 * k.m.PAGE_SIZE);
      settle(k);
      expect(k.m.mappings).not.toContain(i_mapping);
      newFile(k, '/data', 4);
      expect(remap()).toBe(0);
    });
    it('until it is set to the default again', () => {
      mark(k, task, file, 1, MPOL_MF_MMIGRATE_DEFAULT);
      expect(remap()).toBe(0);
    });
  });

  describe('nobody looks at it before patch 7', () => {
    it.each([MPOL_MF_DO_MMIGRATE, MPOL_MF_DO_NOT_MMIGRATE])('pages of a file with mark %i move like all others', flag => {
      addSwap(k);
      touch(k, task, file, 4, 'read');
      mark(k, task, file, 4, flag);
      expect(migrate(k, scheduler(k), task, [1], [2])).toBe(6);
      expect(nodesOf(k.m, task, file, 4)).toEqual([2, 2, 2, 2]);
    });
    it.each([
      ['no mark', MPOL_MF_MMIGRATE_DEFAULT, 0],
      ['DO_MMIGRATE', MPOL_MF_DO_MMIGRATE, AS_DO_MMIGRATE],
      ['DO_NOT_MMIGRATE', MPOL_MF_DO_NOT_MMIGRATE, AS_DO_NOT_MMIGRATE],
    ])('but migrate_onepage() passes the bits on to the allocator as gfp bits that mean nothing: %s', (_what, flag, bits) => {
      must(k, task, 'munmap', memory, 2 * k.m.PAGE_SIZE);
      touch(k, task, file, 1, 'read');
      mark(k, task, file, 4, flag);
      const masks: number[] = [];
      const real = k.alloc_pages_node;
      const restore = replaceSymbol(k, 'alloc_pages_node', function* (nid: number, gfp_mask: number, order: number): MaySleep<Page> {
        masks.push(gfp_mask);
        return yield* real.call(k, nid, gfp_mask, order);
      });
      expect(migrate(k, scheduler(k), task, [1], [2])).toBe(1);
      restore();
      expect(masks).toEqual([GFP_HIGHUSER | bits]);
      expect(bits & __GFP_BITS_MASK).toBe(0);
      expect(nodesOf(k.m, task, file, 1)).toEqual([2]);
    });
  });

  describe('law', () => {
    it('whatever is marked through whatever mapping, each file has the mark of the last call that met it', () => {
      const paths = ['/a', '/b', '/c'];
      for (const path of paths) newFile(k, path, 3);
      const other = spawn(k, { comm: 'other', cpu: 6 });
      const views = [task, other].map(who => ({ who, at: paths.map(path => mapFile(k, who, path, 3, READ, SHARED)) }));
      const { PAGE_SIZE } = k.m;
      const model = [0, 0, 0];
      const step = fc.record({ view: fc.nat(1), file: fc.nat(2), page: fc.nat(2), pages: fc.integer({ min: 1, max: 9 }), flag: fc.constantFrom(4, 8, 16) });
      fc.assert(fc.property(fc.array(step, { maxLength: 20 }), steps => {
        for (const { view, file: chosen, page, pages, flag } of steps) {
          const { who, at } = views[view]!;
          const start = at[chosen]! + page * PAGE_SIZE;
          expect(mark(k, who, start, pages, flag)).toBe(0);
          at.forEach((address, i) => {
            if (address < start + pages * PAGE_SIZE && address + 3 * PAGE_SIZE > start) model[i] = flag === 16 ? 0 : flag;
          });
        }
        for (const { who, at } of views) expect(at.map(address => markAt(k, who, address))).toEqual(model);
      }), { numRuns: 100 });
      expect(vmaAt(task, file).vm_file?.f_mapping.flags).toBe(GFP_HIGHUSER);
    });
  });
});
