/**
 * node scripts/check-graph.mjs: what `pmkit graph` says of the texts, held against patch(1). The series is exported for quilt; each patch is left out, and the others are applied as far as they can be.
 * A patch that the graph has in conflict must fail in that file; one that fails for other reasons (comments and imports at the head of a file) must at least share a file with what is missing, and is told.
 *
 * kernel-table.ts of the export is left aside: it lists what is linked, and the original has nothing like it.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { buildAndRun, root, say } from './tools.mjs';

const PMKIT = path.join(root, 'packages/cli/bin/pmkit.js');
const TABLE = 'kernel-table.ts';
const scratch = mkdtempSync(path.join(tmpdir(), 'pmkit-graph-'));
const exported = path.join(scratch, 'export');

/** The diff of a patch, a text a file. */
function diffsOf(name) {
  const text = readFileSync(path.join(exported, 'patches', name), 'utf8');
  return text.split(/^(?=diff --git )/m).slice(1).filter(diff => !diff.startsWith(`diff --git a/${TABLE} `));
}

function patch(directory, diff, ...options) {
  const { status, error } = spawnSync('patch', ['-p1', '--force', '--silent', ...options], { cwd: directory, input: diff, encoding: 'utf8' });
  if (error) throw error;
  return status === 0;
}

/** Applies all patches but one. @returns those that cannot be, each with the modules where it fails */
function failuresWithout(names, absent) {
  const directory = path.join(scratch, 'tree');
  rmSync(directory, { recursive: true, force: true });
  cpSync(exported, directory, { recursive: true });
  const failed = new Map();
  for (const name of names.filter(other => other !== absent)) {
    const diffs = diffsOf(name);
    const modules = diffs.filter(diff => !patch(directory, diff, '--dry-run')).map(diff => /^diff --git a\/(\S+)/.exec(diff)[1]);
    if (modules.length > 0) failed.set(name, modules);
    else diffs.forEach(diff => patch(directory, diff));
  }
  return failed;
}

const failures = [];
const check = (ok, what) => {
  if (!ok) failures.push(what);
  say(`${ok ? 'ok  ' : 'FAIL'} ${what}`);
};
/** Whether a module of the export models a kernel file: mm/mempolicy.ts and mm/mempolicy_syscalls.ts are of mm/mempolicy.c. */
const models = (module, file) => module.replace(/\.ts$/, '').startsWith(file.replace(/\.\w+$/, ''));

function checkPatch(absent, { patches, dependencies }) {
  const failed = failuresWithout(patches.map(({ name }) => name), absent.name);
  const labelOf = name => patches.find(other => other.name === name).label;
  const needing = dependencies.filter(({ needs }) => needs === absent.name);
  for (const { patch: name, textual } of needing) {
    for (const { file, symbol } of textual.filter(({ conflict }) => conflict)) {
      check((failed.get(name) ?? []).some(module => models(module, file)), `without ${absent.label}, ${labelOf(name)} is not applied to ${file} (${symbol})`);
    }
  }
  const gone = new Set([absent.name, ...failed.keys()]);
  for (const [name, modules] of failed) {
    if (needing.some(dependency => dependency.patch === name && dependency.textual.some(({ conflict }) => conflict))) continue;
    const shares = dependencies.some(dependency => dependency.patch === name && gone.has(dependency.needs) && dependency.textual.length > 0);
    check(shares, `without ${absent.label}, ${labelOf(name)} is not applied to ${modules.join(', ')}: comments, imports, or what is missing already`);
  }
}

let code = 1;
try {
  if (buildAndRun('packages/cli/bin/pmkit.js', ['export', 'quilt', exported]) === 0) {
    const { stdout } = spawnSync(process.execPath, [PMKIT, 'graph', '--no-run', '--json'], { encoding: 'utf8', maxBuffer: 1 << 26 });
    const graph = JSON.parse(stdout);
    for (const absent of graph.patches.filter(({ number }) => number !== null)) checkPatch(absent, graph);
    say(failures.length === 0 ? 'patch(1) says the same' : `${failures.length} differ`);
    code = failures.length === 0 ? 0 : 1;
  }
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
process.exitCode = code;
