/**
 * Where the stack stands, kept in `.pmkit/applied-patches` of the working directory. Written as a whole and renamed into
 * place, so that a crash leaves the old file or the new one; a file that makes no sense is reported and never touched.
 */
import { lstatSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { emptyStack, formatState, parseState, type SeriesTable, type Stack } from '@pmkit/series/stack';
import { CommandError, EXIT_FAILED, EXIT_MISUSE } from './errors.js';
import { replaceFile } from './replace-file.js';

export const STATE_DIRECTORY = '.pmkit';
const STATE_FILE = 'applied-patches';
/** A stack of all patches has less than one kilobyte. */
const SIZE_LIMIT = 64 * 1024;

export interface Store {
  load(): Stack;
  save(stack: Stack): void;
}

export class FileStore implements Store {
  readonly #series: SeriesTable;
  readonly #directory: string;
  readonly #file: string;
  /** The text that load() saw; what save() may replace. */
  #seen: string | undefined;

  constructor(series: SeriesTable, cwd: string) {
    this.#series = series;
    this.#directory = path.join(cwd, STATE_DIRECTORY);
    this.#file = path.join(this.#directory, STATE_FILE);
  }

  /** load(), or nothing when no stack was ever kept here. */
  loadIfThere(): Stack | undefined {
    return this.#read() === undefined ? undefined : this.load();
  }

  /** No file yet is the base tree. @throws CommandError for a damaged file, naming line, field and what was expected. */
  load(): Stack {
    this.#seen = this.#read();
    if (this.#seen === undefined) return emptyStack(this.#series);
    const stack = parseState(this.#series, this.#seen);
    if ('applied' in stack) return stack;
    throw this.#damaged(`:${stack.line}`, stack.field, stack.found, stack.expected);
  }

  /** @throws CommandError when it cannot be written, or when another pmkit has moved the stack since load(). */
  save(stack: Stack): void {
    const text = formatState(stack);
    if (this.#read() !== this.#seen) {
      throw new CommandError(EXIT_FAILED, `${this.#file} was changed by another pmkit meanwhile; nothing was written, try again`);
    }
    try {
      replaceFile(this.#file, text);
    } catch (error) {
      throw new CommandError(EXIT_FAILED, `cannot write ${this.#file}: ${reason(error)}; the stack is where it was`, { cause: error });
    }
    this.#seen = text;
  }

  #read(): string | undefined {
    try {
      const directory = lstatSync(this.#directory, { throwIfNoEntry: false });
      if (directory === undefined) return undefined;
      if (!directory.isDirectory()) throw this.#damaged('', STATE_DIRECTORY, 'something else', 'a directory');
      const stats = lstatSync(this.#file, { throwIfNoEntry: false });
      if (stats === undefined) return undefined;
      if (!stats.isFile()) throw this.#damaged('', 'file', 'something else', 'a regular file');
      if (stats.size > SIZE_LIMIT) throw this.#damaged('', 'size', `${stats.size} bytes`, `at most ${SIZE_LIMIT} bytes`);
      return readFileSync(this.#file, 'utf8');
    } catch (error) {
      if (error instanceof CommandError) throw error;
      throw new CommandError(EXIT_MISUSE, `cannot read ${this.#file}: ${reason(error)}`, { cause: error });
    }
  }

  #damaged(line: string, field: string, found: string, expected: string): CommandError {
    const hint = 'Nothing was changed. Mend the file, or remove it to start again at the base tree.';
    return new CommandError(EXIT_MISUSE, `${this.#file}${line}: ${field}: found ${found}; expected ${expected}\n${hint}`);
  }
}

/** A stack that is asked about or tried out, and forgotten: `--at`. */
export class FixedStore implements Store {
  readonly #stack: Stack;

  constructor(stack: Stack) {
    this.#stack = stack;
  }

  load(): Stack {
    return this.#stack;
  }

  save(): void {
    // That nothing is kept is what --at is for.
  }
}

export function reason(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
