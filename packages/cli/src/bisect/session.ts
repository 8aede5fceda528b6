/** A bisection that goes on from one command to the next: start, mark, skip, log, replay, reset. The stack stands at the level to look at. */
import { BisectError, checkTerms, DEFAULT_TERMS, doesNotBuild, replayLog, status, termsFor, type Log, type LogEntry, type Status, type Terms } from '@pmkit/series/bisect';
import { stackAt, type SeriesTable } from '@pmkit/series/stack';
import { CommandError, EXIT_FAILED, EXIT_MISUSE } from '../errors.js';
import type { Io } from '../io.js';
import { orFail } from '../stack-options.js';
import { FileStore } from '../store.js';
import { parseLevel } from '../tree-argument.js';
import { loadLog, logText, readLog, removeLog, saveLog } from './log-file.js';
import { statusText } from './report.js';

/** Only skipped levels are left: git's exit code. */
export const EXIT_DOUBT = 2;

export interface Place { readonly io: Io; readonly series: SeriesTable }

/** What the rules of bisecting refuse becomes the command's error. */
function orRefuse<T>(action: () => T): T {
  try {
    return action();
  } catch (error) {
    if (!(error instanceof BisectError)) throw error;
    throw new CommandError(EXIT_FAILED, error.message, { cause: error });
  }
}

/** @throws CommandError (misuse) for what is no level. */
export const levelOf = (series: SeriesTable, word: string): number => parseLevel(series, word, ' and makes no level; expected 0 to 10 or one of the ten patches');

/** The level at which the stack stands. */
function currentLevel({ io, series }: Place): number {
  const top = new FileStore(series, io.cwd).load().applied.at(-1);
  if (top === undefined) return 0;
  if (top.number === undefined) throw new CommandError(EXIT_FAILED, `The stack stands at ${top.name}, which makes no level; say which level is meant`);
  return top.number;
}

/** @throws CommandError when no session is under way. */
export function currentLog(place: Place): Log {
  const log = loadLog(place);
  if (log === undefined) throw new CommandError(EXIT_FAILED, 'You need to start by "pmkit bisect start"');
  return log;
}

/** Moves the stack to a level. @throws CommandError when its file is damaged, or when there is no such level (misuse). */
export function stand({ io, series }: Place, word: string): void {
  const store = new FileStore(series, io.cwd);
  const { applied } = store.load();
  const wanted = orFail(() => stackAt(series, word), { unknown: EXIT_MISUSE, ambiguous: EXIT_MISUSE });
  if (applied.at(-1) !== wanted.applied.at(-1)) store.save(wanted);
}

/** What there is to do. Levels at which the tree with the hotplug patches does not build are as good as skipped. @throws CommandError when the log makes no sense. */
export function statusOf(log: Log): Status {
  const session = replayLog(log);
  const unbuilt = LEVELS.filter((level) => doesNotBuild({ level, hotplug: log.hotplug }));
  return orRefuse(() => status({ ...session, skipped: new Set([...session.skipped, ...unbuilt]) }));
}
const LEVELS = Array.from({ length: 11 }, (_, level) => level);

/** Keeps the log, moves the stack to the next level, and says what there is to do. @throws CommandError with git's exit code when only skipped levels are left. */
export function proceed(place: Place, log: Log): Status {
  const { io, series } = place;
  const now = statusOf(log);
  // First the stack: when that cannot be moved, nothing was said.
  if (now.kind === 'test' || now.kind === 'found') stand(place, String(now.level));
  saveLog(io, series, log);
  io.stdout(statusText(series, now, log.terms));
  if (now.kind === 'doubt') throw new CommandError(EXIT_DOUBT, '');
  return now;
}

/** Where git has two names for an option, so has this. */
export interface StartOptions {
  readonly termNew?: string | undefined;
  readonly termBad?: string | undefined;
  readonly termOld?: string | undefined;
  readonly termGood?: string | undefined;
  readonly hotplug?: boolean | undefined;
}

