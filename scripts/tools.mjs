/**
 * What the scripts share: finding pnpm, installing once, running the tools.
 *
 * Plain JavaScript without dependencies, because it runs before anything is installed, on a machine that may have
 * nothing but Node and npm.
 */
import './check-node.mjs';
import { Buffer } from 'node:buffer';
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { closeSync, existsSync, mkdtempSync, openSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));

const windows = process.platform === 'win32';
const at = (...parts) => path.join(root, ...parts);
const manifest = JSON.parse(readFileSync(at('package.json'), 'utf8'));
const pnpmVersion = manifest.packageManager.replace('pnpm@', '');

/** Written after an install: the state it was made for and where pnpm lies. Gone when node_modules is. */
const stampFile = at('node_modules', '.pmkit-install.json');

export function say(text) {
  process.stderr.write(`pmkit: ${text}\n`);
}

/** Runs a program with our terminal as its own; the exit code, 1 when it was killed. */
export function run(command, args, options = {}) {
  const child = spawnSync(command, args, { cwd: root, stdio: 'inherit', ...options });
  if (child.error) {
    say(`cannot run ${command}: ${child.error.message}`);
    return 1;
  }
  return child.status ?? 1;
}

/** The environment with `directory` searched first for programs. */
function withPath(directory, env = process.env) {
  const key = Object.keys(env).find((name) => name.toUpperCase() === 'PATH') ?? 'PATH';
  return { ...env, [key]: directory ? `${directory}${path.delimiter}${env[key] ?? ''}` : env[key] };
}

/** Whether the search path leads to the pnpm we pin. Asked outside the repository, where no pin makes another one refuse. */
function isPinnedPnpm(directory) {
  // A corepack shim must not fetch anything only to be asked its version.
  const env = { ...withPath(directory), COREPACK_ENABLE_NETWORK: '0' };
  const child = spawnSync('pnpm', ['--version'], { cwd: tmpdir(), env, encoding: 'utf8', shell: windows, stdio: ['ignore', 'pipe', 'ignore'] });
  return child.status === 0 && child.stdout.trim() === pnpmVersion;
}

/** The directory to search first for pnpm; '' when it is on the path already. Fetched by npx into npm's own cache. */
function findPnpm(known) {
  if (isPinnedPnpm('')) return '';
  if (known && existsSync(known) && isPinnedPnpm(known)) return known;
  say(`fetching pnpm ${pnpmVersion}`);
  // npx puts the program's directory first on the path of what it runs, so the path tells us where it is.
  const print = `node -p "(process.env.PATH || process.env.Path).split(require('path').delimiter)[0]"`;
  const args = ['--yes', `--package=pnpm@${pnpmVersion}`, '--call', print];
  const child = spawnSync('npx', args, { cwd: tmpdir(), encoding: 'utf8', shell: windows, stdio: ['ignore', 'pipe', 'inherit'] });
  const directory = child.stdout?.trim().split('\n').at(-1) ?? '';
  if (child.status !== 0 || !isPinnedPnpm(directory)) {
    say(`cannot fetch pnpm ${pnpmVersion} through npx; is the npm registry reachable?`);
    process.exit(1);
  }
  return directory;
}

/** A digest of all that decides what node_modules holds. */
function installState() {
  const hash = createHash('sha256').update(`${process.platform} ${process.arch} ${process.versions.modules}\n`);
  const packages = readdirSync(at('packages')).sort().map((name) => path.join('packages', name, 'package.json'));
  for (const file of ['package.json', 'pnpm-workspace.yaml', 'pnpm-lock.yaml', ...packages]) {
    if (existsSync(at(file))) hash.update(`${file}\n`).update(readFileSync(at(file)));
  }
  return hash.digest('hex');
}

function readStamp() {
  try {
    return JSON.parse(readFileSync(stampFile, 'utf8'));
  } catch {
    return {}; // absent or damaged: install again
  }
}

/**
 * Brings node_modules up to date, doing nothing when it is, and returns the environment to run tools in.
 * With `update` the lockfile follows the manifests instead of being held against them.
 */
export function ensureInstalled({ update = false } = {}) {
  const stamp = readStamp();
  const pnpmDirectory = findPnpm(stamp.pnpmDirectory);
  const env = withPath(pnpmDirectory);
  if (update || stamp.state !== installState()) {
    say('installing');
    // Tools are development dependencies: NODE_ENV=production would leave them out.
    const { NODE_ENV: _, ...installEnv } = env;
    const args = ['install', update ? '--no-frozen-lockfile' : '--frozen-lockfile', '--reporter=append-only'];
    const status = run('pnpm', args, { env: installEnv, shell: windows, stdio: ['ignore', 2, 2] });
    if (status !== 0) {
      if (!update) say('the install failed; after changing a package.json, run `npm run setup -- --update`');
      process.exit(status);
    }
    writeFileSync(stampFile, `${JSON.stringify({ state: installState(), pnpmDirectory })}\n`);
  }
  // Some tools colour their output whenever CI is set; a log is easier to read and to search without.
  const plain = process.stdout.isTTY || 'FORCE_COLOR' in env ? {} : { NO_COLOR: '1' };
  return {
    ...env,
    ...plain,
    // Compiler, linter and bundler run side by side: one that spreads over all processors does work twice, and collects garbage for each.
    GOMAXPROCS: env.GOMAXPROCS ?? String(Math.max(1, Math.floor(availableParallelism() / 4))),
    PMKIT_NODE: process.versions.node,
    TURBO_TELEMETRY_DISABLED: '1',
    TURBO_NO_UPDATE_NOTIFIER: '1',
    DO_NOT_TRACK: '1',
  };
}

const turboRun = [at('node_modules', 'turbo', 'bin', 'turbo'), 'run'];

/** Runs `turbo run` with the given tasks and flags; the exit code. */
export function turbo(args, env, options = {}) {
  return run(process.execPath, [...turboRun, ...args], { env, ...options });
}

/** The same beside other work: its exit code, and what it has said where `stdio` makes pipes. */
export function turboBeside(args, env, stdio) {
  const child = spawn(process.execPath, [...turboRun, ...args], { cwd: root, env, stdio });
  const said = [];
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (bytes) => said.push(bytes));
  return new Promise((resolve) => {
    child.on('error', (error) => resolve({ status: 1, said: `cannot run turbo: ${error.message}\n` }));
    child.on('close', (code) => resolve({ status: code ?? 1, said: Buffer.concat(said) }));
  });
}

/**
 * Installs, builds without a word unless the build fails, and runs a script of the built kit; the exit code.
 * The build is not what was asked for.
 */
export function buildAndRun(script, args) {
  const env = ensureInstalled();
  const directory = mkdtempSync(path.join(tmpdir(), 'pmkit-build-'));
  const logFile = path.join(directory, 'log');
  const log = openSync(logFile, 'w');
  say('building');
  const status = turbo(['build'], env, { stdio: ['ignore', log, log] });
  closeSync(log);
  if (status !== 0) process.stderr.write(readFileSync(logFile));
  rmSync(directory, { recursive: true });
  return status === 0 ? run(process.execPath, [at(script), ...args]) : status;
}
