/**
 * Who of the console's processes runs when.
 *
 * Programs are async functions, but only one runs at a time: the one that has not called wait(). Who calls it gives the CPU up; the first in
 * line that can go on gets it, and when nobody can, kernel threads and sleepers in the kernel do, and then simulated time moves to the next thing that is
 * due. So the same commands give the same order of events, on every host.
 *
 * Time passes only while somebody waits: at the prompt the machine stands still.
 */
import {
  advanceTime, enterSyscall, NO_RESULT, newPath, returnToUser, runWoken, stepOthers, stepPath, type KernelPath, type MaySleep, type Task,
} from '@pmkit/mm-core';
import { EINTR } from '@pmkit/mm-core/include/linux/errno';
import type { AnyKernel } from '@pmkit/series/levels';
import { isGone, Killed, Stuck } from './killed.js';

/** Whoever can wait: a process, or a shell. */
export interface Runner { readonly task: Task }

/** Who watches the system calls of the console's processes. Must not throw. */
export interface SyscallObserver {
  /** Before anything of the call has run. */
  entered(task: Task, call: number | string, args: readonly unknown[]): void;
  /** Its result: a negative errno, -EINTR for one that a signal ended, NO_RESULT when the task did not come back. */
  left(task: Task, result: number): void;
}

interface Waiter {
  readonly runner: Runner;
  /** Simulated ms at which it can go on; Infinity when it waits for something else. */
  readonly due: number;
  readonly ready: (() => boolean) | null;
  readonly go: () => void;
  readonly fail: (reason: Error) => void;
}

/** After so many waits the host's event loop goes round once. */
const TURNS_IN_A_ROW = 256;


export class Scheduler {
  readonly #kernel: () => AnyKernel;
  /** In the order in which they began to wait. */
  readonly #waiters: Waiter[] = [];
  #turns = 0;
  readonly observers = new Set<SyscallObserver>();
  /** Asked before each system call of the processes: it begins when the promise is kept. Who keeps it waiting stops the machine there; nothing happens and no time passes meanwhile. */
  gate: ((task: Task) => Promise<void>) | null = null;

  constructor(kernel: () => AnyKernel) {
    this.#kernel = kernel;
  }

