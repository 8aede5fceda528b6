/** From fork() to the exit code: how a process of the console lives and ends. */
import { NO_RESULT, type Task } from '@pmkit/mm-core';
import { EINTR } from '@pmkit/mm-core/include/linux/errno';
import type { Box } from './box.js';
import { Killed } from './killed.js';
import { Process } from './process.js';
import type { Runner } from './scheduler.js';

/** The exit code a shell shows for what wait4() reports: 128 + signal for a process that was killed. */
export const exitCodeOf = (status: number): number => ((status & 0x7f) === 0 ? (status >> 8) & 0xff : 128 + (status & 0x7f));

/** What a shell says of it when the machine would not make a process. */
export class ForkError extends Error {
  override readonly name = 'ForkError';
  readonly errno: number;
  constructor(errno: number) {
    super(`fork() returned ${errno}`);
    this.errno = errno;
  }
}

/** fork() by `parent`. @throws {ForkError} when the kernel refuses; {Killed} when the parent does not survive it. */
export async function fork(box: Box, parent: Runner): Promise<Task> {
  if (parent instanceof Process) await parent.flush();
  await box.scheduler.runnable(parent);
  const pid = await box.scheduler.syscall(parent, 'fork', []);
  if (pid === NO_RESULT) throw new Killed(parent.task);
  const child = box.k.m.tasks.get(pid);
  if (child === undefined) throw new ForkError(-pid);
  return child;
}

/** Waits for a child as the shell does. @returns its exit code. @throws {Killed} when the parent is gone first. */
export async function waitFor(box: Box, parent: Runner, pid: number): Promise<number> {
  const status = { value: 0 };
  for (;;) {
    const result = await box.scheduler.syscall(parent, 'wait4', [pid, status, 0]);
    if (result === pid) return exitCodeOf(status.value);
    if (result !== -EINTR) {
      await box.scheduler.runnable(parent);
      return 127;
    }
    await box.scheduler.runnable(parent);
  }
}

/** Runs `main` as the process's code, to its end: afterwards the task is a zombie, or gone. Never throws. */
export async function live(p: Process, main: (p: Process) => Promise<number> | number): Promise<void> {
  const { box } = p;
  try {
    const code = await main(p);
    await p.flush();
    await box.scheduler.runnable(p);
    await box.scheduler.syscall(p, 'exit_group', [code]);
  } catch (error) {
    if (error instanceof Killed) return;
    p.err(`${p.name}: ${box.internalError(error)}\n`);
    await p.flush().catch(() => undefined);
    await box.scheduler.syscall(p, 'exit_group', [EXIT_SOFTWARE]).catch(() => undefined);
  } finally {
    p.fds.clear();
  }
}
/** EX_SOFTWARE of sysexits.h: the kit itself is at fault. */
const EXIT_SOFTWARE = 70;

/**
 * Runs `main` in a process in the foreground: the parent sleeps in wait4() meanwhile.
 * @returns the exit code. @throws {Killed} when the parent is gone.
 */
export async function runForeground(parent: Runner, p: Process, main: (p: Process) => Promise<number> | number): Promise<number> {
  const { box } = p;
  const status = { value: 0 };
  await box.scheduler.gate?.(parent.task);
  const waiting = box.scheduler.begin(parent, 'wait4', [p.pid, status, 0]);
  await live(p, main);
  const result = await box.scheduler.finish(parent, waiting);
  await box.scheduler.runnable(parent);
  if (result !== p.pid) return waitFor(box, parent, p.pid);
  p.endedBy = status.value & 0x7f;
  return exitCodeOf(status.value);
}

/** fork() and execvp(): another program as a child, with the parent's descriptors. It begins when the parent gives up the CPU. @throws as fork(). */
export async function startChild(p: Process, argv: readonly string[], stdin?: string): Promise<Process> {
  const child = p.forked(await fork(p.box, p), argv, stdin);
  p.box.scheduler.start(child, () => live(child, c => c.exec(argv)));
  return child;
}

/** The same, and wait4(); a parent that is killed meanwhile learns it at once, while the child goes on. @returns its exit code. @throws as fork() and waitFor(). */
export async function runChild(p: Process, argv: readonly string[], stdin?: string): Promise<number> {
  return waitFor(p.box, p, (await startChild(p, argv, stdin)).pid);
}
