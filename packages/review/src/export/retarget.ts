/** Modules of the kit where they are in an exported project: imports lead to files beside them instead of to packages. */
import { specifiersOf } from '../source/module.js';
import { applyEdits, type Edit } from '../source/references.js';
import { specifierFor } from '../source/resolve.js';

/** Where the kit's packages are in a project. */
const PACKAGES: Readonly<Record<string, (subpath: string) => string>> = {
  '@pmkit/linker': subpath => `linker/${subpath}`,
  '@pmkit/mm-core': subpath => subpath,
};
/** Headers of patches, for programs: the catalogue says what a program passes also where the patch is missing. */
export const HEADERS = 'catalogue/headers/';

/** The file of a project that an import of a package means; null for packages that are no part of the kit. */
export function projectFile(specifier: string): string | null {
  const [, name, subpath = 'index'] = /^(@pmkit\/[^/]+)(?:\/(.+))?$/.exec(specifier) ?? [];
  if (name === undefined) return null;
  return PACKAGES[name]?.(`${subpath}.ts`) ?? `${HEADERS}${subpath}.ts`;
}

/** The text of a module at `path` of a project. `elsewhere`: what else is not where its specifier says. */
export function retarget(text: string, path: string, elsewhere?: (specifier: string) => string | null): string {
  // most modules of the kernel import each other only: they need not be parsed
  if (elsewhere === undefined && !text.includes('@pmkit/')) return text;
  const edits = specifiersOf(text).flatMap(({ specifier, start, end }): Edit[] => {
    const file = projectFile(specifier) ?? elsewhere?.(specifier) ?? null;
    return file === null ? [] : [{ start, end, text: `'${specifierFor(file, path)}'` }];
  });
  return applyEdits(text, edits);
}
