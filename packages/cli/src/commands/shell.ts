/** pmkit shell: bash on the simulated machine, for somebody who types. */
import type { CommandUnknownOpts } from '@commander-js/extra-typings';
import type { Box } from '@pmkit/machine/console';
import type { SeriesTable } from '@pmkit/series/stack';
import { bootBox, withMachineOptions, type MachineOptions } from '../console.js';
import type { Context } from '../context.js';
import { CommandError, EXIT_MISUSE } from '../errors.js';
import { painter, type Io } from '../io.js';

export function build(context: Context): CommandUnknownOpts {
  const command = context
    .newCommand('shell')
    .description(
      'Sit down at a simulated NUMA machine with a kernel of the series: bash with jobs, /proc and /sys, numactl and its family, strace, and quilt to push and pop patches. ' +
        'Nothing of this computer is seen or changed. `man` lists what there is. Lines can also come from a pipe.',
    );
  return withMachineOptions(command)
    .addHelpText('after', '\nThe prompt says level and top patch. History is kept in ~/.pmkit_history (PMKIT_HISTFILE names another file). Time passes only while a command runs.')
    .action(async (options: MachineOptions) => {
      const { io } = context;
      if (io.stdin === undefined) throw new CommandError(EXIT_MISUSE, 'pmkit shell: there is no standard input');
      const box = await bootBox(context, 'shell', options);
      const { series } = await context.services();
      const { Session, completions } = await import('@pmkit/machine/console');
      const session = new Session(box, { out: (text) => { io.stdout(text); }, err: (text) => { io.stderr(text); } });
      const lines = io.stdin.lines({ complete: (line) => completions(box, session.cwd, line), interrupted: () => { session.interrupt(); } });
      try {
        const exitCode = await session.interact({ readLine: (prompt) => lines.next(prompt) }, (cwd) => promptOf(io, box, series, cwd));
        if (io.stdin.isTTY) io.stdout('exit\n');
        if (exitCode !== 0) throw new CommandError(exitCode, '');
      } finally {
        lines.close();
        box.powerOff();
      }
    });
}

/** `[4 add-sys_migrate_pages-rc3] root:~# `, with the level and its top patch. */
function promptOf(io: Io, box: Box, { base, entries }: SeriesTable, cwd: string): string {
  const paint = painter(io);
  const { level, hotplug } = box.tree;
  const top = level === 0 ? base : (entries.find(entry => entry.number === level)?.name ?? '');
  const { env, task } = box.login;
  const home = env.get('HOME') ?? '/';
  const where = cwd === home ? '~' : cwd.startsWith(`${home}/`) ? `~${cwd.slice(home.length)}` : cwd;
  const tree = `${level}${hotplug ? '+hotplug' : ''} ${top.replace(/\.patch$/, '')}`;
  return `${paint('dim', '[')}${paint('green', tree)}${paint('dim', ']')} ${env.get('USER') ?? ''}:${paint('bold', where)}${task.euid === 0 ? '#' : '$'} `;
}
