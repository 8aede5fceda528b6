/** Who may migrate whom: situations. The law of the four comparisons is in users.test.ts. */
import { describe, expect, it } from 'vitest';
import { residentPage, runKernel, spawn, syscall, touch, type Task } from '@pmkit/mm-core';
import { EINVAL, EPERM, ESRCH } from '@pmkit/mm-core/include/linux/errno';
import { MPOL_BIND } from '@pmkit/mm-core/include/linux/mempolicy';
import { page_mapcount } from '@pmkit/mm-core/include/linux/mm';
import { CAP_FULL_SET, CAP_KILL, CAP_SYS_NICE, CLONE_SIGHAND, CLONE_THREAD, CLONE_VM, SIGCONT, SIGTERM } from '@pmkit/mm-core/include/linux/sched';
import { attachSegment, check_invariants, mask, MAXNODE, migrate, must, nodesOf, policyOf } from '@pmkit/mm-core/testing';
import { ADMIN, become, capability, levels, OWNER, prepare, STRANGER, zombie } from './rig.js';

describe('another user\'s process', () => {
  it.each(levels)('is EPERM, with nothing moved, no policy changed and nothing held; before, anybody migrates it (%s)', level => {
    const { k, caller, task, address } = prepare(level, STRANGER);
    must(k, task, 'set_mempolicy', MPOL_BIND, mask(1), MAXNODE);
    const held = [task.usage, task.mm?.mm_users];
    expect(migrate(k, caller, task, [1], [2])).toBe(level === 'before' ? 4 : -EPERM);
    const node = level === 'before' ? 2 : 1;
    expect(nodesOf(k.m, task, address, 4)).toEqual([node, node, node, node]);
    expect(policyOf(k, task)).toBe(`bind ${node}`);
    expect([task.usage, task.mm?.mm_users]).toEqual(held);
    expect(check_invariants(k)).toEqual([]);
  });
  it.each(levels)('a daemon of root is EPERM for a user (%s)', level => {
    const { k, caller } = prepare(level, STRANGER);
    const daemon = spawn(k, { comm: 'daemon', cpu: 2 });
    expect(migrate(k, caller, daemon, [1], [2])).toBe(level === 'before' ? 0 : -EPERM);
    expect(check_invariants(k)).toEqual([]);
  });
  it('is EPERM by the pid of any of its threads', () => {
    const { k, caller, task } = prepare('after', STRANGER);
    const thread = k.m.tasks.get(runKernel(k, task, k.sys_clone(CLONE_VM | CLONE_SIGHAND | CLONE_THREAD)))!;
    expect([migrate(k, caller, task, [1], [2]), migrate(k, caller, thread, [1], [2])]).toEqual([-EPERM, -EPERM]);
    expect(check_invariants(k)).toEqual([]);
  });
});

describe('is allowed, at both levels', () => {
  it.each(levels)('the own process, and oneself (%s)', level => {
    const { k, caller, task } = prepare(level, OWNER);
    expect(migrate(k, caller, task, [1], [2])).toBe(4);
    expect(migrate(k, task, task, [2], [3])).toBe(4);
    expect(check_invariants(k)).toEqual([]);
  });
  it.each(levels)('everything, for root (%s)', level => {
    const { k, caller, task } = prepare(level, 0);
    expect(migrate(k, caller, task, [1], [2])).toBe(4);
    expect(check_invariants(k)).toEqual([]);
  });
  it.each(levels)('everything, for a user with CAP_SYS_ADMIN (%s)', level => {
    const { k, caller, task } = prepare(level, STRANGER);
    caller.cap_effective = ADMIN;
    expect(migrate(k, caller, task, [1], [2])).toBe(4);
    expect(check_invariants(k)).toEqual([]);
  });
});

