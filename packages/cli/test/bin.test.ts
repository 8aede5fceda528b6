/** The program as it is installed, in a process of its own. `npm test` builds it first; without a build there is nothing to run. */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { version } from '../src/index.js';
import { scratch } from './helpers.js';

const program = fileURLToPath(new URL('../bin/pmkit.js', import.meta.url));
const built = existsSync(new URL('../dist/bin.js', import.meta.url));

function pmkit(cwd: string, ...argv: readonly string[]): { code: number | null; out: string; err: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...argv], { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  return { code: status, out: stdout, err: stderr };
}

describe.skipIf(!built)('the program (skipped before a build)', () => {
  it('keeps the stack from one process to the next', () => {
    const cwd = scratch();
    expect(pmkit(cwd, 'top')).toEqual({ code: 2, out: '', err: 'No patches applied\n' });
    expect(pmkit(cwd, 'push', '-q')).toMatchObject({ code: 0, err: '' });
    expect(pmkit(cwd, 'top')).toEqual({ code: 0, out: 'hirokazu-steal_page_from_lru.patch\n', err: '' });
    expect(pmkit(cwd, 'frob')).toMatchObject({ code: 2, out: '' });
  });

  it('prints its version without loading the kit', () => {
    const directory = scratch();
    // V8 writes down which scripts it has run
    const { stdout } = spawnSync(process.execPath, [program, '--version'], { encoding: 'utf8', env: { ...process.env, NODE_V8_COVERAGE: directory } });
    expect(stdout).toBe(`${version()}\n`);
    const scripts = readdirSync(directory).flatMap((file) => {
      const report = JSON.parse(readFileSync(path.join(directory, file), 'utf8')) as { result: { url: string }[] };
      return report.result.map(({ url }) => url);
    });
    expect(scripts.filter((url) => url.includes('/packages/cli/dist/'))).not.toEqual([]);
    expect(scripts.filter((url) => /\/packages\/(?!cli\/)/.test(url))).toEqual([]);
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
