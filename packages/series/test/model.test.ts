/**
 * What the independent model says of the situations in which the patches differ, level by level, without any machine: pages moved, or errno.
 * The rows are read off the mails; that the simulation agrees is the business of model-check.test.ts.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { predict } from './model/predict.js';
import { DEFECTS, type Call, type DefectId, type Page, type Policy, type Situation, type Task, type Vma } from './model/situation.js';

const EPERM = -1;
const EAGAIN = -11;
const EINVAL = -22;
const ENOSPC = -28;
const ENOSYS = -38;

const page = (fields: Partial<Page> = {}): Page => ({ node: 0, anonymous: true, place: 'lru', strangers: 0, moves: 0, ...fields });
const vma = (pages: readonly Page[], fields: Partial<Vma> = {}): Vma =>
  ({ read: true, write: true, locked: false, io: false, object: null, offset: 0, policy: null, slots: pages.map(slot => ({ page: slot, mapped: true })), ...fields });
const library = (override: 'migrate' | 'keep' | null = null): Vma => vma([page({ anonymous: false })], { write: false, object: { override, policies: null } });

const ROOT: Task = { pid: 1, uid: 0, euid: 0, suid: 0, capabilities: [21], mems: [0, 1, 2], policy: null, nextInterleaved: 0, vmas: [] };
const job = (vmas: Task['vmas'], fields: Partial<Task> = {}): Task => ({ ...ROOT, pid: 7, uid: 1000, euid: 1000, suid: 1000, capabilities: [], vmas, ...fields });

interface Setting { readonly level: number; readonly slots?: boolean; readonly call?: Partial<Call>; readonly without?: DefectId }

/** Moves the job from node 0 to node 1 on a machine of three nodes. */
function move(task: Task, { level, slots = true, call = {}, without }: Setting): number | 'died' {
  const situation: Situation = {
    level, config: { migrate: true, swap: true }, nodes: [0, 1, 2].map(id => ({ id, memory: true, full: false })),
    distance: (from, to) => Math.abs(from - to), slots, tasks: [ROOT, task],
  };
  const asked: Call = { caller: ROOT, pid: task.pid, count: 1, oldNodes: [0], newNodes: [1], noMemoryFor: null, ...call };
  return predict(situation, asked, new Set(DEFECTS.filter(defect => defect !== without))).result;
}

describe('what a call returns, by level', () => {
  /** From level 3 on: before, there is no call. */
  const levels = [3, 4, 5, 6, 7, 8, 9, 10];
  const rows: readonly (readonly [situation: string, task: () => Task, results: readonly number[], call?: Partial<Call>])[] = [
    ['anonymous memory', () => job([vma([page(), page()])]), [ENOSYS, 2, 2, 2, 2, 2, 2, 2]],
    ['the text of a library', () => job([library()]), [ENOSYS, 1, 1, 1, 0, 0, 0, 0]],
    ['the same, marked to be migrated', () => job([library('migrate')]), [ENOSYS, 1, 1, 1, 1, 1, 1, 1]],
    ['a data segment marked to be kept', () => job([vma([page()], { object: { override: 'keep', policies: null } })]), [ENOSYS, 1, 1, 1, 0, 0, 0, 0]],
    ['device memory', () => job([vma([page()], { io: true })]), [ENOSYS, 1, 1, 1, 0, 0, 0, 0]],
    ['mlocked memory', () => job([vma([page()], { locked: true })]), [ENOSYS, 0, 0, 0, 0, 0, 0, 0]],
    ['memory on another node', () => job([vma([page({ node: 2 })])]), [ENOSYS, 0, 0, 0, 0, 0, 0, 0]],
    ['a new node outside the cpuset of the target', () => job([vma([page()])], { mems: [0] }), [ENOSYS, 1, 1, 1, 1, EINVAL, EINVAL, EINVAL]],
    ['a caller who is somebody else', () => job([vma([page()])]), [ENOSYS, 1, 1, 1, 1, 1, EPERM, EPERM], { caller: { ...ROOT, uid: 1001, euid: 1001, capabilities: [] } }],
    ['the same, and a kernel thread', () => job(null), [ENOSYS, EINVAL, EINVAL, EINVAL, EINVAL, EINVAL, EPERM, EPERM], { caller: { ...ROOT, uid: 1001, euid: 1001, capabilities: [] } }],
  ];
  for (const [situation, task, results, call = {}] of rows) {
    it(situation, () => expect(levels.map(level => move(task(), { level, call }))).toEqual(results));
  }
});

describe('the defects', () => {
  const policy: Policy = { mode: 'bind', nodes: [0, 2] };
  it('a: a page that vmscan holds kills the caller, where it was to be passed over', () => {
    const task = (): Task => job([vma([page(), page({ place: 'vmscan' })])]);
    expect([move(task(), { level: 4 }), move(task(), { level: 4, without: 'off-lru' })]).toEqual(['died', 1]);
  });
  it('b: a page that was busy once is busy for ever', () => {
    const pinned = page({ strangers: 1 });
    expect(move(job([vma([pinned])]), { level: 4 })).toBe(EAGAIN);
    expect(pinned).toMatchObject({ strangers: 2, place: 'lru', node: 0 });
  });
  it('c and d: without a free slot anonymous pages are lost, those of a file move', () => {
    const pages = [page(), page({ anonymous: false })];
    expect(move(job([vma(pages)]), { level: 4, slots: false })).toBe(ENOSPC);
    expect(pages.map(({ place, node }) => [place, node])).toEqual([['lost', 0], ['lru', 1]]);
  });
  it('of patch 5: a policy loses the nodes that are not moved', () => {
    const policies = ([undefined, 'unsigned-node-map'] as const).map(without => {
      const task = job([], { policy });
      move(task, { level: 5, ...(without === undefined ? {} : { without }) });
      return task.policy;
    });
    expect(policies).toEqual([{ mode: 'bind', nodes: [1] }, { mode: 'bind', nodes: [1, 2] }]);
  });
  it('of patch 5: the policy of an mlocked vma is rewritten though no page of it moves', () => {
    const locked = vma([page()], { locked: true, policy });
    expect(move(job([locked]), { level: 9 })).toBe(0);
    expect(locked.policy).toEqual({ mode: 'bind', nodes: [1] });
  });
  it('of patches 4 to 7: the cpuset of the caller decides where pages come to be', () => {
    const moved = page();
    expect(move(job([vma([moved])]), { level: 7, call: { caller: { ...ROOT, mems: [2] } } })).toBe(1);
    expect(moved.node).toBe(2);
  });
});

it('shares nothing with the simulation: its files import each other and nothing else', () => {
  const folder = new URL('model/', import.meta.url);
  const imports = readdirSync(folder).flatMap(file => [...readFileSync(new URL(file, folder), 'utf8').matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)].map(match => match[1]!));
  expect(imports.length).toBeGreaterThan(5);
  expect(imports.filter(name => !/^\.\/[a-z]+\.js$/.test(name))).toEqual([]);
});
