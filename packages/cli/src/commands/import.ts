/** pmkit import: a stack of patches as a reviewer sends it, beside the kit's own. */
import { Option, type CommandUnknownOpts } from '@commander-js/extra-typings';
import type { Context } from '../context.js';
import { CommandError, EXIT_FAILED, EXIT_MISUSE } from '../errors.js';
import { DEFAULT_RANGE, orMisuse, stackOf, type Source } from '../import/sent.js';
import { progressOn } from '../progress.js';

const HELP = `
The patches go over the base that 'pmkit export' writes. They are read and laid
over it, and compared with the kit's: which file, which function is another.
Nothing of them is run.

With --trust they are: the kernel of each tree is loaded into this process and
does whatever its authors wrote. Then every behaviour of the catalogue is looked
at in every tree, and those are told that are not what the kit's catalogue
expects there; with --behaviour those that it selects, and from where to where
in the stack what is seen. Say it only for patches that you have read.

Other commands take what was sent in the place of the kit's levels, with
--stack quilt:DIR --trust: explore, replay, matrix, behaviour-diff, bisect
--behaviour, run, shell.

Exit codes: 0 all as in the kit, or with --trust as expected; 1 something is
another; 2 patches that cannot be read or do not apply, or misuse.`;

interface Options { readonly trust?: true; readonly behaviour?: string; readonly json?: true }

export function build(context: Context): CommandUnknownOpts {
  const bring = async (options: Options, source: Source): Promise<void> => {
    const { io } = context;
    if (options.behaviour !== undefined && options.trust !== true) throw new CommandError(EXIT_MISUSE, 'pmkit import: --behaviour runs the patches: it needs --trust');
    const review = await import('@pmkit/review/import');
    const { importReport, importJson } = await import('../import/report.js');
    const { matching } = await import('@pmkit/series/catalogue');
    await orMisuse(review, 'import', async () => {
      const stack = await stackOf(io, review, 'import', source);
      const selected = options.trust === true ? matching(options.behaviour) : [];
      if (options.trust === true && selected.length === 0) throw new CommandError(EXIT_MISUSE, `pmkit import: no behaviour fits '${options.behaviour}'`);
      const progress = progressOn(io);
      const seen = options.trust === true ? await review.runStack(stack, selected, place => io.stderrIsTTY && progress.show(stack[place - 1]?.patch.name ?? 'base', place, stack.length)) : null;
      progress.clear();
      io.stdout(options.json === true ? `${JSON.stringify(importJson(stack, seen), null, 2)}\n` : importReport(stack, seen, options.behaviour !== undefined));
      const isAsKit = seen === null ? stack.every(({ others }) => others?.length === 0) : seen.every(row => row.expected.every((text, at) => text === null || text === row.seen[at]));
      if (!isAsKit) throw new CommandError(EXIT_FAILED, '');
    });
  };
  const command = context.newCommand('import').description('Make a stack again of patches that somebody has sent, and show where it is another than the kit\'s.').addHelpText('after', HELP);
  const form = <A extends string>(name: string, text: string, source: A) => command.command(name).description(text).argument(source)
    .addOption(new Option('--trust', 'run the patches, and look at them with the catalogue')).option('--behaviour <pattern>', 'only behaviours whose kind, id or sentence has these words')
    .addOption(new Option('--json', 'print JSON (docs/schemas/import.json)'));
  form('quilt', 'a directory with patches/series', '<dir>').action((place, options) => bring(options, { form: 'quilt', place }));
  form('mbox', 'a mailbox, packed with gzip or not', '<file>').action((place, options) => bring(options, { form: 'mbox', place }));
  form('git', 'commits of a repository', '<dir>').argument('[range]', 'revisions', DEFAULT_RANGE).action((place, range, options) => bring(options, { form: 'git', place, range }));
  return command.usage('quilt <dir> | mbox <file> | git <dir> [range]');
}
