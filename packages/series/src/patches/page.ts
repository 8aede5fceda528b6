/** A reviewer's page of a patch: its facts, its files in the original beside the symbols here, and its behaviours. */
import type { Behaviour } from '../catalogue/behaviour.js';
import type { SymbolChange, TouchedFile } from '../stack/link-level.js';
import type { PatchEntry, SeriesTable } from '../stack/series-file.js';
import { behavioursOf, type PatchBehaviours } from './behaviours-of.js';
import type { PatchFacts } from './facts.js';
import { factsOf } from './list.js';

export interface PageSymbol extends SymbolChange {
  /** Other patches that define the symbol anew, by file name, in the order of the series. */
  readonly alsoIn: readonly string[];
}

/** A kernel file: what the original does to it beside what the kit has of that. */
export interface PageFile {
  readonly file: string;
  /** Lines of the original; null when they are not known. */
  readonly insertions: number | null;
  readonly deletions: number | null;
  readonly note: string | null;
  /** By name. */
  readonly symbols: readonly PageSymbol[];
}

export interface PatchPage {
  readonly name: string;
  /** 0 for the base; null for a patch of the hotplug project. */
  readonly number: number | null;
  readonly package: string;
  readonly summary: string;
  /** The patch it is applied on top of; null for the base. */
  readonly after: string | null;
  readonly facts: PatchFacts;
  readonly files: readonly PageFile[];
  /** Lines of the original in all files; null when they are not known. */
  readonly insertions: number | null;
  readonly deletions: number | null;
  /** What the series changes in the tree below it; empty but for the base. */
  readonly changed: readonly ChangedSymbol[];
  readonly behaviours: PatchBehaviours;
}

/** What each patch of a series touches, by the name of the patch. */
export type Touches = ReadonlyMap<string, readonly TouchedFile[]>;

/** A series, and who knows what its patches touch: link-level.ts, if not a test. */
interface TouchSource {
  readonly series: SeriesTable;
  touchedFiles(entry: PatchEntry, below: readonly PatchEntry[]): Promise<readonly TouchedFile[]>;
}

/** Asks for every patch of the series. */
export async function touchesOf(source: TouchSource): Promise<Touches> {
  const { entries } = source.series;
  const touched = entries.map(async (entry, at) => [entry.name, await source.touchedFiles(entry, entries.slice(0, at))] as const);
  return new Map(await Promise.all(touched));
}

/** The patches that define a symbol of a file, by name, in the order of the series. */
function definers(touches: Touches, file: string, symbol: string): string[] {
  const touching = [...touches].filter(([, files]) => files.some(touched => touched.file === file && touched.symbols.some(({ name }) => name === symbol)));
  return touching.map(([name]) => name);
}

function pageFiles(facts: PatchFacts, touches: Touches): PageFile[] {
  const touched = new Map((touches.get(facts.name) ?? []).map(({ file, symbols }) => [file, symbols]));
  const original = new Map(facts.files.map(file => [file.file, file]));
  const symbolsOf = (file: string): PageSymbol[] =>
    (touched.get(file) ?? []).map(symbol => ({ ...symbol, alsoIn: definers(touches, file, symbol.name).filter(name => name !== facts.name) }));
  return [...new Set([...original.keys(), ...touched.keys()])].sort().map(file => ({
    file,
    insertions: original.get(file)?.insertions ?? null,
    deletions: original.get(file)?.deletions ?? null,
    note: original.get(file)?.note ?? null,
    // A module's exports come in an order of the loader's.
    symbols: symbolsOf(file).sort((a, b) => (a.name < b.name ? -1 : 1)),
  }));
}

/** A symbol of the base that the series defines anew, and which patches do so. */
export interface ChangedSymbol {
  readonly file: string;
  readonly name: string;
  readonly isFunction: boolean;
  /** File names, in the order of the series. */
  readonly patches: readonly string[];
}

/** By file. */
function changedInBase(touches: Touches): ChangedSymbol[] {
  const added = new Set<string>();
  const changed = new Map<string, ChangedSymbol>();
  for (const { file, symbols } of [...touches.values()].flat()) {
    for (const { name, change, isFunction } of symbols) {
      const key = `${file}:${name}`;
      if (change === 'adds') added.add(key);
      else if (!added.has(key)) changed.set(key, { file, name, isFunction, patches: definers(touches, file, name) });
    }
  }
  return [...changed.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, symbol]) => symbol);
}

/** The sum; null when a part is not known, or there is none. */
const total = (counts: readonly (number | null)[]): number | null =>
  counts.length === 0 || counts.includes(null) ? null : counts.reduce<number>((sum, count) => sum + (count ?? 0), 0);

/**
 * The page of a patch, or of the base when `entry` is undefined. Behaviours are shown as the catalogue expects them: `matrix()` runs them.
 * @throws {RangeError} when nothing is known of the patch.
 */
export function patchPage(series: SeriesTable, entry: PatchEntry | undefined, touches: Touches, behaviours: readonly Behaviour[]): PatchPage {
  const facts = factsOf(entry?.name ?? series.base);
  const files = pageFiles(facts, touches);
  const number = entry === undefined ? 0 : entry.number;
  return {
    name: facts.name,
    number: number ?? null,
    package: entry === undefined ? '@pmkit/mm-core' : entry.package,
    summary: entry?.summary ?? 'the tree below the series',
    after: entry === undefined ? null : (series.entries[series.entries.indexOf(entry) - 1]?.name ?? series.base),
    facts,
    files,
    insertions: total(files.map(file => file.insertions)),
    deletions: total(files.map(file => file.deletions)),
    changed: entry === undefined ? changedInBase(touches) : [],
    behaviours: behavioursOf(number, behaviours),
  };
}
