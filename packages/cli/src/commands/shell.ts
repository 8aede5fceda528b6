/** pmkit shell: bash on the simulated machine, for somebody who types. */
import type { CommandUnknownOpts } from '@commander-js/extra-typings';
import type { Prompt } from '@pmkit/machine/console';
import { bootBox, readyTrees, withMachineOptions, type MachineOptions } from '../console.js';
import type { Context } from '../context.js';
import { CommandError, EXIT_MISUSE } from '../errors.js';
import { withLevels } from '../import/stack-option.js';
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
    .action((options: MachineOptions) => withLevels(context, 'shell', options, async (levels) => {
      const { io } = context;
      if (io.stdin === undefined) throw new CommandError(EXIT_MISUSE, 'pmkit shell: there is no standard input');
      const [tree] = await readyTrees(context, levels, options.at);
      const box = await bootBox('shell', tree!, options);
      const { series } = await context.services();
      const { Session, completions, promptOf } = await import('@pmkit/machine/console');
      const session = new Session(box, { out: (text) => { io.stdout(text); }, err: (text) => { io.stderr(text); } });
      const lines = io.stdin.lines({ complete: (line) => completions(box, session.cwd, line), interrupted: () => { session.interrupt(); } });
      try {
        const exitCode = await session.interact({ readLine: (prompt) => lines.next(prompt) }, (cwd) => painted(io, promptOf(box, series, cwd)));
        if (io.stdin.isTTY) io.stdout('exit\n');
        if (exitCode !== 0) throw new CommandError(exitCode, '');
      } finally {
        lines.close();
        box.powerOff();
      }
    }));
}

/** The prompt in colours. */
function painted(io: Io, { tree, user, where, sign }: Prompt): string {
  const paint = painter(io);
  return `${paint('dim', '[')}${paint('green', tree)}${paint('dim', ']')} ${user}:${paint('bold', where)}${sign} `;
}
