/** The user's git, without what the environment and settings of the user tell it: what it writes and reads here is nobody's own. */
import { spawnSync } from 'node:child_process';
import { statSync } from 'node:fs';

/** git is missing, or has refused. */
export class GitError extends Error {
  override readonly name = 'GitError';
}

function plainEnvironment(): NodeJS.ProcessEnv {
  const others = Object.entries(process.env).filter(([name]) => !name.startsWith('GIT_'));
  // nor is anything fetched: a repository may say that what it lacks is had from a program
  return { ...Object.fromEntries(others), GIT_CONFIG_NOSYSTEM: '1', GIT_CONFIG_GLOBAL: '/dev/null', GIT_ALLOW_PROTOCOL: 'none', GIT_NO_LAZY_FETCH: '1', LC_ALL: 'C' };
}

/** Bytes that git may print. */
const MOST = 64 << 20;

/** @returns what it printed. @throws {GitError} */
export function git(cwd: string, args: readonly string[], input: Buffer = Buffer.alloc(0)): Buffer {
  const { status, stdout, stderr, error } = spawnSync('git', args, { cwd, env: plainEnvironment(), input, maxBuffer: MOST });
  // ENOENT is said of a working directory that is missing as well, and ENOTDIR of one that is a file
  if (error !== undefined && !statSync(cwd, { throwIfNoEntry: false })?.isDirectory()) throw new GitError(`${cwd}: no such directory`);
  if (error !== undefined && 'code' in error && error.code === 'ENOENT') throw new GitError('git is not installed');
  if (error !== undefined) throw error;
  if (status !== 0) throw new GitError(`git ${args.find(arg => /^[a-z][a-z-]*$/.test(arg))} failed: ${stderr.toString().trim()}`);
  return stdout;
}
