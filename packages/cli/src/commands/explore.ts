/** pmkit explore: every interleaving of a race, and what comes of each. */
import { existsSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { Option, type CommandUnknownOpts } from '@commander-js/extra-typings';
import type { AtLevel, Ending, ExploreOptions, Race, Shrunk } from '@pmkit/explore';
import type { Tree } from '@pmkit/series/catalogue';
import { treesAt } from '../console.js';
import type { Context } from '../context.js';
import { CommandError, EXIT_FAILED, EXIT_MISUSE } from '../errors.js';
import { coverage, existence, outcomeTable } from '../explore/table.js';
import { explorationJson } from '../explore/json.js';
import { STACK, TRUST, withLevels, type Levels, type StackOptions } from '../import/stack-option.js';
import { atLeast } from '../number-argument.js';
import { withBar } from '../progress.js';
import { findRace, knownRaces, misuseOf } from '../race-argument.js';
import { TREE_HELP, treeWord } from '../tree-argument.js';
import { WORKERS_HELP, workersOf } from '../workers.js';

interface Options extends StackOptions {
  readonly at?: string | undefined; readonly strategy?: ExploreOptions['strategy'] | undefined; readonly bound?: number | undefined; readonly seed?: number | undefined;
  readonly limit?: number | undefined; readonly depth?: number | undefined; readonly workers?: number | undefined; readonly failure?: string | undefined;
  readonly explain?: true | undefined; readonly bisect?: true | undefined; readonly save?: string | undefined; readonly json?: true | undefined; readonly locks?: true | undefined;
}

export function build(context: Context): CommandUnknownOpts {
  return context
    .newCommand('explore')
    .description(
      'Take the steps of several tasks in every order in which they can come, and show how the race can end: a row an ending, a column a level. An ending is a failure (!) when the kernel ' +
        "complains, a task is killed by it, contents or pages are lost, nobody can go on, or the race's own condition does not hold.",
    )
    .argument('<race>', 'a race file (docs/races.md), or one of the kit')
    .option('--at <levels>', `${TREE_HELP}; 0-10 or all for several. Default: all`)
    .addOption(new Option('--strategy <strategy>', 'states: every state once; reduced: one order of independent steps; all: every order; bounded, random, pct. Default: states; all with --stack, which has no states and no reduced')
      .choices(['states', 'reduced', 'all', 'bounded', 'random', 'pct'] as const))
    .option('--bound <n>', 'bounded: so many preemptions at most (2)', atLeast(0))
    .option('--seed <n>', 'random, pct: the seed (1)', atLeast(0))
    .option('--limit <n>', 'states or executions at most (20000; random, pct: 1000)', atLeast(1))
    .option('--depth <n>', 'steps of an execution at most (4000)', atLeast(1))
    .option('--workers <n>', WORKERS_HELP, atLeast(1))
    .option('--failure <text>', 'of the failures only those with this text')
    .option('--explain', 'show the smallest schedule to the first failure, where it was decided and by which two steps')
    .option('--bisect', 'say at which level some schedule fails first')
    .option('--locks', 'also say which locks are taken in an order that can deadlock, as the lock validator of later kernels does')
    .option('--save <file>', 'write that schedule to a file for pmkit replay')
    .option('--json', 'print JSON (docs/schemas/explore.json)')
    .addOption(STACK).addOption(TRUST)
    .addHelpText('after', () => `\nRaces of the kit: ${knownRaces().join(', ')}.\nExit code 0 when nothing fails, 1 when something does, 2 for misuse.`)
    .action(async (word, options) => {
      try {
        await withLevels(context, 'explore', options, levels => run(context, word, options, levels));
      } catch (error) {
        throw misuseOf(error);
      }
    });
}

async function run(context: Context, word: string, options: Options, sent: Levels): Promise<void> {
  const { io } = context;
  if (options.save !== undefined && existsSync(path.resolve(io.cwd, options.save))) throw new CommandError(EXIT_MISUSE, `--save ${options.save}: the file is there already`);
  const race = await findRace(io, word);
  const { strategy = sent.areSent ? 'all' : 'states', bound, seed, limit, depth } = options;
  if (sent.areSent && (strategy === 'states' || strategy === 'reduced')) {
    throw new CommandError(EXIT_MISUSE, `--strategy ${strategy}: it runs the kernel that the kit's build has printed; with --stack expected all, bounded, random or pct`);
  }
  const trees = await sent.ready(await treesAt(context, options.at ?? 'all'), options.at !== undefined && options.at !== 'all');
  const { exploreLevels } = await import('@pmkit/explore');
  const search: ExploreOptions = {
    strategy, ...(bound === undefined ? {} : { bound }), ...(seed === undefined ? {} : { seed }), ...(limit === undefined ? {} : { limit }), ...(depth === undefined ? {} : { depth }),
  };
  const levels = await withBar(io, 'level', told => exploreLevels(race, trees, search, { workers: workersOf(io, options.workers), setUp: sent.threads, told }));
  const [alone] = levels;
  if (levels.length === 1 && alone !== undefined && 'linkError' in alone) throw new CommandError(EXIT_FAILED, alone.linkError);
  const failure = firstFailure(levels, options.failure);
  if (options.json === true) io.stdout(`${JSON.stringify(explorationJson(word, levels, search), null, 2)}\n`);
  else {
    await print(context, race, levels, failure, options);
    if (options.locks === true) await printLocks(context, race, levels);
  }
  if (options.save !== undefined) await save(context, options.save, race, failure);
  if (failure !== null) throw new CommandError(EXIT_FAILED, '');
}

interface Failure { readonly tree: Tree; readonly ending: Ending; readonly signature: readonly string[] }

/** The first level with a failure, and there the ending with the smallest schedule. */
function firstFailure(levels: readonly AtLevel[], text = ''): Failure | null {
  for (const level of levels) {
    if (!('exploration' in level)) continue;
    const failing = level.exploration.endings.filter(({ failures }) => failures.some(failure => failure.includes(text)));
    const [ending] = failing.sort((a, b) => a.schedule.preemptions - b.schedule.preemptions || a.schedule.steps.length - b.schedule.steps.length);
    if (ending !== undefined) return { tree: level.tree, ending, signature: ending.failures.filter(failure => failure.includes(text)) };
  }
  return null;
}

const nameOf = ({ tree }: AtLevel): string => treeWord(tree);

async function print({ io }: Context, race: Race, levels: readonly AtLevel[], failure: Failure | null, { explain, bisect, failure: text }: Options): Promise<void> {
  io.stdout(`${race.name}\n\n${[...outcomeTable(levels, nameOf), '', ...coverage(levels, nameOf)].join('\n')}\n`);
  if (race.condition?.quantifier === 'exists') io.stdout(`\n${existence(levels, race.condition.text, nameOf)}\n`);
  if (bisect === true) io.stdout(`\n${await bisected(levels, failure)}\n`);
  if (explain === true && failure !== null) {
    const { explain: explainSchedule, formatExplanation } = await import('@pmkit/explore');
    const { race: small, ending } = await smallest(race, failure);
    const lines = formatExplanation(explainSchedule(small, failure.tree, ending.schedule.steps, text === undefined ? {} : { signature: failure.signature }));
    io.stdout(`\n${lines.join('\n')}\n`);
  }
}

/** Reports of the validator; levels that have the same stand together. */
async function printLocks({ io }: Context, race: Race, levels: readonly AtLevel[]): Promise<void> {
  const { lockReports } = await import('@pmkit/explore');
  const found = new Map<string, string[]>();
  for (const level of levels) {
    if (!('exploration' in level)) continue;
    for (const { text, taken } of lockReports(race, level.tree)) {
      const report = [text, ...taken.map(where => `   taken by ${where}`)].join('\n');
      found.set(report, [...(found.get(report) ?? []), nameOf(level)]);
    }
  }
  io.stdout(`\n${found.size === 0 ? 'The lock validator has nothing to say.' : [...found].map(([report, names]) => `${names.join(' ')}: ${report}`).join('\n')}\n`);
}

async function bisected(levels: readonly AtLevel[], failure: Failure | null): Promise<string> {
  if (failure === null) return 'No level fails.';
  const { firstShowing } = await import('@pmkit/explore');
  const { first, unsure } = firstShowing(levels, failure.signature);
  const doubt = unsure.length === 0 ? '' : ` (not everything was seen at ${unsure.map(treeWord).join(' ')})`;
  return `${failure.signature.join('; ')}: first at level ${treeWord(first!.tree)}${doubt}`;
}

async function smallest(race: Race, { tree, ending, signature }: Failure): Promise<Pick<Shrunk, 'race' | 'ending'>> {
  const { shrink } = await import('@pmkit/explore');
  return shrink(race, tree, signature, { known: ending }) ?? { race, ending };
}

async function save({ io }: Context, file: string, race: Race, failure: Failure | null): Promise<void> {
  if (failure === null) {
    io.stderr(`--save ${file}: nothing fails, so there is nothing to write\n`);
    return;
  }
  const { toReplay, writeReplay } = await import('@pmkit/explore');
  const { race: small, ending } = await smallest(race, failure);
  writeFileSync(path.resolve(io.cwd, file), writeReplay(toReplay(small, failure.tree, ending.schedule.steps)), { flag: 'wx' });
}
