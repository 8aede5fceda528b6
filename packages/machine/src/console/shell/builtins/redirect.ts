/** Redirections to files: opened before the command runs, and what went wrong while it wrote reported after it. See ../rewrite.ts. */
import type { Command, ExecResult } from 'just-bash';
import { strerror } from '../../process.js';
import type { Shell } from '../shell.js';
import { NOWHERE, OWN_ERRORS, OWN_OUTPUT } from '../streams.js';
import { builtin, ended } from './builtin.js';
import { SHELL_BUILTINS } from './names.js';

/** `ENOENT: no such file…`, as file systems of just-bash say it, in the words of strerror(). */
function reason(error: Error): string {
  const { errno } = error as { readonly errno?: unknown };
  return typeof errno === 'number' ? strerror(errno) : error.message.replace(/^E[A-Z]+: /, '').replace(/, \w+ '.*'$/, '');
}

/** A program names itself; for what the shell does itself it speaks. */
function speaker(shell: Shell, writer: string): string {
  if (writer === '' || shell.functions.has(writer)) return `${shell.name}: `;
  return SHELL_BUILTINS.has(writer) ? `${shell.name}: ${writer}: ` : `${writer}: `;
}

/** Says something where the command's own errors would go; see ../streams.ts. The status is 1. */
async function complain(shell: Shell, errors: string | undefined, message: string): Promise<ExecResult> {
  if (errors === OWN_OUTPUT) return ended(1, `${message}\n`);
  if (errors === OWN_ERRORS || errors === undefined) return ended(1, '', `${message}\n`);
  if (errors !== NOWHERE) await shell.files.writeDescriptor(Number(errors), `${message}\n`);
  return ended(1);
}

export function redirectBuiltins(shell: Shell): Command[] {
  return [
    // N operator errors word…: more words than one, or none, is an ambiguous redirect
    builtin(shell, '__pmkit_open', async ([site, operator, errors, ...words], ctx) => {
      const [word] = words;
      if (word === undefined || words.length > 1) return complain(shell, errors, `${shell.name}: ${words.join(' ')}: ambiguous redirect`);
      const path = ctx.fs.resolvePath(ctx.cwd, word);
      const keeps = operator === '>' && /(^|:)noclobber(:|$)/.test(ctx.env.get('SHELLOPTS') ?? '');
      if (keeps && (await ctx.fs.exists(path)) && (await ctx.fs.stat(path)).isFile) return complain(shell, errors, `${shell.name}: ${word}: cannot overwrite existing file`);
      try {
        await shell.files.open(Number(site), path, operator === '>>' || operator === '&>>');
        return ended(0);
      } catch (error) {
        return complain(shell, errors, `${shell.name}: ${word}: ${reason(error as Error)}`);
      }
    }),
    // status, writer, errors, N…
    builtin(shell, '__pmkit_close', async ([status, writer = '', errors, ...sites]) => {
      const numbers = sites.map(Number);
      const wrong = numbers.map(site => shell.files.errorOf(site)).filter(error => error !== null);
      const message = wrong.map(error => `${speaker(shell, writer)}write error: ${reason(error)}`).join('\n');
      const result = message === '' ? ended(Number(status)) : await complain(shell, errors, message);
      for (const site of numbers) shell.files.close(site);
      return result;
    }),
    builtin(shell, '__pmkit_status', ([status]) => ended(Number(status))),
  ];
}
