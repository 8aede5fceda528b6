/** The three forms that the series is exported in. One file: the trees are made once. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import PostalMime from 'postal-mime';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { changesOf, findBehaviour } from '@pmkit/series/catalogue';
import { migrationSeries } from '@pmkit/series/stack';
import { exportGit, exportMbox, ExportError, exportQuilt, projectFiles, TOOLS } from '@pmkit/review/export';
import { writeTree } from '../../src/export/place.js';
import { call, git, hasGit, hasQuilt, linkTools } from './project.js';

const scratch = mkdtempSync(path.join(tmpdir(), 'pmkit-export-'));
afterAll(() => rmSync(scratch, { recursive: true }));
const { entries } = migrationSeries;
const repository = path.join(scratch, 'series');

test('a project installs exactly what the kit is checked with', () => {
  const lines = readFileSync(new URL('../../../../pnpm-workspace.yaml', import.meta.url), 'utf8').split('\n').map(line => line.trim());
  expect(lines).toContain(`'@types/node': ${TOOLS['@types/node']}`);
  expect(lines).toContain(`typescript7: npm:typescript@${TOOLS.typescript}`);
  expect(lines).toContain(`vitest: ${TOOLS.vitest}`);
});

describe.skipIf(!hasGit)('the series as a git repository (skipped where there is no git)', () => {
  beforeAll(() => {
    exportGit(repository);
    linkTools(repository);
  });

  test('a commit a patch, in the order of the series; the hotplug patches on a branch', () => {
    const subjects = (range: string): string[] => git(repository, 'log', '--reverse', '--format=%s', range).split('\n').map(subject => subject.split(':')[0]!);
    const names = entries.map(({ name }) => name.replace(/\.patch$/, ''));
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
    git(repository, 'bisect', 'start', 'level-6', 'level-4');
    const { out } = call(repository, 'git', ['bisect', 'run', process.execPath, 'tools/behaviour.mjs', id]);
    expect(out).toContain(`${git(repository, 'rev-parse', 'level-5')} is the first bad commit`);
    // and what is bad there is good when that is what is asked for
    expect(call(repository, process.execPath, ['tools/behaviour.mjs', id, '--good', '5'])).toEqual({ code: 0, out: `${id}: N2=2\n` });
    git(repository, 'bisect', 'reset');
  }, 180_000);

  test('the hotplug tree does not build between its patches and patch 10: bisect is told to skip it', () => {
    git(repository, 'checkout', '--quiet', 'level-9+N1.1');
    const { code, out } = call(repository, process.execPath, ['tools/behaviour.mjs', 'policy-task-new-memory']);
    expect(code).toBe(125);
    expect(out.match(/error TS.*/g)).toEqual(['error TS2554: Expected 2 arguments, but got 1.']);
    git(repository, 'checkout', '--quiet', 'main');
  });
});

