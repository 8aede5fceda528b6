/** What is in an earlier export that pmkit did not write: replacing it is not to lose work unawares. */
import { createHash } from 'node:crypto';
import { existsSync, lstatSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { git } from '../git.js';
import { COMMITTER } from './message.js';

/** A list of what was written, as sha256sum(1) prints it and checks it with `-c`. Not in a repository of git, which knows by itself. */
export const SUMS = '.pmkit-export';
/** What tools leave behind: installed, built, and quilt's notes of what is applied. */
const LEFT_BEHIND = new Set(['node_modules', 'build', 'package-lock.json', '.pc', SUMS]);

const sumOf = (bytes: string | Buffer): string => createHash('sha256').update(bytes).digest('hex');

export const sumsText = (files: ReadonlyMap<string, string>): string => [...files].map(([file, text]) => `${sumOf(text)}  ${file}\n`).join('');

/**
 * Commits of others, and files that are not as they were written: a line each.
 * @throws {GitError}
 */
export const addedTo = (directory: string): string[] => (existsSync(path.join(directory, '.git')) ? addedToRepository(directory) : addedToFiles(directory));

function addedToRepository(directory: string): string[] {
  const linesOf = (...args: string[]): string[] => git(directory, ['-c', 'core.fsmonitor=false', '-c', 'log.showSignature=false', ...args]).toString().split('\n').filter(line => line !== '');
  const commits = linesOf('log', '--all', '--reflog', '--format=%ce %h %s').filter(line => !line.startsWith(`${COMMITTER.address} `)).map(line => `commit ${line.slice(line.indexOf(' ') + 1)}`);
  return [...commits, ...linesOf('status', '--porcelain', '--untracked-files=all').map(line => line.slice(3))];
}

function addedToFiles(directory: string): string[] {
  const list = path.join(directory, SUMS);
  const known = new Map(existsSync(list) ? readFileSync(list, 'utf8').split('\n').map(line => [line.slice(66), line.slice(0, 64)] as const) : []);
  return filesIn(directory).filter(file => known.get(file) !== (lstatSync(path.join(directory, file)).isFile() ? sumOf(readFileSync(path.join(directory, file))) : ''));
}

/** Paths of what is in a directory and is none, but for what tools leave behind; a link is not followed. */
function filesIn(directory: string, within = ''): string[] {
  return readdirSync(path.join(directory, within), { withFileTypes: true }).filter(({ name }) => within !== '' || !LEFT_BEHIND.has(name)).flatMap((entry) => {
    const file = path.posix.join(within, entry.name);
    return entry.isDirectory() ? filesIn(directory, file) : [file];
  });
}
