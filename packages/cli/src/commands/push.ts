/** pmkit push: quilt's, with the link step in the place of patch(1). */
import type { CommandUnknownOpts } from '@commander-js/extra-typings';
import { isAvailable, planPush, type PatchEntry, type Reach, type SeriesTable } from '@pmkit/series/stack';
import type { Context } from '../context.js';
import { CommandError, EXIT_FAILED } from '../errors.js';
import { push, tellTop } from '../moves.js';
import { AT_HELP, AT_OPTION, notInRelease, openStore, orFail, reachOf } from '../stack-options.js';

const NOTHING_LEFT = 2;

export function build(context: Context): CommandUnknownOpts {
  return context
    .newCommand('push')
    .description(
      'Apply the next patch, or so many patches, or all up to and including a patch, and link the kernel again after each. ' +
        'A tree that does not build is reported as the compiler would, and the patch is not applied.',
    )
    .argument('[num|patch]', 'how many patches, or up to which')
    .option('-a, --all', 'apply all patches of this release')
    .option('-f, --force', 'apply a patch even if the tree does not build with it')
    .option('-q, --quiet', 'do not name the files')
    .option('-v, --verbose', 'name the symbols too')
    .option(AT_OPTION, AT_HELP)
    .addHelpText('after', '\nExit code 1 if a patch cannot be applied, 2 if there is none left to apply.')
    .action(async (word, options, command) => {
      if (word !== undefined && options.all === true) command.error("error: option '-a' goes without a number or patch");
      const { io } = context;
      const services = await context.services();
      const store = openStore(io, services.series, options.at);
      const stack = store.load();
      const reach = reachOf(word, options.all);
      const codes = { 'fully applied': NOTHING_LEFT, 'currently applied': NOTHING_LEFT, 'nothing to do': NOTHING_LEFT };
      const { plan, missing } = withinRelease(services.series, orFail(() => planPush(stack, reach), codes), reach);
      tellTop(io, await push({ io, services, store, options }, stack, plan));
      if (missing !== undefined) io.stderr(`${notInRelease(services.series, missing)}\n`);
    });
}

/**
 * The part of a plan that this release can carry out. To a patch by name it is all or nothing. A number, or all of them,
 * goes as far as there are patches, as quilt does at the end of a series.
 */
function withinRelease(series: SeriesTable, plan: readonly PatchEntry[], reach: Reach): { plan: readonly PatchEntry[]; missing?: PatchEntry } {
  const end = plan.findIndex((entry) => !isAvailable(entry));
  const missing = plan[end];
  if (missing === undefined) return { plan };
  if ('patch' in reach) throw new CommandError(EXIT_FAILED, notInRelease(series, plan.at(-1) ?? missing));
  if (end === 0) throw new CommandError(NOTHING_LEFT, notInRelease(series, missing));
  return { plan: plan.slice(0, end), missing };
}
