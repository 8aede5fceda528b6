/** pmkit top */
import type { CommandUnknownOpts } from '@commander-js/extra-typings';
import { topPatch } from '@pmkit/series/stack';
import type { Context } from '../context.js';
import { AT_HELP, AT_OPTION, openStore, orFail } from '../stack-options.js';

export function build(context: Context): CommandUnknownOpts {
  return context
    .newCommand('top')
    .description('Print the name of the topmost applied patch. Exit code 2 if none is applied.')
    .option(AT_OPTION, AT_HELP)
    .action(async ({ at }) => {
      const { series } = await context.services();
      const stack = openStore(context.io, series, at).load();
      context.io.stdout(`${orFail(() => topPatch(stack), { 'none applied': 2 }).name}\n`);
    });
}
