import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { changesOf, findBehaviour } from '@pmkit/series/catalogue';
import { migrationSeries } from '@pmkit/series/stack';
import { exportGit, ExportError, TOOLS } from '@pmkit/review/export';
import { call, git, hasGit, linkTools } from './project.js';

const scratch = mkdtempSync(path.join(tmpdir(), 'pmkit-git-'));
afterAll(() => rmSync(scratch, { recursive: true }));

test('a project installs exactly what the kit is checked with', () => {
  const lines = readFileSync(new URL('../../../../pnpm-workspace.yaml', import.meta.url), 'utf8').split('\n').map(line => line.trim());
  expect(lines).toContain(`'@types/node': ${TOOLS['@types/node']}`);
  expect(lines).toContain(`typescript7: npm:typescript@${TOOLS.typescript}`);
  expect(lines).toContain(`vitest: ${TOOLS.vitest}`);
});

describe.skipIf(!hasGit)('the series as a git repository (skipped where there is no git)', () => {
  const repository = path.join(scratch, 'series');
  beforeAll(() => {
    exportGit(repository);
    linkTools(repository);
  });

  test('a commit a patch, in the order of the series; the hotplug patches on a branch', () => {
    const subjects = (range: string): string[] => git(repository, 'log', '--reverse', '--format=%s', range).split('\n').map(subject => subject.split(':')[0]!);
    const names = migrationSeries.entries.map(({ name }) => name.replace(/\.patch$/, ''));
    expect(subjects('level-0..main')).toEqual(names.slice(0, 9));
    expect(subjects('main..hotplug')).toEqual(names.slice(9));
    expect(git(repository, 'tag', '--points-at', 'hotplug')).toBe('level-10');
    expect(git(repository, 'status', '--porcelain')).toBe('');
    expect(git(repository, 'fsck', '--strict')).toBe('');
  });

  test('author and date are those of the original', () => {
    expect(git(repository, 'log', '-1', '--format=%an %ad', '--date=iso', 'level-2')).toBe('Nathan Scott 2005-06-22 12:00:00 +0000');
  });

  test('the same hashes again, whatever the environment', () => {
    const again = path.join(scratch, 'again');
    const set = { GIT_AUTHOR_DATE: '2020-01-01T00:00:00Z', GIT_COMMITTER_NAME: 'somebody', TZ: 'Asia/Tokyo', GIT_DIR: scratch };
    const before = Object.fromEntries(Object.keys(set).map(name => [name, process.env[name]]));
    Object.assign(process.env, set);
    try {
      exportGit(again);
    } finally {
      for (const [name, value] of Object.entries(before)) if (value === undefined) Reflect.deleteProperty(process.env, name); else process.env[name] = value;
    }
    expect(git(again, 'show-ref')).toBe(git(repository, 'show-ref'));
  });

  test('a patch changes kernel files and the table that lists them, nothing else', () => {
    expect(git(repository, 'diff', '--name-only', 'level-4', 'level-5').split('\n')).toEqual(['kernel-table.ts', 'mm/mempolicy.ts', 'mm/mmigrate.ts']);
  });

  test('git bisect run finds the patch', () => {
    const id = 'policy-task-new-memory';
    expect(changesOf(findBehaviour(id)!)).toEqual([5]);
    git(repository, 'bisect', 'start', 'level-9', 'level-0');
    const { out } = call(repository, 'git', ['bisect', 'run', process.execPath, 'tools/behaviour.mjs', id]);
    expect(out).toContain(`${git(repository, 'rev-parse', 'level-5')} is the first bad commit`);
    git(repository, 'bisect', 'reset');
  });

  test('the hotplug tree does not build between its patches and patch 10: bisect is told to skip it', () => {
    git(repository, 'checkout', '--quiet', 'level-9+N1.1');
    expect(call(repository, process.execPath, ['tools/behaviour.mjs', 'policy-task-new-memory'])).toMatchObject({ code: 125, out: expect.stringContaining('Expected 2 arguments, but got 1') as string });
    git(repository, 'checkout', '--quiet', 'main');
  });
});

describe.skipIf(!hasGit)('where it is written', () => {
  const refusal = (directory: string, force = false): string => {
    try {
      exportGit(directory, { force });
    } catch (error) {
      if (error instanceof ExportError) return error.message;
      throw error;
    }
    return 'written';
  };

  test('a directory with something in it is left alone, with force too unless it is an export', () => {
    const mine = path.join(scratch, 'mine');
    mkdirSync(mine);
    writeFileSync(path.join(mine, 'thesis'), 'text');
    expect(refusal(mine)).toMatch(/is there already, and not empty$/);
    expect(refusal(mine, true)).toMatch(/is not what pmkit exports: it is not replaced$/);
    writeFileSync(path.join(scratch, 'file'), '');
    expect(refusal(path.join(scratch, 'file'), true)).toMatch(/is no directory$/);
    expect(readdirSync(mine)).toEqual(['thesis']);
  });

  test('an earlier export is replaced as a whole', () => {
    const place = path.join(scratch, 'replaced');
    mkdirSync(place);
    writeFileSync(path.join(place, 'package.json'), '{ "name": "page-migration" }');
    writeFileSync(path.join(place, 'left-over'), '');
    expect(refusal(place, true)).toBe('written');
    expect(readdirSync(place)).not.toContain('left-over');
    expect(readdirSync(scratch).filter(name => name.startsWith('replaced'))).toEqual(['replaced']);
  });
});
