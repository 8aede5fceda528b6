/** Shells that are processes of their own: subshells, jobs, `exec`. See ../rewrite.ts. */
import type { Command, ResolvedCommandContext } from 'just-bash';
import type { Descriptors } from '../../files/index.js';
import { Killed, Stuck } from '../../killed.js';
import { live } from '../../launch.js';
import type { Process } from '../../process.js';
import { become } from '../become.js';
import { resetSignals } from '../externals.js';
import type { Shell } from '../shell.js';
import { builtin } from './builtin.js';

/** Variables that a shell makes itself, so that a copy must not be told. */
const OWN_VARIABLES = new Set(['BASHOPTS', 'SHELLOPTS', 'BASH_VERSINFO', 'BASHPID', 'EUID', 'UID', 'PPID']);

/** Variables of a shell that have a value and no attributes: a copy is given them as they are. */
const plainVariables = ({ env }: ResolvedCommandContext): Record<string, string> => Object.fromEntries([...env].filter(([name]) => /^[A-Za-z_]\w*$/.test(name) && !OWN_VARIABLES.has(name) && name !== '__PMKIT_OVER'));

/** What else makes a new shell a copy: the arguments of __pmkit_bg and __pmkit_sub behind the number of the tree. `all`: plain variables too. */
export function preludeOf([variables = '', options = '']: readonly string[], all = false): string {
  const declared = variables.split('\n').filter(line => {
    const [, flags, name] = /^declare -(\S+) ([A-Za-z_]\w*)/.exec(line) ?? [];
    return flags !== undefined && (all || (flags !== '-' && flags !== 'x')) && !OWN_VARIABLES.has(name!);
  });
  const lines = declared.flatMap(line => {
    // just-bash forgets the quotes inside `declare -a name=(…)`, but not inside `name=(…)`
    const [, flags, name, value] = /^declare (-\S+) ([A-Za-z_]\w*)=(\(.*)$/s.exec(line) ?? [];
    return value === undefined ? [line] : [`declare ${flags!.replace('r', '')} ${name!}`, `${name!}=${value}`, ...(flags!.includes('r') ? [`readonly ${name!}`] : [])];
  });
  // errexit and its like last: they are not meant for the prelude itself
  const set = options.split('\n').filter(line => line.startsWith('set -o '));
  return [...lines, ...(set.length === 0 ? [] : [set.join('; ')])].join('\n');
}

/** A copy of a shell in a process that was forked from it. */
const copyOf = (shell: Shell, p: Process): Shell => shell.another({ process: p, store: shell.store, functions: shell.functions, jobs: shell.jobs.shown(), name: shell.name, dollar: shell.dollar });

/** Forks a copy of the shell that runs a stored tree when its turn comes. @param state what __pmkit_bg and the like are given behind the number @throws {ForkError} */
export async function startCopy(shell: Shell, number: number, [status = '0', variables = '', options = '', ...args]: readonly string[], ctx: ResolvedCommandContext, fds?: Descriptors): Promise<Process> {
  const p = await shell.externals.forked([shell.name], ctx, fds);
  const signals = [...shell.traps.all].filter(([, text]) => text !== '').map(([name]) => name);
  const copy = copyOf(shell, p);
  const plain = plainVariables(ctx);
  shell.box.scheduler.start(p, () => live(p, async () => {
    await resetSignals(p, signals);
    return copy.runTree(shell.store.get(number), { args, prelude: `${preludeOf([variables, options])}${status === '0' ? '' : `\n__pmkit_status ${status} && :`}`, variables: plain, last: true });
  }));
  return p;
}

export function processBuiltins(shell: Shell): Command[] {
  return [
    builtin(shell, '__pmkit_sub', ([number, , variables = '', options = '', ...args], ctx) =>
      shell.externals.inProcess([shell.name], ctx, p => copyOf(shell, p).runTree(shell.store.get(Number(number)), { args, prelude: preludeOf([variables, options]), variables: plainVariables(ctx), last: true }))),
    // $?; `-`: what it prints is for a substitution
    builtin(shell, '__pmkit_enter', ([status, capture], ctx) => shell.externals.enter(Number(status), capture === '-', ctx)),
    leaving(shell),
    builtin(shell, '__pmkit_run', (args, ctx) => shell.externals.run(args, ctx)),
    builtin(shell, '__pmkit_exec', async (args, ctx) => {
      const p = shell.process;
      if (shell.levels.length === 1) shell.ending = true;
      p.cwd = ctx.cwd;
      p.env.clear();
      for (const [name, value] of Object.entries(ctx.exportedEnv ?? {})) p.env.set(name, value);
      return { stdout: '', stderr: '', exitCode: await become(shell, p, args) };
    }),
  ];
}

/** The end of a subshell, which may have been killed. */
const leaving = (shell: Shell): Command => ({
  name: '__pmkit_leave', trusted: true,
  async execute([status]) {
    try {
      return await shell.externals.leave(Number(status));
    } catch (error) {
      if (!(error instanceof Killed) && !(error instanceof Stuck)) throw error;
      shell.abandon(error);
      return { stdout: '', stderr: '', exitCode: 137 };
    }
  },
});
