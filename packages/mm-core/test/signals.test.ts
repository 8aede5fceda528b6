import { beforeEach, describe, expect, it } from 'vitest';
import { IA64_ISR_R } from '../src/include/asm-ia64/kregs.js';
import { EINVAL, EPERM, ESRCH } from '../src/include/linux/errno.js';
import { CAP_KILL, SIGBUS, SIGCHLD, SIGCONT, SIGHUP, SIGINT, SIGKILL, SIGSEGV, SIGSTOP, SIGTERM, SIGTSTP, SIGUSR1 } from '../src/include/linux/sched.js';
import { NULL_PAGE } from '../src/include/linux/types.js';
import { load, newPath, NO_RESULT, runKernel, settle, spawn, stepPath, store, syscall, syscallOutcome, touch, type Kernel, type Task } from '../src/index.js';
import { bootSpace, clone, consistent, from, k, map, mapFile, newFile, s, task, THREAD, useSpace } from './memory.js';

const SIGURG = 23;
const SIGWINCH = 28;
let root: Task;
beforeEach(() => {
  const space = bootSpace();
  root = space.task;
  useSpace(from(space, spawn(space.k, { comm: 'job', uid: 1000 })));
});
const kill = (pid: number, sig: number, by: Task = root): number => syscall(k, by, 'kill', pid, sig);

describe('who may send a signal', () => {
  /** real, effective and saved user id */
  const as = (of: Task, [uid, euid, suid]: readonly [number, number, number]): Task => Object.assign(of, { uid, euid, suid });

  it.each([
    ['the same user', [1, 1, 1], [1, 1, 1], true],
    ['another user', [2, 2, 2], [1, 1, 1], false],
    ['who runs as the user the target really is', [2, 1, 2], [1, 3, 3], true],
    ['who runs as the user the target can become again', [2, 1, 2], [3, 3, 1], true],
    ['who really is the user the target really is', [1, 2, 2], [1, 3, 3], true],
    ['who really is the user the target can become again', [1, 2, 2], [3, 3, 1], true],
    ['who only could become that user', [2, 2, 1], [1, 1, 1], false],
    ['who is the user that the target only runs as', [1, 1, 1], [2, 1, 2], false],
  ] as const)('%s', (_what, sender, target, allowed) => {
    const other = as(spawn(k, { uid: 9 }), sender);
    as(task, target);
    expect(kill(task.pid, 0, other)).toBe(allowed ? 0 : -EPERM);
    expect(kill(task.pid, SIGTERM, other)).toBe(allowed ? 0 : -EPERM);
    expect(task.state).toBe(allowed ? 'Z' : 'R');
  });
  it('CAP_KILL, whoever has it', () => {
    const other = spawn(k, { uid: 7 });
    expect(kill(task.pid, SIGTERM, other)).toBe(-EPERM);
    other.cap_effective = 1 << CAP_KILL;
    expect(kill(task.pid, SIGTERM, other)).toBe(0);
  });
  it('anybody in the session, if it is SIGCONT', () => {
    const other = spawn(k, { uid: 7 });
    kill(task.pid, SIGSTOP);
    expect(kill(task.pid, SIGCONT, other)).toBe(-EPERM);
    other.session = task.session;
    expect([kill(task.pid, SIGTERM, other), kill(task.pid, SIGCONT, other), task.state]).toEqual([-EPERM, 0, 'R']);
  });
  it('nobody, if there is no such signal or process', () => {
    expect([kill(task.pid, 65), kill(task.pid, -1), kill(task.pid, 64), kill(4321, SIGTERM)]).toEqual([-EINVAL, -EINVAL, 0, -ESRCH]);
  });
});

