/** How a command of the shell's own is made. */
import { defineCommand, type Command, type ExecResult, type ResolvedCommandContext } from 'just-bash';
import type { Shell } from '../shell.js';

export type Builtin = (args: readonly string[], ctx: ResolvedCommandContext) => Promise<ExecResult> | ExecResult;

/** A builtin under its name; a shell that dies in it ends its script. */
export const builtin = (shell: Shell, name: string, run: Builtin): Command =>
  defineCommand(name, (args, ctx) => shell.guarded(ctx, async () => run(args, ctx)));

export const ended = (exitCode: number, stdout = '', stderr = ''): ExecResult => ({ stdout, stderr, exitCode });
/** `bash: NAME: MESSAGE`, exit code 1 unless said otherwise. */
export const failed = (shell: Shell, message: string, exitCode = 1): ExecResult => ended(exitCode, '', `${shell.name}: ${message}\n`);
