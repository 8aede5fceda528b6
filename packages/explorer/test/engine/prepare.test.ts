import { migrationSeries } from '@pmkit/series/stack';
import { expect, test } from 'vitest';
import { prepare } from '../../src/prepare.js';
import type { PreparedIndex, PreparedPatch } from '../../src/protocol.js';
import { rig } from './rig.js';

test('what the build makes for the page is whole', async () => {
  const prepared = await prepare();
  const index = prepared['index'] as PreparedIndex;
  expect(index.patches.map(({ name }) => name)).toEqual([migrationSeries.base, ...migrationSeries.entries.map(({ name }) => name)]);
  expect(Object.keys(prepared).sort()).toEqual(['index', ...index.patches.map(({ file }) => file), ...index.races.map(({ file }) => file)].sort());
  for (const { file, number, summary } of index.patches) {
    const patch = prepared[file] as PreparedPatch;
    expect([patch.number, patch.summary]).toEqual([number, summary]);
    expect(patch.purpose.join('')).not.toBe('');
    expect(patch.diff === '').toBe(number === 0);
  }
  const p04 = prepared['patches/add-sys_migrate_pages-rc3.patch'] as PreparedPatch;
  expect(p04.diff).toMatch(/^diff --git a\/arch\/ia64\/kernel\/entry\.ts b\/arch\/ia64\/kernel\/entry\.ts\n/);
  expect(p04.diff).toContain('+export function* sys_migrate_pages(');
  expect(p04.behaviours.claims.map(({ id }) => id)).toContain('anonymous-memory-moves');
  // it is all plain data
  expect(JSON.parse(JSON.stringify(prepared))).toEqual(prepared);

  const { client, open } = rig();
  for (const { script, name } of index.scripts) {
    if (script.kind === 'scenario') expect((await open({ machine: { kind: 'own' }, tree: '10', script })).position, name).toEqual({ step: 0, event: 0 });
  }
  await client.request('close', { side: 'a' });
});
