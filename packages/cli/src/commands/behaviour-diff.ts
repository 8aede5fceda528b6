/** pmkit behaviour-diff: what is not the same at two levels. */
import type { CommandUnknownOpts } from '@commander-js/extra-typings';
import type { Difference, RunDiff } from '@pmkit/series/compare';
import type { Context } from '../context.js';
import { CommandError, EXIT_MISUSE } from '../errors.js';
import { STACK, TRUST, withLevels } from '../import/stack-option.js';
import { readScenario } from '../scenario-argument.js';
import { parseTree, TREE_HELP } from '../tree-argument.js';

export function build(context: Context): CommandUnknownOpts {
  return context
    .newCommand('behaviour-diff')
    .description(
      'Run the behaviours of the catalogue, or a scenario of your own, at two levels and show what differs: results of system calls, where pages are, ' +
        'policies, log lines, and the first step at which the two runs part. What does not differ is not shown.',
    )
    .argument('<a>', TREE_HELP)
    .argument('<b>', 'another one')
    .argument('[pattern]', 'only behaviours whose id or sentence has these words')
    .option('--scenario <file>', 'a scenario file in place of the catalogue')
    .option('--json', 'print JSON')
    .addOption(STACK).addOption(TRUST)
    .addHelpText('after', '\nExit code 0 whether or not something differs, 2 for misuse. Scenario files are described in docs/scenarios.md.')
    .action((wordA, wordB, pattern, options) => withLevels(context, 'behaviour-diff', options, async (levels) => {
      const { io } = context;
      const { series } = await context.services();
      const [a, b] = [parseTree(series, wordA), parseTree(series, wordB)];
      if (pattern !== undefined && options.scenario !== undefined) throw new CommandError(EXIT_MISUSE, 'pmkit behaviour-diff: a pattern selects behaviours of the catalogue and goes without --scenario');
      await levels.ready([a, b], true);
      const { matching, treeName } = await import('@pmkit/series/catalogue');
      const { compareBehaviours, compareScenario } = await import('@pmkit/series/compare');
      const found: { id: string; sentence: string; asExpected?: boolean; diff: RunDiff }[] = [];
      if (options.scenario === undefined) {
        for (const { behaviour, diff, asExpected } of compareBehaviours(matching(pattern), a, b)) found.push({ id: behaviour.id, sentence: behaviour.sentence, asExpected, diff });
      } else {
        const { name, scenario } = await readScenario(io, options.scenario);
        found.push({ id: name, sentence: '', diff: compareScenario(scenario, a, b) });
      }
      const names = { a: treeName(a), b: treeName(b) };
      if (options.json === true) io.stdout(`${JSON.stringify({ ...names, differing: found }, null, 2)}\n`);
      else io.stdout(found.length === 0 ? `Nothing differs between level ${names.a} and level ${names.b}.\n` : found.map(({ id, sentence, diff }) => formatDiff(names, id, sentence, diff)).join('\n'));
    }));
}

interface Names { readonly a: string; readonly b: string }

function formatDiff(names: Names, id: string, sentence: string, { seenA, seenB, parting, steps, end }: RunDiff): string {
  const lines = [sentence === '' ? id : `${id}: ${sentence}`];
  if (seenA === seenB && parting === null && steps.length === 0 && end.length === 0) return `${lines[0]!}\n  the same at level ${names.a} and level ${names.b}: ${seenA}\n`;
  lines.push(`  level ${names.a}: ${seenA}`, `  level ${names.b}: ${seenB}`);
  if (parting !== null) lines.push(`  the runs part at step ${parting.step}`);
  for (const difference of steps) lines.push(...formatDifference(difference));
  if (end.length > 0) lines.push('  at the end');
  for (const difference of end) lines.push(...formatDifference(difference));
  return `${lines.join('\n')}\n`;
}

/** As a diff has it: the first run's with a minus, the second's with a plus. */
function formatDifference({ kind, where, a, b }: Difference): string[] {
  const side = (sign: string, value: string | null): string[] => (value === null ? [] : (value === '' ? '(none)' : value).split('\n').map(line => `    ${sign} ${line}`));
  return [kind === 'call' ? '   other calls' : `   ${where}${kind === 'policy' ? ', policy' : ''}`, ...side('-', a), ...side('+', b)];
}
