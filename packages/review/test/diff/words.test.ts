/** Word diffs and diffstats, against git's where the host has one. */
import { structuredPatch } from 'diff';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { statLines, statSummary, wordLines, wordText, type StatRow } from '../../src/diff/index.js';
import { directoryOf, git, hasGit } from './git.js';

const words = (...lines: string[]): string[] => wordLines(lines).map(wordText);

describe('a word diff', () => {
  it('marks what went and what came', () => {
    expect(words(' \ta();', '-\tif (x >= 0) f(a, b);', '+\tif (x >= 1) f(a, b, c);', ' }')).toEqual(['\ta();', '\tif (x >= [-0)-]{+1)+} f(a, [-b);-]{+b, c);+}', '}']);
  });

  it('has nothing to mark in lines that are indented anew or broken elsewhere', () => {
    expect(words('-a b', '-c', '+  a', '+b c')).toEqual(['  a', 'b c']);
  });

  it('marks lines that only went, or only came, each', () => {
    expect(words('-a b', '-', '-c', ' d', '+e f', '+', '+g')).toEqual(['[-a b-]', '', '[-c-]', 'd', '{+e f+}', '', '{+g+}']);
  });

  it('without what went is the new text', () => {
    const text = fc.array(fc.array(fc.constantFrom('a', 'b', 'c', ' ', '  '), { maxLength: 6 }).map(parts => parts.join('')), { minLength: 1, maxLength: 6 });
    fc.assert(fc.property(text, text, (before, after) => {
      const spans = wordLines([...before.map(line => `-${line}`), ...after.map(line => `+${line}`)]);
      const kept = (change: string): string => spans.map(line => line.filter(span => span.change !== change).map(span => span.text).join('')).join('\n');
      expect(kept('removed').replaceAll(/\s+/g, ' ').trim()).toBe(after.join('\n').replaceAll(/\s+/g, ' ').trim());
      expect(kept('added').replaceAll(/\s+/g, '')).toBe(before.join('').replaceAll(/\s+/g, ''));
    }), { numRuns: 200 });
  });

  it.skipIf(!hasGit)("is git's, as long as there is one way to see what changed", () => {
    const before = ['int f(int a)', '{', '\tint ret = 0;', '', '\tif (a < 0)', '\t\treturn -EINVAL;', '\tgone();', '\tcall(a, 1);', '\treturn ret;', '}'];
    const after = ['int f(int a, int *map)', '{', '\tint ret = 0;', '', '\tif (a < 0 || a > MAX)', '\t\treturn -EINVAL;', '\tcall(a, 2);', '', '\tfresh(map);', '\t\treturn ret;', '}'];
    const [x, y] = [before, after].map(lines => `${lines.join('\n')}\n`) as [string, string];
    const directory = directoryOf([['a', x], ['b', y]]);
    const theirs = git(directory, ['diff', '--no-index', '--word-diff=plain', '--no-color', 'a', 'b']).split('\n').slice(5, -1);
    expect(structuredPatch('a', 'b', x, y).hunks.flatMap(hunk => words(...hunk.lines))).toEqual(theirs);
  });
});

describe('a diffstat', () => {
  const rows: StatRow[] = [
    { name: 'mm/mmigrate.ts', insertions: 116, deletions: 3 }, { name: 'include/linux/mempolicy.ts', insertions: 1, deletions: 0 }, { name: 'kernel-table.ts', insertions: 2, deletions: 30 },
    { name: 'fs/xfs/linux-2.6/a/rather/long/path/for/a/name/that/leaves/no/room/for/it.ts', insertions: 0, deletions: 7 },
  ];
  const text = (of: readonly StatRow[], width: number): string[] => [...statLines(of, width).map(({ head, plus, minus }) => `${head}${plus}${minus}`), statSummary(of)];

  it('has the sums below', () => {
    expect(statSummary([{ insertions: 1, deletions: 0 }])).toBe(' 1 file changed, 1 insertion(+)');
    expect(statSummary([{ insertions: 0, deletions: 2 }, { insertions: 0, deletions: 0 }])).toBe(' 2 files changed, 2 deletions(-)');
    expect(statSummary([{ insertions: 0, deletions: 0 }])).toBe(' 1 file changed, 0 insertions(+), 0 deletions(-)');
    expect(statSummary([])).toBe(' 0 files changed');
  });

  it.skipIf(!hasGit).each([40, 60, 80, 132, 20])("is laid out as git's in %i columns", width => {
    const file = (row: StatRow, of: 'insertions' | 'deletions'): string => Array.from({ length: row[of] }, (_, at) => `${of} ${at}\n`).join('') + 'same\n';
    const sorted = [...rows].sort((a, b) => (a.name < b.name ? -1 : 1));
    const directory = directoryOf(sorted.map(row => [row.name, file(row, 'deletions')] as const));
    git(directory, ['init', '-q']);
    git(directory, ['add', '.']);
    for (const row of sorted) git(directory, ['update-index', '--cacheinfo', `100644,${git(directory, ['hash-object', '-w', '--stdin'], file(row, 'insertions')).trim()},${row.name}`]);
    const theirs = git(directory, ['diff', '-R', `--stat=${width}`]).split('\n').slice(0, -1);
    expect(text(sorted, width)).toEqual(theirs);
  });
});
