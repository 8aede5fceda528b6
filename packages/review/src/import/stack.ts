/** What was sent, as a stack again, beside the kit's own. */
import { migrationSeries, type PatchEntry } from '@pmkit/series/stack';
import { projectFiles } from '../export/project.js';
import { readModule } from '../source/module.js';
import { applyPatches, type ImportedTree } from './apply.js';
import type { SentPatch } from './read.js';

/** A file that is another in the kit's tree with the same patches. */
export interface OtherFile {
  readonly file: string;
  /** Its declarations that are others, by name; empty where the file is none of TypeScript, or only comments and imports differ. */
  readonly symbols: readonly string[];
}

export interface StackEntry extends ImportedTree {
  /** The kit's patch of that name; null for one of the sender's own. */
  readonly entry: PatchEntry | null;
  /** The kit's patches that are in the tree, by name, in the order in which they were sent. */
  readonly applied: readonly PatchEntry[];
  /** Where the tree is another than the kit's with these patches; null where the kit has no such tree, as they are in another order. */
  readonly others: readonly OtherFile[] | null;
}

/** Declarations of two texts that are not the same. */
function otherSymbols(file: string, mine: string | undefined, kit: string | undefined): string[] {
  if (!file.endsWith('.ts')) return [];
  const declared = (text: string | undefined): Map<string, string> => new Map(readModule(text ?? '').items.flatMap(({ name, text: item }) => (name === null ? [] : [[name, item] as const])));
  const [a, b] = [declared(mine), declared(kit)];
  return [...new Set([...a.keys(), ...b.keys()])].filter(name => a.get(name) !== b.get(name)).sort();
}

function others(files: ReadonlyMap<string, string>, kit: ReadonlyMap<string, string>): OtherFile[] {
  const changed = [...new Set([...files.keys(), ...kit.keys()])].filter(file => files.get(file) !== kit.get(file)).sort();
  return changed.map(file => ({ file, symbols: otherSymbols(file, files.get(file), kit.get(file)) }));
}

/** Whether patches are a beginning of the series. */
const isTree = (applied: readonly PatchEntry[]): boolean => applied.every((entry, at) => migrationSeries.entries[at] === entry);

/**
 * The stack that patches make over the exported base.
 * @throws {ImportError} for a patch that does not apply, with file, hunk and line.
 * @throws {SyntaxError} for a changed module that is no TypeScript.
 */
export function importStack(patches: readonly SentPatch[]): StackEntry[] {
  const applied: PatchEntry[] = [];
  return applyPatches(patches).map((tree) => {
    const entry = migrationSeries.entries.find(({ name }) => name === tree.patch.name) ?? null;
    if (entry !== null) applied.push(entry);
    return { ...tree, entry, applied: [...applied], others: isTree(applied) ? others(tree.files, projectFiles(applied)) : null };
  });
}
