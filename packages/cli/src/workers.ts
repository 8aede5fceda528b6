/** Threads that a command shares its work out to. What it prints is the same whatever their number. */
import { availableParallelism } from 'node:os';
import { CommandError, EXIT_MISUSE } from './errors.js';
import type { Io } from './io.js';
import { variable } from './stack-options.js';

const WORKERS_VARIABLE = 'PMKIT_WORKERS';
export const WORKERS_HELP = `threads; the result is the same. Default: ${WORKERS_VARIABLE}, if it is set; else one a CPU`;

/** @throws CommandError (misuse) for a variable that is no number from 1 on. */
export function workersOf(io: Io, given: number | undefined): number {
  const word = variable(io, WORKERS_VARIABLE);
  if (given !== undefined || word === undefined) return given ?? availableParallelism();
  if (!/^[1-9]\d{0,3}$/.test(word)) throw new CommandError(EXIT_MISUSE, `${WORKERS_VARIABLE} in the environment: found ${word}; expected a whole number from 1 on`);
  return Number(word);
}