describe('what a signal does', () => {
  it.each([[SIGHUP], [SIGINT], [SIGKILL], [SIGUSR1], [SIGSEGV], [SIGBUS], [SIGTERM], [33]])('%d ends the process, which says so to its parent', sig => {
    const child = clone(SIGCHLD);
    kill(child.pid, sig);
    expect([child.state, child.mm]).toEqual(['Z', null]);
    const status = { value: 0 };
    expect([syscall(k, task, 'wait4', -1, status, 0), status.value]).toEqual([child.pid, sig]);
    consistent();
  });
  it.each([[SIGCHLD], [SIGCONT], [SIGURG], [SIGWINCH]])('%d does nothing and leaves no trace', sig => {
    kill(task.pid, sig);
    expect([task.state, task.pending.size, k.m.sigpending.size]).toEqual(['R', 0, 0]);
  });
  it.each([[SIGSTOP], [SIGTSTP], [21], [22]])('%d stops the process: it makes no call and touches no memory until it is continued', sig => {
    const at = map(s, 1);
    const token = store(k, task, at);
    kill(task.pid, sig);
    expect([task.state, task.exit_code]).toEqual(['T', sig]);
    expect(() => load(k, task, at)).toThrow(/not running \(state T\)/);
    expect(() => syscall(k, task, 'getpid')).toThrow(/not running \(state T\)/);
    kill(task.pid, SIGCONT);
    expect([task.state, task.exit_code, load(k, task, at)]).toEqual(['R', 0, token]);
  });
  it('SIGKILL ends a stopped process; SIGTERM waits until it is continued', () => {
    const other = spawn(k);
    for (const each of [task, other]) kill(each.pid, SIGSTOP);
    kill(task.pid, SIGTERM);
    expect(task.state).toBe('T');
    kill(task.pid, SIGCONT);
    kill(other.pid, SIGKILL);
    expect([task.state, task.exit_code, other.state, other.exit_code]).toEqual(['Z', SIGTERM, 'Z', SIGKILL]);
    consistent();
  });
  it('SIGCONT takes back a stop that has not been acted upon; a later stop takes effect', () => {
    const at = mapFile(s, newFile(s, '/data/file', 1));
    const path = newPath(task, k.ia64_do_page_fault(at, IA64_ISR_R));
    stepPath(k, path);
    kill(task.pid, SIGSTOP);
    expect([task.state, task.pending.has(SIGSTOP)]).toEqual(['S', true]);
    kill(task.pid, SIGCONT);
    settle(k);
    expect([task.state, path.state]).toEqual(['R', 'returned']);
    consistent();
  });
  it('the lowest number is acted upon first', () => {
    const at = mapFile(s, newFile(s, '/data/file', 1));
    stepPath(k, newPath(task, k.ia64_do_page_fault(at, IA64_ISR_R)));
    kill(task.pid, SIGSTOP);
    kill(task.pid, SIGSEGV);
    settle(k);
    expect([task.state, task.exit_code]).toEqual(['Z', SIGSEGV]);
  });
  it('a process that was told to end ends with the signal that came first', () => {
    const at = mapFile(s, newFile(s, '/data/file', 1));
    stepPath(k, newPath(task, k.ia64_do_page_fault(at, IA64_ISR_R)));
    kill(task.pid, SIGTERM);
    kill(task.pid, SIGINT);
    settle(k);
    expect(task.exit_code).toBe(SIGTERM);
  });
  it.each([
    ['SIGKILL after another', SIGTERM, SIGKILL],
    ['another after one that would dump core, which begins only when it is acted upon', SIGSEGV, SIGTERM],
  ])('%s is what counts', (_what, first, second) => {
    const at = mapFile(s, newFile(s, '/data/file', 1));
    stepPath(k, newPath(task, k.ia64_do_page_fault(at, IA64_ISR_R)));
    kill(task.pid, first);
    kill(task.pid, second);
    settle(k);
    expect(task.exit_code).toBe(second);
  });
});

