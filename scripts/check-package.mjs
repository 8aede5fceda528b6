// Packs the package in the working directory as it would be published and lets publint and attw look at it.
import './check-node.mjs';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const tools = path.join(path.dirname(path.dirname(fileURLToPath(import.meta.url))), 'node_modules');
const directory = mkdtempSync(path.join(tmpdir(), 'pmkit-pack-'));
const archive = path.join(directory, 'package.tgz');

/** Runs a program and shows what it printed only if it failed: the tools list every subpath that is in order. */
function run(command, args, options = {}) {
  const child = spawnSync(command, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], ...options });
  if (child.error) process.stderr.write(`cannot run ${command}: ${child.error.message}\n`);
  else if (child.status !== 0) process.stdout.write(child.stdout + child.stderr);
  return child.status ?? 1;
}

try {
  const { name } = JSON.parse(readFileSync('package.json', 'utf8'));
  process.stdout.write(`${name}\n`);
  const packed = run('pnpm', ['pack', '--out', archive], { shell: process.platform === 'win32' });
  const publint = ['publint/src/cli.js', 'run', archive, '--strict'];
  const attw = ['@arethetypeswrong/cli/dist/index.js', archive, '--profile', 'esm-only', '--format', 'ascii', '--no-emoji', '--no-color'];
  const checks = packed === 0 ? [publint, attw] : [];
  const codes = checks.map(([script, ...args]) => run(process.execPath, [path.join(tools, script), ...args]));
  process.exitCode = Math.max(packed, ...codes);
} finally {
  rmSync(directory, { recursive: true });
}
