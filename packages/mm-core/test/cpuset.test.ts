/** Cpusets of 2.6.12 (kernel/cpuset.c): the files, who may be attached, and what they mean for allocations. */
import fc from 'fast-check';
import { strictEqual } from 'node:assert/strict';
import { beforeEach, describe, expect, it } from 'vitest';
import { EACCES, EBUSY, EEXIST, EINVAL, EIO, ENOENT, ENOSPC, ERANGE, ESRCH, E2BIG } from '../src/include/linux/errno.js';
import { CS_CPU_EXCLUSIVE, CS_MEM_EXCLUSIVE, type Cpuset } from '../src/include/linux/cpuset.js';
import { GFP_ATOMIC, GFP_KERNEL } from '../src/include/linux/gfp.js';
import { page_to_nid } from '../src/include/linux/mm.js';
import { MPOL_BIND, MPOL_INTERLEAVE } from '../src/include/linux/mempolicy.js';
import { node_clear, nodes_intersects, nodes_subset } from '../src/include/linux/nodemask.js';
import type { Task } from '../src/include/linux/sched.js';
import { boot, spawn, syscall } from '../src/index.js';
import { nodeList } from '../src/model/objects.js';
import { check_invariants } from '../src/testing.js';
import { as, bootNodes, finish, getPolicy, logOf, map, mask, nodesOf, PAGE, setPolicy, mbind, write, type Numa } from './numa.js';

let numa: Numa;
beforeEach(() => {
  numa = bootNodes();
});
const echo = (path: string, file: string, text: string, task: Task = numa.k.m.init_task): number =>
  as({ k: numa.k, task }, k => k.cpuset_write(path, file, text));
const cat = (path: string, file: string): string | number => numa.k.cpuset_read(path, file);
/** A cpuset with CPUs and nodes. */
function make(path: string, cpus: string, mems: string): void {
  expect(numa.k.cpuset_mkdir(path)).toBe(0);
  expect(echo(path, 'cpus', cpus)).toBe(cpus.length);
  expect(echo(path, 'mems', mems)).toBe(mems.length);
}
const attach = (path: string, task: Task = numa.task): number => echo(path, 'tasks', `${task.pid}\n`);
const allowed = (task: Task = numa.task): number[] => nodeList(task.mems_allowed);

describe('after boot', () => {
  it('everybody is in the top cpuset, which has all CPUs and nodes and is exclusive', () => {
    expect(['cpus', 'mems', 'cpu_exclusive', 'mem_exclusive', 'notify_on_release'].map(file => cat('/', file))).toEqual(['0-3\n', '0-3\n', '1\n', '1\n', '0\n']);
    const pids = [...numa.k.m.tasks.values()].filter(task => task.pid !== 0).map(task => `${task.pid}\n`);
    expect(cat('/', 'tasks')).toBe(pids.join(''));
    expect(numa.task.cpuset).toBe(numa.k.m.top_cpuset);
  });
  it('a child is in the cpuset of its parent', () => {
    const { k, task } = numa;
    make('/a', '0', '1');
    attach('/a');
    const child = k.m.tasks.get(syscall(k, task, 'fork'))!;
    expect(k.cpuset_path(child.cpuset!)).toBe('/a');
    expect(cat('/a', 'tasks')).toBe(`${task.pid}\n${child.pid}\n`);
  });
  it('a task that has ended is in none, and does not count', () => {
    const { k, task } = numa;
    make('/a', '0', '1');
    attach('/a');
    syscall(k, task, 'exit', 0);
    expect([cat('/a', 'tasks'), task.cpuset]).toEqual(['', null]);
    expect(k.cpuset_rmdir('/a')).toBe(0);
    expect(check_invariants(k)).toEqual([]);
  });
});

