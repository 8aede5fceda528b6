/** pmkit previous */
import type { CommandUnknownOpts } from '@commander-js/extra-typings';
import { previousPatch } from '@pmkit/series/stack';
import type { Context } from '../context.js';
import { CommandError } from '../errors.js';
import { AT_HELP, AT_OPTION, openStore, orFail } from '../stack-options.js';

export function build(context: Context): CommandUnknownOpts {
  return context
    .newCommand('previous')
    .description('Print the name of the applied patch below the topmost one, or below PATCH. Exit code 2 if there is none.')
    .argument('[patch]')
    .option(AT_OPTION, AT_HELP)
    .action(async (patch, { at }) => {
      const { series } = await context.services();
      const stack = openStore(context.io, series, at).load();
      const previous = orFail(() => previousPatch(stack, patch));
      // quilt says nothing here, and so do we.
      if (previous === undefined) throw new CommandError(2, '');
      context.io.stdout(`${previous.name}\n`);
    });
}
