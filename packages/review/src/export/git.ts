/** The series as a git repository: written by git itself, from a stream that is the same on every machine. */
import { migrationSeries, type PatchEntry } from '@pmkit/series/stack';
import { git } from '../git.js';
import { COMMITTER, messageOf } from './message.js';
import { placeDirectory, type PlaceOptions } from './place.js';
import { projectFiles } from './project.js';

/** A commit of the history: a tree, the patch on top of it (undefined: the base), and the refs that end here. */
interface Commit { readonly applied: readonly PatchEntry[]; readonly branch: string; readonly tag: string }

export const MAIN = 'main';
/** Where the patches of the hotplug project are, and patch 10 behind them. */
export const HOTPLUG_BRANCH = 'hotplug';

function tagOf(entry: PatchEntry | undefined): string {
  if (entry === undefined) return 'level-0';
  return entry.number === undefined ? `level-9+${entry.name.split('-')[0]!}` : `level-${entry.number}`;
}

/** The base, patches 1 to 9, and on a branch of their own the hotplug patches with patch 10. */
function commits(): Commit[] {
  const { entries } = migrationSeries;
  const forked = entries.findIndex(({ number }) => number === undefined);
  return [undefined, ...entries].map((entry, at) => ({ applied: entries.slice(0, at), branch: at <= forked ? MAIN : HOTPLUG_BRANCH, tag: tagOf(entry) }));
}

/** The input of `git fast-import`. */
function fastImportStream(): Buffer {
  const parts: (string | Buffer)[] = [];
  const marks = new Map<string, number>();
  let mark = 0;
  const data = (text: string): void => {
    const bytes = Buffer.from(text);
    parts.push(`data ${bytes.length}\n`, bytes, '\n');
  };
  const blob = (text: string): number => {
    let known = marks.get(text);
    if (known === undefined) {
      marks.set(text, (known = ++mark));
      parts.push(`blob\nmark :${known}\n`);
      data(text);
    }
    return known;
  };
  let parent: number | null = null;
  for (const { applied, branch, tag } of commits()) {
    const files: [string, number][] = [...projectFiles(applied)].map(([file, text]) => [file, blob(text)]);
    const { author, address, date, subject, body } = messageOf(applied.at(-1));
    parts.push(`commit refs/heads/${branch}\nmark :${++mark}\nauthor ${author} <${address}> ${date} +0000\ncommitter ${COMMITTER.name} <${COMMITTER.address}> ${date} +0000\n`);
    data(`${subject}\n\n${body}`);
    if (parent !== null) parts.push(`from :${parent}\n`);
    parts.push('deleteall\n', ...files.map(([file, of]) => `M 100644 :${of} ${file}\n`), '\n', `reset refs/tags/${tag}\nfrom :${mark}\n\n`);
    parent = mark;
  }
  return Buffer.concat(parts.map(part => (typeof part === 'string' ? Buffer.from(part) : part)));
}

/**
 * Writes the repository, with `main` checked out.
 * @throws {ExportError} when the place is taken.
 * @throws {GitError} when there is no git.
 */
export function exportGit(directory: string, options: PlaceOptions = {}): void {
  placeDirectory(directory, options, (aside) => {
    git(aside, ['init', '--quiet', '--template=', '--object-format=sha1', `--initial-branch=${MAIN}`]);
    git(aside, ['fast-import', '--quiet', '--force'], fastImportStream());
    git(aside, ['reset', '--quiet', '--hard']);
  });
}
