/** pmkit replay: a schedule from a file, taken again; at its own level strictly, at another as far as it goes. */
import type { CommandUnknownOpts } from '@commander-js/extra-typings';
import type { Replay } from '@pmkit/explore';
import type { Context } from '../context.js';
import { CommandError, EXIT_FAILED } from '../errors.js';
import { STACK, TRUST, withLevels } from '../import/stack-option.js';
import type { Io } from '../io.js';
import { misuseOf } from '../race-argument.js';
import { readTextFile } from '../text-file.js';
import { parseTree, TREE_HELP } from '../tree-argument.js';

export function build(context: Context): CommandUnknownOpts {
  return context
    .newCommand('replay')
    .description('Take the steps of a schedule that pmkit explore --save has written, and show the run: a column a task, a row a step, with the functions that the step went through and the patch they are from.')
    .argument('<file>', 'the replay file')
    .option('--at <level>', `carry it to another level and say where the runs part: ${TREE_HELP}`)
    .option('--vitest', 'print a test that replays it instead')
    .addOption(STACK).addOption(TRUST)
    .addHelpText('after', '\nExit code 0 when it ends as it was recorded, 1 when it does not, 2 for misuse.')
    .action((file, { at, vitest, ...options }) => withLevels(context, 'replay', options, async (levels) => {
      const { io } = context;
      const { formatReplay, isSameOutcome, replay, vitestSnippet } = await import('@pmkit/explore');
      const recorded = await read(io, file);
      if (vitest === true) {
        io.stdout(vitestSnippet(recorded));
        return;
      }
      const { series } = await context.services();
      try {
        const tree = at === undefined ? undefined : parseTree(series, at);
        await levels.ready([tree ?? recorded.tree], true);
        const run = replay(recorded, tree === undefined ? {} : { at: tree });
        io.stdout(`${formatReplay(recorded, run).join('\n')}\n`);
        if (run.ending === null || !isSameOutcome(run.ending, recorded.ending)) throw new CommandError(EXIT_FAILED, '');
      } catch (error) {
        if (error instanceof Error && error.name === 'LinkError') throw new CommandError(EXIT_FAILED, error.message, { cause: error });
        throw misuseOf(error);
      }
    }));
}

async function read(io: Io, name: string): Promise<Replay> {
  const { MAX_REPLAY_LENGTH, readReplay } = await import('@pmkit/explore');
  const text = readTextFile(io, name, MAX_REPLAY_LENGTH);
  try {
    return readReplay(text, name);
  } catch (error) {
    throw misuseOf(error);
  }
}
