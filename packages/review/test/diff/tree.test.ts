/** Diffs between the trees of the series: what they say, and that they are the difference. */
import { migrationSeries, type PatchEntry } from '@pmkit/series/stack';
import { applyPatch } from 'diff';
import { describe, expect, it } from 'vitest';
import { sourcesOf } from '../../src/index.js';
import { annotate, diffText, diffTrees, originalFigures, readDiffs } from '../../src/diff/index.js';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { directoryOf, git, hasGit } from './git.js';

const { entries } = migrationSeries;
const numbered = (number: number): PatchEntry => entries.find(entry => entry.number === number)!;
const below = (entry: PatchEntry): PatchEntry[] => entries.slice(0, entries.indexOf(entry));
const upTo = (entry: PatchEntry): PatchEntry[] => [...below(entry), entry];

describe.each(entries.map(entry => [entry.name, entry] as const))('the diff of %s', (_, entry) => {
  const diffs = diffTrees(below(entry), upTo(entry));
  const [before, after] = [sourcesOf(below(entry)).modules, sourcesOf(upTo(entry)).modules];

  it('turns the sources below into those with the patch, and names no others', () => {
    expect(diffs.map(({ module }) => module).sort()).toEqual([...after.keys()].filter(module => before.get(module) !== after.get(module)));
    for (const diff of diffs) expect(applyPatch(before.get(diff.module) ?? '', diffText(diff)), diff.module).toBe(after.get(diff.module));
  });

  it('is read again as it was written', () => {
    expect(readDiffs(diffs.map(diffText).join('')).map(({ file, insertions, deletions, hunks }) => [file, insertions, deletions, hunks.map(({ line: _line, ...hunk }) => hunk)]))
      .toEqual(diffs.map(({ module, insertions, deletions, hunks }) => [module, insertions, deletions, hunks]));
  });

  it('has the lines that annotate gives to the patch', () => {
    for (const { module, insertions } of diffs) expect(annotate(upTo(entry), module).filter(({ patch }) => patch === entry), module).toHaveLength(insertions);
  });

  it.skipIf(!hasGit)('is applied by git', () => {
    const directory = directoryOf(diffs.flatMap(({ module }) => (before.has(module) ? [[module, before.get(module)!] as const] : [])));
    git(directory, ['apply', '-'], diffs.map(diffText).join(''));
    for (const { module } of diffs) expect(readFileSync(path.join(directory, module), 'utf8'), module).toBe(after.get(module));
  });
});

describe('a diff', () => {
  const five = diffTrees(below(numbered(5)), upTo(numbered(5)));

  it('goes by kernel file, and what models none comes last', () => {
    expect(five.map(({ file, module }) => [file, module])).toEqual([['mm/mempolicy.c', 'mm/mempolicy.ts'], ['mm/mmigrate.c', 'mm/mmigrate.ts'], [null, 'kernel-table.ts']]);
  });

  it('has the head of the function above each hunk', () => {
    const seven = diffTrees(below(numbered(7)), upTo(numbered(7))).find(({ module }) => module === 'mm/mmigrate.ts')!;
    for (const { heading, oldStart } of seven.hunks) {
      const lines = sourcesOf(below(numbered(7))).modules.get('mm/mmigrate.ts')!.split('\n').slice(0, oldStart - 1);
      expect(lines.findLast(line => /^[A-Za-z_$]/.test(line))?.slice(0, 80).trimEnd() ?? '').toBe(heading);
    }
    expect(seven.hunks.map(({ heading }) => heading)).toContainEqual(expect.stringContaining('migrate_vma('));
  });

  it('of a symbol has its lines only, where they are', () => {
    const [diff, ...more] = diffTrees(below(numbered(5)), upTo(numbered(5)), { symbol: 'sys_migrate_pages' });
    expect(more).toEqual([]);
    const whole = five.find(({ module }) => module === 'mm/mmigrate.ts')!;
    expect(diff).toMatchObject({ module: 'mm/mmigrate.ts', change: 'changed' });
    expect(diff!.insertions).toBeLessThanOrEqual(whole.insertions);
    const before = sourcesOf(below(numbered(5))).modules.get('mm/mmigrate.ts')!.split('\n');
    for (const { oldStart, oldLines, lines } of diff!.hunks) expect(before.slice(oldStart - 1, oldStart - 1 + oldLines)).toEqual(lines.filter(line => !line.startsWith('+')).map(line => line.slice(1)));
  });

  it('of a symbol that is new has all of it, and of one that stays nothing', () => {
    const [diff] = diffTrees(below(numbered(5)), upTo(numbered(5)), { symbol: 'migrate_policy' });
    expect(diff!.hunks.flatMap(({ lines }) => lines).join('\n')).toMatch(/^\+\/\*\*\n[^]*\n\+export function migrate_policy\([^]*\n\+\}$/);
    expect(diffTrees(below(numbered(5)), upTo(numbered(5)), { symbol: 'migrate_onepage' })).toEqual([]);
  });

  it('backwards has the same lines the other way', () => {
    const back = diffTrees(upTo(numbered(5)), below(numbered(5)));
    expect(back.map(({ module, insertions, deletions }) => [module, deletions, insertions])).toEqual(five.map(({ module, insertions, deletions }) => [module, insertions, deletions]));
  });

  it('of a tree with itself is empty', () => {
    expect(diffTrees(entries, entries)).toEqual([]);
  });
});

describe("the original's figures", () => {
  it('are added over patches, unknown where one is unknown, and turned round the other way', () => {
    expect(originalFigures([], upTo(numbered(3))).get('mm/mmigrate.c')).toEqual({ insertions: 6, deletions: 4, notes: [] });
    expect(originalFigures(below(numbered(7)), upTo(numbered(9))).get('mm/mmigrate.c')).toEqual({ insertions: 52, deletions: 13, notes: [] });
    expect(originalFigures(upTo(numbered(9)), below(numbered(7))).get('mm/mmigrate.c')).toEqual({ insertions: 13, deletions: 52, notes: [] });
    expect(originalFigures([], upTo(numbered(5))).get('mm/mmigrate.c')).toEqual({ insertions: null, deletions: null, notes: [] });
    expect(originalFigures(below(numbered(5)), upTo(numbered(6))).get('include/linux/mempolicy.h')).toEqual({ insertions: 20, deletions: 0, notes: ['two prototypes; here they are types', 'constants'] });
  });
});

describe('annotate', () => {
  it('gives every line of the top to somebody, and what nobody changed to the base', () => {
    const lines = annotate(entries, 'mm/mmigrate.ts');
    expect(lines.map(({ text }) => `${text}\n`).join('')).toBe(sourcesOf(entries).modules.get('mm/mmigrate.ts'));
    expect(new Set(lines.map(({ patch }) => patch?.number))).toEqual(new Set([undefined, 3, 4, 5, 7, 8, 9]));
    expect(annotate(entries, 'mm/rmap.ts').every(({ patch }) => patch === null)).toBe(true);
  });

  it('is refused for a module that the tree does not have', () => {
    expect(() => annotate([], 'model/node-pairs.ts')).toThrow(new RangeError('no module model/node-pairs.ts'));
  });
});
