import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { importSchema } from '../src/import/stack-schema.js';
import { session } from './helpers.js';

test('patches that are sent: read and compared, and run only when that is said', async () => {
  const pmkit = session();
  await pmkit('export quilt sent');
  const patches = path.join(pmkit.cwd, 'sent/patches');
  writeFileSync(path.join(patches, 'series'), 'hirokazu-steal_page_from_lru.patch\nxfs-migrate-page-rc3.patch\n');
  expect(await pmkit('import quilt sent')).toEqual({ code: 0, out: ' 1  hirokazu-steal_page_from_lru.patch  as in the kit\n 2  xfs-migrate-page-rc3.patch          as in the kit\n', err: '' });
  expect(await pmkit('import quilt sent --behaviour xfs')).toMatchObject({ code: 2, out: '', err: expect.stringContaining('it needs --trust') as string });
  expect(await pmkit('import quilt sent --trust --behaviour nosuch')).toMatchObject({ code: 2, out: '', err: expect.stringContaining("no behaviour fits 'nosuch'") as string });

  // metadata pages of XFS are taken for ordinary ones
  const second = path.join(patches, 'xfs-migrate-page-rc3.patch');
  writeFileSync(second, readFileSync(second, 'utf8').replace('+  return -EBUSY;', '+  return 0;'));
  const changed = await pmkit('import quilt sent --trust --behaviour xfs-metadata-refused');
  expect(changed.code).toBe(1);
  expect(changed.out).toContain(' 2  xfs-migrate-page-rc3.patch          not as in the kit: xfs_skip_migrate_page in fs/xfs/linux-2.6/xfs_buf.ts\n');
  expect(changed.out).toMatch(/ {2}2: .* \(in the kit: /);

  const { out } = await pmkit('import quilt sent --json');
  expect(importSchema.parse(JSON.parse(out)).patches[1]!.others).toEqual([{ file: 'fs/xfs/linux-2.6/xfs_buf.ts', symbols: ['xfs_skip_migrate_page'] }]);
});

test('a patch without a diff is told as such, a context diff is refused', async () => {
  const pmkit = session();
  const patches = path.join(pmkit.cwd, 'sent/patches');
  mkdirSync(patches, { recursive: true });
  writeFileSync(path.join(patches, 'series'), 'own.patch\n');
  writeFileSync(path.join(patches, 'own.patch'), 'to be done\n');
  expect(await pmkit('import quilt sent')).toEqual({ code: 0, out: ' 1  own.patch  no diff in it: the tree is as in the kit\n', err: '' });
  writeFileSync(path.join(patches, 'own.patch'), '*** a/mm/mmigrate.ts\n--- b/mm/mmigrate.ts\n***************\n*** 1,2 ****\n! a\n--- 1,2 ----\n! b\n');
  expect(await pmkit('import quilt sent')).toMatchObject({ code: 2, out: '', err: expect.stringContaining('own.patch:4: found "*** 1,2 ****"') as string });
});

test('what cannot be read is told with its place', async () => {
  const pmkit = session();
  writeFileSync(path.join(pmkit.cwd, 'mail'), 'hello\n');
  expect(await pmkit('import mbox mail')).toMatchObject({ code: 2, out: '', err: expect.stringMatching(/^pmkit import: mail:1: /) as string });
  expect(await pmkit('import quilt nowhere')).toMatchObject({ code: 2, err: expect.stringContaining('nowhere/patches/series: no such file') as string });
  expect(await pmkit('import quilt mail')).toMatchObject({ code: 2, err: expect.stringContaining('mail/patches/series') as string });
  expect(await pmkit('import git .')).toMatchObject({ code: 2 });
  for (const place of ['nowhere', 'mail']) expect(await pmkit(`import git ${place}`)).toMatchObject({ code: 2, err: expect.stringContaining(`${place}: no such directory`) as string });
});
