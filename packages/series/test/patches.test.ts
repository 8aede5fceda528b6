/** What the pages of the patches are made of. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { behaviours, runs, type Behaviour } from '../src/catalogue/index.js';
import { behavioursOf, concerns, factsOf, patchFacts, patchPage, touchesOf } from '../src/patches/index.js';
import { findPatch, migrationSeries, touchedFiles } from '../src/stack/index.js';

const { base, entries } = migrationSeries;
const touches = await touchesOf({ series: migrationSeries, touchedFiles });
const pages = [undefined, ...entries].map((entry) => patchPage(migrationSeries, entry, touches, behaviours));
const pageOf = (name: string): (typeof pages)[number] => pages.find((page) => page.name === name || page.number === Number(name))!;

describe('the facts', () => {
  it('are there for the base and for every patch of the series, in its order, and for nothing else', () => {
    expect(patchFacts.map(({ name }) => name)).toEqual([base, ...entries.map(({ name }) => name)]);
    expect(() => factsOf('nobody.patch')).toThrow(RangeError);
  });

  // Totals as the mails have them (of the third and the tenth, the mails of rc4 that carry them unchanged); they give them apart from the files.
  it.each([
    ['1', 5, 3],
    ['2', 17, 0],
    ['3', 16, 5],
    ['5', 129, 1],
    ['6', 103, 3],
    ['7', 20, 9],
    ['8', 50, 6],
    ['9', 14, 0],
    ['10', 1, 1],
  ])('of patch %s add up to the diffstat of its mail: %i insertions, %i deletions', (number, insertions, deletions) => {
    expect(pageOf(number)).toMatchObject({ insertions, deletions });
  });

  it.each([base, 'add-sys_migrate_pages-rc3.patch', 'N1.0-memsection_migrate.patch', 'N1.1-pass-page_list-to-steal_page.patch'])('of %s say that the size is not known', (name) => {
    expect(pageOf(name)).toMatchObject({ insertions: null, deletions: null });
    expect(factsOf(name).diffstat).toMatch(/^not known/);
  });

  it.each(patchFacts.map((facts) => [facts.name, facts] as const))('of %s are complete and in form', (_, facts) => {
    expect(facts.purpose.length).toBeGreaterThan(0);
    expect(facts.sources.length).toBeGreaterThan(0);
    for (const { commit } of facts.lineage) expect(commit ?? '0123456').toMatch(/^[0-9a-f]{7,40}$/);
    for (const day of [facts.mail?.date ?? null, ...facts.reviews.map(({ date }) => date)]) {
      if (day !== null) expect(new Date(`${day}T00:00:00Z`).toISOString().slice(0, 10)).toBe(day);
    }
    for (const id of [facts.mail?.messageId, ...facts.reviews.map(({ messageId }) => messageId)]) expect(id ?? 'a@b').toMatch(/^[^<>\s@]+@[^<>\s@]+$/);
  });

  it('name only patches below as needed', () => {
    const numbered = entries.filter(({ number }) => number !== undefined);
    for (const { name, number } of numbered) for (const needed of factsOf(name).needs) expect(needed).toBeLessThan(number!);
  });
});

describe('the files', () => {
  const numbered = pages.filter(({ number }) => number !== null && number > 0).map((page) => [page.name, page] as const);

  it.each(numbered)('that %s has symbols in are files of the original', (name, page) => {
    const original = factsOf(name).files.map(({ file }) => file);
    expect(original).toEqual(expect.arrayContaining((touches.get(name) ?? []).map(({ file }) => file)));
    expect(page.files.map(({ file }) => file)).toEqual([...original].sort());
  });

  it.each(numbered.filter(([name]) => touches.has(name)))('of %s that have no symbol here say why', (_, page) => {
    expect(page.files.filter(({ symbols, note }) => symbols.length === 0 && note === null)).toEqual([]);
  });

  it('say which other patches define a symbol anew', () => {
    const symbols = pageOf('4').files.find(({ file }) => file === 'mm/mmigrate.c')!.symbols;
    expect(symbols.find(({ name }) => name === 'migrate_vma')).toEqual({
      name: 'migrate_vma', change: 'adds', isFunction: true, alsoIn: ['sys_migrate_pages-migration-selection-rc3.patch'],
    });
  });

  it('of the base are told by what the series changes in it, without what it adds', () => {
    const changed = pageOf(base).changed;
    expect(changed.find(({ name }) => name === 'try_to_migrate_pages')).toEqual({
      file: 'mm/mmigrate.c', name: 'try_to_migrate_pages', isFunction: true, patches: ['add-node_map-arg-to-try_to_migrate_pages-rc3.patch'],
    });
    expect(changed.map(({ name }) => name)).not.toContain('migrate_vma');
  });
});

describe('the behaviours of a patch', () => {
  const behaviour = (id: string, more: Partial<Behaviour>): Behaviour => ({
    id, kind: 'claim', sentence: id, sources: [], patch: 4, scenario: () => '', expect: { 0: 'a' }, ...more,
  });
  const some = [
    behaviour('comes-true', { expect: { 0: 'a', 4: 'b' } }),
    behaviour('holds-anyhow', {}),
    behaviour('comes-true-elsewhere', { patch: 5, expect: { 0: 'a', 4: 'b', 5: 'c' } }),
    behaviour('text-against-code', { kind: 'discrepancy' }),
    behaviour('own-defect', { kind: 'defect', expect: { 0: 'a', 4: 'b' } }),
    behaviour('defect-of-another', { kind: 'defect', patch: 1, expect: { 0: 'a', 4: 'b' } }),
    behaviour('broken', { kind: 'defect', breaks: 4, expect: { 0: 'a', 4: 'b' } }),
    behaviour('not-here', { patch: 7, expect: { 0: 'a', 7: 'b' }, hotplug: { 0: 'x' } }),
  ];
  const ids = (patch: number | undefined): Record<string, string[]> =>
    Object.fromEntries(Object.entries(behavioursOf(patch, some)).map(([key, list]: [string, readonly Behaviour[]]) => [key, list.map(({ id }) => id)]));

  it('stand under one heading each', () => {
    expect(ids(4)).toEqual({
      claims: ['comes-true', 'comes-true-elsewhere'],
      holds: ['holds-anyhow'],
      breaks: ['broken'],
      discrepancies: ['text-against-code'],
      defects: ['own-defect'],
      changedDefects: ['defect-of-another'],
    });
  });

  it('of a hotplug patch are those with something of their own in its tree', () => {
    expect(ids(undefined)).toMatchObject({ claims: ['not-here'], holds: [], breaks: [], defects: [] });
  });

  it('of the catalogue are each on the page of the patch they are about', () => {
    expect(behaviours.filter((one) => !concerns(one, one.patch))).toEqual([]);
  });
});

describe('runs', () => {
  it('are the cells, joined where neighbours are the same', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('a', 'b'), { maxLength: 11 }), (cells) => {
        const joined = runs(cells.map((seen, level) => ({ level, seen })));
        expect(joined.flatMap(({ from, to, seen }) => Array<string>(to - from + 1).fill(seen))).toEqual(cells);
        for (const [at, run] of joined.entries()) expect(joined[at + 1]?.seen).not.toBe(run.seen);
      }),
    );
  });
});

it('a patch that is found by what a person calls it has a page', () => {
  expect(patchPage(migrationSeries, findPatch(migrationSeries, 'p05'), touches, behaviours)).toMatchObject({ number: 5, after: 'add-sys_migrate_pages-rc3.patch' });
});
