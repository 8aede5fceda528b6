/** How a command of the shell's own is made. */
import { defineCommand, type Command, type ExecResult, type ResolvedCommandContext } from 'just-bash';
import type { Shell } from '../shell.js';

export type Builtin = (args: readonly string[], ctx: ResolvedCommandContext) => Promise<ExecResult> | ExecResult;

/** A builtin under its name; a shell that dies in it ends its script. */
export const builtin = (shell: Shell, name: string, run: Builtin): Command =>
  defineCommand(name, (args, ctx) => shell.guarded(name.replace('__pmkit_', ''), ctx, async () => run(args, ctx)));

/** The end of a builtin that has printed `stdout` and `stderr`. */
export function said(shell: Shell, exitCode: number, stdout = '', stderr = ''): ExecResult {
  shell.process.out(stdout);
  shell.err(stderr);
  return ended(exitCode);
}
/** The same for what a substitution of ours stands for: the interpreter takes it. */
export const ended = (exitCode: number, stdout = ''): ExecResult => ({ stdout, stderr: '', exitCode });
/** `bash: NAME: MESSAGE`, exit code 1 unless said otherwise. */
export const failed = (shell: Shell, message: string, exitCode = 1): ExecResult => said(shell, exitCode, '', `${shell.name}: ${message}\n`);
