import { expect, test } from 'vitest';
import { packageSources } from '@pmkit/review';

test('the sources of a kernel package are those that it was built from, by their place below src', () => {
  const sources = packageSources('@pmkit/p04-sys-migrate-pages');
  expect([...sources.keys()]).toEqual(['arch/ia64/kernel/entry.ts', 'index.ts', 'kernel/sys_ni.ts', 'mm/mmigrate.ts', 'model/node-pairs.ts']);
  expect(sources.get('mm/mmigrate.ts')).toContain('export function* sys_migrate_pages(');
});

test('a package that is not there is named', () => {
  expect(() => packageSources('@pmkit/p11-nothing')).toThrow('@pmkit/p11-nothing');
});
