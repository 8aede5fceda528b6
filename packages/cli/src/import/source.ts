/** A process as a person names it: its id, a directory with copies of its files, or a file that import-process wrote. */
import { readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { InvalidArgumentError } from '@commander-js/extra-typings';
import type { ImportedProcess, Topology } from '@pmkit/machine';
import { z } from 'zod';
import { CommandError, EXIT_MISUSE } from '../errors.js';
import type { Io } from '../io.js';
import { processSchema } from './schema.js';

/** Some hundred bytes a vma. */
const MAX_JSON_BYTES = 64 * 1024 * 1024;

export const PROCESS_HELP = 'the id of a process, a directory with copies of its maps, numa_maps, smaps and status, or a file of import-process -o';
export const MACHINE_HELP = 'a preset (altix2, altix8, altix64), a sysfs tree, hwloc XML, what numactl --hardware printed, or a description such as "numa:4 core:2 pu:1"';

/** @throws CommandError (misuse) naming file, line, field, what was found and what was expected. */
export async function findProcess(io: Io, command: string, word: string): Promise<ImportedProcess> {
  const { checkImported, planImport, readProcess } = await import('@pmkit/machine');
  const file = path.resolve(io.cwd, word);
  const isFile = statSync(file, { throwIfNoEntry: false })?.isFile() ?? false;
  return orMisuse(command, () => {
    if (isFile) return checkImported(readJson(command, file, word), word);
    // a directory whose name is a number is ./4711
    return planImport(readProcess(/^(\d+|self)$/.test(word) ? word : file));
  });
}

function readJson(command: string, file: string, word: string): ImportedProcess {
  const misuse = (message: string): never => {
    throw new CommandError(EXIT_MISUSE, `pmkit ${command}: ${word}: ${message}`);
  };
  const { size } = statSync(file);
  if (size > MAX_JSON_BYTES) misuse(`found ${size} bytes; expected at most ${MAX_JSON_BYTES}`);
  let json: unknown;
  try {
    json = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    return misuse(error instanceof Error ? error.message : String(error));
  }
  const parsed = processSchema.safeParse(json);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  return misuse(`${z.core.toDotPath(issue?.path ?? [])}: ${issue?.message ?? 'not an imported process'}`);
}

/** A machine that was asked for. @throws CommandError (misuse) */
export async function findMachine(command: string, given: string | undefined): Promise<Topology | undefined> {
  if (given === undefined) return undefined;
  const { findTopology } = await import('@pmkit/machine');
  return orMisuse(command, () => findTopology(given));
}

/** What the readers refuse is misuse. */
export async function orMisuse<T>(command: string, action: () => T): Promise<T> {
  const { ImportError, TopologyError } = await import('@pmkit/machine');
  try {
    return action();
  } catch (error) {
    if (!(error instanceof ImportError || error instanceof TopologyError)) throw error;
    throw new CommandError(EXIT_MISUSE, `pmkit ${command}: ${error.message}`, { cause: error });
  }
}

/** The value of --at, for commander. */
export function levelNumber(text: string): number {
  if (!/^\d{1,3}$/.test(text)) throw new InvalidArgumentError('Expected a level, a whole number from 0 on.');
  return Number(text);
}

/** @throws CommandError (misuse) */
export function checkLevel(command: string, level: number, top: number): void {
  if (level > top) throw new CommandError(EXIT_MISUSE, `pmkit ${command}: --at ${level}: expected a level from 0 to ${top}`);
}
