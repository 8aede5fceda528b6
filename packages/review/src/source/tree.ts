/** The sources of the trees of the series. */
import type { Tree } from '@pmkit/series/catalogue';
import { migrationSeries, type PatchEntry } from '@pmkit/series/stack';
import { parse } from '@babel/parser';
import { applyEdits } from './references.js';
import { layPatch, type Sources } from './lay.js';
import { packageSources } from './packages.js';
import { TABLE } from './scope.js';

/** What the base calls its own table. */
const BASE_TABLE = 'Kernel0';

/** A word of a text's syntax as another word. */
function renameWord(text: string, word: string, to: string): string {
  const { tokens } = parse(text, { sourceType: 'module', plugins: ['typescript'], tokens: true });
  const words = (tokens ?? []) as { readonly value?: unknown; readonly start: number; readonly end: number }[];
  return applyEdits(text, words.filter(({ value, start, end }) => value === word && text.slice(start, end) === word).map(({ start, end }) => ({ start, end, text: to })));
}

function baseSources(): Sources {
  const modules = [...packageSources('@pmkit/mm-core')].map(([path, text]) => [path, text.includes(BASE_TABLE) ? renameWord(text, BASE_TABLE, TABLE.name) : text] as const);
  return { modules: new Map(modules), writers: new Map() };
}

const trees = new Map<string, Sources>();

/** The sources of the base tree with patches on top, from the bottom up. */
export function sourcesOf(applied: readonly PatchEntry[]): Sources {
  const key = applied.map(({ name }) => name).join('\n');
  let sources = trees.get(key);
  if (sources === undefined) {
    const top = applied.at(-1);
    trees.set(key, (sources = top === undefined ? baseSources() : layPatch(sourcesOf(applied.slice(0, -1)), top.package)));
  }
  return sources;
}

/** The patches of a tree of the series, from the bottom up. */
export function patchesOf({ level, hotplug }: Tree): readonly PatchEntry[] {
  const { entries } = migrationSeries;
  if (level === 10) return entries;
  return entries.filter(({ number }) => (number === undefined ? hotplug : number <= level));
}

/** The sources of a tree of the series as one project: path in the kernel's layout (`mm/mmigrate.ts`) → text, sorted by path. */
export const sourcesAt = (tree: Tree): ReadonlyMap<string, string> => sourcesOf(patchesOf(tree)).modules;
