/** A tree as a small TypeScript project of its own: it installs, type-checks, tests and judges itself. */
import type { PatchEntry } from '@pmkit/series/stack';
import { packageLicense, packageSources } from '../source/packages.js';
import { sourcesOf } from '../source/tree.js';
import { catalogueFiles } from './catalogue.js';
import { retarget } from './retarget.js';
import { BEHAVIOUR_TOOL, CATALOGUE_TEST, GITIGNORE, PACKAGE_JSON, README, TSCONFIG } from './template.js';

/** What does not hang on the level. */
function commonFiles(): Map<string, string> {
  const linker = [...packageSources('@pmkit/linker')].map(([path, text]) => [`linker/${path}`, text] as const);
  return new Map([
    ...linker, ...catalogueFiles(),
    ['.gitignore', GITIGNORE], ['LICENSE', packageLicense()], ['README.md', README], ['package.json', PACKAGE_JSON], ['tsconfig.json', TSCONFIG],
    ['test/catalogue.test.ts', CATALOGUE_TEST], ['tools/behaviour.mjs', BEHAVIOUR_TOOL],
  ]);
}

let common: ReadonlyMap<string, string> | undefined;

const retargeted = new Map<string, string>();

/** Most modules are the same in all trees. */
function kernelModule(path: string, text: string): string {
  const key = `${path}\n${text}`;
  let known = retargeted.get(key);
  if (known === undefined) retargeted.set(key, (known = retarget(text, path)));
  return known;
}

/** The files of the project of the base tree with patches on top: path → text, sorted by path. */
export function projectFiles(applied: readonly PatchEntry[]): Map<string, string> {
  common ??= commonFiles();
  const kernel = [...sourcesOf(applied).modules].map(([path, text]) => [path, kernelModule(path, text)] as const);
  return new Map([...common, ...kernel].sort(([a], [b]) => (a < b ? -1 : 1)));
}
