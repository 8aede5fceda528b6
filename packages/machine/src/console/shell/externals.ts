/** Commands that are processes: a shell forks for each, the child becomes a program, and the shell waits. */
import { NO_RESULT } from '@pmkit/mm-core';
import { signalNumber } from '../signals.js';
import { SIG_DFL } from '@pmkit/mm-core/include/linux/signal';
import { defineCommand, latin1FromBytes, stdoutAsBytes, type CommandName, type CustomCommand, type ExecResult, type ResolvedCommandContext } from 'just-bash';
import { BUILT_IN, BUNDLED_PATHS } from '../bundled.js';
import { CaptureStream, type Descriptors } from '../files/index.js';
import { isGone, Killed } from '../killed.js';
import { exitCodeOf, ForkError, fork, runForeground, waitFor } from '../launch.js';
import { Process, strerror } from '../process.js';
import { become } from './become.js';
import type { Main } from './execute.js';
import { newLevel } from './level.js';
import { SIGNAL_TEXTS } from './signal-texts.js';
import type { Shell } from './shell.js';

const ended = (exitCode: number, stdout = ''): ExecResult => ({ stdout, stderr: '', exitCode });

export class Externals {
  readonly #shell: Shell;
  /** The last subshell could not be made. */
  #refused = false;

  constructor(shell: Shell) {
    this.#shell = shell;
  }

  /** The commands that the shell's interpreter is given for them, and those it has built in that print. */
  commands(): { readonly bundled: readonly CommandName[]; readonly custom: readonly CustomCommand[] } {
    const shell = this.#shell;
    const names = new Set([...shell.box.programs.keys(), ...BUNDLED_PATHS.keys(), 'bash', 'sh']);
    return {
      bundled: [...BUILT_IN] as CommandName[],
      custom: [
        ...[...names].map(name => defineCommand(name, (args, ctx) => shell.guarded(name, ctx, () => this.run([name, ...args], ctx)))),
        ...[...BUILT_IN].filter(name => name !== 'true' && name !== 'false').map(name => defineCommand(name, (args, ctx) => shell.guarded(name, ctx, async () => {
          const result = await ctx.origCommand!(args);
          shell.process.out(Buffer.from(latin1FromBytes(stdoutAsBytes(result)), 'latin1'));
          if (result.stderr !== '') shell.err(result.stderr);
          return ended(result.exitCode);
        }))),
      ],
    };
  }

  /** Runs a program, or a file, as a child. */
  run(argv: readonly string[], ctx: ResolvedCommandContext): Promise<ExecResult> {
    return this.inProcess(argv, ctx, p => become(this.#shell, p, argv));
  }

  /** fork(). @param fds of the child; default: as the shell has them. @throws {ForkError} */
  async forked(argv: readonly string[], ctx: ResolvedCommandContext, fds?: Descriptors): Promise<Process> {
    const shell = this.#shell;
    const { process } = shell;
    const task = await fork(shell.box, process);
    const p = new Process(shell.box, task, { argv, env: new Map(Object.entries(ctx.exportedEnv ?? {})), cwd: ctx.cwd, fds: fds ?? process.fds.copy() }, (q, next) => become(shell, q, next));
    return p;
  }

  /** Runs `main` in a new process, which the shell waits for. */
  async inProcess(argv: readonly string[], ctx: ResolvedCommandContext, main: Main): Promise<ExecResult> {
    const shell = this.#shell;
    const { process } = shell;
    let p: Process;
    try {
      p = await this.forked(argv, ctx);
    } catch (error) {
      return this.#forkFailed(error);
    }
    shell.foreground.add(p);
    try {
      const exitCode = await runForeground(process, p, main);
      shell.err(SIGNAL_TEXTS[p.endedBy] ?? '');
      return ended(exitCode);
    } catch (error) {
      // The command has rebooted the machine, and the shell goes on as a new process.
      if (error instanceof Killed && shell.process !== process && shell.levels.length === 1) return ended(0);
      throw error;
    } finally {
      shell.foreground.delete(p);
    }
  }

  #forkFailed(error: unknown): ExecResult {
    if (!(error instanceof ForkError)) throw error;
    this.#shell.err(`${this.#shell.name}: fork: ${strerror(error.errno)}\n`);
    return ended(254);
  }

  /** A subshell in the foreground begins: from now on the shell is its process. `capture`: what it prints is kept for leave(). */
  async enter(status: number, capture: boolean, ctx: ResolvedCommandContext): Promise<ExecResult> {
    const shell = this.#shell;
    const { process, traps, functions, jobs } = shell;
    let p: Process;
    try {
      p = await this.forked([shell.name], ctx);
    } catch (error) {
      this.#refused = true;
      return this.#forkFailed(error);
    }
    const ended4 = { value: 0 };
    const output = capture ? new CaptureStream() : null;
    if (output !== null) p.fds.set(1, output);
    await shell.box.scheduler.gate?.(process.task);
    const path = shell.box.scheduler.begin(process, 'wait4', [p.pid, ended4, 0]);
    shell.levels.push(newLevel(p, functions, { output, status, jobs: jobs.shown(), waiting: { path, status: ended4 } }));
    await resetSignals(p, [...traps.all].filter(([, text]) => text !== '').map(([name]) => name));
    return ended(0);
  }

  /** The end of a subshell that was entered: its process exits and is waited for. @returns its exit code, and what was kept. */
  async leave(exitCode: number): Promise<ExecResult> {
    const shell = this.#shell;
    if (this.#refused) {
      this.#refused = false;
      return ended(254);
    }
    if (shell.levels.length === 1) return ended(0); // the machine was rebooted in it
    const { process: p, waiting, output, jobs } = shell.levels.pop()!;
    const { process, box: { scheduler } } = shell;
    try {
      if (!isGone(p.task)) {
        await p.flush();
        await scheduler.runnable(p);
        await scheduler.syscall(p, 'exit_group', [exitCode]);
      }
    } catch (error) {
      if (!(error instanceof Killed)) throw error;
    } finally {
      p.fds.clear();
      jobs.clear();
    }
    const { path, status } = waiting!;
    const result = await scheduler.finish(process, path);
    if (result === NO_RESULT) throw new Killed(process.task);
    await scheduler.runnable(process);
    const code = result === p.pid ? exitCodeOf(status.value) : await waitFor(shell.box, process, p.pid);
    if (result === p.pid) shell.err(SIGNAL_TEXTS[status.value & 0x7f] ?? '');
    return ended(code, output?.text.replaceAll('\0', '') ?? '');
  }

  /** A script was given up inside subshells. */
  async leaveAll(): Promise<void> {
    const shell = this.#shell;
    this.#refused = false;
    try {
      while (shell.levels.length > 1) await this.leave(130);
    } catch (error) {
      if (!(error instanceof Killed)) throw error;
    }
  }
}

/** Signals that a shell has traps for are what they were before in its subshells. */
export async function resetSignals(p: Process, names: readonly string[]): Promise<void> {
  for (const name of names) {
    const number = signalNumber(name.replace(/^SIG/, ''));
    if (number !== undefined) await p.sys('rt_sigaction', number, { sa_handler: SIG_DFL }, null, 8);
  }
}
