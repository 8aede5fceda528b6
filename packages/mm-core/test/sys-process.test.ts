import { beforeEach, describe, expect, it } from 'vitest';
import { EACCES, EFAULT, EINVAL, EPERM, ESRCH } from '../src/include/linux/errno.js';
import { KERN_INFO, KERN_WARNING, printk } from '../src/include/linux/kernel.js';
import { RLIMIT_NICE } from '../src/include/linux/resource.js';
import { CAP_SYS_NICE, PRIO_PGRP, PRIO_PROCESS, PRIO_USER, type Task } from '../src/include/linux/sched.js';
import { BAD_POINTER, spawn, syscall } from '../src/index.js';
import { bootSpace, clone, forkOf, from, k, s, task, THREAD, useSpace } from './memory.js';

let user: Task;
beforeEach(() => {
  useSpace(bootSpace());
  user = spawn(k, { comm: 'user', uid: 1000 });
});
const call = (of: Task, name: string, ...args: readonly unknown[]): number => syscall(k, of, name, ...args);

describe('group ids', () => {
  it('are set by root as he likes, and told', () => {
    expect(call(task, 'setresgid', 1, 2, 3)).toBe(0);
    expect([task.gid, task.egid, task.sgid, call(task, 'getgid'), call(task, 'getegid')]).toEqual([1, 2, 3, 1, 2]);
  });
  it('of anybody else are exchanged for one another only', () => {
    Object.assign(user, { gid: 1, egid: 2, sgid: 3 });
    expect([call(user, 'setresgid', 3, 1, -1), user.gid, user.egid, user.sgid]).toEqual([0, 3, 1, 3]);
    expect([call(user, 'setresgid', -1, 4, -1), call(user, 'setgroups', 0, [])]).toEqual([-EPERM, -EPERM]);
  });
  it('have others beside them, in order, which a child inherits', () => {
    expect(call(task, 'setgroups', 3, [30, 10, 20, 99])).toBe(0);
    const list: number[] = [];
    expect([call(forkOf(), 'getgroups', 3, list), list]).toEqual([3, [10, 20, 30]]);
    expect([call(task, 'getgroups', 0, null), call(task, 'getgroups', 2, []), call(task, 'getgroups', -1, [])]).toEqual([3, -EINVAL, -EINVAL]);
    expect([call(task, 'setgroups', 1, BAD_POINTER), call(task, 'setgroups', 65537, []), call(task, 'getgroups', 9, BAD_POINTER)]).toEqual([-EFAULT, -EINVAL, -EFAULT]);
  });
  it('that there are none of are written nowhere', () => {
    expect(call(task, 'getgroups', 9, BAD_POINTER)).toBe(0);
  });
  it('of all kinds count when a file is opened, or a segment attached', () => {
    const inode = k.new_inode(s.sb, '/data/shared', 1, 0o640);
    inode.i_gid = 50;
    const id = call(task, 'shmget', 0, 16384, 0o1640);
    k.m.shm.get(id)!.gid = 50;
    user.egid = 1000;
    const tries = (): number[] => [call(user, 'open', '/data/shared', 0, 0), Math.sign(call(user, 'shmat', id, 0, 0o10000))];
    expect(tries()).toEqual([-EACCES, -1]);
    user.groups = [50];
    expect(tries()).toEqual([0, 1]);
  });
});

it('getuid(), geteuid() and getppid() tell who one is', () => {
  Object.assign(user, { uid: 5, euid: 6 });
  expect([call(user, 'getuid'), call(user, 'geteuid'), call(forkOf(user), 'getppid')]).toEqual([5, 6, user.pid]);
});

describe('setsid()', () => {
  it('begins a session, which children are in', () => {
    const child = forkOf(task);
    expect([call(child, 'setsid'), child.session, forkOf(child).session]).toEqual([child.pid, child.pid, child.pid]);
  });
  it('is not for who leads a group, nor for a second thread', () => {
    const child = forkOf(task);
    call(child, 'setsid');
    expect([call(child, 'setsid'), call(clone(THREAD), 'setsid')]).toEqual([-EPERM, -EINVAL]);
  });
});

describe('sethostname()', () => {
  it('names the machine, if root does it', () => {
    expect([call(task, 'sethostname', 'altix-7', 5), k.m.nodename]).toEqual([0, 'altix']);
    expect([call(user, 'sethostname', 'mine', 4), call(task, 'sethostname', 'x', 65), call(task, 'sethostname', 'x', -1), call(task, 'sethostname', BAD_POINTER, 1)]).toEqual([-EPERM, -EINVAL, -EINVAL, -EFAULT]);
  });
});

