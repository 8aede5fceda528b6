/** Patches laid over the exported base, one after the other: a tree each. */
import { applyPatch } from 'diff';
import type { DiffHunk, FileDiff } from '../diff/index.js';
import { projectFiles } from '../export/project.js';
import { ImportError, type SentPatch } from './read.js';

/** The tree with a patch on top: path → text, sorted by path. */
export interface ImportedTree { readonly patch: SentPatch; readonly files: ReadonlyMap<string, string> }

function patched(text: string, { file }: FileDiff, hunks: readonly DiffHunk[]): string | false {
  const plain = hunks.map(({ oldStart, oldLines, newStart, newLines, lines }) => ({ oldStart, oldLines, newStart, newLines, lines: [...lines] }));
  return applyPatch(text, { oldFileName: file, newFileName: file, oldHeader: undefined, newHeader: undefined, hunks: plain }, { fuzzFactor: 0, autoConvertLineEndings: false });
}

/** The text with a diff applied: lines may have moved, but nothing around them may be another. */
function applyDiff(before: string | undefined, diff: FileDiff, where: (line: number) => string): string | null {
  const { file, hunks, isNew, isGone, line } = diff;
  if (isNew !== (before === undefined)) throw new ImportError(`${where(line)}: ${file} ${isNew ? 'is there already' : 'is not in the tree'}`);
  const after = patched(before ?? '', diff, hunks);
  if (after === false) {
    const failing = hunks.findIndex((_, at) => patched(before ?? '', diff, hunks.slice(0, at + 1)) === false);
    const hunk = hunks[failing]!;
    throw new ImportError(`${where(hunk.line)}: ${file}, hunk ${failing + 1}: does not apply: what it changes, from line ${hunk.oldStart} on, is not there`);
  }
  if (isGone && after !== '') throw new ImportError(`${where(line)}: ${file} is to go, but something is left of it`);
  return isGone ? null : after;
}

/** The trees of patches over the exported base. @throws {ImportError} for the first patch that does not apply, with file, hunk and line. */
export function applyPatches(patches: readonly SentPatch[]): ImportedTree[] {
  let files: ReadonlyMap<string, string> = projectFiles([]);
  return patches.map((patch) => {
    const next = new Map(files);
    for (const diff of patch.diffs) {
      const after = applyDiff(next.get(diff.file), diff, patch.where);
      if (after === null) next.delete(diff.file);
      else next.set(diff.file, after);
    }
    files = new Map([...next].sort(([a], [b]) => (a < b ? -1 : 1)));
    return { patch, files };
  });
}
