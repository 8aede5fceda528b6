/** What differs between the sources of two trees, as unified diffs by kernel file. */
import { structuredPatch } from 'diff';
import type { PatchEntry } from '@pmkit/series/stack';
import { symbolsOf, type SourceSymbol } from '../source/symbols.js';
import { fileOfModule, kernelFiles } from '../source/table.js';
import { sourcesOf } from '../source/tree.js';
import type { DiffHunk } from './read.js';

/** A hunk of two texts; lines are counted from 1. */
export type TextHunk = Omit<DiffHunk, 'line'>;

/** A module that is not the same in two trees. */
export interface ModuleDiff {
  /** `mm/mempolicy_syscalls.ts` */
  readonly module: string;
  /** The kernel file that the module models, or a part of: `mm/mempolicy.c`; null for what the kit has beside the kernel. */
  readonly file: string | null;
  readonly change: 'changed' | 'added' | 'removed';
  readonly hunks: readonly TextHunk[];
  readonly insertions: number;
  readonly deletions: number;
}

export interface DiffOptions {
  /** Lines around a change; default 3. */
  readonly context?: number;
  /** Only what declares this. */
  readonly symbol?: string;
}

type Applied = readonly PatchEntry[];

/** The modules that differ between the base tree with some patches and with others, by kernel file; what models none comes last. */
export function diffTrees(before: Applied, after: Applied, { context = 3, symbol }: DiffOptions = {}): ModuleDiff[] {
  const [old, fresh] = [sourcesOf(before).modules, sourcesOf(after).modules];
  const fileOf = fileOfModule([...kernelFiles(fresh), ...kernelFiles(old)]);
  const parts = symbol === undefined ? null : [partsOf(symbolsOf(before), symbol), partsOf(symbolsOf(after), symbol)] as const;
  const modules = [...new Set([...old.keys(), ...fresh.keys()])].filter(module => old.get(module) !== fresh.get(module));
  const diffs = modules.flatMap((module): ModuleDiff[] => {
    const [text, newText] = [old.get(module), fresh.get(module)];
    const found = parts === null ? hunksOf(text ?? '', newText ?? '', context) : partHunks(text ?? '', parts[0].get(module), parts[1].get(module), context);
    if (found.length === 0) return [];
    const count = (sign: string): number => found.reduce((sum, { lines }) => sum + lines.filter(line => line.startsWith(sign)).length, 0);
    // A part of a file that has others is changed in it.
    const change = text === undefined ? 'added' : newText === undefined ? 'removed' : 'changed';
    return [{ module, file: fileOf(module), change, hunks: found, insertions: count('+'), deletions: count('-') }];
  });
  const order = ({ file, module }: ModuleDiff): string => `${file ?? '\uFFFF'}\n${module}`;
  return diffs.sort((a, b) => (order(a) < order(b) ? -1 : 1));
}

/** What declares a name, by module. */
const partsOf = (symbols: readonly SourceSymbol[], name: string): ReadonlyMap<string, SourceSymbol> => new Map(symbols.filter(symbol => symbol.name === name).map(symbol => [symbol.module, symbol]));

/** The hunks of a declaration, with the line numbers of its module. */
function partHunks(text: string, old: SourceSymbol | undefined, fresh: SourceSymbol | undefined, context: number): TextHunk[] {
  const whole = (part: SourceSymbol | undefined): string => (part === undefined ? '' : `${part.text}\n`);
  const [above, newAbove] = [(old?.firstLine ?? 1) - 1, (fresh?.firstLine ?? 1) - 1];
  return hunksOf(whole(old), whole(fresh), context).map(hunk => ({ ...hunk, oldStart: hunk.oldStart + above, newStart: hunk.newStart + newAbove, heading: headingAbove(text.split('\n'), hunk.oldStart + above) }));
}

/** The hunks between two texts. */
export function hunksOf(before: string, after: string, context: number): TextHunk[] {
  const lines = before.split('\n');
  const { hunks } = structuredPatch('a', 'b', before, after, '', '', { context });
  return hunks.map(hunk => ({ ...hunk, heading: headingAbove(lines, hunk.oldStart) }));
}

/** As git cuts it. */
const LONGEST_HEADING = 80;

/** What git writes behind a hunk's `@@` when nobody told it better: the last line above the hunk that begins with a letter. */
function headingAbove(lines: readonly string[], start: number): string {
  for (let at = start - 2; at >= 0; at--) if (/^[A-Za-z_$]/.test(lines[at]!)) return lines[at]!.slice(0, LONGEST_HEADING).trimEnd();
  return '';
}

/** `@@ -1,7 +1,9 @@`, as it stands in a diff. */
export function hunkHead({ oldStart, oldLines, newStart, newLines }: TextHunk): string {
  // Nothing is behind the line above.
  const range = (start: number, count: number): string => (count === 1 ? String(start) : `${count === 0 ? start - 1 : start},${count}`);
  return `@@ -${range(oldStart, oldLines)} +${range(newStart, newLines)} @@`;
}

/** The lines that git writes above the hunks of a module. */
export function fileHead({ module, change }: ModuleDiff): string[] {
  const mode = change === 'added' ? ['new file mode 100644'] : change === 'removed' ? ['deleted file mode 100644'] : [];
  return [`diff --git a/${module} b/${module}`, ...mode, `--- ${change === 'added' ? '/dev/null' : `a/${module}`}`, `+++ ${change === 'removed' ? '/dev/null' : `b/${module}`}`];
}

/** A module's diff as text, which `git apply` and `patch -p1` take. */
export const diffText = (diff: ModuleDiff): string =>
  [...fileHead(diff), ...diff.hunks.flatMap(hunk => [`${hunkHead(hunk)}${hunk.heading === '' ? '' : ` ${hunk.heading}`}`, ...hunk.lines])].map(line => `${line}\n`).join('');
