/** pmkit pop */
import type { CommandUnknownOpts } from '@commander-js/extra-typings';
import { planPop, reachOf } from '@pmkit/series/stack';
import type { Context } from '../context.js';
import { pop, tellTop } from '../moves.js';
import { AT_HELP, AT_OPTION, openStore, orFail } from '../stack-options.js';

export function build(context: Context): CommandUnknownOpts {
  return context
    .newCommand('pop')
    .description('Take off the topmost patch, or so many patches, or all above a patch, which then is the topmost one.')
    .argument('[num|patch]', 'how many patches, or down to which')
    .option('-a, --all', 'take off all patches')
    .option('-q, --quiet', 'do not name the files')
    .option('-v, --verbose', 'name the symbols too')
    .option(AT_OPTION, AT_HELP)
    .addHelpText('after', '\nExit code 1 if the patch is not applied, 2 if there is nothing to take off.')
    .action(async (word, options, command) => {
      if (word !== undefined && options.all === true) command.error("error: option '-a' goes without a number or patch");
      const { io } = context;
      const services = await context.services();
      const store = openStore(io, services.series, options.at);
      const stack = store.load();
      const plan = orFail(() => planPop(stack, reachOf(word, options.all)), { 'nothing to do': 2 });
      tellTop(io, await pop({ io, services, store, options }, stack, plan));
    });
}
