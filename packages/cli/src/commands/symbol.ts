/** pmkit symbol: a function through the series. */
import type { CommandUnknownOpts } from '@commander-js/extra-typings';
import type { Context } from '../context.js';
import { CommandError, EXIT_MISUSE } from '../errors.js';
import { painter } from '../io.js';
import { NO_PAGER_HELP, NO_PAGER_OPTION, printPaged } from '../pager.js';
import { parseTree, TREE_HELP } from '../tree-argument.js';
import { widthOf } from '../wrap.js';

export function build(context: Context): CommandUnknownOpts {
  return context
    .newCommand('symbol')
    .description(
      'Show a function, constant or type through the series: the file of the kernel that it is modelled on, which patches wrote it anew, who calls it and whom it calls, ' +
        'and the behaviours of the catalogue that speak of it.',
    )
    .argument('<name>', 'as the kernel calls it, or a name of ours')
    .option('-r, --run', 'run the scenarios of the catalogue too, and name those that call it')
    .option('--at <level>', `where --run runs them: ${TREE_HELP}`, '10')
    .option(NO_PAGER_OPTION, NO_PAGER_HELP)
    .addHelpText('after', '\nCalls are those of the linker: by name. Who calls through a table of operations is not among the callers; the tables are named. Exit code 2 for a name that no source declares.')
    .action(async (word, { run, at, pager }, command) => {
      if (run !== true && command.getOptionValueSource('at') === 'cli') throw new CommandError(EXIT_MISUSE, 'pmkit symbol: --at is for --run');
      const { io } = context;
      const { series, behaviours } = await context.services();
      const { behavioursEntering, symbolPages } = await import('@pmkit/review/symbol');
      const { enteredText, symbolPageText } = await import('../symbol/text.js');
      const name = word.replace(/\(\)$/, '');
      const pages = await symbolPages(series.entries, name, behaviours);
      if (pages.length === 0) throw new CommandError(EXIT_MISUSE, `pmkit symbol: found no ${name}; expected a function, constant or type of the sources`);
      const options = { series, width: widthOf(io), paint: painter(io) };
      const texts = pages.map(page => symbolPageText(page, options));
      if (run === true) {
        const { behaviours: catalogue, treeName } = await import('@pmkit/series/catalogue');
        const tree = parseTree(series, at);
        const all = behaviours ?? catalogue;
        texts.push(enteredText(behavioursEntering(name, all, tree), all.length, treeName(tree), options));
      }
      await printPaged(io, texts.join('\n'), pager);
    });
}