export function start(place: Place, words: readonly string[], options: StartOptions): void {
  const { series } = place;
  const terms: Terms = orRefuse(() => checkTerms({
    new: options.termNew ?? options.termBad ?? DEFAULT_TERMS.new, old: options.termOld ?? options.termGood ?? DEFAULT_TERMS.old,
  }));
  const [bad, ...good] = words.map((word) => levelOf(series, word));
  const before = loadLog(place);
  const origin = before?.origin ?? standing(place);
  const entries: LogEntry[] = [...(bad === undefined ? [] : [{ term: terms.new, level: bad }]), ...good.map((level) => ({ term: terms.old, level }))];
  const log: Log = { terms, hotplug: options.hotplug === true, origin, entries };
  statusOf(log);
  // As git: a session that is under way is ended by a new one, and that begins where the first one did.
  if (before !== undefined) stand(place, origin);
  proceed(place, log);
}

/** The level at which the stack stands, to come back to. */
const standing = ({ io, series }: Place): string => new FileStore(series, io.cwd).load().applied.at(-1)?.name ?? 'base';

/** `good`, `bad` or an own term for levels, or for the one where the stack stands. */
export function say(place: Place, term: string, words: readonly string[]): Status {
  const before = currentLog(place);
  const log: Log = { ...before, terms: termsFor(before, term) };
  if (term !== log.terms.new && term !== log.terms.old) throw new CommandError(EXIT_FAILED, `Invalid command: you're currently in a ${log.terms.new}/${log.terms.old} bisect`);
  const levels = words.length === 0 ? [currentLevel(place)] : words.map((word) => levelOf(place.series, word));
  if (term === log.terms.new && levels.length > 1) throw new CommandError(EXIT_MISUSE, `'pmkit bisect ${term}' can take only one argument.`);
  return proceed(place, { ...log, entries: [...log.entries, ...levels.map((level) => ({ term, level }))] });
}

/** Levels, or ranges of them as git writes them: `3..6` is 4 to 6. */
export function skip(place: Place, words: readonly string[]): void {
  const log = currentLog(place);
  const levels = words.length === 0 ? [currentLevel(place)] : words.flatMap((word) => {
    const range = /^(.+?)\.\.(.+)$/.exec(word);
    if (range === null) return [levelOf(place.series, word)];
    const [from, to] = [levelOf(place.series, range[1]!), levelOf(place.series, range[2]!)];
    if (from >= to) throw new CommandError(EXIT_MISUSE, `${word}: expected a lower level before the dots than behind them`);
    return Array.from({ length: to - from }, (_, i) => from + 1 + i);
  });
  proceed(place, { ...log, entries: [...log.entries, ...levels.map((level) => ({ term: 'skip', level }))] });
}

export function showLog(place: Place): void {
  place.io.stdout(logText(place.series, currentLog(place)));
}

export function replay(place: Place, file: string, path: string): void {
  const log = readLog(path, file);
  const origin = loadLog(place)?.origin ?? standing(place);
  proceed(place, { ...log, origin });
}

/** What there is to do, once more: the stack goes where it should stand. */
export function next(place: Place): void {
  proceed(place, currentLog(place));
}

/** Both terms, or the one of a side. */
export function showTerms(place: Place, side: keyof Terms | undefined): void {
  const { terms } = currentLog(place);
  if (side !== undefined) place.io.stdout(`${terms[side]}\n`);
  else place.io.stdout(`Your current terms are ${terms.old} for the old state\nand ${terms.new} for the new state.\n`);
}

/** The stack is put back to where it stood at the start, or to the level that is named. */
export function reset(place: Place, word: string | undefined): void {
  const log = loadLog(place);
  if (log === undefined) {
    place.io.stdout('We are not bisecting.\n');
    return;
  }
  stand(place, word ?? log.origin);
  removeLog(place.io);
}
