/** pmkit push: quilt's, with the link step in the place of patch(1). */
import type { CommandUnknownOpts } from '@commander-js/extra-typings';
import { planPush, reachOf } from '@pmkit/series/stack';
import type { Context } from '../context.js';
import { push, tellTop } from '../moves.js';
import { AT_HELP, AT_OPTION, openStore, orFail } from '../stack-options.js';

const NOTHING_LEFT = 2;

export function build(context: Context): CommandUnknownOpts {
  return context
    .newCommand('push')
    .description(
      'Apply the next patch, or so many patches, or all up to and including a patch, and link the kernel again after each. ' +
        'A tree that does not build is reported as the compiler would. If a later one of those to be made builds, the work goes on; ' +
        'if none does, the patch that broke it is not applied.',
    )
    .argument('[num|patch]', 'how many patches, or up to which')
    .option('-a, --all', 'apply all patches')
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
      const codes = { 'fully applied': NOTHING_LEFT, 'currently applied': NOTHING_LEFT, 'nothing to do': NOTHING_LEFT };
      const plan = orFail(() => planPush(stack, reachOf(word, options.all)), codes);
      tellTop(io, await push({ io, services, store, options }, stack, plan));
    });
}
