/** A race as a person names it: one that comes with the kit, or a file. */
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import type { Race } from '@pmkit/explore';
import { CommandError, EXIT_MISUSE } from './errors.js';
import type { Io } from './io.js';
import { readTextFile } from './text-file.js';

const EXTENSION = '.yaml';
const directory = (): string => path.join(path.dirname(createRequire(import.meta.url).resolve('@pmkit/explore/package.json')), 'races');

/** Names of the races that come with the kit. */
export const knownRaces = (): string[] => readdirSync(directory()).filter(name => name.endsWith(EXTENSION)).map(name => name.slice(0, -EXTENSION.length)).sort();

/** @throws CommandError (misuse) naming file, line, field and what was expected. */
export async function findRace(io: Io, word: string): Promise<Race> {
  const { parseRace } = await import('@pmkit/explore');
  const { MAX_SCENARIO_BYTES } = await import('@pmkit/series/scenario/file');
  const known = knownRaces();
  const text = known.includes(word)
    ? readFileSync(path.join(directory(), `${word}${EXTENSION}`), 'utf8')
    : readTextFile(io, word, MAX_SCENARIO_BYTES, `no such file, and no race of the kit is called so (${known.join(', ')})`);
  return orMisuse(() => parseRace(text, word));
}

/** What is wrong with a race, as misuse; some of it is only found while it runs. @throws CommandError */
function orMisuse<T>(action: () => T): T {
  try {
    return action();
  } catch (error) {
    throw misuseOf(error);
  }
}
/** The error to end with: misuse when it is about what the user wrote. */
export const misuseOf = (error: unknown): unknown =>
  error instanceof Error && ['ScenarioError', 'FaultError', 'ReplayError', 'ConditionError'].includes(error.name) ? new CommandError(EXIT_MISUSE, error.message, { cause: error }) : error;
