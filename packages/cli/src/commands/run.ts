/** pmkit run: a bash script on the simulated machine. */
import { readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import type { CommandUnknownOpts } from '@commander-js/extra-typings';
import { bootBox, readyTrees, treeTitle, withMachineOptions, type MachineOptions } from '../console.js';
import type { Context } from '../context.js';
import { CommandError, EXIT_MISUSE } from '../errors.js';
import { withLevels } from '../import/stack-option.js';
import { reason } from '../store.js';

/** A script is read as a whole. */
const MAX_SCRIPT_BYTES = 16 * 1024 * 1024;

export function build(context: Context): CommandUnknownOpts {
  const command = context
    .newCommand('run')
    .description(
      'Run a bash script on a simulated NUMA machine with a kernel of the series: its commands are processes of that machine, its files are in /proc, /sys and on ' +
        'simulated disks. Nothing of this computer is seen or changed by it. `man` in the script says which programs there are.',
    )
    .argument('[script]', 'the script; - or nothing: standard input')
    .argument('[arguments...]', 'its arguments, $1 and so on')
    .option('-c, --command <text>', 'run this text; the arguments are then $0, $1 and so on')
    // What stands behind the script is the script's.
    .passThroughOptions();
  return withMachineOptions(command)
    .addHelpText('after', '\nThe exit code is that of the script; 137 when its shell was killed. With several levels (--at 0-10, --at all) the script is run on a new machine for each, and the exit code is the highest.')
    .action((script: string | undefined, args: string[], options: MachineOptions & { command?: string }) => withLevels(context, 'run', options, async (levels) => {
      const { io } = context;
      const { text, name, rest } = options.command === undefined ? await readScript(context, script, args) : { text: options.command, name: script ?? 'bash', rest: args };
      const { Session } = await import('@pmkit/machine/console');
      const { series } = await context.services();
      const sink = { out: (printed: string) => { io.stdout(printed); }, err: (printed: string) => { io.stderr(printed); } };
      const trees = await readyTrees(context, levels, options.at);
      let worst = 0;
      for (const tree of trees) {
        const box = await bootBox('run', tree, options);
        if (trees.length > 1) io.stdout(`${tree === trees[0] ? '' : '\n'}=== ${treeTitle(series, tree)}\n`);
        const exitCode = await new Session(box, sink).runScript(text, name, rest).finally(() => { box.powerOff(); });
        worst = Math.max(worst, exitCode);
      }
      if (worst !== 0) throw new CommandError(worst, '');
    }));
}

async function readScript({ io }: Context, script: string | undefined, rest: string[]): Promise<{ text: string; name: string; rest: string[] }> {
  if (script === undefined || script === '-') {
    if (io.stdin === undefined || (script === undefined && io.stdin.isTTY)) throw new CommandError(EXIT_MISUSE, 'pmkit run: expected a script, -c, or a script on standard input (pmkit shell is for typing)');
    return { text: await io.stdin.text(), name: 'bash', rest };
  }
  const file = path.resolve(io.cwd, script);
  try {
    const { size } = statSync(file);
    if (size > MAX_SCRIPT_BYTES) throw new CommandError(EXIT_MISUSE, `pmkit run: ${script}: found ${size} bytes; expected at most ${MAX_SCRIPT_BYTES}`);
    return { text: readFileSync(file, 'utf8'), name: script, rest };
  } catch (error) {
    if (error instanceof CommandError) throw error;
    throw new CommandError(EXIT_MISUSE, `pmkit run: cannot read ${script}: ${reason(error)}`, { cause: error });
  }
}
