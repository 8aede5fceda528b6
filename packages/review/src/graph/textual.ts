/** Where patches meet in the text: the same symbol, or the same file. */
import { base } from '@pmkit/mm-core';
import { factsOf } from '@pmkit/series/patches';
import type { TextualWitness } from './model.js';
import type { LoadedPatch } from './patches.js';
import { codeOf, conflicts, type Version } from './texts.js';

export interface Overlap extends TextualWitness { readonly patch: string; readonly needs: string }

/** Overlaps of each patch with each that is below it. */
export function overlaps(patches: readonly LoadedPatch[]): Overlap[] {
  const symbols = sharedSymbols(patches);
  return patches.flatMap((patch, at) => patches.slice(0, at).flatMap(below => {
    const ofSymbols = symbols.filter(({ authors }) => authors.includes(patch) && authors.includes(below)).map(({ symbol, file, versions }): Overlap => ({
      patch: patch.name, needs: below.name, file, symbol, conflict: conflicts(versions, new Set([below.name])).includes(patch.name),
    }));
    const files = [...filesOf(patch)].filter(file => filesOf(below).has(file) && !ofSymbols.some(shared => shared.file === file)).sort();
    return [...ofSymbols, ...files.map((file): Overlap => ({ patch: patch.name, needs: below.name, file, symbol: null, conflict: false }))];
  }));
}

interface SharedSymbol {
  readonly symbol: string;
  readonly file: string;
  readonly authors: readonly LoadedPatch[];
  readonly versions: readonly Version[];
}

/** Symbols that several patches define, with the text of each. */
function sharedSymbols(patches: readonly LoadedPatch[]): SharedSymbol[] {
  const names = new Set(patches.flatMap(({ symbols }) => symbols.map(({ name }) => name)));
  return [...names].flatMap(symbol => {
    const authors = patches.filter(({ symbols }) => symbols.some(({ name }) => name === symbol));
    if (authors.length < 2) return [];
    const { change, file } = authors[0]!.symbols.find(({ name }) => name === symbol)!;
    const versions = authors.map(({ name, entry }): Version => ({ patch: name, code: codeOf(entry.package, symbol) }));
    return [{ symbol, file, authors, versions: change === 'adds' ? versions : [{ patch: base.name, code: codeOf(base.package, symbol) }, ...versions] }];
  });
}

/** The kernel files that a patch touches here or in the original. */
const filesOf = ({ name, symbols }: LoadedPatch): Set<string> => new Set([...symbols.map(({ file }) => file), ...factsOf(name).files.map(({ file }) => file)]);
