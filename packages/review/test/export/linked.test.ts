/**
 * The project of a tree links to the kernel that the packages link to. The test run looks at the top; PMKIT_LEVELS=all at every tree.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { symbolTable, type Definitions, type SymbolRow } from '@pmkit/linker';
import { LEVEL_TREES, treeName } from '@pmkit/series/catalogue';
import { treeOf } from '@pmkit/series/stack';
import { patchesOf } from '@pmkit/review';
import { projectFiles } from '@pmkit/review/export';
import { writeTree } from '../../src/export/place.js';

const scratch = mkdtempSync(path.join(tmpdir(), 'pmkit-linked-'));
afterAll(() => rmSync(scratch, { recursive: true }));

interface Tree { readonly definitions: Definitions }

/**
 * The text of a function as its author wrote it: the test runner makes members of its own of what a module imports, and so does N1.0 of the functions that it goes
 * on from, which the project keeps under another name.
 */
const plain = (fn: string): string =>
  fn.replace(/\(0,\s*(__vite_ssr_import_\d+__\.\w+)\)/g, '$1').replace(/\b__vite_ssr_import_\d+__\.(?:page_alloc(?:_buddy)?\.)?/g, '').replace(/\bpage_alloc(?:_buddy)?\.(\w+)/g, '$1').replace(/(\w+)_before\.call/g, '$1.call');

const textOf = (value: unknown): string => (typeof value === 'function' ? plain(Function.prototype.toString.call(value)) : JSON.stringify(value));

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
  for (const [symbol, { value }] of definitions) expect(textOf(baseSeries.definitions.get(symbol)!.value), symbol).toBe(textOf(value));
});