describe('a task that sleeps in the kernel', () => {
  it('for the disk acts on no signal before it is back in user mode', () => {
    const at = mapFile(s, newFile(s, '/data/file', 1));
    const path = newPath(task, k.ia64_do_page_fault(at, IA64_ISR_R));
    stepPath(k, path);
    kill(task.pid, SIGKILL);
    expect([task.state, k.m.sigpending.has(task)]).toEqual(['S', true]);
    settle(k);
    expect([task.state, task.exit_code, path.state]).toEqual(['Z', SIGKILL, 'returned']);
    consistent();
  });
  it('for a child gives its call up, stops, and goes on', () => {
    clone(SIGCHLD);
    syscallOutcome(k, task, 'wait4', -1, null, 0);
    kill(task.pid, SIGSTOP);
    expect(task.state).toBe('T');
    kill(task.pid, SIGCONT);
    expect(syscall(k, task, 'getpid')).toBe(task.pid);
  });
});

describe('init', () => {
  it('takes no signal: not to end, not to stop', () => {
    for (const sig of [SIGKILL, SIGTERM, SIGSTOP, SIGSEGV]) expect(kill(1, sig)).toBe(0);
    expect(k.m.tasks.get(1)).toMatchObject({ state: 'R', exit_code: 0 });
    expect(k.m.panicked).toBe(false);
  });
  it('does not even die of a fault of its own: it faults again, for ever', () => {
    const init = k.m.tasks.get(1)!;
    init.mm = k.mm_alloc();
    runKernel(k, init, k.mm_init(init.mm));
    expect(load(k, init, 0x2000_0000_0000_0000)).toBe(NO_RESULT);
    expect([init.state, k.m.panicked]).toEqual(['H', false]);
  });
});

it('kernel threads block every signal', () => {
  const { task: kswapd } = k.m.kthreads.at(-1)!;
  for (const sig of [SIGKILL, SIGSTOP]) expect(kill(kswapd.pid, sig)).toBe(0);
  settle(k);
  expect([kswapd.state, k.m.sigpending.size]).toEqual(['R', 0]);
});

describe('kill() of several', () => {
  it('a group: everybody in it, success if one could be reached', () => {
    const [a, b] = [spawn(k, { uid: 1000, parent: task }), spawn(k, { uid: 2000, parent: task })];
    const outsider = spawn(k, { uid: 1000 });
    expect(kill(-task.session, SIGTERM, outsider)).toBe(0);
    expect([task.state, a.state, b.state, outsider.state]).toEqual(['Z', 'Z', 'R', 'R']);
    expect(kill(-b.session, SIGTERM, outsider)).toBe(0); // the zombies are still members
    expect(kill(-b.session, SIGTERM, spawn(k, { uid: 3000 }))).toBe(-EPERM);
    expect(kill(-9999, SIGTERM)).toBe(-ESRCH);
  });
  it('0: the own group, oneself included', () => {
    const child = clone(SIGCHLD);
    const outsider = spawn(k);
    expect(kill(0, SIGSTOP, task)).toBe(0);
    expect([task.state, child.state, outsider.state]).toEqual(['T', 'T', 'R']);
  });
  it('-1: every process but init and the caller\'s own', () => {
    const outsider = spawn(k, { uid: 2000 });
    const thread = clone(THREAD);
    expect(kill(-1, SIGTERM, task)).toBe(0);
    expect([task.state, thread.state, outsider.state, k.m.tasks.get(1)!.state]).toEqual(['R', 'R', 'R', 'R']);
    expect(kill(-1, SIGTERM)).toBe(0);
    expect([task.state, thread.state, outsider.state, root.state, k.m.tasks.get(1)!.state]).toEqual(['Z', 'X', 'Z', 'R', 'R']);
    consistent();
  });
});

