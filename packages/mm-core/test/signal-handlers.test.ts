import { beforeEach, describe, expect, it } from 'vitest';
import { IA64_ISR_R } from '../src/include/asm-ia64/kregs.js';
import { ECHILD, EFAULT, EINVAL } from '../src/include/linux/errno.js';
import { CLONE_SIGHAND, CLONE_VM, SIGBUS, SIGCHLD, SIGCONT, SIGHUP, SIGINT, SIGKILL, SIGSEGV, SIGSTOP, SIGTERM, SIGUSR1, type Task } from '../src/include/linux/sched.js';
import { SA_NOCLDSTOP, SA_NOCLDWAIT, SA_ONESHOT, SIG_DFL, SIG_IGN } from '../src/include/linux/signal.js';
import { BAD_POINTER, DRIVER_HANDLER, enterSyscall, load, newPath, settle, spawn, stepPath, syscall, syscallOutcome, takeCaught, touch } from '../src/index.js';
import { stateHash } from '../src/testing.js';
import { bootSpace, clone, consistent, forkOf, from, k, map, mapFile, newFile, s, task, THREAD, useSpace } from './memory.js';

const SIGSET = 8;
let root: Task;
beforeEach(() => {
  const space = bootSpace();
  root = space.task;
  useSpace(from(space, spawn(space.k, { comm: 'job', uid: 1000 })));
});
const kill = (pid: number, sig: number): number => syscall(k, root, 'kill', pid, sig);
const sigaction = (sig: number, sa_handler: number, sa_flags = 0, of: Task = task): number => syscall(k, of, 'rt_sigaction', sig, { sa_handler, sa_flags }, null, SIGSET);
const actionOf = (sig: number, of: Task = task): { sa_handler: number; sa_flags: number } => {
  const old = { sa_handler: -1, sa_flags: -1 };
  expect(syscall(k, of, 1177, sig, null, old, SIGSET)).toBe(0);
  return old;
};
const catchIt = (sig: number, of: Task = task): number => sigaction(sig, DRIVER_HANDLER, 0, of);

describe('rt_sigaction()', () => {
  it('sets an action and gives the one before', () => {
    expect(actionOf(SIGTERM)).toEqual({ sa_handler: SIG_DFL, sa_flags: 0 });
    const old = { sa_handler: -1, sa_flags: -1 };
    expect(syscall(k, task, 'rt_sigaction', SIGTERM, { sa_handler: 4096, sa_flags: SA_ONESHOT }, null, SIGSET)).toBe(0);
    expect(syscall(k, task, 'rt_sigaction', SIGTERM, { sa_handler: SIG_IGN }, old, SIGSET)).toBe(0);
    expect([old, actionOf(SIGTERM)]).toEqual([{ sa_handler: 4096, sa_flags: SA_ONESHOT }, { sa_handler: SIG_IGN, sa_flags: 0 }]);
  });
  it.each([[SIGKILL], [SIGSTOP]])('leaves %d alone: it can be asked for, not changed', sig => {
    expect([catchIt(sig), sigaction(sig, SIG_IGN), sigaction(sig, SIG_DFL)]).toEqual([-EINVAL, -EINVAL, -EINVAL]);
    expect(actionOf(sig).sa_handler).toBe(SIG_DFL);
  });
  it.each([[0], [-1], [65]])('knows no signal %d', sig => {
    expect([catchIt(sig), syscall(k, task, 'rt_sigaction', sig, null, null, SIGSET)]).toEqual([-EINVAL, -EINVAL]);
  });
  it('takes 64 signals in a mask of 8 bytes, and pointers that can be followed', () => {
    expect(catchIt(64)).toBe(0);
    expect(syscall(k, task, 'rt_sigaction', SIGTERM, { sa_handler: SIG_IGN }, null, 4)).toBe(-EINVAL);
    expect(syscall(k, task, 'rt_sigaction', SIGTERM, BAD_POINTER, null, SIGSET)).toBe(-EFAULT);
    expect(actionOf(SIGTERM).sa_handler).toBe(SIG_DFL);
    expect(syscall(k, task, 'rt_sigaction', SIGTERM, { sa_handler: SIG_IGN }, BAD_POINTER, SIGSET)).toBe(-EFAULT);
    expect(actionOf(SIGTERM).sa_handler).toBe(SIG_IGN);
  });
});