describe('directories', () => {
  it('a new cpuset has nothing, and notify_on_release as its parent has it', () => {
    echo('/', 'notify_on_release', '1');
    numa.k.cpuset_mkdir('/a');
    expect(['cpus', 'mems', 'cpu_exclusive', 'mem_exclusive', 'notify_on_release', 'tasks'].map(file => cat('/a', file))).toEqual(['\n', '\n', '0\n', '0\n', '1\n', '']);
  });
  it('a name that is taken, by a cpuset or by a file, is EEXIST; a parent that is not there ENOENT', () => {
    numa.k.cpuset_mkdir('/a');
    expect(numa.k.cpuset_mkdir('/a')).toBe(-EEXIST);
    expect(numa.k.cpuset_mkdir('/a/tasks')).toBe(-EEXIST);
    expect(numa.k.cpuset_mkdir('/b/c')).toBe(-ENOENT);
  });
  it('one with tasks or children cannot be removed, nor can the top one', () => {
    const { k } = numa;
    make('/a', '0', '0');
    make('/a/b', '0', '0');
    expect(k.cpuset_rmdir('/a')).toBe(-EBUSY);
    expect(k.cpuset_rmdir('/')).toBe(-EBUSY);
    attach('/a/b');
    expect(k.cpuset_rmdir('/a/b')).toBe(-EBUSY);
    attach('/');
    expect([k.cpuset_rmdir('/a/b'), k.cpuset_rmdir('/a'), k.cpuset_rmdir('/a')]).toEqual([0, 0, -ENOENT]);
    expect(check_invariants(k)).toEqual([]);
  });
});

describe('writing cpus and mems', () => {
  it.each([
    ['0', '0\n'], ['0-2', '0-2\n'], ['0,2-3', '0,2-3\n'], ['3,1', '1,3\n'], ['1,', '1\n'], ['2\n', '2\n'], ['0-1\nrubbish', '0-1\n'], ['0-3,200', '0-3\n'], ['01', '1\n'],
  ])('%j reads back as %j', (text, told) => {
    numa.k.cpuset_mkdir('/a');
    expect(echo('/a', 'mems', text)).toBe(text.length);
    expect(cat('/a', 'mems')).toBe(told);
    expect(echo('/a', 'cpus', text)).toBe(text.length);
    expect(cat('/a', 'cpus')).toBe(told);
  });
  it.each([
    ['', -EINVAL], ['x', -EINVAL], ['-1', -EINVAL], [' 1', -EINVAL], ['1 2', -EINVAL], ['1,,2', -EINVAL], ['1-', -EINVAL], ['1-x', -EINVAL], ['2-1', -EINVAL], ['0x1', -EINVAL],
    ['\n', -EINVAL], ['256', -ERANGE], ['0-256', -ERANGE], ['300-256', -EINVAL], ['9', -ENOSPC], ['200-255', -ENOSPC],
  ])('mems %j is %d, and nothing changes', (text, error) => {
    make('/a', '0', '1');
    expect(echo('/a', 'mems', text)).toBe(error);
    expect(cat('/a', 'mems')).toBe('1\n');
  });
  it('CPUs are known up to 511, nodes up to 255', () => {
    make('/a', '0', '1');
    expect([echo('/a', 'cpus', '511'), echo('/a', 'cpus', '512'), echo('/a', 'mems', '255'), echo('/a', 'mems', '256')]).toEqual([-ENOSPC, -ERANGE, -ENOSPC, -ERANGE]);
  });
  it('more text than the longest list of CPUs can have is E2BIG, whatever it says', () => {
    numa.k.cpuset_mkdir('/a');
    expect(echo('/a', 'cpus', '1'.padEnd(100 + 6 * 512, '\n'))).toBe(100 + 6 * 512);
    expect(echo('/a', 'cpus', '1'.padEnd(101 + 6 * 512, '\n'))).toBe(-E2BIG);
  });
  it('a file or a cpuset that is not there is ENOENT', () => {
    expect([echo('/', 'memory_migrate', '1'), echo('/a', 'mems', '1'), cat('/a', 'mems'), cat('/', 'x')]).toEqual([-ENOENT, -ENOENT, -ENOENT, -ENOENT]);
  });
  it('what a child has cannot be taken away: EBUSY, before the parent is asked', () => {
    make('/a', '0-1', '0-1');
    make('/a/b', '1', '1');
    expect([echo('/a', 'mems', '0'), echo('/a', 'cpus', '0'), echo('/a', 'mems', '2-3')]).toEqual([-EBUSY, -EBUSY, -EBUSY]);
    expect(echo('/a', 'mems', '1-3'), 'the child is within').toBe(3);
  });
  it('what the parent does not have is EACCES, before the siblings are asked', () => {
    make('/a', '0-1', '0-1');
    make('/a/b', '0', '0');
    make('/a/c', '1', '1');
    echo('/a', 'mem_exclusive', '1');
    echo('/a/c', 'mem_exclusive', '1');
    expect([echo('/a/b', 'mems', '1-2'), echo('/a/b', 'cpus', '2')]).toEqual([-EACCES, -EACCES]);
    expect(echo('/a/b', 'mems', '0-1')).toBe(-EINVAL);
  });
  it('an exclusive cpuset must not overlap with a sibling, whichever of the two is exclusive', () => {
    make('/a', '0-1', '0-1');
    make('/b', '2-3', '2-3');
    echo('/a', 'mem_exclusive', '1');
    expect(echo('/b', 'mems', '1-3')).toBe(-EINVAL);
    expect(echo('/a', 'mems', '0-2')).toBe(-EINVAL);
    expect(echo('/b', 'cpus', '1-3'), 'cpus are not exclusive').toBe(3);
    expect(echo('/b', 'cpu_exclusive', '1')).toBe(-EINVAL);
  });
  it('the top cpuset may lose nodes that no child has', () => {
    expect(echo('/', 'mems', '0-2')).toBe(3);
    make('/a', '0', '2');
    expect(echo('/', 'mems', '0-1')).toBe(-EBUSY);
  });
});

