/**
 * The real git as the judge: a repository with a commit a level and pmkit get the same program, and must find the same first bad one, with the
 * same exit code. git takes any commit near the middle when the middle one is skipped, at random; which levels are run is compared only
 * where nothing is skipped.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { migrationSeries } from '@pmkit/series/stack';
import { scratch, session, type Answer } from './helpers.js';

/** Part of the system where it is there, so no dependency of this package. */
const GIT = 'git';
const installed = spawnSync(GIT, ['--version']).status === 0;
const TOP = 10;

/** What both programs come to. */
interface Finding {
  readonly code: number | null;
  /** The first bad level, or those among which it is; nothing when the search was ended. */
  readonly candidates: readonly number[];
  /** `Bisecting: N … left to test after this (roughly M steps)`, in the order they were said. */
  readonly left: readonly string[];
  /** The levels that were run. */
  readonly ran: readonly number[];
}

/** A program that ends with one of `codes` by the level that git has checked out, or that pmkit names, and notes which that was. */
function judge(directory: string, codes: readonly number[]): { readonly script: string; ran(): readonly number[] } {
  const [script, note] = [path.join(directory, 'judge.sh'), path.join(directory, 'ran')];
  writeFileSync(script, `level=\${PMKIT_LEVEL:-$(cat level)}\necho "$level" >> '${note}'\nset -- ${codes.join(' ')}\nshift "$level"\nexit "$1"\n`);
  const ran = (): readonly number[] => (existsSync(note) ? readFileSync(note, 'utf8').trim().split('\n').map(Number) : []);
  return { script, ran };
}

const leftIn = (out: string): readonly string[] => [...out.matchAll(/^Bisecting: (\d+) \S+ left to test after this \(roughly (\d+) steps?\)$/gm)].map(([, left, steps]) => `${left} ${steps}`);

/** git's history of eleven commits, made once. */
class Repository {
  readonly directory = scratch();
  readonly #levels = new Map<string, number>();

  constructor() {
    this.#git('init', '--quiet', '.');
    for (let level = 0; level <= TOP; level++) {
      writeFileSync(path.join(this.directory, 'level'), `${level}\n`);
      this.#git('add', 'level');
      this.#git('-c', 'user.name=n', '-c', 'user.email=n@localhost', 'commit', '--quiet', '-m', `level ${level}`);
      this.#git('tag', `level${level}`);
      this.#levels.set(this.#git('rev-parse', 'HEAD').out.trim(), level);
    }
  }

  /** `git bisect start bad good; git bisect run`. */
  bisect(codes: readonly number[]): Finding {
    const directory = scratch();
    const { script, ran } = judge(directory, codes);
    const started = this.#git('bisect', 'start', `level${TOP}`, 'level0');
    const { code, out } = this.#git('bisect', 'run', 'sh', script);
    this.#git('bisect', 'reset');
    const [, found] = /^(\w{40}) is the first bad commit$/m.exec(out) ?? [];
    const shas = found === undefined ? (/could be any of:\n((?:\w{40}\n)+)/.exec(out)?.[1] ?? '').trim().split('\n') : [found];
    const candidates = shas.filter((sha) => sha !== '').map((sha) => this.#levels.get(sha)!);
    return { code, candidates: candidates.sort((a, b) => a - b), left: leftIn(started.out + out), ran: ran() };
  }

  #git(...argv: readonly string[]): { readonly code: number | null; readonly out: string } {
    const env = { PATH: process.env['PATH'], HOME: this.directory, LC_ALL: 'C', GIT_CONFIG_NOSYSTEM: '1', GIT_CONFIG_GLOBAL: '/dev/null' };
    const { status, stdout } = spawnSync(GIT, argv, { cwd: this.directory, env, encoding: 'utf8' });
    return { code: status, out: stdout };
  }
}

const levelOf = (patch: string): number => migrationSeries.entries.find(({ name }) => name === patch)?.number ?? 0;

function candidatesIn(out: string): number[] {
  const [, found] = /^(\S+) is the first bad patch$/m.exec(out) ?? [];
  if (found !== undefined) return [levelOf(found)];
  const listed = /could be any of:\n((?: {2}\[\d+\] .*\n)+)/.exec(out)?.[1] ?? '';
  return [...listed.matchAll(/\[(\d+)\]/g)].map(([, level]) => Number(level));
}

