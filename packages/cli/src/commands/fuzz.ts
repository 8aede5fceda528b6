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
        'a deadlock, a count that is not right afterwards. What reaches code that nothing has reached before is kept and varied.',
    )
    .option('--at <levels>', `${TREE_HELP}; 0-10 or all for several`)
    .option('--seed <n>', 'the same seed makes the same calls', whole(0, 0xffff_ffff), 1)
    .option('--calls <n>', 'so many calls at most, at each level', whole(1, 1e9), DEFAULT_CALLS)
    .option('--time <seconds>', 'stop after so long, at each level', whole(1, 1e6))
    .addHelpText('after', '\nExit code 0 when nothing was found, 1 when something was, 2 for misuse. Which calls are made depends on the seed alone; --time only says when to stop.')
    .action(async ({ at, seed, calls, time }) => {
      const { io } = context;
      const { fuzz } = await import('@pmkit/explore');
      const { treeName } = await import('@pmkit/series/catalogue');
      const progress = progressOn(io);
      let found = 0;
      for (const tree of await treesAt(context, at)) {
        const timeIsUp = time === undefined ? () => false : stopwatch(time);
        if (io.stderrIsTTY) progress.show(`level ${treeName(tree)}`, 0, 1);
        const result = fuzz({ seed, tree, calls, enough: timeIsUp });
        progress.clear();
        io.stdout(`level ${treeName(tree)}, seed ${seed}: ${await report(result)}`);
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

async function report({ calls, programs, covered, defects, reports }: Fuzzed): Promise<string> {
  const { programText } = await import('@pmkit/explore');
  const met = [...defects].sort(([a], [b]) => (a < b ? -1 : 1)).map(([id, count]) => `  listed defect ${id}: ${count} ${count === 1 ? 'program' : 'programs'}`);
  const wrong = reports.flatMap(({ failure, program }) => [`  ! ${failure}`, ...programText(program).split('\n').map(line => `      ${line}`)]);
  const summary = `${calls} calls in ${programs} programs, ${covered.functions} of ${covered.allFunctions} functions and ${covered.pairs} ways from one to another reached, ${reports.length === 0 ? 'nothing found' : `${reports.length} found`}`;
  return `${[summary, ...met, ...wrong].join('\n')}\n`;
}
