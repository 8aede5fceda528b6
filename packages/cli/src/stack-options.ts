/** What the commands about the stack have in common: `--at`, and quilt's exit codes. */
import { stackAt, StackError, type SeriesTable, type StackReason } from '@pmkit/series/stack';
import { CommandError, EXIT_FAILED, EXIT_MISUSE } from './errors.js';
import type { Io } from './io.js';
import { FileStore, FixedStore, type Store } from './store.js';

export const AT_OPTION = '--at <level>';
export const AT_HELP = 'as if the stack stood at LEVEL (a patch, its number, or 0); .pmkit is neither read nor written. Default: PMKIT_LEVEL, if it is set';

/** What `pmkit bisect run` gives its command: the level, and the tree as behaviour-diff and why take it (`4`, `4+hotplug`). */
export const LEVEL_VARIABLE = 'PMKIT_LEVEL';
export const TREE_VARIABLE = 'PMKIT_TREE';

/** A variable of the environment that says something. */
export const variable = (io: Io, name: string): string | undefined => (io.env[name] === '' ? undefined : io.env[name]);

/**
 * The stack of the working directory, or a fixed one: that of `--at`, or of the level in the environment.
 * @throws CommandError if there is no such level.
 */
export function openStore(io: Io, series: SeriesTable, at: string | undefined): Store {
  if (at !== undefined) return new FixedStore(orFail(() => stackAt(series, at)));
  const level = variable(io, LEVEL_VARIABLE);
  if (level === undefined) return new FileStore(series, io.cwd);
  return new FixedStore(fromVariable(LEVEL_VARIABLE, () => orFail(() => stackAt(series, level))));
}

/** Reads the value of a variable; an error says which variable it came from. @throws CommandError (misuse) */
export function fromVariable<T>(name: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    throw new CommandError(EXIT_MISUSE, `${name} in the environment: ${error.message}`, { cause: error });
  }
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