describe('writing flags', () => {
  it.each([['1', '1\n'], ['0', '0\n'], ['17\n', '1\n'], ['00', '0\n'], ['yes', '0\n'], ['', '0\n'], [' 1', '0\n'], ['-1', '0\n']])('%j sets it to %j', (text, told) => {
    make('/a', '0', '0');
    echo('/a', 'notify_on_release', '1');
    expect(echo('/a', 'notify_on_release', text)).toBe(text.length);
    expect(cat('/a', 'notify_on_release')).toBe(told);
  });
  it('exclusive needs an exclusive parent, and keeps it so while a child is', () => {
    make('/a', '0', '0');
    make('/a/b', '0', '0');
    expect(echo('/a/b', 'mem_exclusive', '1')).toBe(-EACCES);
    echo('/a', 'mem_exclusive', '1');
    expect(echo('/a/b', 'mem_exclusive', '1')).toBe(1);
    expect(echo('/a', 'mem_exclusive', '0')).toBe(-EBUSY);
    expect(numa.k.m.top_cpuset.flags & (1 << CS_CPU_EXCLUSIVE)).not.toBe(0);
  });
});

describe('attaching a task', () => {
  beforeEach(() => {
    make('/a', '2-3', '1');
  });
  it.each([
    ['nothing', '', -EIO], ['no number', 'x', -EIO], ['a sign that the kernel does not read', '+1', -EIO], ['a minus alone', '-', -EIO], ['nobody', '30000', -ESRCH], ['a group', '-1', -ESRCH],
  ])('%s is %d', (_, text, error) => {
    expect(echo('/a', 'tasks', text)).toBe(error);
  });
  it('text is read before the cpuset is looked at, and that before the task is', () => {
    numa.k.cpuset_mkdir('/empty');
    expect([echo('/empty', 'tasks', 'x'), echo('/empty', 'tasks', '30000')]).toEqual([-EIO, -ENOSPC]);
    echo('/empty', 'cpus', '0');
    expect(echo('/empty', 'tasks', '30000'), 'without nodes').toBe(-ENOSPC);
    echo('/empty', 'mems', '0');
    expect(echo('/empty', 'tasks', '30000')).toBe(-ESRCH);
  });
  it('blanks before the number and anything behind it do not matter', () => {
    const text = ` \n${numa.task.pid}, please`;
    expect(echo('/a', 'tasks', text)).toBe(text.length);
    expect(cat('/a', 'tasks')).toBe(`${numa.task.pid}\n`);
  });
  it('0 is the writer itself, without a question about users', () => {
    const task = spawn(numa.k, { uid: 7 });
    expect(echo('/a', 'tasks', '0', task)).toBe(1);
    expect(task.cpuset?.name).toBe('a');
  });
  it('a dead task is ESRCH', () => {
    syscall(numa.k, numa.task, 'exit', 0);
    expect(attach('/a')).toBe(-ESRCH);
  });
  it('one must be root or have the effective uid that the task has as real or saved one', () => {
    const mine = spawn(numa.k, { uid: 7 });
    const saved = spawn(numa.k, { uid: 8 });
    saved.suid = 7;
    const effective = spawn(numa.k, { uid: 8 });
    effective.euid = 7;
    expect([mine, saved, effective, numa.task].map(task => echo('/a', 'tasks', `${task.pid}`, mine) > 0)).toEqual([true, true, false, false]);
    expect(echo('/a', 'tasks', `${effective.pid}`, mine)).toBe(-EACCES);
    mine.cap_effective = -1;
    expect(echo('/a', 'tasks', `${effective.pid}`, mine), 'capabilities do not count').toBe(-EACCES);
  });
  it('moves the task to a CPU of the cpuset at once, its allocations to the nodes, and none of its memory', () => {
    const address = map(numa, 4);
    write(numa, address, 2);
    expect(attach('/a')).toBeGreaterThan(0);
    expect(numa.task.cpu).toBe(2);
    write(numa, address, 4);
    expect(nodesOf(numa, address, 4)).toEqual([0, 0, 1, 1]);
    expect(check_invariants(numa.k)).toEqual([]);
  });
  it('counts the task in the new one and no more in the old one', () => {
    const { top_cpuset } = numa.k.m;
    const before = top_cpuset.count;
    attach('/a');
    expect([top_cpuset.count, numa.task.cpuset?.count]).toEqual([before - 1, 1]);
    attach('/a');
    expect(numa.task.cpuset?.count).toBe(1);
  });
  it('sched_setaffinity() stays within', () => {
    attach('/a');
    expect(syscall(numa.k, numa.task, 'sched_setaffinity', 0, [1, 3])).toBe(0);
    expect(numa.task.cpu).toBe(3);
    expect(syscall(numa.k, numa.task, 'sched_setaffinity', 0, [0])).toBe(-EINVAL);
  });
});

