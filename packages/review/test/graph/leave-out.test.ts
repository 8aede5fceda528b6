/** The series without some of its patches. */
import { linkErrors } from '@pmkit/linker';
import { levels } from '@pmkit/series/levels';
import { migrationSeries } from '@pmkit/series/stack';
import { beforeAll, describe, expect, it } from 'vitest';
import { definitionsWithout, goneWithout, type Ties } from '../../src/graph/leave-out.js';
import { loadPatches, type LoadedPatch } from '../../src/graph/patches.js';
import { conflicts } from '../../src/graph/texts.js';
import { overlaps } from '../../src/graph/textual.js';
import { importsBetween } from '../../src/graph/uses.js';

let patches: readonly LoadedPatch[];
let ties: Ties;
beforeAll(async () => {
  patches = await loadPatches(migrationSeries.entries);
  ties = { overlaps: overlaps(patches), imports: importsBetween(patches) };
});

const named = (label: string): string => patches.find(patch => patch.label === label)!.name;
const labelled = (name: string): string => patches.find(patch => patch.name === name)!.label;
const without = (...labels: string[]): string[] => goneWithout(patches, new Set(labels.map(named)), ties).map(({ patch }) => labelled(patch));

describe('what has to go with a patch', () => {
  it.each([
    ['1', []], ['2', []], ['3', ['4', '5', '7', '8', '9', '10']], ['4', ['5', '7', '8', '9']], ['5', ['8', '9']], ['6', ['7']], ['7', []], ['8', ['9']], ['9', []],
    ['10', ['N1.0', 'N1.1']],
  ])('%s: %j', (label, gone) => {
    expect(without(label)).toEqual(gone);
  });
  it('is what goes with each of two, and no more than that', () => {
    expect(without('6', '8')).toEqual(['7', '9']);
    // nobody calls by the old prototype when patch 3 is not there either
    expect(without('3', '10')).toEqual(['4', '5', '7', '8', '9']);
  });
  it('says why, and what goes only because another does', () => {
    const gone = goneWithout(patches, new Set([named('3')]), ties);
    expect(gone.filter(({ direct }) => direct).map(({ patch }) => labelled(patch))).toEqual(['4', '7', '10']);
    expect(gone[0]!.why).toEqual(["mm/mmigrate.c: In function `migrate_vma':\nmm/mmigrate.c: error: too many arguments to function `try_to_migrate_pages'"]);
    expect(goneWithout(patches, new Set([named('6')]), ties)[0]!.why).toEqual([
      "mm/mmigrate.ts: error: `AS_DO_MMIGRATE' undeclared", "mm/mmigrate.ts: error: `AS_DO_NOT_MMIGRATE' undeclared",
    ]);
    expect(goneWithout(patches, new Set([named('8')]), ties)[0]!.why).toEqual(['mm/mmigrate.c: the hunks in sys_migrate_pages() are made over those of patch 8']);
  });
});

describe('what remains', () => {
  it('builds, and has nothing of what was left out', () => {
    for (const { name, number } of patches) {
      if (number === null) continue;
      const absent = new Set([name, ...goneWithout(patches, new Set([name]), ties).map(({ patch }) => patch)]);
      const definitions = definitionsWithout(patches, absent);
      expect(linkErrors(definitions, { m: undefined }), name).toEqual([]);
      const authors = new Set([...definitions.values()].flatMap(({ origin, history }) => [origin, ...history].map(({ patch }) => patch)));
      expect([...absent].filter(patch => authors.has(patch)), name).toEqual([]);
    }
  });
  it.each([0, 4, 9])('is level %i when all above it is left out', level => {
    const above = patches.slice(level).map(({ name }) => name);
    const valuesOf = (definitions: ReadonlyMap<string, { readonly value: unknown }>): Map<string, unknown> => new Map([...definitions].map(([name, { value }]) => [name, value]));
    expect(valuesOf(definitionsWithout(patches, new Set(above)))).toEqual(valuesOf(levels[level]!.definitions));
  });
});

describe('diffs of a symbol', () => {
  const lines = (...texts: string[]): string => texts.map(text => `${text}\n`).join('');
  const apart = Array.from({ length: 9 }, (_, i) => `line ${i}`);
  it('are applied without one that changes something far from them', () => {
    const versions = [
      { patch: 'a', code: lines(...apart) },
      { patch: 'b', code: lines('first', ...apart) },
      { patch: 'c', code: lines('first', ...apart, 'last') },
    ];
    expect(conflicts(versions, new Set(['b']))).toEqual([]);
  });
  it('are not applied without one that wrote the line they change, nor those over them', () => {
    const versions = [
      { patch: 'a', code: lines('x', 'y', 'z') },
      { patch: 'b', code: lines('x', 'Y', 'z') },
      { patch: 'c', code: lines('x', 'YY', 'z') },
      { patch: 'd', code: lines('x', 'YYY', 'z') },
    ];
    expect(conflicts(versions, new Set(['b']))).toEqual(['c', 'd']);
    expect(conflicts(versions, new Set(['c']))).toEqual(['d']);
    expect(conflicts(versions, new Set(['a']))).toEqual(['b', 'c', 'd']);
  });
  it('of the series are never applied without what they are written over', () => {
    const shared = overlaps(patches).filter(({ symbol }) => symbol !== null);
    expect(shared.length).toBeGreaterThan(8);
    expect(shared.filter(({ conflict }) => !conflict)).toEqual([]);
  });
});
