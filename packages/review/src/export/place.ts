/** Output as a whole or not at all: written aside, beside its place, and renamed into it. */
import { existsSync, lstatSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { PROJECT_NAME } from './template.js';

/** The place cannot be written to, or must not be. */
export class ExportError extends Error {
  override readonly name = 'ExportError';
}

export interface PlaceOptions {
  /** What is there already is replaced. */
  readonly force?: boolean | undefined;
}

/** Whether a directory is an earlier export: only that is ever replaced. */
function isExport(directory: string): boolean {
  try {
    return (JSON.parse(readFileSync(path.join(directory, 'package.json'), 'utf8')) as { name?: unknown }).name === PROJECT_NAME;
  } catch {
    return false;
  }
}

function checkDirectory(target: string, force: boolean): void {
  if (!existsSync(target)) return;
  if (!lstatSync(target).isDirectory()) throw new ExportError(`${target} is there, and is no directory`);
  if (readdirSync(target).length === 0) return;
  if (!force) throw new ExportError(`${target} is there already, and not empty`);
  if (!isExport(target)) throw new ExportError(`${target} is not what pmkit exports: it is not replaced`);
  const inside = path.relative(target, process.cwd());
  if (!inside.startsWith('..') && !path.isAbsolute(inside)) throw new ExportError(`${target} is where this command runs: it is not replaced`);
}

/**
 * Makes a directory out of what `fill` puts into a new one beside it.
 * @throws {ExportError} when it is there and not empty, but for `force` and an earlier export; when the working directory is in it.
 */
export function placeDirectory(directory: string, { force = false }: PlaceOptions, fill: (aside: string) => void): void {
  const target = path.resolve(directory);
  checkDirectory(target, force);
  mkdirSync(path.dirname(target), { recursive: true });
  const aside = mkdtempSync(`${target}.new-`);
  try {
    const made = path.join(aside, path.basename(target));
    mkdirSync(made);
    fill(made);
    if (existsSync(target)) renameSync(target, path.join(aside, 'old'));
    renameSync(made, target);
  } finally {
    rmSync(aside, { recursive: true, force: true });
  }
}

/** Writes a file as a whole; its text is asked for when the place is free. @throws {ExportError} when it is there, but for `force`; when it is no file. */
export function placeFile(file: string, { force = false }: PlaceOptions, text: () => string): void {
  const target = path.resolve(file);
  if (existsSync(target)) {
    if (!lstatSync(target).isFile()) throw new ExportError(`${target} is there, and is no file`);
    if (!force) throw new ExportError(`${target} is there already`);
  }
  mkdirSync(path.dirname(target), { recursive: true });
  const aside = mkdtempSync(`${target}.new-`);
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
