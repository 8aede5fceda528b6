/** pmkit series: the whole series, bottom first. */
import { Option, type CommandUnknownOpts } from '@commander-js/extra-typings';
import { formatSeriesFile, seriesMark, type Stack } from '@pmkit/series/stack';
import type { Context } from '../context.js';
import { painter, type Color, type ColorWhen, type Io } from '../io.js';
import { AT_HELP, AT_OPTION, openStore } from '../stack-options.js';

const WHEN: readonly ColorWhen[] = ['always', 'auto', 'never'];

export function build(context: Context): CommandUnknownOpts {
  return context
    .newCommand('series')
    .description('Print the names of all patches in the series.')
    .option('-v, --verbose', 'mark applied patches with + and the topmost one with =')
    .option('--file', 'print the series file, with the two places where the patches are inserted (not in quilt)')
    .addOption(new Option('--color [when]', 'use color: always, auto (on a terminal; the default) or never').choices(WHEN).preset('always'))
    .option(AT_OPTION, AT_HELP)
    .action(async ({ verbose, file, color, at }) => {
      const { io } = context;
      const { series } = await context.services();
      const stack = openStore(io, series, at).load();
      if (file === true) io.stdout(formatSeriesFile(series));
      else list(io, stack, verbose === true, typeof color === 'string' ? color : undefined);
    });
}

function list(io: Io, stack: Stack, verbose: boolean, when: ColorWhen | undefined): void {
  const paint = painter(io, when);
  const { series, applied } = stack;
  for (const [at, entry] of series.entries.entries()) {
    const isTop = at === applied.length - 1;
    const color: Color | undefined = isTop ? 'yellow' : at < applied.length ? 'green' : undefined;
    const line = `${verbose ? seriesMark(stack, at) : ''}${entry.name}`;
    io.stdout(`${color === undefined ? line : paint(color, line)}\n`);
  }
}
