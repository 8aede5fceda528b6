import { beforeEach, describe, expect, it } from 'vitest';
import { EINVAL, EPERM, ESRCH } from '../src/include/linux/errno.js';
import { PageLRU } from '../src/include/linux/page-flags.js';
import { CAP_FULL_SET, CAP_SETUID } from '../src/include/linux/sched.js';
import { runKernel, spawn, store, syscall, type Task } from '../src/index.js';
import { asTask, bootSpace, from, k, map, pageAt, s, task, useSpace } from './memory.js';

beforeEach(() => useSpace(bootSpace()));
const setresuid = (ruid: number, euid: number, suid: number, of: Task = task): number => syscall(k, of, 'setresuid', ruid, euid, suid);
const ids = (of: Task = task): number[] => [of.uid, of.euid, of.suid, of.fsuid];

describe('setresuid()', () => {
  it('of root takes any ids; -1 keeps one, and the file system id follows the effective one', () => {
    expect([setresuid(1, 2, 3), ids()]).toEqual([0, [1, 2, 3, 2]]);
    const other = spawn(k);
    expect([setresuid(-1, 5, 0xffff_ffff, other), ids(other)]).toEqual([0, [0, 5, 0, 5]]);
  });
  it('without CAP_SETUID swaps the three ids one has, and no others', () => {
    setresuid(1, 2, 3);
    expect([setresuid(3, 1, 2), ids()]).toEqual([0, [3, 1, 2, 1]]);
    expect([setresuid(4, -1, -1), setresuid(-1, 4, -1), setresuid(-1, -1, 4), ids()]).toEqual([-EPERM, -EPERM, -EPERM, [3, 1, 2, 1]]);
    task.cap_effective = 1 << CAP_SETUID;
    expect(setresuid(4, -1, -1)).toBe(0);
  });
  it('takes the capabilities of who is root in nothing any more, for good', () => {
    setresuid(7, 7, 7);
    expect([task.cap_effective, setresuid(0, 0, 0)]).toEqual([0, -EPERM]);
  });
  it('takes and gives them back with the effective id, as long as root can be had again', () => {
    setresuid(-1, 7, -1);
    expect(task.cap_effective).toBe(0);
    setresuid(-1, 0, -1);
    expect(task.cap_effective).toBe(CAP_FULL_SET);
  });
});

describe('sched_setaffinity()', () => {
  const setaffinity = (pid: number, cpus: readonly number[], of: Task = task): number => syscall(k, of, 'sched_setaffinity', pid, cpus);

  it('moves a task to the lowest CPU it may run on; its memory stays', () => {
    const at = map(s, 1);
    store(k, task, at);
    expect([setaffinity(0, [1]), task.cpu, task.cpus_allowed, pageAt(s, at) >>> k.m.node_shift]).toEqual([0, 1, [1], 0]);
    expect([setaffinity(task.pid, [1, 0]), task.cpu]).toEqual([0, 1]);
  });
  it('refuses CPUs that are not there, tasks that are not there, and tasks of others', () => {
    const user = spawn(k, { uid: 1000 });
    expect([setaffinity(0, [5]), setaffinity(0, []), setaffinity(9999, [0]), setaffinity(task.pid, [0], user)]).toEqual([-EINVAL, -EINVAL, -ESRCH, -EPERM]);
    expect(setaffinity(user.pid, [1])).toBe(0);
  });
});

it('msleep() takes the time that it says, and others run meanwhile', () => {
  const { now } = k.m;
  runKernel(k, task, k.msleep(10));
  expect(k.m.now - now).toBe(10);
});

it('smp_call_function() drains the pagevecs of all CPUs but the own', () => {
  const other = from(s, spawn(k, { cpu: 1 }));
  const [mine, theirs] = [s, other].map(space => {
    const at = map(space, 1);
    store(k, space.task, at);
    return pageAt(space, at);
  });
  expect(asTask(s, () => k.smp_call_function('lru_add_drain', null, 0, 1))).toBe(0);
  expect([PageLRU(k.m.mem_map, mine!), PageLRU(k.m.mem_map, theirs!)]).toEqual([false, true]);
});
