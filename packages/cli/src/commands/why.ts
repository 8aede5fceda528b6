/** pmkit why: why a page is where it is after migrate_pages(). */
import { InvalidArgumentError, type CommandUnknownOpts } from '@commander-js/extra-typings';
import type { Explanation, Question, Verdict } from '@pmkit/series/compare';
import type { Tree } from '@pmkit/series/catalogue';
import type { Context } from '../context.js';
import { CommandError, EXIT_FAILED } from '../errors.js';
import { findScenario } from '../scenario-argument.js';
import { fromVariable, TREE_VARIABLE, variable } from '../stack-options.js';
import { parseTree, TREE_HELP } from '../tree-argument.js';

function address(text: string): number {
  const value = Number(text);
  if (!/^(0x[0-9a-fA-F]+|\d+)$/.test(text) || !Number.isFinite(value)) throw new InvalidArgumentError('Expected an address such as 0x2000000000004000.');
  return value;
}
function pageCount(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError('Expected a number of pages from 1 on.');
  return Number(text);
}

export function build(context: Context): CommandUnknownOpts {
  return context
    .newCommand('why')
    .description(
      'After the last migrate_pages() call for a process in a scenario: which of its pages were moved and which not, the rule that decided, ' +
        'in which function of which patch, and what every other level decides.',
    )
    .argument('<scenario>', 'the id of a behaviour of the catalogue, or a scenario file')
    .argument('<process>', 'the name of the process')
    .argument('[address]', 'from this address on; default: all it has mapped', address)
    .option('--pages <n>', 'so many pages; default: to the end of the mapping', pageCount)
    .option('--at <level>', `only there: ${TREE_HELP}. Default: PMKIT_TREE, if it is set`)
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExit code 1 if no migrate_pages() call is made for such a process, 2 for misuse. Scenario files are described in docs/scenarios.md.')
    .action(async (word, task, from, options) => {
      const { io } = context;
      const { series } = await context.services();
      const given = variable(io, TREE_VARIABLE);
      const inEnvironment = (): Tree | undefined => (given === undefined ? undefined : fromVariable(TREE_VARIABLE, () => parseTree(series, given)));
      const tree = options.at === undefined ? inEnvironment() : parseTree(series, options.at);
      const { scenario } = await findScenario(io, word);
      const { alike, explain, whyAtEveryLevel } = await import('@pmkit/series/compare');
      const question: Question = { task, ...(from === undefined ? {} : { address: from }), ...(options.pages === undefined ? {} : { pages: options.pages }) };
      const explanations = tree === undefined ? whyAtEveryLevel(scenario, question) : [explain(scenario, tree, question)];
      if (explanations.every(({ builds, result }) => builds && result === null)) throw new CommandError(EXIT_FAILED, `pmkit why: ${word} makes no migrate_pages() call for a process named ${task}`);
      if (options.json === true) io.stdout(`${JSON.stringify(explanations, null, 2)}\n`);
      else io.stdout(alike(explanations).map(({ levels, explanation }) => formatExplanation(levels, explanation)).join('\n'));
    });
}

function outcome({ builds, result }: Explanation): string {
  if (!builds) return 'does not build';
  return result === null ? 'no migrate_pages() call of it could be watched from beginning to end' : `migrate_pages() = ${result}`;
}

function formatExplanation(levels: string, explanation: Explanation): string {
  const head = `${levels.includes('-') ? 'Levels' : 'Level'} ${levels}: ${outcome(explanation)}`;
  return `${[head, ...explanation.verdicts.flatMap(formatVerdict)].join('\n')}\n`;
}

function formatVerdict({ start, end, pages, mapping, from, to, moved, rule, symbol, file, patch }: Verdict): string[] {
  const where = from < 0 && to < 0 ? 'not in memory' : moved ? `moved from node ${from} to node ${to}` : to < 0 ? `gone from node ${from}` : `stay on node ${to}`;
  return [`  0x${start.toString(16)}-0x${end.toString(16)}  ${mapping}  ${pages} ${pages === 1 ? 'page' : 'pages'}: ${where}`, `    ${rule}`, `    ${symbol}() in ${file}, ${patch}`];
}