describe('a signal that is ignored', () => {
  it.each([[SIGHUP], [SIGTERM], [SIGUSR1], [20], [33]])('%d does nothing and leaves no trace', sig => {
    sigaction(sig, SIG_IGN);
    expect([kill(task.pid, sig), task.state, task.pending.size, task.caught.size, k.m.sigpending.size]).toEqual([0, 'R', 0, 0, 0]);
    sigaction(sig, SIG_DFL);
    kill(task.pid, sig);
    expect(task.state).not.toBe('R');
  });
  it('cannot be the one of a fault of one\'s own: that is fatal all the same', () => {
    sigaction(SIGSEGV, SIG_IGN);
    load(k, task, 0x2000_0000_0000_0000);
    expect([task.state, task.exit_code]).toEqual(['Z', SIGSEGV]);
    consistent();
  });
  it('is dropped when it waits while the action changes', () => {
    kill(task.pid, SIGSTOP);
    kill(task.pid, SIGTERM);
    const sibling = spawn(k, { parent: root });
    sibling.sighand = task.sighand;
    sibling.signal = task.signal;
    task.signal.count++;
    sigaction(SIGTERM, SIG_IGN, 0, sibling);
    kill(task.pid, SIGCONT);
    expect([task.state, task.pending.size]).toEqual(['R', 0]);
  });
  it('SIGCONT continues a stopped process nevertheless', () => {
    sigaction(SIGCONT, SIG_IGN);
    kill(task.pid, SIGSTOP);
    kill(task.pid, SIGCONT);
    expect([task.state, task.caught.size]).toEqual(['R', 0]);
  });
});

describe('a signal that is caught', () => {
  it('is left for the handler, once, and the task lives on', () => {
    for (const sig of [SIGTERM, SIGINT, SIGUSR1]) catchIt(sig);
    for (const sig of [SIGUSR1, SIGTERM, SIGTERM, SIGINT]) kill(task.pid, sig);
    expect([task.state, takeCaught(task), takeCaught(task)]).toEqual(['R', [SIGUSR1, SIGTERM, SIGINT], []]);
    kill(task.pid, SIGTERM);
    expect([task.state, takeCaught(task)]).toEqual(['R', [SIGTERM]]);
    consistent();
  });
  it('with SA_RESETHAND is caught once and has its default action the next time', () => {
    sigaction(SIGTERM, DRIVER_HANDLER, SA_ONESHOT);
    kill(task.pid, SIGTERM);
    expect([task.state, takeCaught(task), actionOf(SIGTERM).sa_handler]).toEqual(['R', [SIGTERM], SIG_DFL]);
    kill(task.pid, SIGTERM);
    expect(task.state).toBe('Z');
  });
  it('of those that do nothing by default is delivered too', () => {
    catchIt(SIGCHLD);
    kill(task.pid, SIGCHLD);
    expect(takeCaught(task)).toEqual([SIGCHLD]);
  });
  it.each([['nanosleep', { tv_sec: 5, tv_nsec: 0 }], ['wait4', -1]] as const)('ends %s() before its time', (name, argument) => {
    clone(SIGCHLD);
    catchIt(SIGUSR1);
    const path = newPath(task, enterSyscall(k, name, [argument]));
    stepPath(k, path);
    expect(path.state).toBe('running');
    kill(task.pid, SIGUSR1);
    expect([path.state, task.state, k.m.paths.has(task), takeCaught(task), k.m.now]).toEqual(['returned', 'R', false, [SIGUSR1], 0]);
  });
  it('waits while the process is stopped', () => {
    catchIt(SIGTERM);
    kill(task.pid, SIGSTOP);
    kill(task.pid, SIGTERM);
    expect([task.state, task.caught.size]).toEqual(['T', 0]);
    kill(task.pid, SIGCONT);
    expect([task.state, takeCaught(task)]).toEqual(['R', [SIGTERM]]);
  });
  it('SIGCONT continues the process and is handled then', () => {
    catchIt(SIGCONT);
    kill(task.pid, SIGSTOP);
    kill(task.pid, SIGCONT);
    expect([task.state, takeCaught(task)]).toEqual(['R', [SIGCONT]]);
  });
  it('SIGCONT that has not been acted upon is taken back by a stop', () => {
    catchIt(SIGCONT);
    const at = mapFile(s, newFile(s, '/data/file', 1));
    stepPath(k, newPath(task, k.ia64_do_page_fault(at, IA64_ISR_R)));
    kill(task.pid, SIGCONT);
    expect(task.pending.has(SIGCONT)).toBe(true);
    kill(task.pid, SIGSTOP);
    settle(k);
    expect([task.state, task.caught.size]).toEqual(['T', 0]);
  });
  it('of a fault ends the access, which would fault again, until the handler has been run', () => {
    for (const sig of [SIGSEGV, SIGBUS]) catchIt(sig);
    const at = map(s, 1);
    expect([touch(k, task, at, 3, 'write'), task.state, takeCaught(task)]).toEqual([1, 'R', [SIGSEGV]]);
    expect([touch(k, task, at, 1, 'read'), takeCaught(task)]).toEqual([1, []]);
  });
  it('does not keep SIGKILL from ending the process', () => {
    for (let sig = 1; sig <= 64; sig++) catchIt(sig);
    kill(task.pid, SIGTERM);
    kill(task.pid, SIGKILL);
    expect([task.state, task.exit_code]).toEqual(['Z', SIGKILL]);
    consistent();
  });
  it('is for one thread of the process, and the handler is that of all', () => {
    const threads = [task, clone(THREAD), clone(THREAD)];
    catchIt(SIGTERM, threads[2]);
    kill(threads[1]!.pid, SIGTERM);
    expect(threads.map(thread => [thread.state, takeCaught(thread)])).toEqual([['R', []], ['R', [SIGTERM]], ['R', []]]);
    consistent();
  });
});

