/** pmkit docs: the pages that are made from the patches and the catalogue. */
import path from 'node:path';
import type { CommandUnknownOpts } from '@commander-js/extra-typings';
import type { Context } from '../context.js';
import { CommandError, EXIT_FAILED } from '../errors.js';

export function build(context: Context): CommandUnknownOpts {
  return context
    .newCommand('docs')
    .description('Write the pages that are made from the patches and the catalogue: series/, behaviours.md, overview.md and schemas/. What is up to date is left alone, and nothing is removed.')
    .argument('<directory>', 'where to; the kit keeps them in docs')
    .option('--check', 'write nothing; say what is not up to date')
    .option('--update', 'run the console blocks too, of the pages in the directory and of the READMEs beside it, and write down what they print')
    .addHelpText('after', '\nExit code 0 if all is (now) up to date, 1 if something is not or cannot be written.')
    .action(async (directory, options) => {
      const { io } = context;
      const services = await context.services();
      const { behaviours } = await import('@pmkit/series/catalogue');
      const { touchesOf } = await import('@pmkit/series/patches');
      const { docsPages, GENERATED_DIRECTORIES } = await import('../docs/pages.js');
      const { staleFiles, writePage } = await import('../docs/files.js');
      const pages = docsPages({ series: services.series, behaviours: services.behaviours ?? behaviours, touches: await touchesOf(services) });
      const target = path.resolve(io.cwd, directory);
      const orReport = <T>(action: () => T): T => {
        try {
          return action();
        } catch (error) {
          throw new CommandError(EXIT_FAILED, `pmkit docs: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
        }
      };
      const stale = orReport(() => staleFiles(target, pages, GENERATED_DIRECTORIES));
      if (options.check === true && stale.length > 0) {
        throw new CommandError(EXIT_FAILED, `${stale.map(({ file, why }) => `${path.join(directory, file)} ${why}`).join('\n')}\nnpm run docs writes them anew.`);
      }
      for (const { file, why } of stale) {
        if (why !== 'is left over') orReport(() => writePage(target, file, pages.get(file)!));
        io.stdout(`${path.join(directory, file)}${why === 'is left over' ? ' is left over: remove it' : ''}\n`);
      }
      if (options.update === true) {
        const { updateTranscripts } = await import('../transcripts/update.js');
        for (const file of await updateTranscripts(context, target)) io.stdout(`${path.relative(io.cwd, file)}\n`);
      }
    });
}