describe('mems_allowed, a copy that goes stale', () => {
  it('is taken over by the task itself, when it next allocates', () => {
    make('/a', '0-3', '0-1');
    attach('/a');
    const address = map(numa, 2);
    write(numa, address);
    expect(allowed()).toEqual([0, 1]);
    echo('/a', 'mems', '2');
    expect(allowed(), 'the write itself changes nothing').toEqual([0, 1]);
    write(numa, address + PAGE);
    expect([allowed(), nodesOf(numa, address, 2)]).toEqual([[2], [0, 2]]);
  });
  it('is not touched by an access that needs no memory', () => {
    make('/a', '0-3', '0-1');
    attach('/a');
    const address = map(numa, 2);
    write(numa, address);
    echo('/a', 'mems', '2');
    write(numa, address);
    expect(allowed()).toEqual([0, 1]);
  });
  it('is not touched when the CPUs change', () => {
    make('/a', '0-3', '1');
    attach('/a');
    write(numa, map(numa, 1));
    const before = numa.task.mems_allowed;
    echo('/a', 'cpus', '0');
    write(numa, map(numa, 1));
    expect(numa.task.mems_allowed).toBe(before);
  });
  it('is taken over whatever the new value, by generation: a cpuset that looks the same is another one', () => {
    make('/a', '0-3', '1');
    make('/b', '0-3', '1');
    attach('/a');
    write(numa, map(numa, 1));
    const { cpuset_mems_generation } = numa.task;
    attach('/b');
    write(numa, map(numa, 1));
    expect(numa.task.cpuset_mems_generation).not.toBe(cpuset_mems_generation);
    expect(numa.task.cpuset_mems_generation).toBe(numa.task.cpuset?.mems_generation);
  });
  it('is not refreshed by an allocation that cannot wait', () => {
    make('/a', '0-3', '1');
    attach('/a');
    const before = allowed();
    finish(numa, k => k.alloc_pages_current(GFP_ATOMIC, 0));
    expect(allowed()).toEqual(before);
    finish(numa, k => k.alloc_pages_current(GFP_KERNEL, 0));
    expect(allowed()).toEqual([1]);
  });
  it('is refreshed by mkdir and rmdir, which might allocate under the semaphore', () => {
    make('/a', '0-3', '1');
    attach('/a');
    as(numa, k => k.cpuset_mkdir('/b'));
    expect(allowed()).toEqual([1]);
    echo('/a', 'mems', '2');
    as(numa, k => k.cpuset_rmdir('/b'));
    expect(allowed()).toEqual([2]);
  });
  it('a task whose cpuset_sem can never be had spins for ever', () => {
    make('/a', '0-3', '1');
    attach('/a');
    Object.assign(numa.k.m.cpuset_sem, { held: true, owner: 77 });
    expect(write(numa, map(numa, 1))).toBe(0);
    expect(numa.task.state).toBe('H');
    expect(logOf(numa).at(-1)).toContain('cpuset_sem, held by pid 77');
  });
});