describe('does not help', () => {
  it.each([
    ['CAP_KILL, which is what lets one send signals', capability(CAP_KILL)],
    ['CAP_SYS_NICE, which is what mainline asks for', capability(CAP_SYS_NICE)],
    ['every capability but CAP_SYS_ADMIN', CAP_FULL_SET & ~ADMIN],
  ])('%s', (_what, caps) => {
    for (const level of levels) {
      const { k, caller, task } = prepare(level, STRANGER);
      caller.cap_effective = caps;
      expect(migrate(k, caller, task, [1], [2])).toBe(level === 'before' ? 4 : -EPERM);
      expect(check_invariants(k)).toEqual([]);
    }
  });
  it('to be root without CAP_SYS_ADMIN', () => {
    for (const level of levels) {
      const { k, caller, task } = prepare(level, 0);
      caller.cap_effective = 0;
      expect(migrate(k, caller, task, [1], [2])).toBe(level === 'before' ? 4 : -EPERM);
      expect(check_invariants(k)).toEqual([]);
    }
  });
  it('to be in the same session, though SIGCONT may be sent in it', () => {
    const { k, caller, task } = prepare('after', STRANGER);
    caller.session = task.session;
    expect(syscall(k, caller, 'kill', task.pid, SIGCONT)).toBe(0);
    expect(migrate(k, caller, task, [1], [2])).toBe(-EPERM);
    expect(check_invariants(k)).toEqual([]);
  });
  it('to be its parent', () => {
    const { k, caller } = prepare('after', 0);
    const child = spawn(k, { comm: 'child', uid: OWNER, parent: caller });
    become(k, caller, STRANGER, STRANGER, STRANGER);
    expect(migrate(k, caller, child, [1], [2])).toBe(-EPERM);
    expect(check_invariants(k)).toEqual([]);
  });
  it('to be of the same group', () => {
    const { k, caller, task } = prepare('after', STRANGER);
    expect([caller.gid, caller.egid]).toEqual([task.gid, task.egid]);
    expect(migrate(k, caller, task, [1], [2])).toBe(-EPERM);
    expect(check_invariants(k)).toEqual([]);
  });
});

describe('the text says: who could send it an arbitrary signal', () => {
  it('CAP_KILL is the difference: it may kill, and not migrate', () => {
    const { k, caller, task } = prepare('after', STRANGER);
    caller.cap_effective = capability(CAP_KILL);
    expect(migrate(k, caller, task, [1], [2])).toBe(-EPERM);
    expect(syscall(k, caller, 'kill', task.pid, SIGTERM)).toBe(0);
    expect(check_invariants(k)).toEqual([]);
  });
  it('CAP_SYS_ADMIN is the other: it may migrate, and not kill', () => {
    const { k, caller, task } = prepare('after', STRANGER);
    caller.cap_effective = ADMIN;
    expect(syscall(k, caller, 'kill', task.pid, SIGTERM)).toBe(-EPERM);
    expect(migrate(k, caller, task, [1], [2])).toBe(4);
    expect(check_invariants(k)).toEqual([]);
  });
});

