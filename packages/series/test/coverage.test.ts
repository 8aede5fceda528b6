/** The coverage list: what is said of the series is shown, and what is shown has been said. */
import { describe, expect, it } from 'vitest';
import { changelogs, coverage, defects, discrepancies, overview, type Chapter, type Item, type Section } from '../src/catalogue/coverage.js';
import { behaviours, findBehaviour, type Behaviour } from '../src/catalogue/index.js';
import { concerns } from '../src/patches/behaviours-of.js';

/**
 * Sentences of the overview as it was sent, counted by the rule in checklist/overview.ts. The original is not part of the repository: whoever counts
 * again must come to these numbers.
 */
const SENTENCES = { Summary: 19, 'Description of the patches': 22, 'Unresolved issues': 12, Background: 17 };

const sectionsOf = (chapters: readonly Chapter[]): readonly Section[] => chapters.flatMap(({ sections }) => sections);
const itemsOf = (...chapters: readonly Chapter[]): readonly Item[] => sectionsOf(chapters).flatMap(({ items }) => items);
const idsOf = (item: Item): readonly string[] => ('entries' in item ? item.entries : []);
const referredTo = (...chapters: readonly Chapter[]): ReadonlySet<string> => new Set(itemsOf(...chapters).flatMap(idsOf));
/** Ids of those that are meant but not referred to. */
const missing = (meant: (behaviour: Behaviour) => boolean, ...chapters: readonly Chapter[]): string[] => {
  const known = referredTo(...chapters);
  return behaviours.filter(behaviour => meant(behaviour) && !known.has(behaviour.id)).map(({ id }) => id);
};
/** Items that show something, but nothing of the kind that is wanted. */
const without = (section: Section, wanted: (behaviour: Behaviour) => boolean): string[] =>
  section.items.filter(item => 'entries' in item && !item.entries.some(id => wanted(findBehaviour(id)!))).map(({ gist }) => `${section.title}: ${gist}`);

describe('the coverage list', () => {
  it('refers to behaviours that there are', () => {
    expect([...referredTo(...coverage)].filter(id => findBehaviour(id) === undefined)).toEqual([]);
  });
  it('refers to every behaviour', () => {
    expect(missing(() => true, ...coverage)).toEqual([]);
  });
  it('shows something of each item, or says why there is nothing to show', () => {
    expect(itemsOf(...coverage).filter(item => item.gist === '' || ('entries' in item ? item.entries.length === 0 : item.nothing === ''))).toEqual([]);
  });
  it.each(sectionsOf(coverage))('names nothing twice: $title', ({ items }) => {
    expect(new Set(items.map(({ gist }) => gist)).size).toBe(items.length);
    for (const item of items) expect(new Set(idsOf(item)).size).toBe(idsOf(item).length);
  });
});

describe('of the overview', () => {
  it('every sentence is there', () => {
    expect(Object.fromEntries(overview.sections.map(({ title, items }) => [title, items.length]))).toEqual(SENTENCES);
  });
  it('no behaviour is left out that has it as a source', () => {
    expect(missing(({ sources }) => sources.some(({ from }) => from === 'overview'), overview)).toEqual([]);
  });
});

describe('of the patches', () => {
  it('every patch has a section, in their order, and so has the tree below', () => {
    expect(changelogs.sections.map(({ patch }) => patch)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  });
  it.each(sectionsOf([changelogs, defects]).filter(({ patch }) => patch !== undefined))('each item is shown by something on the page of the patch: $title', section => {
    expect(without(section, behaviour => concerns(behaviour, section.patch))).toEqual([]);
  });
  it('no claim about one is left out', () => {
    expect(missing(({ kind, patch }) => kind === 'claim' && patch > 0, overview, changelogs, defects)).toEqual([]);
  });
});

describe('of what is wrong', () => {
  it('no discrepancy between text and code is left out', () => {
    expect(missing(({ kind }) => kind === 'discrepancy', discrepancies)).toEqual([]);
  });
  it('no defect is left out', () => {
    expect(missing(({ kind }) => kind === 'defect', defects)).toEqual([]);
  });
  it('each item of text and code is shown by a discrepancy, or by the defect that the text denies', () => {
    expect(discrepancies.sections.flatMap(section => without(section, ({ kind }) => kind !== 'claim'))).toEqual([]);
  });
  it('each defect is shown by one, but for the report that others are fine', () => {
    const fine = ['Killed by the VM: with file pages it waits instead'];
    expect(defects.sections.flatMap(section => without(section, ({ kind }) => kind === 'defect'))).toEqual(fine);
  });
});
