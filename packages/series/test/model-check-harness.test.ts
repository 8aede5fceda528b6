/** What the comparison of machine and model would say of a kernel that is wrong, and of a model that leaves out a defect. */
import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { injectError, replaceSymbol } from '@pmkit/linker';
import type { Machine, MaySleep, Mm, Page, Task, UserU32Array, Vma } from '@pmkit/mm-core';
import { migrate_vma as migrateEverything } from '@pmkit/p04-sys-migrate-pages/mm/mmigrate';
import type { AnyKernel } from '../src/levels.js';
import { DEFECTS, type DefectId } from './model/situation.js';
import { caseArbitrary, type Case } from './model-check/cases.js';
import { replay, type ReplayOptions } from './model-check/run.js';

const SEED = 1;
/** Of cases: after so many a kernel or a model that is wrong has been found out. */
const SOON = 400;

/** The first difference that is found at a level; null when there is none so soon. */
function firstDifference(level: number, options: ReplayOptions, runs = SOON): string | null {
  const { errorInstance } = fc.check(fc.property(caseArbitrary(level), spec => void replay(spec, options)), { seed: SEED, numRuns: runs, endOnFailure: true });
  return errorInstance instanceof Error ? errorInstance.message : null;
}

/** Symbols that only some levels have. */
interface SeriesKernel {
  readonly m: Machine;
  readonly migrate_vma: (this: object, task: Task, mm: Mm, vma: Vma, map: Int32Array) => MaySleep<number>;
  readonly sys_migrate_pages: (this: object, pid: number, count: number, from: UserU32Array, to: UserU32Array) => MaySleep<number>;
  readonly find_task_by_pid: (pid: number) => Task | null;
  readonly migrate_onepage: (page: Page, node: number) => MaySleep<number>;
}
type Tamper = (k: SeriesKernel) => void;
const spoilt = (tamper: Tamper): ReplayOptions => ({ tamper: k => tamper(k as AnyKernel & SeriesKernel) });

describe('a kernel that is wrong is found out', () => {
  it('when it moves what is not selected', () => {
    expect(firstDifference(9, spoilt(k => replaceSymbol(k, 'migrate_vma', migrateEverything)))).toMatch(/returned \d+, expected \d+|on node \d+, expected \d+/);
  });
  it('when it counts one page too many', () => {
    expect(firstDifference(4, spoilt(k => {
      const { migrate_vma: real } = k;
      replaceSymbol(k, 'migrate_vma', function* (task: Task, mm: Mm, vma: Vma, map: Int32Array): MaySleep<number> {
        const count = yield* real.call(k, task, mm, vma, map);
        return count > 0 ? count + 1 : count;
      });
    }))).toMatch(/returned (\d+), expected \d+/);
  });
  it('when it looks for the task before it reads the nodes', () => {
    expect(firstDifference(4, spoilt(k => {
      const { sys_migrate_pages: real } = k;
      replaceSymbol(k, 'sys_migrate_pages', function* (pid: number, count: number, from: UserU32Array, to: UserU32Array): MaySleep<number> {
        return k.find_task_by_pid(pid) === null ? -3 : yield* real.call(k, pid, count, from, to);
      });
    }))).toMatch(/returned -3, expected -(14|22)/);
  });
  it('when it lets anybody migrate anybody', () => {
    expect(firstDifference(9, spoilt(k => injectError(k, 'capable', true)))).toMatch(/expected -1$/);
  });
  it('when it asks nobody’s cpuset', () => {
    expect(firstDifference(8, spoilt(k => injectError(k, 'cpuset_mems_allowed', new Uint32Array(8).fill(0xffff_ffff))))).toMatch(/expected -22$/);
  });
  it('when it does not rewrite the policy of a vma', () => {
    expect(firstDifference(5, spoilt(k => injectError(k, 'migrate_vma_policy', 0)))).toMatch(/policy of job.*expected/);
  });
  it('when it does not rewrite the policy of the process', () => {
    expect(firstDifference(5, spoilt(k => injectError(k, 'migrate_process_policy', 0)))).toMatch(/(policy|il_next) of job.*expected/);
  });
  it('when pages go to any node', () => {
    expect(firstDifference(4, spoilt(k => {
      const { migrate_onepage: real } = k;
      replaceSymbol(k, 'migrate_onepage', function* (page: Page, _node: number): MaySleep<number> {
        return yield* real.call(k, page, -1);
      });
    }))).toMatch(/on node \d+, expected \d+/);
  });
  it('when the pagevecs of other CPUs are not drained', () => {
    expect(firstDifference(4, spoilt(k => injectError(k, 'lru_add_drain_per_cpu', undefined)))).toMatch(/returned died, expected/);
  });
  it('when a page that was moved is not mapped again', () => {
    expect(firstDifference(4, spoilt(k => {
      replaceSymbol(k, 'touch_unmapped_address', function* (list: { length: number }): MaySleep<number> {
        list.length = 0;
        return 0;
      });
    }))).toMatch(/without a pte, expected mapped/);
  });
  it('and one that is right is not', () => {
    expect(firstDifference(9, {})).toBeNull();
  });
});

describe('a defect that the model leaves out is missed', () => {
  const levels: { readonly [Id in DefectId]: number } = {
    'off-lru': 4, 'leaked-reference': 4, 'lost-pages': 4, 'needs-swap': 4, 'caller-cpuset': 4, 'unsigned-node-map': 5, 'unmigrated-vma': 7, 'shared-policy': 5,
  };
  it.each(DEFECTS)('%s', left => {
    const defects = new Set(DEFECTS.filter(defect => defect !== left));
    expect(firstDifference(levels[left], { defects }, 4 * SOON)).toMatch(/^call \d at level/);
  });
});

describe('a case', () => {
  const SEGMENT = { task: 0, source: 'segment', offset: 0, write: true, shared: true, touches: [4] } as const;
  const CASE: Case = {
    level: 4, machine: { nodes: 3, gaps: 0, memoryless: false, distances: 0, full: 2, swap: 'plenty', cpusets: true, migrate: true },
    areas: [SEGMENT, SEGMENT], edits: [], calls: [{ caller: 'root', target: 0, split: 4, pairs: [], odd: [] }],
  };
  it('in which a full node sends a page back to one that is to be left counts it for every vma that maps it', () => {
    expect(replay(CASE)).toMatchObject([{ result: 2 }]);
    expect(replay({ ...CASE, machine: { ...CASE.machine, full: -1 } })).toMatchObject([{ result: 1 }]);
  });
  it('names the call and the first page that is not where it should be', () => {
    const nowhere = spoilt(k => replaceSymbol(k, 'migrate_vma', function* (_task: Task, _mm: Mm, _vma: Vma, _map: Int32Array): MaySleep<number> {
      return 2;
    }));
    expect(() => replay(CASE, nowhere)).toThrow(/^call 0 at level 4, migrate_pages\(\d+, 2, \[0,1\], \[2,2\]\) by \d+:\nreturned 4, expected 2$/);
  });
});
