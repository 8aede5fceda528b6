/** pmkit check: what is to be said of a patch, in the form that a review tool takes. */
import { Option, type CommandUnknownOpts } from '@commander-js/extra-typings';
import type { CheckReport, Layout } from '@pmkit/review/check';
import { findPatch, type PatchEntry, type SeriesTable } from '@pmkit/series/stack';
import type { Context } from '../context.js';
import { CommandError, EXIT_FAILED, EXIT_MISUSE } from '../errors.js';
import { painter, type Io } from '../io.js';
import { findRace, knownRaces } from '../race-argument.js';
import { orFail } from '../stack-options.js';
import { widthOf } from '../wrap.js';

const FORMATS = ['text', 'json', 'b4', 'junit', 'github'] as const;
type Format = (typeof FORMATS)[number];
const LAYOUTS: readonly Layout[] = ['kit', 'export'];
const MAIL = '-';

interface Options { readonly format: Format; readonly paths: Layout; readonly url?: string | undefined; readonly races?: true | undefined }

export function build(context: Context): CommandUnknownOpts {
  return context
    .newCommand('check')
    .description(
      'Check a patch where it stands in the series: does it apply and build, are prototypes kept, do the behaviours of the catalogue look as expected below it and with it, are machines consistent afterwards, ' +
        'what is known to be wrong. Printed for people, or for the tools that reviewers use; docs/review.md has how to set these up.',
    )
    .argument('<patch>', 'a patch, or - for the one that a mail on standard input carries')
    .addOption(new Option('--format <format>', 'b4: results of a check command of b4 review; github: annotations of GitHub Actions').choices(FORMATS).default('text' as const))
    .addOption(new Option('--paths <layout>', 'files as in the repository of the kit, or in one that pmkit export git has written').choices(LAYOUTS).default('kit' as const))
    .option('--url <url>', 'b4: a page about this run')
    .option('--races', 'also search through the races of the kit: takes half a minute')
    .addHelpText('after', '\nExit code 0 when nothing has failed, warnings or not; 1 when something has; 2 for misuse.')
    .action(async (word, options) => {
      const { io } = context;
      const { series, behaviours } = await context.services();
      if (options.url !== undefined && !(URL.canParse(options.url) && /^https?:/i.test(options.url))) throw new CommandError(EXIT_MISUSE, `--url ${options.url}: expected an address such as https://ci.example.org/7`);
      if (options.url !== undefined && options.format !== 'b4') throw new CommandError(EXIT_MISUSE, 'pmkit check: --url is for --format b4');
      const entry = await findEntry(io, series, word);
      if (entry === null) {
        nothing(io, options.format);
        return;
      }
      const { checkPatch } = await import('@pmkit/review/check');
      const races = options.races === true ? await Promise.all(knownRaces().map((name) => findRace(io, name))) : [];
      const report = await checkPatch(series.entries, entry, { layout: options.paths, behaviours, races });
      io.stdout(await formatted(io, report, options));
      const failed = report.checks.filter(({ status }) => status === 'fail').map(({ id }) => id);
      if (failed.length > 0) throw new CommandError(EXIT_FAILED, `pmkit check: ${entry.name} fails: ${failed.join(', ')}`);
    });
}

/** @throws CommandError (misuse) for a patch that there is not. @returns null when a mail carries none of the series. */
async function findEntry(io: Io, series: SeriesTable, word: string): Promise<PatchEntry | null> {
  if (word !== MAIL) return orFail(() => findPatch(series, word), { unknown: EXIT_MISUSE, ambiguous: EXIT_MISUSE });
  if (io.stdin === undefined) throw new CommandError(EXIT_MISUSE, 'pmkit check -: there is no standard input to read a mail from');
  const { patchOfMail } = await import('@pmkit/review/check');
  return patchOfMail(await io.stdin.text(), series.entries);
}

/** b4 asks about covers too, and takes an empty list for nothing to say. @throws CommandError for other formats */
function nothing(io: Io, format: Format): void {
  if (format !== 'b4') throw new CommandError(EXIT_MISUSE, 'pmkit check -: expected a mail whose subject names a patch of the series, and that is no cover letter and no answer');
  io.stdout('[]\n');
}

async function formatted(io: Io, report: CheckReport, { format, url }: Options): Promise<string> {
  switch (format) {
    case 'text':
      return (await import('../check/text.js')).checkText(report, { width: widthOf(io), paint: painter(io) });
    case 'json':
      return `${JSON.stringify((await import('../check/json.js')).checkJson(report), null, 2)}\n`;
    case 'b4':
      return `${JSON.stringify((await import('../check/b4.js')).b4Results(report, url), null, 2)}\n`;
    case 'junit':
      return (await import('../check/junit.js')).checkJunit(report);
    case 'github':
      return (await import('../check/github.js')).githubCommands(report);
  }
}
