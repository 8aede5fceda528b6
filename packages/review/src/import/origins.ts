/** Which patch of an imported stack a symbol is from: the last one that changed the text of its declaration. */
import type { Definition } from '@pmkit/linker';
import { base } from '@pmkit/mm-core';
import { projectFiles } from '../export/project.js';
import { readModule, UnusualModule } from '../source/module.js';
import { objectFilesOf } from './compile.js';
import type { StackEntry } from './stack.js';

/** By symbol. */
export type Origins = ReadonlyMap<string, Pick<Definition, 'origin' | 'history'>>;

/** What `package` says of a symbol whose patch is none of the kit. */
export const SENT_PACKAGE = 'imported';

const textsOf = new Map<string, ReadonlyMap<string, string>>();

/** The values that a module exports, by name; none of one that declares in another way than the kit. */
function exportedTexts(module: string): ReadonlyMap<string, string> {
  let known = textsOf.get(module);
  if (known === undefined) textsOf.set(module, (known = new Map(itemsOf(module).flatMap(({ name, isExported, isValue, text }) => (name !== null && isExported && isValue ? [[name, text] as const] : [])))));
  return known;
}

function itemsOf(module: string): ReturnType<typeof readModule>['items'] {
  try {
    return readModule(module).items;
  } catch (error) {
    if (error instanceof UnusualModule) return [];
    throw error;
  }
}

/** By symbol: the kernel file that it is of, and its text. */
function symbolsOf(files: ReadonlyMap<string, string>): Map<string, { readonly file: string; readonly text: string }> {
  const found = new Map<string, { file: string; text: string }>();
  for (const { file, modules, symbols } of objectFilesOf(files)) {
    for (const module of modules) for (const [name, text] of exportedTexts(files.get(module)!)) found.set(name, { file, text });
    for (const { module, name } of symbols) found.set(name, { file, text: exportedTexts(files.get(module)!).get(name) ?? '' });
  }
  return found;
}

/** For the base and the tree of each patch. @throws {ImportError} for a kernel table that cannot be read. */
export function originsOf(stack: readonly StackEntry[]): Origins[] {
  let texts = symbolsOf(projectFiles([]));
  let below: Origins = new Map([...texts].map(([name, { file }]) => [name, { origin: { patch: base.name, package: base.package, file }, history: [] }]));
  const all = [below];
  for (const { patch, entry, files } of stack) {
    const now = symbolsOf(files);
    const next = new Map<string, Pick<Definition, 'origin' | 'history'>>();
    for (const [name, { file, text }] of now) {
      const before = below.get(name);
      if (before !== undefined && texts.get(name)!.text === text) next.set(name, before);
      else next.set(name, { origin: { patch: patch.name, package: entry?.package ?? SENT_PACKAGE, file }, history: before === undefined ? [] : [...before.history, before.origin] });
    }
    texts = now;
    below = next;
    all.push(below);
  }
  return all;
}
