/**
 * The project of a tree links to the kernel that the packages link to. The test run looks at the top; PMKIT_LEVELS=all at every tree.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { transformSync } from 'esbuild';
import { afterAll, expect, test } from 'vitest';
import { symbolTable, type Definitions, type SymbolRow } from '@pmkit/linker';
import { LEVEL_TREES, treeName } from '@pmkit/series/catalogue';
import { treeOf } from '@pmkit/series/stack';
import { packageSources, patchesOf, symbolsOf } from '@pmkit/review';
import { projectFiles } from '@pmkit/review/export';
import { writeTree } from '../../src/export/place.js';
import { readModule } from '../../src/source/module.js';

const scratch = mkdtempSync(path.join(tmpdir(), 'pmkit-linked-'));
afterAll(() => rmSync(scratch, { recursive: true }));

interface Tree { readonly definitions: Definitions }

/** Text without types, as it runs. */
const withoutTypes = (text: string): string => transformSync(text, { loader: 'ts' }).code;

/** N1.0 goes on from functions of the base by their modules; the project keeps these under another name. */
const plain = (text: string): string => text.replace(/\bpage_alloc(?:_buddy)?\.(\w+)/g, '$1').replace(/(\w+)_before\.call/g, '$1.call');

/** What the package of a patch has for a function. */
function sourceIn(packageName: string, name: string): string {
  for (const text of packageSources(packageName).values()) {
    const found = readModule(text).items.find(item => item.name === name && item.isExported);
    if (found !== undefined) return plain(withoutTypes(found.text));
  }
  throw new Error(`${packageName} has no ${name}`);
}

const trees = process.env['PMKIT_LEVELS'] === 'all' ? [...LEVEL_TREES, ...[0, 2, 3, 9].map(level => ({ level, hotplug: true }))] : [{ level: 10, hotplug: false }];

test.each(trees.map(tree => [treeName(tree), tree] as const))('the project of level %s has the same symbols in the same files, with the same text', async (name, tree) => {
  const applied = patchesOf(tree);
  const directory = path.join(scratch, name);
  writeTree(directory, projectFiles(applied));
  const { baseSeries } = (await import(path.join(directory, 'index.ts'))) as { baseSeries: Tree };
  const own = (await import(path.join(directory, 'linker/index.ts'))) as { symbolTable: typeof symbolTable };
  const definitions = await treeOf(applied);
  const rows = (table: readonly SymbolRow[]): unknown[] => table.map(({ name: symbol, kind, file, arity, maySleep }) => ({ symbol, kind, file, arity, maySleep }));
  expect(rows(own.symbolTable(baseSeries))).toEqual(rows(symbolTable({ definitions })));
  const written = new Set(applied.map(({ package: name }) => name));
  const texts = new Map(symbolsOf(applied).filter(({ isLinked }) => isLinked).map(symbol => [symbol.name, symbol.text]));
  for (const [symbol, { value, origin }] of definitions) {
    if (typeof value !== 'function') expect(JSON.stringify(baseSeries.definitions.get(symbol)!.value), symbol).toBe(JSON.stringify(value));
    else if (written.has(origin.package)) expect(plain(withoutTypes(texts.get(symbol)!)), symbol).toBe(sourceIn(origin.package, symbol));
  }
});
