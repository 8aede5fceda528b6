/** Which patch wrote each line of a module. */
import type { PatchEntry } from '@pmkit/series/stack';
import { fileOfModule, kernelFiles } from '../source/table.js';
import { sourcesOf } from '../source/tree.js';
import { hunksOf } from './tree.js';

export interface AnnotatedLine {
  /** File name of the patch; null for the base. */
  readonly patch: PatchEntry | null;
  /** From 1. */
  readonly number: number;
  readonly text: string;
}

/**
 * The lines of a module in the base tree with `applied` on top, each with the last patch whose diff added it.
 * @throws {RangeError} when that tree has no such module.
 */
export function annotate(applied: readonly PatchEntry[], module: string): AnnotatedLine[] {
  let text = sourcesOf([]).modules.get(module) ?? '';
  let writers: (PatchEntry | null)[] = linesOf(text).map(() => null);
  applied.forEach((patch, at) => {
    const next = sourcesOf(applied.slice(0, at + 1)).modules.get(module) ?? '';
    writers = rewritten(writers, text, next, patch);
    text = next;
  });
  if (!sourcesOf(applied).modules.has(module)) throw new RangeError(`no module ${module}`);
  return linesOf(text).map((line, at) => ({ patch: writers[at]!, number: at + 1, text: line }));
}

/** The writers of the lines of `after`: those of the lines that stay, and the patch. */
function rewritten(writers: readonly (PatchEntry | null)[], before: string, after: string, patch: PatchEntry): (PatchEntry | null)[] {
  if (before === after) return [...writers];
  const out: (PatchEntry | null)[] = [];
  let at = 0;
  for (const { oldStart, oldLines, newLines } of hunksOf(before, after, 0)) {
    out.push(...writers.slice(at, oldStart - 1), ...Array.from({ length: newLines }, () => patch));
    at = oldStart - 1 + oldLines;
  }
  return [...out, ...writers.slice(at)];
}

const linesOf = (text: string): string[] => (text === '' ? [] : text.replace(/\n$/, '').split('\n'));

/** What a word may mean: `mm/mmigrate.ts`, `mm/mmigrate.c` for all modules that model it, or an ending of either behind a slash. */
export function modulesNamed(applied: readonly PatchEntry[], word: string): string[] {
  const { modules } = sourcesOf(applied);
  const fileOf = fileOfModule(kernelFiles(modules));
  const wanted = word.replace(/^\.\//, '');
  const named = [...modules.keys()].map(module => ({ module, paths: [module, fileOf(module) ?? module] }));
  const exact = named.filter(({ paths }) => paths.includes(wanted));
  return (exact.length > 0 ? exact : named.filter(({ paths }) => paths.some(path => path.endsWith(`/${wanted}`)))).map(({ module }) => module);
}