describe('guarantee_online_mems()', () => {
  const online = (cs: Cpuset | null): number[] => nodeList(numa.k.guarantee_online_mems(cs));
  it('tells the nodes of the cpuset that are online', () => {
    make('/a', '0', '1-2');
    const cs = numa.k.m.top_cpuset.children.get('a')!;
    expect(online(cs)).toEqual([1, 2]);
    node_clear(1, numa.k.m.node_online_map);
    expect(online(cs)).toEqual([2]);
  });
  it('goes up to the first cpuset that has any, and gives all that is online to nobody', () => {
    make('/a', '0', '1-2');
    make('/a/b', '0', '1');
    const b = numa.k.m.top_cpuset.children.get('a')!.children.get('b')!;
    node_clear(1, numa.k.m.node_online_map);
    expect(online(b)).toEqual([2]);
    node_clear(2, numa.k.m.node_online_map);
    expect(online(b)).toEqual([0, 3]);
    expect(online(null)).toEqual([0, 3]);
  });
  it('a cpuset without nodes lends those of its parent', () => {
    numa.k.cpuset_mkdir('/a');
    expect(online(numa.k.m.top_cpuset.children.get('a')!)).toEqual([0, 1, 2, 3]);
  });
  it('CPUs go the same way', () => {
    make('/a', '1-2', '0');
    numa.k.cpuset_mkdir('/a/b');
    const b = numa.k.m.top_cpuset.children.get('a')!.children.get('b')!;
    expect([numa.k.guarantee_online_cpus(b), numa.k.guarantee_online_cpus(null)]).toEqual([[1, 2], [0, 1, 2, 3]]);
  });
});

describe('cpuset_zone_allowed()', () => {
  const zone = (node: number) => numa.k.m.node_data[node]!.node_zones[0]!;
  beforeEach(() => {
    make('/a', '0-3', '2');
    attach('/a');
    write(numa, map(numa, 1));
  });
  it('asks the copy of the current task', () => {
    expect([0, 1, 2, 3].map(node => as(numa, k => k.cpuset_zone_allowed(zone(node))))).toEqual([false, false, true, false]);
    echo('/a', 'mems', '3');
    expect(as(numa, k => k.cpuset_zone_allowed(zone(3))), 'still the old copy').toBe(false);
  });
  it('allows everything to an interrupt', () => {
    numa.k.m.in_interrupt = true;
    expect([0, 1, 2, 3].every(node => as(numa, k => k.cpuset_zone_allowed(zone(node))))).toBe(true);
    numa.k.m.in_interrupt = false;
  });
  it('an allocation that cannot wait leaves the cpuset when that is empty down to the last reserve', () => {
    const full = zone(2);
    while (numa.k.zone_watermark_ok(full, 0, full.pages_min, 0, 1, 1)) finish(numa, k => k.alloc_pages_node(2, GFP_ATOMIC, 0));
    const page = finish(numa, k => k.alloc_pages_current(GFP_ATOMIC, 0));
    expect(page).not.toBe(0);
    expect(page_to_nid(numa.k.m, page)).not.toBe(2);
  });
});

describe('without CONFIG_CPUSETS', () => {
  it('everything is allowed, whatever is written', () => {
    numa = bootNodes({ config: { CONFIG_CPUSETS: false } });
    make('/a', '0', '2');
    attach('/a');
    const address = map(numa, 1);
    write(numa, address);
    expect(nodesOf(numa, address, 1)).toEqual([0]);
    expect(as(numa, k => k.cpuset_cpus_allowed(numa.task))).toEqual([0, 1, 2, 3]);
  });
});