describe('a program that runs as somebody else', () => {
  /** What execve() of a set-user-id program leaves: the real id stays, the effective and the saved one are the owner's of the file. */
  const runAs = (task: Task, uid: number): void => {
    task.euid = task.suid = task.fsuid = uid;
  };
  it('set-user-id root may be migrated by who started it: the real user id is looked at', () => {
    const { k, caller, task } = prepare('after', OWNER);
    runAs(task, 0);
    expect(migrate(k, caller, task, [1], [2])).toBe(4);
    expect(check_invariants(k)).toEqual([]);
  });
  it('may be migrated by the owner of the file, too: the saved user id is looked at', () => {
    const { k, caller, task } = prepare('after', STRANGER);
    runAs(task, STRANGER);
    expect(migrate(k, caller, task, [1], [2])).toBe(4);
    expect(check_invariants(k)).toEqual([]);
  });
  it('that has given the saved id up may be migrated by who started it alone: the effective user id is not looked at', () => {
    const { k, caller, task } = prepare('after', STRANGER);
    runAs(task, STRANGER);
    become(k, task, -1, -1, OWNER);
    expect([task.uid, task.euid, task.suid]).toEqual([OWNER, STRANGER, OWNER]);
    expect(migrate(k, caller, task, [1], [2])).toBe(-EPERM);
    expect(migrate(k, spawn(k, { uid: OWNER }), task, [1], [2])).toBe(4);
    expect(check_invariants(k)).toEqual([]);
  });
  it('may migrate the processes of both, as caller', () => {
    const { k, caller, task } = prepare('after', STRANGER);
    runAs(caller, OWNER);
    expect(migrate(k, caller, task, [1], [2])).toBe(4);
    expect(migrate(k, caller, spawn(k, { uid: STRANGER }), [1], [2])).toBe(0);
    expect(check_invariants(k)).toEqual([]);
  });
  it('that has only kept the saved id may not, as caller: that of the caller is not looked at', () => {
    const { k, caller, task } = prepare('after', STRANGER);
    runAs(caller, OWNER);
    become(k, caller, -1, STRANGER, -1);
    expect([caller.uid, caller.euid, caller.suid]).toEqual([STRANGER, STRANGER, OWNER]);
    expect(migrate(k, caller, task, [1], [2])).toBe(-EPERM);
    become(k, caller, -1, OWNER, -1);
    expect(migrate(k, caller, task, [1], [2])).toBe(4);
    expect(check_invariants(k)).toEqual([]);
  });
  it('of root that has dropped its effective id has no CAP_SYS_ADMIN left to use', () => {
    const { k, caller, task } = prepare('after', 0);
    become(k, caller, -1, STRANGER, -1);
    expect(migrate(k, caller, task, [1], [2])).toBe(-EPERM);
    become(k, caller, -1, 0, -1);
    expect(migrate(k, caller, task, [1], [2])).toBe(4);
    expect(check_invariants(k)).toEqual([]);
  });
});

describe('a process without memory', () => {
  it.each(levels)('a kernel thread is EPERM for a user; before, EINVAL (%s)', level => {
    const { k, caller } = prepare(level, STRANGER);
    const kthread = k.m.kthreads[0]!.task;
    expect(kthread.mm).toBeNull();
    expect(migrate(k, caller, kthread, [1], [2])).toBe(level === 'before' ? -EINVAL : -EPERM);
    expect(check_invariants(k)).toEqual([]);
  });
  it.each(levels)('a kernel thread is EINVAL for root (%s)', level => {
    const { k, caller } = prepare(level, 0);
    expect(migrate(k, caller, k.m.kthreads[0]!.task, [1], [2])).toBe(-EINVAL);
    expect(check_invariants(k)).toEqual([]);
  });
  it.each(levels)('a zombie is EPERM for a stranger, EINVAL for its user; before, EINVAL for all (%s)', level => {
    const { k, caller, task } = prepare(level, STRANGER);
    const dead = zombie(k, task);
    expect(migrate(k, caller, dead, [1], [2])).toBe(level === 'before' ? -EINVAL : -EPERM);
    expect(migrate(k, task, dead, [1], [2])).toBe(-EINVAL);
    expect(check_invariants(k)).toEqual([]);
  });
  it.each(levels)('one that does not exist is ESRCH for everybody, as is pid 0 (%s)', level => {
    const { k, caller } = prepare(level, STRANGER);
    expect([9999, 0].map(pid => syscall(k, caller, 1279, pid, 1, Uint32Array.of(1), Uint32Array.of(2)))).toEqual([-ESRCH, -ESRCH]);
    expect(check_invariants(k)).toEqual([]);
  });
});

describe('memory that processes of two users share', () => {
  it.each(levels)('moves with whichever of them one may migrate: the process is asked for, not the page (%s)', level => {
    const { k, caller, task } = prepare(level, STRANGER);
    const { id, address } = attachSegment(k, task, 2);
    must(k, task, 'shmdt', address);
    const theirs = must(k, task, 'shmat', id, 0, 0);
    touch(k, task, theirs, 2, 'write');
    const own = must(k, caller, 'shmat', id, 0, 0);
    touch(k, caller, own, 2, 'read');
    expect(page_mapcount(k.m.mem_map, residentPage(k.m, caller, own))).toBe(2);
    expect(migrate(k, caller, caller, [1], [2])).toBe(2);
    expect(nodesOf(k.m, task, theirs, 2)).toEqual([2, 2]);
    expect(check_invariants(k)).toEqual([]);
  });
});
