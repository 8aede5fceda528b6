/** pmkit next */
import type { CommandUnknownOpts } from '@commander-js/extra-typings';
import { nextPatch } from '@pmkit/series/stack';
import type { Context } from '../context.js';
import { AT_HELP, AT_OPTION, openStore, orFail } from '../stack-options.js';

export function build(context: Context): CommandUnknownOpts {
  return context
    .newCommand('next')
    .description('Print the name of the patch that a push would apply. Exit code 2 if all are applied, or if PATCH is.')
    .argument('[patch]', 'print this one, provided that it is not applied')
    .option(AT_OPTION, AT_HELP)
    .action(async (patch, { at }) => {
      const { io } = context;
      const { series } = await context.services();
      const stack = openStore(io, series, at).load();
      const next = orFail(() => nextPatch(stack, patch), { 'fully applied': 2, 'currently applied': 2 });
      io.stdout(`${next.name}\n`);
    });
}
