/** pmkit conformance: recordings of what real kernels did, replayed on the simulated machine. */
import path from 'node:path';
import type { CommandUnknownOpts } from '@commander-js/extra-typings';
import type { Context } from '../context.js';
import { CommandError, EXIT_FAILED, EXIT_MISUSE } from '../errors.js';
import { parseLevel, TREE_HELP } from '../tree-argument.js';

export function build(context: Context): CommandUnknownOpts {
  return context
    .newCommand('conformance')
    .description(
      'Replay recordings of a real kernel (JSON files, one a scenario) on the simulated machine and compare every operation: result, pages, vmas and policies. What differs is named with ' +
        'the reason and its date, or called unexplained. Prints docs/conformance.md for the recordings it was made from.',
    )
    .argument('<directory>', 'where the recordings are')
    .option('--at <level>', `${TREE_HELP.split(',')[0]!}, from 4 on. Default: the last one`)
    .option('--verbose', 'each difference in words, not only its reason')
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExit code 0 if everything agrees or has a reason, 1 if something is unexplained or cannot be replayed, 2 for misuse.')
    .action(async (directory, options) => {
      const { io } = context;
      const { series } = await context.services();
      const { formatConformance, isExplained, LOWEST_LEVEL, RecordingError, replayDirectory } = await import('@pmkit/machine/conformance');
      const level = options.at === undefined ? 10 : parseLevel(series, options.at, ', and no level');
      if (level < LOWEST_LEVEL) throw new CommandError(EXIT_MISUSE, `pmkit conformance: level ${level} has no migrate_pages(): say ${LOWEST_LEVEL} to 10`);
      let result;
      try {
        result = replayDirectory(path.resolve(io.cwd, directory), level);
      } catch (error) {
        if (!(error instanceof RecordingError)) throw error;
        throw new CommandError(EXIT_MISUSE, `pmkit conformance: ${error.message}`, { cause: error });
      }
      io.stdout(options.json === true ? `${JSON.stringify(result, null, 2)}\n` : formatConformance(result, options.verbose === true));
      if (!isExplained(result)) throw new CommandError(EXIT_FAILED, result.unreplayed.map(({ message }) => `pmkit conformance: ${message}`).join('\n'));
    });
}