describe('a process of several threads', () => {
  let threads: Task[];
  beforeEach(() => {
    threads = [task, clone(THREAD), clone(THREAD)];
  });
  const states = (): string => threads.map(each => each.state).join('');

  it('is stopped and continued as a whole, whichever thread is named', () => {
    const at = map(s, 1);
    kill(threads[1]!.pid, SIGSTOP);
    expect(states()).toBe('TTT');
    kill(task.pid, SIGCONT);
    expect([states(), touch(k, threads[2]!, at, 1, 'write')]).toEqual(['RRR', 1]);
    consistent();
  });
  it('is not quite stopped while one of them sleeps in the kernel', () => {
    const at = mapFile(s, newFile(s, '/data/file', 1));
    stepPath(k, newPath(threads[1]!, k.ia64_do_page_fault(at, IA64_ISR_R)));
    kill(task.pid, SIGSTOP);
    expect([states(), task.signal.group_stop_count]).toEqual(['TST', 1]);
    settle(k);
    expect([states(), task.signal.group_stop_count]).toEqual(['TTT', 0]);
    kill(task.pid, SIGCONT);
    expect(states()).toBe('RRR');
  });
  it('continued before all have stopped does not stop the rest', () => {
    const at = mapFile(s, newFile(s, '/data/file', 1));
    stepPath(k, newPath(threads[1]!, k.ia64_do_page_fault(at, IA64_ISR_R)));
    kill(task.pid, SIGSTOP);
    kill(task.pid, SIGCONT);
    settle(k);
    expect(states()).toBe('RRR');
  });
  it.each([[SIGTERM], [SIGKILL], [SIGSEGV]])('is ended as a whole by %d, stopped or not', sig => {
    kill(task.pid, sig);
    expect(states()).toBe('ZXX');
    const status = { value: 0 };
    expect([syscall(k, k.m.init_task, 'wait4', task.pid, status, 0), status.value]).toEqual([task.pid, sig]);
    consistent();
  });
  it('is ended by SIGKILL when it is stopped', () => {
    kill(task.pid, SIGSTOP);
    kill(task.pid, SIGKILL);
    expect(states()).toBe('ZXX');
  });
  it('dies of the fault of one thread', () => {
    expect(load(k, threads[2]!, 0x2000_0000_0000_0000)).toBe(NO_RESULT);
    expect([states(), task.signal.group_exit_code]).toEqual(['ZXX', SIGSEGV]);
    consistent();
  });
  it('loses only the thread that the kernel kills for want of memory', () => {
    const at = map(s, 1);
    const broken: Kernel = { ...k, *alloc_page_vma() { yield* []; return NULL_PAGE; } };
    expect(store(broken, threads[1]!, at)).toBe(NO_RESULT);
    expect(states()).toBe('RXR');
    consistent();
  });
  it('whose first thread has exited can still be signalled by its pid', () => {
    syscall(k, task, 'exit', 0);
    kill(task.pid, SIGSTOP);
    expect(states()).toBe('ZTT');
    kill(task.pid, SIGKILL);
    expect(states()).toBe('ZXX');
    consistent();
  });
  it('whose first thread has exited is continued by the pid of another thread only', () => {
    syscall(k, task, 'exit', 0);
    kill(task.pid, SIGSTOP);
    kill(task.pid, SIGCONT);
    expect(states()).toBe('ZTT');
    kill(threads[1]!.pid, SIGCONT);
    expect(states()).toBe('ZRR');
  });
  it('that is dead has ended as it has, whatever is sent to it before its parent asks', () => {
    syscall(k, task, 'exit', 0);
    syscall(k, threads[1]!, 'exit_group', 3);
    for (const sig of [SIGKILL, SIGCONT]) expect(kill(task.pid, sig)).toBe(0);
    const status = { value: 0 };
    expect([syscall(k, k.m.init_task, 'wait4', task.pid, status, 0), status.value]).toEqual([task.pid, 3 << 8]);
  });
  it('gives a new thread no way out of a stop', () => {
    const path = newPath(task, k.sys_clone(THREAD));
    task.signal.group_stop_count = 1;
    stepPath(k, path);
    const thread = k.m.tasks.get(path.value as number)!;
    expect([task.signal.group_stop_count, k.m.sigpending.has(thread)]).toEqual([2, true]);
  });
});
