import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { session } from './helpers.js';

test('mails: written where one says, as a whole, and not twice', async () => {
  const pmkit = session();
  expect(await pmkit('export mbox out/series.mbox --no-cover')).toEqual({ code: 0, out: 'out/series.mbox: the patches\n', err: '' });
  expect(readdirSync(path.join(pmkit.cwd, 'out'))).toEqual(['series.mbox']);
  expect(readFileSync(path.join(pmkit.cwd, 'out/series.mbox'), 'utf8').match(/^Subject: \[PATCH /gm)).toHaveLength(12);
  expect(await pmkit('export mbox out/series.mbox')).toMatchObject({ code: 1, err: expect.stringContaining('series.mbox is there already') as string });
  expect(await pmkit('export mbox out/series.mbox --force')).toMatchObject({ code: 0 });
  expect(await pmkit('export mbox out/series.mbox --discard')).toMatchObject({ code: 2, err: 'pmkit export: --discard goes with --force\n' });
});

test('a file that is not an export is never replaced, nor a link, and nothing goes below a file', async () => {
  const pmkit = session();
  writeFileSync(path.join(pmkit.cwd, 'thesis'), 'mine\n');
  symlinkSync('nowhere', path.join(pmkit.cwd, 'link'));
  expect(await pmkit('export mbox thesis --force')).toMatchObject({ code: 1, err: expect.stringContaining('is not what pmkit exports') as string });
  expect(await pmkit('export mbox thesis/series.mbox')).toMatchObject({ code: 1, err: expect.stringContaining('cannot be written') as string });
  expect(await pmkit('export quilt link')).toMatchObject({ code: 1, err: expect.stringContaining('is no directory') as string });
  expect(await pmkit('export mbox link --force')).toMatchObject({ code: 1, err: expect.stringContaining('is no file') as string });
  expect(readFileSync(path.join(pmkit.cwd, 'thesis'), 'utf8')).toBe('mine\n');
  expect(readdirSync(pmkit.cwd).sort()).toEqual(['link', 'thesis']);
});

test('a directory that is not an export is never replaced', async () => {
  const pmkit = session();
  mkdirSync(path.join(pmkit.cwd, 'mine'));
  writeFileSync(path.join(pmkit.cwd, 'mine/thesis'), '');
  for (const form of ['git', 'quilt']) {
    expect(await pmkit(`export ${form} mine`)).toMatchObject({ code: 1, err: expect.stringContaining('is there already, and not empty') as string });
    expect(await pmkit(`export ${form} mine --force`)).toMatchObject({ code: 1, err: expect.stringContaining('is not what pmkit exports') as string });
  }
  expect(readdirSync(pmkit.cwd)).toEqual(['mine']);
});

test('a form and a place have to be said', async () => {
  const pmkit = session();
  expect(await pmkit('export')).toMatchObject({ code: 2, out: '' });
  expect(await pmkit('export git')).toMatchObject({ code: 2, err: expect.stringContaining("missing required argument 'dir'") as string });
  expect(await pmkit('export svn here')).toMatchObject({ code: 2 });
});
