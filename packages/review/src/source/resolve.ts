/** Where an import of kernel code leads: modules of packages, and the places they have in a tree that is one project. */
import path from 'node:path';
import { parseModule } from './ast.js';
import { packageSources } from './packages.js';

/** The package of the linker: no part of the tree. */
export const LINKER = '@pmkit/linker';

/** A declaration: its name, and the module of the tree that has it (`mm/mmigrate.ts`), or the package it is imported from. */
export interface Target { readonly module: string; readonly name: string }

/** A module of a package: `index.ts` of `@pmkit/p03-node-map-argument`. */
interface Place { readonly package: string; readonly module: string }

/** The module that an import in a module of the tree means; a package as itself. */
export const resolveInTree = (specifier: string, from: string): string =>
  (specifier.startsWith('.') ? path.posix.join(path.posix.dirname(from), specifier).replace(/\.js$/, '.ts') : specifier);

/** The module that an import in a package's module means; null for other packages than kernel code. */
function placeOf(specifier: string, from: Place): Place | null {
  if (specifier.startsWith('.')) return { package: from.package, module: resolveInTree(specifier, from.module) };
  const [, name, subpath] = /^(@pmkit\/[^/]+)(?:\/(.+))?$/.exec(specifier) ?? [];
  if (name === undefined || name === LINKER) return null;
  return { package: name, module: `${subpath ?? 'index'}.ts` };
}

/** What an index exports from other modules: exported name → where it is. */
function reexportsOf(place: Place): Map<string, { readonly specifier: string; readonly name: string }> {
  const text = packageSources(place.package).get(place.module);
  if (text === undefined) throw new Error(`${place.package} has no module ${place.module}`);
  const found = new Map<string, { specifier: string; name: string }>();
  for (const statement of parseModule(text).body) {
    if (statement.type !== 'ExportNamedDeclaration' || !statement.source) continue;
    for (const specifier of statement.specifiers) {
      if (specifier.type !== 'ExportSpecifier') continue;
      const exported = specifier.exported.type === 'Identifier' ? specifier.exported.name : specifier.exported.value;
      found.set(exported, { specifier: statement.source.value, name: specifier.local.name });
    }
  }
  return found;
}

/**
 * What a name that a module of a package imports is in the tree; a name that an index has from elsewhere is looked up there. The types of a patch's
 * kernel, which its index declares, are the reference `{ module: 'index.ts', name: 'Kernel4' }`.
 */
export function resolveName(specifier: string, name: string, from: Place): Target {
  const place = placeOf(specifier, from);
  if (place === null) return { module: specifier, name };
  if (!/(^|\/)index\.ts$/.test(place.module)) return { module: place.module, name };
  const again = reexportsOf(place).get(name);
  return again === undefined ? { module: place.module, name } : resolveName(again.specifier, again.name, place);
}

/** The module of the tree that an import means as a whole; a package that is none of the tree's as itself. */
export const resolveModule = (specifier: string, from: Place): string => placeOf(specifier, from)?.module ?? specifier;

/** How a module of the tree spells the import of another, or of a package. */
export function specifierFor(target: string, from: string): string {
  if (!target.endsWith('.ts')) return target;
  const relative = path.posix.relative(path.posix.dirname(from), target).replace(/\.ts$/, '.js');
  return relative.startsWith('.') ? relative : `./${relative}`;
}
