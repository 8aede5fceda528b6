/**
 * Packs every package as it would be published and lets publint and attw look at it: what either says against one is printed, and the exit code is 1 then.
 *
 * All in one process: attw brings a compiler, which would otherwise start once a package.
 */
import './check-node.mjs';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { root } from './tools.mjs';

/** Our packages are ESM only: how a CommonJS program or Node 10 would find their types is not asked. */
const IGNORED = ['node10', 'node16-cjs'];

/** The tarball of a package, as `pnpm publish` would make it. */
function pack(directory, archive) {
  const child = spawnSync('pnpm', ['pack', '--out', archive], { cwd: directory, encoding: 'utf8', shell: process.platform === 'win32' });
  if (child.status !== 0) throw new Error(`cannot pack ${directory}: ${child.error?.message ?? child.stdout + child.stderr}`);
  return readFileSync(archive);
}

async function publintSays(bytes) {
  const tarball = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
  const { messages, pkg } = await publint({ pack: { tarball }, strict: true });
  return messages.filter(({ type }) => type === 'error').map((message) => `publint: ${formatMessage(message, pkg, { color: false })}`);
}

async function attwSays(bytes) {
  const { types, problems = [] } = await checkPackage(createPackageFromTarballData(new Uint8Array(bytes)));
  if (!types) return ['attw: has no types'];
  return problems.filter(({ resolutionKind }) => !IGNORED.includes(resolutionKind)).map((problem) => `attw: ${JSON.stringify(problem)}`);
}

const directory = mkdtempSync(path.join(tmpdir(), 'pmkit-pack-'));
try {
  for (const name of readdirSync(path.join(root, 'packages')).sort()) {
    const home = path.join(root, 'packages', name);
    if (JSON.parse(readFileSync(path.join(home, 'package.json'), 'utf8')).private === true) continue;
    const bytes = pack(home, path.join(directory, `${name}.tgz`));
    for (const complaint of [...(await publintSays(bytes)), ...(await attwSays(bytes))]) {
      process.stdout.write(`${name}: ${complaint}\n`);
      process.exitCode = 1;
    }
  }
} finally {
  rmSync(directory, { recursive: true });
}