async function pmkitBisect(codes: readonly number[], inSession: boolean): Promise<Finding & { readonly err: string }> {
  const pmkit = session({ env: { PATH: process.env['PATH']! } });
  const { script, ran } = judge(pmkit.cwd, codes);
  const started: Answer = inSession ? await pmkit(`bisect start ${TOP} 0`) : { code: 0, out: '', err: '' };
  const { code, out, err } = await pmkit(['bisect', 'run', ...(inSession ? [] : ['--any-failure', '--no-verify']), 'sh', script]);
  return { code, candidates: candidatesIn(out), left: leftIn(started.out + out), ran: ran(), err };
}

/** Good below `first`, bad with any of git's codes from there on, and skipped where `skips` says so; the ends are judged. */
const labelling = (skips: fc.Arbitrary<readonly number[]>): fc.Arbitrary<readonly number[]> =>
  fc.tuple(fc.integer({ min: 1, max: TOP }), fc.constantFrom(1, 2, 124), skips).map(([first, bad, skipped]) =>
    Array.from({ length: TOP + 1 }, (_, level) => (level > 0 && level < TOP && skipped.includes(level) ? 125 : level < first ? 0 : bad)));

describe.skipIf(!installed)('beside the real git bisect (skipped where git is not installed)', () => {
  it('the first bad level is the same, found by the same steps', async () => {
    const git = new Repository();
    for (const first of [1, 8]) {
      const codes = Array.from({ length: TOP + 1 }, (_, level) => (level < first ? 0 : 1));
      const wanted = git.bisect(codes);
      expect(wanted).toMatchObject({ code: 0, candidates: [first] });
      expect(await pmkitBisect(codes, true)).toMatchObject({ ...wanted });
      const { code, candidates, ran } = await pmkitBisect(codes, false);
      // In one go the ends are looked at first.
      expect({ code, candidates, ran }).toEqual({ code: 0, candidates: wanted.candidates, ran: [TOP, 0, ...wanted.ran] });
    }
  });

  it('with skipped levels the same one is found, or the same range is named with the same exit code', async () => {
    const git = new Repository();
    await fc.assert(
      fc.asyncProperty(labelling(fc.uniqueArray(fc.integer({ min: 1, max: TOP - 1 }), { minLength: 1 })), async (codes) => {
        const { code, candidates } = git.bisect(codes);
        expect(await pmkitBisect(codes, true)).toMatchObject({ code, candidates });
        expect(await pmkitBisect(codes, false)).toMatchObject({ code, candidates });
      }),
      { numRuns: 3, endOnFailure: true },
    );
  });

  // git 2.39 itself ends with the negative of the code, cut to a byte; pmkit with the code itself. Both fail, and find nothing.
  it('a program that ends with 128 or more ends the search', async () => {
    const git = new Repository();
    for (const abort of [128, 255]) {
      const codes = [0, 0, 0, 0, 0, abort, 1, 1, 1, 1, 1];
      const wanted = git.bisect(codes);
      expect(wanted.code).not.toBe(0);
      for (const inSession of [true, false]) {
        const { code, candidates, err } = await pmkitBisect(codes, inSession);
        expect([code, candidates, wanted.candidates]).toEqual([abort, [], []]);
        expect(err).toContain(`bisect run failed: exit code ${abort} from `);
      }
    }
  });

  it('a shell’s 126 and 127 are bad, unless the good end has them too', async () => {
    const git = new Repository();
    for (const bad of [126, 127]) {
      const codes = Array.from({ length: TOP + 1 }, (_, level) => (level < 4 ? 0 : bad));
      const bogus = codes.map(() => bad);
      expect(git.bisect(codes)).toMatchObject({ code: 0, candidates: [4] });
      expect(git.bisect(bogus)).toMatchObject({ code: 1, candidates: [] });
      for (const inSession of [true, false]) {
        expect(await pmkitBisect(codes, inSession)).toMatchObject({ code: 0, candidates: [4] });
        expect(await pmkitBisect(bogus, inSession)).toMatchObject({ code: 1, candidates: [] });
      }
    }
  });
});
