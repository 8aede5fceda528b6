/** pmkit goto: ours. quilt has a push that goes up to a patch and a pop that goes down to one; here it need not be known which. */
import type { CommandUnknownOpts } from '@commander-js/extra-typings';
import { planGoto } from '@pmkit/series/stack';
import type { Context } from '../context.js';
import { pop, push, tellTop } from '../moves.js';
import { AT_HELP, AT_OPTION, openStore, orFail } from '../stack-options.js';

export function build(context: Context): CommandUnknownOpts {
  return context
    .newCommand('goto')
    .description(
      'Push or pop until LEVEL is on top: a patch, its number, or 0 for the base tree. ' +
        'Trees on the way that do not build are passed over if the tree at LEVEL builds. Not a command of quilt.',
    )
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
      const move = direction === 'push' ? push : pop;
      tellTop(io, await move({ io, services, store, options }, stack, plan));
    });
}
