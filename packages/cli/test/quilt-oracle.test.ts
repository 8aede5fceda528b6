/**
 * The real quilt as the judge: both get the same commands on the same series, and must answer alike. With -q, since the files are not
 * the same.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { migrationSeries } from '@pmkit/series/stack';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { quickServices, scratch, session } from './helpers.js';

const { entries } = migrationSeries;
/** Part of the system where it is there, so no dependency of this package. */
const QUILT = 'quilt';
const installed = spawnSync(QUILT, ['--version']).status === 0;

function quiltTree(): string {
  const directory = scratch();
  mkdirSync(path.join(directory, 'patches'));
  for (const [at, { name }] of entries.entries()) {
    writeFileSync(path.join(directory, 'patches', name), `--- /dev/null\n+++ b/f${at}\n@@ -0,0 +1 @@\n+${at}\n`);
  }
  writeFileSync(path.join(directory, 'patches/series'), entries.map(({ name }) => `${name}\n`).join(''));
  return directory;
}

function quilt(cwd: string, argv: readonly string[]): { code: number | null; out: string; err: string } {
  const env = { PATH: process.env['PATH'], HOME: cwd, LC_ALL: 'C', TMPDIR: cwd };
  const { status, stdout, stderr } = spawnSync(QUILT, ['--quiltrc', '-', ...argv], { cwd, env, encoding: 'utf8' });
  // `previous PATCH` of 0.66 asks awk for a file that is not there while nothing is applied; what awk says is not quilt's.
  return { code: status, out: stdout, err: stderr.replace(/^awk: .*\n/gm, '') };
}

const patch = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom(...entries.flatMap(({ name }) => [name, name.replace('.patch', '')])) },
  { weight: 1, arbitrary: fc.constant('zzz') },
);
const reach = fc.oneof(fc.constant([]), patch.map((word) => [word]), fc.constantFrom(['-a'], ['0'], ['1'], ['2'], ['9']));
const command = fc.oneof(
  fc.tuple(fc.constantFrom('applied', 'unapplied', 'next', 'previous'), fc.option(patch, { nil: undefined })).map(([name, word]) => [name, ...(word === undefined ? [] : [word])]),
  fc.constantFrom(['top'], ['series'], ['series', '-v']),
  reach.map((words) => ['push', '-q', ...words]),
  reach.map((words) => ['pop', '-q', ...words]),
);

describe.skipIf(!installed)('beside the real quilt (skipped where it is not installed)', () => {
  it('every command prints the same and exits the same', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(command, { minLength: 6, maxLength: 12 }), async (commands) => {
        const tree = quiltTree();
        const pmkit = session({ services: quickServices });
        for (const argv of commands) {
          expect({ argv, ...(await pmkit(argv)) }).toEqual({ argv, ...quilt(tree, argv) });
        }
      }),
      { numRuns: 6, endOnFailure: true },
    );
  });
});
