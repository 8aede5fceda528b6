import { beforeEach, describe, expect, it } from 'vitest';
import { ECHILD, EFAULT, EINVAL } from '../src/include/linux/errno.js';
import { BAD_POINTER } from '../src/include/linux/misc.js';
import { MPOL_INTERLEAVE } from '../src/include/linux/mempolicy.js';
import { nodemask_of } from '../src/include/linux/nodemask.js';
import { __WALL, __WCLONE, __WNOTHREAD, CLONE_VM, PF_DEAD, PF_EXITING, SIGCHLD, SIGKILL, SIGUSR1, WNOHANG, WUNTRACED } from '../src/include/linux/sched.js';
import { spin_lock } from '../src/include/linux/spinlock.js';
import { load, NO_RESULT, runKernel, spawn, store, syscall, syscallOutcome, touch, type Task } from '../src/index.js';
import { asTask, bootSpace, call, clone, consistent, forkOf, from, k, map, mapFile, newFile, open, s, task, THREAD, useSpace } from './memory.js';

beforeEach(() => useSpace(bootSpace()));
const exit = (of: Task, code = 0): number => syscall(k, of, 'exit', code);
const wait4 = (pid: number, options = 0, of: Task = task): [pid: number, status: number] => {
  const status = { value: -1 };
  return [syscall(k, of, 'wait4', pid, status, options), status.value];
};
const exists = (of: Task): boolean => k.m.tasks.get(of.pid) === of;

describe('exit()', () => {
  it('gives memory, files, policy and cpuset back and leaves a zombie', () => {
    const child = forkOf();
    const c = from(s, child);
    touch(k, child, map(c, 10), 10, 'write');
    store(k, child, mapFile(c, newFile(s, '/data/file', 1)));
    const inode = k.path_lookup('/data/file')!;
    open(c, '/data/file');
    syscall(k, child, 'set_mempolicy', MPOL_INTERLEAVE, nodemask_of(0, 1), 257);
    const tasks = k.m.top_cpuset.count;
    expect(exit(child, 3)).toBe(NO_RESULT);
    expect(child).toMatchObject({ state: 'Z', mm: null, mempolicy: null, exit_code: 3 << 8 });
    expect(child.flags & (PF_EXITING | PF_DEAD)).toBe(PF_EXITING | PF_DEAD);
    expect([inode.i_count, child.files.size, tasks - k.m.top_cpuset.count]).toEqual([0, 0, 1]);
    consistent();
  });
  it('keeps of the status what fits into eight bits', () => {
    const child = forkOf();
    exit(child, 0x1ff);
    expect(wait4(child.pid)).toEqual([child.pid, 0xff00]);
  });
  it('in a task that shares its memory leaves the memory alone', () => {
    const other = clone(CLONE_VM | SIGCHLD);
    const at = map(s, 1);
    const token = store(k, task, at);
    exit(other);
    expect([load(k, task, at), task.mm!.mm_users]).toEqual([token, 1]);
    consistent();
  });
  it('of init is a panic, and so is that of the swapper', () => {
    expect(syscallOutcome(k, k.m.tasks.get(1)!, 'exit', 0).kind).toBe('locked-up');
    expect([k.m.log.at(-1)!.text, k.m.panicked]).toEqual(['Kernel panic - not syncing: Attempted to kill init!', true]);
    expect(() => call(s, 'getpid')).toThrow(/panicked/);
    const { k: other } = bootSpace();
    expect(syscallOutcome(other, other.m.init_task, 'exit', 0).kind).toBe('locked-up');
    expect(other.m.log.at(-1)!.text).toBe('Kernel panic - not syncing: Attempted to kill the idle task!');
  });
  it('with a spinlock held says so', () => {
    expect(runKernel.bind(null, k, task, (function* () {
      spin_lock(k.m, k.m.swap_lock);
      k.do_exit(SIGKILL);
      yield* [];
      return 0;
    })())).toThrow(/died/);
    expect(k.m.log.map(line => line.text)).toContain(`note: test[${task.pid}] exited with preempt_count 1`);
  });
});

describe('children of a task that exits', () => {
  it('go to init, and from then on tell of their end like ordinary children', () => {
    const father = forkOf();
    const [living, dead] = [clone(SIGUSR1, father), forkOf(father)];
    exit(dead);
    exit(father);
    const init = k.m.tasks.get(1)!;
    expect([living.parent, dead.parent, living.exit_signal]).toEqual([init, init, SIGCHLD]);
    expect([init.children.has(living), father.children.size]).toEqual([true, 0]);
    expect(wait4(-1, 0, init)).toEqual([dead.pid, 0]);
    consistent();
  });
  it('go to another thread of the same process, if there is one', () => {
    const thread = clone(THREAD);
    const child = forkOf();
    exit(task);
    expect(child.parent).toBe(thread);
    exit(child, 1);
    expect(wait4(-1, 0, thread)).toEqual([child.pid, 1 << 8]);
  });
});

