/** pmkit import: a stack of patches as a reviewer sends it, beside the kit's own. */
import path from 'node:path';
import { Option, type CommandUnknownOpts } from '@commander-js/extra-typings';
import type { SentPatch } from '@pmkit/review/import';
import type { Context } from '../context.js';
import { CommandError, EXIT_FAILED, EXIT_MISUSE } from '../errors.js';
import { progressOn } from '../progress.js';
import { readBytes } from '../text-file.js';

const HELP = `
The patches go over the base that 'pmkit export' writes. They are read and laid
over it, and compared with the kit's: which file, which function is another.
Nothing of them is run.

With --trust they are: the kernel of each tree is loaded into this process and
does whatever its authors wrote. Then every behaviour of the catalogue is looked
at in every tree, and those are told that are not what the kit's catalogue
expects there; with --behaviour those that it selects, and from where to where
in the stack what is seen. Say it only for patches that you have read.

Exit codes: 0 all as in the kit, or with --trust as expected; 1 something is
another; 2 patches that cannot be read or do not apply, or misuse.`;

type Review = typeof import('@pmkit/review/import');
interface Options { readonly trust?: true; readonly behaviour?: string; readonly json?: true }

export function build(context: Context): CommandUnknownOpts {
  const bring = async (options: Options, read: (review: Review) => SentPatch[] | Promise<SentPatch[]>): Promise<void> => {
    const { io } = context;
    if (options.behaviour !== undefined && options.trust !== true) throw new CommandError(EXIT_MISUSE, 'pmkit import: --behaviour runs the patches: it needs --trust');
    const review = await import('@pmkit/review/import');
    const { importReport, importJson } = await import('../import/report.js');
    const { matching } = await import('@pmkit/series/catalogue');
    try {
      const stack = review.importStack(await read(review));
      if (stack.length === 0) throw new CommandError(EXIT_MISUSE, 'pmkit import: no patches there');
      const selected = options.trust === true ? matching(options.behaviour) : [];
      if (options.trust === true && selected.length === 0) throw new CommandError(EXIT_MISUSE, `pmkit import: no behaviour fits '${options.behaviour}'`);
      const progress = progressOn(io);
      const seen = options.trust === true ? await review.runStack(stack, selected, place => io.stderrIsTTY && progress.show(stack[place - 1]?.patch.name ?? 'base', place, stack.length)) : null;
      progress.clear();
      io.stdout(options.json === true ? `${JSON.stringify(importJson(stack, seen), null, 2)}\n` : importReport(stack, seen, options.behaviour !== undefined));
      const isAsKit = seen === null ? stack.every(({ others }) => others?.length === 0) : seen.every(row => row.expected.every((text, at) => text === null || text === row.seen[at]));
      if (!isAsKit) throw new CommandError(EXIT_FAILED, '');
    } catch (error) {
      if (!(error instanceof review.ImportError || error instanceof review.GitError)) throw error;
      throw new CommandError(EXIT_MISUSE, `pmkit import: ${error.message}`, { cause: error });
    }
  };
  const command = context.newCommand('import').description('Make a stack again of patches that somebody has sent, and show where it is another than the kit\'s.').addHelpText('after', HELP);
  const form = <A extends string>(name: string, text: string, source: A) => command.command(name).description(text).argument(source)
    .addOption(new Option('--trust', 'run the patches, and look at them with the catalogue')).option('--behaviour <pattern>', 'only behaviours whose kind, id or sentence has these words')
    .addOption(new Option('--json', 'print JSON (docs/schemas/import.json)'));
  const placeOf = (place: string): string => path.resolve(context.io.cwd, place);
  form('quilt', 'a directory with patches/series', '<dir>').action((place, options) => bring(options, ({ readQuilt }) => readQuilt(placeOf(place))));
  form('mbox', 'a mailbox, packed with gzip or not', '<file>').action((name, options) => bring(options, ({ readMbox, IMPORT_LIMITS }) => readMbox(readBytes(context.io, name, IMPORT_LIMITS.bytes * 16), name)));
  form('git', 'commits of a repository', '<dir>').argument('[range]', 'revisions', 'level-0..HEAD').action((place, range, options) => bring(options, ({ readGit }) => readGit(placeOf(place), range)));
  return command.usage('quilt <dir> | mbox <file> | git <dir> [range]');
}