  /** Gives the CPU up until `ready`, or until simulated time `due`. @throws {Killed} when the task is gone by then; {Stuck} when it can never go on. */
  wait(runner: Runner, due: number, ready: (() => boolean) | null = null): Promise<void> {
    return new Promise((go, fail) => {
      this.#waiters.push({ runner, due, ready, go, fail });
      // The host gets a word in now and then: so an interrupt is seen even by those who compute for ever.
      if (++this.#turns % TURNS_IN_A_ROW === 0) setImmediate(() => { this.#dispatch(); });
      else this.#dispatch();
    });
  }

  /** Begins to run `chain` when its turn comes; the caller goes on first. `chain` must not throw. */
  start(runner: Runner, chain: () => Promise<void>): void {
    const begin = (): void => void chain().then(() => { this.#dispatch(); });
    // A task that is killed before its turn comes still has its end to go through.
    this.#waiters.push({ runner, due: -Infinity, ready: null, go: begin, fail: begin });
  }

  /** Comes back when the task is in user mode and may run. @throws {Killed} when that will never be. */
  async runnable(runner: Runner): Promise<void> {
    const { task } = runner;
    if (isGone(task) || this.#kernel().m.panicked) throw new Killed(task);
    if (task.state !== 'R') await this.wait(runner, Infinity, () => task.state === 'R');
  }

  /** Computes for `ms`: the task stays R and has the CPU again when the time is over. */
  async pause(runner: Runner, ms: number): Promise<void> {
    await this.wait(runner, this.#kernel().m.now + ms);
    await this.runnable(runner);
  }

  /** nanosleep() until the time is over. Who was stopped meanwhile sleeps the rest, if there is one. */
  async sleep(runner: Runner, ms: number): Promise<void> {
    const { m } = this.#kernel();
    const until = m.now + ms;
    do {
      const left = Math.max(0, until - m.now);
      await this.syscall(runner, 'nanosleep', [{ tv_sec: Math.floor(left / 1000), tv_nsec: Math.round((left % 1000) * 1_000_000) }]);
      await this.runnable(runner);
    } while (m.now < until);
  }

  /**
   * Makes a system call; whenever it sleeps, others run.
   * @returns its result, -EINTR when a signal ended it, NO_RESULT when the task did not come back.
   */
  async syscall(runner: Runner, call: number | string, args: readonly unknown[]): Promise<number> {
    if (this.gate !== null) await this.gate(runner.task);
    return this.finish(runner, this.begin(runner, call, args));
  }

  /** Enters a system call and goes as far as it can without sleeping. */
  begin(runner: Runner, call: number | string, args: readonly unknown[]): KernelPath {
    return this.enter(runner, call, args, enterSyscall(this.#kernel(), call, args));
  }

  /** Enters the kernel for something that has no row in the table of system calls of the simulated kernel, but is one to those who watch. */
  enter({ task }: Runner, call: number | string, args: readonly unknown[], body: MaySleep<number>): KernelPath {
    const k = this.#kernel();
    for (const observer of this.observers) observer.entered(task, call, args);
    const path = newPath(task, body);
    stepPath(k, path);
    if (path.state !== 'running') {
      returnToUser(k, task);
      runWoken(k);
    }
    return path;
  }

  /** Waits for the end of a system call that was begun. */
  async finish(runner: Runner, path: KernelPath): Promise<number> {
    let result = NO_RESULT;
    try {
      if (path.state === 'running') await this.wait(runner, Infinity, () => path.state !== 'running');
      if (path.state === 'returned' && !isGone(runner.task)) result = path.value === undefined ? -EINTR : (path.value as number);
      return result;
    } finally {
      for (const observer of this.observers) observer.left(runner.task, result);
    }
  }

  /** Does something in the kernel that is no system call of its own to those who watch. */
  async inKernel(runner: Runner, action: () => void): Promise<void> {
    await this.#through(runner, (function* (): MaySleep<number> { // oxlint-disable-line require-yield -- it does not sleep
      action();
      return 0;
    })());
  }

  /** Sleeps in the kernel (state S) until `ready`, until simulated time `due` or a signal. @throws {Killed} when the task is gone by then. */
  async sleepUntil(runner: Runner, ready: () => boolean, due = Infinity): Promise<void> {
    const { m } = this.#kernel();
    const wait = { kind: 'timeout', interruptible: true, get until() { return ready() ? -Infinity : due; } } as const;
    await this.#through(runner, (function* (): MaySleep<number> {
      while (!ready() && m.now < due) yield wait;
      return 0;
    })());
  }

  async #through(runner: Runner, body: MaySleep<number>): Promise<void> {
    await this.runnable(runner);
    const k = this.#kernel();
    const path = newPath(runner.task, body);
    stepPath(k, path);
    if (path.state === 'running') await this.wait(runner, Infinity, () => path.state !== 'running');
    else {
      returnToUser(k, runner.task);
      runWoken(k);
    }
    await this.runnable(runner);
  }

  /** The machine that everybody who waits was on is gone. */
  powerOff(): void {
    for (const { runner, fail } of this.#waiters.splice(0)) fail(new Killed(runner.task));
  }

  #dispatch(): void {
    const k = this.#kernel();
    for (;;) {
      const waiter = this.#takeNext(k);
      if (waiter !== undefined) {
        if (isGone(waiter.runner.task)) waiter.fail(new Killed(waiter.runner.task));
        else waiter.go();
        return;
      }
      if (this.#waiters.length === 0) return;
      if (stepOthers(k, null)) continue;
      if (!k.m.panicked && advanceTime(k, this.#nextDue())) continue;
      this.#giveUp(k);
      return;
    }
  }

  /** The first in line that can go on, or that has died. */
  #takeNext(k: AnyKernel): Waiter | undefined {
    const at = this.#waiters.findIndex(({ runner: { task }, due, ready }) => isGone(task) || (task.state !== 'T' && (ready === null ? due <= k.m.now : ready())));
    return at < 0 ? undefined : this.#waiters.splice(at, 1)[0];
  }

  #nextDue(): number {
    let next = Infinity;
    for (const { runner, due } of this.#waiters) if (runner.task.state !== 'T' && due < next) next = due;
    return next;
  }

  /** Nobody can ever go on: who waits longest learns it, but a stopped one only when all are. */
  #giveUp(k: AnyKernel): void {
    const at = this.#waiters.findIndex(({ runner }) => runner.task.state !== 'T');
    const [waiter] = this.#waiters.splice(Math.max(at, 0), 1) as [Waiter];
    waiter.fail(k.m.panicked ? new Killed(waiter.runner.task) : new Stuck('nothing that could happen is left: everybody who could do something is stopped, or waits'));
  }
}
