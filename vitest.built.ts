/**
 * Tests run against the built packages, as Node loads them: an import that vite has rewritten costs a look-up at every call, and the kernel takes twice the time.
 *
 * No test is ever run against an old build: before a run, what is not as the sources are is written again (JavaScript only; declarations are the build's).
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Plugin } from 'vitest/config';
import { layers } from './layers.js';
import { javascriptOf } from './scripts/library.mjs';

const packages = fileURLToPath(new URL('packages/', import.meta.url));

/** In a test of a package, `../src/x.js` is what was built of src/x.ts. */
export const builtSources: Plugin = {
  name: 'built-sources',
  enforce: 'pre',
  resolveId(source, importer) {
    if (!source.startsWith('.') || importer === undefined) return null;
    const found = /^(.*\/packages\/[^/]+)\/src\/(.*\.js)$/.exec(path.resolve(path.dirname(importer), source));
    return found === null ? null : `${found[1]!}/dist/${found[2]!}`;
  },
};

/** Files of built packages, which Node loads by itself. */
export const builtFiles = /\/packages\/[^/]+\/dist\//;

const textOf = (file: string): string | null => {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return null;
  }
};

/** Writes what has changed in src/ of one package to dist/. @returns whether there was anything. */
async function refresh(name: string): Promise<boolean> {
  const outputFiles = await javascriptOf(path.join(packages, name));
  const code = outputFiles.filter(file => file.path.endsWith('.js'));
  const changed = code.filter(file => textOf(file.path) !== file.text).map(file => file.path);
  for (const { path: file, text } of outputFiles.filter(output => changed.includes(output.path.replace(/\.map$/, '')))) {
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
  return changed.length > 0;
}

/** Whether a file is not there, or older than one of what prints it. */
function isOld(file: string, printers: readonly string[]): boolean {
  const made = statSync(path.join(packages, file), { throwIfNoEntry: false });
  const sources = printers.flatMap(directory => readdirSync(path.join(packages, directory)).map(name => path.join(packages, directory, name)));
  return made === undefined || sources.some(source => statSync(source).mtimeMs > made.mtimeMs);
}

/** Has a package make what is not one file out for each file in. */
function runIn(name: string, script: string, complaint: string): void {
  const { status } = spawnSync(process.execPath, [`../../scripts/${script}`], { cwd: path.join(packages, name), stdio: 'inherit' });
  if (status !== 0) throw new Error(complaint);
}

/** vitest's global setup. */
export default async function bringUpToDate(): Promise<void> {
  const changed = (await Promise.all(layers.map(refresh))).some(Boolean);
  const isMissing = (file: string): boolean => textOf(path.join(packages, file)) === null;
  if (changed || isMissing('series/dist/flat/level-00.js')) runIn('series', 'print-flat.mjs', 'the flat kernels cannot be printed');
  if (changed || isOld('explore/dist/covered.js', ['explore/cover', 'explore/record']) || isMissing('explore/dist/recorded.js')) runIn('explore', 'build-package.mjs', 'packages/explore does not build');
}
