/** pmkit diff: what a patch changes in the sources, or what differs between two levels. */
import type { CommandUnknownOpts } from '@commander-js/extra-typings';
import type { Context } from '../context.js';
import { asksStack, parseRange, type Range } from '../diff/range.js';
import { CommandError, EXIT_MISUSE } from '../errors.js';
import { painter } from '../io.js';
import { NO_PAGER_HELP, NO_PAGER_OPTION, printPaged } from '../pager.js';
import { AT_HELP, AT_OPTION, openStore } from '../stack-options.js';
import { widthOf } from '../wrap.js';

export function build(context: Context): CommandUnknownOpts {
  return context
    .newCommand('diff')
    .description(
      'Show what a patch changes in the sources of the kit, or what differs between two levels: unified diffs that git apply takes, by the kernel file that is modelled, ' +
        'with the lines that the original patches changed in it.',
    )
    .argument('[patch|a..b]', 'a patch, by its name or a beginning of it, number or package; or two levels (0 to 10, or the patch on top; 2+hotplug). Default: the topmost applied patch')
    .option('-s, --symbol <name>', 'only this function, constant or type')
    .option('--stat', "a diffstat, with the original's figures beside")
    .option('-w, --word', 'mark changed words in place of lines')
    .option(NO_PAGER_OPTION, NO_PAGER_HELP)
    .option(AT_OPTION, AT_HELP)
    .addHelpText('after', '\nExit code 0 whether or not something differs, 1 if no patch is applied, 2 for misuse. The sources of a level are what pmkit export writes.')
    .action(async (word, options, command) => {
      if (options.stat === true && options.word === true) command.error("error: option '--stat' goes without '--word'");
      const { io } = context;
      const { series } = await context.services();
      if (options.at !== undefined && !asksStack(word)) throw new CommandError(EXIT_MISUSE, `pmkit diff: --at says where the stack stands, and ${word ?? ''} does not ask that: expected no patch, or levels with an end left out`);
      const range = await parseRange(series, word, () => openStore(io, series, options.at).load());
      const { diffTrees, originalFigures } = await import('@pmkit/review/diff');
      const { symbol } = options;
      if (symbol !== undefined) await checkSymbol(range, symbol);
      const diffs = diffTrees(range.before, range.after, symbol === undefined ? {} : { symbol });
      const { diffOutput, statOutput } = await import('../diff/text.js');
      const original = symbol === undefined ? originalFigures(range.before, range.after) : null;
      const paint = painter(io);
      const text = options.stat === true ? statOutput(diffs, { paint, original }, widthOf(io)) : diffOutput(diffs, { paint, original, word: options.word === true });
      await printPaged(io, text, options.pager);
    });
}

/** @throws CommandError (misuse) when neither tree declares it. */
async function checkSymbol({ before, after }: Range, name: string): Promise<void> {
  const { symbolsOf } = await import('@pmkit/review');
  if ([before, after].some(applied => symbolsOf(applied).some(symbol => symbol.name === name))) return;
  throw new CommandError(EXIT_MISUSE, `pmkit diff: found no ${name} in either tree; expected a function, constant or type of the sources`);
}
