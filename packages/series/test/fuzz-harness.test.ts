/** What the fuzz would say of a kernel that is wrong, and that it knows the defects of -rc3 for what they are. */
import { describe, expect, it } from 'vitest';
import { replaceSymbol } from '@pmkit/linker';
import { KERN_ERR, printk } from '@pmkit/mm-core/include/linux/kernel';
import type { Mempolicy } from '@pmkit/mm-core/include/linux/mempolicy';
import type { MaySleep, Page, Zone } from '@pmkit/mm-core';
import { stateHash } from '@pmkit/mm-core/testing';
import type { AnyKernel } from '../src/levels.js';
import type { Command, MachineSpec } from './fuzz/model.js';
import { replay } from './fuzz/run.js';

const SPEC: MachineSpec = {
  nodes: [128, 128], holes: false, cpusPerNode: 1, memoryless: false, maxDmaPfn: 0, configSwap: true, configCpusets: true, poison: true, pageSize: 4096,
  level: 4, swap: [400], blocksPerPage: 1, jobs: 2, settle: true, recordAll: true, releaseInactive: false,
};
const whole = { task: 0, area: 0, at: 0, pages: 6, beyond: false };
const MIGRATE: Extract<Command, { op: 'migrate' }> = { op: 'migrate', task: 0, self: false, pairs: [[0, 0]], race: false };
const TOUCH: Extract<Command, { op: 'touch' }> = { op: 'touch', ...whole, write: true };

describe('a kernel that does wrong is found out', () => {
  it('when a migration loses what was in a page', () => {
    expect(() => replay(SPEC, [MIGRATE], { tamper: k => {
      const { copy_page_state: real } = k;
      replaceSymbol(k, 'copy_page_state', (page: Page, newpage: Page) => {
        real.call(k, page, newpage);
        k.m.mem_map.content[newpage] = 0;
      });
    } })).toThrow(/after command 0, .*\n.*contents are 0, expected/s);
  });
  it('when memory is unmapped and a reference stays behind', () => {
    expect(() => replay(SPEC, [{ op: 'munmap', ...whole }], { tamper: k => {
      const { page_remove_rmap: real } = k;
      replaceSymbol(k, 'page_remove_rmap', (page: Page) => {
        real.call(k, page);
        k.m.mem_map._count[page]!++;
      });
    } })).toThrow(/page_count is 1, expected 0|in no place, expected free/);
  });
  it('when a store goes to memory that another process shares', () => {
    expect(() => replay(SPEC, [{ op: 'fork', task: 0, thread: false }, TOUCH], { tamper: k => {
      replaceSymbol(k, 'can_share_swap_page', (_page: Page) => 1);
    } })).toThrow(/contents are|writable, though anonymous page/);
  });
  it('when a task dies and nothing says why', () => {
    expect(() => replay(SPEC, [{ op: 'sync', task: 0 }], { tamper: k => {
      replaceSymbol(k, 'sys_sync', function* (): MaySleep<number> {
        k.do_exit(9);
        return 0;
      });
    } })).toThrow(/state Z, exit code 9, expected alive/);
  });
  it('when a system call returns what it must not', () => {
    expect(() => replay(SPEC, [{ op: 'munmap', ...whole }], { tamper: k => {
      replaceSymbol(k, 'do_munmap', function* (_mm: never, _start: number, _len: number): MaySleep<number> {
        return -12;
      });
    } })).toThrow(/munmap\(\) returned -12, expected 0/);
  });
  it('when it complains in its log', () => {
    expect(() => replay(SPEC, [{ op: 'settle' }, { op: 'sync', task: 0 }], { tamper: k => {
      replaceSymbol(k, 'sys_sync', function* (): MaySleep<number> {
        printk(k.m, KERN_ERR, 'something is wrong');
        return 0;
      });
    } })).toThrow(/after command 1, .*\n.*log: something is wrong/s);
  });
  it('when memory comes from a node that the cpuset does not allow', () => {
    const bind: Command = { op: 'cpuset', name: 0, action: 0, nodes: 2, task: 0 };
    expect(() => replay({ ...SPEC, jobs: 1 }, [bind, { op: 'affinity', task: 0, node: 1 }, { op: 'mmap', task: 0, pages: 4, prot: 3, shared: false, populate: false }, { op: 'touch', ...whole, area: 1, write: true }], { tamper: k => {
      replaceSymbol(k, 'cpuset_zone_allowed', (_zone: Zone) => true);
      replaceSymbol(k, 'zonelist_policy', (_gfp: number, _policy: Mempolicy) => k.m.node_data[0]!.node_zonelists[0]!);
    } })).toThrow(/is on node 0, which its cpuset does not allow/);
  });
});

describe('the defects of -rc3 4/10 are told apart from others', () => {
  it('a: BUG() over a page that vmscan holds ends the sequence', () => {
    expect(replay(SPEC, [{ ...MIGRATE, race: true }, TOUCH])).toMatchObject({ commands: 1, ended: 'defect a: BUG() in migrate_vma()' });
  });
  it('b: the pages that were busy have a reference too many from then on, and no others', () => {
    const { world, ended } = replay(SPEC, [{ op: 'pin', ...whole }, MIGRATE, { op: 'unpin', pin: 0 }, MIGRATE]);
    expect(ended).toBeNull();
    expect([...world.leaked.values()]).toEqual([2]);
  });
  it('c: the pages that found no swap slot are lost, and the next call is a BUG()', () => {
    const without = { ...SPEC, swap: [] };
    const { world, ended } = replay(without, [MIGRATE]);
    expect(ended).toBeNull();
    expect(world.lost.size).toBe(6);
    expect(replay(without, [MIGRATE, MIGRATE]).ended).toBe('defect a: BUG() in migrate_vma()');
  });
  it('f: a target that runs on while it is moved is killed by the VM at some moments and not at others', () => {
    const killed = Array.from({ length: 30 }, (_, steps) => {
      const { world } = replay({ ...SPEC, jobs: 1 }, [{ op: 'migrateAmid', task: 0, pairs: [[0, 0]], meanwhile: [{ steps, command: TOUCH }] }]);
      return world.m.log.some(line => line.text === 'VM: killing process job1');
    });
    expect(new Set(killed)).toEqual(new Set([true, false]));
  });
});

describe('a sequence', () => {
  it('always goes the same way', () => {
    const commands: Command[] = [
      { op: 'fork', task: 0, thread: false }, { op: 'exec', task: 1, program: 1 }, { op: 'hog', task: 0, percent: 90, shared: true }, MIGRATE,
      { op: 'write', task: 0, file: 1, at: 0, pages: 3, partial: true }, { op: 'relink', level: 2 }, { op: 'sync', task: 1 },
    ];
    const hashes = [0, 1].map(() => stateHash(replay(SPEC, commands).world.k));
    expect(hashes[0]).toBe(hashes[1]);
  });
  it('names the command after which something did not hold', () => {
    const broken = (k: AnyKernel): void => void replaceSymbol(k, 'mark_page_accessed', (_page: Page) => printk(k.m, KERN_ERR, 'no'));
    expect(() => replay(SPEC, [TOUCH, { op: 'read', task: 0, file: 0, at: 0, pages: 1 }], { tamper: broken })).toThrow('after command 1, {"op":"read"');
  });
});
