/** All errors of the finished system call, and which of several obstacles it reports. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { injectError } from '@pmkit/linker';
import { residentPage, syscall, type Machine, type Task } from '@pmkit/mm-core';
import { EAGAIN, EFAULT, EINVAL, ENOMEM, ENOSPC, EPERM, ESRCH } from '@pmkit/mm-core/include/linux/errno';
import { get_page } from '@pmkit/mm-core/include/linux/mm';
import { MPOL_BIND } from '@pmkit/mm-core/include/linux/mempolicy';
import { BAD_POINTER } from '@pmkit/mm-core/include/linux/misc';
import { check_invariants, mask, MAXNODE, must, nodes } from '@pmkit/mm-core/testing';
import { levels, OWNER, prepare, STRANGER, zombie, type Level } from './rig.js';

/** What can be in the way, in the order in which the call looks, and what it returns for it. */
const OBSTACLES = {
  'a count of 0': -EINVAL,
  'no memory for the arrays': -ENOMEM,
  'an array that cannot be read': -EFAULT,
  'a node that does not exist': -EINVAL,
  'a node on both sides': -EINVAL,
  'no such process': -ESRCH,
  'another user': -EPERM,
  'a process without memory': -EINVAL,
  'a node outside the cpuset': -EINVAL,
  'no memory for the policy': -ENOMEM,
  'a page that is busy': -EAGAIN,
} as const;
type Obstacle = keyof typeof OBSTACLES;
const ALL = Object.keys(OBSTACLES) as Obstacle[];

/** The nodes of the call: with an obstacle less they would be good. */
function nodesFor(has: (obstacle: Obstacle) => boolean): [old: unknown, fresh: unknown] {
  const old = [1];
  const fresh = [2];
  if (has('a node on both sides')) {
    old.push(3);
    fresh.push(3);
  }
  if (has('a node that does not exist')) {
    old.push(256);
    fresh.push(2);
  }
  return [has('an array that cannot be read') ? BAD_POINTER : nodes(...old), nodes(...fresh)];
}

/** Makes one call with all these obstacles in its way. @returns what it says. */
function callWith(level: Level, obstacles: readonly Obstacle[]): number {
  const has = (obstacle: Obstacle): boolean => obstacles.includes(obstacle);
  const { k, caller, task, address } = prepare(level, has('another user') ? STRANGER : OWNER);
  const target = has('a process without memory') ? zombie(k, task) : task;
  if (has('a node outside the cpuset')) {
    k.cpuset_mkdir('/job');
    for (const [file, text] of [['cpus', '0-7'], ['mems', '0-1'], ['tasks', `${task.pid}`]] as const) expect(k.cpuset_write('/job', file, text)).toBe(text.length);
  }
  must(k, task, 'set_mempolicy', MPOL_BIND, mask(1), MAXNODE);
  const page = residentPage(k.m, task, address);
  if (has('a page that is busy')) get_page(k.m.mem_map, page);
  const [old, fresh] = nodesFor(has);
  const count = has('a count of 0') ? 0 : 1 + Number(has('a node on both sides')) + Number(has('a node that does not exist'));
  const short = has('no memory for the arrays') ? 0 : has('no memory for the policy') ? 3 : Infinity;
  const stop = injectError(k, 'kmalloc', 0, { after: short });
  const result = syscall(k, caller, 1279, has('no such process') ? 9999 : target.pid, count, old, fresh);
  stop();
  // the test's own reference; and when the page was really tried, the one of defect b of patch 4
  const pins = has('a page that is busy') ? 1 + Number(result === -EAGAIN) : 0;
  expect(check_invariants(k, { pins: new Map(pins > 0 ? [[page, pins]] : []) })).toEqual([]);
  expect([task.usage, task.mm?.mm_users]).toEqual([2, 1]);
  return result;
}

describe('walking down the list: everything is wrong, and one thing after the other is put right', () => {
  it.each(levels)('the call reports the first thing that is still wrong; before, another user is nothing wrong (%s)', level => {
    const said = ALL.map((_, i) => callWith(level, ALL.slice(i)));
    const expected = Object.values<number>(OBSTACLES);
    if (level === 'before') expected[ALL.indexOf('another user')] = -EINVAL; // that of the process without memory
    expect(said).toEqual(expected);
    expect(callWith(level, [])).toBe(4);
  });
});

describe('law', () => {
  it.each(levels)('of any obstacles the first in the order is reported, and without any the pages move (%s)', level => {
    fc.assert(fc.property(fc.subarray(ALL), obstacles => {
      const first = obstacles.find(obstacle => level === 'after' || obstacle !== 'another user');
      expect(callWith(level, obstacles)).toBe(first === undefined ? 4 : OBSTACLES[first]);
    }), { numRuns: 80, seed: 20_050_622 });
  });
});

const pagesAt = (m: Machine, task: Task, address: number): Set<number> => new Set([0, 1, 2, 3].map(i => residentPage(m, task, address + i * m.PAGE_SIZE)));

describe('the error of the first vma that fails comes last', () => {
  it.each(levels)('-ENOSPC: a page that finds no room in swap (%s)', level => {
    const { k, caller, task, address } = prepare(level, OWNER);
    const stop = injectError(k, 'add_to_swap', 0);
    expect(syscall(k, caller, 1279, task.pid, 1, nodes(1), nodes(2))).toBe(-ENOSPC);
    stop();
    // off the LRU for good: defect c of patch 4
    expect(check_invariants(k, { lost: pagesAt(k.m, task, address) })).toEqual([]);
  });
  it.each(levels)('is not seen by who may not migrate; before, it is (%s)', level => {
    const { k, caller, task, address } = prepare(level, STRANGER);
    const stop = injectError(k, 'add_to_swap', 0);
    expect(syscall(k, caller, 1279, task.pid, 1, nodes(1), nodes(2))).toBe(level === 'before' ? -ENOSPC : -EPERM);
    stop();
    expect(check_invariants(k, { lost: level === 'before' ? pagesAt(k.m, task, address) : new Set() })).toEqual([]);
  });
});