describe('nice values', () => {
  const set = (of: Task, who: number, nice: number, which = PRIO_PROCESS): number => call(of, 'setpriority', which, who, nice);
  const get = (of: Task, who = 0, which = PRIO_PROCESS): number => 20 - call(of, 'getpriority', which, who);

  it('are 0 at first, cut to what there is, and inherited', () => {
    expect(get(task)).toBe(0);
    expect([set(task, 0, 100), get(task), set(task, 0, -100), get(task), get(forkOf())]).toEqual([0, 19, 0, -20, -20]);
  });
  it('can be raised by the owner, and lowered by root', () => {
    expect([set(user, 0, 5), set(user, 0, 5), set(user, 0, 4), get(user)]).toEqual([0, 0, -EACCES, 5]);
    expect([set(task, user.pid, 4), get(task, user.pid)]).toEqual([0, 4]);
    user.cap_effective = 1 << CAP_SYS_NICE;
    expect(set(user, 0, -1)).toBe(0);
  });
  it('can be lowered as far as RLIMIT_NICE says', () => {
    set(user, 0, 15);
    user.signal.rlim[RLIMIT_NICE]!.rlim_cur = 9;
    expect([set(user, 0, 9), set(user, 0, 10), get(user)]).toEqual([-EACCES, 0, 10]);
  });
  it('of others are not one\'s business', () => {
    expect([set(user, task.pid, 5), set(user, 9999, 5), call(user, 'getpriority', PRIO_PROCESS, 9999)]).toEqual([-EPERM, -ESRCH, -ESRCH]);
    expect([set(user, 0, 0, 3), call(user, 'getpriority', -1, 0)]).toEqual([-EINVAL, -EINVAL]);
  });
  it('of a user, and of a group, are set for all and told as the lowest', () => {
    const other = spawn(k, { uid: 1000 });
    expect(set(task, 1000, 7, PRIO_USER)).toBe(0);
    set(task, other.pid, 3);
    expect([get(task, 1000, PRIO_USER), get(user), get(user, 0, PRIO_USER)]).toEqual([3, 7, 3]);
    const child = forkOf(user);
    expect([set(user, 0, 9, PRIO_PGRP), get(user), get(child), get(other)]).toEqual([0, 9, 9, 3]);
  });
  it('of a group are those of first threads; of a user, those of all', () => {
    useSpace(from(s, user));
    const thread = clone(THREAD);
    set(user, thread.pid, 2);
    set(user, 0, 5, PRIO_PGRP);
    expect([get(user), get(thread), get(user, 0, PRIO_PGRP), get(user, 0, PRIO_USER)]).toEqual([5, 2, 5, 2]);
    set(user, 0, 6, PRIO_USER);
    expect([get(user), get(thread)]).toEqual([6, 6]);
  });
});

describe('syslog()', () => {
  const read = (of: Task, type: number, len = 16384): string => {
    const buf = { value: '' };
    expect(call(of, 'syslog', type, buf, len)).toBe(buf.value.length);
    return buf.value;
  };
  beforeEach(() => {
    k.m.log.length = 0;
    printk(k.m, KERN_WARNING, 'one');
    printk(k.m, KERN_INFO, 'two');
  });

  it('gives anybody what was logged, or the last bytes of it', () => {
    expect([read(user, 3), read(user, 3, 5)]).toEqual(['<4>one\n<6>two\n', '>two\n']);
  });
  it('gives what was logged since it was cleared', () => {
    expect([read(task, 4), read(task, 3)]).toEqual(['<4>one\n<6>two\n', '']);
    printk(k.m, KERN_INFO, 'three');
    expect([read(task, 3), call(task, 'syslog', 5, null, 0), read(task, 3), call(task, 'syslog', 9, null, 0)]).toEqual(['<6>three\n', 0, '', 23]);
  });
  it('is not for everybody to clear', () => {
    expect([4, 5, 8, 9].map(type => call(user, 'syslog', type, { value: '' }, 1))).toEqual(Array(4).fill(-EPERM));
    expect(call(user, 'syslog', 10, null, 0)).toBe(1 << 20);
  });
  it('refuses what makes no sense', () => {
    expect([call(task, 'syslog', 3, null, 1), call(task, 'syslog', 3, { value: '' }, -1), call(task, 'syslog', 3, BAD_POINTER, 1), call(task, 'syslog', 8, null, 9), call(task, 'syslog', 11, null, 0)])
      .toEqual([-EINVAL, -EINVAL, -EFAULT, -EINVAL, -EINVAL]);
  });
});
