/** The program as it is installed, in a process of its own. `npm test` builds it first; without a build there is nothing to run. */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { linkLevel, migrationSeries, touchedFiles } from '@pmkit/series/stack';
import { describe, expect, it } from 'vitest';
import { version } from '../src/index.js';
import { scratch, session } from './helpers.js';

const program = fileURLToPath(new URL('../bin/pmkit.js', import.meta.url));
const built = existsSync(new URL('../dist/bin.js', import.meta.url));
const bundled = existsSync(new URL('../dist/bundle/cli.js', import.meta.url));

function pmkit(cwd: string, ...argv: readonly string[]): { code: number | null; out: string; err: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...argv], { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  return { code: status, out: stdout, err: stderr };
}

/** The scripts that a command has run: V8 writes them down. */
function scriptsOf(...argv: readonly string[]): string[] {
  const directory = scratch();
  spawnSync(process.execPath, [program, ...argv], { cwd: directory, env: { ...process.env, NODE_V8_COVERAGE: directory } });
  return readdirSync(directory).flatMap((file) => {
    const report = JSON.parse(readFileSync(path.join(directory, file), 'utf8')) as { result: { url: string }[] };
    return report.result.map(({ url }) => url);
  });
}

describe.skipIf(!built)('the program (skipped before a build)', () => {
  it('keeps the stack from one process to the next', () => {
    const cwd = scratch();
    expect(pmkit(cwd, 'top')).toEqual({ code: 2, out: '', err: 'No patches applied\n' });
    expect(pmkit(cwd, 'push', '-q')).toMatchObject({ code: 0, err: '' });
    expect(pmkit(cwd, 'top')).toEqual({ code: 0, out: 'hirokazu-steal_page_from_lru.patch\n', err: '' });
    expect(pmkit(cwd, 'frob')).toMatchObject({ code: 2, out: '' });
  });

  it('prints its version without loading anything', () => {
    expect(pmkit(scratch(), '--version')).toEqual({ code: 0, out: `${version()}\n`, err: '' });
    expect(scriptsOf('--version').filter((url) => /\/packages\/(?!cli\/bin\/)/.test(url))).toEqual([]);
  });

  it.skipIf(!bundled)('takes all modules from the bundle, and none for patches that were sent', () => {
    expect(scriptsOf('bisect', '--behaviour', 'nothing').filter((url) => /\/packages\/(?!cli\/(?:bin|dist\/bundle)\/)/.test(url))).toEqual([]);
    const scripts = scriptsOf('matrix', '--stack', 'quilt:nowhere', '--trust');
    expect(scripts.filter((url) => url.includes('/dist/bundle/'))).toEqual([]);
    expect(scripts.filter((url) => url.includes('/packages/series/dist/'))).not.toEqual([]);
  });

  it.skipIf(!bundled).each([['matrix', 'mlock', '--json'], ['run', '--at', '7', '-c', 'quilt diff; cat /proc/meminfo'], ['diff', '4'], ['explore', 'killed-by-vm-stopped', '--at', '7-8', '--workers', '2']])('prints what it would without the bundle: %s', async (...argv) => {
    const cwd = scratch();
    // threads are the process's, where the bundle has their program: how many there are does not show (explore.test.ts)
    const { code, out, err } = await session({ cwd, services: { series: migrationSeries, linkLevel, touchedFiles } })(argv.map(word => (word === '2' ? '1' : word)));
    expect(pmkit(cwd, ...argv)).toEqual({ code, out, err });
  });

  it('does not mind a reader that stops reading', async () => {
    const child = spawn(process.execPath, [program, 'series'], { cwd: scratch(), stdio: ['ignore', 'pipe', 'pipe'] });
    let err = '';
    child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
    child.stdout.destroy();
    const code = await new Promise((resolve) => child.on('close', resolve));
    expect({ code, err }).toEqual({ code: 0, err: '' });
  });
});
