import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hasOtherTrees } from '@pmkit/series/catalogue';
import { migrationSeries } from '@pmkit/series/stack';
import { importSchema } from '../src/import/stack-schema.js';
import { bisectSchema, matrixSchema } from '../src/schemas.js';
import { session, type Session } from './helpers.js';

const scratch = mkdtempSync(path.join(tmpdir(), 'pmkit-sent-'));
afterAll(() => rmSync(scratch, { recursive: true }));
const names = migrationSeries.entries.map(({ name }) => name);

beforeAll(async () => {
  expect((await session({ cwd: scratch })('export quilt sent')).code).toBe(0);
});

/** A session in a directory where `sent` has the first patches of the series, one of them changed. */
function sentTo(count: number, change: { readonly patch: number; readonly from: string; readonly to: string } | null = null): Session {
  const cwd = mkdtempSync(path.join(scratch, 'changed-'));
  const patches = path.join(cwd, 'sent/patches');
  cpSync(path.join(scratch, 'sent/patches'), patches, { recursive: true });
  writeFileSync(path.join(patches, 'series'), names.slice(0, count).map(name => `${name}\n`).join(''));
  if (change !== null) {
    const file = path.join(patches, names[change.patch - 1]!);
    const text = readFileSync(file, 'utf8');
    expect(text).toContain(change.from);
    writeFileSync(file, text.replace(change.from, change.to));
  }
  return session({ cwd });
}

