/** What was sent, as a stack again, beside the kit's own. */
import { migrationSeries, type PatchEntry } from '@pmkit/series/stack';
import { projectFiles } from '../export/project.js';
import { readModule, UnusualModule } from '../source/module.js';
import { applyPatches, type ImportedTree } from './apply.js';
import { ImportError, type SentPatch } from './read.js';

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

/** The declarations of a module by name; none of one that declares in another way than the kit. @throws {SyntaxError} */
function declared(text: string | undefined): ReadonlyMap<string, string> {
  try {
    return new Map(readModule(text ?? '').items.flatMap(({ name, text: item }) => (name === null ? [] : [[name, item] as const])));
  } catch (error) {
    if (error instanceof UnusualModule) return new Map();
    throw error;
  }
}

/** Declarations of two texts that are not the same. */
function otherSymbols(mine: string | undefined, kit: string | undefined): string[] {
  const [a, b] = [declared(mine), declared(kit)];
  return [...new Set([...a.keys(), ...b.keys()])].filter(name => a.get(name) !== b.get(name)).sort();
}

function others({ patch, files }: ImportedTree, kit: ReadonlyMap<string, string>): OtherFile[] {
  const changed = [...new Set([...files.keys(), ...kit.keys()])].filter(file => files.get(file) !== kit.get(file)).sort();
  return changed.map((file) => {
    try {
      return { file, symbols: file.endsWith('.ts') ? otherSymbols(files.get(file), kit.get(file)) : [] };
    } catch (error) {
      if (error instanceof SyntaxError) throw new ImportError(`${patch.name}: ${file} as the patch leaves it: ${error.message}`, { cause: error });
      throw error;
    }
  });
}

/** Whether patches are a beginning of the series. */
const isTree = (applied: readonly PatchEntry[]): boolean => applied.every((entry, at) => migrationSeries.entries[at] === entry);

/**
 * The stack that patches make over the exported base.
 * @throws {ImportError} for a patch that does not apply, with file, hunk and line, and for a changed module that is no TypeScript.
 */
export function importStack(patches: readonly SentPatch[]): StackEntry[] {
  const applied: PatchEntry[] = [];
  return applyPatches(patches).map((tree) => {
    const entry = migrationSeries.entries.find(({ name }) => name === tree.patch.name) ?? null;
    if (entry !== null) applied.push(entry);
    return { ...tree, entry, applied: [...applied], others: isTree(applied) ? others(tree, projectFiles(applied)) : null };
  });
}
