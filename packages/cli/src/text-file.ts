/** A file that the user names, read as a whole. */
import { existsSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { CommandError, EXIT_MISUSE } from './errors.js';
import type { Io } from './io.js';

/**
 * @param name as the user gave it; messages begin with it.
 * @param most bytes at most.
 * @param missing what to say when there is none.
 * @throws CommandError (misuse)
 */
export function readTextFile(io: Io, name: string, most: number, missing = 'no such file'): string {
  return readBytes(io, name, most, missing).toString('utf8');
}

/** The same for a file that is no text, or text in who knows what characters. */
export function readBytes(io: Io, name: string, most: number, missing = 'no such file'): Buffer {
  const file = path.resolve(io.cwd, name);
  if (!existsSync(file)) throw new CommandError(EXIT_MISUSE, `${name}: ${missing}`);
  const status = statSync(file);
  if (!status.isFile()) throw new CommandError(EXIT_MISUSE, `${name}: expected a file`);
  if (status.size > most) throw new CommandError(EXIT_MISUSE, `${name}: ${status.size} bytes, expected ${most} at most`);
  return readFileSync(file);
}