describe('actions on signals', () => {
  beforeEach(() => {
    sigaction(SIGHUP, SIG_IGN, SA_NOCLDSTOP);
    catchIt(SIGTERM);
  });
  it('are copied by fork(): what one changes later is its own', () => {
    kill(task.pid, SIGTERM);
    const child = forkOf();
    expect([actionOf(SIGHUP, child).sa_handler, actionOf(SIGTERM, child).sa_handler, takeCaught(child)]).toEqual([SIG_IGN, DRIVER_HANDLER, []]);
    sigaction(SIGHUP, SIG_DFL, 0, child);
    catchIt(SIGINT);
    expect([actionOf(SIGHUP).sa_handler, actionOf(SIGINT, child).sa_handler]).toEqual([SIG_IGN, SIG_DFL]);
  });
  it('are shared with CLONE_SIGHAND, until one executes a program', () => {
    const other = clone(CLONE_VM | CLONE_SIGHAND | SIGCHLD);
    catchIt(SIGINT, other);
    expect([actionOf(SIGINT).sa_handler, task.sighand.count]).toEqual([DRIVER_HANDLER, 2]);
    k.de_thread(other);
    sigaction(SIGINT, SIG_DFL, 0, other);
    expect([actionOf(SIGINT).sa_handler, task.sighand.count, other.sighand.count]).toEqual([DRIVER_HANDLER, 1, 1]);
  });
  it('are the default ones in a new program, but what is ignored stays ignored', () => {
    kill(task.pid, SIGTERM);
    k.flush_signal_handlers(task, 0);
    expect([actionOf(SIGHUP), actionOf(SIGTERM), takeCaught(task)]).toEqual([{ sa_handler: SIG_IGN, sa_flags: 0 }, { sa_handler: SIG_DFL, sa_flags: 0 }, []]);
    k.flush_signal_handlers(task, 1);
    expect(actionOf(SIGHUP).sa_handler).toBe(SIG_DFL);
  });
  it('are part of the state of the machine', () => {
    const before = stateHash(k);
    catchIt(SIGINT);
    expect(stateHash(k)).not.toBe(before);
  });
});

describe('a parent', () => {
  const ended = (child: Task): Task => {
    syscall(k, child, 'exit_group', 3);
    return child;
  };
  it('that ignores SIGCHLD need not wait for its children: they leave no zombie, and wait4() comes back when none is left', () => {
    sigaction(SIGCHLD, SIG_IGN);
    const children = [forkOf(), forkOf()];
    expect(syscallOutcome(k, task, 'wait4', -1, null, 0).kind).toBe('blocked');
    const path = k.m.paths.get(task);
    for (const child of children) expect([ended(child).state, k.m.tasks.has(child.pid)]).toEqual(['X', false]);
    expect([path?.value, task.state]).toEqual([-ECHILD, 'R']);
    consistent();
  });
  it('with SA_NOCLDWAIT is told, and has no zombie either', () => {
    sigaction(SIGCHLD, DRIVER_HANDLER, SA_NOCLDWAIT);
    expect([ended(forkOf()).state, takeCaught(task)]).toEqual(['X', [SIGCHLD]]);
  });
  it('that handles SIGCHLD is told of the end, and still has to wait', () => {
    catchIt(SIGCHLD);
    const child = ended(forkOf());
    expect([child.state, takeCaught(task), syscall(k, task, 'wait4', -1, null, 0)]).toEqual(['Z', [SIGCHLD], child.pid]);
  });
  it('that ignores SIGCHLD gets rid of a process of threads with its last thread', () => {
    sigaction(SIGCHLD, SIG_IGN);
    const leader = forkOf();
    const thread = clone(THREAD, leader);
    syscall(k, leader, 'exit', 0);
    expect(leader.state).toBe('Z');
    syscall(k, thread, 'exit', 0);
    expect([leader.state, thread.state, k.m.tasks.has(leader.pid), task.children.size]).toEqual(['X', 'X', false, 0]);
    consistent();
  });
  it('is told when a child stops and when it goes on, unless it does not want that', () => {
    catchIt(SIGCHLD);
    const child = forkOf();
    kill(child.pid, SIGSTOP);
    expect(takeCaught(task)).toEqual([SIGCHLD]);
    kill(child.pid, SIGCONT);
    expect(takeCaught(task)).toEqual([SIGCHLD]);
    kill(child.pid, SIGCONT);
    expect(takeCaught(task)).toEqual([]);
    sigaction(SIGCHLD, DRIVER_HANDLER, SA_NOCLDSTOP);
    kill(child.pid, SIGSTOP);
    expect([child.state, takeCaught(task)]).toEqual(['T', []]);
  });
  it('is told of a process of threads once, when all of them have stopped', () => {
    const leader = forkOf();
    clone(THREAD, leader);
    catchIt(SIGCHLD);
    kill(leader.pid, SIGSTOP);
    expect([takeCaught(task), leader.signal.group_stop_count]).toEqual([[SIGCHLD], 0]);
  });
});