describe('wait4()', () => {
  it('takes a zombie off the table, with what it has to say', () => {
    const child = forkOf();
    exit(child, 5);
    expect(wait4(-1)).toEqual([child.pid, 5 << 8]);
    expect([exists(child), child.state, task.children.size]).toEqual([false, 'X', 0]);
    expect(wait4(-1)).toEqual([-ECHILD, -1]);
  });
  it('waits for a child to die', () => {
    const child = forkOf();
    expect(syscallOutcome(k, task, 'wait4', -1, null, 0)).toMatchObject({ kind: 'blocked', deadlock: false });
    expect(task.state).toBe('S');
    exit(child);
    expect([task.state, exists(child), k.m.paths.has(task)]).toEqual(['R', false, false]);
  });
  it('is given up when the caller is killed meanwhile', () => {
    forkOf();
    syscallOutcome(k, task, 'wait4', -1, null, 0);
    syscall(k, k.m.init_task, 'kill', task.pid, SIGKILL);
    expect([task.state, task.exit_code]).toEqual(['Z', SIGKILL]);
    consistent();
  });
  it('with WNOHANG does not wait', () => {
    const child = forkOf();
    expect(wait4(-1, WNOHANG)).toEqual([0, -1]);
    exit(child);
    expect(wait4(-1, WNOHANG)).toEqual([child.pid, 0]);
  });
  it('waits for one child, for a group, or for any', () => {
    const [a, b] = [forkOf(), forkOf()];
    b.session = 77;
    exit(a, 1);
    exit(b, 2);
    expect(wait4(-78)).toEqual([-ECHILD, -1]);
    expect(wait4(-77)).toEqual([b.pid, 2 << 8]);
    expect(wait4(b.pid)).toEqual([-ECHILD, -1]);
    expect(wait4(0)).toEqual([a.pid, 1 << 8]);
  });
  it('leaves the zombie where it is when the status cannot be stored', () => {
    const child = forkOf();
    exit(child);
    expect(syscall(k, task, 'wait4', -1, BAD_POINTER, 0)).toBe(-EFAULT);
    expect(wait4(-1)).toEqual([child.pid, 0]);
  });
  it('refuses options it does not know, and takes WUNTRACED', () => {
    const child = forkOf();
    expect(wait4(-1, 0x100)).toEqual([-EINVAL, -1]);
    exit(child);
    expect(wait4(-1, WUNTRACED)).toEqual([child.pid, 0]);
  });
  it('passes over children that tell of their end by another signal, unless it is asked for those or for all', () => {
    const [a, b] = [clone(SIGUSR1), clone(0)];
    task.pending.clear();
    exit(b, 2);
    expect(wait4(-1)).toEqual([-ECHILD, -1]);
    expect(wait4(-1, __WCLONE)).toEqual([b.pid, 2 << 8]);
    const child = forkOf();
    exit(child);
    expect(wait4(-1, __WCLONE | WNOHANG)).toEqual([0, -1]);
    expect(wait4(-1, __WALL)).toEqual([child.pid, 0]);
    expect(exists(a)).toBe(true);
  });
  it('finds the children of the other threads of the process, unless it is told not to', () => {
    const thread = clone(THREAD);
    const child = forkOf();
    expect(wait4(-1, __WNOTHREAD | WNOHANG, thread)).toEqual([-ECHILD, -1]);
    expect(syscallOutcome(k, thread, 'wait4', -1, null, 0).kind).toBe('blocked');
    exit(child);
    expect([exists(child), thread.state]).toEqual([false, 'R']);
  });
});

describe('threads', () => {
  it('that exit are gone at once; nobody waits for them', () => {
    const thread = clone(THREAD);
    exit(thread);
    expect([exists(thread), thread.state, task.signal.count, task.signal.live]).toEqual([false, 'X', 1, 1]);
    expect(wait4(-1)).toEqual([-ECHILD, -1]);
    consistent();
  });
  it('keep the process alive when the first one exits: the parent hears of it after the last', () => {
    const leader = forkOf();
    const thread = clone(THREAD, leader);
    exit(leader, 4);
    expect(wait4(leader.pid, WNOHANG)).toEqual([0, -1]);
    expect(syscallOutcome(k, task, 'wait4', leader.pid, null, 0).kind).toBe('blocked');
    exit(thread, 9);
    expect([exists(leader), task.state]).toEqual([false, 'R']);
    consistent();
  });
  it('all end with exit_group(), whoever calls it, and the process with its status', () => {
    const leader = forkOf();
    const [a, b] = [clone(THREAD, leader), clone(THREAD, leader)];
    expect(syscall(k, b, 'exit_group', 6)).toBe(NO_RESULT);
    expect([leader.state, a.state, b.state]).toEqual(['Z', 'X', 'X']);
    expect(wait4(leader.pid)).toEqual([leader.pid, 6 << 8]);
    consistent();
  });
  it('ended by exit_group() when the first one was gone already are what the parent hears of', () => {
    const leader = forkOf();
    const thread = clone(THREAD, leader);
    const other = clone(THREAD, leader);
    exit(leader, 4);
    syscall(k, thread, 'exit_group', 6);
    expect([other.state, wait4(leader.pid)]).toEqual(['X', [leader.pid, 6 << 8]]);
  });
  it('cannot be made any more once that has begun', () => {
    const thread = clone(THREAD);
    const path = k.sys_clone(THREAD);
    asTask(s, () => k.zap_other_threads(task));
    expect(runKernel(k, task, path)).toBe(-11);
    expect(thread.state).toBe('X');
  });
});

it('a dead task is no longer a cause of signals, and its pid is nobody\'s', () => {
  const child = forkOf();
  exit(child);
  expect(call(s, 'kill', child.pid, SIGKILL)).toBe(0);
  expect(child.pending.size).toBe(0);
  wait4(child.pid);
  expect(call(s, 'kill', child.pid, 0)).toBe(-3);
  expect(spawn(k).pid).toBeGreaterThan(child.pid);
});