test('patches that are sent: read and compared, and run only when that is said', async () => {
  const pmkit = sentTo(2);
  expect(await pmkit('import quilt sent')).toEqual({ code: 0, out: ' 1  hirokazu-steal_page_from_lru.patch  as in the kit\n 2  xfs-migrate-page-rc3.patch          as in the kit\n', err: '' });
  expect(await pmkit('import quilt sent --behaviour xfs')).toMatchObject({ code: 2, out: '', err: expect.stringContaining('it needs --trust') as string });
  expect(await pmkit('import quilt sent --trust --behaviour nosuch')).toMatchObject({ code: 2, out: '', err: expect.stringContaining("no behaviour fits 'nosuch'") as string });

  // metadata pages of XFS are taken for ordinary ones
  const other = sentTo(2, { patch: 2, from: '+  return -EBUSY;', to: '+  return 0;' });
  const changed = await other('import quilt sent --trust --behaviour xfs-metadata-refused');
  expect(changed.code).toBe(1);
  expect(changed.out).toContain(' 2  xfs-migrate-page-rc3.patch          not as in the kit: xfs_skip_migrate_page in fs/xfs/linux-2.6/xfs_buf.ts\n');
  expect(changed.out).toMatch(/ {2}2: .* \(in the kit: /);

  const { out } = await other('import quilt sent --json');
  expect(importSchema.parse(JSON.parse(out)).patches[1]!.others).toEqual([{ file: 'fs/xfs/linux-2.6/xfs_buf.ts', symbols: ['xfs_skip_migrate_page'] }]);
});

describe('a stack that was sent in the place of the levels', () => {
  const STACK = '--stack quilt:sent --trust';
  let pmkit: Session;
  beforeAll(() => {
    // anonymous memory does not move any more
    pmkit = sentTo(7, { patch: 7, from: '+  if (vma.vm_file === null) return true;', to: '+  if (vma.vm_file === null) return false;' });
  });

  test('matrix: the levels that it has, where the changed one is not as expected', async () => {
    const { code, out } = await pmkit(`matrix anonymous-memory-moves ${STACK} --json`);
    expect(code).toBe(1);
    const { cells } = matrixSchema.parse(JSON.parse(out)).behaviours[0]!;
    expect(cells.map(({ tree, seen, ok }) => [tree, seen, ok])).toEqual([
      ...[0, 1, 2, 3].map(level => [String(level), '-ENOSYS, N1=16', true]), ...[4, 5, 6].map(level => [String(level), '16, N2=16', true]), ['7', '0, N1=16', false],
    ]);
    expect(await pmkit(`matrix anonymous-memory-moves ${STACK} --level 8`)).toMatchObject({ code: 2, err: 'pmkit matrix: level 8 is not in the stack that was sent; expected one of 0 1 2 3 4 5 6 7\n' });
    expect(hasOtherTrees()).toBe(false);
  });

  test('bisect: the changed patch is to blame', async () => {
    const { code, out } = await pmkit(`bisect --behaviour anonymous-memory-moves --good 5 ${STACK} --json`);
    expect(code).toBe(0);
    const found = bisectSchema.parse(JSON.parse(out));
    expect(found.firstBad).toMatchObject({ level: 7, patch: names[6] });
    expect(found.levels.map(({ level, signature }) => [level, signature])).toEqual([[5, '16, N2=16'], [6, '16, N2=16'], [7, '0, N1=16']]);
    for (const words of [`bisect run ${STACK} true`, `bisect ${STACK} run true`, `bisect ${STACK} good`, `bisect --behaviour anonymous-memory-moves --hotplug ${STACK}`]) expect((await pmkit(words)).code, words).toBe(2);
  });

  test('explore: in threads, how a race ends with the changed kernel; and again from a file', async () => {
    writeFileSync(path.join(pmkit.cwd, 'race.yaml'), `
tasks: { job: { node: 1 } }
before:
  - job: a = mmap(0, 1P, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0)
  - job: store(a, 1)
together:
  job: ["p = set_mempolicy(MPOL_BIND, mask{1}, 257)"]
  batchd: ["r = migrate_pages(job, 1, {1}, {2})"]
finally: forall (r = 1)
`);
    const { code, out } = await pmkit(`explore race.yaml --at 6-7 --workers 2 ${STACK} --save found.json`);
    expect(code).toBe(1);
    expect(out).toContain('    6  7\na  11  .\nb   .  4\n\na  job: 0 | batchd: 1\nb  job: 0 | batchd: 0\n   ! not so: forall (r = 1)\n');
    expect(await pmkit(`replay found.json ${STACK}`)).toMatchObject({ code: 0, out: expect.stringContaining('\nends in the same way\n') as string });
    expect(await pmkit(`explore race.yaml --strategy states ${STACK}`)).toMatchObject({ code: 2, err: expect.stringContaining('with --stack expected all, bounded, random or pct') as string });
  });

  test('what its code throws is told as its own, with the place', async () => {
    const broken = sentTo(4, { patch: 4, from: '+  if ((vma.vm_flags & VM_LOCKED) !== 0) return 0;', to: "+  if ((vma.vm_flags & VM_LOCKED) === 0) throw new Error('not yet');" });
    expect(await broken(`explore killed-by-vm --at 3-4 --workers 2 ${STACK}`)).toMatchObject({ code: 1, out: '', err: expect.stringMatching(/^pmkit explore: what was sent fails at mm\/mmigrate\.mjs:\d+:\d+: not yet\n$/) as string });
  });

  test('the machine runs its highest level, and quilt on it goes no further', async () => {
    expect(await sentTo(1)(['run', ...STACK.split(' '), '-c', 'quilt top; quilt push'])).toMatchObject({ code: 1, out: `${names[0]!}\n`, err: 'The patches that were sent have no level 2, so it cannot run: nothing was changed\n' });
  });

  test('nothing is run that is not trusted, and nothing is trusted that is not there', async () => {
    for (const words of ['matrix', 'explore killed-by-vm', 'bisect --behaviour anonymous-memory-moves', 'behaviour-diff 6 7', 'run -c true', 'replay found.json']) {
      const [name] = words.split(' ');
      expect(await pmkit([...words.split(' ').slice(0, 1), '--stack', 'quilt:sent', ...words.split(' ').slice(1)])).toMatchObject({ code: 2, out: '', err: `pmkit ${name!}: --stack runs the patches: it needs --trust\n` });
    }
    expect(await pmkit('matrix --trust')).toMatchObject({ code: 2, err: 'pmkit matrix: --trust is for patches that were sent: it needs --stack\n' });
    expect(await pmkit('matrix --stack sent --trust')).toMatchObject({ code: 2, err: '--stack sent: expected quilt:DIR, mbox:FILE, git:DIR or git:DIR#RANGE\n' });
  });
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
