/** Redirections: descriptors of the shell, which commands have from it. See ../rewrite.ts and ../level.ts. */
import { EBADF } from '@pmkit/mm-core/include/linux/errno';
import { O_APPEND, O_CREAT, O_RDONLY, O_RDWR, O_TRUNC, O_WRONLY } from '@pmkit/mm-core/include/asm-ia64/fcntl';
import type { Command, ExecResult, ResolvedCommandContext } from 'just-bash';
import { FileError, nullStream, TextStream, type Stream } from '../../files/index.js';
import { waitFor } from '../../launch.js';
import { strerror } from '../../process.js';
import { pointTo, restore } from '../level.js';
import type { Shell } from '../shell.js';
import { builtin, ended, said } from './builtin.js';

const FLAGS: Readonly<Record<string, number>> = {
  '<': O_RDONLY, '<>': O_RDWR | O_CREAT, '>': O_WRONLY | O_CREAT | O_TRUNC, '>|': O_WRONLY | O_CREAT | O_TRUNC, '&>': O_WRONLY | O_CREAT | O_TRUNC, '>&': O_WRONLY | O_CREAT | O_TRUNC,
  '>>': O_WRONLY | O_CREAT | O_APPEND, '&>>': O_WRONLY | O_CREAT | O_APPEND,
};
/** Descriptors that bash finds for `{name}>file` begin here. */
const FIRST_FOUND = 10;

interface Redirecting { readonly operator: string; readonly to: string; readonly words: string[] }

/** What of a redirection cannot be: a message without the shell's name. */
class Refused extends Error {
  override readonly name = 'Refused';
}

/** `--pmkit:operator:descriptor` and words, as rewrite.ts writes them. */
function parsed(args: readonly string[]): Redirecting[] {
  const list: Redirecting[] = [];
  for (const arg of args) {
    const [, operator, to] = /^--pmkit:([<>&|]+):(\w*)$/.exec(arg) ?? [];
    if (operator !== undefined && to !== undefined) list.push({ operator, to, words: [] });
    else list.at(-1)?.words.push(arg);
  }
  return list;
}

async function open(shell: Shell, operator: string, word: string, ctx: ResolvedCommandContext): Promise<Stream> {
  const { process, box: { files } } = shell;
  if (word === '/dev/null') return nullStream();
  const own = /^\/dev\/(?:fd\/(\d+)|std(in|out|err))$/.exec(word);
  const shared = own === null ? undefined : process.fds.get(own[1] === undefined ? ['in', 'out', 'err'].indexOf(own[2]!) : Number(own[1]));
  if (shared !== undefined) return shared;
  const path = ctx.fs.resolvePath(ctx.cwd, word);
  if (operator === '>' && /(^|:)noclobber(:|$)/.test(ctx.env.get('SHELLOPTS') ?? '') && files.exists(process, path) && files.stat(process, path).type === 'file') throw new Refused(`${word}: cannot overwrite existing file`);
  try {
    process.cwd = ctx.cwd;
    return await files.openStream(process, path, FLAGS[operator]!);
  } catch (error) {
    if (!(error instanceof FileError)) throw error;
    throw new Refused(`${word}: ${strerror(error.errno)}`);
  }
}

/** `N>&M`, `N>&M-`, `N>&-`. @returns whether it was one. */
function duplicate(shell: Shell, to: number, word: string): boolean {
  const [whole, from, move] = /^(\d*)(-?)$/.exec(word) ?? [];
  if (whole === undefined || whole === '') return false;
  if (from === '') {
    pointTo(shell.level, to, undefined);
    return true;
  }
  const stream = shell.process.fds.get(Number(from));
  if (stream === undefined) throw new Refused(`${from}: ${strerror(EBADF)}`);
  pointTo(shell.level, to, stream);
  if (move === '-' && Number(from) !== to) pointTo(shell.level, Number(from), undefined);
  return true;
}

async function redirect(shell: Shell, { operator, to, words }: Redirecting, ctx: ResolvedCommandContext): Promise<void> {
  const { level } = shell;
  const [word] = words;
  if (word === undefined || words.length > 1) throw new Refused(`${words.join(' ')}: ambiguous redirect`);
  const input = operator.startsWith('<');
  let fd = to === '' ? (input ? 0 : 1) : Number(to);
  if (Number.isNaN(fd)) {
    if (word === '-') fd = Number(ctx.env.get(to) ?? Number.NaN);
    else {
      for (fd = FIRST_FOUND; shell.process.fds.get(fd) !== undefined;) fd++;
      await ctx.assignShellVariable!(to, String(fd));
      const stream = /^[<>]&$/.test(operator) ? shell.process.fds.get(Number(word)) : operator === '<<<' ? new TextStream(word) : await open(shell, operator, word, ctx);
      if (stream === undefined) throw new Refused(`${word}: ${strerror(EBADF)}`);
      shell.process.fds.set(fd, stream); // stays open behind the command
      return;
    }
  }
  if ((operator === '>&' || operator === '<&') && duplicate(shell, fd, word)) return;
  if (operator === '<&') throw new Refused(`${word}: ambiguous redirect`);
  const stream = operator === '<<<' ? new TextStream(word, 'pipe:[0]') : await open(shell, operator, word, ctx);
  pointTo(level, fd, stream);
  if (operator.startsWith('&') || (operator === '>&' && to === '')) pointTo(level, 2, stream);
}

/** What comes after a redirection: whoever reads what was written to `>(…)` comes to its end too. */
async function end(shell: Shell): Promise<void> {
  const { process } = shell;
  for (const pid of await restore(shell.level)) await waitFor(shell.box, process, pid);
}

export function redirectBuiltins(shell: Shell): Command[] {
  return [
    // --keep: for good; --same: in the scope that there is already
    builtin(shell, '__pmkit_redirect', async (args, ctx): Promise<ExecResult> => {
      const { level } = shell;
      const scoped = args[0] !== '--keep';
      if (scoped && args[0] !== '--same') level.scopes.push({ saved: new Map(), readers: [], status: Number(args[0]) });
      const kept = scoped ? [] : level.scopes.splice(0);
      try {
        for (const redirecting of parsed(args)) await redirect(shell, redirecting, ctx);
        return ended(0);
      } catch (error) {
        if (!(error instanceof Refused)) throw error;
        shell.err(`${shell.name}: ${error.message}\n`);
        if (scoped) await end(shell);
        return ended(1);
      } finally {
        level.scopes.push(...kept);
      }
    }),
    builtin(shell, '__pmkit_was', () => ended(shell.level.scopes.at(-1)?.status ?? shell.level.status)),
    builtin(shell, '__pmkit_scope', ([status]) => {
      shell.level.scopes.push({ saved: new Map(), readers: [], status: Number(status) });
      return ended(0);
    }),
    builtin(shell, '__pmkit_restore', async ([status]) => {
      await end(shell);
      return ended(Number(status));
    }),
    // how many, status
    builtin(shell, '__pmkit_unwind', async ([count, status]) => {
      for (let left = Number(count); left > 0; left--) await end(shell);
      return ended(Number(status));
    }),
    builtin(shell, '__pmkit_status', ([status]) => said(shell, Number(status))),
  ];
}
