/** A symbol through the series: its versions, who calls it and whom it calls, and what the catalogue says of it. */
import { callGraph } from '@pmkit/linker';
import { behaviours as catalogue, coverage, type Behaviour } from '@pmkit/series/catalogue';
import { treeOf, type PatchEntry } from '@pmkit/series/stack';
import { hunksOf } from '../diff/tree.js';
import { symbolsOf, type SourceSymbol } from '../source/symbols.js';

export { behavioursEntering } from './entered.js';

/** A definition, from the patch that wrote it to the one that writes the next. */
export interface SymbolVersion {
  /** null for the base. */
  readonly patch: PatchEntry | null;
  /** null where the patch takes the symbol away. */
  readonly symbol: SourceSymbol | null;
  /** Lines against the version before; of the first one all lines. */
  readonly insertions: number;
  readonly deletions: number;
}

/** A symbol at the other end of a call, and in which trees the call is: numbers of patches applied, the hotplug patches counted too. */
export interface CallEnd {
  readonly name: string;
  readonly applied: readonly number[];
}

export interface SymbolPage {
  readonly name: string;
  readonly module: string;
  /** The kernel file that the module models; null for what the kit has beside the kernel. */
  readonly file: string | null;
  readonly kind: SourceSymbol['kind'];
  /** Whether it is a row of the kernel's table: what is not has no callers that are known. */
  readonly isLinked: boolean;
  readonly versions: readonly SymbolVersion[];
  /** By name. */
  readonly callers: readonly CallEnd[];
  readonly callees: readonly CallEnd[];
  /** Tables of operations that have it in them: calls through these are no calls by name. */
  readonly tables: readonly CallEnd[];
  readonly behaviours: readonly Behaviour[];
}

/** The pages of what bears a name anywhere in the series, one for each module that declares it. */
export async function symbolPages(entries: readonly PatchEntry[], name: string, behaviours: readonly Behaviour[] = catalogue): Promise<SymbolPage[]> {
  const trees = Array.from({ length: entries.length + 1 }, (_, applied) => symbolsOf(entries.slice(0, applied)));
  const found = trees.map(tree => tree.filter(symbol => symbol.name === name));
  const modules = [...new Set(found.flat().map(({ module }) => module))];
  if (modules.length === 0) return [];
  const speaking = behavioursOf(name, behaviours);
  const calls = await callsOf(entries, name);
  return modules.map((module): SymbolPage => {
    const inModule = found.map(tree => tree.find(symbol => symbol.module === module) ?? null);
    const last = inModule.findLast(symbol => symbol !== null)!;
    const tables = last.isLinked ? endsOf(trees.map(tree => tablesWith(name, tree))) : [];
    return {
      name, module, file: last.file, kind: last.kind, isLinked: last.isLinked, versions: versionsOf(entries, inModule), tables, behaviours: speaking,
      ...(last.isLinked ? calls : { callers: [], callees: [] }),
    };
  });
}

/** The tables of operations with a function in them: those that the kernel has, also where they are made of constants of ours that hold the name. */
function tablesWith(name: string, tree: readonly SourceSymbol[]): string[] {
  const constants = tree.filter(({ kind }) => kind === 'constant');
  const holders = new Set(constants.filter(({ text }) => text.includes(`'${name}'`)));
  for (const holder of holders) { // which grows while it is walked
    const mentions = new RegExp(`(?<![\\w$])${holder.name.replaceAll('$', '\\$')}(?![\\w$])`);
    if (!holder.isLinked) for (const other of constants) if (other.module === holder.module && mentions.test(other.text)) holders.add(other);
  }
  return [...holders].filter(({ isLinked }) => isLinked).map(table => table.name);
}

/** @param symbols by the number of patches applied. */
function versionsOf(entries: readonly PatchEntry[], symbols: readonly (SourceSymbol | null)[]): SymbolVersion[] {
  return symbols.flatMap((symbol, applied) => {
    const before = symbols[applied - 1] ?? null;
    if (before?.text === symbol?.text) return [];
    const text = (of: SourceSymbol | null): string => (of === null ? '' : `${of.text}\n`);
    const lines = hunksOf(text(before), text(symbol), 0).flatMap(hunk => hunk.lines);
    const count = (sign: string): number => lines.filter(line => line.startsWith(sign)).length;
    return [{ patch: entries[applied - 1] ?? null, symbol, insertions: count('+'), deletions: count('-') }];
  });
}

async function callsOf(entries: readonly PatchEntry[], name: string): Promise<Pick<SymbolPage, 'callers' | 'callees'>> {
  const graphs = await Promise.all(Array.from({ length: entries.length + 1 }, async (_, applied) => callGraph({ definitions: await treeOf(entries.slice(0, applied)) })));
  return {
    callers: endsOf(graphs.map(graph => [...graph].filter(([, callees]) => callees.includes(name)).map(([caller]) => caller))),
    callees: endsOf(graphs.map(graph => graph.get(name) ?? [])),
  };
}

/** @param names by the number of patches applied. */
function endsOf(names: readonly (readonly string[])[]): CallEnd[] {
  const ends = [...new Set(names.flat())].sort();
  return ends.map(end => ({ name: end, applied: names.flatMap((some, applied) => (some.includes(end) ? [applied] : [])) }));
}

/** Behaviours that name a symbol in their sentence or sources, and those that show something that is said of it. */
function behavioursOf(name: string, behaviours: readonly Behaviour[]): Behaviour[] {
  const pattern = speaksOf(name);
  const said = new Set(coverage.flatMap(({ sections }) => sections.flatMap(({ items }) => items)).flatMap(item => ('entries' in item && pattern.test(item.gist) ? item.entries : [])));
  return behaviours.filter(({ id, sentence, sources }) => said.has(id) || pattern.test(sentence) || sources.some(({ at }) => pattern.test(at)));
}

/** A name in a sentence. One that is a word of English too is meant only as `name()`; a system call is called without `sys_` there. */
function speaksOf(name: string): RegExp {
  const isWord = /^[a-z]+$/.test(name);
  const spelt = name.startsWith('sys_') ? `(?:sys_)?${name.slice('sys_'.length)}` : name;
  return new RegExp(`(?<![\\w$])${spelt.replaceAll('$', '\\$')}${isWord || name.startsWith('sys_') ? '\\(\\)' : '(?![\\w$])'}`);
}
