/**
 * node scripts/check-export.mjs [--install] [PATTERN]: the exported git repository, held against the kit. At every tag it is type-checked and its tests are run; then `git bisect run`
 * must find the patch that `pmkit bisect` finds, for every behaviour whose id contains PATTERN (default: all, half an hour) and that changes at one level.
 *
 * The tools are the kit's own, or, with --install, what `npm install` brings into the repository.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { buildAndRun, root, run, say } from './tools.mjs';

const { values, positionals } = parseArgs({ options: { install: { type: 'boolean', default: false } }, allowPositionals: true });
const scratch = mkdtempSync(path.join(tmpdir(), 'pmkit-export-'));
const repository = path.join(scratch, 'series');
const PMKIT = path.join(root, 'packages/cli/bin/pmkit.js');

/** @returns exit code and output of a program in the repository. */
function call(program, args) {
  const { status, stdout, stderr } = spawnSync(program, args, { cwd: repository, encoding: 'utf8', env: { ...process.env, GIT_CONFIG_GLOBAL: '/dev/null' } });
  return { status, out: stdout + stderr };
}
const node = (...args) => call(process.execPath, args);
const git = (...args) => {
  const { status, out } = call('git', args);
  if (status !== 0) throw new Error(`git ${args.join(' ')}: ${out}`);
  return out.trim();
};

function bringTools() {
  if (values.install) return run('npm', ['install', '--no-audit', '--no-fund', '--silent'], { cwd: repository });
  mkdirSync(path.join(repository, 'node_modules'));
  for (const [name, from] of [['typescript', 'typescript7'], ['vitest', 'vitest'], ['@types', '@types']]) symlinkSync(path.join(root, 'node_modules', from), path.join(repository, 'node_modules', name));
  return 0;
}

const failures = [];
const check = (ok, what) => {
  if (!ok) failures.push(what);
  say(`${ok ? 'ok  ' : 'FAIL'} ${what}`);
};

function checkTags() {
  for (const tag of git('tag').split('\n')) {
    git('checkout', '--quiet', tag);
    const builds = node('node_modules/typescript/bin/tsc', '--noEmit').status === 0;
    check(builds === !tag.includes('N1.'), `${tag} ${builds ? 'builds' : 'does not build'}`);
    check(node('node_modules/vitest/vitest.mjs', 'run', '--dir', 'test').status === 0, `${tag}: tests`);
  }
}

/** The level that pmkit finds. */
function levelByKit(id) {
  const { out } = node(PMKIT, 'bisect', '--behaviour', id, '--no-verify', '--json');
  return JSON.parse(out).firstBad.level;
}

/** The tags that git leaves as candidates. */
function tagsByGit(id) {
  git('bisect', 'start', 'level-10', 'level-0');
  const { out } = call('git', ['bisect', 'run', process.execPath, 'tools/behaviour.mjs', id]);
  git('bisect', 'reset');
  const found = /^([0-9a-f]{40}) is the first bad commit/m.exec(out)?.[1];
  const candidates = found === undefined ? out.slice(out.indexOf('any of:')).match(/^[0-9a-f]{40}$/gm) : [found];
  return (candidates ?? []).map(commit => git('tag', '--points-at', commit)).sort();
}

async function checkBisect(pattern) {
  git('checkout', '--quiet', 'main');
  node('node_modules/typescript/bin/tsc');
  const { behaviours } = await import(pathToFileURL(path.join(repository, 'build/catalogue/list.js')).href);
  const { changesOf } = await import(pathToFileURL(path.join(repository, 'build/catalogue/behaviour.js')).href);
  for (const behaviour of behaviours.filter(({ id }) => id.includes(pattern))) {
    const { id } = behaviour;
    if (changesOf(behaviour).length !== 1) continue;
    const level = levelByKit(id);
    // the trees between are skipped: they do not build
    const wanted = level === 10 ? ['level-10', 'level-9+N1.0', 'level-9+N1.1'] : [`level-${level}`];
    const found = tagsByGit(id);
    check(found.join() === wanted.join(), `${id}: ${found.join(', ')}`);
  }
}

try {
  process.exitCode = buildAndRun('packages/cli/bin/pmkit.js', ['export', 'git', repository]) || bringTools();
  if (process.exitCode === 0) {
    checkTags();
    await checkBisect(positionals[0] ?? '');
    for (const failure of failures) say(`failed: ${failure}`);
    process.exitCode = failures.length === 0 ? 0 : 1;
  }
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
