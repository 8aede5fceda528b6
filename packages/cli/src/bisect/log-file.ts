/** The log of a session, in `.pmkit/bisect-log` of the working directory. */
import { lstatSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { BisectError, formatLog, MAX_LOG, parseLog, type Log } from '@pmkit/series/bisect';
import { stackAt, StackError, type SeriesTable } from '@pmkit/series/stack';
import { CommandError, EXIT_FAILED, EXIT_MISUSE } from '../errors.js';
import type { Io } from '../io.js';
import { replaceFile } from '../replace-file.js';
import { reason, STATE_DIRECTORY } from '../store.js';
import { patchName } from './report.js';

const TOP = 10;
const HINT = '\nNothing was changed. Mend the file, or remove it to end the session.';

const fileOf = (io: Io): string => path.join(io.cwd, STATE_DIRECTORY, 'bisect-log');

/**
 * Reads a log.
 * @param shown how the file is called in errors, and `hint` what they advise.
 * @throws CommandError (misuse) naming file and line, for a file that is none.
 */
export function readLog(file: string, shown: string, hint = ''): Log {
  let text: string;
  try {
    const stats = lstatSync(file);
    if (!stats.isFile() || stats.size > MAX_LOG) throw new Error(`expected a regular file of ${MAX_LOG} bytes at most`);
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new CommandError(EXIT_MISUSE, `cannot read ${shown}: ${reason(error)}${hint}`, { cause: error });
  }
  try {
    return parseLog(text, TOP);
  } catch (error) {
    if (!(error instanceof BisectError)) throw error;
    throw new CommandError(EXIT_MISUSE, `${shown}: ${error.message}${hint}`, { cause: error });
  }
}

/** The log of the session that is under way; undefined when none is. @throws CommandError (misuse) for a file that is none. */
export function loadLog({ io, series }: { readonly io: Io; readonly series: SeriesTable }): Log | undefined {
  const file = fileOf(io);
  if (!isThere(file)) return undefined;
  const log = readLog(file, file, HINT);
  try {
    stackAt(series, log.origin);
    return log;
  } catch (error) {
    if (!(error instanceof StackError)) throw error;
    throw new CommandError(EXIT_MISUSE, `${file}: origin: found ${JSON.stringify(log.origin.slice(0, 80))}, expected base or a patch of the series${HINT}`, { cause: error });
  }
}

function isThere(file: string): boolean {
  try {
    return lstatSync(file, { throwIfNoEntry: false }) !== undefined;
  } catch (error) {
    throw new CommandError(EXIT_MISUSE, `cannot read ${file}: ${reason(error)}${HINT}`, { cause: error });
  }
}

export const logText = (series: SeriesTable, log: Log): string => formatLog(log, (level) => patchName(series, level));

/** @throws CommandError when it cannot be written, or would be too long to be read again; it is what it was then. */
export function saveLog(io: Io, series: SeriesTable, log: Log): void {
  const text = logText(series, log);
  if (text.length > MAX_LOG) throw new CommandError(EXIT_FAILED, `${fileOf(io)} is full: more than ${MAX_LOG} bytes; nothing was written`);
  change(io, () => {
    replaceFile(fileOf(io), text);
  });
}

export function removeLog(io: Io): void {
  change(io, () => {
    rmSync(fileOf(io), { force: true });
  });
}

function change(io: Io, action: () => void): void {
  try {
    action();
  } catch (error) {
    throw new CommandError(EXIT_FAILED, `cannot write ${fileOf(io)}: ${reason(error)}`, { cause: error });
  }
}
