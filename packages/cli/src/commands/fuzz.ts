/** pmkit fuzz: random programs of system calls against the kernel of a level. */
import { InvalidArgumentError, type CommandUnknownOpts } from '@commander-js/extra-typings';
import type { Fuzzed } from '@pmkit/explore';
import { treesAt } from '../console.js';
import type { Context } from '../context.js';
import { CommandError, EXIT_FAILED } from '../errors.js';
import { progressOn } from '../progress.js';
import { TREE_HELP } from '../tree-argument.js';

const whole = (least: number, most: number) => (text: string): number => {
  if (!/^\d{1,10}$/.test(text) || Number(text) < least || Number(text) > most) throw new InvalidArgumentError(`Expected a whole number from ${least} to ${most}.`);
  return Number(text);
};
const DEFAULT_CALLS = 100_000;

export function build(context: Context): CommandUnknownOpts {
  return context
    .newCommand('fuzz')
    .description(
      'Make random system calls, good and bad ones, of several tasks, one after the other and all at once, until the kernel does something wrong that is no listed defect: a BUG(), a complaint in the log, ' +
        'a deadlock, a count that is not right afterwards. What reaches a function, a branch of one or an errno that nothing has reached before is kept and varied.',
    )
    .option('--at <levels>', `${TREE_HELP}; 0-10 or all for several`)
    .option('--seed <n>', 'the same seed makes the same calls', whole(0, 0xffff_ffff), 1)
    .option('--calls <n>', 'so many calls at most, at each level', whole(1, 1e9), DEFAULT_CALLS)
    .option('--time <seconds>', 'stop after so long, at each level', whole(1, 1e6))
    .option('--uncovered', 'list the functions that were never entered, and of the others the arms of branches that were never taken')
    .addHelpText('after', '\nExit code 0 when nothing was found, 1 when something was, 2 for misuse. Which calls are made depends on the seed alone; --time only says when to stop.')
    .action(async ({ at, seed, calls, time, uncovered = false }) => {
      const { io } = context;
      const { fuzz } = await import('@pmkit/explore');
      const { treeName } = await import('@pmkit/series/catalogue');
      const progress = progressOn(io);
      let found = 0;
      for (const tree of await treesAt(context, at)) {
        const timeIsUp = time === undefined ? () => false : stopwatch(time);
        if (io.stderrIsTTY) progress.show(`level ${treeName(tree)}`, 0, 1);
        const result = await fuzz({ seed, tree, calls, enough: timeIsUp });
        progress.clear();
        io.stdout(`level ${treeName(tree)}, seed ${seed}: ${await report(result)}`);
        if (uncovered) io.stdout(result.uncovered.map(uncoveredLine).join(''));
        found += result.reports.length;
      }
      if (found > 0) throw new CommandError(EXIT_FAILED, '');
    });
}

/** Goes by the clock of the host, because --time is the user's. @param seconds until it returns true. */
function stopwatch(seconds: number): () => boolean {
  // oxlint-disable-next-line no-restricted-properties -- when to stop, and nothing else, depends on it
  const now = (): number => Date.now();
  const end = now() + seconds * 1000;
  return () => now() >= end;
}

const reached = ({ functions, allFunctions, branches, allBranches, pairs }: Fuzzed['covered']): string =>
  `${functions} of ${allFunctions} functions and ${branches === null ? `${pairs} ways from one to another` : `${branches} of ${allBranches} branches`} reached`;

const NOT_ENTERED = { 'at boot': 'entered only at boot', never: 'never entered' } as const;
/** `  sys_madvise  mm-core/src/mm/madvise.ts:80  95:3 else, 97:12 && ends` */
const uncoveredLine = ({ name, place, entered, arms }: Fuzzed['uncovered'][number]): string =>
  `  ${[name, ...(place === null ? [] : [place]), entered === 'by programs' ? arms.join(', ') : NOT_ENTERED[entered]].join('  ')}\n`;

async function report({ calls, programs, covered, defects, reports }: Fuzzed): Promise<string> {
  const { programText } = await import('@pmkit/explore');
  const met = [...defects].sort(([a], [b]) => (a < b ? -1 : 1)).map(([id, count]) => `  listed defect ${id}: ${count} ${count === 1 ? 'program' : 'programs'}`);
  const wrong = reports.flatMap(({ failure, program }) => [`  ! ${failure}`, ...programText(program).split('\n').map(line => `      ${line}`)]);
  const summary = `${calls} calls in ${programs} programs, ${reached(covered)}, ${reports.length === 0 ? 'nothing found' : `${reports.length} found`}`;
  return `${[summary, ...met, ...wrong].join('\n')}\n`;
}
