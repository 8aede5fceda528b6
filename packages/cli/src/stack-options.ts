/** What the commands about the stack have in common: `--at`, and quilt's exit codes. */
import { isAvailable, NOT_IN_RELEASE, stackAt, StackError, type PatchEntry, type SeriesTable, type StackReason } from '@pmkit/series/stack';
import { CommandError, EXIT_FAILED } from './errors.js';
import type { Io } from './io.js';
import { FileStore, FixedStore, type Store } from './store.js';

export const AT_OPTION = '--at <level>';
export const AT_HELP = 'as if the stack stood at LEVEL (a patch, its number, or 0); .pmkit is neither read nor written';

/** The stack of the working directory, or a fixed one. @throws CommandError if there is no such level in this release. */
export function openStore(io: Io, series: SeriesTable, at: string | undefined): Store {
  if (at === undefined) return new FileStore(series, io.cwd);
  const stack = orFail(() => stackAt(series, at));
  const missing = stack.applied.find((entry) => !isAvailable(entry));
  if (missing !== undefined) throw new CommandError(EXIT_FAILED, notInRelease(series, missing));
  return new FixedStore(stack);
}

/** The sentence for a patch that is only a name. */
export function notInRelease(series: SeriesTable, entry: PatchEntry): string {
  const last = series.entries.filter(isAvailable).at(-1);
  return `Patch ${entry.name} is ${NOT_IN_RELEASE}; the last one that is: ${last?.name ?? 'none'}`;
}

/**
 * Runs `action` and turns the stack's refusals into quilt's: its sentence, on standard error, and 1 or 2. Which of the two
 * quilt 0.66 exits with depends on the command; `codes` has what is not 1.
 */
export function orFail<T>(action: () => T, codes: Partial<Record<StackReason, number>> = {}): T {
  try {
    return action();
  } catch (error) {
    if (!(error instanceof StackError)) throw error;
    throw new CommandError(codes[error.reason] ?? EXIT_FAILED, error.message, { cause: error });
  }
}

/** quilt's reading of `[num|patch]`: digits are a number of patches. */
export function reachOf(word: string | undefined, all: boolean | undefined): { all: true } | { count: number } | { patch: string } {
  if (all === true) return { all };
  if (word === undefined) return { count: 1 };
  return /^\d+$/.test(word) ? { count: Number(word) } : { patch: word };
}
