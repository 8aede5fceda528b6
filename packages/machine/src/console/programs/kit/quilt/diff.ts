/** quilt diff: what a patch of the series changes, as a unified diff of the kit's own functions and tables. */
import { touchedFiles, treeOf, type PatchEntry, type Stack, type TouchedFile } from '@pmkit/series/stack';
import { hunks } from './lines.js';

/** The tree's name in the headings. */
const TREE = 'linux-2.6.12-rc5-mhp1';

/** Lines of a symbol: a function as it is written, a table entry by entry. */
function linesOf(name: string, value: unknown): string[] {
  if (typeof value === 'function') return Function.prototype.toString.call(value).split('\n');
  if (typeof value === 'object' && value !== null) return [`${name} = {`, ...Object.entries(value).map(([key, entry]) => `  ${key}: ${JSON.stringify(entry)},`), '}'];
  return [`${name} = ${String(value)}`];
}

type Trees = readonly [before: Awaited<ReturnType<typeof treeOf>>, after: Awaited<ReturnType<typeof treeOf>>];

function fileDiff({ file, isNew, symbols }: TouchedFile, [before, after]: Trees): string {
  const changes = [...symbols].sort((a, b) => (a.name < b.name ? -1 : 1)).flatMap(({ name, isFunction }) => {
    const old = before.get(name);
    return hunks(old === undefined ? [] : linesOf(name, old.value), linesOf(name, after.get(name)?.value), isFunction ? `${name}()` : name);
  });
  const from = isNew ? '/dev/null' : `${TREE}.orig/${file}`;
  return [`Index: ${TREE}/${file}`, '='.repeat(67), `--- ${from}`, `+++ ${TREE}/${file}`, ...changes, ''].join('\n');
}

/**
 * What `patch` changes in the tree below it.
 * @param only kernel files, as the kernel calls them; empty: all.
 */
export async function diffOf({ series }: Stack, patch: PatchEntry, only: readonly string[]): Promise<string> {
  const below = series.entries.slice(0, series.entries.indexOf(patch));
  const [files, ...trees] = await Promise.all([touchedFiles(patch, below), treeOf(below), treeOf([...below, patch])]);
  return files.filter(({ file }) => only.length === 0 || only.includes(file)).map(file => fileDiff(file, trees)).join('');
}
