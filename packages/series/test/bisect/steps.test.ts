/** Which level is next, and how many steps that leaves, as the real git says for a straight line of commits (git rev-list --bisect-vars). */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { estimateSteps, nextStep } from '../../src/bisect/index.js';

/** Part of the system where it is there, so no dependency of this package. */
const GIT = 'git';
const installed = spawnSync(GIT, ['--version']).status === 0;
/** More than a series of ten can ask: the rule is git's, and not a table of ten answers. */
const COMMITS = 40;

let directory = '';

function git(argv: readonly string[], input = ''): string {
  const env = { PATH: process.env['PATH'], HOME: directory, LC_ALL: 'C', GIT_CONFIG_NOSYSTEM: '1', GIT_CONFIG_GLOBAL: path.join(directory, 'none') };
  const { status, stdout, stderr } = spawnSync(GIT, argv, { cwd: directory, env, input, encoding: 'utf8' });
  if (status !== 0) throw new Error(`git ${argv.join(' ')}: ${stderr}`);
  return stdout;
}

/** Tags t0 to t40 on a line. */
function history(): string {
  const commits = Array.from({ length: COMMITS + 1 }, (_, i) =>
    [`commit refs/tags/t${i}`, `mark :${i + 1}`, `committer n <n@localhost> ${1_000_000 + i} +0000`, 'data 1', 'c', ...(i === 0 ? [] : [`from :${i}`]), `M 644 inline f`, `data ${String(i).length}`, String(i), ''].join('\n'));
  return commits.join('\n');
}

beforeAll(() => {
  directory = mkdtempSync(path.join(tmpdir(), 'pmkit-steps-'));
  if (!installed) return;
  git(['init', '--quiet', '.']);
  git(['fast-import', '--quiet'], history());
});
afterAll(() => {
  rmSync(directory, { recursive: true, force: true });
});

interface Choice { readonly level: number; readonly left: number; readonly steps: number }

/** What git would look at next when t0 is good and `t<bad>` is bad. */
function gitsChoice(bad: number): Choice {
  const said = new Map([...git(['rev-list', '--bisect-vars', `t${bad}`, '^t0']).matchAll(/^(\w+)='?(\w+)'?$/gm)].map(([, name, value]) => [name, value!]));
  // So many commits are left below the chosen one.
  return { level: Number(said.get('bisect_bad')) + 1, left: Number(said.get('bisect_good')), steps: Number(said.get('bisect_steps')) };
}

describe.skipIf(!installed)('the next level (skipped where git is not installed)', () => {
  it('is the one git takes, with as many left and as many steps', () => {
    const all = Array.from({ length: COMMITS - 1 }, (_, i) => i + 2);
    const ours = all.map((bad): Choice => {
      const next = nextStep({ old: 0, new: bad, skipped: new Set() });
      if (next.kind !== 'test') throw new Error(`nothing to test below ${bad}`);
      return { level: next.level, left: next.left, steps: next.steps };
    });
    expect(ours).toEqual(all.map(gitsChoice));
    expect(all.map(estimateSteps)).toEqual(all.map((bad) => gitsChoice(bad).steps));
  });
});
