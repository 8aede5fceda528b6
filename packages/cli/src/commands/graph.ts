/** pmkit graph: which patches need which, in the text, by what they use, and in what they do. */
import { Option, type CommandUnknownOpts } from '@commander-js/extra-typings';
import type { PatchGraph } from '@pmkit/review/graph';
import { findPatch, type SeriesTable } from '@pmkit/series/stack';
import type { Context } from '../context.js';
import { CommandError, EXIT_MISUSE } from '../errors.js';
import { painter, type Io } from '../io.js';
import { atLeast } from '../number-argument.js';
import { withBar } from '../progress.js';
import { orFail } from '../stack-options.js';
import { WORKERS_HELP, workersOf } from '../workers.js';
import { widthOf } from '../wrap.js';

export function build(context: Context): CommandUnknownOpts {
  return context
    .newCommand('graph')
    .description(
      'Show which patches of the series need which: because both write the same symbol, because one uses what the other brought, or because something behaves otherwise without it. For the last, ' +
        'each patch is left out, with those that cannot be without it, and the catalogue is run in what remains. docs/review.md says what that means.',
    )
    .argument('[patch]', 'only what this patch needs and who needs it')
    .option('--pairs', 'also leave out every two patches: takes a minute')
    .option('--no-run', 'do not run anything: only what the texts say')
    .option('--workers <n>', WORKERS_HELP, atLeast(1))
    .addOption(new Option('--json', 'print JSON (docs/schemas/graph.json)').conflicts(['dot', 'svg']))
    .addOption(new Option('--dot', 'print the graph in the language of Graphviz').conflicts('svg'))
    .option('--svg', 'print a drawing')
    .addHelpText('after', '\nExit code 2 for misuse.')
    .action(async (word, options) => {
      const { io } = context;
      if (!options.run && (options.pairs === true || options.workers !== undefined)) throw new CommandError(EXIT_MISUSE, `pmkit graph: --${options.pairs === true ? 'pairs' : 'workers'} is for what is run, and goes without --no-run`);
      const { series, behaviours } = await context.services();
      const focus = word === undefined ? undefined : orFail(() => findPatch(series, word), { unknown: EXIT_MISUSE, ambiguous: EXIT_MISUSE }).name;
      const run = !options.run ? 'none' : options.pairs === true ? 'pairs' : 'singles';
      const { patchGraph } = await import('@pmkit/review/graph');
      const graph = await withBar(io, 'tree', (told) => patchGraph(series.entries, {
        run, pairsOf: numbered(series, focus), behaviours: behaviours?.map(({ id }) => id), workers: workersOf(io, options.workers), told,
      }));
      const format = options.json === true ? 'json' : options.dot === true ? 'dot' : options.svg === true ? 'svg' : 'text';
      io.stdout(await formatted(io, format, graph, focus));
    });
}

/** The patch, if it is one of the ten; those of the hotplug project are not left out. */
const numbered = ({ entries }: SeriesTable, name: string | undefined): string | undefined => entries.find((entry) => entry.name === name && entry.number !== undefined)?.name;

async function formatted(io: Io, format: 'json' | 'dot' | 'svg' | 'text', graph: PatchGraph, focus: string | undefined): Promise<string> {
  const { focusOn, graphDot, graphSvg } = await import('@pmkit/review/graph');
  const shown = focus === undefined ? graph : focusOn(graph, focus);
  switch (format) {
    case 'json':
      return `${JSON.stringify((await import('../graph/json.js')).graphJson(shown), null, 2)}\n`;
    case 'dot':
      return graphDot(shown);
    case 'svg':
      return graphSvg(shown);
    case 'text':
      return (await import('../graph/text.js')).graphText(shown, { width: widthOf(io), paint: painter(io), whole: focus === undefined });
  }
}
