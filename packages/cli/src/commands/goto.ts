/** pmkit goto: ours. quilt has a push that goes up to a patch and a pop that goes down to one; here it need not be known which. */
import type { CommandUnknownOpts } from '@commander-js/extra-typings';
import { isAvailable, planGoto } from '@pmkit/series/stack';
import type { Context } from '../context.js';
import { CommandError, EXIT_FAILED } from '../errors.js';
import { pop, push, tellTop } from '../moves.js';
import { AT_HELP, AT_OPTION, notInRelease, openStore, orFail } from '../stack-options.js';

export function build(context: Context): CommandUnknownOpts {
  return context
    .newCommand('goto')
    .description('Push or pop until LEVEL is on top: a patch, its number, or 0 for the base tree. Not a command of quilt.')
    .argument('<level>', 'a patch, its number, or 0')
    .option('-f, --force', 'apply patches even if the tree does not build with them')
    .option('-q, --quiet', 'do not name the files')
    .option('-v, --verbose', 'name the symbols too')
    .option(AT_OPTION, AT_HELP)
    .action(async (level, options) => {
      const { io } = context;
      const services = await context.services();
      const store = openStore(io, services.series, options.at);
      const stack = store.load();
      const { direction, plan } = orFail(() => planGoto(stack, level));
      const missing = direction === 'push' ? plan.filter((entry) => !isAvailable(entry)).at(-1) : undefined;
      if (missing !== undefined) throw new CommandError(EXIT_FAILED, notInRelease(services.series, missing));
      const move = direction === 'push' ? push : pop;
      tellTop(io, await move({ io, services, store, options }, stack, plan));
    });
}
