/** pmkit applied */
import type { CommandUnknownOpts } from '@commander-js/extra-typings';
import { appliedPatches } from '@pmkit/series/stack';
import type { Context } from '../context.js';
import { AT_HELP, AT_OPTION, openStore, orFail } from '../stack-options.js';

export function build(context: Context): CommandUnknownOpts {
  return context
    .newCommand('applied')
    .description('Print the applied patches, bottom first: all of them, or those up to and including PATCH.')
    .argument('[patch]')
    .option(AT_OPTION, AT_HELP)
    .action(async (patch, { at }) => {
      const { series } = await context.services();
      const stack = openStore(context.io, series, at).load();
      for (const { name } of orFail(() => appliedPatches(stack, patch))) context.io.stdout(`${name}\n`);
    });
}
