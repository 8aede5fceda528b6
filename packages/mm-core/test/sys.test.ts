import { beforeEach, describe, expect, it } from 'vitest';
import { EFAULT, EINVAL, EPERM, ESRCH } from '../src/include/linux/errno.js';
import { BAD_POINTER } from '../src/include/linux/misc.js';
import { page_to_nid } from '../src/include/linux/mm.js';
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
    expect([setaffinity(0, [1]), task.cpu, task.cpus_allowed, page_to_nid(k.m, pageAt(s, at))]).toEqual([0, 1, [1], 0]);
    expect([setaffinity(task.pid, [1, 0]), task.cpu]).toEqual([0, 1]);
  });
  it('refuses CPUs that are not there, tasks that are not there, and tasks of others', () => {
    const user = spawn(k, { uid: 1000 });
    expect([setaffinity(0, [5]), setaffinity(0, []), setaffinity(9999, [0]), setaffinity(task.pid, [0], user)]).toEqual([-EINVAL, -EINVAL, -ESRCH, -EPERM]);
    expect(setaffinity(user.pid, [1])).toBe(0);
  });
});

describe('sched_getaffinity()', () => {
  const getaffinity = (pid: number, mask: Uint32Array | typeof BAD_POINTER | null = new Uint32Array(16), len = 64): [number, number] =>
    [syscall(k, task, 'sched_getaffinity', pid, len, mask), mask instanceof Uint32Array ? mask[0]! : -1];

  it('tells the CPUs as a bit mask of 512 bits: all, until somebody says otherwise', () => {
    expect(getaffinity(0)).toEqual([64, 0b11]);
    const user = spawn(k, { uid: 1000 });
    syscall(k, user, 'sched_setaffinity', 0, [1]);
    expect([getaffinity(user.pid), getaffinity(0)]).toEqual([[64, 0b10], [64, 0b11]]);
  });
  it('takes a mask that is longer, and clears only what it fills', () => {
    const mask = new Uint32Array(18).fill(7);
    expect([getaffinity(0, mask, 72)[0], [...mask]]).toEqual([64, [0b11, ...Array<number>(15).fill(0), 7, 7]]);
  });
  it('refuses a mask that is too short, then a task that is not there, then a bad pointer', () => {
    expect([getaffinity(9999, null, 63)[0], getaffinity(9999, null)[0], getaffinity(0, BAD_POINTER)[0], getaffinity(0, null)[0]]).toEqual([-EINVAL, -ESRCH, -EFAULT, -EFAULT]);
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
