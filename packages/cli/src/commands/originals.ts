/** pmkit originals: the mails of June 2005, from the user's own download, beside the packages. */
import type { CommandUnknownOpts } from '@commander-js/extra-typings';
import type { OriginalPage } from '@pmkit/review/originals';
import { findPatch, type SeriesTable } from '@pmkit/series/stack';
import type { Context } from '../context.js';
import { CommandError, EXIT_FAILED, EXIT_MISUSE } from '../errors.js';
import { painter } from '../io.js';
import type { OriginalsOptions } from '../originals/text.js';
import { NO_PAGER_HELP, NO_PAGER_OPTION, printPaged } from '../pager.js';
import { orFail } from '../stack-options.js';
import { readBytes } from '../text-file.js';
import { widthOf } from '../wrap.js';

export function build(context: Context): CommandUnknownOpts {
  return context
    .newCommand('originals')
    .description(
      'Show the mails in which the series was posted beside the packages: which mail is which patch, and by file and function what the hunks of the original change, what the package has for it, ' +
        'and what only one of them has. The kit has none of these mails: download them yourself.',
    )
    .argument('<mbox>', 'a mailbox with the thread, as lore.kernel.org packs it (t.mbox.gz), unpacked or not')
    .argument('[patch...]', 'only these patches: name or a beginning of it, number or package')
    .option('-t, --text', 'show the hunks too, beside what the package changes in the sources')
    .option(NO_PAGER_OPTION, NO_PAGER_HELP)
    .option('--json', 'print JSON (docs/schemas/originals.json)')
    .addHelpText('after', '\nExit code 1 if the mailbox has none of the patches asked for, 2 for a mailbox, mail or patch that is damaged.')
    .action(async (name, words, options, command) => {
      if (options.text === true && options.json === true) command.error("error: option '--text' goes without '--json'");
      const { io } = context;
      const services = await context.services();
      const only = words.map((word) => orFail(() => findPatch(services.series, word), { unknown: EXIT_MISUSE, ambiguous: EXIT_MISUSE }));
      const ofHotplug = only.find(({ number }) => number === undefined);
      if (ofHotplug !== undefined) throw new CommandError(EXIT_MISUSE, `pmkit originals: ${ofHotplug.name} is a patch of the memory hotplug project, and was not posted with the series`);
      const { MAILBOX_LIMITS, MailboxError, readOriginals } = await import('@pmkit/review/originals');
      const { factsOf } = await import('@pmkit/series/patches');
      let originals;
      try {
        originals = await readOriginals(readBytes(io, name, MAILBOX_LIMITS.bytes), name, { ...services, factsOf }, only.length === 0 ? undefined : only);
      } catch (error) {
        if (!(error instanceof MailboxError)) throw error;
        throw new CommandError(EXIT_MISUSE, `pmkit originals: ${error.message}`, { cause: error });
      }
      if (options.json === true) {
        const { originalsJson } = await import('../originals/json.js');
        io.stdout(`${JSON.stringify(originalsJson(originals), null, 2)}\n`);
      } else {
        const { originalsText } = await import('../originals/text.js');
        const text = { name, width: widthOf(io), paint: painter(io) };
        const hunks = options.text === true ? await hunksBeside(services.series, text) : undefined;
        await printPaged(io, originalsText(originals, text, hunks), options.pager);
      }
      if (originals.pages.every(({ mail }) => mail === null)) throw new CommandError(EXIT_FAILED, `pmkit originals: ${name} has no mail of ${only.length === 0 ? 'the series' : 'these patches'} (-rc3, June 2005)`);
    });
}

/** The hunks of a page beside what the package changes. */
async function hunksBeside({ entries }: SeriesTable, options: OriginalsOptions): Promise<(page: OriginalPage) => string[]> {
  const { diffTrees } = await import('@pmkit/review/diff');
  const { hunksText } = await import('../originals/hunks.js');
  return (page) => {
    const at = entries.indexOf(page.entry);
    return hunksText(page, (symbol) => diffTrees(entries.slice(0, at), entries.slice(0, at + 1), { symbol }), options);
  };
}
