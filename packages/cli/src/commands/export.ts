/** pmkit export: the series in the forms that reviewers' tools take. */
import path from 'node:path';
import { Option, type CommandUnknownOpts } from '@commander-js/extra-typings';
import type { PlaceOptions } from '@pmkit/review/export';
import type { Context } from '../context.js';
import { CommandError, EXIT_FAILED, EXIT_MISUSE } from '../errors.js';

const HELP = `
Every tree is a small TypeScript project in the kernel's file layout, which
installs, type-checks and tests by itself. Nothing is written outside the place
that is named, and nothing by halves. What is there already is not touched;
--force replaces an earlier export, never anything else, and not when it has
commits, mails or files that pmkit did not write: --discard loses these too.

Exit codes: 0 written; 1 the place is taken, or git is missing; 2 misuse.`;

const FORCE = new Option('--force', 'replace an earlier export');
const DISCARD = new Option('--discard', 'with --force: also what was added to it or changed in it');

export function build(context: Context): CommandUnknownOpts {
  const write = async (place: string, { force, discard }: PlaceOptions, how: (review: typeof import('@pmkit/review/export'), target: string) => string): Promise<void> => {
    if (discard === true && force !== true) throw new CommandError(EXIT_MISUSE, 'pmkit export: --discard goes with --force');
    const review = await import('@pmkit/review/export');
    try {
      context.io.stdout(how(review, path.resolve(context.io.cwd, place)));
    } catch (error) {
      if (!(error instanceof review.ExportError || error instanceof review.GitError)) throw error;
      throw new CommandError(EXIT_FAILED, `pmkit export: ${error.message}`, { cause: error });
    }
  };
  const command = context.newCommand('export').description('Write the series as a git repository, for quilt, or as mails.').addHelpText('after', HELP);
  command.command('git').description('a repository: the base, a commit for each patch, a tag for each level').argument('<dir>').addOption(FORCE).addOption(DISCARD)
    .action((place, options) => write(place, options, ({ exportGit, MAIN, HOTPLUG_BRANCH }, target) => {
      exportGit(target, options);
      return `${place}: branches ${MAIN} (level 9) and ${HOTPLUG_BRANCH} (level 10), tags level-0 to level-10\n`;
    }));
  command.command('quilt').description('a directory for quilt: the base, patches/ and patches/series').argument('<dir>').addOption(FORCE).addOption(DISCARD)
    .action((place, options) => write(place, options, ({ exportQuilt }, target) => {
      exportQuilt(target, options);
      return `${place}: the base tree, and patches/ for it\n`;
    }));
  command.command('mbox').description('mails, for git am and mail readers').argument('<file>').addOption(FORCE).addOption(DISCARD)
    .option('--no-cover', 'no cover letter, which git am before 2.35 cannot pass over')
    .action((place, options) => write(place, options, ({ exportMbox }, target) => {
      exportMbox(target, options);
      return options.cover ? `${place}: a cover letter and the patches (git am --empty=drop)\n` : `${place}: the patches\n`;
    }));
  return command.usage('git <dir> | quilt <dir> | mbox <file>');
}