describe('policies in a cpuset that moves', () => {
  /* 2.6.18 and 6.1 remap them (mpol_rebind_policy()); 6.1 has static and relative nodes besides. In 2.6.12 they stay. */
  it('keep their nodes, and the allocator makes the best of it', () => {
    const address = map(numa, 8);
    mbind(numa, address, 4, MPOL_INTERLEAVE, mask(0, 1));
    setPolicy(numa, MPOL_BIND, mask(1));
    make('/a', '0-3', '2-3');
    attach('/a');
    write(numa, address, 8);
    expect(getPolicy(numa)).toEqual({ mode: MPOL_BIND, nodes: [1] });
    expect(getPolicy(numa, address)).toEqual({ mode: MPOL_INTERLEAVE, nodes: [0, 1] });
    expect(nodesOf(numa, address, 8).every(node => node === 2 || node === 3)).toBe(true);
  });
});

describe('law', () => {
  const paths = ['/', '/a', '/b', '/a/x', '/a/y', '/b/z'];
  const list = fc.uniqueArray(fc.nat(4), { minLength: 1 }).map(numbers => numbers.join(','));
  const stepArbitrary = fc.oneof(
    { weight: 3, arbitrary: fc.record({ verb: fc.constant('mkdir' as const), path: fc.constantFrom(...paths), file: fc.constant(''), text: fc.constant('') }) },
    { weight: 1, arbitrary: fc.record({ verb: fc.constant('rmdir' as const), path: fc.constantFrom(...paths), file: fc.constant(''), text: fc.constant('') }) },
    { weight: 8, arbitrary: fc.record({ verb: fc.constant('write' as const), path: fc.constantFrom(...paths), file: fc.constantFrom('cpus', 'mems'), text: list }) },
    { weight: 3, arbitrary: fc.record({ verb: fc.constant('write' as const), path: fc.constantFrom(...paths), file: fc.constantFrom('cpu_exclusive', 'mem_exclusive'), text: fc.constantFrom('0', '1') }) },
    { weight: 4, arbitrary: fc.record({ verb: fc.constant('attach' as const), path: fc.constantFrom(...paths), file: fc.constant(''), text: fc.constantFrom('0', '1', '2') }) },
  );
  const has = (cs: Cpuset, bit: number): boolean => (cs.flags & (1 << bit)) !== 0;
  /** What the hierarchy promises, at every cpuset. */
  function check(cs: Cpuset): void {
    const children = [...cs.children.values()];
    for (const child of children) {
      expect(nodes_subset(child.mems_allowed, cs.mems_allowed), `nodes of ${child.name}`).toBe(true);
      expect([...child.cpus_allowed].every(cpu => cs.cpus_allowed.has(cpu)), `CPUs of ${child.name}`).toBe(true);
      for (const bit of [CS_CPU_EXCLUSIVE, CS_MEM_EXCLUSIVE]) if (has(child, bit)) strictEqual(has(cs, bit), true);
      for (const sibling of children) {
        if (sibling === child) continue;
        if (has(child, CS_MEM_EXCLUSIVE)) strictEqual(nodes_intersects(child.mems_allowed, sibling.mems_allowed), false);
        if (has(child, CS_CPU_EXCLUSIVE)) strictEqual([...child.cpus_allowed].some(cpu => sibling.cpus_allowed.has(cpu)), false);
      }
      check(child);
    }
  }

  it('whatever is written, children stay within their parents, exclusive ones apart, and every task has a CPU and a node', () => {
    fc.assert(fc.property(fc.array(stepArbitrary, { maxLength: 50 }), steps => {
      const k = boot({ nodes: [0, 1, 2, 3].map(id => ({ id, pages: 64, cpus: [id] })) });
      const tasks = [spawn(k), spawn(k), spawn(k)];
      for (const { verb, path, file, text } of steps) {
        if (verb === 'mkdir') k.cpuset_mkdir(path);
        else if (verb === 'rmdir') k.cpuset_rmdir(path);
        else if (verb === 'attach') k.cpuset_write(path, 'tasks', `${tasks[Number(text)]!.pid}`);
        else k.cpuset_write(path, file, text);
        check(k.m.top_cpuset);
        for (const task of tasks) {
          expect(task.cpuset!.cpus_allowed.size).toBeGreaterThan(0);
          expect(nodeList(task.cpuset!.mems_allowed).length).toBeGreaterThan(0);
          expect(k.cpuset_read(k.cpuset_path(task.cpuset!), 'tasks')).toContain(`${task.pid}\n`);
        }
      }
      expect(check_invariants(k)).toEqual([]);
    }), { numRuns: 60 });
  });
});