describe.skipIf(!hasGit)('where it is written', () => {
  const refusal = (directory: string, force = false, write: typeof exportGit = exportGit): string => {
    try {
      write(directory, { force });
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

  test('an earlier repository is replaced as a whole; with files or commits of others only when that is said', () => {
    const place = path.join(scratch, 'replaced');
    exportGit(place);
    mkdirSync(path.join(place, 'node_modules'));
    expect(refusal(place, true)).toBe('written');
    expect(readdirSync(place)).not.toContain('node_modules');
    writeFileSync(path.join(place, 'note'), '');
    writeFileSync(path.join(place, 'README.md'), 'mine\n');
    expect(refusal(place, true)).toMatch(/ has what pmkit did not write: README\.md and 1 more; --discard replaces it all the same$/);
    git(place, 'checkout', '--quiet', '-b', 'mine');
    git(place, 'add', '--all');
    git(place, '-c', 'user.name=t', '-c', 'user.email=t@t', 'commit', '--quiet', '-m', 'a note');
    git(place, 'checkout', '--quiet', 'main');
    expect(refusal(place, true)).toMatch(/ has what pmkit did not write: commit [0-9a-f]+ a note; --discard/);
    exportGit(place, { force: true, discard: true });
    expect(git(place, 'branch', '--format=%(refname:short)').split('\n').sort()).toEqual(['hotplug', 'main']);
    expect(readdirSync(scratch).filter(name => name.startsWith('replaced'))).toEqual(['replaced']);
  });

  test('so is an earlier directory for quilt', () => {
    const place = path.join(scratch, 'replaced-quilt');
    exportQuilt(place);
    expect(refusal(place, true, exportQuilt)).toBe('written');
    writeFileSync(path.join(place, 'patches', entries[6]!.name), 'another\n');
    expect(refusal(place, true, exportQuilt)).toMatch(new RegExp(` has what pmkit did not write: patches/${entries[6]!.name}; --discard`));
    exportQuilt(place, { force: true, discard: true });
    expect(readFileSync(path.join(place, 'patches', entries[6]!.name), 'utf8')).toMatch(/^From: /);
  });
});

/** The files of a directory but for those of the tools. */
function filesIn(directory: string): Map<string, string> {
  const files = readdirSync(directory, { recursive: true, withFileTypes: true }).filter(entry => entry.isFile()).map(entry => path.relative(directory, path.join(entry.parentPath, entry.name)));
  return new Map(files.filter(file => !/^(?:(?:patches|\.pc|\.git)\/|\.pmkit-export$)/.test(file)).sort().map(file => [file, readFileSync(path.join(directory, file), 'utf8')]));
}

describe.skipIf(!hasQuilt)('quilt (skipped where it is not installed)', () => {
  const directory = path.join(scratch, 'quilt');
  const quilt = (...args: readonly string[]): { readonly code: number | null; readonly out: string } => call(directory, 'quilt', ['--quiltrc', '-', ...args]);
  beforeAll(() => exportQuilt(directory));

  test('the series is pushed without fuzz or offset, and popped again', () => {
    const pushed = quilt('push', '-a');
    expect(pushed).toMatchObject({ code: 0 });
    expect(pushed.out).not.toMatch(/fuzz|offset|FAILED/);
    expect(filesIn(directory)).toEqual(projectFiles(entries));
    expect(quilt('pop', '-a')).toMatchObject({ code: 0 });
    expect(filesIn(directory)).toEqual(projectFiles([]));
  });

  test('any level is a push away', () => {
    expect(quilt('push', '-q', entries[1]!.name)).toMatchObject({ code: 0 });
    expect(filesIn(directory)).toEqual(projectFiles(entries.slice(0, 2)));
    expect(quilt('top').out.trim()).toMatch(new RegExp(`^(?:patches/)?${entries[1]!.name}$`));
  });
});

describe.skipIf(!hasGit)('git am (skipped where there is no git)', () => {
  const mailbox = path.join(scratch, 'series.mbox');
  const applied = path.join(scratch, 'am');
  beforeAll(() => {
    exportMbox(mailbox);
    mkdirSync(applied);
    writeTree(applied, projectFiles([]));
    git(applied, 'init', '--quiet');
    git(applied, 'add', '--all');
    git(applied, '-c', 'user.name=t', '-c', 'user.email=t@t', 'commit', '--quiet', '-m', 'base');
  });

  test('the mails make the commits of the git export, tree for tree, with author, date and message', () => {
    git(applied, '-c', 'user.name=t', '-c', 'user.email=t@t', 'am', '--quiet', '--empty=drop', mailbox);
    const format = ['log', '--reverse', '--format=%T%n%an <%ae> %ad%n%B'];
    expect(git(applied, ...format)).toContain('Nathan Scott');
    const withoutBase = (log: string): string => log.slice(log.indexOf('\nHirokazu') - 40);
    expect(withoutBase(git(applied, ...format))).toBe(withoutBase(git(repository, ...format, 'hotplug')));
  });

  test('without a cover letter any git takes them', () => {
    git(applied, 'reset', '--quiet', '--hard', `HEAD~${entries.length}`);
    exportMbox(mailbox, { cover: false, force: true });
    git(applied, '-c', 'user.name=t', '-c', 'user.email=t@t', 'am', '--quiet', mailbox);
    expect(git(applied, 'rev-parse', 'HEAD^{tree}')).toBe(git(repository, 'rev-parse', 'hotplug^{tree}'));
  });
});

describe('the mailbox', () => {
  const mailbox = path.join(scratch, 'mails');
  beforeAll(() => exportMbox(mailbox));

  test('a cover letter and the patches, as answers to it', async () => {
    const raw = readFileSync(mailbox, 'utf8').split(/^From 0{40} .*\n/m).slice(1);
    const mails = await Promise.all(raw.map(mail => PostalMime.parse(mail)));
    expect(mails.map(({ subject }) => /^\[PATCH (\d+)\/12\] /.exec(subject ?? '')?.[1])).toEqual(['00', '01', '02', '03', '04', '05', '06', '07', '08', '09', '10', '11', '12']);
    const [cover, ...patches] = mails;
    expect(cover!.inReplyTo).toBeUndefined();
    for (const { inReplyTo, references, date } of patches) {
      expect([inReplyTo, references]).toEqual([cover!.messageId, cover!.messageId]);
      expect(date).toBe('2005-06-22T12:00:00.000Z');
    }
    expect(cover!.text).toContain('mm/mmigrate.ts');
  });

  test('no line is too long for a mail', () => {
    expect(Math.max(...readFileSync(mailbox, 'utf8').split('\n').map(line => Buffer.byteLength(line)))).toBeLessThanOrEqual(998);
  });

  test('a file that is there is kept unless told otherwise; what is no file always', () => {
    writeFileSync(path.join(scratch, 'kept'), 'mine');
    expect(() => exportMbox(path.join(scratch, 'kept'))).toThrow(ExportError);
    expect(() => exportMbox(scratch, { force: true })).toThrow(/is no file$/);
    expect(readFileSync(path.join(scratch, 'kept'), 'utf8')).toBe('mine');
  });

  test('an earlier one is replaced, but not with an answer in it', () => {
    exportMbox(mailbox, { force: true });
    const text = readFileSync(mailbox, 'utf8');
    writeFileSync(mailbox, `${text}\nFrom t Mon Sep 17 00:00:00 2001\nSubject: Re: patch 7\n\nNo.\n`);
    expect(() => exportMbox(mailbox, { force: true })).toThrow(/ has what pmkit did not write: Subject: Re: patch 7; --discard/);
    exportMbox(mailbox, { force: true, discard: true });
    expect(readFileSync(mailbox, 'utf8')).toBe(text);
  });
});
