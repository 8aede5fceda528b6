/** Symbols through the series: versions against the sources, calls against the linker and the sources. */
import { callGraph } from '@pmkit/linker';
import { migrationSeries, treeOf } from '@pmkit/series/stack';
import { describe, expect, it } from 'vitest';
import { symbolsOf } from '../../src/index.js';
import { symbolPages, type SymbolPage } from '../../src/symbol/index.js';

/** Up to patch 5: enough to see versions come, and few trees. */
const entries = migrationSeries.entries.slice(0, 5);
const page = async (name: string): Promise<SymbolPage> => (await symbolPages(entries, name))[0]!;

describe('a symbol', () => {
  it('has a version for each patch that writes it anew, and from then on that text', async () => {
    const { versions } = await page('sys_migrate_pages');
    expect(versions.map(({ patch }) => patch?.number)).toEqual([4, 5]);
    for (const { patch, symbol, insertions, deletions } of versions) {
      const at = entries.indexOf(patch!);
      const before = symbolsOf(entries.slice(0, at)).find(({ name }) => name === 'sys_migrate_pages')?.text.split('\n').length ?? 0;
      expect(symbol!.text.split('\n').length - before).toBe(insertions - deletions);
      expect(symbol!.patch).toBe(patch!.name);
    }
  });

  it('has callers and callees, and the trees in which they are', async () => {
    const { callers, callees } = await page('migrate_onepage');
    expect(callers.find(({ name }) => name === 'try_to_migrate_pages')).toEqual({ name: 'try_to_migrate_pages', applied: [0, 1, 2] });
    expect(callers.find(({ name }) => name === 'node_migrate_onepage')?.applied).toEqual([3, 4, 5]);
    expect(callees.length).toBeGreaterThan(0);
  });

  it('has a page for each module that declares its name', async () => {
    const all = symbolsOf(entries);
    const shared = all.find(({ name, module }) => all.some(other => other.name === name && other.module !== module))!;
    const pages = await symbolPages(entries, shared.name);
    expect(pages.map(({ module }) => module)).toEqual(all.filter(({ name }) => name === shared.name).map(({ module }) => module));
    expect(pages.length).toBeGreaterThan(1);
  });

  it('that a name of English is, is spoken of as a function only', async () => {
    expect((await page('short')).behaviours).toEqual([]);
    expect((await page('sys_migrate_pages')).behaviours.map(({ id }) => id)).toContain('syscall-1279');
  });

  it('is nowhere when no source declares it', async () => {
    expect(await symbolPages(entries, 'no_such_function')).toEqual([]);
  });
});

it('the sources say that the same functions call each other as the linker does', async () => {
  const graph = callGraph({ definitions: await treeOf(entries) });
  const functions = symbolsOf(entries).filter(({ kind, isLinked }) => kind === 'function' && isLinked);
  const differing = functions.filter(({ name, callees }) => [...callees].sort().join() !== [...(graph.get(name) ?? [])].sort().join());
  expect(differing.map(({ name, callees }) => [name, callees, graph.get(name)])).toEqual([]);
  expect(functions.map(({ name }) => name).sort()).toEqual([...graph.keys()].sort());
});
