/** Which patch of an imported stack a symbol is from: the last one that changed the text of its declaration. */
import type { Definition, Definitions } from '@pmkit/linker';
import { base } from '@pmkit/mm-core';
import { projectFiles } from '../export/project.js';
import { readModule, UnusualModule } from '../source/module.js';
import { objectFilesOf } from './compile.js';
import type { StackEntry } from './stack.js';

/** What a symbol is from, of those that patches have changed; the others are the base's. */
export type Origins = ReadonlyMap<string, Pick<Definition, 'origin' | 'history'>>;

/** What `package` says of a symbol whose patch is none of the kit. */
export const SENT_PACKAGE = 'imported';

type Files = ReadonlyMap<string, string>;

/** The values that a module exports, by name; none of one that declares in another way than the kit. */
function exportedTexts(module: string): ReadonlyMap<string, string> {
  try {
    return new Map(readModule(module).items.flatMap(({ name, isExported, isValue, text }) => (name !== null && isExported && isValue ? [[name, text] as const] : [])));
  } catch (error) {
    if (error instanceof UnusualModule) return new Map();
    throw error;
  }
}

/** The symbols whose text is not that of the tree below, with the kernel file that they are of. */
function* changedSymbols(files: Files, below: Files): Generator<{ readonly name: string; readonly file: string }> {
  for (const { file, modules, symbols } of objectFilesOf(files)) {
    for (const module of new Set([...modules, ...symbols.map(symbol => symbol.module)])) {
      if (files.get(module) === below.get(module)) continue;
      const before = exportedTexts(below.get(module) ?? '');
      const isLinked = (name: string): boolean => modules.includes(module) || symbols.some(symbol => symbol.module === module && symbol.name === name);
      for (const [name, text] of exportedTexts(files.get(module)!)) if (isLinked(name) && before.get(name) !== text) yield { name, file };
    }
  }
}

/** For the base and the tree of each patch. @throws {ImportError} for a kernel table that cannot be read. */
export function originsOf(stack: readonly StackEntry[]): Origins[] {
  const all: Origins[] = [new Map()];
  let files: Files = projectFiles([]);
  for (const entry of stack) {
    const below = all.at(-1)!;
    const next = new Map(below);
    for (const { name, file } of changedSymbols(entry.files, files)) {
      const before = below.get(name) ?? ofBase(file);
      next.set(name, { origin: { patch: entry.patch.name, package: entry.entry?.package ?? SENT_PACKAGE, file }, history: [...before.history, before.origin] });
    }
    files = entry.files;
    all.push(next);
  }
  return all;
}

const ofBase = (file: string): Pick<Definition, 'origin' | 'history'> => ({ origin: { patch: base.name, package: base.package, file }, history: [] });

/** The symbols of a tree with what they are from. */
export const withOrigins = (definitions: Definitions, origins: Origins): Definitions =>
  new Map([...definitions].map(([name, definition]) => [name, { ...definition, ...(origins.get(name) ?? ofBase(definition.origin.file)) }]));
