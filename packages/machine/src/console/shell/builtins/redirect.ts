/** Redirections to files: opened before the command runs, and what went wrong while it wrote reported after it. See ../rewrite.ts. */
import type { Command } from 'just-bash';
import { strerror } from '../../process.js';
import type { Shell } from '../shell.js';
import { builtin, ended, failed } from './builtin.js';

/** `ENOENT: no such file…`, as file systems of just-bash say it, in the words of strerror(). */
function reason(error: Error): string {
  const { errno } = error as { readonly errno?: unknown };
  return typeof errno === 'number' ? strerror(errno) : error.message.replace(/^E[A-Z]+: /, '').replace(/, \w+ '.*'$/, '');
}

export function redirectBuiltins(shell: Shell): Command[] {
  return [
    // N operator word…: more words than one, or none, is an ambiguous redirect
    builtin(shell, '__pmkit_open', async ([site, operator, ...words], ctx) => {
      const [word] = words;
      if (word === undefined || words.length > 1) return failed(shell, `${words.join(' ')}: ambiguous redirect`);
      try {
        await shell.files.open(Number(site), ctx.fs.resolvePath(ctx.cwd, word), operator === '>>' || operator === '&>>');
        return ended(0);
      } catch (error) {
        return failed(shell, `${word}: ${reason(error as Error)}`);
      }
    }),
    // status, writer, N…
    builtin(shell, '__pmkit_close', ([status, writer = '', ...sites]) => {
      const errors = sites.map(site => shell.files.close(Number(site))?.error ?? null).filter(error => error !== null);
      if (errors.length === 0) return ended(Number(status));
      return failed(shell, errors.map(error => `${writer}write error: ${reason(error)}`).join('\n'));
    }),
    builtin(shell, '__pmkit_status', ([status]) => ended(Number(status))),
  ];
}
