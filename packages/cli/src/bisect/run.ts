/** pmkit bisect run: the whole search in one go, or inside of a session as git does it. */
import { bisect, BisectEndError, doesNotBuild, replayLog, type BisectResult, type Judgement } from '@pmkit/series/bisect';
import { CommandError, EXIT_FAILED, EXIT_MISUSE } from '../errors.js';
import type { Io } from '../io.js';
import { commandOracle } from './command.js';
import { loadLog } from './log-file.js';
import { resultJson, resultText } from './report.js';
import { currentLog, EXIT_DOUBT, levelOf, proceed, stand, statusOf, type Place } from './session.js';

export interface SearchOptions {
  readonly good?: string | undefined;
  readonly bad?: string | undefined;
  readonly hotplug?: boolean | undefined;
  readonly anyFailure?: boolean | undefined;
  readonly verify: boolean;
  readonly json?: boolean | undefined;
  /** Whether the tree of a level builds, where that is not the kit's. */
  readonly builds?: (level: number) => boolean;
}

const OTHER_WAY =
  'For a change the other way round, from bad to good, turn the answer of the command round, or bisect in a session with terms for it: ' +
  'pmkit bisect start --term-old=broken --term-new=fixed.';

/**
 * Looks for the first bad level and prints what it found.
 * @param explain what to say when an end is not what it was said to be.
 * @throws CommandError for that, and with git's exit code when only skipped levels are left.
 */
export async function search(
  place: Place, oracle: (level: number) => Promise<Judgement>, options: SearchOptions, explain: (error: BisectEndError) => string,
): Promise<void> {
  const { io, series } = place;
  const good = levelOf(series, options.good ?? '0');
  const bad = levelOf(series, options.bad ?? '10');
  if (good >= bad) throw new CommandError(EXIT_MISUSE, `pmkit bisect: --good ${good}: expected a level below the bad one, ${bad}`);
  const hotplug = options.hotplug === true;
  let result: BisectResult;
  try {
    result = await bisect(oracle, {
      good, bad, verify: options.verify, compareSignatures: options.anyFailure !== true,
      builds: options.builds ?? ((level) => !doesNotBuild({ level, hotplug })),
    });
  } catch (error) {
    if (!(error instanceof BisectEndError)) throw error;
    throw new CommandError(EXIT_FAILED, explain(error), { cause: error });
  }
  io.stdout(options.json === true ? `${JSON.stringify(resultJson(series, result, hotplug), null, 2)}\n` : `\n${resultText(series, result)}`);
  if (result.firstBad === null) throw new CommandError(EXIT_DOUBT, '');
}

/** Runs a command at each level. In a session it goes on with that, and what it finds is kept in its log. */
export async function runCommand(place: Place, argv: readonly string[], options: SearchOptions): Promise<void> {
  const { io } = place;
  if (loadLog(place) === undefined) {
    // JSON is all there is on standard output then.
    const shown: Io = options.json === true ? { ...io, stdout: (text) => { io.stderr(text); } } : io;
    await search(place, commandOracle(argv, shown, options.hotplug === true), options, ({ message, verdict }) => `bisect run failed: ${message}${verdict === 'good' ? `\n${OTHER_WAY}` : ''}`);
    return;
  }
  if (options.good !== undefined || options.bad !== undefined || options.json === true || options.hotplug === true) {
    throw new CommandError(EXIT_MISUSE, 'pmkit bisect run: a session is under way, and goes on with its own levels; the options are for a run without one (pmkit bisect reset ends it)');
  }
  await runInSession(place, argv);
}

async function runInSession(place: Place, argv: readonly string[]): Promise<void> {
  const { io } = place;
  const { hotplug, terms, ...begun } = currentLog(place);
  const oracle = commandOracle(argv, io, hotplug);
  let now = statusOf({ hotplug, terms, ...begun });
  if (now.kind === 'waiting') throw new CommandError(EXIT_FAILED, `bisect run failed: a level that is ${terms.new} and one that is ${terms.old} must be known first`);
  if (now.kind !== 'test') proceed(place, { hotplug, terms, ...begun });
  let isChecked = false;
  while (now.kind === 'test') {
    const { level } = now;
    // The stack may have been moved since.
    stand(place, String(level));
    const { verdict, isShells } = await oracle(level);
    if (isShells && !isChecked) {
      await checkGoodLevel(place, oracle, level);
      isChecked = true;
    }
    const term = verdict === 'good' ? terms.old : verdict === 'bad' ? terms.new : 'skip';
    const log = currentLog(place);
    now = proceed(place, { ...log, entries: [...log.entries, { term, level }] });
  }
  io.stdout(`bisect found first ${terms.new} patch\n`);
}

/**
 * git's precaution: when for the first time a run ends as a shell does that does not find the command, or may not run it, a level that is known to be
 * good must end otherwise.
 */
async function checkGoodLevel(place: Place, oracle: ReturnType<typeof commandOracle>, level: number): Promise<void> {
  const { terms, ...log } = currentLog(place);
  const good = Math.max(...replayLog({ terms, ...log }).old);
  stand(place, String(good));
  const { isShells, signature } = await oracle(good);
  stand(place, String(level));
  if (isShells) throw new CommandError(EXIT_FAILED, `bisect run failed: level ${good} is ${terms.old}, and ends with ${signature} too`);
}
