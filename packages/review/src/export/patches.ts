/** The patches of the series as texts: what each changes in the project of the tree below it. */
import { migrationSeries, type PatchEntry } from '@pmkit/series/stack';
import { statLines, statSummary } from '../diff/stat.js';
import { diffText, hunksOf, type ModuleDiff } from '../diff/tree.js';
import { messageOf, type PatchMessage } from './message.js';
import { projectFiles } from './project.js';

/** As `diff -u`. */
const CONTEXT = 3;
const MAIL_WIDTH = 72;

export interface SeriesPatch {
  readonly entry: PatchEntry;
  readonly message: PatchMessage;
  /** As git writes a diffstat, with its summary; lines end with a line end. */
  readonly diffstat: string;
  /** Unified diffs with git's heads, for `git apply` and `patch -p1`. */
  readonly diff: string;
}

/** What is different between two projects, by path. */
function projectDiff(before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>): ModuleDiff[] {
  const paths = [...new Set([...before.keys(), ...after.keys()])].filter(path => before.get(path) !== after.get(path)).sort();
  return paths.map((module) => {
    const [text, newText] = [before.get(module), after.get(module)];
    const hunks = hunksOf(text ?? '', newText ?? '', CONTEXT);
    const count = (sign: string): number => hunks.flatMap(({ lines }) => lines).filter(line => line.startsWith(sign)).length;
    return { module, file: null, change: text === undefined ? 'added' : newText === undefined ? 'removed' : 'changed', hunks, insertions: count('+'), deletions: count('-') };
  });
}

function diffstat(diffs: readonly ModuleDiff[]): string {
  const rows = diffs.map(({ module, insertions, deletions }) => ({ name: module, insertions, deletions }));
  return [...statLines(rows, MAIL_WIDTH).map(({ head, plus, minus }) => head + plus + minus), statSummary(rows)].map(line => `${line}\n`).join('');
}

/** All patches in the order of the series file. */
export function seriesPatches(): SeriesPatch[] {
  const { entries } = migrationSeries;
  return entries.map((entry, at) => {
    const diffs = projectDiff(projectFiles(entries.slice(0, at)), projectFiles(entries.slice(0, at + 1)));
    return { entry, message: messageOf(entry), diffstat: diffstat(diffs), diff: diffs.map(diffText).join('') };
  });
}

/** What all patches together change. */
export const seriesDiffstat = (): string => diffstat(projectDiff(projectFiles([]), projectFiles(migrationSeries.entries)));
