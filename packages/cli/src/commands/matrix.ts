/** pmkit matrix: every behaviour of the catalogue at every level, run and compared with what is expected. */
import { Option, type CommandUnknownOpts } from '@commander-js/extra-typings';
import type { Behaviour, Row, Tree } from '@pmkit/series/catalogue';
import type { SeriesTable } from '@pmkit/series/stack';
import type { Context } from '../context.js';
import { CommandError, EXIT_FAILED } from '../errors.js';
import { STACK, TRUST, withLevels } from '../import/stack-option.js';
import { painter, type Io } from '../io.js';
import { progressOn } from '../progress.js';
import { fromVariable, TREE_VARIABLE, variable } from '../stack-options.js';
import { TREE_HELP } from '../tree-argument.js';
import { widthOf } from '../wrap.js';

export function build(context: Context): CommandUnknownOpts {
  return context
    .newCommand('matrix')
    .description(
      'Run the behaviours of the catalogue at every level of the series and show what is seen: a row a behaviour, a column a level, a letter where it changes. ' +
        'Every cell is run on a machine of its own and compared with what is expected.',
    )
    .argument('[pattern...]', 'only behaviours whose kind, id or sentence has these words; * stands for anything')
    .addOption(new Option('--kind <kind>', 'only these').choices(['claim', 'discrepancy', 'defect'] as const))
    .option('--patch <patch>', "only those on the page of this patch: it is about them, changes them, or breaks them; 0 for the base")
    .option('--level <level>', `only this column: ${TREE_HELP}. Default: PMKIT_TREE, if it is set`)
    .option('--hotplug', 'also for the tree that has the hotplug patches')
    .addOption(new Option('--json', 'print JSON (docs/schemas/matrix.json)').conflicts('junit'))
    .option('--junit', 'print JUnit XML: a suite a patch, a case for each behaviour and level')
    .addOption(STACK).addOption(TRUST)
    .addHelpText('after', '\nExit code 0 if all is as expected, 1 if something is not or nothing fits the pattern, 2 for misuse.')
    .action((pattern, options) => withLevels(context, 'matrix', options, async (levels) => {
      const { io } = context;
      const { series, behaviours: given } = await context.services();
      const { behaviours, matrix } = await import('@pmkit/series/catalogue');
      const { selectBehaviours, selectTrees } = await import('../matrix/select.js');
      const selected = selectBehaviours(series, given ?? behaviours, { pattern: pattern.join(' '), kind: options.kind, patch: options.patch });
      const hotplug = options.hotplug === true;
      const word = options.level ?? variable(io, TREE_VARIABLE);
      const asked = options.level === undefined ? fromVariable(TREE_VARIABLE, () => selectTrees(series, word, hotplug)) : selectTrees(series, word, hotplug);
      const trees = await levels.ready(asked, word !== undefined);
      const rows = observed(io, matrix(selected, trees), selected);
      const format = options.json === true ? 'json' : options.junit === true ? 'junit' : 'text';
      io.stdout(await formatted(format, { io, series, rows, trees }));
      const wrong = rows.flatMap(({ outcomes }) => outcomes).filter(({ ok }) => !ok).length;
      if (wrong > 0) throw new CommandError(EXIT_FAILED, `pmkit matrix: ${wrong} of ${rows.length * trees.length} cells ${wrong === 1 ? 'is' : 'are'} not as expected`);
    }));
}

/** All rows, with a bar while they are run; a terminal is worth one, a log file is not. */
function observed(io: Io, matrix: Iterable<Row>, selected: readonly Behaviour[]): readonly Row[] {
  const progress = progressOn(io);
  const rows: Row[] = [];
  for (const row of matrix) {
    rows.push(row);
    if (io.stderrIsTTY) progress.show(row.behaviour.id, rows.length, selected.length);
  }
  progress.clear();
  return rows;
}

interface Matrix {
  readonly io: Io;
  readonly series: SeriesTable;
  readonly rows: readonly Row[];
  readonly trees: readonly Tree[];
}

async function formatted(format: 'json' | 'junit' | 'text', { io, series, rows, trees }: Matrix): Promise<string> {
  const patchName = (number: number): string => series.entries.find((entry) => entry.number === number)?.name ?? series.base;
  switch (format) {
    case 'json':
      return `${JSON.stringify((await import('../matrix/json.js')).matrixJson(rows, trees, patchName), null, 2)}\n`;
    case 'junit':
      return (await import('../matrix/junit.js')).matrixJunit(rows, patchName);
    case 'text':
      return (await import('../matrix/text.js')).matrixText(rows, { width: widthOf(io), paint: painter(io), patchName });
  }
}
