/** The generated pages on disk. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { replaceFile } from '../replace-file.js';

/** What is not as it should be below a directory: paths below it, and what is the matter. */
export interface Stale { readonly file: string; readonly why: 'differs' | 'is missing' | 'is left over' }

/** @param owned directories in which there must be nothing else */
export function staleFiles(directory: string, pages: ReadonlyMap<string, string>, owned: readonly string[]): Stale[] {
  const stale: Stale[] = [];
  for (const [file, text] of pages) {
    const there = path.join(directory, file);
    if (!existsSync(there)) stale.push({ file, why: 'is missing' });
    else if (readFileSync(there, 'utf8') !== text) stale.push({ file, why: 'differs' });
  }
  for (const name of owned.filter((candidate) => existsSync(path.join(directory, candidate)))) {
    const files = readdirSync(path.join(directory, name)).map((file) => `${name}/${file}`);
    stale.push(...files.filter((file) => !pages.has(file)).map((file): Stale => ({ file, why: 'is left over' })));
  }
  return stale;
}

/** Writes a page, whole or not at all. */
export function writePage(directory: string, file: string, text: string): void {
  replaceFile(path.join(directory, file), text);
}
