/** The patches of a series, loaded: what each does to which symbol. */
import type { AnyPatch } from '@pmkit/linker';
import { loadPatch, touchedFiles, type PatchEntry, type SymbolChange } from '@pmkit/series/stack';
import type { GraphNode } from './model.js';

export interface LoadedPatch extends GraphNode {
  readonly entry: PatchEntry;
  readonly patch: AnyPatch;
  readonly symbols: readonly PatchSymbol[];
}

/** A symbol that a patch defines, with the kernel file it stands in. */
export interface PatchSymbol extends SymbolChange { readonly file: string }

/** All patches, in the order given: that of the series, or a part of it. */
export async function loadPatches(entries: readonly PatchEntry[]): Promise<LoadedPatch[]> {
  return Promise.all(entries.map(async (entry, at) => {
    const [patch, files] = await Promise.all([loadPatch(entry), touchedFiles(entry, entries.slice(0, at))]);
    const symbols = files.flatMap(({ file, symbols: changes }) => changes.map(change => ({ ...change, file })));
    return { ...nodeOf(entry), entry, patch, symbols };
  }));
}

const nodeOf = ({ name, number, summary }: PatchEntry): GraphNode => ({ name, number: number ?? null, summary, label: number === undefined ? hotplugLabel(name) : String(number) });

/** `N1.0` of N1.0-memsection_migrate.patch. */
const hotplugLabel = (name: string): string => /^[^-]+/.exec(name)?.[0] ?? name;
