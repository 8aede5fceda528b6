/** What tests and scripts do with exported projects: run git on them, and give them the kit's own tools in place of `npm install`. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../../../', import.meta.url));

const installed = (program: string): boolean => spawnSync(program, ['--version'], { stdio: 'ignore' }).error === undefined;
export const hasGit = installed('git');
export const hasQuilt = installed('quilt');

/** Runs a program with no settings of the user. @returns its exit code and what it printed. */
export function call(cwd: string, program: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): { readonly code: number | null; readonly out: string } {
  const others = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(?:GIT|QUILT)/.test(name)));
  const { status, stdout, stderr } = spawnSync(program, args, { cwd, encoding: 'utf8', env: { ...others, GIT_CONFIG_NOSYSTEM: '1', GIT_CONFIG_GLOBAL: '/dev/null', ...env } });
  return { code: status, out: stdout + stderr };
}

/** @throws {Error} with what it printed, when a git command fails. */
export function git(cwd: string, ...args: readonly string[]): string {
  const { code, out } = call(cwd, 'git', args);
  if (code !== 0) throw new Error(`git ${args.join(' ')}: ${out}`);
  return out.trim();
}

/** The tools that `npm install` would bring: those of the kit. */
export function linkTools(project: string): void {
  const modules = path.join(project, 'node_modules');
  mkdirSync(modules);
  for (const [name, from] of [['typescript', 'typescript7'], ['vitest', 'vitest'], ['@types', '@types']] as const) symlinkSync(path.join(root, 'node_modules', from), path.join(modules, name));
}
