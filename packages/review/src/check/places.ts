/** Where a symbol stands: in the packages of the kit, or in the repository that `pmkit export git` writes. */
import type { PatchEntry } from '@pmkit/series/stack';
import { readModule } from '../source/module.js';
import { packageSources } from '../source/packages.js';
import { sourcesOf } from '../source/tree.js';
import type { Place } from './model.js';

/** `kit`: packages/p04-sys-migrate-pages/src/mm/mmigrate.ts; `export`: mm/mmigrate.ts. */
export type Layout = 'kit' | 'export';

/** Finds a symbol, as the package that is named has it; null when its sources do not declare it. */
export type Places = (symbol: string, packageName: string) => Place | null;

/** @param applied the stack with the patch on top: the commit of an export. */
export const placesIn = (layout: Layout, applied: readonly PatchEntry[]): Places => (layout === 'kit' ? inPackage : inExport(applied));

function inPackage(symbol: string, packageName: string): Place | null {
  const found = find(packageSources(packageName), symbol);
  return found === null ? null : { file: `packages/${packageName.replace(/^@[^/]*\//, '')}/src/${found.module}`, line: found.line };
}

/** Imports are spelt otherwise in an export, on the same lines. */
function inExport(applied: readonly PatchEntry[]): Places {
  const { modules } = sourcesOf(applied);
  return symbol => {
    const found = find(modules, symbol);
    return found === null ? null : { file: found.module, line: found.line };
  };
}

/** The module that exports a symbol. */
function find(modules: ReadonlyMap<string, string>, symbol: string): { readonly module: string; readonly line: number } | null {
  const declares = new RegExp(`^export .*\\b${symbol}\\b`, 'm');
  for (const [module, text] of modules) {
    // most need not be parsed
    const line = declares.test(text) ? lineOf(text, symbol) : null;
    if (line !== null) return { module, line };
  }
  return null;
}

/** The line on which a module begins to declare what it exports under a name. */
function lineOf(text: string, symbol: string): number | null {
  const item = readModule(text).items.find(({ name, isExported, isValue }) => name === symbol && isExported && isValue);
  return item === undefined ? null : text.slice(0, item.nodes[0]!.start!).split('\n').length;
}
