/** The host's git, where it has one. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { onTestFinished } from 'vitest';

export const hasGit = spawnSync('git', ['--version']).status === 0;

/** A directory that is gone after the test, with files in it by path. */
export function directoryOf(files: Iterable<readonly [string, string]>): string {
  const directory = mkdtempSync(path.join(tmpdir(), 'pmkit-review-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  for (const [name, text] of files) {
    mkdirSync(path.dirname(path.join(directory, name)), { recursive: true });
    writeFileSync(path.join(directory, name), text);
  }
  return directory;
}

/** What git prints, run without anybody's settings; a diff that is not empty is no failure. */
export function git(cwd: string, args: readonly string[], input = ''): string {
  const env = { PATH: process.env['PATH'], HOME: cwd, GIT_CONFIG_NOSYSTEM: '1', GIT_CEILING_DIRECTORIES: path.dirname(cwd) };
  try {
    return execFileSync('git', args, { cwd, env, input, encoding: 'utf8', stdio: 'pipe' });
  } catch (error) {
    const { status, stdout } = error as { status: number; stdout: string };
    if (status === 1 && args.includes('--no-index')) return stdout;
    throw error;
  }
}
