/** Output as a whole or not at all: written aside, beside its place, and renamed into it. */
import { lstatSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync, type Stats } from 'node:fs';
import path from 'node:path';
import { addedTo } from './added.js';
import { PROJECT_NAME } from './template.js';

/** The place cannot be written to, or must not be. */
export class ExportError extends Error {
  override readonly name = 'ExportError';
}

export interface PlaceOptions {
  /** An earlier export that is there is replaced, unless something was added to it. */
  readonly force?: boolean | undefined;
  /** With force: what was added is lost. */
  readonly discard?: boolean | undefined;
}

/** Whether a directory is an earlier export: only that is ever replaced. */
function isExport(directory: string): boolean {
  try {
    return (JSON.parse(readFileSync(path.join(directory, 'package.json'), 'utf8')) as { name?: unknown }).name === PROJECT_NAME;
  } catch {
    return false;
  }
}

/** What is at a place, a link that leads nowhere too. @throws {ExportError} for a place below a file, or one that cannot be looked at. */
function statusOf(target: string): Stats | undefined {
  return tried(target, () => lstatSync(target, { throwIfNoEntry: false }));
}

/** A new directory beside a place. */
function makeAside(target: string): string {
  return tried(target, () => {
    mkdirSync(path.dirname(target), { recursive: true });
    return mkdtempSync(`${target}.new-`);
  });
}

/** @throws {ExportError} for whatever the file system says against it. */
function tried<T>(target: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    throw new ExportError(`${target} cannot be written: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
}

/** @throws {ExportError} naming the first of what would be lost. */
function checkAdded(target: string, added: readonly string[]): void {
  const [first] = added;
  if (first === undefined) return;
  throw new ExportError(`${target} has what pmkit did not write: ${first}${added.length === 1 ? '' : ` and ${added.length - 1} more`}; --discard replaces it all the same`);
}

function checkDirectory(target: string, { force = false, discard = false }: PlaceOptions): void {
  const status = statusOf(target);
  if (status === undefined) return;
  if (!status.isDirectory()) throw new ExportError(`${target} is there, and is no directory`);
  if (readdirSync(target).length === 0) return;
  if (!force) throw new ExportError(`${target} is there already, and not empty`);
  if (!isExport(target)) throw new ExportError(`${target} is not what pmkit exports: it is not replaced`);
  if (!discard) checkAdded(target, addedTo(target));
  const inside = path.relative(target, process.cwd());
  if (!inside.startsWith('..') && !path.isAbsolute(inside)) throw new ExportError(`${target} is where this command runs: it is not replaced`);
}

/**
 * Makes a directory out of what `fill` puts into a new one beside it.
 * @throws {ExportError} when it is there and not empty, but for `force` and an earlier export as it was written; when the working directory is in it.
 * @throws {GitError} for an earlier export that is a repository, where there is no git.
 */
export function placeDirectory(directory: string, options: PlaceOptions, fill: (aside: string) => void): void {
  const target = path.resolve(directory);
  checkDirectory(target, options);
  const aside = makeAside(target);
  try {
    const made = path.join(aside, path.basename(target));
    mkdirSync(made);
    fill(made);
    if (statusOf(target) !== undefined) renameSync(target, path.join(aside, 'old'));
    renameSync(made, target);
  } finally {
    rmSync(aside, { recursive: true, force: true });
  }
}

/**
 * Writes a file as a whole; its text is asked for when the place is free.
 * @param earlier what was added to the text of an earlier export; null for another text.
 * @throws {ExportError} when it is there, but for `force` and an earlier export with nothing added; when it is no file.
 */
export function placeFile(file: string, { force = false, discard = false }: PlaceOptions, earlier: (text: string) => string[] | null, text: () => string): void {
  const target = path.resolve(file);
  const status = statusOf(target);
  if (status !== undefined) {
    if (!status.isFile()) throw new ExportError(`${target} is there, and is no file`);
    if (!force) throw new ExportError(`${target} is there already`);
    const added = earlier(tried(target, () => readFileSync(target, 'utf8')));
    if (added === null) throw new ExportError(`${target} is not what pmkit exports: it is not replaced`);
    if (!discard) checkAdded(target, added);
  }
  const aside = makeAside(target);
  try {
    writeFileSync(path.join(aside, 'file'), text());
    renameSync(path.join(aside, 'file'), target);
  } finally {
    rmSync(aside, { recursive: true, force: true });
  }
}

/** Writes the files of a tree below a directory. Their paths are the kit's own. */
export function writeTree(directory: string, files: ReadonlyMap<string, string>): void {
  for (const [file, text] of files) {
    const place = path.join(directory, file);
    mkdirSync(path.dirname(place), { recursive: true });
    writeFileSync(place, text);
  }
}
