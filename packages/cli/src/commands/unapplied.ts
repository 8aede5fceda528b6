/** pmkit unapplied */
import type { CommandUnknownOpts } from '@commander-js/extra-typings';
import { unappliedAfter } from '@pmkit/series/stack';
import type { Context } from '../context.js';
import { AT_HELP, AT_OPTION, openStore, orFail } from '../stack-options.js';

export function build(context: Context): CommandUnknownOpts {
  return context
    .newCommand('unapplied')
    .description('Print the patches that are not applied, or all patches that follow PATCH in the series.')
    .argument('[patch]')
    .option(AT_OPTION, AT_HELP)
    .action(async (patch, { at }) => {
      const { series } = await context.services();
      const stack = openStore(context.io, series, at).load();
      for (const entry of orFail(() => unappliedAfter(stack, patch))) context.io.stdout(`${entry.name}\n`);
    });
}
